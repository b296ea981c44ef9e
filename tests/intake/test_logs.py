"""Nothing that is logged, printed or kept holds a number that a receipt masks, wherever it was typed."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from fugong.core.settings import TRIAL
from fugong.intake.collect import collect
from fugong.intake.pipeline import process_department
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_xlsx, tax_row
from tests.intake.test_personal import everything_kept

ID_NUMBER = "110101199003071233"  # made up, like every number here; its check digit fits
MOBILE = "13800138000"
CARD = "6222020012345678903"


def header_with_remark(sheet: Worksheet, number: str) -> None:
    sheet["J1"] = f"减免税额(不懂问{number})"


def unit_line(sheet: Worksheet, number: str) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = f"单位:元 联系人{number}"


def header_beside(sheet: Worksheet, number: str) -> None:
    sheet["N1"] = f"经办{number}"
    sheet["N2"] = "张三"


def unknown_header(sheet: Worksheet, number: str) -> None:
    sheet["P1"], sheet["P2"] = "序", f"第二张表 {number}"


def cell_in_fullwidth(sheet: Worksheet, number: str) -> None:
    sheet["H2"] = "".join(chr(ord(one) + 0xFEE0) for one in number)


def cell_over_lines(sheet: Worksheet, number: str) -> None:
    sheet["H2"] = f"{number[:3]}\n{number[3:]}" if len(number) == len(MOBILE) else f"{number[:6]}\n{number[6:]}"


def amount(sheet: Worksheet, number: str) -> None:
    sheet["J2"] = f"约{number}"


def merged_note(sheet: Worksheet, number: str) -> None:
    sheet["A5"] = f"注:金额单位为元,{number}"
    sheet.merge_cells("A5:F5")


def total_line(sheet: Worksheet, number: str) -> None:
    sheet["A5"], sheet["B5"], sheet["J5"] = "合计", f"审核{number}", 2000


def later_header(sheet: Worksheet, number: str) -> None:
    for at, text in enumerate(TAX_HEADER, 1):
        sheet.cell(6, at, f"{text}{number}" if at == 10 else text)
        sheet.cell(7, at, tax_row(9)[at - 1])


def second_sheet_name(sheet: Worksheet, number: str) -> None:
    sheet.parent.create_sheet(f"退 {number}").append(["无"])


PLACES: list[Callable[[Worksheet, str], object]] = [
    header_with_remark, unit_line, header_beside, unknown_header, cell_in_fullwidth, cell_over_lines, amount, merged_note, total_line,
    later_header, second_sheet_name,
]  # fmt: skip


def made(place: Callable[[Worksheet, str], object], number: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(TAX_HEADER, [tax_row(1), tax_row(2)])))
    place(book.worksheets[0], number)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("number", [MOBILE, ID_NUMBER])
def test_no_number_is_logged_printed_or_kept(
    inbox: Inbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], number: str
) -> None:
    caplog.set_level(logging.DEBUG)
    for day, place in enumerate(PLACES, 1):
        inbox.drop("TAX", f"202003{day:02d}_R04_TAX_V1.xlsx", made(place, number))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"张三{number}/20200318_R04_TAX_V1.xlsx", made(second_sheet_name, number))
        archive.writestr(f"{number}.pdf", b"%PDF-1.4")
    inbox.drop("TAX", f"20200317 R04 {number[:-8]} {number[-8:]}.zip", packed.getvalue())
    trial = inbox.settings.inbox / "TAX" / TRIAL
    trial.mkdir()
    (trial / f"20200316_R04_{number}.xlsx").write_bytes(made(amount, number))
    collect(inbox.settings, settle_seconds=0)
    process_department(inbox.settings, "TAX")
    states = inbox.rows("SELECT file_name, state FROM intake.submission ORDER BY submission_id")
    assert len(states) == len(PLACES) + 1
    out, err = capfd.readouterr()
    back = inbox.settings.outbox / "TAX" / TRIAL
    for path in back.glob("*R04*.xlsx"):  # what was only tried goes back as it came
        path.unlink()
    for where, text in (("logs", caplog.text), ("stdout", out), ("stderr", err), ("kept", everything_kept(inbox))):
        squeezed = "".join(text.split())
        found = squeezed.find(number)
        assert found < 0, (where, squeezed[max(0, found - 300) : found + 60])
