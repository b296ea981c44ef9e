"""The command starts without the libraries that only reading, checking or creating tables need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"great_expectations", "numpy", "openpyxl", "pandas", "pyarrow", "sqlalchemy", "xlsxwriter"}


def test_a_command_that_only_asks_imports_nothing_heavy() -> None:
    code = "import sys, fugong.cli.app, fugong.lineage.trace; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert {"fugong.lineage.trace", "fugong.figures.figure", "fugong.warehouse.connection"} <= set(loaded)
    assert HEAVY & set(loaded) == set()
