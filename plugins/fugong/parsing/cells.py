"""Types text cells column by column, and reports the cells that cannot be read or had to be normalised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts import uscc
from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column
from fugong.core.column_bytes import has_byte
from fugong.core.credit_code import ALPHABET, check_character
from fugong.core.errors import ConfigurationError
from fugong.parsing.cell_anomalies import clean_cells, find_odd_texts
from fugong.parsing.dates import EPOCH_1904, NO_ORIGIN, Origin, parse_date, parse_month
from fugong.parsing.numbers import type_numbers
from fugong.parsing.shares import ShareScale, scale_of_block
from fugong.parsing.text_marks import ZERO
from fugong.parsing.typed import Repaired, Typed, Unreadable, arrow_type, mask_of, positions_of, without


def type_column(
    column: Column,
    cells: pa.Array,
    unit: str | None,
    code_list: CodeList | None,
    origin: Origin = NO_ORIGIN,
    *,
    scale_of_shares: ShareScale | None = None,
    is_reference: bool = False,
) -> Typed:
    """Type one column of a block.

    Args:
        cells: text as typed; null where empty.
        unit: the unit that header or title declares; None if they declare none.
        code_list: the column's code list, if it has one.
        origin: completes days without a year.
        scale_of_shares: for a column of shares, what its unsigned numbers mean; None decides by this block alone.
        is_reference: the column holds numbers that somebody assigns to things; nothing has the number 0.

    Raises:
        ConfigurationError: the unit cannot be converted to the column's.
    """

    def type_again(some: pa.Array) -> Typed:
        if column.format is None and code_list is None and column.logical_type in ("number", "integer"):
            return type_numbers(column, some, unit, scale_of_shares)
        return _type(column, some, code_list, origin)

    cells = pc.utf8_trim_whitespace(cells)
    if column.unit == "%" and scale_of_shares is None:
        scale_of_shares = scale_of_block(column, cells)
    typed = type_again(cells)
    zero_is_nothing = (is_reference or column.may_refer) and not column.is_mandatory and column.logical_type == "string"
    if zero_is_nothing:
        zeros = positions_of(pc.match_substring_regex(cells, ZERO.pattern))
        if len(zeros):
            typed.unreadable.append(Unreadable(ODD_TEXT, zeros))
    refused = [item.positions for item in typed.unreadable if item.code != ACCEPTED]
    odd = np.unique(np.concatenate([np.empty(0, np.int64), *refused]))
    if len(odd):
        typed = _clean_and_retype(
            column, cells, typed, odd, type_again, is_reference=is_reference, zero_is_nothing=zero_is_nothing
        )
    if is_reference and column.logical_type == "string" and column.format is None and code_list is None:
        _refuse_days(typed, cells)
    return typed


DAY_SIGNS = (b"-", b"/", "月".encode())
DAY = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}( 0?0:00(:00)?)?$|^\d{1,2}月\d{1,2}日$|^\d{1,2}-[A-Z][a-z]{2}(-\d{2,4})?$"
"""What a spreadsheet makes of a number such as 2020-1-3 or 3-18."""


def _refuse_days(typed: Typed, cells: pa.Array) -> None:
    """Refuse the few days among numbers of another kind: a spreadsheet made them before the text was saved. Where most are days, they are meant."""
    if not any(has_byte(cells, sign) for sign in DAY_SIGNS):
        return
    at = positions_of(pc.match_substring_regex(cells, DAY))
    if len(at) and 2 * len(at) < len(cells) - cells.null_count:
        typed.unreadable.append(Unreadable("date-for-key", at))
        typed.values = without(typed.values, at)


ACCEPTED = "uscc-inner-check"
"""Reported although the value is loaded."""
ODD_TEXT = "odd-text"
"""Marks a text that may hold no value. It never becomes a finding."""


def _type(column: Column, cells: pa.Array, code_list: CodeList | None, origin: Origin) -> Typed:
    if column.format == "uscc":
        return _uscc(cells)
    if column.format == "month":
        return _month(cells, origin)
    if code_list is not None:
        return _coded(cells, column, code_list)
    match column.logical_type:
        case "date":
            return _date(cells, origin)
        case "string":
            return _text(column, cells)
        case _:
            raise ConfigurationError(f"{column.name}: a {column.logical_type} needs a code list")


def _clean_and_retype(
    column: Column,
    cells: pa.Array,
    typed: Typed,
    odd: np.ndarray,
    type_again: Callable[[pa.Array], Typed],
    *,
    is_reference: bool,
    zero_is_nothing: bool,
) -> Typed:
    """Clean the cells that could not be read, type them again, and report why some hold no value."""
    is_number = column.logical_type in ("number", "integer")
    is_text = column.logical_type == "string" and not (column.code_list or column.format)
    cleaned = clean_cells(
        cells.take(pa.array(odd)),
        is_number=is_number,
        is_text=is_text,
        is_reference=is_reference,
        zero_is_nothing=zero_is_nothing,
    )
    again = type_again(cleaned.cells)
    values = pc.replace_with_mask(typed.values, pa.array(mask_of(odd, len(cells))), again.values)
    out = Typed(values, [item for item in typed.unreadable if item.code == ACCEPTED])
    out.unreadable += [replace(item, positions=odd[item.positions]) for item in again.unreadable if item.code != ODD_TEXT]
    for code, mask in (
        ("no-value" if column.is_mandatory else "", cleaned.is_nothing),
        ("as-above", cleaned.is_as_above),
        ("error-cell", cleaned.is_error),
        ("approximate-number", cleaned.is_approximate),
        ("digits-lost", cleaned.is_lost),
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
        long = positions_of(pc.greater(pc.utf8_length(cells), limit))
        if len(long):
            unreadable.append(Unreadable("text-too-long", long, ({"longest": limit},) * len(long)))
            values = without(values, long)
    return Typed(values, unreadable)


MAX_KEY_LENGTH = 200
"""Characters of an indexed text; a B-tree holds 2,700 bytes for a whole key."""


def refuse_long(typed: Typed) -> None:
    """Refuse texts that are too long for an index."""
    at = positions_of(pc.greater(pc.utf8_length(typed.values), MAX_KEY_LENGTH))
    if len(at):
        typed.unreadable.append(Unreadable("text-too-long", at, ({"longest": MAX_KEY_LENGTH},) * len(at)))
        typed.values = without(typed.values, at)


def _each(cells: pa.Array, parse: Callable[[str], Any], kind: pa.DataType, code: str) -> Typed:
    """Parse each distinct text once."""
    encoded = cells.dictionary_encode()
    parsed = [parse(text) for text in encoded.dictionary.to_pylist()]
    values = pa.array(parsed, kind).take(encoded.indices)
    bad = positions_of(pc.and_(cells.is_valid(), values.is_null()))
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
    encoded = cells.dictionary_encode()
    if pc.all(pc.match_substring_regex(encoded.dictionary, plain), min_count=0).as_py():
        found = pc.cast(encoded.dictionary, pa.date32())
        if not origin.is_1904 or not pc.any(pc.equal(found, EPOCH_1904)).as_py():
            return Typed(found.take(encoded.indices))
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


def _uscc(cells: pa.Array) -> Typed:
    tidy = uscc.normalise(cells)
    codes, right = tidy.codes, tidy.checked
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
        codes = without(codes, wrong)
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
