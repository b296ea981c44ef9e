"""What if: the figures of a day with one line of a report changed, computed by the SELECTs of the marts themselves.

The line is changed where it stands, in a savepoint; the marts that read the table are replayed for the days that the line can touch; the
figures are evaluated from these; the savepoint is rolled back. Other sessions see nothing of it, and nothing is left behind.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial

from psycopg import sql
from psycopg.types.json import Jsonb

from fugong.contracts.contract import Table
from fugong.core.time import months_around
from fugong.core.vocabulary import Mode
from fugong.doubts.doubt import Line, Reading
from fugong.figures.definition import Definition
from fugong.figures.evaluate import Evaluated, Evaluator
from fugong.figures.mart_source import MartSource
from fugong.figures.term import FigureSum, MartCells, Term
from fugong.marts import replay
from fugong.marts.asof import session_at
from fugong.marts.model import Mart

LINE = sql.SQL("part_id = %s AND sheet = %s AND row_number = %s")


class WhatIf:
    """Evaluates the figures of a moment with other readings of lines."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._figures: dict[str, tuple[Definition, ...]] = {}
        marts = {name for one in evaluator.moment.definitions.values() for name in _marts_behind(evaluator, one)}
        for name in marts:  # a replay that began within a savepoint would end with it
            evaluator.marts.table(evaluator.moment.files.mart(name), evaluator.moment.as_of)
        self.now = {one.id: evaluator.evaluate(one) for one in evaluator.moment.definitions.values()}

    def figures(self, changes: Collection[tuple[Line, Reading]]) -> dict[str, Evaluated]:
        """The figures that would be others if all these readings were true, by id.

        Raises:
            LookupError: a line is not there.
        """
        moment = self._evaluator.moment
        with moment.connection.transaction(force_rollback=True), ExitStack() as replays:
            touched = _Touched(self._evaluator)
            for line, reading in changes:
                touched.add_days_of(line)
                _apply(self._evaluator, line, reading)
                touched.add_days_of(line)
            marts = _ChangedMarts(self._evaluator, replays, touched)
            then = Evaluator(moment, marts)
            then.parameters, then.submissions = self._evaluator.parameters, self._evaluator.submissions
            found = {one.id: then.evaluate(one) for one in self._touched_figures(touched.tables)}
        return {name: value for name, value in found.items() if value != self.now[name]}

    def _touched_figures(self, tables: Collection[str]) -> list[Definition]:
        """The figures that can change with these tables, in the order of their definitions."""
        wanted = {one.id for table in tables for one in self._figures_of(table)}
        return [one for one in self._evaluator.moment.definitions.values() if one.id in wanted]

    def _figures_of(self, table: str) -> tuple[Definition, ...]:
        if table not in self._figures:
            moment = self._evaluator.moment
            marts = {mart.name for mart in moment.files.marts if _reads(self._evaluator, mart, table)}
            found = (one for one in moment.definitions.values() if not marts.isdisjoint(_marts_behind(self._evaluator, one)))
            self._figures[table] = tuple(found)
        return self._figures[table]


def _marts_behind(evaluator: Evaluator, definition: Definition) -> Iterator[str]:
    """The marts that a figure is evaluated from: its own terms, the terms that decide whether it is known and printed, and other figures."""
    terms: list[Term] = [*definition.terms.values(), *(definition.coverage or ())]
    if definition.rule is not None:
        terms.append(definition.rule.when)
    for term in terms:
        if isinstance(term, MartCells):
            yield term.mart
        elif isinstance(term, FigureSum):
            for _, name in term.signed:
                yield from _marts_behind(evaluator, evaluator.moment.definitions[name])


def _reads(evaluator: Evaluator, mart: Mart, table: str) -> bool:
    return not {f"report.{table}", f"asof.{table}"}.isdisjoint(evaluator.moment.files.read_by(mart))


def _apply(evaluator: Evaluator, line: Line, reading: Reading) -> None:
    """Change the line where it stands. The caller rolls it back; the warehouse refuses to commit it."""
    row = evaluator.moment.connection.execute(
        "SELECT intake.suppose_line(%s::regclass, %s, %s, %s, %s, %s)",
        (
            sql.Identifier("report", line.table).as_string(),
            line.part_id,
            line.sheet,
            line.row_number,
            reading.change,
            Jsonb(dict(reading.cells), dumps=partial(json.dumps, default=str)),
        ),
    ).fetchone()
    if row != (1,):
        raise LookupError(
            f"report.{line.table} has {row and row[0]} lines of part {line.part_id}, sheet {line.sheet!r}, line {line.row_number}"
        )


class _Touched:
    """The days of flows that the changed lines can touch, as a load of them would make them stale (`intake.stale_days`)."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.tables: set[str] = set()
        self._days: set[date] = set()
        self._months: set[date] = set()
        self._is_any_day = False

    def add_days_of(self, line: Line) -> None:
        """Add the days that a line touches as it stands now. Asked before the line changes and again after it."""
        self.tables.add(line.table)
        connection = self._evaluator.moment.connection
        table = self._evaluator.moment.contracts.tables[line.table]
        if table.mode != Mode.INCREMENT or table.business_date is None:
            self._is_any_day = True
            return
        rows = connection.execute(_days_of_line(table), (line.part_id, line.sheet, line.row_number)).fetchall()
        days = {row[0] for row in rows if row[0] is not None}
        self._days |= days
        self._months |= months_around(days) | self._periods(table, days)

    def _periods(self, table: Table, days: Collection[date]) -> set[date]:
        """The months that lines of these days are about: they say it themselves, and it can be years ago."""
        moment, found = self._evaluator.moment, set[date]()
        facts = [
            fact
            for fact in moment.files.facts
            if {"period", "business_date"} <= fact.columns.keys() and f"report.{table.name}" in moment.files.read_by(fact)
        ]
        with session_at(moment.connection, sorted(days), moment.known_at):
            for fact in facts:
                rows = moment.connection.execute(
                    sql.SQL("SELECT DISTINCT period FROM {} WHERE business_date = ANY(%s) AND period IS NOT NULL").format(
                        sql.Identifier("fact", fact.name)
                    ),
                    (sorted(days),),
                )
                found |= {row[0] for row in rows.fetchall()}
        return found

    def days(self, mart: Mart) -> Sequence[date]:
        """The days up to the moment's for which a mart is to be replayed."""
        moment = self._evaluator.moment
        if mart.partition_by == "as_of" or self._is_any_day:
            return self._evaluator.marts.days_of_flows(mart, [moment.as_of])
        touched = self._days if mart.partition_by == "business_date" else self._months
        return sorted(day for day in touched if day <= moment.as_of)


def _days_of_line(table: Table) -> sql.Composed:
    """The SELECT of the business dates that a line touches: its own, and those of the lines that share its first day."""
    report, business = sql.Identifier("report", table.name), sql.Identifier(table.business_date or "")
    own = sql.SQL("SELECT {} FROM {} WHERE {}").format(business, report, LINE)
    if table.first_of is None:
        return own
    member = sql.Identifier(table.first_of)
    return sql.SQL(
        """
        WITH line AS (SELECT {business} AS day, {member} AS member FROM {report} WHERE {line})
        SELECT day FROM line UNION SELECT other.{business} FROM {report} AS other WHERE other.{member} IN (SELECT member FROM line)
        """
    ).format(business=business, member=member, report=report, line=LINE)


class _ChangedMarts(MartSource):
    """Reads a mart that the change cannot touch where the moment reads it, and replays the days touched of every other one."""

    def __init__(self, evaluator: Evaluator, replays: ExitStack, touched: _Touched) -> None:
        super().__init__(evaluator.moment, replays, (evaluator.moment.as_of,), "_what_if")
        self._evaluator = evaluator
        self._stack = replays
        self._touched = touched
        self._changed: dict[str, sql.Identifier] = {}

    def table(self, mart: Mart, day: date) -> sql.Identifier:
        """Where to read a mart's cells for the day of the moment."""
        before = self._evaluator.marts.table(mart, day)
        if not any(_reads(self._evaluator, mart, table) for table in self._touched.tables):
            return before
        if mart.name not in self._changed:
            days = self._touched.days(mart)
            moment = self._evaluator.moment
            replayed = replay.replayed(moment.connection, mart, days, moment.known_at, called="what_if")
            again = self._stack.enter_context(replayed)
            self._changed[mart.name] = again if mart.partition_by == "as_of" else self._beside(mart, before, again, days)
        return self._changed[mart.name]

    def _beside(self, mart: Mart, before: sql.Identifier, again: sql.Identifier, days: Sequence[date]) -> sql.Identifier:
        """A view of the mart in which the days replayed take the place of those that it had."""
        view = sql.Identifier("pg_temp", f"with_{mart.name}"[:63])
        connection = self._evaluator.moment.connection
        connection.execute(
            sql.SQL("CREATE VIEW {} AS SELECT * FROM {} WHERE {} <> ALL({}::date[]) UNION ALL SELECT * FROM {}").format(
                view, before, sql.Identifier(mart.partition_by), sql.Literal(list(days)), again
            )
        )
        self._stack.callback(connection.execute, sql.SQL("DROP VIEW {}").format(view))
        return view
