"""Examines the rules of a suite against each other: rules that nothing can break, rules that others imply, cells that nothing can fill.

One row that breaks no rule (`good`) is changed in one cell and in two, each to every value at which a comparison of a rule may change its
outcome. What holds of all these rows is reported; it is no proof for rows that differ in three cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Table
from fugong.contracts.example import example_of
from fugong.core.errors import ConfigurationError
from fugong.validation.localisation.amounts import Rows, Values
from fugong.validation.localisation.constraints import Constraint, Constraints, constraints_of, rows_of
from fugong.validation.localisation.parse_condition import Kind
from fugong.validation.localisation.search import SOME_TEXT, Search
from fugong.validation.localisation.trust import MAX_DECIMALS, Trust
from fugong.validation.suite import Suite

SOME_DAY = "2020-03-18"
"""The report date of a suite none of whose rules reads it."""
FIRST_DAY, LAST_DAY = -25_000, 50_000
"""Days since 1970 that are tried: 1901 to 2106."""
TEXTS = ("2018-12", "2020-02", "2020-12", "410106000000015", "3411", "2020-410106-34-03-000001", SOME_TEXT)
"""Months, and numbers of the kinds that rules about texts ask for."""
N_RANDOM = 50_000
"""Rows in which every cell that the rules of a column read is any of its values."""
MAX_VALUES = 40
"""Values of one cell in rows that differ in two."""


@dataclass(frozen=True)
class Examination:
    """What was found of the rules of one table.

    Attributes:
        n_rows: the rows that were tried.
        unread: rules that the search of wrong cells cannot read, with the part that is not understood.
        broken_at_once: rules that the good row breaks.
        never: rules that no row breaks: they say nothing, or others contradict them.
        implied: rules that only rows break that break another rule of the same or a higher severity, too, with these others. Rules that the
            same rows break imply each other.
        unfillable: columns in which no value passes.
        reasons: why a rule that others imply is kept, where its suite says so (`meta.overlaps`).
        smallest: a smallest row that breaks each rule, also those that are never reported: column → value. The fewest other rules are broken,
            and the cells are as near as can be to those of the good row, if possible in the column that the rule is about.
    """

    table: str
    n_rows: int
    unread: Mapping[str, str]
    broken_at_once: tuple[str, ...]
    never: tuple[str, ...]
    implied: Mapping[str, tuple[str, ...]]
    unfillable: tuple[str, ...]
    smallest: Mapping[str, Mapping[str, Any]]
    reasons: Mapping[str, str]

    @property
    def redundant(self) -> tuple[str, ...]:
        """The rules that others imply without a stated reason."""
        return tuple(name for name in self.implied if name not in self.reasons)

    @property
    def contradictions(self) -> tuple[str, ...]:
        """What makes rules of no use: rules that nothing or everything breaks, and columns that cannot be filled in."""
        return (*self.broken_at_once, *self.never, *self.unfillable)

    def to_json(self) -> dict[str, Any]:
        """As `fugong rules --examine --json` prints it."""
        return {
            "table": self.table,
            "n_rows": self.n_rows,
            "unread": dict(self.unread),
            "broken_at_once": list(self.broken_at_once),
            "never": list(self.never),
            "implied": {name: list(others) for name, others in self.implied.items()},
            "redundant": list(self.redundant),
            "reasons": dict(self.reasons),
            "unfillable": list(self.unfillable),
            "smallest": {name: dict(cells) for name, cells in self.smallest.items()},
        }


def examine(suite: Suite, table: Table, code_lists: Mapping[str, CodeList]) -> Examination:
    """Examine the rules of one table.

    Raises:
        ConfigurationError: the suite has no row that breaks none (`meta.good`).
    """
    if not suite.good:
        raise ConfigurationError(f"{suite.name}: meta.good is missing: rules are examined from a row that breaks none")
    constraints = constraints_of(suite, table, code_lists, has_shadows=True)
    unsaid = [one for one in constraints.constraints if not one.rule.is_reported and not one.rule.is_shadow]
    rules = [one for one in constraints.constraints if one not in unsaid]
    here = rows_of(_good_row(suite, constraints.kinds), constraints.kinds)
    search = Search(constraints, Trust({}, {}), date.fromisoformat(suite.good.get("report_date", SOME_DAY)))
    ways = {name: _ways(search, constraints, here, name) for name in constraints.columns}
    tried = [(), *((name,) for name in ways), *(pair for pair in combinations(ways, 2) if _meet(rules, pair))]
    rows, changed = _rows(here, ways, tried)
    broken = np.array([~one.holds(rows) for one in rules])
    names = [name_of(one) for one in rules]
    n_broken = broken.sum(axis=0)
    implied: dict[str, tuple[str, ...]] = {}
    smallest: dict[str, Mapping[str, Any]] = {}
    never: list[str] = []
    for n, name in enumerate(names):
        at = np.flatnonzero(broken[n])
        if not len(at):
            never.append(name)
            continue
        always = np.flatnonzero(broken[:, at].all(axis=1))
        others = tuple(names[other] for other in always if other != n and (rules[other].is_hard or not rules[n].is_hard))
        if others:
            implied[name] = others
        smallest[name] = _smallest(constraints, rules[n], rows, here, at, n_broken, changed)
    for one in unsaid:
        at = np.flatnonzero(~one.holds(rows))
        if len(at):
            smallest[name_of(one)] = _smallest(constraints, one, rows, here, at, n_broken, changed)
    unfillable = [name for name in constraints.columns if not _can_be_filled(rules, here, ways, name)]
    return Examination(
        table=constraints.table.name,
        n_rows=len(changed),
        unread=constraints.unread,
        broken_at_once=tuple(name for n, name in enumerate(names) if broken[n, 0]),
        never=tuple(never),
        implied=implied,
        unfillable=tuple(unfillable),
        smallest=smallest,
        reasons={name_of(one): one.rule.overlaps for one in rules if one.rule.overlaps},
    )


def _smallest(
    constraints: Constraints,
    rule: Constraint,
    rows: Rows,
    here: Rows,
    at: Values,
    n_broken: Values,
    changed: Sequence[tuple[str, ...]],
) -> dict[str, Any]:
    """The cells to change in the good row so that it breaks a rule.

    Args:
        here: the good row.
        at: the rows that break it.
        n_broken: how many rules each row breaks.
        changed: the columns in which each row differs.
    """
    fewest = n_broken[at].min()
    best = min(
        (row for row in at if n_broken[row] == fewest),
        key=lambda row: (
            len(changed[row]),
            rule.rule.column not in changed[row],
            sum(_distance(here[column][0], rows[column][row]) for column in changed[row]),
        ),
    )
    return {column: _shown(constraints, column, rows[column][best]) for column in changed[best]}


def _distance(good: Any, other: Any) -> float:
    """How far a value is from the good one, in steps of its size; an empty cell is farthest."""
    if isinstance(other, str) or isinstance(good, str) or other is None or good is None:
        return 1e9 if other is None else 1.0
    if np.isnan(other) or np.isnan(good):
        return 1e9 if np.isnan(other) else abs(float(other))
    return abs(float(other) - float(good)) / (1.0 + abs(float(good)))


def _can_be_filled(rules: list[Constraint], here: Rows, ways: Mapping[str, Values], name: str) -> bool:
    """Whether some value of a column passes the rules that read it, with any values of the other cells that they read."""
    concerned = [one for one in rules if name in one.columns]
    random = np.random.default_rng(len(name))
    columns = {column for one in concerned for column in one.columns}
    rows = {
        column: random.choice(ways[column], N_RANDOM) if column in columns else np.repeat(value, N_RANDOM)
        for column, value in here.items()
    }
    holds = _is_filled(rows[name])
    for one in concerned:
        holds &= one.holds(rows)
    return bool(holds.any())


def _good_row(suite: Suite, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """The good row of a suite as suites validate rows."""
    columns: dict[str, Any] = {}
    for name in suite.columns:
        value = suite.good.get(name)
        match kinds[name]:
            case Kind.NUMBER:
                columns[name] = pd.Series([value], dtype="float64")
            case Kind.DAY:
                columns[name] = pd.Series([None if value is None else np.datetime64(value)], dtype="datetime64[s]")
            case Kind.BOOLEAN:
                columns[name] = pd.Series([value], dtype="boolean")
            case Kind.TEXT:
                columns[name] = pd.Series([value], dtype=object)
    return pd.DataFrame(columns)


def name_of(constraint: Constraint) -> str:
    """`code column` of a rule."""
    return f"{constraint.rule.rule.code} {constraint.rule.column}"


def _meet(rules: list[Constraint], pair: tuple[str, str]) -> bool:
    """Whether some rule reads both columns."""
    return any(set(pair) <= set(one.columns) for one in rules)


def _ways(search: Search, constraints: Constraints, here: Rows, name: str) -> Values:
    """The values of a column that are worth trying."""
    concerned = [one for one in constraints.constraints if name in one.columns]
    kind = constraints.kinds[name]
    if kind is Kind.BOOLEAN:
        return np.array([0.0, 1.0, np.nan])
    if kind is Kind.TEXT:
        named = [text for one in concerned for column, texts in one.condition.texts() if column == name for text in texts]
        column = constraints.table.by_name[name]
        example = example_of(column, None)
        others = [*named, *(TEXTS if column.code_list is None else ()), *([example] if example else [])]
        return np.array([*dict.fromkeys([*constraints.codes.get(name, ()), *others]), None], dtype=object)
    column = constraints.table.by_name[name]
    values = search.candidates(here, name, concerned).values[:, 0]
    steps = np.array([0.0, 1.0, -1.0, 0.5, 1000.0, -1000.0, 1e6, -1e6, 1e13, -1e13])
    around = np.concatenate([values, values + 1, values - 1, here[name] + steps, here[name] * 2, here[name] * 10_001, steps])
    if kind is Kind.DAY:
        around = around[(around > FIRST_DAY) & (around < LAST_DAY)]
    else:
        around = np.round(
            around, 0 if column.logical_type == "integer" else MAX_DECIMALS if column.scale is None else column.scale
        )
    return np.unique(np.append(around[np.isfinite(around)] + 0.0, np.nan))


def _rows(here: Rows, ways: Mapping[str, Values], tried: list[tuple[str, ...]]) -> tuple[Rows, list[tuple[str, ...]]]:
    """The rows to try, and the columns that each differs in. The first is the good row."""
    parts: dict[str, list[Values]] = {name: [] for name in here}
    changed: list[tuple[str, ...]] = []
    for columns in tried:
        chosen = [ways[name] if len(columns) < 2 else _some(ways[name]) for name in columns]
        grids = [grid.reshape(-1) for grid in np.meshgrid(*chosen, indexing="ij")] if columns else []
        n = len(grids[0]) if grids else 1
        changed += [columns] * n
        for name, value in here.items():
            parts[name].append(grids[columns.index(name)] if name in columns else np.repeat(value, n))
    return {name: np.concatenate(values) for name, values in parts.items()}, changed


def _some(values: Values) -> Values:
    """Some of many values, spread evenly, the last one included."""
    if len(values) <= MAX_VALUES:
        return values
    return values[np.unique(np.linspace(0, len(values) - 1, MAX_VALUES).astype(int))]


def _is_filled(values: Values) -> Values:
    if values.dtype == object:
        return np.array([one is not None for one in values], dtype=bool)
    return ~np.isnan(values)


def _shown(constraints: Constraints, column: str, value: Any) -> Any:
    """A value as JSON holds it."""
    if value is None or value != value:
        return None
    match constraints.kinds[column]:
        case Kind.DAY:
            return str(np.datetime64(int(value), "D"))
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.NUMBER:
            return int(value) if float(value).is_integer() else float(value)
        case Kind.TEXT:
            return str(value)
