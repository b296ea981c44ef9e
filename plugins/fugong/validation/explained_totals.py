"""Tells a total that does not agree once: beneath the cells that explain it, or with the one row whose slip does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.core.bilingual import Bilingual
from fugong.core.cell_address import cell_address
from fugong.findings.collector import FindingCollector
from fugong.findings.finding import Finding
from fugong.parsing.control_totals import ColumnTotal
from fugong.parsing.interpreted import Interpreted
from fugong.validation.localisation.evidence import source_of
from fugong.validation.localisation.slips import SCALES

MAX_UNEXPLAINED = 20
"""Totals of a table for which the rows are searched for a slip: each costs work in every block."""


@dataclass(frozen=True)
class Correction:
    """A proposed value of one cell.

    Attributes:
        finding: that proposes it.
        change: the proposed value less the typed one, in the column's stored unit.
    """

    finding: Finding
    column: str
    row_number: int
    change: float


def explain_totals(found: Interpreted, corrections: Sequence[Correction], findings: FindingCollector) -> None:
    """Tell the totals of a table that proposed values explain beneath those values; name the row whose slip explains another total.

    The rows of the table are validated.
    """
    latest = {id(one.finding): one.finding for one in corrections}
    unexplained: list[ColumnTotal] = []
    for total in found.totals:
        if not total.lacking:
            continue
        concerned = [one for one in corrections if _is_of(total, one.column, one.row_number)]
        if concerned and _agree(sum(one.change for one in concerned), total):
            findings.withdraw(total.code, found.sheet, total.row_number, total.column.name)
            for one in concerned:
                before = latest[id(one.finding)]
                after = _with_sentence(before, _also_the_total(total, n=len(concerned)))
                findings.replace(before, after)
                latest[id(one.finding)] = after
        elif not concerned:
            unexplained.append(total)
    for total, slips in _slips(found, unexplained[:MAX_UNEXPLAINED]):
        told = findings.find(total.code, found.sheet, total.row_number, total.column.name)
        if len(slips) == 1 and told is not None:
            findings.replace(told, _with_sentence(told, slips[0]))


def _is_of(total: ColumnTotal, column: str, row_number: int) -> bool:
    return column == total.column.name and total.first <= row_number <= total.last


def _agree(change: float, total: ColumnTotal) -> bool:
    """Whether a change of the rows makes the total agree, to half a unit of the column's last decimal."""
    return abs(change - float(total.lacking)) < 0.5 * 10.0 ** -(total.column.scale or 0)


def _also_the_total(total: ColumnTotal, *, n: int) -> Bilingual:
    source = source_of(total)
    if n == 1:
        return Bilingual(f"{source.zh}也正好差这么多。", f"{_capital(source.en)} differs by as much.")
    return Bilingual(f"这一列有 {n} 格如此,都改正后{source.zh}就对得上。", f"With {n} such cells mended, {source.en} agrees.")


def _slips(found: Interpreted, totals: Sequence[ColumnTotal]) -> list[tuple[ColumnTotal, list[Bilingual]]]:
    """For each total the slips of scale or sign of one row that make it agree. The rows are read once."""
    slips: list[tuple[ColumnTotal, list[Bilingual]]] = [(total, []) for total in totals]
    for block in found.blocks() if totals else ():
        lines = block.column("row_number").to_numpy()
        for total, own in slips:
            own += _slips_in(block, lines, total, found.header_at(total.first).index.get(total.column.name))
    return slips


def _slips_in(block: pa.RecordBatch, lines: np.ndarray, total: ColumnTotal, at: int | None) -> Iterator[Bilingual]:
    lacking = float(total.lacking)
    values = pc.cast(block.column(total.column.name), pa.float64()).to_numpy(zero_copy_only=False)
    inside = (lines >= total.first) & (lines <= total.last)
    for slip in SCALES:
        meant = slip.undo(values)
        fits = inside & (values != 0) & (abs(meant - values - lacking) < 1e-9 * abs(lacking))
        for line, typed, value in zip(lines[fits].tolist(), values[fits].tolist(), meant[fits].tolist(), strict=True):
            cell = cell_address(at, line)
            yield Bilingual(
                f"若{cell} 的 {typed:,.10g} {slip.text.zh},应为 {value:,.10g},合计就正好对得上。",
                f"If {typed:,.10g} in {cell} should be {value:,.10g} ({slip.text.en}), the total agrees.",
            )


def _with_sentence(told: Finding, more: Bilingual) -> Finding:
    return replace(told, message_zh=told.message_zh + more.zh, message_en=f"{told.message_en} {more.en}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
