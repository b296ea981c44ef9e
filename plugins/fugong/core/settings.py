"""Settings of one installation: its folders and the address of its warehouse."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
"""The checkout: holds `include/`, `expectations/`, `dags/`."""
TRIAL = "试投"
"""The folder in an inbox for dry runs: its files are evaluated, answered and returned; nothing of them is stored."""


@dataclass(frozen=True)
class Settings:
    """The folders and the warehouse of one installation.

    Attributes:
        home: holds inbox, outbox, archive and the embedded server's data.
        project: holds `include/` and `expectations/`.
        warehouse_url: a PostgreSQL URL, or None for the embedded server under `home`.
        quarantine_key: seals originals with personal data; None for the key in the file beside them.
        backups: the folder where somebody leaves dumps of the warehouse; None where nobody makes any.
    """

    home: Path
    project: Path
    warehouse_url: str | None
    quarantine_key: str | None = None
    backups: Path | None = None

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read `FUGONG_HOME`, `FUGONG_PROJECT` (this checkout where unset), `FUGONG_WAREHOUSE`, `FUGONG_QUARANTINE_KEY`, `FUGONG_BACKUPS`."""
        backups = environ.get("FUGONG_BACKUPS")
        project = Path(environ.get("FUGONG_PROJECT") or PROJECT).resolve()
        return cls(
            home=Path(environ.get("FUGONG_HOME") or project / "var").resolve(),
            project=project,
            warehouse_url=environ.get("FUGONG_WAREHOUSE") or None,
            quarantine_key=environ.get("FUGONG_QUARANTINE_KEY") or None,
            backups=Path(backups).resolve() if backups else None,
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
    def briefings(self) -> Path:
        """Drafts and published briefings, one folder per day, for people to open."""
        return self.home / "briefings"

    @property
    def spool(self) -> Path:
        """Short-lived working files; may be deleted when nothing runs."""
        return self.home / "spool"

    @property
    def include(self) -> Path:
        """Contracts, reference data, SQL, briefing and samples."""
        return self.project / "include"

    @property
    def expectations(self) -> Path:
        """One Great Expectations suite per report table."""
        return self.project / "expectations"
