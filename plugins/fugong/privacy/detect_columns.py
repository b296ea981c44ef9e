"""Finds personal data in the columns of a table: excludes most cells many at a time, examines few one by one."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute

from fugong.privacy.detect import find

pc: Any = pa_compute  # its functions are made at import; no checker sees them
ID_LENGTH = 18
MIN_DIGITS, MIN_DIGITS_OF_ID = 11, 17
MAYBE_ID = r"\d{6}[ -]?(?:19|20)\d{6}[ -]?\d{3}[\dXx]"
MAYBE_PERSONAL = rf"(?:^|[^0-9])(?:86[ -]?)?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}(?:$|[^0-9])|\d{{4}}[ -]?\d{{4}}[ -]?\d{{4}}[ -]?\d{{4}}|{MAYBE_ID}"
"""Wider than the patterns of `detect`, in the regular expressions of Arrow: a cell that does not match needs no examination."""
MAX_DIGIT_DISTANCE = 8
"""Bytes from one digit to the next of a number: full-width digits and signs between them take three each."""
PLAIN_NUMBER = re.compile(r"\s*[-+]?[\d,]+(?:\.\d+)?\s*")
FULL_WIDTH = "\uff10-\uff19"


def find_in(cells: pa.Array, kind: str = "text") -> list[tuple[int, str]]:
    """Find the cells of a column that hold personal data: the position of each, and the kind of the first piece in it.

    The bytes of a column exclude most cells, many at a time; the few that remain are examined one by one.

    Args:
        kind: `text`; `code`, as `is_code` of `find`; `number`, where a cell that holds only a number counts as a code; `uscc`.
    """
    among = np.arange(len(cells))
    if kind in ("code", "uscc"):
        among = np.flatnonzero(~_can_be_no_id_number(cells) if kind == "code" else ~_is_like_a_firms_code(cells))
        cells = cells.take(pa.array(among))
    positions = _with_digits(cells, MIN_DIGITS_OF_ID if kind == "code" else MIN_DIGITS)
    if not len(positions):
        return []
    texts = cells.take(pa.array(positions))
    maybe = pc.match_substring_regex(texts, f"{MAYBE_ID if kind == 'code' else MAYBE_PERSONAL}|[{FULL_WIDTH}]")
    out: list[tuple[int, str]] = []
    for at in np.flatnonzero(np.asarray(maybe)):
        text = texts[int(at)].as_py()
        hits = find(text, is_code=kind == "code" or (kind == "number" and PLAIN_NUMBER.fullmatch(text) is not None))
        if hits:
            out.append((int(among[positions[at]]), hits[0].kind))
    return out


def _bytes(cells: pa.Array) -> tuple[np.ndarray[Any, np.dtype[np.int32]], np.ndarray[Any, np.dtype[np.uint8]]]:
    """The positions where each cell begins and the last one ends, and the bytes of the column."""
    _, ends, data = cells.buffers()
    places = np.frombuffer(ends, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return places - places[0], text[places[0] : places[-1]]


def _lengths_and_first_bytes(cells: pa.Array) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    places, text = _bytes(cells)
    return np.diff(places), np.append(text, np.uint8(0))[places[:-1]]


def _can_be_no_id_number(cells: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which codes cannot be ID numbers: shorter ones, and those of the same length whose first digit is that of no province."""
    lengths, first = _lengths_and_first_bytes(cells)
    return (lengths < ID_LENGTH) | ((lengths == ID_LENGTH) & ((first < ord("1")) | (first > ord("8"))))


def _is_like_a_firms_code(cells: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which credit codes look like those of firms, by length and first digit; no number of a person does."""
    lengths, first = _lengths_and_first_bytes(cells)
    return (lengths == ID_LENGTH) & (first == ord("9"))


def _with_digits(cells: pa.Array, least: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The positions of cells with at least `least` digits, full-width ones included; none where the digits lie too far apart."""
    nothing = np.empty(0, np.int64)
    if (pc.max(pc.binary_length(cells)).as_py() or 0) < least:
        return nothing
    places, text = _bytes(cells)
    is_digit = text - np.uint8(ord("0")) < 10
    if (text == 0xEF).any():
        # In UTF-8 the full-width digits are EF BC 90 to EF BC 99.
        is_digit[2:] |= (text[2:] - np.uint8(0x90) < 10) & (text[1:-1] == 0xBC) & (text[:-2] == 0xEF)
    digits = np.flatnonzero(is_digit)
    # Numbers in names of firms are short and words stand between them: this settles most columns.
    breaks = np.flatnonzero(np.diff(digits) > MAX_DIGIT_DISTANCE)
    if np.diff(breaks, prepend=-1, append=len(digits) - 1).max() < least:
        return nothing
    n_digits = np.diff(np.searchsorted(digits, places))
    return np.flatnonzero(n_digits >= least)
