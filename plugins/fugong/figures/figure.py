"""Figures: the numbers of the briefing, read from marts by the definitions in `include/briefing/figures/*.yaml`.

A figure for now is read from the mart tables where they are up to date. For another moment of knowledge, for a day that no
mart holds, or while a day is stale, the marts' own SELECTs are run for it instead: both ways give the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.contracts import schedule
from fugong.contracts.contract import Contracts, Table, load_contracts
from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.figures.change import ParameterChange, carried_rows, parameter_changes, why
from fugong.figures.definition import Definition, WordRule, find_definition, load_definitions, parameters_of
from fugong.figures.display import NOT_DETERMINABLE, Value, as_json, plain, shown
from fugong.figures.rules import broken_rules
from fugong.figures.term import SETTING, AsOf, DaysUntil, FigureSum, IsOpen, MartCells, Parameter, Term, Text
from fugong.marts import asof, check_rows, schema, staleness
from fugong.marts import replay as marts_replay
from fugong.marts.conditions import is_none_of, is_one_of
from fugong.marts.model import Check, Daily, Fact, Mart, SqlFiles
from fugong.marts.sql_files import load_sql_files

FUNCTIONS = {"sum": sql.SQL("SUM"), "least": sql.SQL("MIN"), "greatest": sql.SQL("MAX")}
LEDGER_OLD_DAYS = 7
REPORT = "report"
"""A check that touches this column is told beside the figures of the report tables that its rows name in it."""


@dataclass(frozen=True)
class Figure:
    """One figure, computed.

    Attributes:
        value: in `unit`; a fraction for rates; None where nothing is known.
        display: as the briefing prints it; empty where there is nothing to print.
        coverage: of snapshots and increments a fraction, of ledgers their age in days; None where there is nothing to cover.
        is_determinable: False while a parameter that it needs is open: then there is no value, and the display says so.
        bridge: how the denominator comes from another figure; where there is one, the two are printed only with it.
        previous: the value of the day before by the same knowledge, and `why` it changed since.
        carried_rows: rows behind it that stand in for a later silent day.
        unreconciled: share of the amount behind it that its own account does not confirm; None where there is nothing to reconcile.
    """

    id: str
    name: str
    name_zh: str
    as_of: date
    known_at: datetime | None
    value: Value | None
    unit: str
    display: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    coverage: Decimal | None = None
    is_coverage_age: bool = False
    warnings: tuple[Bilingual, ...] = field(default=())
    is_determinable: bool = True
    bridge: Bilingual | None = None
    previous: Value | None = None
    previous_display: str = ""
    why: tuple[Bilingual, ...] = field(default=())
    carried_rows: int = 0
    unreconciled: Decimal | None = None

    def to_json(self, lang: str = "zh") -> dict[str, Any]:
        """As `fugong figures --json` prints it."""

        def say(sentence: Bilingual) -> str:
            return sentence.zh if lang == "zh" else sentence.en

        return {
            "id": self.id,
            "name": self.name,
            "name_zh": self.name_zh,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "value": as_json(self.value),
            "unit": self.unit,
            "display": self.display,
            "numerator": as_json(self.numerator),
            "denominator": as_json(self.denominator),
            "coverage": as_json(self.coverage),
            "warnings": [say(warning) for warning in self.warnings],
            "is_determinable": self.is_determinable,
            "bridge": say(self.bridge) if self.bridge else None,
            "previous": as_json(self.previous),
            "previous_display": self.previous_display,
            "why": [say(reason) for reason in self.why],
            "carried_rows": self.carried_rows,
            "unreconciled": as_json(self.unreconciled),
        }


def figures(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    *,
    policy_known_at: date | None = None,
    ids: Iterable[str] | None = None,
    checks: bool = True,
) -> list[Figure]:
    """Every figure of a day.

    Args:
        known_at: the moment of knowledge; None for now, which is the moment of the last settlement.
        policy_known_at: the day whose decrees count; None for each day's own.
        ids: only these.
        checks: whether the rules between reports are evaluated for the day, for the warnings.

    Raises:
        LookupError: there is no figure of an id.
        ConfigurationError: a definition cannot be evaluated.
    """
    definitions = load_definitions(include)
    wanted = list(definitions.values()) if ids is None else [find_definition(definitions, one) for one in ids]
    with reader(connection, include, as_of, known_at, policy_known_at) as reading:
        broken = broken_checks(reading, wanted) if checks else {}
        return [reading.figure(definition, broken.get(definition.id, ())) for definition in wanted]


@dataclass(frozen=True)
class Amount:
    """What a figure comes to, and what the computation itself has to tell."""

    value: Value | None
    display: str
    numerator: Decimal | None
    denominator: Decimal | None
    is_determinable: bool
    told: tuple[Bilingual, ...]


@dataclass(frozen=True)
class EffectivePart:
    """A part of a snapshot or ledger that speaks for a day."""

    unit: str
    part_id: int
    report_date: date
    is_carried: bool
    age_days: int
    department_code: str
    kind: str
    is_resent: bool
    n_rows: int


@contextmanager
def reader(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    policy_known_at: date | None = None,
) -> Iterator[Reader]:
    """Reads terms of one day, all from one state of the warehouse."""
    is_idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE and not connection.autocommit
    with ExitStack() as open_replays:
        open_replays.enter_context(connection.transaction())
        if is_idle:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute(
            "SELECT set_config('fugong.policy_known_at', %s, true)", (policy_known_at.isoformat() if policy_known_at else "",)
        )
        files = load_sql_files(include / "sql")
        schema.ensure_up_to_date(connection, files)
        _, latest = asof.current(connection)
        if latest is None:  # nothing was ever settled
            latest = connection.execute("SELECT now()").fetchone()[0]  # pyright: ignore[reportOptionalSubscript]
        yield Reader(
            connection=connection,
            include=include,
            files=files,
            definitions=load_definitions(include),
            contracts=load_contracts(include / "contracts"),
            as_of=as_of,
            known_at=known_at or latest,
            is_now=known_at is None and policy_known_at is None,
            policy_asked=policy_known_at,
            open_replays=open_replays,
            days=(as_of - timedelta(1), as_of),
        )
        connection.execute("SELECT set_config('fugong.policy_known_at', '', true)")


@dataclass
class Reader:
    """Values of terms on one day at one moment of knowledge. Marts that are not up to date are replayed once."""

    connection: psycopg.Connection
    include: Path
    files: SqlFiles
    definitions: Mapping[str, Definition]
    contracts: Contracts
    as_of: date
    known_at: datetime | None
    is_now: bool
    policy_asked: date | None
    open_replays: ExitStack
    days: tuple[date, ...]
    tables: dict[str, dict[date, sql.Identifier]] = field(default_factory=dict)
    fact_rows: dict[str, sql.Identifier] = field(default_factory=dict)
    amounts: dict[str, Amount] = field(default_factory=dict)
    computed: dict[str, Figure] = field(default_factory=dict)
    covers: dict[str, tuple[Decimal | None, tuple[Bilingual, ...]]] = field(default_factory=dict)

    @property
    def policy_known_at(self) -> date:
        """The day whose decrees count: the day itself unless another is asked for."""
        return self.policy_asked or self.as_of

    @cached_property
    def yesterday(self) -> Reader:
        """The day before, by the same knowledge and from the same tables."""
        return replace(self, as_of=self.as_of - timedelta(1), amounts={}, computed={}, covers={})

    @cached_property
    def calendar(self) -> schedule.Calendar:
        """`ref.calendar`."""
        return schedule.load_calendar(self.connection)

    @cached_property
    def modes(self) -> Mapping[str, str]:
        """Report table → mode."""
        return {name: table.mode for name, table in self.contracts.tables.items()}

    @cached_property
    def views(self) -> Mapping[str, frozenset[str]]:
        """`ref` views and the tables below them."""
        return staleness.views_of_reference(self.connection)

    @cached_property
    def stale(self) -> Mapping[str, frozenset[date]]:
        """What has stale days, and which."""
        rows = self.connection.execute("SELECT table_name, array_agg(day) FROM intake.stale_day GROUP BY table_name").fetchall()
        return {name: frozenset(days) for name, days in rows}

    @cached_property
    def built_last(self) -> frozenset[str]:
        """The marts that have been built since the last settlement."""
        rows = self.connection.execute(
            "SELECT mart FROM audit.mart_version WHERE built_serial = (SELECT settled_serial FROM intake.settle_clock)"
        ).fetchall()
        return frozenset(row[0] for row in rows)

    @cached_property
    def built(self) -> frozenset[tuple[str, date]]:
        """The marts that have been built for the days, and which."""
        rows = self.connection.execute("SELECT mart, day FROM audit.mart_day WHERE day = ANY(%s)", (list(self.days),)).fetchall()
        return frozenset((mart, day) for mart, day in rows)

    def amount(self, definition: Definition) -> Amount:
        """What a figure comes to."""
        if definition.id not in self.amounts:
            self.amounts[definition.id] = self._amount(definition)
        return self.amounts[definition.id]

    def _amount(self, definition: Definition) -> Amount:
        told: list[Bilingual] = []
        numerator = denominator = None
        value: Value | None
        if definition.value is not None:
            value = self.value(definition.value)
        else:
            numerator, denominator = self.number(definition.numerator), self.number(definition.denominator)
            value = None if numerator is None or denominator is None or denominator <= 0 else numerator / denominator
            if numerator is not None and denominator is not None and denominator <= 0:
                shown_as = plain(denominator)
                told.append(Bilingual(f"分母为 {shown_as},无法计算比率。", f"The denominator is {shown_as}: there is no ratio."))
        if definition.cap is not None and isinstance(value, Decimal) and value > definition.cap:
            was, cap = plain(round(value, 4)), plain(definition.cap)
            told.append(Bilingual(f"计算值为 {was},按 {cap} 封顶。", f"Computed as {was}, capped at {cap}."))
            value = definition.cap
        open_parameters = self.open_parameters(definition)
        if open_parameters:
            value = None
            told += open_parameters.values()
        display = NOT_DETERMINABLE if open_parameters else shown(definition.display, value)
        if definition.rule and (broken := self._broken_rule(definition.rule)):
            told.append(broken)
            value, display = None if isinstance(value, str) else value, ""
        return Amount(value, display, numerator, denominator, not open_parameters, tuple(told))

    def figure(self, definition: Definition, checked: Sequence[Bilingual] = ()) -> Figure:
        """One figure with everything that is told about it."""
        if definition.id in self.computed and not checked:
            return self.computed[definition.id]
        amount = self.amount(definition)
        before = self.yesterday.amount(definition)
        bridge = list(self._bridge(definition, amount.denominator))
        coverage, is_age, told = self.coverage(definition)
        figure = Figure(
            id=definition.id,
            name=definition.name,
            name_zh=definition.name_zh,
            as_of=self.as_of,
            known_at=self.known_at,
            value=amount.value,
            unit=definition.unit,
            display=amount.display,
            numerator=amount.numerator,
            denominator=amount.denominator,
            coverage=coverage,
            is_coverage_age=is_age,
            warnings=tuple(dict.fromkeys([*amount.told, *bridge, *self._conditions(definition), *told, *checked])),
            is_determinable=amount.is_determinable,
            bridge=Bilingual(" ".join(one.zh for one in bridge), " ".join(one.en for one in bridge)) if bridge else None,
            previous=before.value,
            previous_display=before.display,
            why=why(self, definition) if amount.value != before.value else (),
            carried_rows=carried_rows(self, definition),
            unreconciled=self._unreconciled(definition),
        )
        self.computed[definition.id] = figure
        return figure

    def value(self, term: Term) -> Value | None:
        """What a term is worth."""
        match term:
            case MartCells():
                return self._cells(term)
            case Parameter():
                return self.parameter(term)
            case DaysUntil():
                until = self.parameter(term.parameter)
                return (Decimal((until - self.as_of).days) / term.per) if isinstance(until, date) else None
            case IsOpen():
                return Decimal(bool(self.open_parameter(term.parameter)))
            case FigureSum():
                parts = [(sign, getattr(self.amount(self.definitions[name]), term.part)) for sign, name in term.signed]
                if len(parts) == 1 and parts[0][0] == 1:
                    return parts[0][1]
                numbers = [sign * part for sign, part in parts if isinstance(part, Decimal)]
                return sum(numbers, Decimal(0)) if len(numbers) == len(parts) else None
            case AsOf():
                return self.as_of
            case Text():
                return term.text

    def number(self, term: Term | None) -> Decimal | None:
        """What a term is worth, where it must be a number.

        Raises:
            ConfigurationError: it is not one.
        """
        value = None if term is None else self.value(term)
        if value is not None and not isinstance(value, Decimal):
            raise ConfigurationError(f"{term}: wanted a number, found {value!r}")
        return value

    def parameter(self, term: Parameter) -> Value | None:
        """A parameter in force on the day, by the decrees known at its end; None while it is open."""
        row = self.parameter_row(term)
        if row is None:
            return None
        value, number, unit, valid_from, valid_to = row[:5]
        if term.is_range:
            return (valid_from, valid_to) if valid_from and valid_to else None
        if number is not None:
            return Decimal(number)
        return date.fromisoformat(value) if value and unit == "date" else value

    def open_parameter(self, term: Parameter) -> Bilingual | None:
        """What is to be told while a parameter is open: there is a row for it, and the row has no value."""
        row = self.parameter_row(term)
        if row is None or self.parameter(term) is not None:
            return None
        name, clause = f"{term.policy_id} {term.param}", row[7]
        return Bilingual(f"参数 {name}({clause})尚未确定。", f"The parameter {name} is open.")

    def open_parameters(self, definition: Definition) -> dict[Parameter, Bilingual]:
        """The parameters that the figure, or one that it is made of, needs and that are open."""
        needed = parameters_of(self.definitions, definition)
        return {term: told for term in needed if (told := self.open_parameter(term))}

    def parameter_row(self, term: Parameter) -> tuple[Any, ...] | None:
        """Value, number, unit, valid_from, valid_to, size_class, known_from, clause of the row in force."""
        return self.connection.execute(
            """
            SELECT value, value_number, unit, valid_from, valid_to, size_class, known_from, clause
            FROM ref.policy_param
            WHERE
                policy_id = %(policy)s AND param = %(param)s
                AND (%(size)s::text IS NULL OR size_class IS NULL OR %(size)s = ANY(string_to_array(size_class, ';')))
                AND known_from <= %(known)s AND (known_to IS NULL OR known_to > %(known)s)
                AND (valid_from IS NULL OR valid_from <= %(day)s) AND (valid_to IS NULL OR valid_to >= %(day)s)
                AND counts_from <= %(moment)s AND (counts_to = 'infinity' OR counts_to > %(moment)s)
            ORDER BY known_from DESC, valid_from DESC NULLS LAST, size_class NULLS FIRST
            LIMIT 1
            """,
            {
                "policy": term.policy_id,
                "param": term.param,
                "size": term.size_class,
                "known": self.policy_known_at,
                "moment": self.known_at,
                "day": self.as_of,
            },
        ).fetchone()

    def window(self, term: MartCells) -> tuple[date, date]:
        """First and last day of the flows that a term sums; for a `period` mart first days of months.

        Of a stock, the day itself.
        """
        mart = self.files.mart(term.mart)
        if mart.stale == "as_of":
            return self.as_of, self.as_of
        match term.over:
            case "day":
                first = self.as_of
            case "week":
                first = self.as_of - timedelta(self.as_of.isoweekday() - 1)
            case "month":
                first = time.month_of(self.as_of)
            case _:
                first = date(1900, 1, 1)
        if term.since:
            since = self.parameter(Parameter(SETTING, term.since, None, False))
            if isinstance(since, date):
                first = max(first, since)
        return (time.month_of(first), time.month_of(self.as_of)) if mart.stale == "period" else (first, self.as_of)

    def table(self, mart: Mart) -> sql.Identifier:
        """Where to read a mart's cells: its table, or a replay of its SELECT for the days that it does not hold."""
        if mart.name not in self.tables:
            kept = sql.Identifier("mart", mart.name)
            absent = [day for day in self.days if not self.is_fresh(mart, day)]
            replay = (
                self.open_replays.enter_context(
                    marts_replay.replayed(self.connection, mart, self.days_of_flows(mart, absent), self.known_at)
                )
                if absent
                else kept
            )
            self.tables[mart.name] = {day: replay if day in absent else kept for day in self.days}
        return self.tables[mart.name][self.as_of]

    def broken(self, check: Check) -> tuple[str, ...]:
        """The rows that break a check as of the day, as kept or by its SELECT: of each the report tables it is about, if it says so."""
        with ExitStack() as replay:
            table = (
                sql.Identifier("mart", "check_row")
                if self.is_fresh(check, self.as_of)
                else replay.enter_context(
                    marts_replay.replayed(self.connection, check, self.days_of_flows(check, [self.as_of]), self.known_at)
                )
            )
            rows = self.connection.execute(
                sql.SQL("SELECT COALESCE(details ->> {}, '') FROM {} WHERE {}").format(
                    sql.Literal(REPORT), table, check_rows.seen(check, self.as_of)
                )
            ).fetchall()
        return tuple(row[0] for row in rows)

    def is_fresh(self, mart: Daily, on: date) -> bool:
        """Whether the table of a mart or check holds what is known now for every day up to this one."""
        if not self.is_now:
            return False
        names, is_by_all = staleness.sources(self.files.read_by(mart), self.views)
        if is_by_all and mart.name not in self.built_last:
            return False
        for name, days in self.stale.items():
            concerns = name == mart.relation or name in names
            is_stock = (
                mart.stale == "as_of" and not mart.before and not mart.is_newest_only and self.modes.get(name) != "increment"
            )
            if concerns and (on in days if is_stock else mart.stale == "period" or mart.is_newest_only or min(days) <= on):
                return False
        return mart.stale != "as_of" or (mart.name, on) in self.built

    def rows_of_two_days(self, fact: Fact) -> sql.Identifier:
        """The rows of a fact about the day and the day before, read once; of a fact without `as_of` its view."""
        if "as_of" not in fact.columns:
            return sql.Identifier("fact", fact.name)
        if fact.name not in self.fact_rows:
            self.fact_rows[fact.name] = self.open_replays.enter_context(
                marts_replay.fact_rows(self.connection, fact, self.days, self.known_at)
            )
        return self.fact_rows[fact.name]

    def where_cells(self, term: MartCells) -> sql.Composed:
        """The condition on a mart's cells: keys and days."""
        mart = self.files.mart(term.mart)
        first, last = self.window(term)
        conditions: list[sql.Composable] = [
            sql.SQL("{} BETWEEN {} AND {}").format(sql.Identifier(mart.stale), sql.Literal(first), sql.Literal(last))
        ]
        if mart.stale != "as_of" and "report_date" in mart.keys:
            conditions.append(sql.SQL("report_date <= {}").format(sql.Literal(self.as_of)))
        conditions += [is_one_of(sql.Identifier(key), values) for key, values in term.keys.items()]
        conditions += [is_none_of(sql.Identifier(key), values) for key, values in term.without.items()]
        return sql.SQL(" AND ").join(conditions)

    def _cells(self, term: MartCells) -> Value | None:
        table, condition = self.table(self.files.mart(term.mart)), self.where_cells(term)
        column = sql.Identifier(term.column)
        if term.aggregate == "list":
            order = [sql.SQL("SUM({}) DESC NULLS LAST").format(sql.Identifier(term.order))] if term.order else []
            if named := term.keys.get(term.column):
                order.append(sql.SQL("array_position({}, {}::text)").format(sql.Literal([str(name) for name in named]), column))
            rows = self.connection.execute(
                sql.SQL("SELECT {0}::text FROM {1} WHERE {2} AND {0} IS NOT NULL GROUP BY {0} ORDER BY {3} LIMIT {4}").format(
                    column, table, condition, sql.SQL(", ").join([*order, column]), sql.Literal(term.limit)
                )
            ).fetchall()
            return tuple(str(row[0]) for row in rows) or None
        row = self.connection.execute(
            sql.SQL("SELECT {}({}), COUNT(*) FROM {} WHERE {}").format(
                FUNCTIONS[term.aggregate],
                column,
                table,
                condition,
            )
        ).fetchone()
        found, n_cells = row or (None, 0)
        if found is None and term.aggregate == "sum" and (n_cells or self._is_reported(term)):
            return Decimal(0)
        if isinstance(found, str | date):
            return found
        try:
            return None if found is None else Decimal(found)
        except (InvalidOperation, TypeError) as error:
            raise ConfigurationError(f"mart.{term.mart}.{term.column}: wanted a number, found {found!r}") from error

    def _is_reported(self, term: MartCells) -> bool:
        """Whether nothing means zero: every report behind the term has come, only nothing of this kind (a nil report, say)."""
        tables = {table.name for table in self.tables_of(term)}
        return bool(tables) and self.reported >= tables

    @cached_property
    def reported(self) -> frozenset[str]:
        """The report tables that speak for the day: a part in force, or of increments any part up to it."""
        return frozenset(self.in_force) | frozenset(self.increments)

    @cached_property
    def increments(self) -> Mapping[str, frozenset[date]]:
        """The report dates of increments up to the day, by table."""
        with asof.session_at(self.connection, None, self.known_at):
            rows = self.connection.execute(
                """
                SELECT table_name, array_agg(DISTINCT report_date) FROM asof.part
                WHERE mode = 'increment' AND report_date <= %s GROUP BY table_name
                """,
                (self.as_of,),
            ).fetchall()
        return {name: frozenset(days) for name, days in rows}

    @cached_property
    def increment_parts(self) -> Sequence[tuple[str, int]]:
        """Table and part of the increments up to the day."""
        with asof.session_at(self.connection, None, self.known_at):
            return self.connection.execute(
                "SELECT table_name, part_id FROM asof.part WHERE mode = 'increment' AND report_date <= %s", (self.as_of,)
            ).fetchall()

    @cached_property
    def increments_of_day(self) -> Mapping[str, Sequence[tuple[str, str, bool, int]]]:
        """Department, unit, whether it was sent again, and rows, of the increments about the day itself, by table."""
        with asof.session_at(self.connection, None, self.known_at):
            rows = self.connection.execute(
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
                (self.as_of,),
            ).fetchall()
        found: dict[str, list[tuple[str, str, bool, int]]] = {}
        for table, *row in rows:
            found.setdefault(table, []).append((row[0], row[1], row[2], row[3]))
        return found

    @cached_property
    def department_names(self) -> Mapping[str, str]:
        """What people call the departments, by code."""
        return dict(self.connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall())

    @cached_property
    def parameter_changes(self) -> tuple[ParameterChange, ...]:
        """The parameters that begin or cease to be known or to hold on the day."""
        return parameter_changes(self)

    def days_of_flows(self, mart: Daily, absent: Sequence[date]) -> Sequence[date]:
        """The days to replay: of a stock the days themselves, of flows every day up to the last on which anything happened."""
        if mart.stale == "as_of":
            return absent
        last_day = max(absent)
        with asof.session_at(self.connection, None, self.known_at):
            rows = self.connection.execute(
                """
                SELECT lower(span), upper(span) - 1 FROM (
                    SELECT unnest(
                        COALESCE(range_agg(daterange(report_date, report_date, '[]')), '{}')
                        + COALESCE(
                            range_agg(daterange(business_from, business_to, '[]')) FILTER (WHERE business_from <= business_to), '{}'
                        )
                    ) AS span
                    FROM asof.part
                    WHERE report_date <= %s
                ) AS reported
                """,
                (last_day,),
            ).fetchall()
        days = {day for first, last in rows for day in time.each_day(first, min(last, last_day))}
        if mart.stale == "period":
            return sorted({month for month in time.months_around(days) if month <= last_day})
        return sorted(days)

    # Coverage and warnings

    def coverage(self, definition: Definition) -> tuple[Decimal | None, bool, tuple[Bilingual, ...]]:
        """How much of what should have been reported stands behind a figure.

        Returns:
            The share, or the age of ledgers in days; whether it is an age; and what is to be told about it.
        """
        tables = self.tables_behind(definition)
        shares: list[Decimal] = []
        ages: list[Decimal] = []
        told: list[Bilingual] = []
        for table in tables:
            share, sentences = self._coverage_of(table)
            told += sentences
            if share is not None:
                (ages if table.mode == "ledger" else shares).append(share)
        if definition.coverage is not None:
            reported, expected = (self.number(term) for term in definition.coverage)
            if reported is not None and expected:
                if reported < expected:
                    told.append(
                        Bilingual(
                            f"应报 {plain(expected)},当日已报 {plain(reported)}。",
                            f"{plain(reported)} of {plain(expected)} reported for the day.",
                        )
                    )
                return reported / expected, False, tuple(told)
        if shares:
            return min(shares), False, tuple(told)
        return (max(ages) if ages else None), bool(ages), tuple(told)

    def tables_behind(self, definition: Definition) -> tuple[Table, ...]:
        """The report tables that the figure's own terms come from."""
        found: dict[str, Table] = {}
        for term in definition.terms.values():
            if isinstance(term, MartCells):
                found |= {table.name: table for table in self.tables_of(term)}
            elif isinstance(term, FigureSum):
                for _, other in term.signed:
                    found |= {table.name: table for table in self.tables_behind(self.definitions[other])}
        return tuple(found.values())

    def tables_of(self, term: MartCells) -> tuple[Table, ...]:
        """The report tables that a term's cells may come from."""
        sums = self.files.mart(term.mart).sums.get(term.column)
        names = {
            relation.partition(".")[2]
            for source in (sums.contributions if sums else ())
            for relation in self.files.read_by(self.files.fact(source.fact))
            if relation.startswith(("asof.", "report."))
        }
        return tuple(self.contracts.tables[name] for name in sorted(names) if name in self.contracts.tables)

    def _coverage_of(self, table: Table) -> tuple[Decimal | None, tuple[Bilingual, ...]]:
        if table.name not in self.covers:
            self.covers[table.name] = (
                self._coverage_of_increments(table) if table.mode == "increment" else self._coverage_in_force(table)
            )
        return self.covers[table.name]

    @cached_property
    def in_force(self) -> Mapping[str, Sequence[EffectivePart]]:
        """The parts of snapshots and ledgers that speak for the day, by table."""
        with asof.session_at(self.connection, [self.as_of], self.known_at):
            rows = self.connection.execute(
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

    def _coverage_in_force(self, table: Table) -> tuple[Decimal | None, tuple[Bilingual, ...]]:
        rows = self.in_force.get(table.name, ())
        if not rows:
            return None, (Bilingual(f"没有可用的《{table.title}》。", f"No {table.name} is in force."),)
        told: list[Bilingual] = []
        for part in rows:
            day = part.report_date.isoformat()
            if part.is_carried:
                told.append(
                    Bilingual(
                        f"《{table.title}》({part.unit})沿用 {day} 的数据。",
                        f"{table.name} ({part.unit}) is carried from {day}.",
                    )
                )
            elif part.age_days > LEDGER_OLD_DAYS:
                told.append(
                    Bilingual(
                        f"《{table.title}》({part.unit})是 {day} 的,已 {part.age_days} 天。",
                        f"{table.name} ({part.unit}) is {part.age_days} days old.",
                    )
                )
        if table.mode == "ledger":
            return Decimal(max(part.age_days for part in rows)), tuple(told)
        return Decimal(sum(not part.is_carried for part in rows)) / len(rows), tuple(told)

    def _coverage_of_increments(self, table: Table) -> tuple[Decimal | None, tuple[Bilingual, ...]]:
        contract = next(one for one in self.contracts if any(mine.name == table.name for mine in one.tables))
        came = self.increments.get(table.name, frozenset[date]())
        if not came:
            return None, (Bilingual(f"没有收到《{table.title}》。", f"No {table.name} has come."),)
        due = {
            schedule.period(contract.due, day)
            for day in time.each_day(min(came), self.as_of)
            if schedule.is_expected(contract.due, day, self.calendar)
        }
        due = {(first, last) for first, last in due if last <= self.as_of}
        if not due:
            return None, ()
        answered = {schedule.period(contract.due, day) for day in came}
        lacking = sorted(last for _, last in due - answered)
        told: tuple[Bilingual, ...] = ()
        if lacking:
            some = ", ".join(day.isoformat() for day in lacking[-3:])
            told = (
                Bilingual(
                    f"《{table.title}》应报 {len(due)} 期,缺 {len(lacking)} 期(如 {some})。",
                    f"{len(lacking)} of {len(due)} due files of {table.name} are missing (such as {some}).",
                ),
            )
        return Decimal(len(due) - len(lacking)) / len(due), told

    def _bridge(self, definition: Definition, denominator: Decimal | None) -> Iterator[Bilingual]:
        bridge = definition.bridge
        if bridge is None or denominator is None:
            return
        other = self.amount(self.definitions[bridge.figure])
        if not isinstance(other.value, Decimal) or other.value == denominator:
            return
        less = self.number(bridge.less) or Decimal(0)
        words = {
            "denominator": plain(denominator),
            "other": plain(other.value),
            "less": plain(less),
            "name": self.definitions[bridge.figure].name,
            "name_zh": self.definitions[bridge.figure].name_zh,
        }
        yield Bilingual(bridge.says.zh.format(**words), bridge.says.en.format(**words))
        if other.value - less != denominator:
            rest = plain(other.value - less - denominator)
            yield Bilingual(
                f"分母与 {bridge.figure} 之间还差 {rest},没有解释。",
                f"{rest} more are missing against {bridge.figure}, unexplained.",
            )

    def _broken_rule(self, rule: WordRule) -> Bilingual | None:
        found = self.number(rule.when)
        if found is not None and found >= rule.at_least:
            return None
        zh, en = ("没有数据", "nothing") if found is None else (plain(round(found, 4)), plain(round(found, 4)))
        return Bilingual(
            f"不写入正文:{rule.says.zh}(要求不低于 {plain(rule.at_least)},实为 {zh})。",
            f"Left out of the text: {rule.says.en} (at least {plain(rule.at_least)} is wanted, it is {en}).",
        )

    def _unreconciled(self, definition: Definition) -> Decimal | None:
        if definition.unreconciled is None:
            return None
        doubtful, whole = (self.number(term) for term in definition.unreconciled)
        return (doubtful or Decimal(0)) / whole if whole else None

    def _conditions(self, definition: Definition) -> Iterator[Bilingual]:
        for condition in definition.conditions:
            value = self.value(condition.when)
            if isinstance(value, Decimal) and value > condition.above:
                yield Bilingual(condition.says.zh.format(value=plain(value)), condition.says.en.format(value=plain(value)))


def broken_checks(reading: Reader, wanted: Sequence[Definition]) -> dict[str, tuple[Bilingual, ...]]:
    """What the rules over figures and between reports say on the day, by figure."""
    ids = {definition.id for definition in wanted}
    found = {name: told for name, told in broken_rules(reading).items() if name in ids}
    for check in reading.files.checks:
        by_report = check.touches == (REPORT,)
        touched = [definition for definition in wanted if by_report or definition.id in check.touches]
        rows = reading.broken(check) if touched else ()
        for definition in touched if rows else ():
            source_rows = {table.name for table in reading.tables_behind(definition)} if by_report else set[str]()
            n_rows = sum(not by_report or not source_rows.isdisjoint(row.split()) for row in rows)
            if n_rows:
                says = Bilingual(
                    f"{check.id}:{check.says.zh.format(n_rows=n_rows)}", f"{check.id}: {check.says.en.format(n_rows=n_rows)}"
                )
                found[definition.id] = (*found.get(definition.id, ()), says)
    return found
