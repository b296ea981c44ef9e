"""Make the pictures of the page for departments from real files: a filled template, and the receipt that Fugong writes for it.

Needs LibreOffice, pdftoppm (poppler) and ImageMagick, which nothing else of the project needs; run it by hand after the template or the
receipt has changed, look at the pictures, and commit them. `--keep DIR` also leaves the two workbooks and the receipt's text in DIR.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "plugins"))

import openpyxl  # noqa: E402

from fugong.contracts.code_list import load_code_lists  # noqa: E402
from fugong.contracts.load import load_contracts  # noqa: E402
from fugong.core.settings import Settings  # noqa: E402
from fugong.core.vocabulary import ReceiptSheet  # noqa: E402
from fugong.documentation.template import HEADER_ROW, MONEY_CHOICES, write_template  # noqa: E402
from fugong.intake.collect import Arrival, collect_arrival  # noqa: E402
from fugong.intake.processor import SubmissionProcessor  # noqa: E402
from fugong.intake.submissions import find_submission  # noqa: E402
from fugong.operations import setup  # noqa: E402
from fugong.validation.suite import load_suites  # noqa: E402
from fugong.warehouse.connection import connect_as_loader  # noqa: E402
from fugong.warehouse.embedded import server as embedded  # noqa: E402

IMAGES = PROJECT / "docs/images"
REPORT, DEPARTMENT, UNIT_NAME = "R13", "CZJ", "区财政局"
DAY, FILE_NAME = date(2020, 3, 18), "奖补资金台账(3月18日).xlsx"
ARRIVED = datetime.fromisoformat("2020-03-19T08:41:00+08:00")
ROWS: Sequence[Mapping[str, object]] = (
    {"uscc": "91410106Y00000016N", "item": "设备再补贴", "recognised_investment": 200, "upper_subsidy": 40, "subsidy_ratio": 0.25,
     "approved": 10, "paid": 10, "paid_date": date(2020, 3, 10)},
    {"uscc": "91410106Y00000024H", "item": "技改再补贴", "recognised_investment": 86.4, "upper_subsidy": 21.6, "subsidy_ratio": 0.2,
     "approved": 4.32, "paid": 4.32, "paid_date": date(2020, 3, 12)},
    {"uscc": "91410106Y00000032C", "item": "防疫物资", "approved": "约35", "paid": 0},
    {"uscc": 9.14101e17, "item": "稳增长", "approved": 5, "paid": 5, "paid_date": date(2020, 3, 18)},
)  # fmt: skip
"""What a clerk has filled in, money in 万元: two good rows, an amount that is about right, and a credit code whose digits the spreadsheet ate."""
LAST_DRAWN = "approved"
"""The last column of the template that is drawn, so that its letters stay legible."""
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include>/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>微软雅黑</string></test>
<edit name="family" mode="assign" binding="strong"><string>Noto Sans CJK SC</string></edit></match></fontconfig>"""
"""The template's font is not free; its free neighbour is drawn instead."""
DOTS_PER_INCH = 130


def fill(template: Path, path: Path) -> None:
    """Fill a template in as a clerk does. Its first sheet is to be printed with the letters of columns and the numbers of rows."""
    book = openpyxl.load_workbook(template)
    page: Any = book.worksheets[0]
    page["B2"], page["D2"], page["E2"] = UNIT_NAME, DAY, MONEY_CHOICES[1]
    names = [column.name for column in load_contracts(PROJECT / "include/contracts").find(REPORT).tables[0].columns]
    for number, row in enumerate(ROWS, start=1):
        filled = {
            "payment_id": f"2020-{number:03d}",
            "clause_id": "第12条",
            "fund_source": "区本级",
            "doc_no": f"财预〔2020〕{number}号",
        }
        for name, value in {**filled, **row}.items():
            cell = page.cell(HEADER_ROW + 2 + number, names.index(name) + 1)
            column = page.column_dimensions[cell.column_letter]
            cell.font, cell.alignment, cell.number_format = copy(column.font), copy(column.alignment), column.number_format
            cell.value = value
    page.print_options.headings = True
    page.print_area = f"A1:{page.cell(1, names.index(LAST_DRAWN) + 1).column_letter}{HEADER_ROW + 3 + len(ROWS)}"
    book.save(path)


def receive(settings: Settings) -> Path:
    """The workbook of the receipt for what lies in the inbox."""
    setup.init(settings)
    with SubmissionProcessor.open(settings) as processor, connect_as_loader(settings, autocommit=True) as connection:
        arrival = Arrival(f"{DEPARTMENT}/{FILE_NAME}", ARRIVED)
        submission, state, _ = find_submission(connection, collect_arrival(connection, settings, arrival))
        processor.process(submission, state)
    (made,) = (settings.outbox / DEPARTMENT).glob("*.回执.xlsx")
    return made


def shorten(receipt: Path, path: Path) -> None:
    """Copy a receipt's workbook without the columns of the returned rows in which nothing stands, so that the others stay legible."""
    book = openpyxl.load_workbook(receipt)
    page: Any = book[ReceiptSheet.RETURNED]
    for column in page.iter_cols(min_row=4):
        page.column_dimensions[column[0].column_letter].hidden = all(cell.value in (None, "") for cell in column)
    book.save(path)


def draw(workbook: Path, pages: Mapping[int, str], work: Path) -> None:
    """Print a workbook and keep some of its pages as pictures without their margins.

    Args:
        pages: number of the printed page → name of the picture in docs/images.
    """
    (work / "fonts.conf").write_text(FONTS, encoding="utf-8")
    (work / "pdf").mkdir(exist_ok=True)
    office = [
        "soffice",
        f"-env:UserInstallation=file://{work}/office",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        work / "pdf",
        workbook,
    ]
    subprocess.run(office, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "FONTCONFIG_FILE": str(work / "fonts.conf")})
    printed = work / "pdf" / f"{workbook.stem}.pdf"
    for number, name in pages.items():
        drawn = work / name
        one = ["-f", str(number), "-l", str(number), "-singlefile"]
        subprocess.run(["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", *one, printed, drawn.with_suffix("")], check=True)
        smaller = [
            "-gravity",
            "south",
            "-chop",
            "0x6%",
            "+dither",
            "-trim",
            "+repage",
            "-bordercolor",
            "white",
            "-border",
            "10",
            "-colors",
            "64",
            "-strip",
        ]
        subprocess.run(["convert", drawn, *smaller, f"PNG8:{IMAGES / name}"], check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="a folder that gets the workbooks and the receipt's text")
    keep = parser.parse_args(arguments).keep
    if missing := [tool for tool in ("soffice", "pdftoppm", "convert") if shutil.which(tool) is None]:
        print(f"Not installed: {', '.join(missing)}.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "home", PROJECT, None)
        contracts = load_contracts(PROJECT / "include/contracts")
        code_lists = load_code_lists(PROJECT / "include/reference/code_list.csv")
        template, sent = Path(folder) / "template.xlsx", settings.inbox / DEPARTMENT / FILE_NAME
        write_template(contracts.find(REPORT), code_lists, load_suites(PROJECT / "expectations", contracts.tables), template)
        sent.parent.mkdir(parents=True)
        fill(template, sent)
        kept = Path(shutil.copy(sent, folder))
        try:
            receipt = receive(settings)
        finally:
            embedded.remove(settings.home)
        draw(kept, {1: "department_template.png"}, Path(folder))
        drawn = Path(folder) / "receipt.xlsx"
        shorten(receipt, drawn)
        draw(drawn, {1: "department_receipt.png", 2: "department_returned_rows.png"}, Path(folder))
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            for file in (template, kept, *receipt.parent.iterdir()):
                if file.is_file():
                    shutil.copy(file, keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
