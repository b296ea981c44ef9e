"""Writes a table of rows to a file: Parquet, CSV or a workbook, in portions, whatever its size."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fugong.core.bilingual import Bilingual
from fugong.core.errors import RefusedError
from fugong.core.sanitize import neutralise, one_line
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import width
from fugong.storage.atomic_file import replacing

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("parquet", "csv", "xlsx")
ROWS_AT_ONCE = 20_000
MAX_SHEET_ROWS = 1_048_575
"""Rows of a worksheet below the header."""
MAX_DIGITS = 15
"""A spreadsheet keeps no more digits of a number."""
FRACTIONS = re.compile(
    r"(^|_)(rate|share|coverage|completion|completeness|within|mean|elapsed)(_|$)|_ratio$|^recovery_|_recovery_rate$"
)
"""Names of columns that hold a fraction: a workbook shows them as percentages."""
POINTS = "百分点"
"""Stands in the comment of a column with the difference of two fractions."""
MAX_WIDTH, MIN_WIDTH = 40, 8
N_MEASURED_ROWS = 200
"""The first rows of a table set the widths of a workbook's columns."""


@dataclass(frozen=True)
class Column:
    """A column to write: its name, PostgreSQL's name of its type, and its comment."""

    name: str
    kind: str
    comment: Bilingual

    @property
    def is_fraction(self) -> bool:
        """Whether people see it as a percentage."""
        is_number = self.kind in {"numeric", "float8"} and not self.name.startswith("n_")
        return is_number and (self.is_points or (bool(FRACTIONS.search(self.name)) and "元" not in self.comment.zh))

    @property
    def is_points(self) -> bool:
        """Whether it is the difference of two fractions: people see percentage points."""
        return POINTS in self.comment.zh

    @property
    def is_yuan(self) -> bool:
        """Whether it holds amounts of money."""
        return "(元)" in self.comment.zh


@dataclass(frozen=True)
class Table:
    """A table to write.

    Attributes:
        rows: in the order of the keys; they can be read once.
        about: what the file says about itself, such as the grain.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterator[tuple[Any, ...]]
    about: Mapping[str, str]


def plain_value(value: Any) -> Any:
    """A value of a row for JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def write(table: Table, file: Path, form: str) -> int:
    """Write a table to a file. The file appears once it is complete.

    Args:
        form: one of `FORMATS`.

    Returns:
        The number of rows.

    Raises:
        RefusedError: a workbook cannot hold so many rows.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    writers: dict[str, Callable[[Table, Path], int]] = {"parquet": _parquet, "csv": _csv, "xlsx": _xlsx}
    with replacing(file) as draft:
        return writers[form](table, draft)


def _parquet(table: Table, file: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(one.name, _arrow_type(one.kind), metadata={"comment": str(one.comment)}) for one in table.columns]
    schema = pa.schema(fields, metadata=dict(table.about))
    n_rows = 0
    with pq.ParquetWriter(file, schema) as writer:
        for rows in _batches(table.rows):
            arrays = [
                pa.array([_arrow_value(row[place], field.type) for row in rows], type=field.type)
                for place, field in enumerate(schema)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            n_rows += len(rows)
    return n_rows


def _arrow_type(kind: str) -> pa.DataType:
    import pyarrow as pa

    known = {
        "bool": pa.bool_(),
        "int2": pa.int16(),
        "int4": pa.int32(),
        "int8": pa.int64(),
        "float8": pa.float64(),
        "numeric": pa.decimal128(38, 8),
        "date": pa.date32(),
        "timestamptz": pa.timestamp("us", tz="Asia/Shanghai"),
    }
    return known.get(kind, pa.string())


def _arrow_value(value: Any, kind: pa.DataType) -> Any:
    import pyarrow as pa

    if isinstance(value, Decimal):
        return value.quantize(Decimal("1e-8"))
    return str(value) if value is not None and pa.types.is_string(kind) else value


def _csv(table: Table, file: Path) -> int:
    n_rows = 0
    with file.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow([one.name for one in table.columns])
        for rows in _batches(table.rows):
            writer.writerows([_csv_value(value) for value in row] for row in rows)
            n_rows += len(rows)
    return n_rows


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return neutralise(one_line(str(value)))


def _xlsx(table: Table, file: Path) -> int:
    import xlsxwriter

    with xlsxwriter.Workbook(
        str(file), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1}
        )
        formats = [
            book.add_format({"num_format": _number_format(one), "valign": "top", "align": "left" if one.kind == "date" else ""})
            for one in table.columns
        ]
        sheet = book.add_worksheet(table.name[:31])
        sheet.freeze_panes(1, sum(one.kind in {"date", "text", "varchar"} for one in table.columns[:2]) and 1)
        first = next(_batches(table.rows, N_MEASURED_ROWS), [])
        for place, one in enumerate(table.columns):
            widest = max([width(_text_of(row[place], one)) for row in first] or [0])
            sheet.set_column(place, place, min(max(widest + 2, min(width(one.comment.zh) + 2, 18), MIN_WIDTH), MAX_WIDTH))
        sheet.set_row(0, 45)
        for place, one in enumerate(table.columns):
            sheet.write_string(0, place, one.comment.zh, head)
        n_rows = 0
        for rows in (first, *_batches(table.rows)):
            for row in rows:
                n_rows += 1
                if n_rows > MAX_SHEET_ROWS:
                    raise RefusedError(
                        f"{table.name}: 一张工作表放不下,请用 parquet 或 csv,或用 --from、--to 缩短 | too many rows for a worksheet: take parquet or csv, or fewer days"
                    )
                for place, value in enumerate(row):
                    _write_cell(sheet, n_rows, place, value, formats[place])
        if n_rows:
            sheet.autofilter(0, 0, n_rows, len(table.columns) - 1)
        _describe(book, table, head)
    return n_rows


def _number_format(column: Column) -> str:
    if column.kind == "date":
        return "yyyy-mm-dd"
    if column.kind == "timestamptz":
        return "yyyy-mm-dd hh:mm"
    if column.kind in {"int2", "int4", "int8"}:
        return "#,##0"
    if column.kind in {"numeric", "float8"}:
        if column.name.startswith("n_"):
            return "#,##0"
        if column.is_fraction:
            return "0.0%"
        return "#,##0.00" if column.is_yuan else "#,##0.####"
    return "@" if column.kind in {"text", "varchar"} else "General"


def _write_cell(sheet: Any, row: int, place: int, value: Any, form: Any) -> None:
    match value:
        case None:
            sheet.write_blank(row, place, None, form)
        case bool():
            sheet.write_string(row, place, "是" if value else "否", form)
        case int() | Decimal() | float() if len(str(abs(int(value)))) <= MAX_DIGITS:
            sheet.write_number(row, place, value, form)
        case datetime():
            sheet.write_datetime(row, place, value.astimezone(SHANGHAI).replace(tzinfo=None), form)
        case date():
            sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), form)  # noqa: DTZ001 - a cell has no zone
        case list():
            sheet.write_string(row, place, neutralise(one_line("、".join(map(str, value)))), form)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            sheet.write_string(row, place, neutralise(one_line(str(value))), form)


def _describe(book: Any, table: Table, head: Any) -> None:
    """Add a second sheet that explains the columns."""
    sheet = book.add_worksheet("说明")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 36)
    sheet.set_column(2, 2, 70)
    lines = [("列名", "表头", "说明"), *((one.name, one.comment.zh, one.comment.en) for one in table.columns)]
    lines += [("", "", ""), *((name, value, "") for name, value in table.about.items())]
    for row, texts in enumerate(lines):
        for place, text in enumerate(texts):
            sheet.write_string(row, place, text, head if row == 0 else wrapped)
    sheet.freeze_panes(1, 0)


def _text_of(value: Any, column: Column) -> str:
    """About what a cell shows, for the width of its column."""
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return f"{value:,.2f}" if column.is_yuan else f"{value:,.4g}" if FRACTIONS.search(column.name) else f"{value:,.0f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def _batches(rows: Iterator[tuple[Any, ...]], size: int = ROWS_AT_ONCE) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
