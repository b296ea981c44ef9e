"""Decides what the unsigned numbers of a column of shares mean, once for the whole column: fractions, percents or per mille.

What header and contract say decides, never one number alone: 1 under a header with % is 1 % beside 85.5 and beside 0.5. A cell with its own
sign stays what it says. The contract's range of the column tells which reading makes sense where both are possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Table
from fugong.parsing.header import Header
from fugong.parsing.keyed_lines import keyed_lines
from fugong.parsing.number_text import parse_number
from fugong.parsing.typed import Unreadable
from fugong.parsing.units import Units

FRACTION, PERCENT, PER_MILLE = Decimal(1), Decimal("0.01"), Decimal("0.001")
"""What one typed unit is."""
SIGNED = "[%％﹪٪‰]\\s*$"
"""Ends a cell that says itself what it is."""
PLAIN = r"^-?\d{1,20}(\.\d{1,10})?$"
NONE = (np.inf, 0.0)
"""The span of no numbers."""
USUAL = (0.0, 1.5)
"""The range of a share where the contract sets none."""
MOST = 0.9
"""Where nothing is declared, so many of a column's numbers must make sense in one reading."""
MORE_THAN_HALF = 0.501
"""The same where every number makes sense in one reading only: those of the other reading go back line by line."""
NEAR = 1.5
"""So far shares may lie outside the span of those that are written in the other way, and still be the same quantity: 0.0435 beside 3.15."""
TOLERANCE = 1e-9
WHOLE_COLUMN = "share-scale-doubt"
"""The code of a column in which nobody can tell one way from the other."""
LARGEST = 1e15
"""Numbers from here on are no shares; they are refused as too large."""


@dataclass(frozen=True)
class ShareScale:
    """How the unsigned numbers of a column are read.

    Attributes:
        factor: from a typed number to the fraction; None where each number makes sense in one way only, which is then its own.
        is_declared: whether header or line of units says so. Else a number of up to 1 among percents is doubtful.
        code: what the sender is told or asked about the column; None where there is nothing to say.
        example: a number as typed, for the sentence.
    """

    factor: Decimal | None
    is_declared: bool
    code: str | None = None
    example: str = ""

    @property
    def after(self) -> str:
        """What the example is read as."""
        number, _, _ = parse_number(self.example, None)
        return as_percent(number * self.factor) if number is not None and self.factor is not None else ""


@dataclass
class Seen:
    """Counts of the unsigned numbers of a column that are not zero.

    Attributes:
        n: all of them.
        n_fractions, n_percents, n_both: those that make sense as fractions, as percents, as both.
        n_below_one: those with a point in them: nobody writes 0.85 for a count of whole percents.
        largest: of all.
        only_fractions, only_percents: least and greatest share of those that make sense in one way only.
        example: the first one, as typed.
        unsure: the first one that makes sense both ways.
    """

    n: int = 0
    n_fractions: int = 0
    n_percents: int = 0
    n_both: int = 0
    n_below_one: int = 0
    largest: float = 0.0
    only_fractions: tuple[float, float] = NONE
    only_percents: tuple[float, float] = NONE
    example: str = ""
    unsure: str = ""

    def add(self, column: Column, numbers: pa.Array) -> None:
        """Count numbers as typed; null and zero do not count."""
        values = np.abs(np.asarray(pc.drop_null(pc.cast(numbers, pa.float64()))))
        values = values[values > 0]
        if not len(values):
            return
        self.n += len(values)
        as_fraction, as_percents = _in_range(column, values), _in_range(column, values / 100)
        both = as_fraction & as_percents
        self.n_fractions += int(as_fraction.sum())
        self.n_percents += int(as_percents.sum())
        self.n_both += int(both.sum())
        self.n_below_one += int((values < 1).sum())
        self.largest = max(self.largest, float(values.max()))
        self.only_fractions = _span(self.only_fractions, values[as_fraction & ~as_percents])
        self.only_percents = _span(self.only_percents, values[as_percents & ~as_fraction] / 100)
        self.example = self.example or f"{values[0]:g}"
        if both.any():
            self.unsure = self.unsure or f"{values[both][0]:g}"

    @property
    def is_open(self) -> bool:
        """Whether every number makes sense both ways."""
        return self.n_both == self.n > 0

    def with_others(self, others: Iterable[Seen]) -> Seen:
        """The counts of several blocks together; the examples are of this one."""
        every = [self, *others]
        return Seen(
            n=sum(one.n for one in every),
            n_fractions=sum(one.n_fractions for one in every),
            n_percents=sum(one.n_percents for one in every),
            n_both=sum(one.n_both for one in every),
            n_below_one=sum(one.n_below_one for one in every),
            largest=max(one.largest for one in every),
            only_fractions=_span(NONE, np.array([one.only_fractions for one in every])),
            only_percents=_span(NONE, np.array([one.only_percents for one in every])),
            example=self.example,
            unsure=self.unsure,
        )


def _span(span: tuple[float, float], values: np.ndarray) -> tuple[float, float]:
    return min(span[0], float(values.min(initial=np.inf))), max(span[1], float(values.max(initial=0.0)))


def as_percent(fraction: Decimal) -> str:
    """A fraction as people write it: `1.2%`."""
    return f"{format((fraction * 100).normalize(), 'f')}%"


def scales_of(
    table: Table,
    blocks: Sequence[tuple[Header, Units, tuple[int, int]]],
    batches: Callable[[], Iterable[pa.RecordBatch]],
    code_lists: Mapping[str, CodeList],
) -> list[dict[str, ShareScale]]:
    """The scale of every column of shares, block by block; one pass over the lines of each, and none where there is no such column.

    A block whose numbers all make sense both ways is decided together with the blocks that declare the same.

    Args:
        blocks: header, units, the first line and the first line behind the block.
        batches: reads `row_number` and text columns `c0`, `c1`, … once more.
    """
    seen: list[dict[str, Seen]] = []
    for header, _, lines in blocks:
        columns = [column for column in table.columns if column.unit == "%" and column.name in header.index]
        counts = {column.name: Seen() for column in columns}
        for batch in keyed_lines(table, header, batches(), lines, code_lists) if columns else ():
            for column in columns:
                _count(column, header.cells_of(batch, column), counts[column.name])
        seen.append(counts)
    declared = [{name: units.of[name] for name in units.declared} for _, units, _ in blocks]
    out: list[dict[str, ShareScale]] = []
    for own, said in zip(seen, declared, strict=True):
        scales: dict[str, ShareScale] = {}
        for name, counts in own.items():
            if counts.is_open:
                alike = [
                    other[name]
                    for other, theirs in zip(seen, declared, strict=True)
                    if other is not own and name in other and theirs.get(name) == said.get(name)
                ]
                counts = counts.with_others(alike)
            scales[name] = decide(counts, said.get(name), may_ask=not table.by_name[name].tells_doubtful_scale)
        out.append(scales)
    return out


def decide(seen: Seen, declared: str | None, *, may_ask: bool = True) -> ShareScale:
    """The scale of a column from its numbers.

    Args:
        declared: `%` or `‰`; None where only the contract says that the column holds shares.
        may_ask: False only tells where nobody can be sure.
    """
    if declared == "‰":
        return ShareScale(PER_MILLE, is_declared=True)
    open_code = WHOLE_COLUMN if may_ask else "share-scale"
    is_small = seen.largest <= 1
    if declared is not None:
        if is_small and seen.n_fractions == seen.n > seen.n_percents:
            return ShareScale(FRACTION, True, "share-scale", seen.example)
        if seen.is_open:
            return ShareScale(PERCENT, True, open_code if is_small else "share-scale", seen.example)
        return ShareScale(PERCENT, True, "small-percent" if seen.n_both else None, seen.unsure)
    if not seen.n:
        return ShareScale(FRACTION, is_declared=False)
    if seen.is_open:
        return ShareScale(FRACTION, False, "share-scale" if seen.n_below_one else open_code, seen.example)
    if not seen.n_fractions and not seen.n_percents:
        return ShareScale(FRACTION if is_small else PERCENT, is_declared=False)
    if seen.n_fractions and seen.n_percents and not seen.n_both and _are_near(seen.only_fractions, seen.only_percents):
        return ShareScale(None, is_declared=False)
    if seen.n_fractions == seen.n_percents == seen.n_both >= MOST * seen.n and seen.n_below_one:
        return ShareScale(FRACTION, False, "share-scale", seen.unsure)
    likely, n_likely = max(((PERCENT, seen.n_percents), (FRACTION, seen.n_fractions)), key=lambda one: one[1])
    most = MOST if seen.n_both else MORE_THAN_HALF
    return ShareScale(likely, False, None if n_likely >= most * seen.n else WHOLE_COLUMN, seen.example)


def _are_near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether the smaller of two spans lies in the other one or close to it."""
    inner, outer = sorted((one, other), key=lambda span: span[1] / span[0])
    return outer[0] / NEAR <= inner[0] and inner[1] <= outer[1] * NEAR


def scale_of_block(column: Column, cells: pa.Array) -> ShareScale:
    """The scale of a column of which only these cells are known, and no header."""
    seen = Seen()
    _count(column, cells, seen)
    return decide(seen, None)


def as_fractions(column: Column, numbers: pa.Array, unsigned: np.ndarray, scale: ShareScale) -> tuple[pa.Array, list[Unreadable]]:
    """Convert a block of a column of shares, and find the cells whose scale is doubtful.

    Args:
        numbers: as typed, cells with a sign of their own already converted; null where there is no number.
        unsigned: mask of the cells without a sign of their own.
    """
    as_typed = numbers
    values = np.abs(np.asarray(pc.fill_null(pc.cast(numbers, pa.float64()), 0.0)))
    doubtful = np.flatnonzero(unsigned & (values > 0) & _is_doubtful(column, values, scale))
    factor = scale.factor
    if factor is None:
        unsigned, factor = unsigned & ~_in_range(column, values) & _in_range(column, values / 100), PERCENT
    if factor != FRACTION:
        unsigned = unsigned & (values < LARGEST)
        some = pc.if_else(pa.array(unsigned), numbers, pa.scalar(None, numbers.type))
        fine = pc.multiply(pc.cast(some, pa.decimal128(27, 10)), pa.scalar(factor, pa.decimal128(4, 3)))
        rounded = pc.cast(pc.round(fine, ndigits=10), pa.decimal128(38, 10))
        numbers = pc.if_else(pa.array(unsigned), rounded, numbers)
    if not len(doubtful):
        return numbers, []
    typed: list[Decimal] = as_typed.take(pa.array(doubtful)).to_pylist()
    details = tuple({"one": as_percent(number), "other": as_percent(number * PERCENT)} for number in typed)
    return numbers, [Unreadable("doubtful-share", doubtful, details)]


def _is_doubtful(column: Column, values: np.ndarray, scale: ShareScale) -> np.ndarray:
    """Numbers that make sense only as what the column is not, or as neither; where nothing is declared, also those that make sense as both."""
    if scale.factor == PER_MILLE or scale.code == WHOLE_COLUMN:  # then the file goes back
        return np.zeros(len(values), dtype=bool)
    as_fraction, as_percents = _in_range(column, values), _in_range(column, values / 100)
    if scale.factor is None:
        return ~as_fraction & ~as_percents
    if scale.factor == FRACTION:
        return ~as_fraction & (as_percents | (values > 1))
    is_odd = ~as_percents & (as_fraction | (values <= 1))
    return is_odd if scale.is_declared else is_odd | as_fraction


def _in_range(column: Column, fractions: np.ndarray) -> np.ndarray:
    least = USUAL[0] if column.minimum is None else column.minimum
    most = USUAL[1] if column.maximum is None else column.maximum
    return (fractions >= least - TOLERANCE) & (fractions <= most + TOLERANCE)


def _count(column: Column, cells: pa.Array, seen: Seen) -> None:
    cells = pc.utf8_trim_whitespace(cells)
    plain = pc.fill_null(pc.match_substring_regex(cells, PLAIN), False)
    seen.add(column, pc.cast(cells.filter(plain), pa.float64()))
    others = cells.filter(pc.and_(cells.is_valid(), pc.invert(pc.or_(plain, pc.match_substring_regex(cells, SIGNED)))))
    parsed = [parse_number(text, None)[0] for text in others.to_pylist()]
    seen.add(column, pa.array([float(number) for number in parsed if number is not None], pa.float64()))
