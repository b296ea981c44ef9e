"""Which sheet of a file holds a table, under which header, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract, Table
from fugong.core.cell_address import cell_address, column_letters
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.findings.shadow import Example, ShadowKey
from fugong.parsing.file_name import days_in
from fugong.parsing.header import Grid, Header, fold_header, locate
from fugong.parsing.header_repair import take_near_misses
from fugong.parsing.rows import Interpreted
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells

OWN_SHEETS = ("回执", "退回行", "有问题的行")
"""Sheets that a receipt adds to the sender's workbook; they are looked at only where no other fits."""


class Place(NamedTuple):
    """Where a table of a contract stands.

    Attributes:
        rivals: other sheets that fit as well.
    """

    table: Table
    sheet: SheetCells
    header: Header
    rivals: tuple[str, ...] = ()


def titles_above(head: Grid, header: Header | None) -> list[str]:
    """The texts above the header (or in the first rows), one per row: cells joined."""
    rows = head[: header.first_row] if header else head[:6]
    return ["  ".join(dict.fromkeys(cell for cell in row if cell)) for row in rows if any(row)]


def fits_well(found: Sequence[Place]) -> bool:
    """Whether no mandatory column is missing."""
    return all(not any(column.required for column in place.header.missing) for place in found)


def locate_all(
    contract: Contract, sheets: Sequence[SheetCells], code_lists: Mapping[str, CodeList], department: str, day: date | None = None
) -> list[Place]:
    """The place of every table of a contract that is there and that the department sends.

    A sheet named for the table comes first, then the best fit. Of sheets that fit alike the one that names the day comes
    first, then one that is not hidden, then one with lines.

    Args:
        department: who sent the file; of one that does not send the report every table is looked for.
        day: the report date that the file's name gives.
    """
    out: list[Place] = []
    free = [sheet for sheet in sheets if not sheet.name.startswith(OWN_SHEETS)] or list(sheets)
    for table in contract.tables_of(department) or contract.tables:
        named = [sheet for sheet in free if any(word in sheet.name for word in table.sheets)]
        fits: list[tuple[tuple[int, bool, bool, bool], SheetCells, Header]] = []
        for sheet in named or free:
            header = locate(table, sheet.head, sheet.merged)
            if header:
                header = take_near_misses(table, header, sheet.head, code_lists)
                rank = (header.score, _names_day(sheet, header, day), not sheet.hidden, _has_lines(sheet, header))
                fits.append((rank, sheet, header))
        if not fits:
            continue
        best, sheet, header = max(fits, key=lambda fit: fit[0])  # the first of equals
        alike = [other for rank, other, _ in fits if rank == best and rank[-1] and other is not sheet]
        if len(contract.tables) > 1:
            alike = [other for other in alike if _fits_only(contract, table, other)]
        if len(contract.tables) == 1 or sheet in named or _fits_best(contract, table, sheet, header):
            out.append(Place(table, sheet, header, tuple(other.name for other in alike)))
            free = [other for other in free if other is not sheet]
    return out


def tables_of_others(contract: Contract, sheets: Sequence[SheetCells], department: str) -> Iterable[tuple[Table, SheetCells]]:
    """Sheets with lines that hold a table of the report which other departments send."""
    own = contract.tables_of(department)
    for table in contract.tables if own else ():
        for sheet in sheets if table not in own else ():
            if (header := locate(table, sheet.head, sheet.merged)) and _has_lines(sheet, header):
                yield table, sheet


def _has_lines(sheet: SheetCells, header: Header) -> bool:
    return any(any(header.within(row)) for row in sheet.head[header.last_row + 1 :])


def _names_day(sheet: SheetCells, header: Header, day: date | None) -> bool:
    texts = [sheet.name, *titles_above(sheet.head, header)]
    return day is not None and any(
        (said.month, said.day) == (day.month, day.day) and said.year in (None, day.year)
        for text in texts
        for said in days_in(text)
    )


def _fits_best(contract: Contract, table: Table, sheet: SheetCells, header: Header) -> bool:
    return all(other.score <= header.score for other in _other_headers(contract, table, sheet))


def _fits_only(contract: Contract, table: Table, sheet: SheetCells) -> bool:
    own = locate(table, sheet.head, sheet.merged)
    return own is not None and all(other.score < own.score for other in _other_headers(contract, table, sheet))


def _other_headers(contract: Contract, table: Table, sheet: SheetCells) -> Iterable[Header]:
    found = (locate(other, sheet.head, sheet.merged) for other in contract.tables if other is not table)
    return [header for header in found if header is not None]


def tell_headers(places: Sequence[Place], faults: FindingCollector) -> None:
    """Record what is missing, too much, misspelt or beside the tables."""
    for place in places:
        if place.rivals:
            names = "、".join(f"“{name}”" for name in (place.sheet.name, *place.rivals))
            faults.add(finding("several-sheets", sheet=place.sheet.name, value=names))
        _tell_missing(place, faults)
        _tell_near_misses(place, faults)
        _tell_extra(place, faults)
        _tell_beside(place, faults)


def _tell_missing(place: Place, faults: FindingCollector) -> None:
    for column in place.header.missing:
        near = next((text for name in column.headers if (text := place.header.near(name))), None)
        if not column.is_mandatory:
            if column.is_required_in_shadow:
                key = ShadowKey(place.table.name, column.name, "missing-column")
                faults.shadow.add(key, Severity.REJECTED, 1, 1, [Example(place.sheet.name, None, None, near)])
            continue
        faults.add(
            finding(
                "missing-column",
                sheet=place.sheet.name,
                column_name=column.name,
                header=column.header,
                value=near,
                near=f"有一列“{near}”,是否写错?" if near else "",
                near_en=f'There is "{near}": misspelt?' if near else "",
            )
        )


def _tell_near_misses(place: Place, faults: FindingCollector) -> None:
    for at in place.header.near_misses:
        column = place.header.columns[at]
        faults.add(
            finding(
                "header-repaired",
                sheet=place.sheet.name,
                cell=cell_address(at, place.header.last_row + 1),
                column_name=column.name,
                value=place.header.sent[at],
                after=column.header,
            )
        )


def _tell_extra(place: Place, faults: FindingCollector) -> None:
    header = place.header
    for at in header.extra:
        text = header.sent[at]
        near = next((column.header for column in header.missing if header.near(column.header) == text), None)
        faults.add(
            finding(
                "extra-column",
                sheet=place.sheet.name,
                cell=cell_address(at, header.last_row + 1),
                value=text,
                near=f"是否就是“{near}”?" if near else "",
                near_en=f'Is it "{near}"?' if near else "",
            )
        )


def _tell_beside(place: Place, faults: FindingCollector) -> None:
    header = place.header
    rows = place.sheet.head[header.first_row :]
    for columns in (
        [at for at in header.beside if at < header.first_column],
        [at for at in header.beside if at > header.last_column],
    ):
        texts = [(row, at, cell) for row, cells in enumerate(rows) for at in columns if at < len(cells) and (cell := cells[at])]
        if not texts or (columns[0] < header.first_column and all(cell.isdecimal() for _, _, cell in texts)):
            continue  # a counter without a header
        row, at, _ = texts[0]
        shown = mask("、".join(cell for other, _, cell in texts if other == row))
        faults.add(
            finding("beside-the-table", sheet=place.sheet.name, cell=cell_address(at, header.first_row + row + 1), value=shown)
        )


def explain(place: Place, found: Interpreted) -> dict[str, Any]:
    """What was taken for the table and why: sheet, header lines, how its columns were recognised, what was left out."""
    header = place.header
    aliases = {
        header.sent[at]: column.header
        for at, column in header.columns.items()
        if at not in header.near_misses and fold_header(header.sent[at]) != fold_header(column.header)
    }
    return {
        "table": place.table.name,
        "sheet": place.sheet.name,
        "header_lines": [header.first_row + 1, header.last_row + 1],
        "columns": [column_letters(header.first_column), column_letters(header.last_column)],
        "n_columns": len(header.columns),
        "n_contract_columns": len(place.table.columns),
        "aliases": aliases,
        "near_misses": {
            header.sent[at]: {"column": header.columns[at].header, "confidence": round(sure, 2)}
            for at, sure in header.near_misses.items()
        },
        "units": {
            column.header: unit
            for column in place.table.columns
            if (unit := found.units.get(column.name)) and unit != column.unit and column not in header.missing
        },
        "total_lines": found.total_lines,
        "n_note_lines": found.n_notes,
        "filled_down": found.filled_down,
        "beside": [column_letters(at) for at in header.beside],
        "other_sheets": list(place.rivals),
    }
