"""Locates the tables of a contract in the sheets of a file, and reports what is wrong with their headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple

import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract, Table
from fugong.core.cell_address import cell_address, column_letters
from fugong.core.vocabulary import ReceiptSheet, Severity
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.findings.shadow import Example, ShadowKey
from fugong.parsing.blocks import Blocks
from fugong.parsing.header import Grid, Header, locate
from fugong.parsing.header_repair import take_fuzzy_matches
from fugong.parsing.header_text import fold_header
from fugong.parsing.interpreted import Interpreted
from fugong.parsing.joined_sheets import Fit, beside_named, choose, fit_of, has_lines, has_lines_below
from fugong.parsing.ragged_records import RecordWidths
from fugong.parsing.report_day import days_in
from fugong.parsing.rows_above import rows_above
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells

NOWHERE: Mapping[str, str] = {}
MAX_TITLE_CELLS = 3
"""Cells in a line of titles, not counting labels."""


class Place(NamedTuple):
    """Where a table of a contract stands.

    Attributes:
        rivals, unread, left: names of other sheets (`joined_sheets.Choice`); of several sheets of a table the last one has them.
        declared: column → where its unit is declared, once units are known.
        given: column → the value that the sheet's name gives, where column or cell is left out.
    """

    table: Table
    sheet: SheetCells
    header: Header
    rivals: tuple[str, ...] = ()
    declared: Mapping[str, str] = NOWHERE
    given: Mapping[str, str] = NOWHERE
    unread: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def with_units(self, declared: Mapping[str, str]) -> Place:
        """The same place, with the cells and names that declare the units of its columns."""
        return self._replace(declared=declared)

    def under(self, contract: Contract) -> Place:
        """The same place under another form of its contract, such as the one for a report date (`Contract.on`)."""
        table = contract.table(self.table.name)
        if table is self.table:
            return self
        header = replace(
            self.header,
            columns={at: table.by_name[column.name] for at, column in self.header.columns.items()},
            missing=tuple(table.by_name[column.name] for column in self.header.missing),
        )
        return self._replace(table=table, header=header)


def titles_above(head: Grid, header: Header | None, code_lists: Mapping[str, CodeList]) -> list[str]:
    """The title lines above the header; rows of data are none. Without a header, the first rows as long as they look like titles. The cells of a row are joined."""
    if header is None:
        rows = list(takewhile(_is_narrow, head[:6]))
    else:
        data = rows_above(head, header, code_lists)
        rows = [row for line, row in enumerate(head[: header.first_row], 1) if line not in data]
    return ["  ".join(dict.fromkeys(cell for cell in row if cell)) for row in rows if any(row)]


def _is_narrow(row: Sequence[str | None]) -> bool:
    """Whether a row may be a title: few cells, not counting labels such as `单位:`. A row of a table has more."""
    return sum(not cell.rstrip().endswith((":", ":")) for cell in dict.fromkeys(row) if cell) <= MAX_TITLE_CELLS


def fits_well(found: Sequence[Place]) -> bool:
    """Whether no mandatory column is missing."""
    return all(not any(column.required for column in place.header.missing) for place in found)


def locate_all(
    contract: Contract,
    sheets: Sequence[SheetCells],
    code_lists: Mapping[str, CodeList],
    department: str,
    day: date | None = None,
) -> list[Place]:
    """Find every table of a contract that the department sends.

    A sheet named after the table is preferred, then the sheet that matches best. Among equal matches, a sheet that names the day
    is preferred, then one that is not hidden, then one with lines below the header. The sheets of a receipt are searched only if
    there are no others. Several sheets that are parts of one table (`joined_sheets`) are all taken: each is a place of its own.

    Args:
        department: who sent the file. If it does not send the report, every table is searched for.
        day: the report date that the file's name gives.
    """
    out: list[Place] = []
    free = [sheet for sheet in sheets if not sheet.name.startswith(tuple(ReceiptSheet))] or list(sheets)
    headers = _Headers()
    strangers = [sheet for sheet in free if not any(headers.of(table, sheet) for table in contract.tables)]
    for table in contract.tables_of(department) or contract.tables:
        named = [sheet for sheet in free if any(word in sheet.name for word in table.sheets)]
        fits = [fit for sheet in named or free if (fit := _fit(table, sheet, day, code_lists, headers)) is not None]
        if not fits:
            continue
        is_ours = partial(_fits_only, contract, table, headers)
        choice = choose(table, fits, strangers, code_lists, is_ours)
        if named:
            unnamed = (_fit(table, sheet, day, code_lists, headers) for sheet in free if sheet not in named and is_ours(sheet))
            choice = beside_named(choice, [fit for fit in unnamed if fit is not None])
        first = choice.taken[0]
        if len(contract.tables) == 1 or first.sheet in named or _fits_best(contract, table, first.sheet, first.header, headers):
            for fit in choice.taken:
                out.append(Place(table, fit.sheet, fit.header, given=fit.given))
                free = [other for other in free if other is not fit.sheet]
            out[-1] = out[-1]._replace(rivals=choice.rivals, unread=choice.unread, left=choice.left)
    return out


def locate_returned(
    contract: Contract, sheets: Sequence[SheetCells], code_lists: Mapping[str, CodeList], department: str
) -> list[Place]:
    """Find the tables of returned rows: each sheet that holds lines is one, of the table that it matches best.

    Sheets of one table are its parts: each holds rows that came from another sheet.
    """
    out: list[Place] = []
    empty: list[Place] = []
    for sheet in sheets:
        fits = [
            (any(word in sheet.name for word in table.sheets), fit, table)
            for table in contract.tables_of(department) or contract.tables
            if (fit := _fit(table, sheet, None, code_lists, _Headers())) is not None
        ]
        if fits:
            _, fit, table = max(fits, key=lambda one: (one[0], one[1].rank))
            (out if fit.has_lines else empty).append(Place(table, sheet, fit.header, given=fit.given))
    return out or empty[:1]


def named_days(texts: Iterable[str], day: date | None = None) -> frozenset[tuple[int, int]]:
    """Month and day of a date and of the days that texts name."""
    named = {(found.month, found.day) for text in texts for found in days_in(text)}
    return frozenset(named if day is None else named | {(day.month, day.day)})


class _Headers:
    """The header of each table on each sheet, looked for once. The sheets outlive it."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], Header | None] = {}

    def of(self, table: Table, sheet: SheetCells) -> Header | None:
        key = table.name, id(sheet)
        if key not in self._found:
            self._found[key] = locate(table, sheet.head, sheet.merged)
        return self._found[key]


def _fit(table: Table, sheet: SheetCells, day: date | None, code_lists: Mapping[str, CodeList], headers: _Headers) -> Fit | None:
    header = headers.of(table, sheet)
    if header is None:
        return None
    titles = titles_above(sheet.head, header, code_lists)
    header = take_fuzzy_matches(
        table, header, sheet.head, code_lists, named_days((*titles, sheet.name) if day is None else (), day)
    )
    return fit_of(table, sheet, header, titles, day, code_lists)


def tables_of_others(contract: Contract, sheets: Sequence[SheetCells], department: str) -> Iterable[tuple[Table, SheetCells]]:
    """The sheets that hold a table of the report which another department sends, with at least one line."""
    own = contract.tables_of(department)
    for table in contract.tables if own else ():
        for sheet in sheets if table not in own else ():
            if (header := locate(table, sheet.head, sheet.merged)) and has_lines(sheet, header):
                yield table, sheet


def _fits_best(contract: Contract, table: Table, sheet: SheetCells, header: Header, headers: _Headers) -> bool:
    return all(other.score <= header.score for other in _other_headers(contract, table, sheet, headers))


def _fits_only(contract: Contract, table: Table, headers: _Headers, sheet: SheetCells) -> bool:
    """Whether a sheet matches this table, and every other table of the report less."""
    own, others = headers.of(table, sheet), _other_headers(contract, table, sheet, headers)
    return len(contract.tables) == 1 or (own is not None and all(other.score < own.score for other in others))


def _other_headers(contract: Contract, table: Table, sheet: SheetCells, headers: _Headers) -> Iterable[Header]:
    found = (headers.of(other, sheet) for other in contract.tables if other is not table)
    return [header for header in found if header is not None]


def report_headers(places: Sequence[Place], blocks: Sequence[Blocks], findings: FindingCollector) -> None:
    """Record missing, extra and misspelt columns, other text beside the tables, and sheets that match as well.

    Args:
        blocks: the later blocks of each place.
    """
    for place, later in zip(places, blocks, strict=True):
        _record_other_sheets(place, findings)
        _record_given(place, findings)
        _record_missing(place, findings)
        _record_fuzzy_matches(place, findings)
        _record_extra(place, findings)
        _record_beside(place, later, findings)
        _record_blocks(place, later, findings)


def report_rows_above(
    contract: Contract, places: Sequence[Place], code_lists: Mapping[str, CodeList], findings: FindingCollector
) -> None:
    """Record the tables with rows of data, or with another table of the report, above their header; each rejects the file."""
    found = {place.table.name for place in places}
    for place in places:
        above = place.sheet.head[: place.header.first_row]
        if any(_has_rows(other, above) for other in contract.tables if other.name not in found):
            line = place.header.first_row + 1
            findings.add(finding("table-below", sheet=place.sheet.name, row_number=line, line=line, value=place.table.title))
        lines = rows_above(place.sheet.head, place.header, code_lists)
        if lines:
            findings.add(
                finding(
                    "rows-above-header",
                    sheet=place.sheet.name,
                    row_number=lines[0],
                    line=place.header.last_row + 1,
                    value="、".join(map(str, lines)),
                )
            )


def _has_rows(table: Table, grid: Grid) -> bool:
    header = locate(table, grid)
    return header is not None and has_lines_below(grid, header)


def _record_other_sheets(place: Place, findings: FindingCollector) -> None:
    def quoted(*names: str) -> str:
        return "、".join(f"“{name}”" for name in names)

    if place.rivals:
        findings.add(finding("several-sheets", sheet=place.sheet.name, value=quoted(place.sheet.name, *place.rivals)))
    if place.unread:
        findings.add(finding("sheet-without-header", sheet=place.unread[0], value=quoted(*place.unread), other=place.sheet.name))
    if place.left:
        findings.add(finding("sheet-not-taken", sheet=place.left[0], value=quoted(*place.left), other=place.sheet.name))


def _record_given(place: Place, findings: FindingCollector) -> None:
    """Record the columns that the sheet does not have, and whose values its name gives."""
    for name, value in place.given.items():
        if name not in place.header.index:
            column = place.table.by_name[name]
            findings.add(
                finding(
                    "from-sheet-name", sheet=place.sheet.name, column_name=name, header=column.header, value=None, after=value
                )
            )


def _record_blocks(place: Place, blocks: Blocks, findings: FindingCollector) -> None:
    """Record later headers that cannot be read, and what is odd about those that can."""
    for misfit in blocks.misfits:
        line, why, why_en = misfit.line, "这样的表头太多", "there are too many of them"
        if misfit.missing:
            names = "、".join(f"“{column.header}”" for column in misfit.missing)
            why, why_en = f"缺少{names}", f"it lacks {names}"
        elif misfit.undeclared:
            names = "、".join(f"“{column.header}”" for column in misfit.undeclared)
            why, why_en = f"没有写明{names}的单位,而上面写明了", f"the unit of {names} is declared above and not here"
        findings.add(finding("later-header", sheet=place.sheet.name, row_number=line, line=line, why=why, why_en=why_en))
    for line, other in blocks.tables_below:
        findings.add(finding("table-below", sheet=place.sheet.name, row_number=line, line=line, value=other.title))
    before = place.header
    for block in blocks.later:
        if block.header.columns != before.columns or block.header.extra != before.extra:
            own = place._replace(header=block.header)
            _record_fuzzy_matches(own, findings)
            _record_extra(own, findings)
        before = block.header


def _record_missing(place: Place, findings: FindingCollector) -> None:
    for column in place.header.missing:
        near = next((text for name in column.headers if (text := place.header.similar(name))), None)
        if not column.is_mandatory:
            if column.is_required_in_shadow:
                key = ShadowKey(place.table.name, column.name, "missing-column")
                findings.shadow.add(key, Severity.REJECTED, 1, 1, [Example(place.sheet.name, None, None, near)])
            continue
        findings.add(
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


def _record_fuzzy_matches(place: Place, findings: FindingCollector) -> None:
    for at in place.header.fuzzy_matches:
        column = place.header.columns[at]
        findings.add(
            finding(
                "header-repaired",
                sheet=place.sheet.name,
                cell=cell_address(at, place.header.last_row + 1),
                column_name=column.name,
                value=place.header.sent[at],
                after=column.header,
            )
        )


def _record_extra(place: Place, findings: FindingCollector) -> None:
    header = place.header
    for at in header.extra:
        text = header.sent[at]
        near = next((column.header for column in header.missing if header.similar(column.header) == text), None)
        own = next((header.index[name] for name, others in header.twins.items() if at in others), None)
        said, said_en = (f"是否就是“{near}”?", f'Is it "{near}"?') if near else ("", "")
        if own is not None:
            said, said_en = f"与 {column_letters(own)} 列是同一项。", f"Column {column_letters(own)} holds the same."
        if said or place.table.tells_other_columns:
            cell = cell_address(at, header.last_row + 1)
            findings.add(finding("extra-column", sheet=place.sheet.name, cell=cell, value=text, near=said, near_en=said_en))


def _record_beside(place: Place, blocks: Blocks, findings: FindingCollector) -> None:
    header = place.header
    end = min((line for block in blocks.later for line in block.lines), default=len(place.sheet.head) + 1) - 1
    rows = place.sheet.head[header.first_row : end]
    if place.sheet.widths is not None:
        # A cell too many on a line of data is no remark beside it: the line goes back.
        widths = RecordWidths(place.sheet.widths, header)
        rows = [() if widths.may_be_moved(at, row) else row for at, row in enumerate(rows, header.first_row)]
    if (table := _table_beside(place)) is not None and not _is_copy(place, *table):
        cell = cell_address(table[0] + table[1].first_column, header.first_row + 1)
        findings.add(finding("table-beside", sheet=place.sheet.name, cell=cell, value=place.table.title))
        return
    for columns in (
        [at for at in header.beside if at < header.first_column],
        [at for at in header.beside if at > header.last_column],
    ):
        texts = [
            (row, at, cell)
            for row, cells in enumerate(rows)
            for at in columns
            if at < len(cells) and (cell := cells[at]) and (at in header.beside_headers or not _may_be_data(cells, header))
        ]
        if not texts or (columns[0] < header.first_column and all(cell.isdecimal() for _, _, cell in texts)):
            continue  # a column of line numbers without a header
        row, at, _ = texts[0]
        shown = mask("、".join(cell for other, _, cell in texts if other == row))
        findings.add(
            finding("beside-the-table", sheet=place.sheet.name, cell=cell_address(at, header.first_row + row + 1), value=shown)
        )


def _table_beside(place: Place) -> tuple[int, Header] | None:
    """The same table once more beside this one, with rows of its own: two columns of a printed page. Where it was searched from, and its header."""
    header = place.header
    for columns in (range(header.first_column), range(header.last_column + 1, place.sheet.n_columns)):
        grid = [list(row[columns.start : columns.stop]) for row in place.sheet.head]
        found = locate(place.table, grid) if header.beside_headers.intersection(columns) else None
        if found is not None and 2 * found.score >= header.score and has_lines_below(grid, found):
            return columns.start, found
    return None


def _is_copy(place: Place, start: int, other: Header) -> bool:
    """Whether another table beside this one says the same in every line: then it does not matter which of them is read."""
    header = place.header
    pairs = [(header.index.get(name), start + at) for name, at in other.index.items()]
    if other.last_row != header.last_row or any(own is None for own, _ in pairs):
        return False
    for batch in place.sheet.batches():
        below = batch.filter(pc.greater(batch.column("row_number"), header.last_row + 1))
        for own, theirs in pairs:
            if own is not None and not below.column(own + 1).equals(below.column(theirs + 1)):
                return False
    return True


def _may_be_data(cells: Sequence[str | None], header: Header) -> bool:
    """Whether a line fills half of the columns: what stands beside it is told with the line (`beside_rows`)."""
    return 2 * sum(at < len(cells) and bool(cells[at]) for at in header.columns) >= len(header.columns)


def explain(place: Place, found: Interpreted) -> dict[str, Any]:
    """Explain how a table was read, for `intake.submission.tables`: sheet, header lines, how columns matched, what was ignored."""
    header = place.header
    aliases = {
        header.sent[at]: column.header
        for at, column in header.columns.items()
        if at not in header.fuzzy_matches and fold_header(header.sent[at]) != fold_header(column.header)
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
            for at, sure in header.fuzzy_matches.items()
        },
        "units": {
            column.header: unit
            for column in place.table.columns
            if (unit := found.units.get(column.name)) and unit != column.unit and column not in header.missing
        },
        "units_declared_in": {
            column.header: where for column in place.table.columns if (where := place.declared.get(column.name))
        },
        "total_lines": found.total_lines,
        "n_note_lines": found.n_notes,
        "filled_down": found.filled_down,
        "beside": [column_letters(at) for at in header.beside],
        "other_sheets": [*place.rivals, *place.unread, *place.left],
        "from_sheet_name": {place.table.by_name[name].header: value for name, value in place.given.items()},
    }
