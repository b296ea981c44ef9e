"""The rows that analysts see of a mart: their keys, columns and totals, and which of their values tell about a firm."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import sql

from fugong.marts.firms_behind import ALL, FirmsBehind, Key, Parts, amount_columns
from fugong.marts.model import Mart

SMALL_CELL = 3
"""Fewer firms than this are not shown to analysts."""
GREATER_PART = 0.8
"""A larger part of an amount than this gives its firm away."""
MARGIN = 0.2
"""A reader must not come closer to a firm's amount than this share of it."""

Row = Mapping[str, Any]
Cell = tuple[Key, str]
"""A row and a column."""
Series = tuple[Key, str]
"""A row without its day, and a column."""


@dataclass(frozen=True)
class Seen:
    """Days that analysts have seen, as known at a moment; None for now.

    Attributes:
        table: of a mart by firm, the rows as they were then.
    """

    known_at: datetime | None
    days: Collection[date]
    table: sql.Composable | None = None


def keys_of(mart: Mart) -> tuple[str, ...]:
    """The columns that tell the rows apart that analysts see."""
    return mart.public_rollup.keys if mart.public_rollup else mart.keys


def series_of(mart: Mart, key: Key, column: str) -> Series:
    """The series of a cell: stocks of one row stay hidden, or rounded to one base, for a whole month; flows are hidden month by month."""
    if mart.partition_by != "as_of":
        return key, column
    at = keys_of(mart).index(mart.partition_by)
    return (*key[:at], *key[at + 1 :]), column


def value_columns(mart: Mart) -> tuple[str, ...]:
    """The columns with values that analysts see, as the mart computes them: rates apart."""
    if rollup := mart.public_rollup:
        return ("n_enterprises", *rollup.sums)
    shown = (name for name in mart.columns if name not in mart.keys and name not in mart.hidden)
    return tuple(name for name in shown if name not in mart.rates)


def with_totals(mart: Mart, rows: Iterable[Row], behind: FirmsBehind) -> dict[Key, Row]:
    """Rows by key, and the rows of the totals that the head asks for: sums of what adds up, and the count of firms."""
    keys = keys_of(mart)
    found: dict[Key, Row] = {tuple(row[key] for key in keys): row for row in rows}
    counted = mart.suppression[0].count[0] if mart.suppression else "n_enterprises"
    columns = amount_columns(mart)
    sums: dict[Key, dict[str, Any]] = {}
    for total in mart.totals:
        for row in found.values():
            members = {key: ALL if key in total else row[key] for key in keys}
            key = tuple(members.values())
            target = sums.setdefault(key, {**members} if counted in columns else {**members, counted: behind.n_firms.get(key)})
            for column in columns:
                if row.get(column) is not None:
                    target[column] = target.get(column, 0) + row[column]
    return found | sums


def tells(parts: Parts) -> bool:
    """Whether an amount gives one of its firms away."""
    return 0 < parts.n_firms < SMALL_CELL or (parts.n_firms > 0 and parts.largest > GREATER_PART * abs(parts.total))


def bounds(parts: Parts) -> bool:
    """Whether a sum that is shown bounds one of its firms closely from above, wherever the sum is divided.

    Two firms of one part know that their part is not more than the sum: what all others have must be `MARGIN` of the largest firm. A part in
    which one firm has more than `GREATER_PART` may be all that there is but for this margin.
    """
    others = abs(parts.total) - parts.largest - parts.second
    return tells(parts) or others < MARGIN * parts.largest or abs(parts.total) < (1 / GREATER_PART + MARGIN) * parts.largest


def is_few(count: int | None) -> bool:
    """Whether a count of firms is too small to be shown; nobody at all is not."""
    return count is not None and 0 < count < SMALL_CELL


def count_of(row: Row, names: Sequence[str]) -> int | None:
    """The firms that a column counts, or one column less another; None where the row does not say."""
    counts = [row.get(name) for name in names]
    if any(count is None for count in counts):
        return None
    first, *rest = (int(count or 0) for count in counts)
    return first - sum(rest)
