"""What `fugong revisions` prints and writes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from fugong.cli import errors, revisions
from tests.fixtures.mini_district import FIRMS, Mini, settle

Run = Callable[..., Result]


@pytest.fixture
def run(own: Mini) -> Run:
    app = typer.Typer(cls=errors.Commands)
    revisions.register(app)
    app.callback()(lambda: None)
    with own.connect() as connection:
        rows = [("7", FIRMS[0], "new", "2020-03-17", "30")]
        settle(connection, "loan", "increment", "2020-03-17", rows, "2020-03-26T09:00:00", department="JRB")
    project = str(own.settings.district)
    environment = {"FUGONG_HOME": project, "FUGONG_DISTRICT": project, "FUGONG_WAREHOUSE": own.url, "COLUMNS": "80"}

    def typed(*words: str) -> Result:
        return CliRunner().invoke(app, ["revisions", *words], env=environment)

    return typed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_fit_80_columns(run: Run, lang: str) -> None:
    for words in ((), ("T1", "T3")):
        shown = run(*words, "--lang", lang)
        assert shown.exit_code == 0
        assert max(map(cell_len, shown.stdout.splitlines())) <= 80


def test_a_triangle_says_what_moved_when_and_through_what(run: Run) -> None:
    shown = run("T1", "t3", "--lang", "en").stdout
    lines = [line.split() for line in shown.splitlines()]
    assert ["2020-03-18", "03-19", "60%", "80%", "·", "·", "80%"] in lines
    assert ["2020-03-18", "03-19", "0.2万元", "·", "·", "·", "1550.5", "0.2万元"] in lines
    assert "correction GXJ" in shown
    assert "late file JRB" in shown
    assert "1500.5 → 1530.5 +30 (+2%)" in shown
    assert "3 revisions: late file 67%, correction 33%." in shown
    assert ["T1", "Resumption", "rate", "2", "1", "+10pp", "10pp", "18pp", "20pp", "1", "corr."] in lines


def test_all_figures_name_those_that_moved_and_count_the_others(run: Run) -> None:
    shown = run().stdout
    ids = [line.split()[0] for line in shown.splitlines() if line.startswith("T")]
    assert ids == ["T1", "T3", "T4", "T11", "T12", "T13"]
    assert "另有 6 项指标从未修订" in shown
    # GXJ sent three files, one of which corrects.
    assert any(line.split()[:4] == ["GXJ", "区工业和信息化局", "3", "1"] for line in shown.splitlines())


def test_files_hold_what_is_printed(run: Run, tmp_path: Path) -> None:
    for name in ("r.csv", "r.json", "r.txt"):
        assert run("T1", "-o", str(tmp_path / name)).exit_code == 0
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        lines = [(row["as_of"], row["days_since"], row["value"], row["numerator"]) for row in csv.DictReader(file)]
    assert lines == [
        ("2020-03-16", "0", "0", "0"),
        ("2020-03-17", "0", "", ""),
        ("2020-03-18", "0", "0.6", "3"),
        ("2020-03-18", "1", "0.8", "4"),
    ]
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert written == json.loads(run("T1", "--json").stdout)
    assert written["figures"][0]["spread"] == {"n_days": 2, "bias": 0.1, "median": 0.1, "nine_tenths": 0.18, "greatest": 0.2}
    assert (tmp_path / "r.txt").read_text(encoding="utf-8") == run("T1").stdout
    assert run("T1", "-o", str(tmp_path / "r.pdf")).exit_code == 2


def test_days_without_reports_say_so(run: Run) -> None:
    assert "没有报表" in run("--from", "2021-01-01").stdout
