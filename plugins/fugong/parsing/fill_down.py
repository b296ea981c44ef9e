"""Fills cells that stand for those below them: merged ranges, and 同上 ("same as above")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column
from fugong.parsing.cell_anomalies import is_as_above, is_nothing, may_be_as_above
from fugong.parsing.header import Header, Merged
from fugong.parsing.line_kinds import TOTAL

NO_LISTS: Mapping[str, CodeList] = {}


class FillDown:
    """Writes such cells out, as people read them, block after block.

    A vertically merged range gets the text of its first cell. 同上 gets the text above it, in columns of texts and codes only,
    never in a key, and not where the cell above holds no value.

    Attributes:
        headers: of the columns whose merged cells are filled.
        merged_numbers: merged ranges of numbers. They belong to no single row, so none of their rows may keep the number.
    """

    def __init__(
        self,
        header: Header,
        merged: Sequence[Merged],
        code_lists: Mapping[str, CodeList] = NO_LISTS,
        *,
        as_above: bool = True,
    ) -> None:
        """Nothing read yet.

        Args:
            merged: the merged ranges of the sheet.
            code_lists: in which a word for a total may be a code.
            as_above: False leaves 同上 as it was typed.
        """
        self._first_line = header.last_row + 2
        self._merged = [m for m in merged if m[1] == m[3] and m[2] > m[0] > header.last_row and m[1] in header.columns]
        self.merged_numbers = [m for m in self._merged if header.columns[m[1]].logical_type in ("number", "integer")]
        numbers = set(self.merged_numbers)
        self.headers = list(dict.fromkeys(header.columns[m[1]].header for m in self._merged if m not in numbers))
        self._merged_texts: dict[Merged, str | None] = {}
        self._repeating = {at: column for at, column in header.columns.items() if as_above and _may_repeat(column)}
        self._code_lists = code_lists
        self._above: dict[int, tuple[str | None, int]] = {}
        self._filled: dict[str, dict[int, tuple[str, str, int]]] = {}

    def block(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The lines of the next block that lie below the header, filled."""
        if batch.num_rows and batch.column("row_number")[0].as_py() < self._first_line:
            batch = batch.filter(pc.greater_equal(batch.column("row_number"), self._first_line))
        if not batch.num_rows:
            return batch
        columns = batch.columns
        self._fill_merged(columns, batch)
        self._fill_as_above(columns, batch)
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def take_filled(self, column: Column, row_numbers: pa.Array) -> Iterator[tuple[int, str, str, int]]:
        """Line, old and new text, and the line from which it comes, of each 同上 that was filled in a column of the last block, each once.

        Args:
            row_numbers: of the block's data lines; 同上 in other lines is left out.
        """
        filled = self._filled.pop(column.name, {})
        lines = set(row_numbers.to_pylist()) if filled else set[int]()
        for line, one in filled.items():
            if line in lines:
                yield line, *one

    def _fill_merged(self, columns: list[pa.Array], batch: pa.RecordBatch) -> None:
        first = batch.column("row_number")[0].as_py()
        texts: dict[int, list[str | None]] = {}
        reached: dict[int, int] = {}
        for merged in sorted(self._merged):
            top, left, bottom, _ = merged
            start, end = top + 1 - first, bottom + 1 - first
            if end < 0 or start >= batch.num_rows:
                continue
            at = batch.schema.get_field_index(f"c{left}")
            if at not in texts:
                texts[at] = columns[at].to_pylist()
            values = texts[at]
            if start >= 0:
                self._merged_texts[merged] = values[start]
            # No program writes ranges that overlap; thousands of them must not cost more than one.
            for position in range(max(start + 1, reached.get(at, 0)), min(end, batch.num_rows - 1) + 1):
                values[position] = self._merged_texts.get(merged)
            reached[at] = max(reached.get(at, 0), end + 1)
        for at, values in texts.items():
            columns[at] = pa.array(values, pa.string())

    def _fill_as_above(self, columns: list[pa.Array], batch: pa.RecordBatch) -> None:
        numbers = batch.column("row_number")
        for index, column in self._repeating.items():
            at = batch.schema.get_field_index(f"c{index}")
            if at < 0:
                continue
            if may_be_as_above(columns[at]):
                values: list[str | None] = columns[at].to_pylist()
                above, source = self._above.get(index, (None, 0))
                filled = self._filled.setdefault(column.name, {})
                for position, text in enumerate(values):
                    if text is not None and is_as_above(text):
                        if is_nothing(above) or self._is_total(column, above or ""):
                            continue
                        filled[numbers[position].as_py()] = (text, str(above), source)
                        values[position] = above
                    else:
                        above, source = text, numbers[position].as_py()
                columns[at] = pa.array(values, pa.string())
                self._above[index] = (above, source)
            else:
                self._above[index] = (columns[at][-1].as_py(), numbers[-1].as_py())

    def _is_total(self, column: Column, above: str) -> bool:
        """Whether a text says that a total stands above, and is no code of the column (几个项目合计)."""
        codes = self._code_lists[column.code_list].spellings if column.code_list and self._code_lists else ()
        return TOTAL.search(fold(above)) is not None and fold(above) not in codes


def as_typed(column: Column, cells: pa.Array, numbers: pa.Array, filled: Mapping[int, tuple[str, str]]) -> pa.Array:
    """The cells of a column, with 同上 where it was typed; sentences about credit codes tell of the code itself, so it stands beside."""
    texts = cells.to_pylist()
    for position, line in enumerate(numbers.to_pylist()):
        if line in filled:
            before, after = filled[line]
            texts[position] = f"{before}({after})" if column.format == "uscc" else before
    return pa.array(texts, pa.string())


def _may_repeat(column: Column) -> bool:
    is_text = column.logical_type == "string" and column.format != "month"
    return column.key_position is None and (is_text or column.code_list is not None)
