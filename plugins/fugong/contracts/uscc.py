"""Validates and normalises unified social credit codes (统一社会信用代码, GB 32100-2015), a column at a time.

A code has two check characters. The last one covers the whole code: if it is wrong, the code is refused. The 17th covers the
organisation number inside: if it is wrong, the code is only reported, since some old numbers break the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
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
"""What normalising removes: white space, invisible characters, and the apostrophe that marks a text in a spreadsheet."""

STRANGE = 255
"""The value of a character outside the alphabet."""


def _values(alphabet: str) -> bytes:
    """A table for `bytes.translate`: byte → value."""
    values = bytearray([STRANGE] * 256)
    for value, symbol in enumerate(alphabet):
        values[ord(symbol)] = value
    return bytes(values)


_OUTER = _values(ALPHABET)
_INNER = _values(INNER_ALPHABET)
_INNER_CHECK = _values("0123456789X")


@dataclass(frozen=True)
class Checked:
    """Which codes pass each check. A null and a text of another length or with a strange character pass neither."""

    outer_ok: Mask
    inner_ok: Mask


@dataclass(frozen=True)
class Normalised:
    """Normalised codes.

    Attributes:
        codes: text, nulls kept; a code that cannot be normalised stays as typed.
        repaired: mask of the codes that failed as typed and pass now.
        substituted: mask of the codes where O became 0 or I became 1; they pass both checks now.
        checked: which of `codes` pass.
    """

    codes: pa.Array
    repaired: Mask
    substituted: Mask
    checked: Checked


def check(codes: Texts) -> Checked:
    """Validate both check characters of every code."""
    symbols, placed = _symbols(codes, LENGTH)
    columns = np.ascontiguousarray(symbols.T)
    inner_end = INNER_START + len(INNER_WEIGHTS)
    outer = _passes(columns[: LENGTH - 1], _OUTER, WEIGHTS, columns[LENGTH - 1], _OUTER, len(ALPHABET))
    inner = _passes(columns[INNER_START:inner_end], _INNER, INNER_WEIGHTS, columns[inner_end], _INNER_CHECK, 11)
    return Checked(_spread(outer, placed), _spread(inner, placed))


def _passes(
    columns: np.ndarray[Any, np.dtype[np.uint8]],
    values: bytes,
    weights: Sequence[int],
    last: np.ndarray[Any, np.dtype[np.uint8]],
    values_of_last: bytes,
    modulus: int,
) -> Mask:
    """Whether the weighted sum of each code's characters and its check character is a multiple of the modulus."""
    known = np.frombuffer(columns.tobytes().translate(values), np.uint8).reshape(columns.shape)
    check_value = np.frombuffer(last.tobytes().translate(values_of_last), np.uint8)
    total = check_value.astype(np.uint16)
    for weight, one in zip(weights, known, strict=True):
        total += one * np.uint16(weight)  # wraps only where a character is strange
    return (total % modulus == 0) & (known.max(axis=0, initial=0) != STRANGE) & (check_value != STRANGE)


def normalise(codes: Texts) -> Normalised:
    """Normalise codes: no white space, capitals, half width; O becomes 0 and I becomes 1 only if the code then passes both checks."""
    whole = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    whole = whole.cast(pa.string())
    repaired = np.zeros(len(whole), dtype=bool)
    substituted = np.zeros(len(whole), dtype=bool)
    # A code that passes is normal already, so only the others cost anything.
    checked = check(whole)
    doubtful = np.flatnonzero(~checked.outer_ok)
    if not len(doubtful):
        return Normalised(whole, repaired, substituted, checked)
    as_typed = whole.take(pa.array(doubtful))
    tidy = pc.replace_substring_regex(pc.utf8_upper(pc.utf8_normalize(as_typed, form="NFKC")), pattern=UNSEEN, replacement="")
    guess = pc.replace_substring(pc.replace_substring(tidy, "O", "0"), "I", "1")
    guessed = check(guess)
    now = check(tidy)
    swap = guessed.outer_ok & guessed.inner_ok & ~now.outer_ok
    better = pc.if_else(pa.array(swap), guess, tidy)
    repaired[doubtful] = now.outer_ok | swap
    substituted[doubtful] = swap
    better = better.filter(pa.array(repaired[doubtful]))
    normal = pc.replace_with_mask(whole, pa.array(repaired), better)
    return Normalised(normal, repaired, substituted, check(normal) if repaired.any() else checked)


def is_scientific(codes: Texts) -> Mask:
    """Mask of the texts that a spreadsheet rewrote as numbers, such as 9.14101E+17: their last digits are lost."""
    return _matches(codes, r"^\s*\d(\.\d+)?[eE]\+?\d{1,3}\s*$")


def _matches(codes: Texts, pattern: str) -> Mask:
    found = pc.fill_null(pc.match_substring_regex(codes, pattern=pattern), False)
    return np.asarray(
        found.to_numpy() if isinstance(found, pa.ChunkedArray) else found.to_numpy(zero_copy_only=False), dtype=bool
    )


def _symbols(codes: Texts, length: int) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Mask]:
    """The bytes of the texts of exactly this length, one row each, and the mask of these texts."""
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
