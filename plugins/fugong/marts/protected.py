"""Protects the rows of a mart for analysts: decides what is hidden and how coarsely the rest is rounded.

- A value behind which one or two firms stand is hidden, and so is an amount of which one firm has the greater part.
- `disclosure.suppress` hides further cells, so that no relation between the cells leads closer than `MARGIN` to a hidden amount.
- Amounts are rounded. A stock by which a few firms move from day to day is rounded so coarsely that the difference of two days hides them.
- Rates are computed from the values that are shown. They tell nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from fugong.disclosure import rounding
from fugong.disclosure.suppress import Choice, suppress
from fugong.disclosure.system import Builder, System
from fugong.marts.firms_behind import ALL, FirmsBehind, Key, Parts, amount_columns, differences
from fugong.marts.model import Mart
from fugong.marts.relations import Rate

SMALL_CELL = 3
"""Fewer firms than this are not shown to analysts."""
GREATER_PART = 0.8
"""A larger part of an amount than this gives its firm away."""
MARGIN = 0.2
"""A reader must not come closer to a firm's amount than this share of it."""
DIGITS = {"as_of": 2, "period": 3}
"""Significant digits of rounded columns: stocks are read day by day, flows by the month."""
DIGITS_OF_VINTAGES = 1
WEIGHT_OF_TOTAL = 5.0
"""A total is read by more people than one of its members."""
WEIGHT_OF_HIDDEN_BEFORE = 0.01
"""A cell that was hidden in the month before is hidden rather than another one: what it holds hardly differs between two days."""

UNBOUNDED = 10.0
"""What a reader assumes an inequality to leave at most, in values of the greater side."""

Row = Mapping[str, Any]
Series = tuple[Key, str]
"""A row without its day, and a column."""


@dataclass(frozen=True)
class Protection:
    """What is decided about the rows of some days that are protected together.

    Attributes:
        rows: by key, those of totals included.
        primary: cells that are hidden because of the firms behind them.
        base: what the cells of a series are rounded to; 0 for not at all.
        series: series that are hidden so that no relation leads to a hidden amount, or because no rounding hides its changes.
        systems: what a reader knows of each day.
        secrets: the amounts that a reader must not derive closely, and how far an interval has to reach.
        behind: the firms behind the rows.
        choice: what was hidden at what loss; None where there was nothing to choose.
    """

    mart: Mart
    rows: Mapping[Key, Row]
    primary: frozenset[tuple[Key, str]]
    base: Mapping[Series, float]
    series: frozenset[Series]
    systems: Mapping[date, System]
    secrets: Mapping[tuple[Key, str], float]
    behind: FirmsBehind
    choice: Choice | None

    def is_hidden(self, key: Key, column: str) -> bool:
        """Whether analysts do not see the value."""
        return (key, column) in self.primary or series_of(self.mart, key, column) in self.series

    def shown(self, key: Key, column: str) -> Any:
        """The value as analysts see it; None where it is hidden or was never there."""
        value = self.rows[key].get(column)
        if rate := self.mart.rates.get(column):
            return self._rate(key, rate)
        if value is None or self.is_hidden(key, column):
            return None
        base = self.base.get(series_of(self.mart, key, column), 0.0)
        return Decimal(repr(rounding.nearest(float(value), base))).normalize() if base else value

    def _rate(self, key: Key, rate: Rate) -> Decimal | None:
        above, below = ([self.shown(key, name) for name in names] for names in (rate.above, rate.below))
        if None in above or None in below:
            return None
        total = Decimal(sum(below) or rate.number)
        if not total:
            return None
        found = Decimal(sum(above)) / total
        return min(found, Decimal(1)) if rate.is_capped else found


def keys_of(mart: Mart) -> tuple[str, ...]:
    """The columns that tell the rows apart that analysts see."""
    return mart.public_rollup.keys if mart.public_rollup else mart.keys


def series_of(mart: Mart, key: Key, column: str) -> Series:
    """The series of a cell: stocks of one row stay hidden, or rounded to one base, for a whole month; flows are hidden month by month."""
    if mart.partition_by != "as_of":
        return key, column
    at = keys_of(mart).index(mart.partition_by)
    return (*key[:at], *key[at + 1 :]), column


def protect(
    mart: Mart,
    rows: Mapping[Key, Row],
    behind: FirmsBehind,
    days: Iterable[date],
    before: Protection | None = None,
    *,
    is_vintage: bool = False,
) -> Protection:
    """Decide what analysts see of some days: a month of a stock, or one month of flows.

    Args:
        rows: of these days, totals included, with the firms behind them.
        before: the month before, of a stock.
        is_vintage: whether they are as known at an earlier moment. What came since may be one firm's: they are rounded more coarsely.
    """
    primary, secrets = _primary(mart, rows, behind)
    digits = DIGITS_OF_VINTAGES if is_vintage else DIGITS[mart.partition_by]
    base, series = _bases(mart, rows, behind, primary, before, digits)
    hidden_before = before.series if before else frozenset[Series]()
    days = sorted(days)
    at = keys_of(mart).index(mart.partition_by)
    by_day: dict[date, dict[Key, Row]] = {day: {} for day in days}
    for key, row in rows.items():
        by_day[key[at]][key] = row
    systems = {day: system_of(mart, of_day, secrets, base) for day, of_day in by_day.items()}
    decisions: dict[Series, int] = {}
    weights: list[float] = []
    forced: list[bool] = []
    places: list[np.ndarray[Any, np.dtype[np.intp]]] = []
    fixed: list[System] = []
    for day in days:
        system = systems[day]
        place = np.full(len(system.names), -1, dtype=np.intp)
        is_primary = np.zeros(len(system.names), dtype=bool)
        for number, name in enumerate(system.names):
            if not (isinstance(name, tuple) and name[0] == "cell"):
                continue
            key, column = name[1], name[2]
            if (key, column) in primary:
                is_primary[number] = True
                continue
            one = series_of(mart, key, column)
            if one not in decisions:
                decisions[one] = len(weights)
                forced.append(one in series)
                weights.append(0.0)
            place[number] = decisions[one]
            weights[decisions[one]] += WEIGHT_OF_HIDDEN_BEFORE if one in hidden_before else WEIGHT_OF_TOTAL if ALL in key else 1.0
        places.append(place)
        fixed.append(system.with_hidden(is_primary))
    if not any(system.secrets for system in fixed):
        return Protection(mart, rows, frozenset(primary), base, frozenset(series), systems, secrets, behind, None)
    choice = suppress(fixed, places, np.array(weights), np.array(forced, dtype=bool))
    names = list(decisions)
    chosen = series | {names[number] for number in np.flatnonzero(choice.hidden)}
    return Protection(mart, rows, frozenset(primary), base, frozenset(chosen), systems, secrets, behind, choice)


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


def _primary(
    mart: Mart, rows: Mapping[Key, Row], behind: FirmsBehind
) -> tuple[set[tuple[Key, str]], dict[tuple[Key, str], float]]:
    """Cells that are hidden because of the firms behind them, and the margin that each secret needs.

    A cell that one firm dominates stays hidden all the month; one of few firms is hidden while they are few.
    """
    primary: set[tuple[Key, str]] = set()
    secrets: dict[tuple[Key, str], float] = {}
    columns = value_columns(mart)
    dominated: set[Series] = set()
    for key, row in rows.items():
        few = mart.suppression[0].count if mart.suppression else ("n_enterprises",)
        if _is_few(_count(row, few)):
            for column in columns:
                primary.add((key, column))
                secrets[key, column] = MARGIN * abs(float(row.get(column) or 0)) if column in amount_columns(mart) else 0.0
        for declared in mart.suppression[1:]:
            largest = float(row.get(declared.largest) or 0) if declared.largest else 0.0
            first = abs(float(row.get(declared.columns[0]) or 0))
            is_dominated = largest > GREATER_PART * first > 0
            if _is_few(_count(row, declared.count)) or is_dominated:
                for column in declared.columns:
                    primary.add((key, column))
                    secrets[key, column] = MARGIN * abs(float(row.get(column) or 0))
                    if is_dominated:
                        dominated.add(series_of(mart, key, column))
        for column, parts in behind.levels.get(key, {}).items():
            if tells(parts):
                secrets[key, column] = MARGIN * parts.largest
                if column in columns:
                    primary.add((key, column))
                    if parts.n_firms >= SMALL_CELL:
                        dominated.add(series_of(mart, key, column))
    for key in rows:
        primary |= {(key, column) for column in columns if series_of(mart, key, column) in dominated}
    return primary, {name: margin for name, margin in secrets.items() if margin > 0}


def _bases(
    mart: Mart,
    rows: Mapping[Key, Row],
    behind: FirmsBehind,
    primary: set[tuple[Key, str]],
    before: Protection | None,
    digits: int,
) -> tuple[dict[Series, float], set[Series]]:
    """What each series is rounded to, and the series whose changes no rounding hides."""
    at = keys_of(mart).index(mart.partition_by)
    values: dict[Series, dict[date, tuple[Key, float]]] = {}
    for key, row in rows.items():
        for column in mart.rounded:
            if row.get(column) is not None and column not in mart.rates:
                values.setdefault(series_of(mart, key, column), {})[key[at]] = (key, float(row[column]))
    base: dict[Series, float] = {}
    hidden: set[Series] = set()
    for series, by_day in values.items():
        column = series[1]
        shown = [value for key, value in by_day.values() if (key, column) not in primary]
        greatest = max(map(abs, shown), default=0.0)
        if not greatest:
            continue
        finest = rounding.base_of_digits(greatest, digits)
        changes: list[rounding.Change] = []
        for key, after in by_day.values():
            moved = behind.changes.get(key, {}).get(column)
            if not moved or not tells(moved) or (key, column) in primary:
                continue
            earlier = (*key[:at], key[at] - timedelta(1), *key[at + 1 :])
            margin = MARGIN * moved.largest
            if earlier in rows and (earlier, column) not in primary:
                changes.append(rounding.Change(float(rows[earlier].get(column) or 0), after, margin))
            elif before and earlier in before.rows and not before.is_hidden(earlier, column):
                value = float(before.rows[earlier].get(column) or 0)
                changes.append(rounding.Change(value, after, margin, before.base.get(series, 0.0)))
        found = rounding.base_for_changes(finest, greatest, changes)
        base[series] = found or finest
        if found is None:
            hidden.add(series)
    return base, hidden


def system_of(
    mart: Mart,
    rows: Mapping[Key, Row],
    secrets: Mapping[tuple[Key, str], float],
    base: Mapping[Series, float],
) -> System:
    """What a reader knows of the rows of one day. Cells are named `("cell", key, column)`, what is left of a whole `("left", key, name)`."""
    builder = Builder()
    columns = amount_columns(mart)
    for key, row in rows.items():
        for column in columns:
            builder.add(
                ("cell", key, column), float(row.get(column) or 0), rounded_to=base.get(series_of(mart, key, column), 0.0)
            )
    for parent, children in sums_of(mart, rows):
        for column in columns:
            builder.relate({("cell", parent, column): -1.0} | {("cell", child, column): 1.0 for child in children})
    for key, row in rows.items():
        for relation in mart.relations:
            if not relation.applies(row) or not relation.terms.keys() <= set(columns):
                continue
            terms = {("cell", key, column): float(factor) for column, factor in relation.terms.items()}
            size = max(abs(float(row.get(column) or 0)) for column in relation.terms)
            slack = relation.within * size
            builder.relate(terms, between=(-slack, slack) if relation.is_equal else (-UNBOUNDED * max(size, 1.0), 0.0))
        for name, (whole, part) in differences(mart).items():
            if (key, name) in secrets:
                left = ("left", key, name)
                builder.add_hidden(left, builder.truth(("cell", key, whole)) - builder.truth(("cell", key, part)))
                builder.relate({left: -1.0, ("cell", key, whole): 1.0, ("cell", key, part): -1.0})
    for (key, column), margin in secrets.items():
        if key in rows:
            name = ("left", key, column) if ("left", key, column) in builder else ("cell", key, column)
            if name in builder:
                builder.keep_secret(name, margin)
    return builder.build()


def sums_of(mart: Mart, rows: Mapping[Key, Row]) -> Iterator[tuple[Key, list[Key]]]:
    """Rows that are the sums of other rows: a row with `ALL` is the sum of the rows of every kind that divides it.

    Rows are of one kind where `ALL` stands for the same keys and, if there is such a key, the dimension is the same.
    """
    keys = keys_of(mart)
    label = keys.index("dimension") if "dimension" in keys else None
    kinds: dict[tuple[Any, frozenset[int]], list[Key]] = {}
    for key in rows:
        everywhere = frozenset(place for place, member in enumerate(key) if member == ALL)
        kinds.setdefault((key[label] if label is not None else None, everywhere), []).append(key)
    for (_, everywhere), parents in kinds.items():
        for (_, finer), others in kinds.items():
            if not finer < everywhere:
                continue
            free = everywhere | ({label} if label is not None else set())
            children: dict[Key, list[Key]] = {}
            for other in others:
                children.setdefault(tuple(member for place, member in enumerate(other) if place not in free), []).append(other)
            for parent in parents:
                same = tuple(member for place, member in enumerate(parent) if place not in free)
                if found := children.get(same):
                    yield parent, found


def value_columns(mart: Mart) -> tuple[str, ...]:
    """The columns with values that analysts see, as the mart computes them: rates apart."""
    if rollup := mart.public_rollup:
        return ("n_enterprises", *rollup.sums)
    shown = (name for name in mart.columns if name not in mart.keys and name not in mart.hidden)
    return tuple(name for name in shown if name not in mart.rates)


def tells(parts: Parts) -> bool:
    """Whether an amount gives one of its firms away."""
    return 0 < parts.n_firms < SMALL_CELL or (parts.n_firms > 0 and parts.largest > GREATER_PART * abs(parts.total))


def _is_few(count: int | None) -> bool:
    return count is not None and 0 < count < SMALL_CELL


def _count(row: Row, names: Sequence[str]) -> int | None:
    counts = [row.get(name) for name in names]
    if any(count is None for count in counts):
        return None
    first, *rest = (int(count or 0) for count in counts)
    return first - sum(rest)
