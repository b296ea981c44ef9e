"""Writes the formulas of old workbooks, which are stored in reverse Polish notation, as people read them."""

from __future__ import annotations

import struct

from fugong.reading.worker.cell_text import column_letters

UNKNOWN = "…"
"""A formula with a part that is not read: names, other sheets, arrays, rare functions."""
_BINARY = {
    0x03: ("+", 3), 0x04: ("-", 3), 0x05: ("*", 4), 0x06: ("/", 4), 0x07: ("^", 5), 0x08: ("&", 2), 0x09: ("<", 1),
    0x0A: ("<=", 1), 0x0B: ("=", 1), 0x0C: (">=", 1), 0x0D: (">", 1), 0x0E: ("<>", 1),
}  # fmt: skip
_FUNCTIONS = {
    1: "IF",
    4: "SUM",
    5: "AVERAGE",
    6: "MIN",
    7: "MAX",
    24: "ABS",
    25: "INT",
    27: "ROUND",
    36: "AND",
    37: "OR",
    38: "NOT",
}
_FIXED = {24: 1, 25: 1, 27: 2, 38: 1}
"""Functions whose number of arguments is not written."""
_ATOM = 9
_CHOOSE, _SUM = 0x04, 0x10


def formula_of(tokens: bytes, row: int = 0, column: int = 0) -> str:
    """The formula that some tokens of BIFF8 stand for, without the equals sign.

    Args:
        row, column: of its cell, 0-based; those of a formula that several cells share count from there.
    """
    stack: list[tuple[str, int]] = []
    at = 0
    try:
        while at < len(tokens):
            at = _take(tokens, at, stack, (row, column))
    except (struct.error, IndexError, LookupError):
        return UNKNOWN
    return stack[0][0] if len(stack) == 1 else UNKNOWN


def _take(tokens: bytes, at: int, stack: list[tuple[str, int]], own: tuple[int, int]) -> int:
    """Put the token at a place on the stack; return the place of the next one. Raises LookupError where it is not known."""
    kind, at = tokens[at], at + 1
    if kind in _BINARY:
        sign, binds = _BINARY[kind]
        right, left = stack.pop(), stack.pop()
        stack.append((f"{_within(left, binds)}{sign}{_within(right, binds + 1)}", binds))
    elif kind in (0x12, 0x13):
        stack.append((f"{'+' if kind == 0x12 else '-'}{_within(stack.pop(), 6)}", 6))
    elif kind == 0x14:
        stack.append((f"{_within(stack.pop(), 7)}%", 7))
    elif kind == 0x15:
        stack.append((f"({stack.pop()[0]})", _ATOM))
    elif kind == 0x17:
        n, is_wide = tokens[at], tokens[at + 1] & 1
        end = at + 2 + n * (1 + is_wide)
        text = tokens[at + 2 : end].decode("utf-16-le" if is_wide else "latin-1", "replace").replace('"', '""')
        stack.append((f'"{text}"', _ATOM))
        return end
    elif kind == 0x19:
        flags, n = struct.unpack_from("<BH", tokens, at)
        if flags & _SUM:
            stack.append((f"SUM({stack.pop()[0]})", _ATOM))
        return at + 3 + (2 * (n + 1) if flags & _CHOOSE else 0)
    elif kind == 0x1D:
        stack.append(("TRUE" if tokens[at] else "FALSE", _ATOM))
        return at + 1
    elif kind == 0x1E:
        stack.append((str(struct.unpack_from("<H", tokens, at)[0]), _ATOM))
        return at + 2
    elif kind == 0x1F:
        stack.append((repr(struct.unpack_from("<d", tokens, at)[0]), _ATOM))
        return at + 8
    else:
        return _take_classed(kind, tokens, at, stack, own)
    return at


def _take_classed(kind: int, tokens: bytes, at: int, stack: list[tuple[str, int]], own: tuple[int, int]) -> int:
    """The same of references and functions, which are written in three classes."""
    kind = kind & 0x1F if kind >= 0x20 else -1
    if kind == 0x01:
        (number,) = struct.unpack_from("<H", tokens, at)
        _call(number, _FIXED[number], stack)
        return at + 2
    if kind == 0x02:
        n, number = struct.unpack_from("<BH", tokens, at)
        _call(number, n & 0x7F, stack)
        return at + 3
    counted_from = own if kind in (0x0C, 0x0D) else None
    if kind in (0x04, 0x0C):
        stack.append((_reference(*struct.unpack_from("<HH", tokens, at), counted_from), _ATOM))
        return at + 4
    if kind in (0x05, 0x0D):
        top, bottom, left, right = struct.unpack_from("<4H", tokens, at)
        stack.append((f"{_reference(top, left, counted_from)}:{_reference(bottom, right, counted_from)}", _ATOM))
        return at + 8
    raise LookupError(kind)


def _call(number: int, n: int, stack: list[tuple[str, int]]) -> None:
    name, first = _FUNCTIONS[number], len(stack) - n
    if first < 0:
        raise LookupError(number)
    stack[first:] = [(f"{name}({','.join(text for text, _ in stack[first:])})", _ATOM)]


def _within(operand: tuple[str, int], binds: int) -> str:
    text, own = operand
    return text if own >= binds else f"({text})"


def _reference(row: int, column: int, counted_from: tuple[int, int] | None) -> str:
    """A reference; in a shared formula its parts without $ are distances, which go round at the sheet's edges."""
    is_fixed_row, is_fixed_column, column = not column & 0x8000, not column & 0x4000, column & 0x3FFF
    if counted_from:
        row = row if is_fixed_row else (row + counted_from[0]) & 0xFFFF
        column = column & 0xFF if is_fixed_column else (column + counted_from[1]) & 0xFF
    return f"{'$' if is_fixed_column else ''}{column_letters(column)}{'$' if is_fixed_row else ''}{row + 1}"
