"""The rules of a suite as constraints of a row: the same text that Great Expectations runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Table
from fugong.validation.localisation.amounts import Absolute, Amount, Cell, Constant, Rows, Sum, UnreadableCondition, Values
from fugong.validation.localisation.conditions import All, Comparison, Condition, HasLength, IsText, Matches, Some
from fugong.validation.localisation.parse_condition import Kind, parse_condition
from fugong.validation.suite import GIVEN, ROW_RULE, Suite, SuiteRule

KINDS = {"number": Kind.NUMBER, "integer": Kind.NUMBER, "date": Kind.DAY, "boolean": Kind.BOOLEAN}
"""Logical type of a contract's column → what rules see; other types are texts."""
READ_ARGUMENTS: Mapping[str, set[str]] = {
    "expect_row_to_satisfy": {"column_list", "condition", "missing"},
    "expect_column_values_to_be_between": {"column", "min_value", "max_value"},
    "expect_column_value_lengths_to_be_between": {"column", "min_value", "max_value"},
    "expect_column_values_to_be_in_set": {"column", "value_set"},
    "expect_column_values_to_match_regex": {"column", "regex"},
}
"""Expectation → the arguments that are understood here; with any other it is left to Great Expectations."""
BOUNDS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True)
class Constraint:
    """A rule, read.

    Attributes:
        number: its place in the suite.
        columns: the columns of the row that it reads, without the given ones.
        judges_missing: it decides about empty cells itself; else a row with an empty cell satisfies it.
    """

    number: int
    rule: SuiteRule
    condition: Condition
    columns: tuple[str, ...]
    read: tuple[str, ...]
    judges_missing: bool

    @property
    def is_hard(self) -> bool:
        """Whether a row that breaks it is set aside."""
        return self.rule.is_critical

    @property
    def binds(self) -> bool:
        """Whether an explanation has to satisfy it: a hard rule, or an identity that is reported."""
        return self.is_hard or (self.is_identity and self.rule.is_reported)

    @property
    def supports(self) -> bool:
        """Whether it is an identity that is never reported, since sound rows may break it: where it holds, it speaks for an explanation."""
        return self.is_identity and not self.rule.is_reported

    @cached_property
    def identities(self) -> tuple[Amount, ...]:
        """What must be about zero: insides of `abs(…)` that is compared with a tolerance, and that several columns make."""
        bounds = (one for one in self.condition.comparisons() if one.kind in BOUNDS)
        inner = [one.left.inner for one in bounds if isinstance(one.left, Absolute)]
        return tuple(one for one in inner if not any(one.kinks()) and _is_difference(one))

    @cached_property
    def is_identity(self) -> bool:
        """Whether it says that a number equals what others give."""
        return bool(self.identities)

    def holds(self, rows: Rows) -> Values:
        """Which rows satisfy it."""
        found = self.condition.truth(rows)
        holds = found.holds if found.unknown is None else found.holds | found.unknown
        if self.judges_missing:
            return holds
        for name in self.read:
            values = rows[name]
            missing = np.array([one is None for one in values], dtype=bool) if values.dtype == object else np.isnan(values)
            holds = holds | missing
        return holds


def columns_of(amount: Amount) -> set[str]:
    """The columns in an amount."""
    own = {amount.column} if isinstance(amount, Cell) else set[str]()
    return own.union(*(columns_of(part) for part in amount.parts))


def _is_difference(amount: Amount) -> bool:
    """Whether an amount is a cell minus what other cells give."""
    return isinstance(amount, Sum) and len(columns_of(amount)) > 1


@dataclass(frozen=True)
class Constraints:
    """The rules of a table that could be read, and those that could not: `code column` → the part that is not understood."""

    table: Table
    kinds: Mapping[str, Kind]
    constraints: tuple[Constraint, ...]
    unread: Mapping[str, str]
    codes: Mapping[str, tuple[str, ...]]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that constraints read."""
        return tuple(dict.fromkeys(name for one in self.constraints for name in one.columns))

    @cached_property
    def by_number(self) -> dict[int, Constraint]:
        """Constraints by their place in the suite."""
        return {one.number: one for one in self.constraints}


def constraints_of(suite: Suite, table: Table, code_lists: Mapping[str, CodeList], *, has_shadows: bool = False) -> Constraints:
    """Read the rules of a suite that say something to a sender, and the identities of severity `info`.

    Args:
        has_shadows: read the rules in shadow, too.
    """
    kinds = kinds_of(table)
    found: list[Constraint] = []
    unread: dict[str, str] = {}
    for number, rule in enumerate(suite.rules):
        if rule.is_shadow and not has_shadows:
            continue
        try:
            one = read_rule(number, rule, kinds)
        except UnreadableCondition as error:
            unread[f"{rule.rule.code} {rule.column}"] = str(error)
            continue
        if rule.is_reported or one.supports or rule.is_shadow:
            found.append(one)
    codes = {
        column.name: tuple(code.code for code in code_lists[column.code_list].codes)
        for column in table.columns
        if column.code_list
    }
    return Constraints(table, kinds, tuple(found), unread, codes)


def kinds_of(table: Table) -> dict[str, Kind]:
    """What each column of a table holds, and each given one."""
    kinds = {column.name: KINDS.get(column.logical_type, Kind.TEXT) for column in table.columns}
    return kinds | {"report_date": Kind.DAY, "arrival_date": Kind.DAY, "row_number": Kind.NUMBER}


def read_rule(number: int, rule: SuiteRule, kinds: Mapping[str, Kind]) -> Constraint:
    """Read a rule as a constraint.

    Args:
        number: its place in the suite.

    Raises:
        UnreadableCondition: its type, one of its arguments or a part of its condition is not understood.
    """
    condition = _read(rule, kinds)
    columns = tuple(name for name in rule.columns if name not in GIVEN)
    judges = rule.type == ROW_RULE and rule.kwargs.get("missing") == "judged"
    return Constraint(number, rule, condition, columns, rule.columns, judges)


def _read(rule: SuiteRule, kinds: Mapping[str, Kind]) -> Condition:
    given = rule.kwargs
    if unknown := given.keys() - READ_ARGUMENTS.get(rule.type, set()):
        raise UnreadableCondition(f"{rule.type}: {', '.join(sorted(unknown))}")
    match rule.type:
        case "expect_row_to_satisfy":
            return parse_condition(given["condition"], kinds)
        case "expect_column_values_to_be_between":
            _require_kind(rule, kinds, Kind.NUMBER)
            cell = Cell(given["column"])
            low, high = _bounds(rule)
            bounds = [(low, ast.GtE), (high, ast.LtE)]
            return _every([Comparison(cell, Constant(bound), kind) for bound, kind in bounds if bound is not None])
        case "expect_column_value_lengths_to_be_between":
            _require_kind(rule, kinds, Kind.TEXT)
            return HasLength(given["column"], *_bounds(rule))
        case "expect_column_values_to_be_in_set":
            values = given["value_set"]
            if values and all(isinstance(value, str) for value in values):
                _require_kind(rule, kinds, Kind.TEXT)
                return IsText(given["column"], tuple(values), ast.In)
            if not values or not all(map(_is_number, values)):
                raise UnreadableCondition(f"{rule.type}: {values}")
            _require_kind(rule, kinds, Kind.NUMBER)
            return Some(tuple(Comparison(Cell(given["column"]), Constant(float(value)), ast.Eq) for value in values))
        case "expect_column_values_to_match_regex":
            _require_kind(rule, kinds, Kind.TEXT)
            try:
                return Matches(given["column"], re.compile(given["regex"]))
            except re.error as error:
                raise UnreadableCondition(f"{rule.type}: {error}") from error
        case _:
            raise UnreadableCondition(rule.type)


def _require_kind(rule: SuiteRule, kinds: Mapping[str, Kind], kind: Kind) -> None:
    if kinds[rule.kwargs["column"]] is not kind:
        raise UnreadableCondition(f"{rule.type}: {kinds[rule.kwargs['column']]}")


def _bounds(rule: SuiteRule) -> tuple[float | None, float | None]:
    """The least and the greatest value that a rule allows."""
    low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
    there = [bound for bound in (low, high) if bound is not None]
    if not there or not all(map(_is_number, there)) or there != sorted(there):
        raise UnreadableCondition(f"{rule.type}: {low} … {high}")
    return None if low is None else float(low), None if high is None else float(high)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _every(conditions: list[Comparison]) -> Condition:
    return conditions[0] if len(conditions) == 1 else All(tuple(conditions))


def rows_of(frame: Any, kinds: Mapping[str, Kind]) -> dict[str, Values]:
    """Typed rows of a block as arrays that constraints read.

    Args:
        frame: a pandas frame as suites validate it.
    """
    rows: dict[str, Values] = {}
    for name in frame.columns:
        values = frame[name]
        match kinds.get(name, Kind.TEXT):
            case Kind.DAY:
                days = values.to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
                rows[name] = np.where(np.isnat(days), np.nan, days.astype("int64").astype(float))
            case Kind.NUMBER | Kind.BOOLEAN:
                rows[name] = values.to_numpy(dtype=float, na_value=np.nan)
            case Kind.TEXT:
                rows[name] = np.array([one if isinstance(one, str) else None for one in values], dtype=object)
    return rows


def day_of(number: float) -> date:
    """The day that a number of days since 1970 is."""
    return date.fromordinal(int(number) + date(1970, 1, 1).toordinal())
