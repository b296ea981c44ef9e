"""Finds the cells whose change makes a row break no rule: first one cell, then two.

With the other cells as they are, each comparison of a rule changes its outcome in one column only at the zeros of the straight pieces of
its difference. Those zeros, the values between them, and the slips that people make are all that has to be tried: for one cell the search
is exact. For two cells it tries values that somebody could have meant: slips, and what an identity gives. All rows are tried at once.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

import numpy as np

from fugong.validation.localisation.amounts import EPOCH, Amount, Cell, Rows, Values
from fugong.validation.localisation.constraints import Constraint, Constraints, columns_of, day_of
from fugong.validation.localisation.evidence import Evidence
from fugong.validation.localisation.explanation import Change, Explanation
from fugong.validation.localisation.parse_condition import Kind
from fugong.validation.localisation.probes import is_there, values_between, zeros_of
from fugong.validation.localisation.slips import (
    EXCHANGED,
    SCALES,
    SIGN,
    YEAR,
    decimals_of,
    meant_days,
    significant_digits,
    slip_between,
    slip_between_days,
)
from fugong.validation.localisation.trust import MAX_DECIMALS, Trust

SLIP, DIGITS, OTHER, EMPTIED, FILLED, OTHER_YEAR = 1.0, 1.2, 2.0, 2.5, 0.8, 1.5
"""What kinds of changes weigh. A value that an identity gives: a slip of the typed one that names itself, a slip of digits. Any other value;
a cell emptied; an empty cell filled in; a day of another year put into the year of the report. A slip alone proves little: only where an
identity gives the same value do two things agree."""
UNSURE = 0.4
"""Added to a slip of digits where another number might be one by chance: it has too few digits."""
COMMON = 0.6
"""The share of these for a change to the value that most rows have."""
LOOSENED = 1.0
"""Added for each identity that held to the last digit and would hold only within its tolerance; taken off for each that does so now."""
AS_BEFORE = 0.2
"""The same for the value of the day before. It is less than what makes explanations tie: people forget to change a value, too."""
LEAST = 0.1
NEAR = 0.01
"""How far an identity that a rule tolerates may be off, as a share of the cell that it gives."""
MOST_SHIFTED = 4
"""Places by which slips of scale move the decimal point."""
MIN_DIGITS = 5
"""Significant digits of a number of which a slip of one digit says something."""
MAX_PAIRS = 60
MAX_PROBES = 12
"""Pairs of cells, and values of a cell that nobody could have meant, that are looked at in one row."""
SOME_TEXT = "\N{FULL BLOCK}"
"""Stands for any text in a cell that is filled in."""


@dataclass(frozen=True)
class Candidates:
    """Values of one column to be tried in each row.

    Attributes:
        values: one line of values per way, one column per row.
        is_named: which lines are values that somebody could have meant: slips and what identities give; the others only probe.
        by: for each line the identity that gives it.
    """

    values: Values
    is_named: Values
    by: tuple[Amount | None, ...]


class Search:
    """The search over the rules of one table."""

    def __init__(self, constraints: Constraints, trust: Trust, report_date: date) -> None:
        self._all = constraints
        self._binding = [one for one in constraints.constraints if one.binds]
        self._supporting = [one for one in constraints.constraints if one.supports]
        self._trust = trust
        self._report_date = report_date
        self._evidence: Sequence[Evidence] = ()

    def knowing(self, evidence: Sequence[Evidence]) -> Search:
        """The same search for a row of which something is known from outside it."""
        other = copy.copy(self)
        other._evidence = evidence
        return other

    @property
    def binding(self) -> Sequence[Constraint]:
        """The rules that an explanation satisfies: hard ones and identities."""
        return self._binding

    def one_cell(self, here: Rows, broken: Collection[int]) -> list[Explanation]:
        """The explanations of a row by one cell.

        Args:
            here: the row, each column an array of one value.
            broken: the numbers of the binding rules that it breaks.
        """
        shared = set.intersection(*(set(self._all.by_number[number].columns) for number in broken))
        return [found for name in self._all.columns if name in shared for found in self._by(here, name)]

    def two_cells(self, here: Rows, broken: Collection[int]) -> list[Explanation]:
        """The explanations of a row by two cells, among values that somebody could have meant."""
        wanted = [self._all.by_number[number] for number in broken]
        concerned = {name for one in wanted for name in one.columns}
        pairs = [
            (one, other)
            for one, other in combinations([name for name in self._all.columns if name in concerned], 2)
            if all({one, other} & set(rule.columns) for rule in wanted) and self._is_amount(one) and self._is_amount(other)
        ]
        return [found for pair in pairs[:MAX_PAIRS] for found in self._by_two(here, *pair)]

    def exchanges(self, here: Rows) -> list[Explanation]:
        """The explanations of a row by two numbers that stand in each other's cells: with both exchanged, an identity of each holds again.

        Rules that only compare would fit any two numbers that are exchanged, and prove nothing.
        """
        numbers = [name for name in self._all.columns if self._all.kinds[name] is Kind.NUMBER and not np.isnan(here[name][0])]
        found: list[Explanation] = []
        for one, other in combinations(numbers, 2):
            concerned = [rule for rule in self._binding if {one, other} & set(rule.columns)]
            after = dict(here, **{one: here[other], other: here[one]})
            identities = [identity for rule in concerned if not rule.holds(here)[0] for identity in rule.identities]
            held = [identity for identity in identities if abs(float(identity.values(after)[0])) <= self._slack(identity)]
            if {one, other} <= {name for identity in held for name in columns_of(identity)} and all(
                rule.holds(after)[0] for rule in concerned
            ):
                pair = ((one, float(after[one][0])), (other, float(after[other][0])))
                found.append(Explanation(tuple(Change(name, Kind.NUMBER, value, slip=EXCHANGED) for name, value in pair), SLIP))
        return found

    def mended(self, here: Rows, explanation: Explanation) -> tuple[int, ...]:
        """The broken warnings, other than identities, that hold once the proposed values stand in a row."""
        if any(change.proposed is None and not change.is_to_be_empty for change in explanation.changes):
            return ()
        after = dict(here)
        for change in explanation.changes:
            is_text = change.kind is Kind.TEXT
            value = change.proposed if change.proposed is not None else None if is_text else np.nan
            after[change.column] = np.array([value], dtype=object if is_text else float)
        concerned = (one for one in self._all.constraints if set(one.columns) & set(explanation.columns))
        others = (one for one in concerned if not one.binds and not one.supports)
        return tuple(one.number for one in others if not one.holds(here)[0] and one.holds(after)[0])

    # One cell

    def _by(self, here: Rows, name: str) -> Iterator[Explanation]:
        """The explanation of one row by one cell, if there is one."""
        concerned = [one for one in self._binding if name in one.columns]
        if not self._is_amount(name):
            yield from self._by_text(here, name, concerned)
            return
        candidates = self.candidates(here, name, concerned)
        fits = self._fits(here, name, candidates.values, concerned)[:, 0]
        values, named = candidates.values[:, 0], candidates.is_named
        if not fits.any():
            return
        typed = float(here[name][0])
        best = [at for at in np.flatnonzero(fits & named) if values[at] != typed]
        changes = [self._change(here, name, float(values[at]), candidates.by[at], concerned) for at in best]
        weight = float(self._trust.weights(name, here[name])[0])
        if changes:
            change, cost = min(changes, key=lambda pair: (pair[1], not pair[0].is_certain))
            others = {one.proposed for one, other_cost in changes if other_cost <= cost + 1e-9}
            if len(others) > 1:
                change = Change(name, self._all.kinds[name])
            elif any(one.slip is not None and one.proposed != change.proposed for one, _ in changes):
                change = replace(change, is_certain=False)  # another slip would satisfy the rules, too
            yield Explanation((change,), cost * weight)
            return
        probes = np.flatnonzero(fits)[:MAX_PROBES]
        loosened = min(max(self._loosened(here, name, float(values[at]), concerned), 0) for at in probes)
        cost = FILLED if np.isnan(typed) else OTHER + LOOSENED * loosened
        yield Explanation((Change(name, self._all.kinds[name]),), cost * weight)

    def _by_text(self, here: Rows, name: str, concerned: Sequence[Constraint]) -> Iterator[Explanation]:
        kind = self._all.kinds[name]
        typed = here[name][0]
        is_empty = typed is None if kind is Kind.TEXT else bool(np.isnan(typed))
        weight = float(self._trust.weights(name, here[name])[0])
        if kind is Kind.BOOLEAN:
            ways: list[float | str] = [one for one in (0.0, 1.0) if one != typed]
        else:
            named = [text for one in concerned for column, texts in one.condition.texts() if column == name for text in texts]
            listed = self._all.codes.get(name)
            ways = [one for one in dict.fromkeys(listed if listed else [*named, SOME_TEXT]) if one != typed]
        if ways:
            values = np.array(ways, dtype=object if kind is Kind.TEXT else float).reshape(-1, 1)
            fits = np.flatnonzero(self._fits(here, name, values, concerned)[:, 0])
            if len(fits):
                only = ways[fits[0]] if len(fits) == 1 and ways[fits[0]] != SOME_TEXT else None
                change = Change(name, kind, only)
                yield Explanation((change,), (FILLED if is_empty else OTHER) * weight)
        column = self._all.table.by_name[name]
        if not is_empty and not column.is_mandatory:
            nothing = np.array([[None]], dtype=object) if kind is Kind.TEXT else np.array([[np.nan]])
            if self._fits(here, name, nothing, [one for one in concerned if one.judges_missing])[0, 0] and all(
                one.judges_missing for one in concerned if not one.holds(here)[0]
            ):
                yield Explanation((Change(name, kind, is_to_be_empty=True),), EMPTIED * weight)

    def candidates(self, here: Rows, name: str, concerned: Sequence[Constraint], *, probes: bool = True) -> Candidates:
        """The values of a column that are worth trying, with the other cells as they are."""
        is_whole = self._all.kinds[name] is Kind.DAY or self._all.table.by_name[name].logical_type == "integer"
        typed = here[name]
        named: list[tuple[Values, Amount | None]] = []
        for one in concerned:
            for identity in one.identities:
                if name in columns_of(identity):
                    fitting = [self._rounded(name, zero, typed) for zero in zeros_of(identity.lines(here, name))]
                    named += [(zero, identity) for zero in fitting]
        for known in self._about(name):
            named.append((np.full(len(typed), known.value), known.identity))
        if self._all.kinds[name] is Kind.DAY:
            latest = float((self._report_date - EPOCH).days)
            meant = [[one for one in meant_days(float(day), self._report_date) if one[0] <= latest] for day in typed]
            for at in range(max(map(len, meant), default=0)):
                named.append((np.array([days[at][0] if at < len(days) else np.nan for days in meant]), None))
        else:
            named += [(self._rounded(name, slip.undo(typed), typed, n_more=MOST_SHIFTED), None) for slip in SCALES]
            common = self._trust.common.get(name)
            if common is not None:
                named.append((np.full(len(typed), common), None))
        values = [value for value, _ in named]
        if probes:
            edges = [
                zero
                for one in concerned
                for comparison in one.condition.comparisons()
                if name in columns_of(comparison.difference)
                for amount in (comparison.difference, *comparison.difference.kinks())
                for zero in zeros_of(amount.lines(here, name))
            ]
            values += values_between(edges, len(typed), is_whole=is_whole)
        flags = np.zeros(len(values), dtype=bool)
        flags[: len(named)] = True
        return Candidates(
            np.array(values).reshape(len(values), len(typed)),
            flags,
            (*(by for _, by in named), *[None] * (len(values) - len(named))),
        )

    def _fits(self, here: Rows, name: str, values: Values, concerned: Sequence[Constraint]) -> Values:
        """Which candidates satisfy the rules that read the column."""
        n, width = values.shape
        rows = {column: np.tile(one, n) for column, one in here.items()}
        rows[name] = values.reshape(-1)
        fits = is_there(rows[name])
        column = self._all.table.by_name[name]
        if self._all.kinds[name] is Kind.NUMBER:
            if column.minimum is not None:
                fits &= ~(rows[name] < column.minimum)
            if column.maximum is not None:
                fits &= ~(rows[name] > column.maximum)
        for one in concerned:
            fits &= one.holds(rows)
        return fits.reshape(n, width)

    def _change(
        self, here: Rows, name: str, value: float, by: Amount | None, concerned: Sequence[Constraint]
    ) -> tuple[Change, float]:
        kind = self._all.kinds[name]
        typed = float(here[name][0])
        by = by or self._identity_at(here, name, value, concerned)
        known = self._known_at(name, typed, value)
        slip = slip_between_days(typed, value) if kind is Kind.DAY else slip_between(typed, value)
        is_scale = any(slip is one.text for one in SCALES)
        is_exact = by is not None or (known is not None and known.is_exact)
        if np.isnan(typed):
            cost = FILLED
        elif is_exact and slip:
            cost = SLIP if is_scale else DIGITS
            if not is_scale and kind is Kind.NUMBER and significant_digits(value) < MIN_DIGITS:
                cost += UNSURE
        elif known is not None and is_scale and kind is Kind.NUMBER:
            cost = SLIP + UNSURE
        elif slip is SIGN:
            cost = SLIP
        else:
            cost = OTHER_YEAR if slip is YEAR and day_of(value).year == self._report_date.year else OTHER
        if by is not None and self._trust.common.get(name) == value:
            cost *= COMMON
        cost = max(cost + LOOSENED * self._loosened(here, name, value, concerned), LEAST)
        tight = slip is not None and is_exact and self._is_tight(here, name, value, concerned)
        columns = tuple(one for one in self._all.columns if by is not None and one in columns_of(by) and one != name)
        source = known.source if known is not None and not columns else None
        return Change(name, kind, value, is_certain=tight, slip=slip, by=columns, source=source), cost

    def _about(self, name: str) -> list[Evidence]:
        return [one for one in self._evidence if one.column == name]

    def _known_at(self, name: str, typed: float, value: float) -> Evidence | None:
        """What is known from outside the row and speaks for a value, and not for the typed one; first what is exact."""
        fitting = [
            one
            for one in self._about(name)
            if abs(value - one.value) <= self._slack(one.identity) or (one.is_like(value) and not one.is_like(typed))
        ]
        return min(fitting, key=lambda one: not one.is_exact, default=None)

    def _identity_at(self, here: Rows, name: str, value: float, concerned: Sequence[Constraint]) -> Amount | None:
        """An identity of a broken rule that a value makes true to the last digit."""
        after = dict(here, **{name: np.array([value])})
        broken = (identity for one in concerned if not one.holds(here)[0] for identity in one.identities)
        return next(
            (one for one in broken if name in columns_of(one) and abs(float(one.values(after)[0])) <= self._slack(one)), None
        )

    def _loosened(self, here: Rows, name: str, value: float, concerned: Sequence[Constraint]) -> float:
        """How many identities of rules that hold are true to the last digit now and no more with another value, less those of the opposite.

        A total that fits counts like one; the value of the day before counts for less.
        """
        after = dict(here, **{name: np.array([value])})
        n = 0.0
        for known in self._about(name):
            fits_now, fits_then = (abs(one - known.value) <= self._slack(known.identity) for one in (float(here[name][0]), value))
            n += (fits_now - fits_then) * (1 if known.is_exact else AS_BEFORE)
        for rule in (one for one in (*concerned, *self._supporting) if name in one.columns):
            holds = bool(rule.holds(here)[0])
            for identity in (one for one in rule.identities if name in columns_of(one)):
                slack = self._slack(identity)
                was, will_be = (abs(float(identity.values(rows)[0])) for rows in (here, after))
                if was <= slack < will_be:
                    n += 1
                elif will_be <= slack < was and (
                    rule.supports or (holds and was <= NEAR * abs(float(np.sum(self._alone(identity, here)))))
                ):
                    n -= 1
        return n

    def _alone(self, identity: Amount, rows: Rows) -> list[float]:
        """The cells that stand alone in an identity, not within a product."""
        return [float(rows[part.column][0]) for part in identity.parts if isinstance(part, Cell)]

    def _slack(self, identity: Amount) -> float:
        """How far an identity may be from zero because its cells are rounded: half a unit of the last place that stands alone in it."""
        alone = [column for column in columns_of(identity) if any(part == Cell(column) for part in identity.parts)]
        unit = min((10.0 ** -self._trust.decimals.get(one, 2) for one in alone), default=0.01)
        return 0.5 * unit * (1 + 1e-6) + 1e-9

    def _is_tight(self, here: Rows, name: str, value: float, concerned: Sequence[Constraint]) -> bool:
        """Whether the identities leave no other value: they hold to the last digit with it, and not with its neighbours."""
        step = 10.0 ** -self._trust.decimals.get(name, 0)
        changed = dict(here)
        residuals: list[tuple[float, float, float, float]] = []
        for identity in (identity for one in concerned for identity in one.identities if name in columns_of(identity)):
            at = []
            for tried in (value, value - step, value + step):
                changed[name] = np.array([tried])
                at.append(abs(float(identity.values(changed)[0])))
            residuals.append((self._slack(identity), at[0], at[1], at[2]))
        for known in self._about(name):
            off = [abs(tried - known.value) for tried in (value, value - step, value + step)]
            if known.is_exact and off[0] <= self._slack(known.identity):
                residuals.append((self._slack(known.identity), off[0], off[1], off[2]))
        return (
            bool(residuals)
            and all(exact <= slack or np.isnan(exact) for slack, exact, _, _ in residuals)
            and any(below > slack and above > slack for slack, _, below, above in residuals)
        )

    def _rounded(self, name: str, values: Values, typed: Values, *, n_more: int = 0) -> Values:
        """Values with the decimals of the column's other numbers, or of the typed one if it has more.

        Args:
            n_more: decimals that a slip of scale may have moved beyond these.
        """
        column = self._all.table.by_name[name]
        if self._all.kinds[name] is not Kind.NUMBER or column.logical_type == "integer":
            return np.round(values)
        own = next((decimals_of(float(one)) for one in typed if one == one), 0)
        most = MAX_DECIMALS if column.scale is None else column.scale
        return np.round(values, min(max(self._trust.decimals.get(name, 0), own) + n_more, most))

    def _is_amount(self, name: str) -> bool:
        return self._all.kinds[name] in (Kind.NUMBER, Kind.DAY)

    # Two cells

    def _by_two(self, here: Rows, one: str, other: str) -> Iterator[Explanation]:
        """The explanation of one row by two cells, if there is one: each way to change the first, then what the second has to be."""
        first = [rule for rule in self._binding if one in rule.columns]
        second = [rule for rule in self._binding if other in rule.columns]
        both = list({rule.number: rule for rule in (*first, *second)}.values())
        tried = self.candidates(here, one, first, probes=False)
        apart = self.candidates(here, other, second, probes=False)
        # What the first cell would have to be if the second were one of its own candidates.
        joint: list[float] = []
        for value in apart.values[:, 0]:
            changed = dict(here, **{other: np.array([value])})
            joint += self.candidates(changed, one, first, probes=False).values[:, 0].tolist()
        ways = np.unique([value for value in (*tried.values[:, 0].tolist(), *joint) if not np.isnan(value)])
        if not len(ways):
            return
        rows = {column: np.repeat(values, len(ways)) for column, values in here.items()} | {one: ways}
        answers = self.candidates(rows, other, second, probes=False)
        n = len(answers.values)
        grid = {column: np.tile(values, n) for column, values in rows.items()} | {other: answers.values.reshape(-1)}
        fits = is_there(grid[other])
        for rule in both:
            fits &= rule.holds(grid)
        found: list[Explanation] = []
        for at in np.flatnonzero(fits):
            a, b = float(grid[one][at]), float(grid[other][at])
            if a == float(here[one][0]) or b == float(here[other][0]):
                continue
            before = dict(here, **{other: np.array([b])})
            after = dict(here, **{one: np.array([a])})
            change_a, cost_a = self._change(
                before, one, a, next((i for r in first for i in r.identities if one in columns_of(i)), None), first
            )
            change_b, cost_b = self._change(
                after, other, b, next((i for r in second for i in r.identities if other in columns_of(i)), None), second
            )
            weights = [float(self._trust.weights(name, here[name])[0]) for name in (one, other)]
            # Two cells leave each other room: neither value is certain.
            both_changes = (replace(change_a, is_certain=False), replace(change_b, is_certain=False))
            found.append(Explanation(both_changes, cost_a * weights[0] + cost_b * weights[1]))
        if found:
            yield min(found, key=lambda explanation: explanation.cost)
