"""An installation of its own for a measurement: the project with one plain report more, a home, an embedded server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.warehouse.embedded import server as embedded
from fugong.warehouse.embedded.binaries import binary

CONTRACT = Path(__file__).parent / "contract"
LONG_AGO = 1_584_500_000
"""An mtime: a file that has settled is taken without a wait."""


@dataclass(frozen=True)
class Installation:
    """Folders and a warehouse that nobody else uses."""

    settings: Settings

    @property
    def url(self) -> str:
        """The warehouse, as its owner."""
        return embedded.url(self.settings.home)

    @property
    def postmaster(self) -> int:
        """The server's first process."""
        with psycopg.connect(embedded.superuser_url(self.settings.home)) as server:
            row = server.execute("SELECT current_setting('data_directory')").fetchone()
        assert row is not None  # a setting always answers
        return int((Path(row[0]) / "postmaster.pid").read_text().split()[0])

    @property
    def environment(self) -> dict[str, str]:
        """For commands that work on this installation. Their modules are compiled once, as where they are installed."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("FUGONG_")}
        given.pop("PYTHONDONTWRITEBYTECODE", None)
        return given | {"FUGONG_HOME": str(self.settings.home), "FUGONG_DISTRICT": str(self.settings.district)}

    def fugong(self, *arguments: str | Path) -> str:
        """Run the command; what it printed."""
        command = [sys.executable, "-m", "fugong", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, check=False, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def psql(self, statement: str) -> None:
        r"""Run one statement, or one `\copy`, by the server's own psql."""
        command = [binary("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def drop(self, department: str, name: str, file: Path) -> Path:
        """Put a copy of a file into an inbox, long settled; a second name of it would be refused."""
        place = self.settings.inbox / department / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        shutil.copyfile(file, place)
        os.utime(place, (LONG_AGO, LONG_AGO))
        return place

    def forget(self) -> None:
        """Empty `report` and `intake`, the clock excepted, and begin the next run without writes of the last one."""
        shutil.rmtree(self.settings.archive, ignore_errors=True)
        for folder in self.settings.outbox.iterdir():
            shutil.rmtree(folder)
            folder.mkdir()
        with psycopg.connect(self.url, autocommit=True) as connection:
            tables = connection.execute(
                """
                SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                WHERE schemaname = 'report' OR (schemaname = 'intake' AND tablename NOT IN ('settle_clock', 'report_due'))
                """
            ).fetchall()
            connection.execute(f"TRUNCATE {', '.join(name for (name,) in tables)} CASCADE".encode())
        self.checkpoint()

    def checkpoint(self) -> None:
        """Write what is dirty now, not during the next measurement."""
        with psycopg.connect(embedded.superuser_url(self.settings.home), autocommit=True) as server:
            server.execute("CHECKPOINT")


def copy_project(into: Path) -> Path:
    """The project's contracts, suites and reference data, and the report `payment`."""
    shutil.copytree(PROJECT / "include", into / "include", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "expectations", into / "expectations")
    shutil.copy(CONTRACT / "payment.odcs.yaml", into / "include" / "contracts")
    shutil.copy(CONTRACT / "payment.json", into / "expectations")
    return into


@contextmanager
def installation() -> Iterator[Installation]:
    """An installation with the project's contracts and `payment`; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fugong-bench-"))
    folder.chmod(0o755)  # the server may run under another account
    project = copy_project(folder / "project")
    home = folder / "home"
    try:
        setup.init(Settings(home, project, None))
        time.sleep(1)
        yield Installation(Settings(home, project, None))
    finally:
        if embedded.exists(home):
            embedded.remove(home)
        shutil.rmtree(folder, ignore_errors=True)
