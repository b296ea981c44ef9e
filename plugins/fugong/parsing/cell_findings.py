"""Records findings about the cells of one table: address, header as sent and masked value are filled in here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import Column, Table
from fugong.core.cell_address import cell_address
from fugong.core.retention import SEALED_ORIGINAL_DAYS
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import CATALOGUE, finding
from fugong.findings.collector import FindingCollector
from fugong.findings.finding import Finding
from fugong.parsing.header import Header
from fugong.parsing.typed import Repaired, Unreadable
from fugong.privacy.detect import KINDS, is_id_label, mask
from fugong.privacy.detect_columns import find_in

ALWAYS_ASIDE = frozenset({"digits-lost", "doubtful-share"})
"""Set a row aside in optional columns, too: to load nothing instead would be as wrong as to load the value."""
CodesOf = Callable[[Sequence[str]], Mapping[str, str]]
"""15-digit numbers as typed → credit codes, of those that are known."""


PHONE_LABEL = re.compile(r"电\s*话|手\s*机|联\s*系|填\s*[报表]|制\s*表|经\s*办|负\s*责|审\s*核|tel|phone|mobile", re.IGNORECASE)
"""Words on a line that is no data beside which eleven digits are a telephone number, not a total."""
OUTSIDE_ROWS = ("表外的行", "a line outside the table")


def personal_finding(
    kind: str,
    where: tuple[str, str],
    value: str,
    sheet: str = "",
    row_number: int | None = None,
    cell: str | None = None,
) -> Finding:
    """The finding about personal data outside the rows of a table: a telephone number is told, anything else rejects the file.

    Args:
        kind: of `privacy.detect.KINDS`.
        where: the place, in Chinese and English.
        value: masked.
    """
    kind_zh, kind_en = KINDS[kind]
    code = "personal-contact" if kind == "mobile" else "personal-data"
    return finding(
        code,
        sheet=sheet,
        row_number=row_number,
        cell=cell,
        where=where[0],
        where_en=where[1],
        header=where[0],
        value=value,
        kind_zh=kind_zh,
        kind_en=kind_en,
        days=SEALED_ORIGINAL_DAYS,
    )


class CellFindings:
    """Findings about the cells of one table.

    Attributes:
        collector: keeps them.
    """

    def __init__(self, table: Table, sheet: str, header: Header, collector: FindingCollector, codes_of: CodesOf) -> None:
        self._table, self._sheet, self._header, self._codes_of = table, sheet, header, codes_of
        self.collector = collector

    def add_line(self, code: str, row_number: int, value: str, **details: object) -> None:
        """Record a finding about a whole line."""
        self.collector.add(
            finding(code, sheet=self._sheet, row_number=row_number, cell=None, column_name=None, value=value, **details)
        )

    def add_beside(self, code: str, row_number: int, cell: str, value: str, **details: object) -> None:
        """Record a warning about a cell of no column; `value` is masked already."""
        self.collector.add(
            finding(
                code,
                sheet=self._sheet,
                row_number=row_number,
                cell=cell,
                column_name=None,
                value=value,
                line=row_number,
                **details,
            )
        )

    def add(self, code: str, column: Column, row_number: int, value: str | None, **details: object) -> None:
        """Record a finding about one cell.

        Args:
            value: as typed; it is masked here.
            details: what the sentence names besides header and value; texts are masked, too.
        """
        at = self._header.index[column.name]
        is_code = column.name in self._table.own_numbers
        details = {name: mask(one, is_code=is_code) if isinstance(one, str) else one for name, one in details.items()}
        self.collector.add(
            finding(
                code,
                sheet=self._sheet,
                row_number=row_number,
                cell=cell_address(at, row_number),
                column_name=column.name,
                header=column.header,
                value=None if value is None else mask(value, is_code=is_code),
                **details,
            ),
            self._header.sent.get(at, column.header),
        )

    def add_column(self, code: str, column: Column, value: str, **details: object) -> None:
        """Record a finding about a whole column, at its header."""
        at = self._header.index[column.name]
        self.collector.add(
            finding(
                code,
                sheet=self._sheet,
                row_number=None,
                cell=cell_address(at, self._header.last_row + 1),
                column_name=column.name,
                header=column.header,
                value=value,
                **details,
            ),
            self._header.sent.get(at, column.header),
        )

    def add_missing(self, column: Column, row_numbers: pa.Array, positions: Iterable[int]) -> None:
        """Record mandatory cells that are empty."""
        for position in positions:
            self.add("missing-value", column, int(row_numbers[int(position)].as_py()), None)

    def add_unreadable(self, column: Column, cells: pa.Array, row_numbers: pa.Array, found: Unreadable) -> bool:
        """Record cells that cannot be read.

        Returns:
            Whether their rows are set aside. An optional column is loaded as empty instead.
        """
        code: str = found.code
        details: list[Mapping[str, object]] = list(found.details)
        if code == "uscc-old-number":
            old = cells.take(pa.array(found.positions))
            known = self._codes_of(pc.unique(old).to_pylist())
            details = [{"known": f" {known[text]}" if text in known else ""} for text in old.to_pylist()]
        sets_aside = CATALOGUE[code].severity is Severity.SET_ASIDE
        if sets_aside and not column.is_mandatory and code not in ALWAYS_ASIDE:
            code, details, sets_aside = "unreadable-optional", [], False
        self._add_alike(code, column, cells, row_numbers, found.positions, details)
        return sets_aside

    def add_repaired(self, column: Column, cells: pa.Array, row_numbers: pa.Array, found: Repaired) -> None:
        """Record cells whose value was normalised."""
        details = [{"after": after} for after in found.after]
        self._add_alike(found.code, column, cells, row_numbers, found.positions, details)

    def add_personal(self, at: int, batch: pa.RecordBatch, hits: Sequence[tuple[int, str]]) -> None:
        """Record personal data, masked. One such cell rejects the file.

        Args:
            at: physical column (0-based), also one that the contract does not know.
            batch: `row_number` and the physical columns.
            hits: row position and kind of personal data.
        """
        column = self._header.columns.get(at)
        kind_of_cells = self.kind_of_cells(at)
        is_code, is_labelled = kind_of_cells == "code", kind_of_cells == "id"
        for position, kind in hits:
            row_number = batch.column("row_number")[position].as_py()
            address = cell_address(at, row_number)
            kind_zh, kind_en = KINDS[kind]
            header = self._header.sent.get(at) or (address or "")
            self.collector.add(
                finding(
                    "personal-data",
                    sheet=self._sheet,
                    row_number=row_number,
                    cell=address,
                    column_name=column.name if column else None,
                    header=mask(header),
                    value=mask(batch.column(at + 1)[position].as_py(), is_code=is_code, is_labelled=is_labelled),
                    kind_zh=kind_zh,
                    kind_en=kind_en,
                    days=SEALED_ORIGINAL_DAYS,
                ),
                header,
            )

    def add_personal_outside(self, lines: pa.RecordBatch) -> bool:
        """Record personal data on lines that are no data: notes, signatures, totals.

        Args:
            lines: `row_number` and the physical columns.

        Returns:
            Whether they reject the file.
        """
        rejects = False
        for at in range(lines.num_columns - 1):
            cells = lines.column(at + 1)
            for position, kind in find_in(cells):
                text, row_number = cells[position].as_py(), lines.column(0)[position].as_py()
                line = [lines.column(other)[position].as_py() for other in range(1, lines.num_columns)]
                if text.strip().isdecimal() and kind != "id_number" and not PHONE_LABEL.search(" ".join(filter(None, line))):
                    continue  # a total, or a number of the sender's own
                address = cell_address(at, row_number)
                self.collector.add(personal_finding(kind, OUTSIDE_ROWS, mask(text), self._sheet, row_number, address))
                rejects |= kind != "mobile"
        return rejects

    def kind_of_cells(self, at: int) -> str:
        """What a physical column holds, for the search for personal data: `uscc`, `code`, `number`, `text`, or `id`.

        The last is a column that the contract does not know, under a header that says ID number.
        """
        column = self._header.columns.get(at)
        if column is None:
            return "id" if is_id_label(self._header.sent.get(at) or "") else "text"
        if column.format == "uscc":
            return "uscc"
        if column.name in self._table.own_numbers:
            return "code"
        return "text" if column.logical_type == "string" else "number"

    def _add_alike(
        self,
        code: str,
        column: Column,
        cells: pa.Array,
        row_numbers: pa.Array,
        positions: np.ndarray,
        details: Sequence[Mapping[str, object]],
    ) -> None:
        """Record the same code for many cells.

        Cells beyond what the collector keeps are only counted, unless their rows are returned: those need their reasons.
        """
        is_returned = CATALOGUE[code].severity is Severity.SET_ASIDE
        room = len(positions) if is_returned else self.collector.room(self._sheet, code, column.name)
        for order, position in enumerate(positions[:room]):
            given = details[order] if details else {}
            self.add(code, column, int(row_numbers[int(position)].as_py()), cells[int(position)].as_py(), **given)
        self.collector.count(self._sheet, code, column.name, len(positions) - room)
