"""The phone list of the sample district."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fugong.cli.app import app
from fugong.core.question import Question
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import QuestionKind, Verdict
from fugong.doubts import asking
from fugong.doubts.calls import Calls, calls
from fugong.doubts.doubt import Change
from fugong.doubts.proposed import open_proposals
from fugong.figures import cross_checks
from fugong.figures.evaluate import open_evaluator
from fugong.warehouse.connection import connect


def calls_of(settings: Settings, as_of: date, known_at: datetime | None = None) -> Calls:
    with connect(settings) as connection:
        return calls(connection, settings, as_of, known_at)


@pytest.fixture(scope="module")
def found(sample_district: Settings) -> Calls:
    """The calls of 27 February: a firm at 6 % of its electricity, an award to the wrong firm, sites that should not resume."""
    return calls_of(sample_district, date(2020, 2, 27))


def test_the_planted_contradictions_are_called_about_first(found: Calls) -> None:
    deciding = found.calls[: found.n_deciding]
    told = [(call.origin.department_code, call.line.table, call.column, call.reading.source) for call in deciding]
    assert told == [
        ("CZJ", "award", "", "X09"),
        ("ZJJ", "site_resumption", "", "X05"),
        ("GXJ", "industry_resumption", "resumed", "X03"),
    ]
    ranks = [call.effect.rank() for call in found.calls]
    assert ranks == sorted(ranks, reverse=True)
    assert all(printed == 0 for printed, _ in ranks[found.n_deciding :])


def test_a_call_says_whom_to_ask_what_and_what_would_be_printed(found: Calls) -> None:
    call = found.calls[2]
    assert (call.contact.zh, call.now, dict(call.reading.cells)) == ("经济运行科统计岗", True, {"resumed": False})
    assert asking.question(call).zh == "“是否复工”填的是“是”,应为“否”吗?(X03)"
    assert asking.question(call).en == "resumed is yes. Should it be no? (X03)"
    assert "甲子2（示例）金属结构有限公司" in asking.place(call).zh
    assert asking.figures(call, most=3) == ["S002 86.1% → 85.2%"]
    decided = {one.figure: one.calls for one in found.decisions}
    assert decided["S002"] == (2,)
    assert asking.stop(found).en.startswith("Stop after call 3: the other 4 doubts together")


def test_a_returned_row_counts_as_if_it_were_loaded_with_the_proposed_value(sample_district: Settings) -> None:
    found = calls_of(sample_district, date(2020, 3, 11), datetime(2020, 3, 12, 12, tzinfo=SHANGHAI))
    [call] = [call for call in found.calls if call.reading.change is Change.ADDED]
    assert (call.column, call.reading.cells["amt_relief"], call.now) == ("amt_relief", Decimal("36480.00"), None)
    [change] = call.effect.printed
    assert change.definition.id == "S041"
    assert change.difference == Decimal("36480.00")


def answer(connection: psycopg.Connection[Any], question: Question, verdict: Verdict, at: datetime) -> int:
    """Record what a sender answered; gives the number of the question."""
    [(number,)] = connection.execute(
        """
        INSERT INTO intake.question
        (department_code, kind, subject, code, column_name, row_key, value, item, digest, key_digest, first_day, last_day, asked_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '2020-02-01', '2020-03-18', %s) RETURNING question_id
        """,
        (
            question.department, question.kind, question.subject, question.code, question.column_name, question.row_key, question.value,
            question.item, question.digest, question.key_digest, at,
        ),
    ).fetchall()  # fmt: skip
    connection.execute(
        """
        INSERT INTO intake.answer (question_id, submission_id, verdict, reason, holds_from, answered_at)
        VALUES (%s, (SELECT MIN(submission_id) FROM intake.submission), %s, '停产检修', '2020-02-01', %s)
        """,
        (number, verdict, at),
    )
    return number


def test_nobody_is_asked_again_about_what_was_answered(sample_district: Settings) -> None:
    as_of, known_at = date(2020, 2, 27), datetime(2020, 3, 1, tzinfo=SHANGHAI)
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        [about] = cross_checks.contradictions(connection, sample_district.include, as_of, known_at, ids=["X03"])
        answer(connection, about.question, Verdict.CONFIRMED, datetime(2020, 2, 28, 9, tzinfo=SHANGHAI))
        found = calls(connection, sample_district, as_of, known_at)
    assert "X03" not in {call.reading.source for call in found.calls}
    said = asking.answered(found)
    assert said is not None
    assert said.en == "Left out, as they are answered: 1 (see fugong answers)."


@pytest.mark.parametrize(("verdict", "is_answered"), [(Verdict.CONFIRMED, True), (Verdict.PENDING, False)])
def test_a_returned_row_that_is_right_is_answered(sample_district: Settings, verdict: Verdict, is_answered: bool) -> None:
    as_of, at = date(2020, 3, 11), datetime(2020, 3, 12, 12, tzinfo=SHANGHAI)
    question = Question("TAX", QuestionKind.FINDING, "tax_relief", "implausible-size", "amt_relief", "D1", "364800000")
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        number = answer(connection, question, verdict, at)
        query = "UPDATE intake.finding SET question_id = %s WHERE proposed IS NOT NULL AND code = 'implausible-size'"
        assert connection.execute(query, (number,)).rowcount == 1
        with open_evaluator(connection, sample_district.include, as_of, at) as evaluator:
            [proposal] = [one for one in open_proposals(evaluator) if one.code == "implausible-size"]
    assert proposal.is_answered == is_answered


def test_the_command_prints_within_80_columns_and_as_json_and_to_a_file(
    sample_district: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUGONG_HOME", str(sample_district.home))
    monkeypatch.delenv("FUGONG_WAREHOUSE", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    file = tmp_path / "calls.csv"
    shown: dict[str, str] = {}
    for name, words in {"table": (), "json": ("--json", "--lang", "en", "-o", str(file))}.items():
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            app(["doubts", "--as-of", "2020-02-27", *words], prog_name="fugong")
        assert end.value.code == 0
        shown[name] = capfd.readouterr().out
    assert "S002 86.1% →" in shown["table"]
    assert all(len(line) <= 80 for line in shown["table"].splitlines())
    document = json.loads(shown["json"])
    assert document["n_deciding"] == 3
    assert document["calls"][2]["readings"][0]["figures"][0]["display_if"] == "85.2%"
    assert document["stop"].startswith("Stop after call 3")
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 8
