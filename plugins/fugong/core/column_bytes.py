"""The bytes of a column of texts: many looks are settled by them at once, without looking at a single cell."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

Bytes: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
Places: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]


def bytes_of(cells: pa.Array) -> tuple[Places, Bytes]:
    """The places where each cell begins and the last one ends, and the bytes of the column."""
    _, ends, data = cells.buffers()
    if ends is None or not len(cells):
        return np.zeros(1, np.int32), np.empty(0, np.uint8)
    places = np.frombuffer(ends, np.int32, count=len(cells) + 1, offset=4 * cells.offset)
    text = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return places - places[0], text[places[0] : places[-1]]


def has_byte(cells: pa.Array, byte: bytes) -> bool:
    """Whether any text of a column contains some bytes."""
    return byte in bytes_of(cells)[1].tobytes()


def is_plain_ascii(cells: pa.Array, without: bytes = b"") -> bool:
    """Whether all texts of a column are ASCII, and hold none of some characters."""
    raw = bytes_of(cells)[1].tobytes()
    return raw.isascii() and not any(sign in raw for sign in without)
