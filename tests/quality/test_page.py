"""The page on quality: nine dimensions, what is measured counted by hand, and what is not measured named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from fugong.cli import errors
from fugong.cli import quality as command
from fugong.core.errors import NotFoundError
from fugong.core.settings import Settings
from fugong.core.vocabulary import Lang
from fugong.quality import markdown, page
from fugong.quality.measure import Measure, Page
from fugong.warehouse.connection import connect
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
MARCH = date(2020, 3, 1)
NINE = ["真实性", "准确性", "完整性", "及时性", "适用性", "经济性", "可比性", "协调性", "可获得性"]
"""The order of the framework."""


def measured(composed: Page) -> dict[str, Measure]:
    return {one.name.en: one for dimension in composed.dimensions for one in dimension.measures}


def values(composed: Page) -> dict[str, str]:
    return {name: one.value.en for name, one in measured(composed).items()}


def test_nine_dimensions_each_with_what_is_not_measured(connection: Connection, mini: Mini) -> None:
    composed = page.compose(mini.settings, connection, MARCH)
    assert [one.name.zh for one in composed.dimensions] == NINE
    assert all(one.measures and one.unmeasured and one.asks.zh and one.asks.en for one in composed.dimensions)
    for lang in Lang:
        text = markdown.write(composed, lang)
        assert [name for name in NINE if name in text] == NINE
        assert text.count("\n没有量的" if lang is Lang.ZH else "Not measured") == 9


def test_reports_are_counted_by_the_clock_of_arrival(connection: Connection, mini: Mini) -> None:
    # Three reports of three days are owed. Five came: both of the loans two hours late, the lease on the stroke of ten.
    found = values(page.compose(mini.settings, connection, MARCH))
    assert found["Reports that came"] == "5 / 9 (55.6%)"
    assert found["Came in time"] == "3 / 9 (33.3%)"
    assert (found["Came late"], found["Never came"], found["Median lateness"]) == ("2", "4", "2 hours")
    assert found["Rows loaded"] == "21 / 21 (100%)"
    assert found["Files that needed nobody"] == "6 / 6 (100%)"


def test_departments_with_late_or_missing_reports_are_named(connection: Connection, mini: Mini) -> None:
    composed = page.compose(mini.settings, connection, MARCH)
    [table] = next(one for one in composed.dimensions if one.id == "timeliness").tables
    rows = [[cell if isinstance(cell, str) else cell.zh for cell in row] for row in table.rows]
    assert rows == [
        ["区金融工作办公室", "3", "2", "1"],
        ["区国有资产管理办公室", "3", "0", "2"],
        ["区工业和信息化局", "3", "0", "1"],
    ]


def test_accuracy_is_revisions(connection: Connection, mini: Mini) -> None:
    composed = page.compose(mini.settings, connection, MARCH)
    found = measured(composed)
    # T1, T2 and T7 are unknown on the 17th; nine others are known on all three days. T1 was revised once.
    assert found["Days of figures that were revised"].value.en == "1 / 33 (3%)"
    assert found["Days of figures known when they were due"].value.en == "33 / 36 (91.7%)"
    assert found["Revisions"].note.zh == "更正 1"
    [table] = next(one for one in composed.dimensions if one.id == "accuracy").tables
    assert [[cell if isinstance(cell, str) else cell.en for cell in row] for row in table.rows] == [
        ["T1 Resumption rate", "1", "10pp", "20pp"]
    ]


def test_contradictions_of_the_month_are_counted_once(connection: Connection, mini: Mini) -> None:
    found = values(page.compose(mini.settings, connection, MARCH))
    assert found["Checks between reports that found nothing"] == "0 / 1 (0%)"
    # Five lines of the 16th, which are seen on the 17th, too, and one of the 18th.
    assert found["Contradictions found"] == "6"
    assert found["Of these, still there on the last day"] == "1 / 6 (16.7%)"


def test_what_is_not_there_is_nothing_to_measure_and_not_zero(connection: Connection, mini: Mini) -> None:
    found = measured(page.compose(mini.settings, connection, MARCH))
    assert found["Of these, signed"].number is None
    assert found["Of these, signed"].value.zh == "没有可量的"
    assert found["Returned rows that came back"].number is None
    assert found["Of these, with something to print on the last day"].number is None  # this district has no briefing


def test_a_lost_original_is_not_as_received(connection: Connection, mini: Mini) -> None:
    # The mini district's rows were written without files.
    assert (
        values(page.compose(mini.settings, connection, MARCH))["Originals that are, byte by byte, what was received"]
        == "0 / 1 (0%)"
    )


def test_a_page_as_known_earlier_knows_no_more(connection: Connection, mini: Mini) -> None:
    found = values(page.compose(mini.settings, connection, MARCH, datetime(2020, 3, 18, 12, tzinfo=SHANGHAI)))
    assert found["Reports that came"] == "3 / 6 (50%)"
    assert found["Revisions"] == "0"
    assert found["Files that needed nobody"] == "3 / 3 (100%)"


def test_what_settles_later_changes_the_page(connection: Connection, mini: Mini) -> None:
    before = values(page.compose(mini.settings, connection, MARCH))
    settle(
        connection,
        "loan",
        "increment",
        "2020-03-17",
        [("7", FIRMS[0], "new", "2020-03-17", "30")],
        "2020-03-26T09:00:00",
        department="JRB",
    )
    connection.execute("UPDATE intake.part SET version = 2 WHERE settled_at = '2020-03-26 09:00+08'")
    after = values(page.compose(mini.settings, connection, MARCH))
    assert {name for name, value in after.items() if value != before[name]} == {
        "Days of figures that were revised",
        "Revisions",
        "Rows that went back",
        "Rows loaded",
        "Reports that came",
        "Came late",
        "Never came",
        "Files that needed nobody",
        "Corrections and repairs that departments sent",
    }


def test_a_month_without_reports_has_no_page(connection: Connection, mini: Mini) -> None:
    with pytest.raises(NotFoundError, match="2020-04"):
        page.compose(mini.settings, connection, date(2020, 4, 1))


@pytest.fixture
def run(own: Mini) -> Callable[..., Result]:
    app = typer.Typer(cls=errors.Commands)
    command.register(app)
    app.callback()(lambda: None)
    project = str(own.settings.district)
    environment = {"FUGONG_HOME": project, "FUGONG_DISTRICT": project, "FUGONG_WAREHOUSE": own.url}
    return lambda *words: CliRunner().invoke(app, ["quality", *words], env=environment)


def test_the_command_prints_writes_and_refuses(run: Callable[..., Result], tmp_path: Path) -> None:
    shown = run("--month", "2020-03", "--lang", "en")
    assert shown.stdout.startswith("# Quality of statistics, March 2020\n")
    file = tmp_path / "quality.md"
    assert run("--month", "2020-03", "--lang", "en", "-o", str(file)).stdout == ""
    assert file.read_text(encoding="utf-8") == shown.stdout
    document = json.loads(run("--month", "2020-03", "--json").stdout)
    assert [one["name_zh"] for one in document["dimensions"]] == NINE
    for words in (("--month", "March"), ("--month", "2020-03", "-o", "quality.docx")):
        assert run(*words).exit_code == 2


def test_the_page_of_the_sample(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        composed = page.compose(sample_district, connection, MARCH)
    found = measured(composed)
    originals = found["Originals that are, byte by byte, what was received"]
    assert originals.number == originals.of
    assert originals.number is not None
    assert originals.number > 250
    traced = found["Figures that lead back to lines of files"]
    assert traced.number == traced.of
    assert found["Figures that the briefing prints"].value.en == "84 / 105 (80%)"
    assert found["Files sent back whole"].number == 1  # the sites of the 3rd in the neighbour's folder
    assert found["The same bytes received again"].number == 1  # the loans of the 6th
