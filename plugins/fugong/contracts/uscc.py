"""Unified social credit codes (统一社会信用代码, GB 32100-2015), a column at a time.

Two check characters: the last one covers the whole code (wrong: the code is wrong); the 17th covers the organisation
number inside (wrong: told only, some old numbers break it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.core.credit_code import ALPHABET, LENGTH, WEIGHTS

Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
Texts: TypeAlias = pa.Array | pa.ChunkedArray

INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
INNER_START = 8

UNSEEN = r"[\s\x{00}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}'`]+"
"""What a code is mended of: white space, what nobody sees, and the apostrophe that makes a text of it in a spreadsheet."""

STRANGE = np.int32(-1_000_000)
"""What a character outside the alphabet counts: enough to keep any sum negative."""


def _values(alphabet: str) -> np.ndarray[Any, np.dtype[np.int32]]:
    values = np.full(256, STRANGE, dtype=np.int32)
    for value, symbol in enumerate(alphabet):
        values[ord(symbol)] = value
    return values


_OUTER = _values(ALPHABET)
_INNER = _values(INNER_ALPHABET)
_INNER_CHECK = _values("0123456789X")


@dataclass(frozen=True)
class Checked:
    """Which codes are right. A null, a text of another length or with a strange character is wrong in both."""

    outer_ok: Mask
    inner_ok: Mask


@dataclass(frozen=True)
class Normalised:
    """Codes as they should be written.

    Attributes:
        codes: text, nulls kept; what cannot be mended stays as typed.
        repaired: rows that were wrong as typed and pass now.
        substituted: rows where O became 0 or I became 1; they pass both checks now.
    """

    codes: pa.Array
    repaired: Mask
    substituted: Mask


def check(codes: Texts) -> Checked:
    """Check both check characters of every code."""
    symbols, placed = _symbols(codes, LENGTH)
    total = np.zeros(len(symbols), dtype=np.int32)
    for i, weight in enumerate(WEIGHTS):
        total += (_OUTER * np.int32(weight))[symbols[:, i]]
    outer = (total >= 0) & ((31 - total % 31) % 31 == _OUTER[symbols[:, 17]])
    total = np.zeros(len(symbols), dtype=np.int32)
    for i, weight in enumerate(INNER_WEIGHTS, start=INNER_START):
        total += (_INNER * np.int32(weight))[symbols[:, i]]
    inner = (total >= 0) & ((11 - total % 11) % 11 == _INNER_CHECK[symbols[:, 16]])
    return Checked(_spread(outer, placed), _spread(inner, placed))


def normalise(codes: Texts) -> Normalised:
    """Tidy codes: no white space, capitals, half width; O for 0 and I for 1 only where the code then passes both checks."""
    whole = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    whole = whole.cast(pa.string())
    repaired = np.zeros(len(whole), dtype=bool)
    substituted = np.zeros(len(whole), dtype=bool)
    # A code that passes is written as it should be, so only the others cost anything.
    doubtful = np.flatnonzero(~check(whole).outer_ok)
    if not len(doubtful):
        return Normalised(whole, repaired, substituted)
    as_typed = whole.take(pa.array(doubtful))
    tidy = pc.replace_substring_regex(pc.utf8_upper(pc.utf8_normalize(as_typed, form="NFKC")), pattern=UNSEEN, replacement="")
    guess = pc.replace_substring(pc.replace_substring(tidy, "O", "0"), "I", "1")
    guessed = check(guess)
    now = check(tidy)
    swap = guessed.outer_ok & guessed.inner_ok & ~now.outer_ok
    mended = pc.if_else(pa.array(swap), guess, tidy)
    repaired[doubtful] = now.outer_ok | swap
    substituted[doubtful] = swap
    mended = mended.filter(pa.array(repaired[doubtful]))
    return Normalised(pc.replace_with_mask(whole, pa.array(repaired), mended), repaired, substituted)


def is_scientific(codes: Texts) -> Mask:
    """Which texts are numbers that a spreadsheet rewrote, such as 9.14101E+17: their last digits are lost."""
    return _matches(codes, r"^\s*\d(\.\d+)?[eE]\+?\d{1,3}\s*$")


def _matches(codes: Texts, pattern: str) -> Mask:
    found = pc.fill_null(pc.match_substring_regex(codes, pattern=pattern), False)
    return np.asarray(
        found.to_numpy() if isinstance(found, pa.ChunkedArray) else found.to_numpy(zero_copy_only=False), dtype=bool
    )


def _symbols(codes: Texts, length: int) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Mask]:
    """The bytes of the texts that are exactly so long, one row each, and which texts those are."""
    whole = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    whole = whole.cast(pa.string())
    placed = pc.fill_null(pc.equal(pc.binary_length(whole), length), False).to_numpy(zero_copy_only=False)
    if not placed.all():
        whole = whole.filter(pa.array(placed))
    if not len(whole):
        return np.zeros((0, length), dtype=np.uint8), placed
    _, offsets, data = whole.buffers()
    first = int(np.frombuffer(offsets, dtype=np.int32, count=1, offset=4 * whole.offset)[0])
    flat = np.frombuffer(data, dtype=np.uint8, count=length * len(whole), offset=first)
    return flat.reshape(-1, length), placed


def _spread(right: Mask, placed: Mask) -> Mask:
    if placed.all():
        return right
    spread = np.zeros(len(placed), dtype=bool)
    spread[placed] = right
    return spread
