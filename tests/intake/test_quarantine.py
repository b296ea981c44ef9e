"""A file with personal data in its table goes back whole: nothing of it is loaded or shown, and its original is sealed."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from fugong.intake.collect import collect
from fugong.intake.evaluate import MIN_STREAMED_ROWS
from fugong.intake.types import Outcome
from fugong.operations.retention import tidy
from fugong.operations.task_result import Result
from fugong.storage import quarantine
from fugong.storage.archive import archived
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, as_xlsx, tax_row

ID_NUMBER = "110101199003071233"  # made up, like every number here; its check digit fits
MOBILE = "13800138000"
CARD = "6222020012345678903"
NAME = "20200318_R04_TAX_V1.xlsx"


def with_extra(cells: list[str]) -> bytes:
    """Good lines with a column that the contract does not know."""
    return as_xlsx([*TAX_HEADER, "经办人"], [[*tax_row(number), cell] for number, cell in enumerate(cells, 1)])


def sha256(inbox: Inbox, outcome: Outcome) -> str:
    return str(inbox.rows("SELECT sha256 FROM intake.submission WHERE submission_id = %s", outcome.submission_id)[0][0])


def everything_kept(inbox: Inbox) -> str:
    """All that the warehouse holds on submissions, and all that lies in the open, as text."""
    texts = [
        str(inbox.rows(f"SELECT string_agg(held::text, '') FROM {table} AS held")[0][0])
        for table in ("intake.submission", "intake.part", "intake.finding", "intake.set_aside_row", "report.tax_relief")
    ]
    for folder in (inbox.settings.outbox, inbox.settings.archive, inbox.settings.spool, inbox.settings.inbox):
        texts += [text_of(path) for path in folder.rglob("*") if path.is_file()]
    return "".join(texts)


def text_of(path: Path) -> str:
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("content", "cell", "shown", "what"),
    [
        (with_extra(["张三", f"李四{MOBILE}"]), "N3", "138****8000", "手机号"),
        (with_extra([ID_NUMBER, "李四"]), "N2", "110***********1233", "身份证号"),
        (as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2, 政策文号=CARD)]), "H3", "622************8903", "银行卡号"),
        (as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2, 统一社会信用代码=ID_NUMBER)]), "B3", "110***********1233", "身份证号"),
        (as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2, 凭证号=ID_NUMBER)]), "A3", "110***********1233", "身份证号"),
        (as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2, 业务日期=f"问{MOBILE}")]), "L3", "138****8000", "手机号"),
    ],
)
def test_personal_data_in_a_cell_of_the_table_quarantines_the_file(
    inbox: Inbox, content: bytes, cell: str, shown: str, what: str
) -> None:
    outcome = inbox.send("TAX", NAME, content)
    assert (outcome.state, outcome.rows_read, outcome.rows_accepted, outcome.rows_set_aside) == ("rejected", 2, 0, 2)
    [found] = [item for item in inbox.receipt(outcome)["findings"] if item["code"] == "personal-data"]
    assert (found["cell"], found["severity"]) == (cell, "rejected")
    assert shown in found["value"]
    assert what in found["message_zh"]
    assert "请删除表内的身份证号" in found["message_zh"]
    assert inbox.rows("SELECT COUNT(*) FROM report.tax_relief") == [(0,)]
    kept = everything_kept(inbox)
    assert cell in kept
    assert not [number for number in (ID_NUMBER, MOBILE, CARD) if number in kept]
    assert b"".join(quarantine.opened(inbox.settings, sha256(inbox, outcome))) == content
    assert inbox.is_balanced()


def test_the_mended_file_is_taken(inbox: Inbox) -> None:
    inbox.send("TAX", NAME, with_extra(["张三", MOBILE]))
    assert inbox.send("TAX", NAME, with_extra(["张三", "李四"])).state == "accepted"


def test_an_operators_telephone_around_the_table_is_not_held_against_the_file_and_its_original_is_sealed(inbox: Inbox) -> None:
    rows = [tax_row(1), tax_row(2), [f"填报人:张三 {MOBILE}"], ["联系电话", MOBILE]]
    outcome = inbox.send("TAX", NAME, as_xlsx(TAX_HEADER, rows, [f"税费减免退日报(联系人 {MOBILE})"]))
    assert (outcome.state, outcome.rows_accepted, outcome.rows_not_data) == ("accepted", 2, 2)
    assert inbox.codes(outcome) >= {"personal-contact"}
    assert quarantine.sealed(inbox.settings, sha256(inbox, outcome)).exists()
    assert MOBILE not in "".join(
        str(inbox.rows(f"SELECT string_agg(held::text, '') FROM {table} AS held"))
        for table in ("intake.submission", "intake.part", "intake.finding", "report.tax_relief")
    )


def test_keys_and_accounts_are_not_taken_for_telephones_and_cards(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", NAME, as_xlsx(TAX_HEADER, [tax_row(1, 凭证号=MOBILE), tax_row(2, 凭证号=CARD)]))
    assert (outcome.state, outcome.rows_accepted) == ("accepted", 2)
    assert inbox.keys("tax_relief", "doc_id") == [MOBILE, CARD]


def test_of_a_large_file_nothing_is_loaded_either(inbox: Inbox) -> None:
    rows = [tax_row(number) for number in range(MIN_STREAMED_ROWS)]
    rows[-1] = tax_row(MIN_STREAMED_ROWS, 政策文号=f"电话{MOBILE}")
    outcome = inbox.send("TAX", "20200318_R04_TAX_V1.csv", as_csv(TAX_HEADER, rows))
    assert (outcome.state, outcome.rows_set_aside, inbox.codes(outcome)) == ("rejected", MIN_STREAMED_ROWS, {"personal-data"})
    assert inbox.rows("SELECT COUNT(*) FROM report.tax_relief") == [(0,)]


def test_many_hits_are_counted_and_few_are_shown(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", NAME, with_extra([MOBILE] * 1200))
    [(n_rows, n_same)] = inbox.rows("SELECT COUNT(*), SUM(n_same) FROM intake.finding WHERE code = 'personal-data'")
    assert (outcome.state, n_rows, n_same) == ("rejected", 1000, 1200)


def test_what_a_killed_run_left_in_the_open_is_sealed_by_the_next(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    content = with_extra([MOBILE])
    with monkeypatch.context() as patch:
        patch.setattr("fugong.intake.processor.seal_all", killed)
        with pytest.raises(KeyboardInterrupt):
            inbox.send("TAX", NAME, content)
    [(digest,)] = inbox.rows("SELECT sha256 FROM intake.submission")
    assert archived(inbox.settings, str(digest)).exists()
    collect(inbox.settings, settle_seconds=0)
    assert not archived(inbox.settings, str(digest)).exists()
    assert b"".join(quarantine.opened(inbox.settings, str(digest))) == content


def test_the_same_bytes_sent_again_are_judged_and_sealed_again(inbox: Inbox) -> None:
    content = with_extra([MOBILE])
    first, second = (inbox.send("TAX", NAME, content) for _ in range(2))
    assert [first.state, second.state] == ["rejected", "rejected"]
    assert not archived(inbox.settings, sha256(inbox, second)).exists()


def test_bytes_that_somebody_still_has_to_read_are_not_sealed(inbox: Inbox) -> None:
    content = with_extra([MOBILE])
    for name in (NAME, "20200318_R04_TAX_V2.xlsx"):
        inbox.drop("TAX", name, content)
    assert [outcome.state for outcome in inbox.ingest()] == ["rejected", "rejected"]
    assert {path.name for path in inbox.settings.quarantine.iterdir()} == {
        sha256(inbox, inbox.send("TAX", NAME, content)),
    }


@pytest.mark.parametrize("file_time", [0.0, 4e9])
def test_sealed_originals_go_a_week_after_their_answer_whatever_the_time_of_the_file(inbox: Inbox, file_time: float) -> None:
    old, young = (
        sha256(inbox, inbox.send("TAX", f"2020031{day}_R04_TAX_V1.xlsx", with_extra([f"{MOBILE} {day}"]))) for day in (7, 8)
    )
    for digest in (old, young):
        os.utime(quarantine.sealed(inbox.settings, digest), (file_time, file_time))
    with connect(inbox.settings) as connection:
        for digest, days in ((old, 7.1), (young, 6.9)):
            connection.execute(
                "UPDATE intake.submission SET replied_at = now() - make_interval(secs => %s) WHERE sha256 = %s",
                (days * 86400, digest),
            )
        assert quarantine.delete_old(connection, inbox.settings) == 1
    assert [path.name for path in inbox.settings.quarantine.iterdir()] == [young]


def test_a_sealed_original_that_the_warehouse_does_not_know_stays_and_is_told(inbox: Inbox) -> None:
    known, strange = sha256(inbox, inbox.send("TAX", NAME, with_extra([MOBILE]))), "0" * 64
    assert [one.task for one in tidy(inbox.settings) if one.outcome is not Result.WELL] == []
    quarantine.sealed(inbox.settings, strange).write_bytes(b"sealed")
    [told] = [one for one in tidy(inbox.settings) if one.outcome is not Result.WELL]
    assert (told.task, told.outcome, told.n) == ("sealed-files-unknown", Result.NOTICE, 1)
    assert strange in told.en
    assert {path.name for path in inbox.settings.quarantine.iterdir()} == {known, strange}
