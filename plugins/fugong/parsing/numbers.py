"""Types numbers: plain ones a column at a time, the others cell by cell; converts them to the contract's unit."""

from __future__ import annotations

import re
from datetime import date
from decimal import Context, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import Column
from fugong.core.column_bytes import bytes_of
from fugong.parsing.column_unit import scale_of
from fugong.parsing.dates import EPOCH
from fugong.parsing.number_text import parse_number
from fugong.parsing.shares import SIGNED, ShareScale, as_fractions
from fugong.parsing.typed import Repaired, Typed, Unreadable, arrow_type, positions_of, without

FINEST = pa.decimal128(38, 10)
"""The type in which numbers are computed before they are rounded."""
MAX_NUMBER = 1e14
"""Numbers of more than 14 digits are refused: no district has a hundred trillion of anything."""
SHOWN_AS_DAY = re.compile(r"^(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?: 00:00:00)?$")
"""How the reader writes a number whose format shows it as a day."""
WIDE = Context(prec=38)
HUGE = Decimal("1e27")
"""Stands for every number that no column can hold."""


def type_numbers(column: Column, cells: pa.Array, unit: str | None, scale_of_shares: ShareScale | None = None) -> Typed:
    """Type a block of a column of numbers.

    Args:
        cells: trimmed text; null where empty.
        unit: of bare numbers; None for the contract's.
        scale_of_shares: what the unsigned numbers of a column of shares mean; None for every other column.
    """
    kind = arrow_type(column)
    is_whole = column.logical_type == "integer"
    is_share = scale_of_shares is not None
    scale = Decimal(1) if is_share else scale_of(column, unit)
    digits, decimals = (18, 0) if is_whole else (kind.precision - kind.scale, kind.scale)
    if scale == 1 and not is_share and are_plain(cells, min(digits, 9 if kind == pa.int32() else 14), decimals):
        return Typed(pc.cast(cells, kind))
    plain = pc.fill_null(pc.match_substring_regex(cells, r"^-?\d{1,20}(\.\d{1,10})?$"), False)
    fine = pc.cast(pc.if_else(plain, cells, pa.scalar(None, pa.string())), FINEST)
    repaired: list[tuple[int, str]] = []
    texts = positions_of(pc.and_(cells.is_valid(), pc.invert(plain)))
    if len(texts):
        numbers = np.asarray(fine, dtype=object)
        for position in texts:
            text = cells[int(position)].as_py()
            number, was_repaired, in_cell = parse_number(text, column.counted_in)
            if number is not None:
                number = number if not in_cell else number / scale
                numbers[position] = _finest(number)
                if was_repaired:
                    repaired.append((int(position), _plain(number * scale)))
        fine = pa.array(list(numbers), FINEST)
    doubtful: list[Unreadable] = []
    if scale_of_shares is not None:
        unsigned = np.asarray(pc.fill_null(pc.invert(pc.match_substring_regex(cells, SIGNED)), False))
        fine, doubtful = as_fractions(column, fine, unsigned, scale_of_shares)
    bad = positions_of(pc.and_(cells.is_valid(), fine.is_null()))
    unreadable = _no_numbers(cells, bad)
    for item in doubtful:
        unreadable.append(item)
        fine = without(fine, item.positions)
    large = positions_of(pc.greater_equal(pc.abs(pc.cast(fine, pa.float64())), min(_limit(kind) / float(scale), MAX_NUMBER)))
    if len(large):
        unreadable.append(Unreadable("number-too-large", large))
        fine = without(fine, large)
    if is_whole:
        stored = fine if scale == 1 else pc.multiply(pc.cast(fine, pa.decimal128(27, 10)), pa.scalar(scale, pa.decimal128(9, 0)))
        broken = positions_of(pc.not_equal(pc.round(stored, 0), stored))
        if len(broken):
            unreadable.append(Unreadable("not-a-whole-number", broken))
            fine = without(fine, broken)
    if scale != 1:
        narrow, factor = ((27, 10), (9, 0)) if scale == scale.to_integral() else ((24, 10), (9, 4))
        fine = pc.multiply(pc.cast(fine, pa.decimal128(*narrow)), pa.scalar(scale, pa.decimal128(*factor)))
    rounded = pc.round(fine, ndigits=decimals, round_mode="half_towards_infinity")
    out = Typed(pc.cast(rounded, pa.decimal128(38, decimals)).cast(kind), unreadable)
    if repaired:
        places, after = zip(*repaired, strict=True)
        out.repaired = [Repaired("number-repaired", np.array(places, np.int64), after)]
    return out


def are_plain(cells: pa.Array, digits: int, decimals: int) -> bool:
    """Whether every text is an optional minus, 1 to `digits` digits, and an optional point with 1 to `decimals` digits behind it.

    It goes by the places of the characters that are no digits: a regular expression takes five times as long.
    """
    places, text = bytes_of(cells.drop_null() if cells.null_count else cells)
    whole = np.diff(places)
    if not len(whole):
        return True
    is_sign = text - np.uint8(ord("0")) > 9
    n_whole = whole - 1 - decimals
    # As programs write amounts: one point in each, with so many decimals behind it. No need to see where else signs stand.
    has_one_each = decimals and n_whole.min() >= 1 and np.count_nonzero(is_sign) == len(whole)
    if has_one_each and (text[places[1:] - 1 - decimals] == ord(".")).all():
        return bool(n_whole.max() <= digits)
    signs = np.flatnonzero(is_sign)
    minus = text[signs] == ord("-")
    if minus.any():
        owner = np.searchsorted(places, signs[minus], "right") - 1
        if (places[owner] != signs[minus]).any():
            return False
        whole[owner] -= 1
        signs = signs[~minus]
    if len(signs):
        if not decimals or (text[signs] != ord(".")).any():
            return False
        owner = np.searchsorted(places, signs, "right") - 1
        behind = places[owner + 1] - signs - 1
        if (np.diff(owner) == 0).any() or behind.min() < 1 or behind.max() > decimals:
            return False
        whole[owner] -= behind + 1
    return bool(whole.min() >= 1 and whole.max() <= digits)


def _no_numbers(cells: pa.Array, bad: np.ndarray) -> list[Unreadable]:
    """Why these cells hold no number. Of a cell that only looks like a day the number in it is told, too."""
    if not len(bad):
        return []
    texts: list[str] = cells.take(pa.array(bad)).to_pylist()
    days = [_day_shown(text) for text in texts]
    is_day = np.array([day is not None for day in days])
    numbers = [(day - EPOCH).days for day in days if day is not None]
    found = [
        Unreadable("not-a-number", bad[~is_day]),
        Unreadable("date-for-number", bad[is_day], tuple({"number": n} for n in numbers)),
    ]
    return [item for item in found if len(item.positions)]


def _day_shown(text: str) -> date | None:
    """The day that a cell with a number shows; None if it shows none."""
    try:
        return date.fromisoformat(text[:10]) if SHOWN_AS_DAY.match(text) else None
    except ValueError:
        return None


def _limit(kind: pa.DataType) -> float:
    """The smallest number that the type cannot hold once it is rounded."""
    if pa.types.is_decimal(kind):
        return 10.0 ** (kind.precision - kind.scale) - 0.5 * 10.0**-kind.scale
    return 2.0**31 if kind == pa.int32() else 2.0**62


def _finest(number: Decimal) -> Decimal:
    """A number with the decimals of `FINEST`. Excel writes seventeen digits, and a slip of the finger adds any number of zeros."""
    return number.quantize(Decimal("1e-10"), context=WIDE) if abs(number) < HUGE else HUGE.copy_sign(number)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
