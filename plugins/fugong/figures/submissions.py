"""What was reported for a day: effective parts, increments, due files, and the report tables behind a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from fugong.contracts import schedule
from fugong.contracts.contract import Contract, Table
from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition
from fugong.figures.moment import Moment
from fugong.figures.term import FigureSum, MartCells
from fugong.marts import asof


@dataclass(frozen=True)
class EffectivePart:
    """A part of a snapshot or ledger that is effective on a day.

    Attributes:
        is_carried: whether it stands in for a later silent day.
        is_resent: whether it is a new version or replaces another part.
    """

    unit: str
    part_id: int
    report_date: date
    is_carried: bool
    age_days: int
    department_code: str
    kind: str
    is_resent: bool
    n_rows: int


@dataclass(frozen=True)
class DayIncrement:
    """What one unit added to an increment table for a day."""

    department_code: str
    unit: str
    is_resent: bool
    n_rows: int


@dataclass(frozen=True)
class DueFiles:
    """The files of an increment table that were due up to a day.

    Attributes:
        n_due: due periods since the first file came, once for each sender that owes it.
        missing: last days of the periods for which no file came.
    """

    n_due: int
    missing: tuple[date, ...]


class Submissions:
    """What the parts known at a moment say about its day."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._due: dict[tuple[str, date | None], DueFiles | None] = {}

    @cached_property
    def in_force(self) -> Mapping[str, Sequence[EffectivePart]]:
        """The effective parts of snapshots and ledgers, by table."""
        connection = self._moment.connection
        with asof.session_at(connection, [self._moment.as_of], self._moment.known_at):
            rows = connection.execute(
                """
                SELECT
                    force.table_name, force.unit, force.part_id, force.report_date, force.is_carried, force.age_days,
                    part.department_code, part.kind, part.version > 1 OR part.is_replacement AS is_resent, part.rows_accepted
                FROM asof.part_in_force AS force
                INNER JOIN intake.part AS part ON force.part_id = part.part_id
                ORDER BY force.table_name, force.unit, part.kind, force.part_id
                """
            ).fetchall()
        found: dict[str, list[EffectivePart]] = {}
        for table, *row in rows:
            found.setdefault(table, []).append(EffectivePart(*row))
        return found

    @cached_property
    def sent(self) -> Mapping[str, Mapping[str, frozenset[date]]]:
        """The report dates up to the day, by table and department."""
        as_of = self._moment.as_of
        found = {
            table: {
                department: upto for department, days in by.items() if (upto := frozenset(day for day in days if day <= as_of))
            }
            for table, by in self._moment.every_day.sent.items()
        }
        return {table: by for table, by in found.items() if by}

    @cached_property
    def increments_of_day(self) -> Mapping[str, Sequence[DayIncrement]]:
        """What units added to increments for the day itself, by table; units that added no row are left out."""
        connection = self._moment.connection
        with asof.session_at(connection, None, self._moment.known_at):
            rows = connection.execute(
                """
                SELECT
                    effective.table_name, effective.department_code, effective.unit,
                    BOOL_OR(part.version > 1 OR part.is_replacement), SUM(effective.rows_accepted)::bigint
                FROM asof.part AS effective
                INNER JOIN intake.part AS part ON effective.part_id = part.part_id
                WHERE effective.mode = 'increment' AND effective.report_date = %s AND effective.rows_accepted > 0
                GROUP BY effective.table_name, effective.department_code, effective.unit
                ORDER BY effective.table_name, effective.department_code, effective.unit
                """,
                (self._moment.as_of,),
            ).fetchall()
        found: dict[str, list[DayIncrement]] = {}
        for table, *row in rows:
            found.setdefault(table, []).append(DayIncrement(*row))
        return found

    @cached_property
    def reported(self) -> frozenset[str]:
        """The report tables with data for the day: an effective part, or an increment up to the day."""
        tables = self._moment.contracts.tables
        return frozenset(self.in_force) | {name for name in self.sent if name in tables and tables[name].mode == "increment"}

    @cached_property
    def effective_parts(self) -> Mapping[str, frozenset[int]]:
        """The ids of all parts that are effective on the day, increments included, by table."""
        found = {table: {part.part_id for part in parts} for table, parts in self.in_force.items()}
        connection = self._moment.connection
        with asof.session_at(connection, None, self._moment.known_at):
            rows = connection.execute(
                "SELECT table_name, part_id FROM asof.part WHERE mode = 'increment' AND report_date <= %s", (self._moment.as_of,)
            ).fetchall()
        for table, part_id in rows:
            found.setdefault(table, set()).add(part_id)
        return {table: frozenset(parts) for table, parts in found.items()}

    @cached_property
    def n_returned(self) -> Mapping[str, int]:
        """By table, the rows of effective parts that were set aside and have not come back mended."""
        connection = self._moment.connection
        ids = [part for parts in self.effective_parts.values() for part in parts]
        rows = connection.execute(
            """
            SELECT table_name, SUM(CASE kind WHEN 'repair' THEN -rows_accepted ELSE rows_set_aside END)::bigint
            FROM intake.part
            WHERE part_id = ANY(%s)
            GROUP BY table_name
            """,
            (ids,),
        ).fetchall()
        return {table: n for table, n in rows if n > 0}

    @cached_property
    def departments(self) -> Mapping[str, Bilingual]:
        """Names of the departments, by code."""
        rows = self._moment.connection.execute("SELECT department_code, name_zh, name_en FROM ref.department").fetchall()
        return {code: Bilingual(zh, en or zh) for code, zh, en in rows}

    def name_of(self, code: str) -> Bilingual:
        """The name of a department, or of a unit that is one; of any other unit what the report calls it."""
        return self.departments.get(code) or Bilingual(code, code)

    def due_files(self, table: Table, first: date | None = None) -> DueFiles | None:
        """The due files of an increment table; None where no file came yet.

        The sender of first rank owes every period since the first file; another one owes those before which it has sent more than once
        within the month.

        Args:
            first: the first report date that counts; None for all.
        """
        if (table.name, first) not in self._due:
            self._due[table.name, first] = self._find_due_files(table, first)
        return self._due[table.name, first]

    def _find_due_files(self, table: Table, first: date | None) -> DueFiles | None:
        came = self.sent.get(table.name, {})
        days = [day for sent in came.values() for day in sent if first is None or day >= first]
        if not days:
            return None
        as_of, contract = self._moment.as_of, self._contract(table)
        due, calendar = contract.due, self._moment.every_day.calendar
        begins = max(min(day for sent in came.values() for day in sent), first or date.min)
        expected = [day for day in time.each_day(begins, as_of) if schedule.is_expected(due, day, calendar)]
        periods = sorted({span for day in expected if (span := schedule.period(due, day))[1] <= as_of})
        n_due, missing = 0, list[date]()
        for rank, sender in contract.ranks(table.senders):
            sent = came.get(sender, frozenset[date]())
            answered = {schedule.period(due, day) for day in sent}
            for span in periods:
                if rank > 1 and span not in answered and not _has_habit(sent, span[0], due.cadence):
                    continue
                n_due += 1
                missing += [] if span in answered else [span[1]]
        return DueFiles(n_due, tuple(sorted(missing)))

    def gone(self, table: Table) -> tuple[str, ...]:
        """The senders of a snapshot that are expected to send it and have no part in force."""
        there = {part.department_code for part in self.in_force.get(table.name, ())}
        sent = self.sent.get(table.name, {})
        return tuple(
            sender
            for rank, sender in self._contract(table).ranks(table.senders)
            if sender not in there
            and (rank == 1 or _has_habit(sent.get(sender, ()), self._moment.as_of, self._contract(table).due.cadence))
        )

    def is_current(self, table: Table, part: EffectivePart) -> bool:
        """Whether a part is of the day, or nothing newer was due from its unit by the day."""
        due, calendar, as_of = self._contract(table).due, self._moment.every_day.calendar, self._moment.as_of
        later = time.each_day(part.report_date + timedelta(1), as_of)
        last = schedule.period(due, part.report_date)[1]
        return not any(schedule.is_expected(due, day, calendar) and last < schedule.period(due, day)[1] <= as_of for day in later)

    def _contract(self, table: Table) -> Contract:
        return next(one for one in self._moment.contracts if any(mine.name == table.name for mine in one.tables))

    def tables_behind(self, definition: Definition) -> tuple[Table, ...]:
        """The report tables that a figure's own terms come from."""
        found: dict[str, Table] = {}
        for term in definition.terms.values():
            if isinstance(term, MartCells):
                found |= {table.name: table for table in self.tables_of(term)}
            elif isinstance(term, FigureSum):
                for _, other in term.signed:
                    found |= {table.name: table for table in self.tables_behind(self._moment.definitions[other])}
        return tuple(found.values())

    def tables_read(self, term: MartCells) -> tuple[Table, ...]:
        """The report tables that hold a term's rows themselves: those that its facts read directly."""
        files, tables = self._moment.files, self._moment.contracts.tables
        sums = files.mart(term.mart).sums
        named = sums.get(term.column) or next(iter(sums.values()), None)
        ahead = [source.fact for source in named.contributions] if named else []
        names: set[str] = set()
        while ahead:
            fact = files.fact(ahead.pop())
            direct = {
                name
                for relation in fact.reads
                if (name := relation.partition(".")[2]) in tables and not relation.startswith("fact.")
            }
            names |= direct - fact.reports_of_others(term.keys)
            ahead += [] if direct else [relation for relation in fact.reads if relation.startswith("fact.")]
        return tuple(tables[name] for name in sorted(names) if not term.reports or name in term.reports)

    def tables_of(self, term: MartCells) -> tuple[Table, ...]:
        """The report tables that a term's cells may come from."""
        files, tables = self._moment.files, self._moment.contracts.tables
        sums = files.mart(term.mart).sums.get(term.column)
        names: set[str] = set()
        for fact in [files.fact(source.fact) for source in (sums.contributions if sums else ())]:
            read = {one.partition(".")[2] for one in files.read_by(fact) if one.startswith(("asof.", "report."))}
            names |= read - fact.reports_of_others(term.keys)
        return tuple(tables[name] for name in sorted(names) if name in tables)


def _has_habit(sent: Iterable[date], before: date, cadence: str) -> bool:
    """Whether a sender sent more than once within the month before a day; of a monthly report, once."""
    return sum(before - timedelta(schedule.HABIT_DAYS) <= day < before for day in sent) > (cadence != "monthly")
