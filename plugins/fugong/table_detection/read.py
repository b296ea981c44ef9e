"""Reads one file without a contract: its tables, the rows left out, and the reasons, as `fugong read` prints them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fugong.core.bilingual import Bilingual
from fugong.core.cell_address import cell_address
from fugong.core.sanitize import neutralise
from fugong.reading.model import Reading
from fugong.reading.reader import Reader
from fugong.table_detection.find_tables import find_tables
from fugong.table_detection.model import DetectedTable, LeftOut

WHY_LEFT_OUT: Mapping[str, Bilingual] = {
    "blank": Bilingual("空行", "blank"),
    "title": Bilingual("标题", "title"),
    "note": Bilingual("附注", "note"),
    "total": Bilingual("合计行", "total"),
}
_WHY_HEADER: Mapping[str, Bilingual] = {
    "values-below": Bilingual(
        "这里是文字,下面同列是数字、日期或编号",
        "words here, numbers, dates or codes below",
    ),
    "distinct-words": Bilingual("各列名称互不相同,下面不再出现", "names that differ from each other and do not occur below"),
    "other-delimiter": Bilingual(
        "这一行用别的分隔符切开,恰好与下面的列数相同",
        "cut by another delimiter, the line has just as many cells as the rows below",
    ),
    "no-header": Bilingual("第一行已像数据,没有表头", "the first row looks like data: no header"),
}
_NAMES: Mapping[str, Bilingual] = {
    ",": Bilingual("逗号", "comma"),
    ";": Bilingual("分号", "semicolon"),
    "\t": Bilingual("制表符", "tab"),
    "|": Bilingual("竖线", "bar"),
    " ": Bilingual("空格", "blank"),
    ":": Bilingual("冒号", "colon"),
    "": Bilingual("无", "none"),
    '"': Bilingual("双引号", "double quote"),
    "'": Bilingual("单引号", "single quote"),
    "\\": Bilingual("反斜线", "backslash"),
}


@dataclass(frozen=True, slots=True)
class SheetTables:
    """A sheet with its tables, and the rows left out where it has none."""

    sheet: str
    tables: list[DetectedTable]
    left_out: list[LeftOut]


def read_tables(reader: Reader, path: Path, into: Path) -> tuple[Reading, list[SheetTables]]:
    """Read a file and find its tables.

    Args:
        into: an empty folder that must live as long as the tables are used.
    """
    reading = reader.read(path, path.name, into, is_free=True)
    return reading, [SheetTables(sheet.name, *find_tables(sheet)) for sheet in reading.sheets]


def tables_of(sheets: Iterable[SheetTables]) -> list[DetectedTable]:
    """All tables of a file, in order."""
    return [table for sheet in sheets for table in sheet.tables]


def largest(tables: Sequence[DetectedTable]) -> DetectedTable:
    """The table with the most rows, the first of several; one of a single column counts only where there is no other."""
    return max(tables, key=lambda table: (table.last_column > table.first_column, table.n_rows))


def range_of(table: DetectedTable) -> str:
    """The range of a table, header included: A3:H200."""
    last = cell_address(max(table.first_column, table.last_column), max(table.first_row, table.last_row))
    return f"{cell_address(table.first_column, table.first_row)}:{last}"


def header_reason(table: DetectedTable) -> Bilingual:
    """Why these rows are the header."""
    why = _WHY_HEADER[table.head.why]
    if not table.head.n_rows:
        return why
    first, last = table.first_row, table.first_row + table.head.n_rows - 1
    rows_zh, rows_en = (f"第 {first} 行", f"row {first}") if first == last else (f"第 {first}–{last} 行", f"rows {first}–{last}")
    return Bilingual(f"表头是{rows_zh}:{why.zh}", f"header in {rows_en}: {why.en}")


def dialect_reasons(reading: Reading) -> list[Bilingual]:
    """How a text splits into cells, and how well that fits; nothing for a workbook."""
    dialect = reading.dialect
    if dialect is None:
        return []
    if not dialect["delimiter"]:
        return [Bilingual("没有找到分隔符,按一列读", "no delimiter fits: read as one column")]
    share, agreement = f"{dialect['values']:.0%}", f"{dialect['agreement']:.2f}"
    reasons = [
        Bilingual(
            f"多数记录有 {dialect['n_cells']} 个单元格(一致程度 {agreement}),{share} 的单元格像值",
            f"most records have {dialect['n_cells']} cells (agreement {agreement}); {share} of the cells look like values",
        )
    ]
    if dialect["n_mended"]:
        n = dialect["n_mended"]
        reasons.append(
            Bilingual(
                f"{n} 条记录的引号位置不对,按最少出错的读法读",
                f"{n} record{'s' if n > 1 else ''} with quotes out of place, read in the least strange way",
            )
        )
    return reasons


def name_of(character: str, lang: str) -> str:
    """The name of a delimiter or quote."""
    name = _NAMES.get(character)
    return name.text_in(lang) if name else repr(character)


def dialect_document(reading: Reading, lang: str) -> dict[str, Any] | None:
    """The dialect of a text in the form that `--json` prints; None for a workbook."""
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
        "reasons": [reason.text_in(lang) for reason in dialect_reasons(reading)],
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


def write_json(reading: Reading, sheets: Sequence[SheetTables], chosen: Sequence[DetectedTable], lang: str, out: IO[str]) -> None:
    """Write the tables as a JSON list, one row at a time; a sheet without a table is an entry without header and rows."""
    dialect = dialect_document(reading, lang)
    first = True
    for sheet in sheets:
        entries: list[tuple[dict[str, Any], DetectedTable | None]] = [
            (
                {
                    "sheet": sheet.sheet or None,
                    "range": range_of(table),
                    "header": table.header,
                    "header_rows": table.head.n_rows,
                    "header_reason": header_reason(table).text_in(lang),
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


def as_rows(table: DetectedTable) -> Iterator[list[str]]:
    """The header, where there is one, and the rows, with cells as typed."""
    if table.header:
        yield table.header
    for row in table.rows():
        yield [cell or "" for cell in row]


def write_csv(table: DetectedTable, out: IO[str]) -> None:
    """Write header and rows of a table as CSV (comma, double quotes). What a spreadsheet would evaluate gets an apostrophe."""
    csv.writer(out, lineterminator="\n").writerows([cell and neutralise(cell) for cell in row] for row in as_rows(table))
