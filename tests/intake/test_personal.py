"""Personal data outside the rows of a table: in names, titles, signatures, other sheets, comments and document properties."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from fugong.core.settings import TRIAL
from fugong.intake.collect import collect
from fugong.intake.pipeline import process_department
from fugong.intake.types import Outcome
from fugong.storage import quarantine
from fugong.storage.archive import archived
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_xlsx, tax_row

ID_NUMBER = "110101199003071233"  # made up, like every number here; its check digit fits
MOBILE = "13800138000"
CARD = "6222020012345678903"
NAME = "20200318_R04_TAX_V1.xlsx"

Change = Callable[[openpyxl.Workbook, str], object]


def in_title(book: openpyxl.Workbook, number: str) -> None:
    sheet = book.worksheets[0]
    sheet.insert_rows(1)
    sheet["A1"] = f"税费减免退日报(联系人 {number})"


def in_signature(book: openpyxl.Workbook, number: str) -> None:
    book.worksheets[0].append([f"填报人:张三 {number}"])


def in_telephone_line(book: openpyxl.Workbook, number: str) -> None:
    book.worksheets[0].append(["联系电话", number])


def in_comment(book: openpyxl.Workbook, number: str) -> None:
    book.worksheets[0]["B2"].comment = Comment(f"问张三 {number}", "张三")


def in_author(book: openpyxl.Workbook, number: str) -> None:
    book.properties.creator = f"张三{number}"


def in_keywords(book: openpyxl.Workbook, number: str) -> None:
    book.properties.keywords = number


def in_footer(book: openpyxl.Workbook, number: str) -> None:
    book.worksheets[0].oddFooter.left.text = f"电话 {number}"


def in_defined_name(book: openpyxl.Workbook, number: str) -> None:
    book.defined_names["contact"] = DefinedName("contact", attr_text=f'"{number}"')


def in_hidden_sheet(book: openpyxl.Workbook, number: str) -> None:
    sheet = book.create_sheet("通讯录")
    sheet.append(["张三", f"电话{number}"])
    sheet.sheet_state = "hidden"


def in_sheet_name(book: openpyxl.Workbook, number: str) -> None:
    book.worksheets[0].title = f"退税 {number}"


PLACES = [
    in_title, in_signature, in_telephone_line, in_comment, in_author, in_keywords, in_footer, in_defined_name, in_hidden_sheet,
    in_sheet_name,
]  # fmt: skip


def changed(change: Change, number: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2)])))
    change(book, number)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sha256(inbox: Inbox, outcome: Outcome) -> str:
    return str(inbox.rows("SELECT sha256 FROM intake.submission WHERE submission_id = %s", outcome.submission_id)[0][0])


def everything_kept(inbox: Inbox) -> str:
    """All that the warehouse holds on submissions, and all that lies in the open with its names, as text."""
    tables = ("intake.submission", "intake.part", "intake.finding", "intake.set_aside_row", "report.tax_relief")
    texts = [str(inbox.rows(f"SELECT string_agg(held::text, '') FROM {table} AS held")[0][0]) for table in tables]
    for folder in (inbox.settings.outbox, inbox.settings.archive, inbox.settings.spool, inbox.settings.inbox):
        texts += [f"{path.name} {text_of(path)}" for path in folder.rglob("*") if path.is_file()]
    return "".join(texts)


def text_of(path: Path) -> str:
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("change", PLACES)
def test_a_telephone_number_outside_the_rows_is_told_and_sealed(inbox: Inbox, change: Change) -> None:
    content = changed(change, MOBILE)
    outcome = inbox.send("TAX", NAME, content)
    assert (outcome.state, outcome.rows_accepted) == ("accepted", 2)
    assert "personal-contact" in inbox.codes(outcome)
    assert "138****8000" in everything_kept(inbox)
    assert MOBILE not in everything_kept(inbox)
    assert not archived(inbox.settings, sha256(inbox, outcome)).exists()
    assert b"".join(quarantine.opened(inbox.settings, sha256(inbox, outcome))) == content
    assert inbox.is_balanced()


@pytest.mark.parametrize("number", [ID_NUMBER, CARD])
@pytest.mark.parametrize("change", PLACES)
def test_an_id_number_or_a_card_anywhere_sends_the_file_back(inbox: Inbox, change: Change, number: str) -> None:
    content = changed(change, number)
    outcome = inbox.send("TAX", NAME, content)
    assert (outcome.state, outcome.rows_accepted) == ("rejected", 0)
    assert "personal-data" in inbox.codes(outcome)
    assert number not in everything_kept(inbox)
    assert b"".join(quarantine.opened(inbox.settings, sha256(inbox, outcome))) == content


@pytest.mark.parametrize(
    ("number", "state", "code"), [(MOBILE, "accepted", "personal-contact"), (ID_NUMBER, "rejected", "personal-data")]
)
def test_a_number_in_the_name_of_a_file_is_masked_wherever_the_name_is_kept(
    inbox: Inbox, number: str, state: str, code: str
) -> None:
    outcome = inbox.send("TAX", f"20200318_R04_TAX_V1_张三{number}.xlsx", as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2)]))
    assert outcome.state == state
    assert code in inbox.codes(outcome)
    assert number not in everything_kept(inbox)
    assert quarantine.sealed(inbox.settings, sha256(inbox, outcome)).exists()


def test_a_file_that_is_no_report_is_sealed_too(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "通讯录.xlsx", as_xlsx(["姓名", "证件"], [["张三", ID_NUMBER]]))
    assert (outcome.state, "personal-data" in inbox.codes(outcome)) == ("rejected", True)
    assert ID_NUMBER not in everything_kept(inbox)


def test_totals_and_numbers_of_the_sender_beside_the_table_are_no_telephones(inbox: Inbox) -> None:
    rows = [tax_row(1), tax_row(2), ["合计", *[None] * 8, "13800138000"]]
    outcome = inbox.send("TAX", NAME, as_xlsx(TAX_HEADER, rows))
    assert "personal-contact" not in inbox.codes(outcome)


def test_what_was_only_tried_goes_back_beside_its_receipt(inbox: Inbox) -> None:
    folder = inbox.settings.inbox / "TAX" / TRIAL
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(changed(in_comment, ID_NUMBER))
    collect(inbox.settings, settle_seconds=0)
    process_department(inbox.settings, "TAX")
    [receipt] = (inbox.settings.outbox / "TAX" / TRIAL).glob("*.json")
    assert "试投的不保存,原件退还" in receipt.read_text(encoding="utf-8")
    assert (receipt.parent / NAME).exists()
    assert not list(inbox.settings.quarantine.glob("*"))


def test_a_sealed_file_is_mended_by_its_workbook_like_any_other(inbox: Inbox) -> None:
    rows = [tax_row(1), tax_row(2, "约3500"), [f"填报人:张三 {MOBILE}"]]
    first = inbox.send("TAX", NAME, as_xlsx(TAX_HEADER, rows))
    assert first.state == "partly_accepted"
    assert not archived(inbox.settings, sha256(inbox, first)).exists()
    [path] = (inbox.settings.outbox / "TAX").glob("*.回执.xlsx")
    book = openpyxl.load_workbook(path)
    book["退回行"]["K4"] = 3500
    out = io.BytesIO()
    book.save(out)
    mended = inbox.send("TAX", path.name, out.getvalue())
    assert (mended.state, mended.rows_accepted) == ("accepted", 1), inbox.receipt(mended)["findings"]
    assert inbox.state(first) == "accepted"
    assert MOBILE not in everything_kept(inbox)


def test_what_comes_back_with_a_number_beside_our_rows_is_sealed_too(inbox: Inbox) -> None:
    first = inbox.send("TAX", NAME, as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2, "约3500")]))
    [path] = (inbox.settings.outbox / "TAX").glob("*.回执.xlsx")
    book = openpyxl.load_workbook(path)
    book["退回行"]["K4"] = 3500
    book.create_sheet("通讯录").append(["张三", ID_NUMBER])
    out = io.BytesIO()
    book.save(out)
    mended = inbox.send("TAX", path.name, out.getvalue())
    assert (mended.state, "personal-data" in inbox.codes(mended)) == ("rejected", True)
    assert ID_NUMBER not in everything_kept(inbox)
    assert inbox.state(first) == "partly_accepted"
