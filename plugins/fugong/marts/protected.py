"""Protects the rows of a mart for analysts: decides what is hidden and how coarsely the rest is rounded.

- A value behind which one or two firms stand is hidden, and so is an amount of which one firm has the greater part.
- `disclosure.suppress` hides further cells, so that no relation between the cells leads closer than `MARGIN` to a hidden amount.
- Amounts are rounded. A stock by which a few firms move from day to day is rounded so coarsely that the difference of two days hides them.
- Rates are computed from the values that are shown. They tell nothing more.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from fugong.disclosure import rounding
from fugong.disclosure.attack import find_unsafe
from fugong.disclosure.suppress import suppress
from fugong.disclosure.system import Secret, System
from fugong.marts import kept_bases
from fugong.marts.changes import DerivedChange, day_before, derive_changes
from fugong.marts.firms_behind import ALL, FirmsBehind, Key, amount_columns
from fugong.marts.model import Mart
from fugong.marts.open_cells import (
    GREATER_PART,
    MARGIN,
    Cell,
    Row,
    Series,
    bounds,
    count_of,
    is_few,
    keys_of,
    series_of,
    tells,
    value_columns,
)
from fugong.marts.protection import Protection
from fugong.marts.published import DIGITS_OF_MONTHS, Publication
from fugong.marts.reader import Guarded, cells_in, members_of, system_of

NOTHING_KEPT: Mapping[str, float] = {}
DIGITS = {"as_of": 2, "period": DIGITS_OF_MONTHS}
"""Significant digits of rounded columns: stocks are read day by day, flows by the month."""
WEIGHT_OF_TOTAL = 5.0
"""A total is read by more people than one of its members."""
WEIGHT_OF_HIDDEN_BEFORE = 0.01
"""A cell that was hidden in the month before is hidden rather than another one: what it holds hardly differs between two days."""
REPAIRS = 12
"""Relations between rounded values can tell more than each of them: so often, series are rounded more coarsely and what is hidden is chosen anew.
Afterwards what is still told is hidden, as often."""
WEIGHT_OF_SIZE = 1e-3
"""Of two cells the smaller one is hidden."""


def protect(
    mart: Mart,
    rows: Mapping[Key, Row],
    behind: FirmsBehind,
    before: Protection | None = None,
    published: Sequence[Publication] = (),
    kept: Mapping[str, float] = NOTHING_KEPT,
    *,
    is_divided: bool = False,
) -> Protection:
    """Decide what analysts see of some days: a month of a stock, or one month of flows.

    Args:
        rows: of these days, totals included, with the firms behind them.
        before: the month before, of a stock.
        published: what publications print of the mart.
        kept: how coarsely series have to be shown because of earlier corrections, as `kept_bases` reads it.
        is_divided: whether another open mart divides sums that this one shows: a sum then bounds parts that the other one hides.

    Raises:
        ArithmeticError: no choice was found that keeps the changes of few firms.
    """
    primary, secrets = _primary(mart, rows, behind, is_divided=is_divided)
    digits = DIGITS[mart.partition_by]
    base, coarse = _bases(mart, rows, behind, primary, before, digits, kept)
    told = tuple(published)
    known: dict[bytes, dict[Secret, tuple[float, float]]] = {}
    guarded = Guarded(frozenset(primary), dict(secrets), dict(base), behind, told)
    protection = _choose(mart, rows, guarded, frozenset(coarse), before, known)
    if mart.partition_by != "as_of":
        return protection
    for repair in range(2 * REPAIRS):
        near = _near(protection, before)
        if not near:
            return protection
        for change in near:
            _blur(protection, change, base, coarse, secrets, is_last_resort=repair >= REPAIRS)
        guarded = Guarded(frozenset(primary), dict(secrets), dict(base), behind, told)
        protection = _choose(mart, rows, guarded, frozenset(coarse), before, known)
    if near := _near(protection, before):
        raise ArithmeticError(
            f"{mart.name}: after {2 * REPAIRS} repairs {len(near)} changes of few firms are still told too closely, the first in {near[0].cell}"
        )
    return protection


def _near(protection: Protection, before: Protection | None) -> list[DerivedChange]:
    """The changes of few firms that what is open tells too closely."""
    return [one for one in derive_changes(protection, before, is_thorough=False) if not one.is_safe and not one.is_told]


def _choose(
    mart: Mart,
    rows: Mapping[Key, Row],
    guarded: Guarded,
    coarse: frozenset[Series],
    before: Protection | None,
    known: dict[bytes, dict[Secret, tuple[float, float]]],
) -> Protection:
    """Choose what is hidden for the sake of the secrets.

    Args:
        known: what publications tell of a system. Days resemble each other, and most stay the same when what is hidden is chosen anew.
    """
    at = keys_of(mart).index(mart.partition_by)
    by_day: dict[date, dict[Key, Row]] = {}
    for key in sorted(rows, key=lambda each: each[at]):
        by_day.setdefault(key[at], {})[key] = rows[key]
    systems = {day: system_of(mart, of_day, guarded) for day, of_day in by_day.items()}
    told: dict[date, tuple[Secret, ...]] = {}
    for day, system in systems.items() if guarded.published else ():
        # What is open leads no nearer to these than publications do.
        content = _content(system)
        found = known.get(content)
        if found is None:
            found = known[content] = _told_by_publications(system)
        bounded = _bounded_elsewhere(system, guarded.behind)
        if found:
            told[day] = tuple(found)
        if reaches := bounded | found:
            others = tuple(secret for secret in system.secrets if secret not in reaches)
            left = (
                replace(secret, margin=min(secret.margin, below), margin_above=min(secret.margin, above))
                for secret, (below, above) in reaches.items()
            )
            systems[day] = replace(system, secrets=(*others, *(secret for secret in left if max(secret.margins) > 0)))
    decisions = _Decisions(mart, rows, guarded, before.series if before else frozenset())
    hidden_for_good = [decisions.add(system) for system in systems.values()]
    if not decisions.places or not any(system.secrets for system in systems.values()):
        return Protection(mart, rows, guarded, coarse, systems, None, told)
    forced = np.array([series in coarse for series in decisions.places])
    choice = suppress(hidden_for_good, decisions.of_cells, np.array(decisions.weights), forced)
    chosen = (series for series, place in decisions.places.items() if choice.hidden[place])
    return Protection(mart, rows, guarded, frozenset({*coarse, *chosen}), systems, choice, told)


def _content(system: System) -> bytes:
    """A digest of all that a system says, but for the keys of its cells: days on which nothing has changed say the same."""
    kinds = [name[0] if isinstance(name, tuple) else None for name in system.names]
    digest = hashlib.sha256(repr((kinds, system.secrets)).encode())
    relations = system.relations
    for numbers in (system.truth, system.shown, system.assumed, relations.data, relations.indices, relations.indptr):
        digest.update(numbers.tobytes())
    return digest.digest()


def _told_by_publications(system: System) -> dict[Secret, tuple[float, float]]:
    """The secrets that publications lead near, with what they leave open of each.

    Hidden members of a sum taken together are among them where publications tell one of the members, and no cell that is hidden here helps.
    """
    found = {one.secret: one.reach for one in find_unsafe(system, cells_in(system))}
    told = {secret.cell for secret in found}
    unions = tuple(secret for secret in system.secrets if not told.isdisjoint(members_of(system, secret.cell)))
    asked = replace(system, secrets=tuple(secret for secret in unions if secret not in found))
    return found | {one.secret: one.reach for one in find_unsafe(asked, cells_in(system, elsewhere=False))}


def _bounded_elsewhere(system: System, behind: FirmsBehind) -> dict[Secret, tuple[float, float]]:
    """The amounts of many firms that another open mart leads near, with what it leaves open: they are asked for the sake of a change alone.

    The other day has to leave open what this one does not.
    """
    if not any(isinstance(name, tuple) and name[0] == "elsewhere" for name in system.names):
        return {}
    asked: list[Secret] = []
    for secret in system.secrets:
        kind, key, column = system.names[secret.cell]  # pyright: ignore[reportGeneralTypeIssues]
        parts = behind.levels.get(key, {}).get(column)
        if kind == "cell" and parts and not tells(parts):
            asked.append(secret)
    derived = find_unsafe(replace(system, secrets=tuple(asked)), cells_in(system, elsewhere=False))
    return {one.secret: one.reach for one in derived}


def _blur(
    protection: Protection,
    change: DerivedChange,
    base: dict[Series, float],
    coarse: set[Series],
    secrets: dict[Cell, float],
    *,
    is_last_resort: bool,
) -> None:
    """Round the series of a change more coarsely, or hide it; what is hidden on both days already needs more room itself.

    A base below the margin leaves too little in any case. As a last resort the series is hidden at once.

    Half of the margin on each day is enough, as what is left open of both days adds up; unless publications leave less of one of them. Then
    the other one needs more.
    """
    mart, (key, column) = protection.mart, change.cell
    series = series_of(mart, key, column)
    earlier = day_before(mart, key)
    values = {each: abs(float(protection.rows[each].get(column) or 0)) for each in (key, earlier) if each in protection.rows}
    if all(protection.is_hidden(each, column) for each in values):
        for each, value in values.items():
            has, half = secrets.get((each, column), 0.0), min(MARGIN * change.largest / 2, value)
            secrets[each, column] = half if has < half else max(has, min(MARGIN * change.largest, value))
        return
    least = max(base[series] * 1.01, MARGIN * change.largest) if base.get(series) else rounding.base_of_digits(change.largest, 1)
    next_base = next(rounding.coarser(least))
    if is_last_resort or next_base > max(values.values()) / 2:
        coarse.add(series)
    else:
        base[series] = next_base


class _Decisions:
    """What may be hidden for the sake of others: one decision per series, for all its days."""

    def __init__(self, mart: Mart, rows: Mapping[Key, Row], guarded: Guarded, before: frozenset[Series]) -> None:
        self.places: dict[Series, int] = {}
        self.weights: list[float] = []
        self.of_cells: list[np.ndarray[Any, np.dtype[np.intp]]] = []
        self._mart, self._rows, self._guarded, self._before = mart, rows, guarded, before
        self._greatest = {
            column: max((abs(float(row.get(column) or 0)) for row in rows.values()), default=0.0) or 1.0
            for column in amount_columns(mart)
        }

    def add(self, system: System) -> System:
        """Add the cells of a day. Returns its system, with the primary cells hidden for good."""
        of_cells = np.full(len(system.names), -1, dtype=np.intp)
        is_primary = np.zeros(len(system.names), dtype=bool)
        for number, name in enumerate(system.names):
            if not isinstance(name, tuple) or name[0] != "cell":
                continue
            _, key, column = name
            if (key, column) in self._guarded.primary:
                is_primary[number] = True
                continue
            series = series_of(self._mart, key, column)
            place = self.places.setdefault(series, len(self.places))
            if place == len(self.weights):
                self.weights.append(0.0)
            of_cells[number] = place
            self.weights[place] += self._weight(series, key, column)
        self.of_cells.append(of_cells)
        return system.with_hidden(is_primary)

    def _weight(self, series: Series, key: Key, column: str) -> float:
        size = WEIGHT_OF_SIZE * abs(float(self._rows[key].get(column) or 0)) / self._greatest[column]
        if series in self._before:
            return WEIGHT_OF_HIDDEN_BEFORE
        return (WEIGHT_OF_TOTAL if ALL in key else 1.0) + size


def _primary(
    mart: Mart, rows: Mapping[Key, Row], behind: FirmsBehind, *, is_divided: bool
) -> tuple[set[Cell], dict[Cell, float]]:
    """Cells that are hidden because of the firms behind them, and the margin that each secret needs."""
    primary: set[Cell] = set()
    secrets: dict[Cell, float] = {}
    columns = value_columns(mart)
    of_rows = mart.suppression[0].count if mart.suppression else ("n_enterprises",)

    def hide(key: Key, names: Iterable[str]) -> None:
        for column in names:
            primary.add((key, column))
            # Of amounts the firms behind them decide: what few firms leave of a whole is a secret, and the rest is that of many.
            if column in amounts and column not in behind.levels.get(key, {}):
                secrets[key, column] = MARGIN * abs(float(rows[key].get(column) or 0))

    amounts = set(amount_columns(mart))
    for key, row in rows.items():
        if is_few(count_of(row, of_rows)):
            hide(key, columns)
        for declared in mart.suppression[1:]:
            largest = float(row.get(declared.largest) or 0) if declared.largest else 0.0
            if is_few(count_of(row, declared.count)) or largest > GREATER_PART * abs(float(row.get(declared.columns[0]) or 0)):
                hide(key, declared.columns)
        for column, parts in behind.levels.get(key, {}).items():
            if tells(parts) or (is_divided and ALL in key and bounds(parts)):
                secrets[key, column] = MARGIN * parts.largest
                if column in columns:
                    primary.add((key, column))
    return primary, {name: margin for name, margin in secrets.items() if margin > 0}


def _bases(
    mart: Mart,
    rows: Mapping[Key, Row],
    behind: FirmsBehind,
    primary: set[Cell],
    before: Protection | None,
    digits: int,
    kept: Mapping[str, float],
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
        finest = max(rounding.base_of_digits(greatest, digits), kept_bases.least(kept, series))
        if math.isinf(finest):
            hidden.add(series)
            continue
        changes: list[rounding.Change] = []
        for key, after in by_day.values():
            corrected = behind.corrected.get(key, {}).get(column)
            if corrected and tells(corrected) and (key, column) not in primary:
                seen = after - corrected.total
                changes.append(
                    rounding.Change(
                        seen, after, MARGIN * corrected.largest, rounding.base_of_digits(seen, DIGITS[mart.partition_by])
                    )
                )
            moved = behind.changes.get(key, {}).get(column)
            if not moved or not tells(moved) or (key, column) in primary:
                continue
            earlier = (*key[:at], key[at] - timedelta(1), *key[at + 1 :])
            margin = MARGIN * moved.largest
            if earlier in rows and (earlier, column) not in primary:
                changes.append(rounding.Change(float(rows[earlier].get(column) or 0), after, margin))
            elif before and earlier in before.rows and not before.is_hidden(earlier, column):
                value = float(before.rows[earlier].get(column) or 0)
                changes.append(rounding.Change(value, after, margin, before.guarded.base.get(series, 0.0)))
        found = rounding.base_for_changes(finest, greatest, changes)
        base[series] = found or finest
        if found is None:
            hidden.add(series)
    return base, hidden
