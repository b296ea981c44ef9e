"""The command starts without the libraries that only reading, checking or creating tables need."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from fugong.cli import catalogue
from fugong.cli.catalogue import ENTRIES, Entry, imported
from fugong.cli.common import as_day, as_moment

HEAVY = {"great_expectations", "numpy", "openpyxl", "pandas", "pyarrow", "sqlalchemy", "xlsxwriter"}


def test_a_command_that_only_asks_imports_nothing_heavy() -> None:
    asking = {
        f"fugong.{name}"
        for name in ("cli.checks", "cli.figures", "cli.lineage", "cli.rules", "validation.suite", "warehouse.connection")
    }
    code = f"import sys, fugong.cli.app, {', '.join(sorted(asking))}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert {"fugong.lineage.trace", "fugong.figures.figure", *asking} <= set(loaded)
    assert (HEAVY | {"filelock", "fugong.analysis.export"}) & set(loaded) == set()


def test_the_help_imports_no_command() -> None:
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from fugong.cli.app import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program, "--help"], check=True, capture_output=True, text=True)
    loaded = set(done.stderr.split())
    assert all(f" {entry.word} " in done.stdout for entry in ENTRIES)
    assert "fugong.cli.catalogue" in loaded
    assert loaded & ({"psycopg", "yaml"} | HEAVY | {f"fugong.cli.{entry.module}" for entry in ENTRIES}) == set()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.word)
def test_each_word_leads_to_its_command(entry: Entry) -> None:
    command = imported(entry)
    assert (command.name, command.help, command.rich_help_panel) == (entry.word, entry.help, entry.panel)


def test_every_module_of_commands_is_in_the_help() -> None:
    made = {
        path.stem for path in Path(catalogue.__file__).parent.glob("*.py") if "def register(" in path.read_text(encoding="utf-8")
    }
    assert made == {entry.module for entry in ENTRIES}
    for module in made:
        alone = typer.Typer()
        import_module(f"fugong.cli.{module}").register(alone)
        assert set(typer.main.get_group(alone).commands) == {entry.word for entry in ENTRIES if entry.module == module}


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
