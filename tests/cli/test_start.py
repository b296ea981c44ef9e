"""The command starts without the libraries that only reading, checking or creating tables need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from fugong.cli.common import as_day, as_moment

HEAVY = {"great_expectations", "numpy", "openpyxl", "pandas", "pyarrow", "sqlalchemy", "xlsxwriter"}


def test_a_command_that_only_asks_imports_nothing_heavy() -> None:
    code = "import sys, fugong.cli.app, fugong.lineage.trace; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert {"fugong.lineage.trace", "fugong.figures.figure", "fugong.warehouse.connection"} <= set(loaded)
    assert HEAVY & set(loaded) == set()


@pytest.mark.parametrize("typed", ["0001-01-01", "9999-12-31"])
def test_a_day_without_neighbours_is_no_day_to_ask_about(typed: str) -> None:
    for read in (as_day, as_moment):
        with pytest.raises(typer.BadParameter, match=typed):
            read(typed)


def test_what_a_command_writes_is_for_its_maker_alone_whatever_the_umask(tmp_path: Path) -> None:
    command = [
        "sh",
        "-c",
        'umask 000; exec "$@"',
        "sh",
        sys.executable,
        "-m",
        "fugong",
        "new",
        "district",
        str(tmp_path / "district"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    made = [tmp_path / "district", *(tmp_path / "district").rglob("*")]
    assert len(made) > 10
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700, 0o600}
