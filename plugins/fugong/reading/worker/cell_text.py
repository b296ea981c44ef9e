"""Writes values of a workbook as Excel shows them, and addresses of cells.

The worker imports nothing of `fugong.core`, so it has its own letters of columns; a test compares them with `core.cell_address`.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def _scientific(number: float) -> str:
    """Write a number as Excel shows it from 16 digits on, so that a credit code that became a number is recognised."""
    mantissa, exponent = f"{number:.5E}".split("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def number_as_text(number: float) -> str:
    """Write a number with at most 15 digits, as Excel does: `3`, `1379.88`, `0.3` (not 0.30000000000000004), `9.14101E+17`."""
    if not math.isfinite(number):
        return "#NUM!"
    if abs(number) >= 1e15:
        return _scientific(number)
    if number == int(number):
        return str(int(number))
    return format(number, ".15g").upper()


def _datetime_as_text(moment: dt.datetime) -> str:
    # A serial number has no exact minutes. calamine keeps milliseconds; Excel shows the nearest second.
    moment = (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment.time() != dt.time() else moment.strftime("%Y-%m-%d")


def _time_as_text(time_of_day: dt.time) -> str:
    seconds = time_of_day.hour * 3600 + time_of_day.minute * 60 + time_of_day.second
    return _duration_as_text(dt.timedelta(seconds=seconds, microseconds=time_of_day.microsecond))


def _duration_as_text(duration: dt.timedelta) -> str:
    seconds = round(duration.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


AS_TEXT: dict[type, Callable[[Any], str]] = {
    str: lambda v: v,
    float: number_as_text,
    int: number_as_text,
    bool: lambda v: "TRUE" if v else "FALSE",
    dt.date: dt.date.isoformat,
    dt.datetime: _datetime_as_text,
    dt.time: _time_as_text,
    dt.timedelta: _duration_as_text,
}


def cells_as_text(column: Iterable[object], kinds: set[type] | None = None) -> pa.Array:
    """Write a column of a workbook as text; `kinds`: the types of its cells, where they are known."""
    column = list(column)
    kinds = kinds or set(map(type, column))
    if float in kinds and len(column) >= MANY_NUMBERS:
        numbers = _numbers_as_text([v if type(v) is float else None for v in column])
        if kinds == {float} and not numbers.null_count:
            return numbers
        column = [v if text is None else text for v, text in zip(column, numbers.to_pylist(), strict=True)]
        kinds = None
    if kinds != {str}:
        column = [AS_TEXT[type(v)](v) for v in column]
    return pa.array(column, pa.string())


MANY_NUMBERS = 64
LONGEST_SHORT = 16
"""Characters of a number with a decimal point, none of which can be more than the 15th digit."""
WITHOUT_EXPONENT = (1e-4, 1e10)
"""Between these Arrow writes numbers without an exponent, as `number_as_text` does."""


def _numbers_as_text(numbers: list[float | None]) -> pa.Array:
    """Texts as of `number_as_text`, all at once; null where the fewest digits that tell a number are more than 15, or it is very large or small."""
    held = pa.array(numbers, pa.float64())
    size = pc.abs(held)
    is_whole = pc.and_(pc.equal(held, pc.floor(held)), pc.less(size, 1e15))
    whole = pc.cast(pc.cast(pc.if_else(is_whole, held, None), pa.int64()), pa.string())
    texts = pc.cast(held, pa.string())
    is_usual = pc.and_(pc.greater_equal(size, WITHOUT_EXPONENT[0]), pc.less(size, WITHOUT_EXPONENT[1]))
    is_short = pc.less_equal(pc.binary_length(texts), LONGEST_SHORT)
    return pc.coalesce(whole, pc.if_else(pc.and_(is_usual, is_short), texts, None))


def column_letters(column: int) -> str:
    """Return the letters of a 0-based column: 0 → A, 16383 → XFD."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: bytes) -> int:
    """Return the 0-based column of its letters."""
    n = 0
    for letter in letters.upper():
        n = n * 26 + letter - 64
    return n - 1


def runs_of_columns(columns: list[int]) -> str:
    """Write ascending 0-based columns as people do: `C、E-G`."""
    runs: list[list[int]] = []
    for column in columns:
        if runs and column == runs[-1][1] + 1:
            runs[-1][1] = column
        else:
            runs.append([column, column])
    return "、".join(column_letters(a) if a == b else f"{column_letters(a)}-{column_letters(b)}" for a, b in runs)
