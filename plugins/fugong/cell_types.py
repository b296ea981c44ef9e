"""Text as typed → values of a column's type, a column at a time, with what could not be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong import uscc
from fugong.code_list import CodeList, fold
from fugong.contract import UNITS, Column
from fugong.rule import ContractFault

NUMBER_IN_TEXT = re.compile(r"^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(e[+-]?\d{1,2})?(%|元|千元|万元|百万元|亿元)?$")
YEAR_FIRST = re.compile(r"^(\d{4})[年.\-/](\d{1,2})[月.\-/](\d{1,2})[日号]?(?:[ t]0{1,2}:00(?::00(?:\.0+)?)?)?$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
EXCEL_SERIAL = re.compile(r"^\d{5}$")
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = (36526, 54788)
"""Excel day numbers taken for dates: 2000-01-01 to 2049-12-31."""
WHOLE_PERCENT_ABOVE = 1.5
"""A share above this was written in percent (85 for 0.85), unless the contract gives a maximum."""
FINEST = pa.decimal128(38, 10)
TOO_LARGE = 1e14
"""No district has a hundred trillion of anything; numbers of more than 14 digits are not read."""
WIDE = Context(prec=38)
HUGE = Decimal("1e27")
"""Stands for every number that no column holds."""


@dataclass(frozen=True)
class Unreadable:
    """Cells of one column that break one rule.

    Attributes:
        code: of `catalogue.CATALOGUE`.
        positions: row positions in the block.
        details: per position, what the sentence needs besides header and value.
    """

    code: str
    positions: np.ndarray
    details: tuple[Mapping[str, object], ...] = ()


@dataclass
class Typed:
    """A column of a block after typing: unreadable cells are null."""

    values: pa.Array
    unreadable: list[Unreadable] = field(default_factory=list[Unreadable])
    repaired: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    """Code, position, value after repair."""


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a contract column."""
    if column.precision is not None:
        return pa.decimal128(column.precision, column.scale or 0)
    return {
        "text": pa.string(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
    }[column.physical_type]


def type_column(column: Column, cells: pa.Array, unit: str | None, code_list: CodeList | None) -> Typed:
    """Type one column of a block.

    Args:
        cells: text as typed; null where empty.
        unit: the unit that header or title declares, None where they say nothing.
        code_list: the column's code list, if it has one.

    Raises:
        ContractFault: the unit cannot be converted to the column's.
    """
    cells = pc.utf8_trim_whitespace(cells)
    if column.format == "uscc":
        return _uscc(cells)
    if column.format == "month":
        return _each(cells, _month, pa.string(), "not-a-month")
    if code_list is not None:
        return _coded(cells, column, code_list)
    match column.logical_type:
        case "number" | "integer":
            return _number(column, cells, unit)
        case "date":
            return _date(cells)
        case "string":
            return Typed(cells)
        case _:
            raise ContractFault(f"{column.name}: a {column.logical_type} needs a code list")


LONGEST_KEY = 200
"""Characters of a text that is indexed; a B-tree holds 2,700 bytes for a whole key."""


def refuse_long(typed: Typed) -> None:
    """Refuse texts that no index can hold."""
    at = _positions(pc.greater(pc.utf8_length(typed.values), LONGEST_KEY))
    if len(at):
        typed.unreadable.append(Unreadable("key-too-long", at, ({"longest": LONGEST_KEY},) * len(at)))
        typed.values = _without(typed.values, at)


def _positions(mask: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)))


def _each(cells: pa.Array, parse: Callable[[str], Any], kind: pa.DataType, code: str) -> Typed:
    """Parse each distinct text once."""
    encoded = cells.dictionary_encode()
    parsed = [parse(text) for text in encoded.dictionary.to_pylist()]
    values = pa.array(parsed, kind).take(encoded.indices)
    bad = _positions(pc.and_(cells.is_valid(), values.is_null()))
    return Typed(values, [Unreadable(code, bad)] if len(bad) else [])


def _coded(cells: pa.Array, column: Column, codes: CodeList) -> Typed:
    kind = arrow_type(column)

    def parse(text: str) -> str | bool | None:
        code = codes.spellings.get(fold(text))
        return code if column.logical_type != "boolean" or code is None else code == "true"

    typed = _each(cells, parse, kind, "unknown-code")
    if typed.unreadable:
        names = codes.names_zh
        shown = "、".join(names[:12]) + ("……" if len(names) > 12 else "")
        bad = typed.unreadable[0].positions
        typed.unreadable = [Unreadable("unknown-code", bad, ({"codes": shown},) * len(bad))]
    return typed


def _date(cells: pa.Array) -> Typed:
    if pc.all(pc.match_substring_regex(cells, r"^(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$"), min_count=0).as_py():
        return Typed(pc.cast(cells, pa.date32()))
    return _each(cells, parse_date, pa.date32(), "not-a-date")


def parse_date(text: str) -> date | None:
    """A date in one of the spellings departments use; None if it is not one or does not exist."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    found = YEAR_FIRST.match(plain) or COMPACT.match(plain)
    if found:
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
    if EXCEL_SERIAL.match(plain) and SERIALS[0] <= int(plain) <= SERIALS[1]:
        return EXCEL_EPOCH + timedelta(days=int(plain))
    return None


def _month(text: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    found = re.match(r"^(20\d{2})[年.\-/]?(\d{1,2})月?$", plain) or re.match(r"^(20\d{2})-(\d{2})-01$", plain)
    return f"{found.group(1)}-{int(found.group(2)):02d}" if found and 1 <= int(found.group(2)) <= 12 else None


def _scale_of(column: Column, unit: str | None) -> Decimal:
    if unit is None or column.unit is None or unit == column.unit:
        return Decimal(1)
    for units in UNITS.values():
        if column.unit in units:
            if unit not in units:
                return Decimal(1)  # the header's unit is of another kind: a share in a column of money is read as typed
            return units[unit] / units[column.unit]
    return Decimal(1)


def _number(column: Column, cells: pa.Array, unit: str | None) -> Typed:
    kind = arrow_type(column)
    is_whole = column.logical_type == "integer"
    is_share = column.unit == "%"
    scale = Decimal(1) if is_share else _scale_of(column, unit)
    digits, decimals = (18, 0) if is_whole else (kind.precision - kind.scale, kind.scale)
    fraction = rf"(\.\d{{1,{decimals}}})?" if decimals else ""
    if scale == 1 and not is_share:
        plain = pc.match_substring_regex(cells, rf"^-?\d{{1,{min(digits, 9 if kind == pa.int32() else 14)}}}{fraction}$")
        if pc.all(plain, min_count=0).as_py():
            return Typed(pc.cast(cells, kind))
    plain = pc.fill_null(pc.match_substring_regex(cells, r"^-?\d{1,20}(\.\d{1,10})?$"), False)
    fine = pc.cast(pc.if_else(plain, cells, pa.scalar(None, pa.string())), FINEST)
    repaired: list[tuple[str, int, str]] = []
    texts = _positions(pc.and_(cells.is_valid(), pc.invert(plain)))
    if len(texts):
        numbers = np.asarray(fine, dtype=object)
        for position in texts:
            text = cells[int(position)].as_py()
            number, was_repaired, in_cell = parse_number(text, column.unit)
            if number is not None:
                number = number if not in_cell else number / scale
                numbers[position] = _finest(number)
                if was_repaired:
                    repaired.append(("number-repaired", int(position), _plain(number * scale)))
        fine = pa.array(list(numbers), FINEST)
    if is_share:
        above = column.maximum if column.maximum is not None else WHOLE_PERCENT_ABOVE
        in_percent = pc.greater(pc.abs(pc.cast(fine, pa.float64())), above)
        unsigned = pc.invert(pc.match_substring_regex(cells, "[%%]$"))
        at = _positions(pc.and_(in_percent, unsigned))
        if len(at):
            shares = np.asarray(fine, dtype=object)
            shares[at] = [_finest(share / 100) for share in shares[at]]
            fine = pa.array(list(shares), FINEST)
    bad = _positions(pc.and_(cells.is_valid(), fine.is_null()))
    unreadable = [Unreadable("not-a-number", bad)] if len(bad) else []
    if is_whole:
        whole = pc.round(fine, 0)
        broken = _positions(pc.not_equal(whole, fine))
        if len(broken):
            unreadable.append(Unreadable("not-a-whole-number", broken))
            fine = _without(fine, broken)
    large = _positions(pc.greater_equal(pc.abs(pc.cast(fine, pa.float64())), min(_limit(kind) / float(scale), TOO_LARGE)))
    if len(large):
        unreadable.append(Unreadable("number-too-large", large))
        fine = _without(fine, large)
    if scale != 1:
        narrow, factor = ((27, 10), (9, 0)) if scale == scale.to_integral() else ((24, 10), (9, 4))
        fine = pc.multiply(pc.cast(fine, pa.decimal128(*narrow)), pa.scalar(scale, pa.decimal128(*factor)))
    rounded = pc.round(fine, ndigits=decimals, round_mode="half_towards_infinity")
    return Typed(pc.cast(rounded, pa.decimal128(38, decimals)).cast(kind), unreadable, repaired)


def _limit(kind: pa.DataType) -> float:
    """The first number that is too large, also once it is rounded."""
    if pa.types.is_decimal(kind):
        return 10.0 ** (kind.precision - kind.scale) - 0.5 * 10.0**-kind.scale
    return 2.0**31 if kind == pa.int32() else 2.0**62


def _without(values: pa.Array, positions: np.ndarray) -> pa.Array:
    mask = np.zeros(len(values), dtype=bool)
    mask[positions] = True
    return pc.if_else(pa.array(mask), pa.scalar(None, values.type), values)


def _finest(number: Decimal) -> Decimal:
    """A number with the decimals of `FINEST`. Excel writes seventeen digits, and a slip of the finger any number of zeros."""
    return number.quantize(Decimal("1e-10"), context=WIDE) if abs(number) < HUGE else HUGE.copy_sign(number)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def parse_number(text: str, unit: str | None) -> tuple[Decimal | None, bool, bool]:
    """A number that was not typed plainly: full-width digits, thousands separators, a unit or percent sign in the cell.

    Args:
        text: as typed.
        unit: the column's unit; a unit of money in the cell is converted to it.

    Returns:
        The number, whether reading it was a repair the sender should see, and whether the cell named its own unit.
    """
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace("¥", "").casefold()
    found = NUMBER_IN_TEXT.match(plain)
    if not found:
        return None, False, False
    sign, whole, fraction, exponent, suffix = found.groups()
    number = Decimal(sign + whole.replace(",", "") + (fraction or "") + (exponent or ""))
    if suffix == "%":
        return (number / 100 if unit == "%" else None), False, False
    if suffix:
        money = UNITS["money"]
        if unit is None or unit not in money:
            return None, False, False
        return number * money[suffix] / money[unit], True, True
    is_noise = plain == text.casefold() and "," not in text and sign != "+"
    return number, not is_noise, False


def _uscc(cells: pa.Array) -> Typed:
    tidy = uscc.normalise(cells)
    codes = tidy.codes
    right = uscc.check(codes)
    empty = np.asarray(codes.is_null())
    wrong = ~right.outer_ok & ~empty
    unreadable: list[Unreadable] = []
    if wrong.any():
        scientific = wrong & uscc.is_scientific(cells)
        old = wrong & ~scientific & np.asarray(pc.fill_null(pc.match_substring_regex(codes, r"^\d{15}$"), False))
        shaped = np.asarray(pc.fill_null(pc.match_substring_regex(codes, f"^[{uscc.ALPHABET}]{{18}}$"), False))
        check = wrong & shaped
        malformed = wrong & ~scientific & ~old & ~shaped
        digits = tuple({"expected": uscc.expected_check_character(str(codes[int(at)]))} for at in np.flatnonzero(check))
        unreadable = [
            Unreadable("uscc-scientific", np.flatnonzero(scientific)),
            Unreadable("uscc-old-number", np.flatnonzero(old)),
            Unreadable("uscc-malformed", np.flatnonzero(malformed)),
            Unreadable("uscc-check-digit", np.flatnonzero(check), digits),
        ]
        codes = _without(codes, np.flatnonzero(wrong))
    unreadable.append(Unreadable("uscc-inner-check", np.flatnonzero(right.outer_ok & ~right.inner_ok)))
    return Typed(
        codes,
        [item for item in unreadable if len(item.positions)],
        [("uscc-repaired", int(at), str(codes[int(at)])) for at in np.flatnonzero(tidy.repaired & right.outer_ok)],
    )
