"""Vintages: the values that a figure of one day had, from the day on which its reports were due to a moment of knowledge.

The first vintage is what was known at the end of the day on which everything behind the figure was due. A further one follows at the end of
each later day on which the figure changed. A figure is evaluated again only where something settled that it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from fugong.contracts import schedule
from fugong.contracts.contract import Contract
from fugong.core.time import SHANGHAI, each_day
from fugong.figures.definition import Definition, find_definition
from fugong.figures.display import Value, as_json
from fugong.figures.evaluate import Evaluated, Evaluator, open_evaluator, open_evaluators
from fugong.lineage.settlements import RecordedParameter, Settlement, load_recorded, load_settlements, reads_of

LONGEST_WAIT = timedelta(62)
"""The last period of a report ended at most so long before any day."""


@dataclass(frozen=True)
class Vintage:
    """What was known of a figure at the end of a day.

    Attributes:
        value: None where nothing was known.
    """

    known_on: date
    value: Value | None
    display: str
    numerator: Decimal | None
    denominator: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """As `fugong revisions --json` prints it."""
        return {
            "known_on": self.known_on.isoformat(),
            "value": as_json(self.value),
            "display": self.display,
            "numerator": as_json(self.numerator),
            "denominator": as_json(self.denominator),
        }


@dataclass(frozen=True)
class DayVintages:
    """The vintages of one figure of one day, oldest first. Each differs from the one before.

    Attributes:
        due_on: the day on which the last report behind the figure was due; the day itself where none is.
    """

    figure: str
    as_of: date
    due_on: date
    vintages: tuple[Vintage, ...]

    def after(self, n_days: int) -> Vintage:
        """What was known so many days after the due day."""
        until = self.due_on + timedelta(n_days)
        return [one for one in self.vintages if one.known_on <= until][-1]


@dataclass(frozen=True)
class Triangle:
    """The vintages of figures.

    Attributes:
        days: the days asked about, whether the figures of all were due or not.
        last: the last day of knowledge.
        settled: what settled up to then.
    """

    definitions: Mapping[str, Definition]
    days: tuple[date, ...]
    last: date
    rows: Mapping[str, tuple[DayVintages, ...]]
    settled: tuple[Settlement, ...]
    recorded: tuple[RecordedParameter, ...]


def triangle(
    connection: psycopg.Connection,
    include: Path,
    days: tuple[date, date] | None = None,
    known_at: datetime | None = None,
    *,
    ids: Collection[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Triangle:
    """The vintages of figures, for each day on which they were due.

    Args:
        days: the first and the last day that the figures are about; None for all days reported on.
        known_at: the moment of knowledge up to which vintages are sought; None for the last settlement.
        ids: only these figures.
        on_progress: called with (days of knowledge done, all of them).

    Raises:
        NotFoundError: there is no figure of an id.
        ConfigurationError: a figure cannot be evaluated.
    """
    [(first, last)] = connection.execute("SELECT MIN(report_date), MAX(report_date) FROM intake.part").fetchall()
    if first is None:
        with open_evaluator(connection, include, datetime.now(SHANGHAI).date(), known_at) as evaluator:
            chosen = _chosen(evaluator, ids)
        return Triangle(chosen, (), datetime.now(SHANGHAI).date(), dict.fromkeys(chosen, ()), (), ())
    wanted = tuple(each_day(max(first, days[0]), min(last, days[1])) if days else each_day(first, last))
    with open_evaluator(connection, include, last, known_at) as evaluator:
        chosen = _chosen(evaluator, ids)
        end = evaluator.moment.known_at
        ends_on = end.astimezone(SHANGHAI).date()
        settled = load_settlements(connection, end)
        recorded = load_recorded(connection, end)
        due_on = {name: _due_days(evaluator, definition, wanted) for name, definition in chosen.items()}
        reads = reads_of(evaluator.moment, list(chosen.values()))
    asked: dict[date, dict[date, set[str]]] = {}
    for name, due in due_on.items():
        of_parameters = {one.day for one in recorded if reads[name].is_concerned(one)}
        for as_of, on in due.items():
            if on > ends_on:
                continue
            moments = {one.day for one in settled if one.day > on and reads[name].can_change(one, as_of)}
            for moment in {on, *moments, *(day for day in of_parameters if day > on)}:
                asked.setdefault(moment, {}).setdefault(as_of, set()).add(name)
    found: dict[tuple[str, date], list[Vintage]] = {}
    for n_done, (moment, figures) in enumerate(sorted(asked.items())):
        if on_progress:
            on_progress(n_done, len(asked))
        at = min(end, datetime.combine(moment, time.max, SHANGHAI))
        with open_evaluators(connection, include, list(figures), at) as evaluators:
            for as_of, names in sorted(figures.items()):
                for name in sorted(names):
                    vintage = _vintage(moment, evaluators[as_of].evaluate(chosen[name]))
                    before = found.setdefault((name, as_of), [])
                    if not before or _printed(before[-1]) != _printed(vintage):
                        before.append(vintage)
    rows = {
        name: tuple(DayVintages(name, as_of, on, tuple(found[name, as_of])) for as_of, on in due.items() if on <= ends_on)
        for name, due in due_on.items()
    }
    return Triangle(chosen, wanted, ends_on, rows, tuple(settled), tuple(recorded))


def _chosen(evaluator: Evaluator, ids: Collection[str] | None) -> dict[str, Definition]:
    definitions = evaluator.moment.definitions
    return dict(definitions) if ids is None else {one.id: one for one in (find_definition(definitions, name) for name in ids)}


def _vintage(known_on: date, evaluated: Evaluated) -> Vintage:
    return Vintage(known_on, evaluated.value, evaluated.display, evaluated.numerator, evaluated.denominator)


def _printed(vintage: Vintage) -> tuple[object, ...]:
    """What `fugong diff` compares, too."""
    return vintage.value, vintage.display, vintage.numerator, vintage.denominator


def _due_days(evaluator: Evaluator, definition: Definition, days: Sequence[date]) -> dict[date, date]:
    """For each day the day on which the last report behind the figure is due."""
    tables = {table.name for table in evaluator.submissions.tables_behind(definition)}
    contracts = [one for one in evaluator.moment.contracts if tables.intersection(table.name for table in one.tables)]
    calendar = evaluator.moment.every_day.calendar
    return {day: max([day, *(due for one in contracts if (due := _due_day(one, day, calendar)))]) for day in days}


def _due_day(contract: Contract, as_of: date, calendar: schedule.Calendar) -> date | None:
    """When the newest report about a period that ended by the day is due; None where none is owed."""
    for back in range(LONGEST_WAIT.days):
        day = as_of - timedelta(back)
        if schedule.is_expected(contract.due, day, calendar) and schedule.period(contract.due, day)[1] <= as_of:
            return schedule.due_at(contract.due, day, calendar).date()
    return None
