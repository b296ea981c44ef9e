"""Types text cells column by column, and reports the cells that cannot be read or had to be normalised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts import uscc
from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column
from fugong.contracts.unit import UNITS
from fugong.core.credit_code import ALPHABET, check_character
from fugong.core.errors import ConfigurationError
from fugong.parsing.cell_anomalies import clean_cells, find_odd_texts, has_byte
from fugong.parsing.column_unit import scale_of
from fugong.parsing.dates import EPOCH_1904, NO_ORIGIN, Origin, parse_date, parse_month

NUMBER_IN_TEXT = re.compile(
    r"^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(e[+-]?\d{1,2})?(%|元整?|千元|万元?|百万元?|亿元?|[^\d.,%+\-]{1,6})?$"
)
"""Folded: sign, digits with or without thousands separators, decimals, exponent, unit."""
MINUS = str.maketrans("\u2212\u2012\u2013\ufe63", "----")
WHOLE_PERCENT_ABOVE = 1.5
"""A share above this was written in percent (85 for 0.85), unless the contract gives a maximum."""
FINEST = pa.decimal128(38, 10)
"""The type in which numbers are computed before they are rounded."""
MAX_NUMBER = 1e14
"""Numbers of more than 14 digits are refused: no district has a hundred trillion of anything."""
WIDE = Context(prec=38)
HUGE = Decimal("1e27")
"""Stands for every number that no column can hold."""


@dataclass(frozen=True)
class Unreadable:
    """Cells of one column that break one rule.

    Attributes:
        code: of the catalogue.
        positions: row positions in the block.
        details: per position, what the sentence names besides header and value.
    """

    code: str
    positions: np.ndarray
    details: tuple[Mapping[str, object], ...] = ()

    def without(self, positions: np.ndarray) -> Unreadable:
        """The same without the cells at these positions."""
        keep = ~np.isin(self.positions, positions)
        details = tuple(details for details, kept in zip(self.details, keep, strict=False) if kept)
        return Unreadable(self.code, self.positions[keep], details)


@dataclass(frozen=True)
class Repaired:
    """Cells of one column whose value was normalised.

    Attributes:
        code: of the catalogue.
        positions: row positions in the block.
        after: per position, the normalised value; empty for cells that were taken as empty.
    """

    code: str
    positions: np.ndarray
    after: tuple[str, ...] = ()

    def without(self, positions: np.ndarray) -> Repaired:
        """The same without the cells at these positions."""
        keep = ~np.isin(self.positions, positions)
        after = tuple(after for after, kept in zip(self.after, keep, strict=False) if kept)
        return Repaired(self.code, self.positions[keep], after)


@dataclass
class Typed:
    """A typed column of a block. Unreadable cells are null."""

    values: pa.Array
    unreadable: list[Unreadable] = field(default_factory=list[Unreadable])
    repaired: list[Repaired] = field(default_factory=list[Repaired])


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


def type_column(
    column: Column, cells: pa.Array, unit: str | None, code_list: CodeList | None, origin: Origin = NO_ORIGIN
) -> Typed:
    """Type one column of a block.

    Args:
        cells: text as typed; null where empty.
        unit: the unit that header or title declares; None if they declare none.
        code_list: the column's code list, if it has one.
        origin: completes days without a year.

    Raises:
        ConfigurationError: the unit cannot be converted to the column's.
    """
    cells = pc.utf8_trim_whitespace(cells)
    typed = _type(column, cells, unit, code_list, origin)
    refused = [item.positions for item in typed.unreadable if item.code != ACCEPTED]
    odd = np.unique(np.concatenate([np.empty(0, np.int64), *refused]))
    if not len(odd):
        return typed
    return _clean_and_retype(column, cells, typed, odd, lambda some: _type(column, some, unit, code_list, origin))


ACCEPTED = "uscc-inner-check"
"""Reported although the value is loaded."""
ODD_TEXT = "odd-text"
"""Marks a text that may hold no value. It never becomes a finding."""


def _type(column: Column, cells: pa.Array, unit: str | None, code_list: CodeList | None, origin: Origin) -> Typed:
    if column.format == "uscc":
        return _uscc(cells)
    if column.format == "month":
        return _month(cells, origin)
    if code_list is not None:
        return _coded(cells, column, code_list)
    match column.logical_type:
        case "number" | "integer":
            return _number(column, cells, unit)
        case "date":
            return _date(cells, origin)
        case "string":
            return _text(column, cells)
        case _:
            raise ConfigurationError(f"{column.name}: a {column.logical_type} needs a code list")


def _clean_and_retype(
    column: Column, cells: pa.Array, typed: Typed, odd: np.ndarray, type_again: Callable[[pa.Array], Typed]
) -> Typed:
    """Clean the cells that could not be read, type them again, and report why some hold no value."""
    is_number = column.logical_type in ("number", "integer")
    is_text = column.logical_type == "string" and not (column.code_list or column.format)
    cleaned = clean_cells(cells.take(pa.array(odd)), is_number=is_number, is_text=is_text)
    again = type_again(cleaned.cells)
    values = pc.replace_with_mask(typed.values, pa.array(_mask(odd, len(cells))), again.values)
    out = Typed(values, [item for item in typed.unreadable if item.code == ACCEPTED])
    out.unreadable += [replace(item, positions=odd[item.positions]) for item in again.unreadable if item.code != ODD_TEXT]
    for code, mask in (
        ("no-value" if column.is_mandatory else "", cleaned.is_nothing),
        ("as-above", cleaned.is_as_above),
        ("error-cell", cleaned.is_error),
        ("approximate-number", cleaned.is_approximate),
    ):
        if code and mask.any():
            out.unreadable.append(Unreadable(code, odd[mask]))
    refused = np.concatenate([np.empty(0, np.int64), *(item.positions for item in out.unreadable if item.code != ACCEPTED)])
    out.repaired = [item.without(odd) for item in typed.repaired]
    out.repaired += [replace(item, positions=odd[item.positions]).without(refused) for item in again.repaired]
    if not column.is_mandatory and cleaned.is_nothing.any():
        out.repaired.append(Repaired("taken-as-empty", odd[cleaned.is_nothing]))
    reported = np.concatenate([np.empty(0, np.int64), *(item.positions for item in (*out.unreadable, *out.repaired))])
    changed = np.flatnonzero(cleaned.was_cleaned & ~np.isin(odd, reported))
    if len(changed):
        after = cleaned.cells.take(pa.array(changed)).to_pylist()
        out.repaired.append(Repaired("unseen-characters", odd[changed], tuple(str(text) for text in after)))
    return out


def _mask(positions: np.ndarray, n: int) -> np.ndarray:
    mask = np.zeros(n, dtype=bool)
    mask[positions] = True
    return mask


def _text(column: Column, cells: pa.Array) -> Typed:
    """Texts as they are, except that brackets become wide in a text with Chinese characters."""
    values = cells
    if has_byte(cells, b"("):
        wide = pc.replace_substring(pc.replace_substring(cells, "(", "\uff08"), ")", "\uff09")
        values = pc.if_else(pc.fill_null(pc.match_substring_regex(cells, r"\p{Han}"), False), wide, cells)
    unreadable: list[Unreadable] = []
    odd = find_odd_texts(cells)
    if len(odd):
        unreadable.append(Unreadable(ODD_TEXT, odd))
    limit = column.longest
    if pc.any(pc.greater(pc.binary_length(cells), limit)).as_py():
        long = _positions(pc.greater(pc.utf8_length(cells), limit))
        if len(long):
            unreadable.append(Unreadable("text-too-long", long, ({"longest": limit},) * len(long)))
            values = _without(values, long)
    return Typed(values, unreadable)


MAX_KEY_LENGTH = 200
"""Characters of an indexed text; a B-tree holds 2,700 bytes for a whole key."""


def refuse_long(typed: Typed) -> None:
    """Refuse texts that are too long for an index."""
    at = _positions(pc.greater(pc.utf8_length(typed.values), MAX_KEY_LENGTH))
    if len(at):
        typed.unreadable.append(Unreadable("text-too-long", at, ({"longest": MAX_KEY_LENGTH},) * len(at)))
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


def _date(cells: pa.Array, origin: Origin) -> Typed:
    plain = r"^(20\d{2}|19(0[1-9]|[1-9]\d))-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$"
    if pc.all(pc.match_substring_regex(cells, plain), min_count=0).as_py():
        found = pc.cast(cells, pa.date32())
        if not origin.is_1904 or not pc.any(pc.equal(found, EPOCH_1904)).as_py():
            return Typed(found)
    encoded = cells.dictionary_encode()
    read = [parse_date(text, origin) for text in encoded.dictionary.to_pylist()]
    indices = np.asarray(pc.fill_null(encoded.indices, len(read)))

    def where(flags: list[bool]) -> np.ndarray:
        return np.flatnonzero(np.array([*flags, False], dtype=bool)[indices])

    faults = dict.fromkeys(item.fault for item in read if item.fault)
    out = Typed(pa.array([item.day for item in read], pa.date32()).take(encoded.indices))
    out.unreadable = [Unreadable(fault, where([item.fault == fault for item in read])) for fault in faults]
    repaired = where([item.is_repaired for item in read])
    if len(repaired):
        out.repaired = [Repaired("date-repaired", repaired, tuple(str(read[at].day) for at in indices[repaired]))]
    return out


def _month(cells: pa.Array, origin: Origin) -> Typed:
    return _each(cells, lambda text: parse_month(text, origin), pa.string(), "not-a-month")


def _number(column: Column, cells: pa.Array, unit: str | None) -> Typed:
    kind = arrow_type(column)
    is_whole = column.logical_type == "integer"
    is_share = column.unit == "%"
    scale = Decimal(1) if is_share else scale_of(column, unit)
    digits, decimals = (18, 0) if is_whole else (kind.precision - kind.scale, kind.scale)
    fraction = rf"(\.\d{{1,{decimals}}})?" if decimals else ""
    if scale == 1 and not is_share:
        plain = pc.match_substring_regex(cells, rf"^-?\d{{1,{min(digits, 9 if kind == pa.int32() else 14)}}}{fraction}$")
        if pc.all(plain, min_count=0).as_py():
            return Typed(pc.cast(cells, kind))
    plain = pc.fill_null(pc.match_substring_regex(cells, r"^-?\d{1,20}(\.\d{1,10})?$"), False)
    fine = pc.cast(pc.if_else(plain, cells, pa.scalar(None, pa.string())), FINEST)
    repaired: list[tuple[int, str]] = []
    texts = _positions(pc.and_(cells.is_valid(), pc.invert(plain)))
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
    large = _positions(pc.greater_equal(pc.abs(pc.cast(fine, pa.float64())), min(_limit(kind) / float(scale), MAX_NUMBER)))
    if len(large):
        unreadable.append(Unreadable("number-too-large", large))
        fine = _without(fine, large)
    if is_whole:
        stored = fine if scale == 1 else pc.multiply(pc.cast(fine, pa.decimal128(27, 10)), pa.scalar(scale, pa.decimal128(9, 0)))
        broken = _positions(pc.not_equal(pc.round(stored, 0), stored))
        if len(broken):
            unreadable.append(Unreadable("not-a-whole-number", broken))
            fine = _without(fine, broken)
    if scale != 1:
        narrow, factor = ((27, 10), (9, 0)) if scale == scale.to_integral() else ((24, 10), (9, 4))
        fine = pc.multiply(pc.cast(fine, pa.decimal128(*narrow)), pa.scalar(scale, pa.decimal128(*factor)))
    rounded = pc.round(fine, ndigits=decimals, round_mode="half_towards_infinity")
    out = Typed(pc.cast(rounded, pa.decimal128(38, decimals)).cast(kind), unreadable)
    if repaired:
        places, after = zip(*repaired, strict=True)
        out.repaired = [Repaired("number-repaired", np.array(places, np.int64), after)]
    return out


def _limit(kind: pa.DataType) -> float:
    """The smallest number that the type cannot hold once it is rounded."""
    if pa.types.is_decimal(kind):
        return 10.0 ** (kind.precision - kind.scale) - 0.5 * 10.0**-kind.scale
    return 2.0**31 if kind == pa.int32() else 2.0**62


def _without(values: pa.Array, positions: np.ndarray) -> pa.Array:
    mask = np.zeros(len(values), dtype=bool)
    mask[positions] = True
    return pc.if_else(pa.array(mask), pa.scalar(None, values.type), values)


def _finest(number: Decimal) -> Decimal:
    """A number with the decimals of `FINEST`. Excel writes seventeen digits, and a slip of the finger adds any number of zeros."""
    return number.quantize(Decimal("1e-10"), context=WIDE) if abs(number) < HUGE else HUGE.copy_sign(number)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def parse_number(text: str, unit: str | None) -> tuple[Decimal | None, bool, bool]:
    """Parse a number that was not typed plainly: full-width digits, thousands separators, a unit or percent sign in the cell.

    Args:
        text: as typed.
        unit: the column's unit; a unit of money in the cell is converted to it.

    Returns:
        The number, whether the sender should see that it was normalised, and whether the cell named its own unit.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).translate(MINUS).split()).casefold()
    plain = plain.removeprefix("'").removeprefix("人民币").replace("¥", "")
    found = NUMBER_IN_TEXT.match(plain)
    if not found:
        return None, False, False
    sign, whole, fraction, exponent, suffix = found.groups()
    number = Decimal(sign + whole.replace(",", "") + (fraction or "") + (exponent or ""))
    if suffix == "%":
        return (number / 100 if unit == "%" else None), plain != text.casefold(), False
    if suffix:
        factor = _factor(suffix, unit)
        return (None, False, False) if factor is None else (number * factor, True, True)
    is_noise = plain == text.casefold() and "," not in text and sign != "+"
    return number, not is_noise, False


def _factor(suffix: str, unit: str | None) -> Decimal | None:
    """The factor from the cell's own unit to the column's; None if the units are of different kinds."""
    if unit is None:
        return None
    named = suffix.removesuffix("整")
    for units in UNITS.values():
        for name in (named, f"{named}元"):
            if unit in units and name in units:
                return units[name] / units[unit]
    return Decimal(1) if fold(suffix) == fold(unit) else None


def _uscc(cells: pa.Array) -> Typed:
    tidy = uscc.normalise(cells)
    codes = tidy.codes
    right = uscc.check(codes)
    empty = np.asarray(codes.is_null())
    wrong = np.flatnonzero(~right.outer_ok & ~empty)
    unreadable: list[Unreadable] = []
    if len(wrong):
        refused = codes.take(pa.array(wrong))
        bare = pc.replace_substring_regex(pc.utf8_normalize(refused, form="NFKC"), r"[\s\-]", "")
        kinds = {
            "uscc-scientific": uscc.is_scientific(refused),
            "uscc-old-number": _matching(bare, r"^\d{15}$"),
            "uscc-organisation-code": _matching(bare, r"^[0-9A-Za-z]{8}[0-9Xx]$"),
            "uscc-check-digit": _matching(refused, f"^[{ALPHABET}]{{18}}$"),
        }
        kinds["uscc-malformed"] = ~np.logical_or.reduce(list(kinds.values()))
        for kind, mask in kinds.items():
            some = refused.filter(pa.array(mask)).to_pylist()
            details: tuple[Mapping[str, object], ...] = ()
            if kind == "uscc-check-digit":
                details = tuple({"expected": check_character(text)} for text in some)
            elif kind == "uscc-malformed":
                details = tuple({"length": len("".join(text.split()))} for text in some)
            unreadable.append(Unreadable(kind, wrong[mask], details))
        codes = _without(codes, wrong)
    unreadable.append(Unreadable("uscc-inner-check", np.flatnonzero(right.outer_ok & ~right.inner_ok)))
    repaired = np.flatnonzero(tidy.repaired & right.outer_ok)
    after = tuple(codes.take(pa.array(repaired)).to_pylist())
    return Typed(
        codes,
        [item for item in unreadable if len(item.positions)],
        [Repaired("uscc-repaired", repaired, after)] if len(repaired) else [],
    )


def _matching(cells: pa.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.fill_null(pc.match_substring_regex(cells, pattern), False))
