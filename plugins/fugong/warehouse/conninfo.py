"""Connection URLs hold passwords: checks one without printing it, and hands one to a program without its arguments or environment showing it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo

from fugong.core.errors import ConfigurationError, RefusedError

SECRET = b"*"
"""How libpq marks a parameter that is not to be shown."""

OURS = frozenset(
    {"FUGONG_WAREHOUSE", "FUGONG_WAREHOUSE_OWNER", "FUGONG_WAREHOUSE_BACKUP", "FUGONG_WAREHOUSE_WEB", "FUGONG_QUARANTINE_KEY"}
)
"""Secrets of ours in the environment, which a program of PostgreSQL does not need."""


def check(url: str) -> None:
    """Check the URL of a configured server.

    Raises:
        ConfigurationError: libpq cannot parse it, or would take part of its password for a host, a port or a database, and show it.
    """
    parameters = _parsed(url)
    if parameters is None or not _is_plausible(parameters):
        raise ConfigurationError(
            "FUGONG_WAREHOUSE 不是 PostgreSQL 的地址,应如 postgresql://账户:密码@主机:5432/库;密码里的 @ : / % 等字符要写成 %40 等。其中可能有密码,这里不显示 | "
            "FUGONG_WAREHOUSE is not the URL of a PostgreSQL server, such as postgresql://user:password@host:5432/database; write @ : / % "
            "within a password as %40 and so on. It is not shown, because it may hold a password"
        )


def _is_plausible(parameters: dict[str, str]) -> bool:
    ports = parameters.get("port", "").split(",")
    return "@" not in parameters.get("host", "") + parameters.get("dbname", "") and all(
        not port or port.isdecimal() for port in ports
    )


def _parsed(url: str) -> dict[str, str] | None:
    try:
        options = pq.Conninfo.parse(url.encode())
    except OperationalError:
        return None
    return {option.keyword.decode(): option.val.decode() for option in options if option.val is not None}


@contextmanager
def without_secrets(url: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The parameters of a URL for a program of PostgreSQL: the password is in a file that only our account may read, removed at the end.

    Args:
        folder: for the file.

    Yields:
        what to pass as an argument, and the environment.

    Raises:
        RefusedError: it holds another secret than a password.
    """
    check(url)
    options = [option for option in pq.Conninfo.parse(url.encode()) if option.val is not None]
    others = [option.keyword.decode() for option in options if option.dispchar == SECRET and option.keyword != b"password"]
    if others:
        raise RefusedError(
            f"地址里的 {'、'.join(others)} 不能安全地交给别的程序,请写在 ~/.pg_service.conf 里 | "
            f"{', '.join(others)} in the URL cannot be handed to another program safely: put it into ~/.pg_service.conf"
        )
    parameters = {option.keyword.decode(): option.val.decode() for option in options if option.val is not None}
    password = parameters.pop("password", None)
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    if password is None:
        yield make_conninfo("", **parameters), environment
        return
    with tempfile.TemporaryDirectory(dir=folder) as private:  # mode 0700, whatever the umask
        file = Path(private) / "pgpass"
        environment.pop("PGPASSWORD", None)  # it would come before the file
        file.touch(mode=0o600)
        file.write_text("*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n", encoding="utf-8")
        yield make_conninfo("", **parameters, passfile=str(file)), environment
