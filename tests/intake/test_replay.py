"""A wrong rule is mended and past files are judged again: previewed, then settled as new versions, from now on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from fugong.cli import app
from fugong.intake import load, processor, replay
from fugong.intake.replay import Fate, Replayed
from fugong.operations import build_marts
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, as_xlsx, industry_row, tax_row
from tests.fixtures.rules import ROUND, change_suite, own_rules

SINCE = date(2020, 3, 1)
WRONG = ROUND
SHADOW = ROUND | {"meta": ROUND["meta"] | {"shadow": True}}
LINES = [tax_row(1), tax_row(2, "2000.00"), tax_row(3, "123.45"), tax_row(4, "67.80")]


@pytest.fixture
def strict(inbox: Inbox, tmp_path: Path) -> Inbox:
    """An installation whose tax suite has a wrong rule in force."""
    own = own_rules(inbox, tmp_path / "project")
    change_suite(own, lambda suite: suite["expectations"].append(WRONG))
    return own


def mend(inbox: Inbox) -> None:
    """Make the wrong rule a right one."""
    change_suite(inbox, lambda suite: suite["expectations"][-1]["kwargs"].update(condition="amt_relief > 0"))


def take_away(inbox: Inbox) -> None:
    change_suite(inbox, lambda suite: suite["expectations"].pop())


def again(inbox: Inbox, code: str = "not-round", *, apply: bool = False) -> list[Replayed]:
    return replay.replay(inbox.settings, code, SINCE, is_applied=apply)


def amounts(inbox: Inbox, known_at: datetime | None = None) -> list[str]:
    with connect(inbox.settings) as connection:
        connection.execute("SELECT set_config('fugong.known_at', %s, true)", (known_at.isoformat() if known_at else "",))
        rows = connection.execute("SELECT amt_relief FROM asof.tax_relief ORDER BY doc_id").fetchall()
    return [str(row[0]) for row in rows]


def in_marts(inbox: Inbox) -> Decimal:
    build_marts.build_marts(inbox.settings)
    return inbox.rows("SELECT COALESCE(SUM(relief), 0) FROM mart.tax_relief_flow")[0][0]


def content(inbox: Inbox) -> list[Any]:
    """All that is kept, without moments."""
    return [
        inbox.rows(
            "SELECT submission_id, file_name, state, replays, rows_accepted, rows_set_aside FROM intake.submission ORDER BY 1"
        ),
        inbox.rows("SELECT part_id, submission_id, unit, version, superseded_by FROM intake.part ORDER BY 1"),
        inbox.rows("SELECT part_id, doc_id, amt_relief FROM report.tax_relief ORDER BY 1, 2"),
        inbox.rows("SELECT submission_id, row_number, code FROM intake.finding ORDER BY finding_id"),
    ]


def test_a_wrong_rule_is_mended_previewed_and_applied(strict: Inbox) -> None:
    first = strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES))
    assert (first.state, first.rows_accepted) == ("partly_accepted", 2)
    assert in_marts(strict) == 3000
    before = datetime.now().astimezone()
    mend(strict)

    kept = content(strict)
    (one,) = again(strict)
    assert (one.fate, one.accepted, one.set_aside, one.applied_as) == (Fate.CHANGED, (2, 4), (2, 0), None)
    (change,) = one.changes
    assert (change.code, change.column, change.before, change.after) == ("not-round", "amt_relief", 2, 0)
    assert [text.split(" ")[:2] for text in change.examples] == [["-", "J4"], ["-", "J5"]]
    assert content(strict) == kept

    (one,) = again(strict, apply=True)
    assert one.applied_as is not None
    assert strict.state(first) == "superseded"
    assert strict.rows(
        "SELECT state, replays, file_name, received_at FROM intake.submission WHERE submission_id = %s", one.applied_as
    ) == [("accepted", first.submission_id, "R04 3.18.csv", strict.rows("SELECT MIN(received_at) FROM intake.submission")[0][0])]
    assert amounts(strict) == ["1000.00", "2000.00", "123.45", "67.80"]
    assert amounts(strict, before) == ["1000.00", "2000.00"]
    assert in_marts(strict) == Decimal("3191.25")
    (receipt,) = (strict.settings.outbox / "TAX").glob(f"*.{one.applied_as}.回执.txt")
    told = receipt.read_text(encoding="utf-8")
    assert "已收 4 行" in told
    assert f"按新规则重新判读了第 {first.submission_id} 号报送" in told
    assert strict.is_balanced()

    kept = content(strict)
    (one,) = again(strict, apply=True)
    assert (one.submission_id, one.fate) == (int(receipt.name.split(".")[-3]), Fate.UNCHANGED)
    take_away(strict)
    assert again(strict, apply=True) == []  # no report has the rule any more, no submission a finding of it
    assert content(strict) == kept


def test_a_wrong_rule_put_in_shadow_lets_its_rows_in_and_a_right_one_put_in_force_takes_them_out(strict: Inbox) -> None:
    strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES))
    take_away(strict)
    change_suite(strict, lambda suite: suite["expectations"].append(SHADOW))
    (one,) = again(strict, apply=True)
    assert (one.accepted, one.would_set_aside) == ((2, 4), 2)
    assert amounts(strict) == ["1000.00", "2000.00", "123.45", "67.80"]
    (one,) = again(strict, apply=True)  # still in shadow: nothing is set aside by it
    assert (one.fate, one.would_set_aside) == (Fate.UNCHANGED, 2)

    take_away(strict)
    change_suite(strict, lambda suite: suite["expectations"].append(WRONG))
    (one,) = again(strict, apply=True)
    assert (one.fate, one.accepted, one.set_aside) == (Fate.CHANGED, (4, 2), (0, 2))
    assert amounts(strict) == ["1000.00", "2000.00"]
    assert strict.is_balanced()


def test_only_its_own_parts_are_replaced_not_other_files_of_the_day(strict: Inbox) -> None:
    first = strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES[:3]))
    other = strict.send("TAX", "R04 3.18 补报.csv", as_csv(TAX_HEADER, [tax_row(7), tax_row(8)]))
    mend(strict)
    done = {one.submission_id: one for one in again(strict, apply=True)}
    assert {number: one.fate for number, one in done.items()} == {
        first.submission_id: Fate.CHANGED,
        other.submission_id: Fate.UNCHANGED,
    }
    assert strict.state(other) == "accepted"
    assert strict.keys("tax_relief", "doc_id") == ["D00001", "D00002", "D00003", "D00007", "D00008"]
    assert strict.is_balanced()


def test_a_file_that_was_rejected_whole_comes_in_unless_it_was_reported_anew(strict: Inbox) -> None:
    alone = strict.send(
        "TAX", "R04 3.17.csv", as_csv(TAX_HEADER, [tax_row(1, "1.11", day="2020-03-17"), tax_row(2, "2.22", day="2020-03-17")])
    )
    renewed = strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(3, "3.33"), tax_row(4, "4.44")]))
    strict.send("TAX", "R04 3.18 取整.csv", as_csv(TAX_HEADER, [tax_row(3, "300.00"), tax_row(4, "400.00")]))
    assert (alone.state, renewed.state) == ("rejected", "rejected")
    mend(strict)
    done = {one.submission_id: one for one in again(strict, apply=True)}
    assert done[renewed.submission_id].fate is Fate.REPORTED_ANEW
    assert (done[alone.submission_id].accepted, done[alone.submission_id].set_aside) == ((0, 2), (2, 0))
    assert amounts(strict) == ["1.11", "2.22", "300.00", "400.00"]
    assert [one.fate for one in again(strict, apply=True)].count(Fate.CHANGED) == 0
    assert strict.is_balanced()


def test_a_newer_file_stays_newer(strict: Inbox) -> None:
    strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES))
    strict.send("TAX", "R04 3.18 更正.csv", as_csv(TAX_HEADER, [*LINES, tax_row(5)]))
    mend(strict)
    (one,) = again(strict, apply=True)  # the one it replaced is not judged again
    assert one.file_name == "R04 3.18 更正.csv"
    late = strict.send("TAX", "R04 3.18 更正2.csv", as_csv(TAX_HEADER, [*LINES, tax_row(5), tax_row(9)]))
    assert late.state == "accepted"
    assert strict.rows("SELECT state FROM intake.submission WHERE submission_id = %s", one.applied_as) == [("superseded",)]
    assert strict.is_balanced()


def test_a_submission_with_repairs_is_skipped_and_named(strict: Inbox) -> None:
    first = strict.send("TAX", "R04 3.18.xlsx", as_xlsx(TAX_HEADER, LINES))
    (workbook,) = (strict.settings.outbox / "TAX").glob("*.回执.xlsx")
    book: Any = openpyxl.load_workbook(workbook)
    for row in book["退回行"].iter_rows():
        for cell in row:
            if cell.value in {"123.45", 123.45}:
                cell.value = "200"
    book.save(workbook)
    assert strict.send("TAX", workbook.name, workbook.read_bytes()).rows_accepted == 1
    mend(strict)
    done = again(strict, apply=True)
    assert {(one.submission_id == first.submission_id, one.fate) for one in done} == {
        (True, Fate.HAS_REPAIRS),
        (False, Fate.IS_REPAIR),
    }
    assert amounts(strict) == ["1000.00", "2000.00", "200.00"]


def test_rows_returned_before_the_replay_are_mended_after_it(strict: Inbox) -> None:
    change_suite(strict, lambda suite: suite["expectations"][-1]["kwargs"].update(condition="amt_relief % 2 == 0"))
    first = strict.send(
        "TAX", "R04 3.18.xlsx", as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2, "123.00"), tax_row(3, 所属期起="上月")])
    )
    (workbook,) = (strict.settings.outbox / "TAX").glob(f"*.{first.submission_id}.*.xlsx")
    book: Any = openpyxl.load_workbook(workbook)
    for row in book["退回行"].iter_rows():
        for cell in row:
            if cell.value == "上月":
                cell.value = "2020-02-01"
    book.save(workbook)
    mend(strict)
    again(strict, apply=True)
    assert len(amounts(strict)) == 2
    repair = strict.send("TAX", workbook.name, workbook.read_bytes())
    assert strict.codes(repair) == set()
    assert len(amounts(strict)) == 3
    assert strict.is_balanced()


def test_what_would_be_rejected_or_clash_stays(strict: Inbox) -> None:
    # The clerk sent the row that had come back in another file, under its old number, with another amount.
    strict.send("TAX", "R04 3.17.csv", as_csv(TAX_HEADER, [tax_row(1, day="2020-03-17"), tax_row(2, "5.55", day="2020-03-17")]))
    strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(2, "600.00", day="2020-03-17")]))
    mend(strict)
    clash, _ = again(strict, apply=True)
    assert (clash.fate, clash.why) == (Fate.REJECTED, "changed-rows")
    assert amounts(strict) == ["1000.00", "600.00"]
    assert strict.rows("SELECT COUNT(*) FROM intake.submission") == [(2,)]


def test_what_differs_by_other_rules_only_is_named_and_left(strict: Inbox) -> None:
    strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES))
    mend(strict)
    (one,) = again(strict, "too-early", apply=True)
    assert (one.fate, [change.code for change in one.changes]) == (Fate.OTHER_RULES, ["not-round"])
    assert amounts(strict) == ["1000.00", "2000.00"]
    with pytest.raises(LookupError, match="not-a-rule"):
        again(strict, "not-a-rule")


def test_a_snapshot_that_loses_many_rows_by_a_rule_is_replaced_all_the_same(strict: Inbox) -> None:
    rule = ROUND | {
        "kwargs": {"column_list": ["on_post"], "condition": "on_post < 60"},
        "meta": ROUND["meta"] | {"column": "on_post"},
    }
    path = strict.settings.expectations / "industry_resumption.json"
    first = strict.send("GXJ", "R01 3.18.csv", as_csv(INDUSTRY_HEADER, [industry_row(n, on_post=10 * n) for n in range(1, 10)]))
    assert first.state == "accepted"
    suite = json.loads(path.read_text(encoding="utf-8"))
    suite["expectations"].append(rule)
    path.write_text(json.dumps(suite), encoding="utf-8")
    (one,) = [one for one in again(strict, apply=True) if one.fate is not Fate.UNCHANGED]
    assert (one.accepted, one.set_aside) == ((9, 5), (0, 4))
    assert len(strict.keys("industry_resumption", "uscc")) == 5
    assert strict.is_balanced()


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


BOUNDARIES: dict[str, Callable[[], None]] = {
    "while evaluating": lambda: setattr(processor, "evaluate", die),
    "under the lock": lambda: setattr(load, "join_replayed", die),
    "before the commit": lambda: setattr(replay.Replay, "_compare", die),
    "before the receipt": lambda: setattr(processor.SubmissionProcessor, "write_receipt", die),
}


@pytest.mark.parametrize("name", BOUNDARIES)
def test_killed_anywhere_the_next_run_ends_as_if_nothing_had_happened(strict: Inbox, name: str) -> None:
    for day in (18, 19):
        strict.send("TAX", f"R04 3.{day}.csv", as_csv(TAX_HEADER, [[f"{day}{row[0]}", *row[1:]] for row in LINES]))
    mend(strict)
    child = os.fork()
    if child == 0:
        try:
            BOUNDARIES[name]()
            again(strict, apply=True)
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), os.waitstatus_to_exitcode(status)
    again(strict, apply=True)
    strict.ingest()  # answers what was settled and not answered
    assert strict.rows("SELECT state, COUNT(*), COUNT(replied_at) FROM intake.submission GROUP BY 1 ORDER BY 1") == [
        ("accepted", 2, 2),
        ("superseded", 2, 2),
    ]
    assert len(amounts(strict)) == 8
    assert strict.is_balanced()


def test_the_commands_show_and_apply(strict: Inbox) -> None:
    strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES))
    mend(strict)
    settings = strict.settings
    environment = {
        "FUGONG_HOME": str(settings.home),
        "FUGONG_DISTRICT": str(settings.district),
        "FUGONG_WAREHOUSE": settings.warehouse_url,
        "COLUMNS": "220",
    }

    def run(*words: str) -> str:
        done = CliRunner().invoke(app.app, list(words), env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    (rule,) = [one for one in json.loads(run("rules", "--since", "2020-03-01", "--json")) if one["code"] == "not-round"]
    assert (rule["n_rows"], rule["is_shadow"], rule["share"], rule["departments"]) == (2, False, 0.5, ["TAX"])
    assert json.loads(run("rules", "--since", "2020-04-01", "--json")) == []
    assert "not-round" in run("rules")
    asked = ("replay", "--rule", "not-round", "--since", "2020-03-01")
    told = run(*asked)
    assert "2 → 4" in told
    assert "这是预览" in told
    (one,) = json.loads(run(*asked, "--apply", "--json"))
    assert (one["fate"], one["accepted"]) == ("changed", {"before": 2, "after": 4})
    assert strict.rows("SELECT SUM(relief) FROM mart.tax_relief_flow") == [(Decimal("3191.25"),)]
    assert "0 份有变化" in run(*asked, "--apply")


def test_the_day_is_counted_once_by_those_who_watch_the_departments(strict: Inbox) -> None:
    strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, LINES))
    mend(strict)
    again(strict, apply=True)
    build_marts.build_marts(strict.settings)
    assert strict.rows(
        "SELECT n_versions, n_rows, n_rows_set_aside, is_on_time FROM mart.reporting_compliance WHERE department_code = 'TAX' AND as_of = '2020-03-18'"
    ) == [(1, 4, 0, True)]
