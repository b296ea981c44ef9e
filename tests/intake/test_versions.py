"""How parts combine: snapshots and ledgers replace, increments add, questions are asked back (design: contracts)."""

from __future__ import annotations

import dataclasses
import io
import shutil
import unicodedata
from datetime import datetime
from itertools import permutations
from pathlib import Path

import openpyxl
import psycopg
import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.intake import pipeline
from fugong.intake import processor as processing
from fugong.intake.collect import Arrival, collect, collect_arrival
from fugong.intake.evaluate import Evaluation
from fugong.intake.load import load_submission
from fugong.intake.pipeline import ingest_history
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.submissions import find_submission
from fugong.intake.types import Outcome, Submission
from fugong.operations.reminders import remind
from fugong.receipts.text import text
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import (
    INDUSTRY_HEADER,
    TAX_HEADER,
    WATER_HEADER,
    Inbox,
    as_csv,
    as_xlsx,
    industry_row,
    tax_row,
    water_row,
)


def industry(*numbers: int, on_post: int = 100) -> bytes:
    return as_csv(INDUSTRY_HEADER, [industry_row(number, on_post=on_post) for number in numbers])


def tax(*rows: list[str]) -> bytes:
    return as_csv(TAX_HEADER, rows)


def test_a_good_file_is_accepted_and_answered(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "税费减免退日报(3月18日).csv", tax(tax_row(1), tax_row(2)))
    assert (outcome.state, outcome.rows_read, outcome.rows_accepted) == ("accepted", 2, 2), inbox.receipt(outcome)["findings"]
    receipt = inbox.receipt(outcome)
    assert receipt["state"] == "accepted"
    assert receipt["report"] == "tax_relief"
    assert receipt["report_date"] == "2020-03-18"
    assert inbox.is_balanced()


def test_a_newer_snapshot_replaces_the_whole_day(inbox: Inbox) -> None:
    first = inbox.send("GXJ", "R01 3.18.csv", industry(*range(1, 21)))
    second = inbox.send("GXJ", "R01 3.18 再报.csv", industry(*range(1, 21), on_post=90))
    assert inbox.state(first) == "superseded"
    assert inbox.state(second) == "accepted"
    assert inbox.rows("SELECT DISTINCT on_post FROM asof.industry_resumption") == [(90,)]
    assert inbox.is_balanced()


def test_v2_before_v1_ends_like_v1_before_v2(inbox: Inbox) -> None:
    inbox.send("GXJ", "20200318_R01_GXJ_V2.csv", industry(*range(1, 21), on_post=90))
    late = inbox.send("GXJ", "20200318_R01_GXJ_V1.csv", industry(*range(1, 21)))
    assert late.state == "superseded"
    assert inbox.rows("SELECT DISTINCT on_post FROM asof.industry_resumption") == [(90,)]


def test_a_replacement_that_drops_rows_is_asked_back_unless_confirmed(inbox: Inbox) -> None:
    inbox.send("GXJ", "R01 3.18.csv", industry(*range(1, 21)))
    shorter = inbox.send("GXJ", "R01 3.18 V2.csv", industry(*range(1, 11)))
    assert shorter.state == "rejected"
    assert inbox.codes(shorter) == {"fewer-keys"}
    assert len(inbox.keys("industry_resumption", "uscc")) == 20
    confirmed = inbox.send("GXJ", "R01 3.18 V2 确认.csv", industry(*range(1, 11)))
    assert confirmed.state == "accepted"
    assert len(inbox.keys("industry_resumption", "uscc")) == 10
    assert inbox.is_balanced()


def test_an_increment_adds_new_rows_and_drops_unchanged_ones(inbox: Inbox) -> None:
    inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1), tax_row(2)))
    again = inbox.send("TAX", "R04 3.18 补报.csv", tax(tax_row(2), tax_row(3)))
    assert (again.state, again.rows_accepted, again.rows_not_data) == ("accepted", 1, 1)
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002", "D00003"]
    assert inbox.is_balanced()


def test_an_increment_that_repeats_a_key_with_other_content_is_asked_back(inbox: Inbox) -> None:
    inbox.send("TAX", "R04 3.17.csv", tax(tax_row(1, day="2020-03-17")))
    changed = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1, "2000.00", day="2020-03-17"), tax_row(2)))
    assert changed.state == "rejected"
    assert inbox.codes(changed) == {"changed-rows"}
    assert (changed.rows_read, changed.rows_set_aside) == (2, 2)
    assert inbox.keys("tax_relief", "doc_id") == ["D00001"]
    assert inbox.is_balanced()


def test_a_marked_increment_replaces_its_day(inbox: Inbox) -> None:
    first = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1), tax_row(2)))
    inbox.send("TAX", "R04 3.18 更正.csv", tax(tax_row(1, "2000.00"), tax_row(2)))
    assert inbox.state(first) == "superseded"
    assert [str(row[0]) for row in inbox.rows("SELECT amt_relief FROM asof.tax_relief ORDER BY doc_id")] == ["2000.00", "1000.00"]


def test_a_withdrawal_takes_the_day_back_and_may_be_empty(inbox: Inbox) -> None:
    first = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1)))
    withdrawal = inbox.send("TAX", "R04 3.18 作废.csv", b"")
    assert withdrawal.state == "accepted"
    assert inbox.state(first) == "withdrawn"
    assert inbox.keys("tax_relief", "doc_id") == []
    document = inbox.receipt(withdrawal)
    assert [(one["submission_id"], one["file_name"], one["rows"]) for one in document["withdrawn"]] == [
        (first.submission_id, "R04 3.18.csv", 1)
    ]
    said = text(document)
    assert f"撤回:第 {first.submission_id} 号报送(“R04 3.18.csv”" in unicodedata.normalize("NFKC", said)
    assert "统计日 2020-03-18" in said
    assert "重新放入收件夹" in said
    assert "without 作废 in its name" in text(document, Lang.EN)
    after = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1)))
    assert after.state == "accepted"
    assert inbox.keys("tax_relief", "doc_id") == ["D00001"]
    assert inbox.is_balanced()


def test_what_was_withdrawn_by_a_copy_of_itself_may_come_back(inbox: Inbox) -> None:
    content = tax(tax_row(1), tax_row(2))
    first = inbox.send("TAX", "20200318_R04_TAX.csv", content)
    assert inbox.send("TAX", "20200318_R04_TAX_作废.csv", content).state == "accepted"
    assert inbox.state(first) == "withdrawn"
    assert inbox.send("TAX", "20200318_R04_TAX.csv", content).state == "accepted"
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002"]
    assert inbox.is_balanced()


def test_there_has_to_be_something_to_withdraw(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "R04 3.18 作废.csv", b"")
    assert outcome.state == "rejected"
    assert inbox.codes(outcome) == {"nothing-to-withdraw"}


def test_the_same_bytes_again_are_a_duplicate_until_they_stop_to_count(inbox: Inbox) -> None:
    inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1)))
    twin = inbox.send("TAX", "税费减免退日报(3月18日)最终版.csv", tax(tax_row(1)))
    assert twin.state == "duplicate"
    assert inbox.codes(twin) == set()
    inbox.send("TAX", "R04 3.18 作废.csv", b"")
    judged_anew = inbox.send("TAX", "R04 3.18 又报.csv", tax(tax_row(1)))
    assert judged_anew.state == "accepted"


def test_a_header_without_rows_is_a_nil_report(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "R04 3.18.csv", tax())
    assert (outcome.state, outcome.rows_read) == ("accepted", 0)
    assert inbox.rows("SELECT rows_accepted FROM intake.part") == [(0,)]


def test_a_file_of_bad_rows_only_goes_back_whole(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1, "约3500")))
    assert (outcome.state, outcome.rows_set_aside) == ("rejected", 1)
    assert inbox.keys("tax_relief", "doc_id") == []


def test_yesterdays_answer_can_be_had_after_a_correction(inbox: Inbox) -> None:
    inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1)), at=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))
    inbox.send("TAX", "R04 3.18 更正.csv", tax(tax_row(1, "5.00")), at=datetime(2020, 3, 21, 9, tzinfo=SHANGHAI))
    told = inbox.rows("SELECT amt_relief::text FROM asof.tax_relief")
    assert told == [("5.00",)]
    before = inbox.rows(
        "WITH moment AS MATERIALIZED (SELECT set_config('fugong.known_at', '2020-03-20 12:00+08', false)) "
        "SELECT amt_relief::text FROM moment CROSS JOIN LATERAL (SELECT amt_relief FROM asof.tax_relief WHERE set_config IS NOT NULL) AS r"
    )
    assert before == [("1000.00",)]


@pytest.mark.parametrize("order", [*permutations((1, 2, 3))])
def test_past_files_in_any_order_count_each_in_its_own_time(inbox: Inbox, order: tuple[int, ...]) -> None:
    for version in order:
        moment = datetime(2020, 3, 19, 8 + version, tzinfo=SHANGHAI)
        inbox.send("TAX", f"20200318_R04_TAX_V{version}.csv", tax(tax_row(1, f"{version}000.00")), at=moment)
    counted = {
        hour: inbox.rows(
            "SELECT amt_relief / 1000 FROM report.tax_relief INNER JOIN intake.part USING (part_id)"
            " WHERE settled_at <= %s AND (superseded_at IS NULL OR superseded_at > %s)",
            *[datetime(2020, 3, 19, hour, 30, tzinfo=SHANGHAI)] * 2,
        )
        for hour in (9, 10, 11)
    }
    assert counted == {9: [(1,)], 10: [(2,)], 11: [(3,)]}


def test_a_submission_is_settled_once_however_many_runs_have_it_in_hand(inbox: Inbox) -> None:
    name = "20200318_R04_TAX_V1.csv"
    inbox.drop("TAX", name, tax(tax_row(1), tax_row(2)))
    arrival = Arrival(f"TAX/{name}", datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))
    with connect(inbox.settings, autocommit=True) as connection:
        processor = SubmissionProcessor(inbox.settings, connection, inbox.context, {})
        submission, state, _ = find_submission(connection, collect_arrival(connection, inbox.settings, arrival))
        processor.process(submission, state)
        with pytest.raises(LookupError, match="another run"):
            processor.process(submission, state)
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002"]


def test_a_history_brought_in_again_leaves_other_files_of_the_same_name_alone(inbox: Inbox) -> None:
    name = "20200318_R04_TAX_V1.csv"
    arrivals = [Arrival(f"TAX/{name}", datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))]
    inbox.drop("TAX", name, tax(tax_row(1)))
    assert [outcome.state for outcome in ingest_history(inbox.settings, arrivals)] == ["accepted"]
    same = inbox.drop("TAX", name, tax(tax_row(1)))
    assert ingest_history(inbox.settings, arrivals) == []
    assert not same.exists()
    other = inbox.drop("TAX", name, tax(tax_row(2)))
    assert ingest_history(inbox.settings, arrivals) == []
    assert other.exists()
    inbox.ingest()
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002"]


def test_an_empty_credit_code_is_taken_from_the_accounts_earlier_bills(inbox: Inbox) -> None:
    inbox.send("GSGS", "R08 3.17.csv", as_csv(WATER_HEADER, [water_row(1)]))
    later = inbox.send(
        "GSGS", "R08 3.18.csv", as_csv(WATER_HEADER, [water_row(1, uscc_cell="", bill="B9"), water_row(2, uscc_cell="")])
    )
    assert later.state == "accepted"
    assert inbox.codes(later) == {"uscc-from-account", "uscc-unknown"}
    codes = dict(inbox.rows("SELECT bill_no, uscc FROM asof.water_bill"))
    assert codes["B9"] == codes["B000001"]
    assert codes["B000002"] == ""


def test_encodings_and_formats_end_alike(inbox: Inbox) -> None:
    rows = [tax_row(number) for number in range(1, 4)]
    files = {
        "R04 3.18 A.csv": as_csv(TAX_HEADER, rows, "gb18030"),
        "R04 3.17 B.csv": as_csv(TAX_HEADER, [tax_row(n, day="2020-03-17") for n in range(11, 14)], "utf-8"),
        "R04 3.16 C.xlsx": as_xlsx(
            TAX_HEADER, [tax_row(n, day="2020-03-16") for n in range(21, 24)], ["税费减免退日报", "统计日期:2020年3月16日"]
        ),
    }
    assert {name: inbox.send("TAX", name, content).state for name, content in files.items()} == dict.fromkeys(files, "accepted")
    assert len(inbox.keys("tax_relief", "doc_id")) == 9


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_any_order_of_versions_ends_in_the_same_rows(inbox: Inbox, order: tuple[int, ...]) -> None:
    files = [
        ("20200318_R04_TAX_V1.csv", tax(tax_row(1), tax_row(2))),
        ("20200318_R04_TAX_V2.csv", tax(tax_row(1, "2000.00"), tax_row(2))),
        ("20200318_R04_TAX_V3.csv", tax(tax_row(1, "3000.00"), tax_row(2))),
    ]
    for number in order:
        inbox.send("TAX", *files[number])
    assert [str(row[0]) for row in inbox.rows("SELECT amt_relief FROM asof.tax_relief ORDER BY doc_id")] == ["3000.00", "1000.00"]
    assert inbox.is_balanced()


def mended(inbox: Inbox, outcome: Outcome, header: str, value: str) -> tuple[str, bytes]:
    """The returned rows of a submission as the clerk sends them back: one column mended in every row."""
    [path] = (inbox.settings.outbox / outcome.department).glob(f"*.{outcome.submission_id}.回执.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["退回行"]
    column = next(cell.column for cell in sheet[3] if str(cell.value).startswith(header))
    for row in range(4, sheet.max_row + 1):
        sheet.cell(row, column).value = value
    out = io.BytesIO()
    book.save(out)
    return path.name, out.getvalue()


@pytest.mark.parametrize("report", ["increment", "snapshot"])
def test_returned_rows_mended_and_dropped_back_complete_the_submission(inbox: Inbox, report: str) -> None:
    if report == "increment":
        name, content, header, value, table = (
            "R04 3.18.csv",
            tax(tax_row(1), tax_row(2, "约3500")),
            "减免税额",
            "3500",
            "tax_relief",
        )
    else:
        rows = [industry_row(1), [*industry_row(2)[:9], "约90", ""]]
        name, content, header, value, table = (
            "R01 3.18.csv",
            as_csv(INDUSTRY_HEADER, rows),
            "到岗人数",
            "90",
            "industry_resumption",
        )
    department = "TAX" if report == "increment" else "GXJ"
    first = inbox.send(department, name, content)
    assert (first.state, first.rows_accepted, first.rows_set_aside) == ("partly_accepted", 1, 1)
    repair = inbox.send(department, *mended(inbox, first, header, value))
    assert (repair.state, repair.rows_accepted, repair.report) == ("accepted", 1, table), inbox.receipt(repair)["findings"]
    assert inbox.state(first) == "accepted"
    assert inbox.rows("SELECT repairs FROM intake.submission WHERE submission_id = %s", repair.submission_id) == [
        (first.submission_id,)
    ]
    assert len(inbox.rows(f"SELECT 1 FROM asof.{table}")) == 2
    if report == "snapshot":
        in_force = inbox.rows("SELECT COUNT(*) FROM asof.part_in_force WHERE as_of = '2020-03-18' AND table_name = %s", table)
        assert in_force == [(2,)]
    again = inbox.send(department, *mended(inbox, first, header, value))
    assert again.rows_accepted == 0
    assert len(inbox.rows(f"SELECT 1 FROM asof.{table}")) == 2
    assert inbox.is_balanced()


def test_a_repair_goes_when_what_it_repairs_is_replaced(inbox: Inbox) -> None:
    first = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1), tax_row(2, "约3500")))
    back = mended(inbox, first, "减免税额", "3500")
    repair = inbox.send("TAX", *back)
    inbox.send("TAX", "R04 3.18 更正.csv", tax(tax_row(1), tax_row(2, "3600")))
    assert inbox.state(repair) == "superseded"
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002"]
    too_late = inbox.send("TAX", back[0], back[1] + b" ")
    assert too_late.state == "rejected"
    assert inbox.codes(too_late) == {"repair-too-late"}


def test_the_unit_of_the_title_goes_with_the_returned_rows(inbox: Inbox) -> None:
    header = [name.replace("(元)", "") for name in TAX_HEADER]
    rows = [tax_row(1, "0.1"), tax_row(2, "约0.2")]
    first = inbox.send("TAX", "R04 3.18.csv", as_csv(header, rows, titles=["税费减免退日报", "金额单位:万元"]))
    assert first.state == "partly_accepted", inbox.receipt(first)["findings"]
    inbox.send("TAX", *mended(inbox, first, "减免税额", "0.2"))
    assert [str(row[0]) for row in inbox.rows("SELECT amt_relief FROM asof.tax_relief ORDER BY doc_id")] == ["1000.00", "2000.00"]


def test_an_inbox_that_cannot_be_used_does_not_keep_the_others_waiting(inbox: Inbox) -> None:
    inbox.drop("GXJ", "试投", b"in the way of the folder for dry runs")
    inbox.drop("GXJ", "R01 3.18.csv", industry(1))
    inbox.drop("TAX", "R04 3.18.csv", tax(tax_row(1)))
    collected = collect(inbox.settings, settle_seconds=0)
    assert len(collected.submissions) == 2
    assert [error.split(":")[0] for error in collected.errors] == ["GXJ"]
    assert not (inbox.settings.inbox / "GXJ" / "R01 3.18.csv").exists()


def test_a_broken_rule_of_ours_stops_its_file_only(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
        if submission.file_name.startswith("R04 3.17"):
            raise ConfigurationError("a rule cannot be evaluated")
        return load_submission(connection, submission, evaluation)

    monkeypatch.setattr(processing, "load_submission", broken)
    for day in ("16", "17", "18"):
        inbox.drop("TAX", f"R04 3.{day}.csv", tax(tax_row(int(day), day=f"2020-03-{day}")))
    collect(inbox.settings, settle_seconds=0)
    with pytest.raises(ConfigurationError, match=r"R04 3\.17.*cannot be evaluated"):
        pipeline.process_department(inbox.settings, "TAX")
    assert inbox.rows("SELECT file_name, state FROM intake.submission ORDER BY file_name") == [
        ("R04 3.16.csv", "accepted"),
        ("R04 3.17.csv", "received"),
        ("R04 3.18.csv", "accepted"),
    ]
    monkeypatch.undo()
    assert [outcome.state for outcome in pipeline.process_department(inbox.settings, "TAX")] == ["accepted"]


def test_the_lines_of_a_file_in_the_wrong_inbox_are_counted(inbox: Inbox) -> None:
    outcome = inbox.send("GXJ", "R04 3.18.csv", tax(tax_row(1), tax_row(2)))
    assert (outcome.state, outcome.rows_read, outcome.rows_set_aside) == ("rejected", 2, 2)
    assert inbox.codes(outcome) == {"wrong-department"}


def test_a_row_that_goes_back_is_not_said_to_be_taken_as_empty(inbox: Inbox) -> None:
    header = [*TAX_HEADER, "退税额(元)"]
    rows = [[*tax_row(1, "约3500"), "暂无"], [*tax_row(2), "暂无"]]
    outcome = inbox.send("TAX", "R04 3.18.csv", as_csv(header, rows))
    assert (outcome.state, outcome.rows_set_aside) == ("partly_accepted", 1)
    told = inbox.rows("SELECT row_number FROM intake.finding WHERE code = 'taken-as-empty'")
    assert told == [(3,)]


def test_history_that_arrives_after_its_withdrawal_is_withdrawn(inbox: Inbox) -> None:
    inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1)), at=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))
    inbox.send("TAX", "R04 3.18 作废.csv", b"", at=datetime(2020, 3, 19, 11, tzinfo=SHANGHAI))
    late = inbox.send("TAX", "R04 3.18 补.csv", tax(tax_row(2)), at=datetime(2020, 3, 19, 10, tzinfo=SHANGHAI))
    assert inbox.state(late) == "withdrawn"
    assert inbox.keys("tax_relief", "doc_id") == []


def test_a_file_that_our_configuration_cannot_judge_waits_and_its_sender_hears_nothing_false(
    inbox: Inbox, tmp_path: Path
) -> None:
    lacking = tmp_path / "lacking"
    shutil.copytree(inbox.settings.district / "include", lacking / "include")
    shutil.copytree(inbox.settings.district / "expectations", lacking / "expectations")
    (lacking / "expectations" / "tax_relief.json").unlink()
    inbox.send("TAX", "R04 3.17.csv", tax(tax_row(7, day="2020-03-17")))
    inbox.drop("TAX", "R04 3.18.csv", tax(tax_row(1)))
    collect(inbox.settings, settle_seconds=0)
    with pytest.raises(ConfigurationError, match="tax_relief: no suite"):
        pipeline.process_department(dataclasses.replace(inbox.settings, district=lacking), "TAX")
    assert inbox.rows("SELECT state, replied_at FROM intake.submission WHERE file_name = 'R04 3.18.csv'") == [("received", None)]
    assert list((inbox.settings.outbox / "TAX").glob("R04 3.18*")) == []
    remind(inbox.settings, now=datetime(2020, 3, 19, 18, tzinfo=SHANGHAI))
    note = inbox.settings.outbox / "TAX" / "催报.txt"
    said = note.read_text(encoding="utf-8-sig")
    assert "尚未收到" not in said
    assert "R04 3.18.csv" in said
    assert [outcome.state for outcome in pipeline.process_department(inbox.settings, "TAX")] == ["accepted"]
