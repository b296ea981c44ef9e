"""Collects every text of a file that may declare a unit for a table, and reports units that leave a doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pyarrow.compute as pc

from fugong.contracts.unit import fold_unit
from fugong.core.cell_address import cell_address
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.parsing.column_numbers import is_line_of_numbers
from fugong.parsing.file_name import stem
from fugong.parsing.header import Header
from fugong.parsing.header_text import fold_header
from fugong.parsing.unit_text import UNIT_LABEL, Declaration, Mention, is_lone_unit, plain, read_list
from fugong.parsing.units import Doubt, Units
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells

MAX_SHOWN = 60
"""Characters of a declaration that a sentence shows."""
MAX_DECLARATIONS = 6
"""Declarations that a sentence names."""
COLUMN_OF_UNITS = re.compile(r"(金额|货币|计量|数据)?单位$|币种$")
NOTE = re.compile(r"\s*(注|备注|说明|附注)")
SHEET_NAME, FILE_NAME = "工作表名", "文件名"


def mentions_of(sheet: SheetCells, header: Header, file_name: str, senders: Iterable[str] = ()) -> list[Mention]:
    """The texts that may declare a unit for a table: title cells, cells in the header's rows, notes, the names of sheet and file.

    Args:
        senders: codes and names of departments.
    """
    out = [mention for row, cells in enumerate(sheet.head[: header.first_row]) for mention in mentions_in(cells, row + 1)]
    out += _in_header_rows(sheet, header)
    out += _in_notes(sheet, header)
    out += _in_columns_of_units(sheet, header)
    folded = frozenset(map(fold_unit, senders))
    out = [replace(mention, senders=folded) for mention in out]
    return [*out, Mention(sheet.name, SHEET_NAME, is_name=True), Mention(stem(file_name), FILE_NAME, is_name=True)]


def mentions_in(cells: Sequence[str | None], row_number: int) -> Iterator[Mention]:
    """The cells of a line; a label such as 单位: with the cell that follows it."""
    filled = [(at, cell) for at, cell in enumerate(cells) if cell]
    for order, (at, cell) in enumerate(filled):
        following = filled[order + 1][1] if order + 1 < len(filled) else ""
        is_label = fold_unit(plain(cell)).endswith(("单位", "单位:"))
        yield Mention(f"{cell}\u2002{following}" if is_label else cell, cell_address(at, row_number))


def _in_header_rows(sheet: SheetCells, header: Header) -> Iterator[Mention]:
    """Cells of the header's rows that are no header: a corner, a column that holds nothing else, the end of a line of titles."""
    used = {declared.text for some in header.units.values() for declared in some}
    for row in range(header.first_row, header.last_row + 1):
        filled = [(at, cell) for at, cell in enumerate(sheet.head[row]) if cell]
        has_names = any(not is_lone_unit(cell) for _, cell in filled)
        for at, cell in filled:
            is_end_of_titles = row < header.last_row and has_names and (cell not in used or at == header.last_column)
            if (is_lone_unit(cell) and is_end_of_titles) or (
                at not in header.columns and read_list(UNIT_LABEL.sub("", fold_unit(plain(cell)).strip("()")))
            ):
                yield Mention(cell, cell_address(at, row + 1))


def _in_notes(sheet: SheetCells, header: Header) -> Iterator[Mention]:
    """The cells of the lines between the header and the first line of data, and below the last one."""
    above = [(row + 1, cells) for row, cells in enumerate(sheet.head) if row > header.last_row]
    below = [line for line in reversed(sheet.tail) if line[0] > header.last_row + 1]
    seen: set[int] = set()
    for lines in (above, below):
        for row_number, cells in lines:
            if is_line_of_numbers(header.within(cells)):
                continue
            if _is_complete(cells, header):
                break
            filled = [cell for cell in cells if cell]
            if row_number not in seen and (len(filled) == 1 or any("单位" in cell or NOTE.match(cell) for cell in filled)):
                yield from mentions_in(cells, row_number)
            seen.add(row_number)


def _in_columns_of_units(sheet: SheetCells, header: Header) -> Iterator[Mention]:
    """The units of a column that the contract does not know and that names one on every line (金额单位 | 万元 | 万元 …)."""
    for at in header.extra:
        if not COLUMN_OF_UNITS.match(fold_header(header.sent[at])):
            continue
        first = header.last_row + 1
        found: set[str] = set()
        for batch in sheet.batches():
            cells = batch.column(f"c{at}").slice(max(0, first - (batch.column("row_number")[0].as_py() - 1)))
            found.update(text for text in pc.unique(cells).to_pylist() if text and read_list(text))
            if len(found) > MAX_DECLARATIONS:
                break
        yield from (Mention(text, cell_address(at, first)) for text in sorted(found))


def _is_complete(cells: Sequence[str | None], header: Header) -> bool:
    """Whether a line has a cell in every column that must be filled. A lone cell, or one that begins as a note, is none of data."""
    filled = [cell for cell in cells if cell]
    if not filled or (len(filled) == 1 < len(header.columns)) or NOTE.match(filled[0]) or "单位" in filled[0]:
        return False
    return all(at < len(cells) and cells[at] for at, column in header.columns.items() if column.is_mandatory)


def report_units(sheet: str, doubts: Sequence[Doubt], findings: FindingCollector) -> None:
    """Record the doubts about units; each rejects the file."""
    for doubt in dict.fromkeys(doubts):
        column = doubt.column
        cells = [one.place for one in doubt.declared if one.place not in ("", SHEET_NAME, FILE_NAME)]
        findings.add(
            finding(
                doubt.code,
                sheet=sheet,
                cell=cells[-1] if cells else None,
                column_name=None if column is None else column.name,
                value="、".join(_shown(one) for one in _each_once(doubt.declared)),
                what=f"“{column.header}”" if column is not None else "这张表",
                what_en=f'"{column.header}"' if column is not None else "this table",
            )
        )


def report_unused_units(sheet: str, units: Units, findings: FindingCollector) -> None:
    """Tell which units that are declared for the table rule no column."""
    for declared, columns in units.unused:
        shown = "、".join(f"“{column.header}”({units.of[column.name]})" for column in columns[:MAX_DECLARATIONS])
        findings.add(
            finding(
                "unit-not-used",
                sheet=sheet,
                cell=declared.place if declared.place not in ("", SHEET_NAME, FILE_NAME) else None,
                value=_shown(declared),
                columns=shown,
            )
        )


def _each_once(declared: Sequence[Declaration]) -> list[Declaration]:
    return list(dict.fromkeys(declared))[:MAX_DECLARATIONS]


def _shown(declared: Declaration) -> str:
    text = mask(" ".join(declared.text.split()))
    return f"{declared.place}“{text[:MAX_SHOWN]}”"
