"""One file without a contract → its tables, what was left out, and the reasons, for `fugong read`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fugong.core.cell_address import cell_address
from fugong.reading.model import Reading
from fugong.reading.reader import Reader
from fugong.table_detection.tables import FreeTable, LeftOut, find_tables

Said = tuple[str, str]
"""A sentence in Chinese and in English."""

WHY_LEFT_OUT: Mapping[str, Said] = {
    "blank": ("空行", "blank"),
    "title": ("标题", "title"),
    "note": ("附注", "note"),
    "total": ("合计行", "total"),
}
_WHY_HEADER: Mapping[str, Said] = {
    "values-below": (
        "这里是文字,下面同列是数字、日期或编号",
        "words here, numbers, dates or codes below",
    ),
    "distinct-words": ("各列名称互不相同,下面不再出现", "names that differ from each other and do not occur below"),
    "other-delimiter": (
        "这一行用别的分隔符切开,恰好与下面的列数相同",
        "cut by another delimiter, the line has just as many cells as the rows below",
    ),
    "no-header": ("第一行已像数据,没有表头", "the first row looks like data: no header"),
}
_NAMES: Mapping[str, Said] = {
    ",": ("逗号", "comma"),
    ";": ("分号", "semicolon"),
    "\t": ("制表符", "tab"),
    "|": ("竖线", "bar"),
    " ": ("空格", "blank"),
    ":": ("冒号", "colon"),
    "": ("无", "none"),
    '"': ("双引号", "double quote"),
    "'": ("单引号", "single quote"),
    "\\": ("反斜线", "backslash"),
}


@dataclass(frozen=True, slots=True)
class SheetTables:
    """A sheet, its tables, and what is left out where it has none."""

    sheet: str
    tables: list[FreeTable]
    left_out: list[LeftOut]


def read_tables(reader: Reader, path: Path, into: Path) -> tuple[Reading, list[SheetTables]]:
    """Read a file and find its tables; `into` is an empty folder that has to live as long as they are used."""
    reading = reader.read(path, path.name, into, is_free=True)
    return reading, [SheetTables(sheet.name, *find_tables(sheet)) for sheet in reading.sheets]


def tables_of(sheets: Iterable[SheetTables]) -> list[FreeTable]:
    """All tables of a file, in order."""
    return [table for sheet in sheets for table in sheet.tables]


def largest(tables: Sequence[FreeTable]) -> FreeTable:
    """The table with the most rows, the first of several; lines of one cell are a table only where there is no other."""
    return max(tables, key=lambda table: (table.last_column > table.first_column, table.n_rows))


def range_of(table: FreeTable) -> str:
    """Where a table is, header included: A3:H200."""
    last = cell_address(max(table.first_column, table.last_column), max(table.first_row, table.last_row))
    return f"{cell_address(table.first_column, table.first_row)}:{last}"


def header_reason(table: FreeTable) -> Said:
    """Why these rows were taken for the header."""
    zh, en = _WHY_HEADER[table.head.why]
    if not table.head.n_rows:
        return zh, en
    first, last = table.first_row, table.first_row + table.head.n_rows - 1
    rows_zh, rows_en = (f"第 {first} 行", f"row {first}") if first == last else (f"第 {first}–{last} 行", f"rows {first}–{last}")
    return f"表头是{rows_zh}:{zh}", f"header in {rows_en}: {en}"


def dialect_reasons(reading: Reading) -> list[Said]:
    """How a text was cut, and how well that fits."""
    dialect = reading.dialect
    if dialect is None:
        return []
    if not dialect["delimiter"]:
        return [("没有找到分隔符,按一列读", "no delimiter fits: read as one column")]
    share, agreement = f"{dialect['values']:.0%}", f"{dialect['agreement']:.2f}"
    said = [
        (
            f"多数记录有 {dialect['n_cells']} 个单元格(一致程度 {agreement}),{share} 的单元格像值",
            f"most records have {dialect['n_cells']} cells (agreement {agreement}); {share} of the cells look like values",
        )
    ]
    if dialect["n_mended"]:
        n = dialect["n_mended"]
        said.append(
            (
                f"{n} 条记录的引号位置不对,按最少出错的读法读",
                f"{n} record{'s' if n > 1 else ''} with quotes out of place, read in the least strange way",
            )
        )
    return said


def name_of(character: str, lang: str) -> str:
    """What a delimiter or quote is called."""
    name = _NAMES.get(character)
    return (name[lang == "en"] if name else "") or repr(character)


def dialect_document(reading: Reading, lang: str) -> dict[str, Any] | None:
    """The dialect of a text as it is printed; None for a workbook."""
    if reading.dialect is None:
        return {"encoding": reading.encoding} if reading.encoding else None
    dialect = reading.dialect
    return {
        "encoding": reading.encoding,
        "delimiter": dialect["delimiter"],
        "quote": dialect["quote"],
        "escape": dialect["escape"],
        "line_end": dialect["line_end"],
        "skips_blanks": dialect["skips_blanks"],
        "merges": dialect["merges"],
        "reasons": [said[lang == "en"] for said in dialect_reasons(reading)],
    }


def _left_out_document(left_out: Iterable[LeftOut]) -> list[dict[str, Any]]:
    return [
        {
            "rows": str(item.first_row) if item.first_row == item.last_row else f"{item.first_row}-{item.last_row}",
            "why": item.why,
            "text": item.text,
        }
        for item in left_out
    ]


def write_json(reading: Reading, sheets: Sequence[SheetTables], chosen: Sequence[FreeTable], lang: str, out: IO[str]) -> None:
    """Write the list of tables; a sheet without one is an entry without header and rows. One row is held at a time."""
    dialect = dialect_document(reading, lang)
    first = True
    for sheet in sheets:
        entries: list[tuple[dict[str, Any], FreeTable | None]] = [
            (
                {
                    "sheet": sheet.sheet or None,
                    "range": range_of(table),
                    "header": table.header,
                    "header_rows": table.head.n_rows,
                    "header_reason": header_reason(table)[lang == "en"],
                    "n_rows": table.n_rows,
                    "left_out": _left_out_document(table.left_out),
                    "dialect": dialect,
                },
                table,
            )
            for table in sheet.tables
            if any(table is some for some in chosen)
        ]
        if not sheet.tables and len(chosen) != 1:
            entries.append(
                (
                    {
                        "sheet": sheet.sheet or None,
                        "range": None,
                        "header": [],
                        "header_rows": 0,
                        "header_reason": "",
                        "n_rows": 0,
                        "left_out": _left_out_document(sheet.left_out),
                        "dialect": dialect,
                    },
                    None,
                )
            )
        for document, table in entries:
            out.write("[\n " if first else ",\n ")
            first = False
            out.write(json.dumps(document, ensure_ascii=False)[:-1] + ', "rows": [')
            for number, row in enumerate(table.rows() if table else ()):
                out.write(("," if number else "") + "\n  " + json.dumps(row, ensure_ascii=False))
            out.write("]}")
    out.write("[]\n" if first else "\n]\n")


def as_rows(table: FreeTable) -> Iterator[list[str]]:
    """The header, where there is one, and the rows; cells as typed, and none longer than it was typed."""
    if table.header:
        yield table.header
    for row in table.rows():
        yield [cell or "" for cell in row]


def write_csv(table: FreeTable, out: IO[str]) -> None:
    """Write header and rows of a table as CSV (comma, double quotes)."""
    csv.writer(out, lineterminator="\n").writerows(as_rows(table))
