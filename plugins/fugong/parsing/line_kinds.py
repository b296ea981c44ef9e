"""Kinds of lines below a header: data, totals, notes, headings, example row, blank. Every line gets exactly one kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Table
from fugong.contracts.example import MARKED, is_example
from fugong.core.column_bytes import bytes_of
from fugong.parsing.cell_anomalies import is_nothing, is_placeholder
from fugong.parsing.cell_findings import CellFindings
from fugong.parsing.control_totals import ControlTotals, is_summed
from fugong.parsing.header import IGNORED, Header, Merged
from fugong.parsing.numbering_lines import NumberingLines
from fugong.parsing.text_marks import ZERO
from fugong.privacy.detect import mask

FIRM = r"(?:公司|厂|店|铺|馆|社|商行|银行|经营部|门市部|医院|加油站|市场|农场|集团|中心|工作室|事务所|个体户)"
"""How names of firms end: one may be called 总计机械有限公司."""
TOTAL = re.compile(
    rf"^(?!.*{FIRM}$)(本页|本表|本日|当日|本月|本年|全区|全县|全市|全镇|全部|总)?(合计|总计|共计|小计|累计)|[^\d](小计|合计|总计)$"
    r"|^(全区|全县|全市|全镇|全部)?(汇总|总数|总和|总量|总合)(数|行)?:?$|^全区:?$|^(grand|sub)?-?totals?:?$|^sum:?$|^[∑σ]:?$"
)
DERIVED = re.compile(
    r"^(平均(值|数|每[家户天日])?|均值|占比|比重|(同|环)比(增长|增减|增幅|变化)?|增[幅速减]|增长率|[较比](上|昨|前|去)[日周月年天期]?(同期)?(增长|增减|变化)?|共\d+[家户个条行笔项人])[:%]?$"
)
"""What is counted from the lines above, and is no total of them."""
PART_OF_TOTAL = re.compile(r"^其中:?")
HEADING = re.compile(r"^\(?[一二三四五六七八九十]{1,3}[)、.]|:$|^(补报|补充|新增|续报|附)$")
NOTE = re.compile(
    r"^(注|备注|说明|填表说明|填报说明|填表人|填报人|制表|制表人|审核|审核人|单位负责人|统计负责人|负责人|联系电话|联系人|经办|经办人"
    r"|报送人|复核|复核人|主管领导|分管领导|签字|签章|盖章|报出日期|填报日期|单位\(?盖章\)?):?|^\(?(金额|计量|货币|数据)?单位:|^note:"
    r"|^第\d{1,3}页|^共\d{1,3}页|^\d{1,3}/\d{1,3}页?$|^\(?(续表?|[接转承][上下]页)\)?$"
)
"""These match folded text."""
DOUBTFUL_LABEL = r"(?i)合\s*计|小\s*计|总\s*[计数和量合]|共\s*计|汇\s*总|^\s*全\s*区|total|^\s*sum\s*$|[∑Σ]|例\s*[:\x{FF1A}]|^\D{1,8}[:\x{FF1A}]"
"""Words in the first column, as typed, that make a line worth a closer look: those of totals, and a label before a colon (注：…)."""
DOUBTFUL_ASCII = (b"total", b"sum", b":")
"""One of them is in every ASCII text that matches it."""
OTHER_DELIMITERS = (";", "\t", "|")
WORDS = re.compile(r"[^\W\d_]{2}")
LABEL_CELLS = 4
"""The label of a total or note stands in one of so many cells from the left."""
MAX_NOTE_CELLS = 3
"""A note fills no more cells than this, unless half of them look like notes."""


@dataclass(frozen=True)
class SingleCellLine:
    """A line with one filled cell: a note if no data follow, else a stray line."""

    row_number: int
    text: str


class LineClassifier:
    """Separates the data lines of one table from all others, block after block, and counts both.

    Attributes:
        n_data: data lines so far, with example rows that were typed over.
        n_notes: notes, headings and signatures so far.
        first_data, last_data: row numbers of data lines; None and 0 before the first.
        last_line: the last line so far that is not blank.
    """

    def __init__(
        self,
        table: Table,
        header: Header,
        merged: Sequence[Merged],
        example: Mapping[str, str],
        totals: ControlTotals,
        findings: CellFindings,
        code_lists: Mapping[str, CodeList],
    ) -> None:
        """Nothing read yet.

        Args:
            example: the example row of the report's template; empty without one.
            totals: collects the total lines.
        """
        self._table, self._header, self._example = table, header, example
        self._totals, self._findings = totals, findings
        self._numbering = NumberingLines(table, header, code_lists)
        self._code_lists = code_lists
        self._required = [column for column in table.columns if column.required and column.name in header.index]
        self._labelled = [table.by_name[name] for name in self._columns_of_labels()]
        self._wide_lines = {
            top for top, left, bottom, right in merged if top == bottom and right - left >= 2 and left <= header.first_column + 1
        }
        self._batch: pa.RecordBatch | None = None
        self._single: list[SingleCellLine] = []
        self._prefilled: list[int] = []
        self.n_data = self.n_notes = 0
        self.first_data: int | None = None
        self.last_data = 0
        self.last_line = header.last_row + 1

    def data_of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The data lines of the next block."""
        if not batch.num_rows:
            return batch
        is_data = self._classify(batch)
        if is_data is not None:
            batch = batch.filter(pa.array(is_data))
        else:
            self.last_line = batch.column("row_number")[-1].as_py()
        if batch.num_rows:
            self.n_data += batch.num_rows
            self.last_data = batch.column("row_number")[-1].as_py()
            if self.first_data is None:
                self.first_data = batch.column("row_number")[0].as_py()
        return batch

    def finish(self) -> None:
        """Once all blocks are in: report single cells between data lines as stray lines."""
        for line in self._single:
            if line.row_number < self.last_data:
                self.n_data += 1
                self._findings.add_line("stray-line", line.row_number, mask(line.text))
        for total in self._totals.take_unproven():
            assert total.labelled is not None
            self.n_data += 1
            self._findings.add(
                "doubtful-total", self._table.by_name[total.labelled], total.row_number, total.cells[total.labelled]
            )
        if self._prefilled:
            self._findings.add_line("prefilled-lines", self._prefilled[0], str(len(self._prefilled)), last=self._prefilled[-1])

    def _classify(self, batch: pa.RecordBatch) -> np.ndarray | None:
        """Which lines hold data; None if all do. A line with every mandatory cell filled needs no closer look."""
        self._batch = batch
        in_doubt = np.zeros(batch.num_rows, dtype=bool)
        for column in self._required:
            cells = self._header.cells_of(batch, column)
            if cells.null_count:
                in_doubt |= np.asarray(cells.is_null())
        label = batch.column(f"c{self._header.first_column}")
        in_doubt |= are_doubtful(label)
        if len(self._required) == 1:
            in_doubt |= self._has_only_words(batch, label)
        for name in self._table.key[:1]:
            if name in self._header.index:
                keys = self._header.cells_of(batch, self._table.by_name[name])
                repeated = pc.equal(pc.utf8_trim_whitespace(keys), self._header.sent[self._header.index[name]].strip())
                in_doubt |= np.asarray(pc.fill_null(repeated, False)) | is_placeholder(keys)
        for column in self._labelled:
            cells = self._header.cells_of(batch, column)
            if len(totals := _total_words(cells)):
                in_doubt |= np.asarray(pc.is_in(cells, totals))
        in_doubt |= self._numbering.may_be(batch)
        positions = np.flatnonzero(in_doubt)
        if not len(positions):
            return None
        is_data = np.ones(batch.num_rows, dtype=bool)
        doubtful = batch.take(pa.array(positions)).to_pydict()
        numbers = doubtful.pop("row_number")
        inside = range(self._header.first_column, self._header.last_column + 1)
        columns = [doubtful[name] if at in inside else [None] * len(positions) for at, name in enumerate(doubtful)]
        for order, position in enumerate(positions):
            is_data[position] = self._is_data(numbers[order], [cells[order] for cells in columns])
        sure = np.asarray(batch.column("row_number"))[is_data]
        if len(sure):
            self.last_line = max(self.last_line, int(sure[-1]))
        return is_data

    def _has_only_words(self, batch: pa.RecordBatch, label: pa.Array) -> np.ndarray:
        """Lines with a text without digits in the first column and nothing behind it: a note, where only the key is mandatory."""
        is_alone = np.array(pc.fill_null(pc.match_substring_regex(label, r"^\D+$"), False))
        for at, column in self._header.columns.items() if is_alone.any() else ():
            if at != self._header.first_column:
                is_alone &= np.asarray(self._header.cells_of(batch, column).is_null())
        return is_alone

    def _is_data(self, row_number: int, cells: list[str | None]) -> bool:
        filled = [cell for cell in cells if cell]
        if not filled:
            return False
        self.last_line = max(self.last_line, row_number)
        if MARKED.match(fold(filled[0])):
            self._read_example(row_number, cells, filled[0])
            return False
        return not (
            self._is_total(row_number, cells)
            or self._is_derived(cells)
            or self._is_note(cells, filled)
            or self._repeats_header(cells)
            or self._numbering.is_one(cells)
            or self._is_prefilled(row_number, cells)
            or self._is_single_cell(row_number, filled)
        )

    def _columns_of_labels(self) -> list[str]:
        """Columns in which a word for a total can be nothing else: those of the key, and of codes left of the first amount."""
        amounts = [at for at, column in self._header.columns.items() if is_summed(column) and column.key_position is None]
        end = min(amounts, default=len(self._header.sent))
        coded = [column.name for at, column in self._header.columns.items() if column.code_list and at < end]
        return [name for name in dict.fromkeys([*self._table.key[1:], *coded]) if name in self._header.index]

    def _label_beside_key(self, cells: list[str | None]) -> tuple[str, str] | None:
        """The column and the word for a total in it, on a line whose key is complete."""
        for column in self._labelled:
            at = self._header.index[column.name]
            label = fold(cells[at] or "") if at < len(cells) else ""
            codes = self._code_lists[column.code_list].spellings if column.code_list else ()
            if TOTAL.search(label) and label not in codes:
                return column.name, label
        return None

    def _group_of(self, row_number: int, labelled: str) -> tuple[int, int] | None:
        """The first and the last line right above a line, or else right below it, that have the same key but for one column."""
        batch = self._batch
        assert batch is not None
        numbers = batch.column("row_number")
        at = pc.index(numbers, row_number).as_py()
        keys = [self._header.cells_of(batch, self._table.by_name[name]) for name in self._table.key if name != labelled]
        for step, end in ((-1, -1), (1, len(numbers))) if keys else ():
            here = at
            while here + step != end and all(key[here + step].equals(key[at]) for key in keys):
                here += step
            if here != at:
                first, last = sorted((numbers[here].as_py(), numbers[at + step].as_py()))
                return first, last
        return None

    def _labels(self, cells: list[str | None]) -> list[str]:
        return [fold(cell) for cell in self._header.within(cells)[:LABEL_CELLS] if cell]

    def _is_without_key(self, cells: list[str | None], label: re.Pattern[str]) -> bool:
        """Whether the key is incomplete, or its first column holds such a label."""
        places = [self._header.index[name] for name in self._table.key if name in self._header.index]
        if not places or any(at >= len(cells) or is_nothing(cells[at]) for at in places):
            return True
        return label.search(fold(cells[places[0]] or "")) is not None

    def _is_total(self, row_number: int, cells: list[str | None]) -> bool:
        labels = self._labels(cells)
        total = next((label for label in labels if TOTAL.search(label)), None)
        filled = {name: text for name, at in self._header.index.items() if at < len(cells) and (text := cells[at])}
        if total is not None and self._is_without_key(cells, TOTAL) and not _is_row(total, cells):
            self._totals.add_line(row_number, total, filled)
            return True
        if (beside_key := self._label_beside_key(cells)) is not None:
            labelled, label = beside_key
            self._totals.add_line(row_number, label, filled, labelled, self._group_of(row_number, labelled))
            return True
        is_part = bool(labels) and PART_OF_TOTAL.match(labels[0]) and self._is_without_key(cells, PART_OF_TOTAL)
        if is_part and self._totals.ends_at(row_number - 1):
            self._totals.add_breakdown(row_number)
            return True
        return False

    def _is_derived(self, cells: list[str | None]) -> bool:
        """Whether the line is a mean, a share or a change of those above."""
        if not any(DERIVED.match(label) for label in self._labels(cells)) or not self._is_without_key(cells, DERIVED):
            return False
        self.n_notes += 1
        return True

    def _is_note(self, cells: list[str | None], filled: Sequence[str]) -> bool:
        labels = self._labels(cells)
        if not labels or not NOTE.match(labels[0]) or not self._is_without_key(cells, NOTE):
            return False
        if len(filled) > MAX_NOTE_CELLS and 2 * sum(bool(NOTE.match(fold(cell))) for cell in filled) < len(filled):
            return False
        self.n_notes += 1
        return True

    def _repeats_header(self, cells: list[str | None]) -> bool:
        """Whether the line is the header again, as at the top of a printed page."""
        return all(fold(self._header.sent.get(at, "")) == fold(cell) for at, cell in enumerate(cells) if cell)

    def _is_prefilled(self, row_number: int, cells: list[str | None]) -> bool:
        """Whether somebody filled in only what is the same every day: codes, zeros, line numbers; and no key and no other text."""
        places = [self._header.index[name] for name in self._table.key if name in self._header.index]
        if not places or any(at < len(cells) and not is_nothing(cells[at]) for at in places):
            return False
        n_filled = n_codes = 0
        for at, cell in enumerate(cells):
            if cell is None or is_nothing(cell):
                continue
            n_filled += 1
            if ZERO.match(fold(cell).rstrip("%")):
                continue
            column = self._header.columns.get(at)
            is_counter = column is None and fold(self._header.sent.get(at, "")) in IGNORED and cell.strip().isdecimal()
            if not is_counter and (column is None or column.code_list is None):
                return False
            n_codes += not is_counter
        if not n_filled or n_filled == n_codes == 1:  # a name alone is a heading
            return False
        self.n_notes += 1
        self._prefilled.append(row_number)
        return True

    def _is_single_cell(self, row_number: int, filled: Sequence[str]) -> bool:
        if len(filled) != 1 or len(self._header.columns) <= 2:
            return False
        if any(2 * filled[0].count(sign) >= len(self._header.columns) for sign in OTHER_DELIMITERS):
            return False  # a line that somebody wrote with another delimiter
        if row_number - 1 in self._wide_lines or HEADING.search(fold(filled[0])):
            self.n_notes += 1
        else:
            self._single.append(SingleCellLine(row_number, filled[0]))
        return True

    def _read_example(self, row_number: int, cells: list[str | None], first: str) -> None:
        """Ignore the template's example row. If the sender typed over it, return the row so that no data is silently dropped."""
        line = {name: cells[at] if at < len(cells) else None for name, at in self._header.index.items()}
        if not self._example or not is_example(line, self._example):
            self.n_data += 1
            self._findings.add_line("written-over-example", row_number, first)


def _is_row(label: str, cells: Sequence[str | None]) -> bool:
    """Whether a line is a row with a name that begins like a total: words stand behind the label, and in more cells than those of a note."""
    is_name = TOTAL.match(label) is not None and len(TOTAL.sub("", label, count=1)) > 1
    return is_name and sum(bool(cell and WORDS.search(cell)) for cell in cells) > MAX_NOTE_CELLS


def are_doubtful(labels: pa.Array) -> np.ndarray:
    """Which cells match `DOUBTFUL_LABEL`. Of ASCII texts only its words of ASCII can: codes and numbers are settled by their bytes."""
    raw = bytes_of(labels)[1].tobytes()
    if raw.isascii() and not any(word in raw.lower() for word in DOUBTFUL_ASCII):
        return np.zeros(len(labels), dtype=bool)
    return np.asarray(pc.fill_null(pc.match_substring_regex(labels, DOUBTFUL_LABEL), False))


def _total_words(cells: pa.Array) -> pa.Array:
    """The distinct texts among some cells that are words for a total."""
    distinct = pc.unique(cells)
    may_be = distinct.filter(pc.fill_null(pc.match_substring_regex(distinct, DOUBTFUL_LABEL), False))
    return pa.array([text for text in may_be.to_pylist() if TOTAL.search(fold(text))], pa.string())
