"""The commands that compute and read, as they are typed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from fugong.cli import app as cli
from fugong.cli import departments, documentation, errors, figures, lineage, marts
from tests.fixtures.mini_district import Mini

Run = Callable[..., Result]


@pytest.fixture
def run(own: Mini) -> Run:
    app = typer.Typer(cls=errors.Commands)
    for group in (marts, figures, lineage, departments, documentation):
        group.register(app)
    project = str(own.settings.district)
    environment = {"FUGONG_HOME": project, "FUGONG_DISTRICT": project, "FUGONG_WAREHOUSE": own.url, "COLUMNS": "200"}

    def typed(*words: str, columns: int = 200) -> Result:
        return CliRunner().invoke(app, list(words), env=environment | {"COLUMNS": str(columns)})

    return typed


def test_marts_are_built_and_figures_and_their_lines_printed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = json.loads(run("marts", "--json").stdout)
    assert sorted(built["marts"]) == ["lease_daily", "loan_flow", "loan_monthly", "work_daily"]
    assert "没有需要重算的日期" in run("marts").stdout
    assert "work_daily" in run("marts", "--from", "2020-03-17", "--to", "2020-03-18").stdout

    found = json.loads(run("figures", "--as-of", "2020-03-18", "--json").stdout)
    assert {one["id"]: one["value"] for one in found}["T3"] == 1520.5
    (past,) = json.loads(
        run("figures", "T1", "--as-of", "2020-03-18", "--known-at", "2020-03-19", "--json", "--lang", "en").stdout
    )
    assert (past["value"], past["known_at"]) == (0.6, "2020-03-19T23:59:59.999999+08:00")
    table = run("figures", "--as-of", "2020-03-18").stdout
    assert "截至 2020-03-18 · 知悉时点 2020-03-20T09:00:00+08:00" in table
    assert "2 天前" in table

    lines = json.loads(run("trace", "T3", "--as-of", "2020-03-18", "--json").stdout)
    assert sum(line["value"] for line in lines) == 1520.5
    assert "数值 合计 1520.5" in run("trace", "T3", "--as-of", "2020-03-18").stdout

    monkeypatch.setattr(lineage, "N_LISTED", 1)
    first = run("trace", "T3", "--as-of", "2020-03-18").stdout
    assert len(lines) > 1
    assert "数值 合计 1520.5" in first
    assert f"共 {len(lines)} 行" in first
    assert first.count(".csv") + first.count(".xlsx") == 1
    assert json.loads(run("trace", "T3", "--as-of", "2020-03-18", "--json").stdout) == lines
    whole = run("trace", "T3", "--as-of", "2020-03-18", "--all").stdout
    assert all(str(line["row_number"]) in whole for line in lines)
    assert "--all" not in whole

    assert run("marts", "--known-at", "2020-03-19", "-o", str(tmp_path / "then")).exit_code == 0
    files = {file.stem: pq.read_table(file) for file in (tmp_path / "then").glob("*.parquet")}
    assert sorted(files) == sorted(built["marts"])
    then = [row for row in files["work_daily"].to_pylist() if row["dimension"] == "total"]
    assert [int(row["n_resumed"]) for row in then] == [0, 0, 3]
    assert sum(row["paid"] for row in files["loan_flow"].to_pylist()) == sum(
        row["paid"] for row in files["loan_monthly"].to_pylist()
    )
    assert files["work_daily"].schema.metadata[b"known_at"] == b"2020-03-19T23:59:59.999999+08:00"


def test_figures_are_told_apart_on_a_narrow_screen(run: Run, own: Mini) -> None:
    run("marts")
    shown = run("figures", "--as-of", "2020-03-18", "--lang", "en", columns=60).stdout
    assert "…" not in shown
    assert max(map(cell_len, shown.splitlines())) <= 60


def test_one_figure_what_moved_and_what_a_file_counts_in_are_printed(run: Run) -> None:
    run("marts")
    told = run("figure", "T1", "--as-of", "2020-03-18", "--lang", "en").stdout
    assert "80%" in told
    assert "day before" in told
    assert "numerator – → 4, denominator – → 5." in told
    moments = ("--known-at", "2020-03-19T13:00", "--known-at", "2020-03-20T09:00")
    moved = run("diff", "--as-of", "2020-03-18", *moments).stdout
    assert "T1 复工率:60% → 80% (3/5 → 4/5)" in moved
    assert "work0318.xlsx 被替换(由 6):5 行" in moved
    (document,) = json.loads(run("diff", "--as-of", "2020-03-18", *moments, "--json").stdout)
    assert (document["id"], [cause["kind"] for cause in document["causes"]]) == ("T1", ["submission", "submission"])
    assert run("diff", "--as-of", "2020-03-18", "--known-at", "2020-03-19T13:00").stdout.endswith(moved.split("\n", 1)[1])
    assert "没有指标变化" in run("diff", "--as-of", "2020-03-18", "--known-at", "2020-03-21", "--known-at", "2020-03-22").stdout
    loans = " ".join(run("impact", "4", columns=200).stdout.split())
    assert "loan_monthly" in loans
    assert "金额(元) paid" in loans  # the meaning, and the name beside it
    assert "Yuan paid" in " ".join(run("impact", "4", "--lang", "en", columns=200).stdout.split())
    assert [one["id"] for one in json.loads(run("impact", "5", "--json").stdout)["figures"]] == ["T3", "T4", "T11", "T12", "T13"]
    assert "此刻不计入任何汇总" in run("impact", "2").stdout
    cell = ("--key", "as_of=2020-03-18", "--key", "dimension=total", "--key", "member=ALL")
    assert "n_resumed 合计 4" in run("trace", "mart.work_daily", *cell).stdout
    assert run("trace", "T3").exit_code == 2
    assert "应写成 键=值" in run("trace", "mart.work_daily", "--key", "as_of").output
    assert run("trace", "T3", "--as-of", "2020-03-18", "--key", "bank=B1").exit_code == 2


def test_displays_in_json_follow_the_language(run: Run) -> None:
    run("marts")
    for command in (("figures", "T3"), ("figure", "T3")):
        zh, en = (run(*command, "--as-of", "2020-03-18", "--json", "--lang", lang).stdout for lang in ("zh", "en"))
        of_zh, of_en = (one[0] if isinstance(one := json.loads(text), list) else one for text in (zh, en))
        assert "万元" in of_zh["display"]
        assert of_en["display"].endswith("yuan")
        assert of_en["previous_display"] != of_zh["previous_display"]
        told = {"display", "previous_display", "warnings", "why", "bridge", "interval"}
        assert {name: one for name, one in of_zh.items() if name not in told} == {
            name: one for name, one in of_en.items() if name not in told
        }


def test_a_mistyped_figure_names_near_ones_and_prints_no_traceback(run: Run) -> None:
    result = run("trace", "T33", "--as-of", "2020-03-18")
    assert result.exit_code == 1
    assert "没有指标 'T33'。相近的有:T3 贷款" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["figures", "--as-of", "18.3.2020"], "请写成 2020-03-18"),
        (["figures", "--as-of", "2020-03-18", "--known-at", "noon"], "请写成 2020-03-19T10:30"),
        (["marts", "--known-at", "2020-03-19"], "要一起用"),
        (["marts", "--from", "2020-03-19", "--to", "2020-03-01"], "2020-03-19 > 2020-03-01"),
    ],
)
def test_what_is_mistyped_is_told_with_an_example(run: Run, words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr.replace("\n", "")


def test_missing_lists_what_has_not_come(run: Run) -> None:
    owed = json.loads(run("missing", "--date", "2020-03-18", "--json").stdout)
    assert [(one["department_code"], one["report"], one["is_late"]) for one in owed] == [("GZB", "lease", True)]
    assert len(json.loads(run("missing", "--date", "2020-03-18", "--all", "--json").stdout)) == 3
    told = run("missing", "--date", "2020-03-18").stdout
    assert "应报 3 份,未报 1 份" in told
    assert re.search(r"GZB [\u4e00-\u9fff]+", told)  # by name, not by code alone


def test_the_dictionary_needs_no_warehouse(own: Mini, tmp_path: Path) -> None:
    app = typer.Typer(cls=errors.Commands)
    for group in (marts, figures, lineage, departments, documentation):
        group.register(app)
    environment = {"FUGONG_DISTRICT": str(own.settings.district), "FUGONG_WAREHOUSE": "", "FUGONG_HOME": str(tmp_path)}
    page = CliRunner().invoke(app, ["dictionary", "--lang", "en"], env=environment).stdout
    for said in (
        "### T03 贷款 · loan",
        "| `paid` | Yuan (金额(元)) | fact.loan.paid |",
        "| T3 | Loans | 元 | mart.loan_flow.paid (nature = new) |",
    ):
        assert said in page
    assert "`ratio_least` | Lowest ratio (最低比例) | least fact.lease.ratio" in page
    document = json.loads(CliRunner().invoke(app, ["dictionary", "--json"], env=environment).stdout)
    assert [one["name"] for one in document["marts"]] == [
        "mart.lease_daily",
        "mart.loan_flow",
        "mart.loan_monthly",
        "mart.work_daily",
    ]


def test_a_department_that_has_no_inbox_is_named_with_those_there_are(own: Mini, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "TAX").mkdir(parents=True)
    environment = {"FUGONG_HOME": str(tmp_path), "FUGONG_WAREHOUSE": own.url, "COLUMNS": "200"}
    found = CliRunner().invoke(cli.app, ["ingest", "--department", "TXA"], env=environment)
    assert found.exit_code == 1
    assert "there is TAX" in found.output
