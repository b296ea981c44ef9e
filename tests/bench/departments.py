"""Eight departments that each drop a file of many rows at once: files made of the sample district's own rows."""

from __future__ import annotations

import csv
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
from psycopg import sql

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Column
from fugong.contracts.load import load_contracts
from fugong.core.settings import Settings
from fugong.intake.collect import collect
from fugong.intake.pipeline import process_department
from fugong.intake.types import Outcome
from tests.bench.installation import Installation
from tests.bench.payments import firm_code

SENT = {
    "TJJ": "enterprise",
    "GXJ": "industry_resumption",
    "SWJ": "service_resumption",
    "ZJJ": "site_resumption",
    "TAX": "tax_relief",
    "RSJ": "social_insurance_relief",
    "GSGS": "water_bill",
    "JRB": "loan",
}
WORKBOOKS = frozenset({"GXJ", "TAX", "JRB", "RSJ"})
"""They send workbooks, the others CSV."""


def write_files(place: Installation, folder: Path, day: date, rows: int) -> dict[str, Path]:
    """Department → its file for a day: good rows of the sample under new keys."""
    tables = load_contracts(place.settings.include / "contracts")
    lists = load_code_lists(place.settings.include / "reference" / "code_list.csv")
    codes = [firm_code(5_000_000 + number) for number in range(rows)]  # none of the sample district has such a number
    out: dict[str, Path] = {}
    for department, name in SENT.items():
        table = tables.tables[name]
        contract = next(one for one in tables if table in one.tables)
        with psycopg.connect(place.url) as connection:
            cursor = connection.execute(
                sql.SQL(
                    "SELECT {} FROM asof.{} WHERE report_date <= %s ORDER BY report_date DESC, part_id, row_number LIMIT 100"
                ).format(sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns), sql.Identifier(name)),
                (day,),
            )
            given = cursor.fetchall()

        def typed(column: Column, value: Any, number: int) -> Any:
            if column.format == "uscc":
                return codes[number]
            is_number = column.key_position is not None and column.physical_type == "text"
            if is_number and column.format is None and column.code_list is None:
                return f"{value}{number:06d}"
            if value is None:
                return None
            if column.unit == "%":
                return f"{100 * value:f}%"  # as a bare number it may be a percent or a fraction, and goes back
            if column.code_list:
                return lists[column.code_list].name_of(str(value).lower() if isinstance(value, bool) else value)
            return value.isoformat() if isinstance(value, date) else value

        header = [column.header + (f"({column.unit})" if column.unit == "元" else "") for column in table.columns]
        lines = (
            [typed(column, value, n) for column, value in zip(table.columns, given[n % len(given)], strict=True)]
            for n in range(rows)
        )
        stem = f"{contract.report} {contract.name} {day}"
        if department in WORKBOOKS:
            out[department] = folder / f"{stem}.xlsx"
            book = openpyxl.Workbook(write_only=True)
            sheet = book.create_sheet(table.title)
            sheet.append(header)
            for line in lines:
                sheet.append([float(cell) if isinstance(cell, Decimal) else cell for cell in line])
            book.save(out[department])
        else:
            out[department] = folder / f"{stem}.csv"
            with out[department].open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *lines])
    return out


def ingest_at_once(settings: Settings, workers: int = 2) -> list[Outcome]:
    """Collect, then process the departments in so many processes, as Airflow's mapped tasks do."""
    collect(settings)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        found = pool.map(process_department, [settings] * len(SENT), SENT)
        outcomes = [outcome for of_department in found for outcome in of_department]
    if any(outcome.state != "accepted" for outcome in outcomes):
        raise AssertionError(f"not what was to be measured: {outcomes}")
    return outcomes
