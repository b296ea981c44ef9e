"""The command starts without the libraries that only reading, checking or creating tables need."""

from __future__ import annotations

import subprocess
import sys

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
