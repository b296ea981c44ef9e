"""Settings of one installation: its folders, its district and the address of its warehouse."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fugong.core.errors import ConfigurationError
from fugong.core.retention import AIRFLOW_DAYS, AIRFLOW_DAYS_AT_LEAST, BACKUP_DAYS, LOGIN_DAYS, LOGIN_DAYS_AT_LEAST
from fugong.core.secret import read_address, read_secret

PROJECT = Path(__file__).resolve().parents[3]
"""The checkout, where the program runs from one: holds `dags/`, and the sample district in `include/` and `expectations/`."""
MARK_OF_DISTRICT = Path("include", "contracts")
"""A folder that holds this folder is a district."""
DIGESTS = ("sha256", "sm3")
TRIAL = "试投"
"""The folder in an inbox for dry runs: its files are evaluated, answered and returned; nothing of them is stored."""


@dataclass(frozen=True)
class Settings:
    """The folders and the warehouse of one installation.

    Attributes:
        home: holds inbox, outbox, archive and the embedded server's data.
        district: holds `include/` and `expectations/`: everything that differs from one district to another.
        warehouse_url: a PostgreSQL URL, or None for the embedded server under `home`. Its account is the loader's or a person's.
        owner_url: the same warehouse for the owner of its tables, for `init`; None where `warehouse_url` is the owner's, too.
        messages: the file with the addresses of channels (`fugong.messages`); None for `keys/messages.yaml`, which may be missing.
        login_days: how long entries of the security log are kept, `LOGIN_DAYS_AT_LEAST` or more.
        quarantine_key: seals originals with personal data; None for the key in `keys/`.
        backups: the folder of backups; None where nobody makes any.
        backup_key: public keys of age that backups are sealed for, with commas; None leaves them open.
        backup_days: how long a backup is kept.
        backup_url: the warehouse for the role that reads all of it; None where the embedded server knows it, or for the owner's.
        web_url: the warehouse for the login of the pages; None where the embedded server knows it.
        airflow_url: where people reach Airflow's own pages; None where there is none.
        airflow_days: how long Airflow keeps its runs, their rows and logs; its log of who did what is kept as long as logins.
        digest: how new entries of the log are digested: `sha256` or `sm3`.

    What holds a secret is left out where settings are printed.
    """

    home: Path
    district: Path
    warehouse_url: str | None = field(repr=False)
    quarantine_key: str | None = field(default=None, repr=False)
    backups: Path | None = None
    backup_key: str | None = None
    backup_days: int = BACKUP_DAYS
    backup_url: str | None = field(default=None, repr=False)
    web_url: str | None = field(default=None, repr=False)
    airflow_url: str | None = None
    airflow_days: int = AIRFLOW_DAYS
    digest: str = DIGESTS[0]
    owner_url: str | None = field(default=None, repr=False)
    messages: Path | None = None
    login_days: int = LOGIN_DAYS

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read `FUGONG_DISTRICT`, `FUGONG_HOME` (`var/` in the district where unset), `FUGONG_WAREHOUSE`, `FUGONG_WAREHOUSE_OWNER`, `FUGONG_WAREHOUSE_BACKUP`, `FUGONG_WAREHOUSE_WEB`, `FUGONG_QUARANTINE_KEY`, `FUGONG_BACKUPS`, `FUGONG_BACKUP_KEY`, `FUGONG_BACKUP_DAYS`, `FUGONG_AIRFLOW_URL`, `FUGONG_AIRFLOW_DAYS`, `FUGONG_DIGEST`, `FUGONG_MESSAGES`, `FUGONG_LOGIN_DAYS`.

        Passwords and the key may stand in files instead: `FUGONG_WAREHOUSE_PASSWORD_FILE`, `FUGONG_WAREHOUSE_OWNER_PASSWORD_FILE`, `FUGONG_WAREHOUSE_BACKUP_PASSWORD_FILE`, `FUGONG_WAREHOUSE_WEB_PASSWORD_FILE`, `FUGONG_QUARANTINE_KEY_FILE`.

        Raises:
            ConfigurationError: no district is named, and none is found; there is no such digest; or something would be kept too short.
        """
        digest = (environ.get("FUGONG_DIGEST") or DIGESTS[0]).lower()
        if digest not in DIGESTS:
            raise ConfigurationError(
                f"FUGONG_DIGEST={digest}:没有这种摘要算法,可用 {'、'.join(DIGESTS)} | no such digest; there is {', '.join(DIGESTS)}"
            )
        backups, messages = environ.get("FUGONG_BACKUPS"), environ.get("FUGONG_MESSAGES")
        district = find_district(environ, Path.cwd())
        return cls(
            home=Path(environ.get("FUGONG_HOME") or district / "var").resolve(),
            district=district,
            warehouse_url=read_address(environ, "FUGONG_WAREHOUSE"),
            quarantine_key=read_secret(environ, "FUGONG_QUARANTINE_KEY"),
            backups=Path(backups).resolve() if backups else None,
            backup_key=environ.get("FUGONG_BACKUP_KEY") or None,
            backup_days=number_of(environ, "FUGONG_BACKUP_DAYS", BACKUP_DAYS, 1, 36_500),
            backup_url=read_address(environ, "FUGONG_WAREHOUSE_BACKUP"),
            web_url=read_address(environ, "FUGONG_WAREHOUSE_WEB"),
            airflow_url=_address_of_airflow(environ),
            airflow_days=number_of(environ, "FUGONG_AIRFLOW_DAYS", AIRFLOW_DAYS, AIRFLOW_DAYS_AT_LEAST, 36_500),
            digest=digest,
            owner_url=read_address(environ, "FUGONG_WAREHOUSE_OWNER"),
            messages=Path(messages).resolve() if messages else None,
            login_days=number_of(environ, "FUGONG_LOGIN_DAYS", LOGIN_DAYS, LOGIN_DAYS_AT_LEAST, 36_500),
        )

    @property
    def inbox(self) -> Path:
        """One folder per department, where it drops its files."""
        return self.home / "inbox"

    @property
    def outbox(self) -> Path:
        """One folder per department, where Fugong leaves receipts."""
        return self.home / "outbox"

    @property
    def archive(self) -> Path:
        """Every file ever received, by sha256."""
        return self.home / "archive"

    @property
    def quarantine(self) -> Path:
        """Sealed originals with personal data, by sha256."""
        return self.home / "quarantine"

    @property
    def keys(self) -> Path:
        """Keys: in none of the folders that they seal."""
        return self.home / "keys"

    @property
    def briefings(self) -> Path:
        """Drafts and published briefings, one folder per day. People read them on the pages beside Airflow's, or as `fugong briefing` writes them."""
        return self.home / "briefings"

    @property
    def spool(self) -> Path:
        """Short-lived working files; may be deleted when nothing runs."""
        return self.home / "spool"

    @property
    def scratch(self) -> Path:
        """The home of the warehouse into which a backup is restored for trial; whoever makes it removes it."""
        return self.spool / "scratch"

    @property
    def include(self) -> Path:
        """Contracts, reference data, SQL, briefing and samples."""
        return self.district / "include"

    @property
    def expectations(self) -> Path:
        """One Great Expectations suite per report table."""
        return self.district / "expectations"


def number_of(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """The whole number that a variable gives; the default where it is unset or empty.

    Raises:
        ConfigurationError: it is no number, or too small or too large.
    """
    text = (environ.get(name) or str(default)).strip()
    if not (text.isascii() and text.isdecimal() and least <= int(text[:12]) <= most):
        raise ConfigurationError(f"{name}={text}:应为 {least} 至 {most} 的整数 | should be a whole number from {least} to {most}")
    return int(text)


def _address_of_airflow(environ: Mapping[str, str]) -> str | None:
    address = (environ.get("FUGONG_AIRFLOW_URL") or "").strip().rstrip("/")
    if address and not address.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"FUGONG_AIRFLOW_URL={address}:应以 http:// 或 https:// 开头 | should begin with http:// or https://"
        )
    return address or None


def find_district(environ: Mapping[str, str], start: Path, checkout: Path = PROJECT) -> Path:
    """The district's folder: the one that `FUGONG_DISTRICT` names, the nearest at or above `start`, or the checkout.

    `FUGONG_PROJECT` is the name that the variable had before; it works for one more version.

    Raises:
        ConfigurationError: the folder named is no district; or none is named, `start` lies in none, and the program does not run from a checkout.
    """
    if named := environ.get("FUGONG_DISTRICT") or environ.get("FUGONG_PROJECT"):
        if not (folder := Path(named).resolve()).joinpath(MARK_OF_DISTRICT).is_dir():
            raise ConfigurationError(
                f"{folder}: 这不是辖区文件夹(缺 {MARK_OF_DISTRICT}),请检查 FUGONG_DISTRICT | "
                f"This is not a district's folder (it lacks {MARK_OF_DISTRICT}): check FUGONG_DISTRICT"
            )
        return folder
    here = start.resolve()
    for folder in (here, *here.parents, checkout):
        if (folder / MARK_OF_DISTRICT).is_dir():
            return folder
    raise ConfigurationError(
        f"{start}: 这里不属于任何辖区文件夹。请进入辖区文件夹(含 {MARK_OF_DISTRICT})再运行,或用 FUGONG_DISTRICT 指明;"
        f"新建一个:fugong new district 文件夹 | This is not inside a district. Run the command in a district's folder (it holds "
        f"{MARK_OF_DISTRICT}), set FUGONG_DISTRICT to one, or lay a new one: fugong new district DIR"
    )
