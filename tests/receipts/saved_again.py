"""A report as departments write them, and its receipt's workbook as LibreOffice saves it again, unmended.

The tests need no LibreOffice: what it made is kept in the folder of the same name. Made anew by `python -m tests.receipts.saved_again`.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

import openpyxl

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import Arrival, collect_arrival
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.submissions import find_submission
from fugong.operations import setup
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import INDUSTRY_HEADER, as_xlsx, industry_row

FOLDER = Path(__file__).with_suffix("")
FILE_NAME = "R01 3.18最终版.xlsx"
ENDINGS = ("xlsx", "xls", "ods")


def report() -> bytes:
    """A daily report with everything that a program may write differently when it saves it again; one row is faulty."""
    header = [*INDUSTRY_HEADER, "需协调问题", "备注"]
    rows: list[list[object]] = [[*industry_row(number), "", ""] for number in range(1, 13)]
    rows[0][8:10] = [100, 95.0]
    rows[1][7] = date(2020, 2, 10)
    rows[2][7] = datetime(2020, 2, 10)
    rows[3][9] = "约90"
    rows[4][11] = "口罩2000只\n测温枪10把"
    rows[4][12] = "  已联系  社区 "
    rows[5][11] = '=HYPERLINK("http://example.com","点我")'
    rows[5][12] = "- 红冲"
    rows[6][8], rows[6][9] = "1,250", "+90"
    rows[7][11], rows[7][12] = "联系电话 0371-68912345", "#N/A"
    rows[8][11], rows[8][12] = "00123", "123456789012345678"
    rows[9][11], rows[9][12] = 0.1 + 0.2, -1379.8800
    rows[10][11], rows[10][12] = 20200318000045, "TRUE"
    rows[11][11], rows[11][12] = "１２３（全角）", "'已核"
    content = as_xlsx(header, rows, ["规上工业企业复工复产日报", "统计日期:2020年3月18日    金额单位:万元"])
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    for row in page.iter_rows(min_row=4):
        for cell in row[11:13]:
            if cell.data_type == "f":
                cell.data_type = "s"
    page.merge_cells("A1:M1")
    page.merge_cells("A2:M2")
    page.row_dimensions[9].hidden = True
    book.create_sheet("Sheet2")
    book.create_sheet("说明").append(["数据来源", "各镇办", 1.50])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(Path(home), PROJECT, None)
        setup.init(settings)
        path = settings.inbox / "GXJ" / FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(report())
        with SubmissionProcessor.open(settings) as processor, connect(settings, autocommit=True) as connection:
            arrival = Arrival(f"GXJ/{FILE_NAME}", datetime.fromisoformat("2020-03-19T09:00:00+08:00"))
            submission, state, _ = find_submission(connection, collect_arrival(connection, settings, arrival))
            outcome = processor.process(submission, state)
        [made] = (settings.outbox / "GXJ").glob("*.回执.xlsx")
        print(outcome, made.name)
        for ending in ENDINGS:
            subprocess.run(
                [
                    "soffice",
                    f"-env:UserInstallation=file://{home}/office",
                    "--headless",
                    "--convert-to",
                    ending,
                    "--outdir",
                    FOLDER,
                    made,
                ],
                check=True,
            )
            (FOLDER / f"{made.stem}.{ending}").rename(FOLDER / f"unmended.{ending}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
