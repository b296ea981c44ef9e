"""A workbook of 50,000 × 12 cells, read and typed."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import openpyxl

from fugong.core.time import SHANGHAI
from fugong.intake.evaluate import evaluate
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.bench.installation import Installation
from tests.bench.measure import Cost, timed
from tests.bench.payments import HEADER, payment_rows

CELLS = 50_000 * 12


def write_workbook(file: Path, rows: int) -> Path:
    """A sheet with a title, the header and so many payments."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("拨付")
    sheet.append(["测速拨付日报", None, "统计日期 2020-03-18"])
    sheet.append(HEADER.split(","))
    for row in payment_rows(rows):
        sheet.append(row)
    book.save(file)
    return file


def read_and_type(place: Installation, rounds: int, rows: int = 50_000) -> list[Cost]:
    """Costs of reading a workbook and typing its cells, by a reader that has read before."""
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder, Reader() as reader:
        file = write_workbook(Path(folder) / "payments.xlsx", rows)
        context = IntakeContext.load(place.settings, reader)
        for number in range(rounds + 1):
            work = Path(folder) / str(number)
            work.mkdir()

            def run(work: Path = work) -> None:
                found = evaluate(
                    context,
                    file,
                    file_name="R90 测速拨付日报 2020-03-18.xlsx",
                    department="CZJ",
                    received_at=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI),
                    work=work,
                )
                if found.is_rejected or found.n_data != rows or found.findings.findings:
                    raise AssertionError(f"not what was to be measured: {found.findings.findings[:3]}")

            costs.append(timed(run))
    return costs[1:]
