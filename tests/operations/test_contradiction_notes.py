"""A sender answers what contradicts other reports: in the workbook beside the note, and it shows wherever the contradiction does."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from fugong.briefing.annex import annex_files, read_tables
from fugong.cli.app import app
from fugong.core.time import SHANGHAI
from fugong.figures import cross_checks
from fugong.figures.evaluate import open_evaluator
from fugong.figures.figure import figures
from fugong.intake.types import Outcome
from fugong.operations.build_marts import build_marts
from fugong.operations.contradiction_notes import NOTE, WORKBOOK
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import INDUSTRY_HEADER, REGISTER_HEADER, Inbox, as_csv, industry_row, register_row
from tests.intake.test_answers import answers, as_text, filled_in

N_REGISTER = 7
SAID = "另一户已停业"
DAY = ("--as-of", "2020-03-18")


@pytest.fixture
def district(inbox: Inbox) -> Inbox:
    """Seven firms are in the register; the daily report of 18 March has six of them (X02)."""
    rows = [register_row(number) for number in range(1, N_REGISTER + 1)]
    assert inbox.send("TJJ", "20200309_R00_TJJ_V2 确认.csv", as_csv(REGISTER_HEADER, rows)).state == "accepted"
    return report(inbox, 18, range(1, N_REGISTER))


def report(inbox: Inbox, day: int, firms: Sequence[int]) -> Inbox:
    """The daily report of some firms, and what follows from it."""
    rows = as_csv(INDUSTRY_HEADER, [industry_row(number, on_post=70 + day) for number in firms])
    assert inbox.send("GXJ", f"R01 3.{day}.csv", rows, at=datetime(2020, 3, day + 1, 10, tzinfo=SHANGHAI)).state == "accepted"
    build_marts(inbox.settings)
    return inbox


def note(inbox: Inbox, name: str = NOTE) -> Path:
    return inbox.settings.outbox / "GXJ" / name


def reply(inbox: Inbox, verdict: str = "属实", reason: str = SAID, *, to: str = "GXJ") -> Outcome:
    """The workbook beside the note, answered and dropped back."""
    outcome = inbox.send(to, "核对回复.xlsx", filled_in(note(inbox, WORKBOOK), {1: (verdict, reason)}))
    build_marts(inbox.settings)
    return outcome


def warnings(inbox: Inbox, day: int, known_at: datetime | None = None, figure: str = "S002") -> list[str]:
    with connect(inbox.settings) as connection:
        (found,) = figures(connection, inbox.settings.include, date(2020, 3, day), known_at, ids=[figure])
    return [one.zh for one in found.warnings if one.zh.startswith("X02")]


def annex(inbox: Inbox, day: int, known_at: datetime) -> list[tuple[str, ...]]:
    with (
        connect(inbox.settings) as connection,
        open_evaluator(connection, inbox.settings.include, date(2020, 3, day), known_at) as evaluator,
    ):
        files = annex_files(inbox.settings.include)
        (table,) = (one for one in read_tables(evaluator, files, known_at) if one.title.zh == "各单位的核实说明")
    return list(table.rows)


def test_what_its_sender_answers_about_a_contradiction_shows_beside_the_figure_and_is_not_asked_again(district: Inbox) -> None:
    [(_, place, check, said, sentence, *empty)] = openpyxl.load_workbook(note(district, WORKBOOK))["待核实"].iter_rows(
        min_row=4, values_only=True
    )
    assert (check, said, empty) == ("X02", "已报单位数 6,退回未补行数 0", [None, None])
    assert "R01 3.18.csv" in str(place)
    assert "对不上" in str(sentence)
    text = note(district).read_text(encoding="utf-8-sig")
    assert "已报单位数 6" in text
    # What the register says is another department's.
    assert "名录在库数 7" not in text

    first = "X02:1 张复工日报的行数与名录在库数对不上"
    assert warnings(district, 18) == [first]
    answer = reply(district)
    assert (answer.state, answers(district)) == ("accepted", [("confirmed", SAID, True)])
    assert not note(district).exists()
    assert not note(district, WORKBOOK).exists()
    assert warnings(district, 18) == [f"{first}(已核实属实:{SAID})"]
    [(answered_at,)] = district.rows("SELECT answered_at FROM intake.answer")
    before = datetime(2020, 3, 19, 10, 0, 30, tzinfo=SHANGHAI)
    assert before < answered_at
    assert warnings(district, 18, before) == [first]
    row = ("区工业和信息化局", "核对 X02", "1 张复工日报的行数与名录在库数对不上", "1", f"已核实属实:{SAID}")
    assert [annex(district, 18, moment) for moment in (before, answered_at)] == [[], [row]]

    # The next day nobody asks again; the contradiction is recorded with its answer.
    report(district, 19, range(1, N_REGISTER))
    assert not note(district).exists()
    assert warnings(district, 19) == [f"{first}(已核实属实:{SAID})"]
    with connect(district.settings) as connection:
        [found] = cross_checks.contradictions(connection, district.settings.include, date(2020, 3, 19))
    assert (found.n_days, found.is_settled, found.to_json()["answer"]["reason"]) == (2, True, SAID)

    # Another value is asked about, and told from the one that was confirmed.
    report(district, 20, range(1, N_REGISTER - 1))
    [(*_, sentence, _, _)] = openpyxl.load_workbook(note(district, WORKBOOK))["待核实"].iter_rows(min_row=4, values_only=True)
    assert f"以前核实的是“已报单位数 6,退回未补行数 0”\uff08属实\uff1a{SAID}\uff09\uff1b值变了\uff0c请重新核实。" in str(sentence)
    assert warnings(district, 20) == [first]


def test_the_answer_of_another_department_and_one_that_comes_too_late_are_not_taken(district: Inbox) -> None:
    content = filled_in(note(district, WORKBOOK), {1: ("属实", SAID)})
    foreign = district.send("TAX", "核对回复.xlsx", content)
    assert (foreign.state, district.codes(foreign)) == ("rejected", {"answer-of-nobody", "no-answer-taken"})
    report(district, 19, range(1, N_REGISTER + 1))
    assert not note(district, WORKBOOK).exists()
    late = district.send("GXJ", "核对回复.csv", as_text(content))
    assert (late.state, district.codes(late)) == ("rejected", {"answer-stale", "no-answer-taken"})
    assert answers(district) == []


def test_a_question_stays_open_until_its_sender_settles_it_with_whatever_words(
    district: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> tuple[object, ...]:
        [cells] = openpyxl.load_workbook(note(district, WORKBOOK))["待核实"].iter_rows(min_row=4, values_only=True)
        return cells[-3:]

    reply(district, "待查", "问镇办")
    assert asked()[1:] == ("待查", "问镇办")
    reply(district, "已改", "")
    sentence, *empty = asked()
    assert str(sentence).endswith("贵单位答过“已改”\uff0c但没有看到改动。")
    assert empty == [None, None]

    # A clerk pastes the sheet into the report of the next day: both are taken.
    reason = "[bold]停产[/x]<b>&"
    book = openpyxl.load_workbook(io.BytesIO(filled_in(note(district, WORKBOOK), {1: ("属实", reason)})))
    page = book.create_sheet("日报", 0)
    for row in (INDUSTRY_HEADER, *(industry_row(number) for number in range(1, N_REGISTER))):
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    both = district.send("GXJ", "R01 3.19.xlsx", out.getvalue(), at=datetime(2020, 3, 20, 9, tzinfo=SHANGHAI))
    assert (both.state, both.rows_accepted, both.report) == ("accepted", N_REGISTER - 1, "industry_resumption")
    assert [one[0] for one in answers(district)] == ["pending", "corrected", "confirmed"]

    # Pages quote the words without what could be markup; a screen of those who run Fugong shows them as they are.
    quoted = "\uff3bbold\uff3d停产\uff3b/x\uff3d\uff1cb\uff1e&"
    assert warnings(district, 18) == [f"X02:1 张复工日报的行数与名录在库数对不上(已核实属实:{quoted})"]
    [row] = annex(district, 18, datetime(2020, 3, 21, tzinfo=SHANGHAI))
    assert row[-1] == f"已核实属实:{quoted}"
    monkeypatch.setenv("FUGONG_HOME", str(district.settings.home))
    assert district.settings.warehouse_url is not None
    monkeypatch.setenv("FUGONG_WAREHOUSE", district.settings.warehouse_url)
    for words, said in (
        (("figure", "S002", *DAY), quoted),
        (("figures", "S002", *DAY), quoted),
        (("checks", *DAY), reason),
        (("answers",), reason),
    ):
        result = CliRunner().invoke(app, words, env={"COLUMNS": "300"})
        assert result.exit_code == 0, result.output
        assert said in result.output, words
