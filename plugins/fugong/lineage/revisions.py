"""Revisions: how often and by how much figures move after they were due, and through what.

A revision is the step from one known vintage to the next. Bias and quantiles compare the last vintage of a day with its first known one.
A figure that was unknown when it was due and became known later was not revised: there was no value to revise. It counts by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.time import SHANGHAI
from fugong.figures.definition import Definition
from fugong.figures.display import as_json
from fugong.figures.moment import open_moment
from fugong.lineage import diff
from fugong.lineage.settlements import Kind, Part, Reads, reads_of
from fugong.lineage.vintages import DayVintages, Triangle, Vintage, triangle

NINE_TENTHS = Decimal("0.9")
HALF = Decimal("0.5")


@dataclass(frozen=True)
class Cause:
    """What a revision came through: a submission, or a parameter.

    Attributes:
        parameter: policy and parameter; empty for a submission.
    """

    kind: Kind
    department_code: str
    submission_id: int | None
    file_name: str
    report: str
    parameter: str = ""

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {**vars(self), "kind": self.kind.value}


@dataclass(frozen=True)
class Revision:
    """One step of a figure of a day from a known value to another one, or to none."""

    figure: str
    as_of: date
    due_on: date
    before: Vintage
    after: Vintage
    causes: tuple[Cause, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Its kinds of causes, each once."""
        return tuple(dict.fromkeys(cause.kind for cause in self.causes))

    @property
    def moved(self) -> Decimal | None:
        """By how much the value moved; None where it is no number."""
        return _difference(self.before, self.after)

    @property
    def relative(self) -> Decimal | None:
        """By which share of the value before."""
        return _relative(self.before, self.moved)

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_on": self.after.known_on.isoformat(),
            "days_since": (self.after.known_on - self.due_on).days,
            "moved": as_json(self.moved),
            "relative": as_json(self.relative),
            "causes": [cause.to_json() for cause in self.causes],
        }


@dataclass(frozen=True)
class Spread:
    """Bias and quantiles of last − first.

    Attributes:
        bias: the mean of last − first.
        median, nine_tenths: of |last − first|, interpolated between the two nearest days.
    """

    n_days: int
    bias: Decimal
    median: Decimal
    nine_tenths: Decimal
    greatest: Decimal

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {name: as_json(value) if isinstance(value, Decimal) else value for name, value in vars(self).items()}


@dataclass(frozen=True)
class FigureRevisions:
    """One figure's record of revisions.

    Attributes:
        rows: the vintages of each day on which it was due.
        steps: the revisions.
    """

    definition: Definition
    rows: tuple[DayVintages, ...]
    steps: tuple[Revision, ...]

    @property
    def is_share(self) -> bool:
        """Whether it is printed as a percentage, so that it moves by percentage points."""
        return self.definition.display.kind == "percent"

    @property
    def n_known(self) -> int:
        """Days of which something was ever known."""
        return sum(_first_known(row) is not None for row in self.rows)

    @property
    def n_known_late(self) -> int:
        """Days of which nothing was known when the figure was due, and something later."""
        return sum(row.vintages[0].value is None and _first_known(row) is not None for row in self.rows)

    @cached_property
    def n_revised(self) -> int:
        """Days that were revised at least once."""
        return len({one.as_of for one in self.steps})

    @property
    def is_number(self) -> bool:
        """Whether it has numbers, so that it can be said by how much it moved."""
        return any(isinstance(one.value, Decimal) for row in self.rows for one in row.vintages)

    @cached_property
    def spread(self) -> Spread | None:
        """Bias and quantiles in the figure's unit; None where there are no two numbers to compare."""
        return _spread(moved for first, last in self._ends if (moved := _difference(first, last)) is not None)

    @cached_property
    def relative(self) -> Spread | None:
        """The same as a share of the first value, over the days on which that is not zero."""
        return _spread(share for first, last in self._ends if (share := _relative(first, _difference(first, last))) is not None)

    @property
    def _ends(self) -> list[tuple[Vintage, Vintage]]:
        return [(first, row.vintages[-1]) for row in self.rows if (first := _first_known(row))]

    @property
    def by_kind(self) -> dict[Kind, Decimal]:
        """How many revisions each kind of cause made; one with several kinds counts in equal parts."""
        return by_kind(self.steps)

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {
            "id": self.definition.id,
            "name": self.definition.name,
            "name_zh": self.definition.name_zh,
            "unit": self.definition.unit,
            "n_due": len(self.rows),
            "n_known": self.n_known,
            "n_known_late": self.n_known_late,
            "n_revised": self.n_revised,
            "spread": self.spread.to_json() if self.spread else None,
            "relative": self.relative.to_json() if self.relative else None,
            "share_by_cause": {kind.value: as_json(n / len(self.steps)) for kind, n in self.by_kind.items()},
            "revisions": [one.to_json() for one in self.steps],
            "vintages": [
                {
                    "as_of": row.as_of.isoformat(),
                    "due_on": row.due_on.isoformat(),
                    "vintages": [one.to_json() for one in row.vintages],
                }
                for row in self.rows
            ],
        }


@dataclass(frozen=True)
class DepartmentRevisions:
    """How often a department corrects, and what that moves.

    Attributes:
        n_submissions: submissions about the days that delivered something.
        n_corrections: those of them that replaced an earlier one, or withdrew it.
        n_repairs: those that brought returned rows back.
        n_late: first files that arrived after they were due.
        steps: the revisions that it had a part in.
    """

    department_code: str
    name_zh: str
    name_en: str
    n_submissions: int
    n_corrections: int
    n_repairs: int
    n_late: int
    steps: tuple[Revision, ...]

    @property
    def correction_rate(self) -> Decimal | None:
        """Corrections as a share of the submissions; None without any."""
        return Decimal(self.n_corrections) / self.n_submissions if self.n_submissions else None

    @cached_property
    def moves(self) -> Spread | None:
        """By which shares of their values it moved figures."""
        return _spread(share for one in self.steps if (share := one.relative) is not None)

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {
            "department_code": self.department_code,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "n_submissions": self.n_submissions,
            "n_corrections": self.n_corrections,
            "n_repairs": self.n_repairs,
            "n_late": self.n_late,
            "correction_rate": as_json(self.correction_rate),
            "n_revisions": len(self.steps),
            "moves": self.moves.to_json() if self.moves else None,
        }


@dataclass(frozen=True)
class Record:
    """A record of revisions.

    Attributes:
        days: the days asked about.
        last: the last day of knowledge.
    """

    days: tuple[date, ...]
    last: date
    figures: tuple[FigureRevisions, ...]
    departments: tuple[DepartmentRevisions, ...]

    @property
    def steps(self) -> list[Revision]:
        """All revisions."""
        return [one for figure in self.figures for one in figure.steps]

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {
            "from": self.days[0].isoformat() if self.days else None,
            "to": self.days[-1].isoformat() if self.days else None,
            "known_on": self.last.isoformat(),
            "figures": [one.to_json() for one in self.figures],
            "departments": [one.to_json() for one in self.departments],
        }


def revisions(
    connection: psycopg.Connection,
    include: Path,
    days: tuple[date, date] | None = None,
    known_at: datetime | None = None,
    *,
    ids: Collection[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Record:
    """The record of revisions of figures and departments.

    Args:
        days: the first and the last day that the figures are about; None for all days reported on.
        known_at: the moment of knowledge at which the last vintages stand; None for the last settlement.
        ids: only these figures.
        on_progress: called with (days of knowledge done, all of them).

    Raises:
        NotFoundError: there is no figure of an id.
        ConfigurationError: a figure cannot be evaluated.
    """
    vintages = triangle(connection, include, days, known_at, ids=ids, on_progress=on_progress)
    steps = _steps(connection, include, vintages, known_at) if vintages.days else []
    by_figure: dict[str, list[Revision]] = {}
    for one in steps:
        by_figure.setdefault(one.figure, []).append(one)
    figures = tuple(
        FigureRevisions(definition, vintages.rows[name], tuple(by_figure.get(name, ())))
        for name, definition in vintages.definitions.items()
    )
    return Record(vintages.days, vintages.last, figures, tuple(_departments(connection, vintages, steps)))


def by_kind(steps: Sequence[Revision]) -> dict[Kind, Decimal]:
    """How many revisions each kind of cause made; one with several kinds counts in equal parts."""
    counts = dict.fromkeys(Kind, Decimal(0))
    for one in steps:
        for kind in one.kinds:
            counts[kind] += Decimal(1) / len(one.kinds)
    return {kind: n for kind, n in counts.items() if n}


# Causes


def _steps(connection: psycopg.Connection, include: Path, vintages: Triangle, known_at: datetime | None) -> list[Revision]:
    with open_moment(connection, include, vintages.days[-1], known_at) as moment:
        reads = reads_of(moment, list(vintages.definitions.values()))
        end = moment.known_at
    pairs = [
        (row, before, after)
        for rows in vintages.rows.values()
        for row in rows
        for before, after in zip(row.vintages, row.vintages[1:], strict=False)
        if before.value is not None and before.value != after.value
    ]
    doubtful: dict[tuple[date, date, date], set[str]] = {}
    found: list[tuple[DayVintages, Vintage, Vintage, dict[int, Part], list[Cause]]] = []
    for row, before, after in pairs:
        parts = _parts_between(vintages, reads[row.figure], row.as_of, before.known_on, after.known_on)
        parameters = [
            Cause(Kind.PARAMETER, "", None, "", "", f"{one.change.policy_id} {one.change.param}")
            for one in vintages.recorded
            if before.known_on < one.day <= after.known_on and reads[row.figure].is_concerned(one)
        ]
        found.append((row, before, after, parts, parameters))
        if len(parts) > 1 or (parts and parameters):
            doubtful.setdefault((row.as_of, before.known_on, after.known_on), set()).add(row.figure)
    named: dict[tuple[str, date, date], frozenset[int]] = {}
    for (as_of, first, second), ids in doubtful.items():
        moments = [min(end, datetime.combine(day, time.max, SHANGHAI)) for day in (first, second)]
        for moved in diff.diff(connection, include, as_of, moments[0], moments[1], ids=ids):
            named[moved.id, as_of, second] = frozenset(
                cause.by or cause.submission_id for cause in moved.causes if isinstance(cause, diff.SubmissionCause)
            )
    steps: list[Revision] = []
    for row, before, after, parts, parameters in found:
        behind = named.get((row.figure, row.as_of, after.known_on), frozenset(parts))
        causes = [
            Cause(part.kind_for(row.as_of), part.department_code, part.submission_id, part.file_name, part.report)
            for submission_id, part in parts.items()
            if submission_id in behind
        ]
        unique = dict.fromkeys([*causes, *dict.fromkeys(parameters)])
        steps.append(Revision(row.figure, row.as_of, row.due_on, before, after, tuple(unique)))
    return steps


def _parts_between(vintages: Triangle, reads: Reads, as_of: date, after: date, until: date) -> dict[int, Part]:
    """By submission, a part that changed between two days what the figure reads."""
    return {one.by.submission_id: one.by for one in vintages.settled if after < one.day <= until and reads.can_change(one, as_of)}


# Departments


def _departments(connection: psycopg.Connection, vintages: Triangle, steps: Sequence[Revision]) -> Iterable[DepartmentRevisions]:
    if not vintages.days:
        return
    days = set(vintages.days)
    parts = {one.by.part_id: one.by for one in vintages.settled if one.by.report_date in days}
    resent = {one.submission_id for one in parts.values() if (one.is_resent or one.kind == "withdrawal") and not one.is_replay}
    repairs = {one.submission_id for one in parts.values() if one.kind == "repair"}
    rows = connection.execute(
        """
        SELECT
            submission.department_code,
            COALESCE(department.name_zh, submission.department_code),
            COALESCE(department.name_en, submission.department_code),
            array_agg(submission.submission_id),
            array_agg(submission.submission_id) FILTER (
                WHERE submission.received_at > submission.due_at
                    AND submission.due_at >= (SELECT MIN(received_at) FROM intake.submission)
            )
        FROM intake.submission AS submission
        LEFT JOIN ref.department AS department ON submission.department_code = department.department_code
        WHERE submission.submission_id = ANY(%s) AND submission.replays IS NULL
        GROUP BY 1, 2, 3
        ORDER BY 1
        """,
        (sorted({one.submission_id for one in parts.values()}),),
    ).fetchall()
    for code, name_zh, name_en, submissions, late in rows:
        mine = set(submissions)
        moved = tuple(one for one in steps if any(cause.department_code == code for cause in one.causes))
        n_late = len(set(late or ()) - resent - repairs)
        yield DepartmentRevisions(code, name_zh, name_en, len(mine), len(mine & resent), len(mine & repairs), n_late, moved)


# Measures


def _first_known(row: DayVintages) -> Vintage | None:
    return next((one for one in row.vintages if one.value is not None), None)


def _difference(first: Vintage, last: Vintage) -> Decimal | None:
    return last.value - first.value if isinstance(first.value, Decimal) and isinstance(last.value, Decimal) else None


def _relative(first: Vintage, moved: Decimal | None) -> Decimal | None:
    return moved / abs(first.value) if moved is not None and isinstance(first.value, Decimal) and first.value else None


def _spread(moves: Iterable[Decimal]) -> Spread | None:
    found = list(moves)
    if not found:
        return None
    sizes = sorted(map(abs, found))
    return Spread(len(found), sum(found, Decimal(0)) / len(found), quantile(sizes, HALF), quantile(sizes, NINE_TENTHS), sizes[-1])


def quantile(ordered: Sequence[Decimal], share: Decimal) -> Decimal:
    """The value below which a share of the ordered values lies, interpolated between the two nearest."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
