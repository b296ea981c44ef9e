"""Evaluates terms and figures on the day of a moment."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.figures.cell_sums import CellSums
from fugong.figures.definition import Definition, WordRule
from fugong.figures.display import BROKEN, NOT_DETERMINABLE, UNKNOWN, Display, Value, format_value, plain
from fugong.figures.mart_source import MartSource, open_marts
from fugong.figures.moment import Moment, open_moment
from fugong.figures.parameters import Parameters
from fugong.figures.submissions import Submissions
from fugong.figures.table_coverage import table_coverage
from fugong.figures.term import SETTING, AsOf, DaysUntil, FigureSum, IsOpen, MartCells, Parameter, Term, Text
from fugong.marts.conditions import is_none_of, is_one_of
from fugong.marts.execute import rows_of
from fugong.marts.model import Mart

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evaluated:
    """The value of a figure.

    Attributes:
        value, numerator, denominator: in the figure's unit; None where nothing is known.
        is_determinable: False while a parameter that the figure needs is open.
        is_known: False where nothing was reported that it could be made of. It has no value then.
        notes: why there is no value, or why it is not the value as computed.
    """

    value: Value | None
    display: str
    numerator: Decimal | None
    denominator: Decimal | None
    is_determinable: bool
    is_known: bool
    notes: tuple[Bilingual, ...]

    @property
    def is_broken(self) -> bool:
        """Whether a file of ours is at fault."""
        return self.display == BROKEN


def broken(fault: ConfigurationError) -> Evaluated:
    """What is known of a figure that cannot be computed: nothing, neither zero nor the value of another day."""
    why = Bilingual(f"没有计算:{fault}", f"Not computed: {fault}")
    return Evaluated(None, BROKEN, None, None, True, False, (why,))


def _why_nothing(display: Display, value: Value | None) -> Bilingual:
    """Why there is nothing to print although reports came: no word fits the number, or none of them speaks of it."""
    if isinstance(value, Decimal) and display.words:
        least, word = display.words[-1]
        was = plain(round(value, 4))
        return Bilingual(
            f"不写入正文:不低于 {plain(least)} 才写“{word}”,实为 {was}。",
            f"Left out of the text: at least {plain(least)} is wanted, it is {was}.",
        )
    return Bilingual("报来的数据里没有这一项。", "What was reported holds nothing of it.")


@contextmanager
def open_evaluator(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    policy_known_at: date | None = None,
    *,
    has_yesterday: bool = True,
    beside: str = "",
) -> Iterator[Evaluator]:
    """An evaluator for one day. Everything that it evaluates comes from one state of the warehouse.

    Args:
        known_at: the moment of knowledge; None for the last settlement.
        policy_known_at: the day whose decrees count; None for each day's own.
        has_yesterday: whether marts are read for the day before, too: False where nobody asks for its figures.
        beside: ends the names of its temporary tables, within an evaluator that is open already.

    Raises:
        ConfigurationError: a definition is malformed, or the warehouse is older than the SQL files.
    """
    days = None if has_yesterday else (as_of,)
    with (
        open_moment(connection, include, as_of, known_at, policy_known_at) as moment,
        open_marts(moment, days, beside=beside) as marts,
    ):
        yield Evaluator(moment, marts)


@contextmanager
def open_evaluators(
    connection: psycopg.Connection, include: Path, days: Collection[date], known_at: datetime
) -> Iterator[Mapping[date, Evaluator]]:
    """An evaluator for each of many days, all at one moment of knowledge. A mart is replayed once for all of them.

    They evaluate these days alone: the day before is known to none of them.

    Raises:
        ConfigurationError: a definition is malformed, or the warehouse is older than the SQL files.
    """
    with open_moment(connection, include, max(days), known_at) as last, open_marts(last, days) as marts:
        yield {day: Evaluator(replace(last, as_of=day), marts) for day in sorted(days)}


class Evaluator:
    """Values of terms and figures on one day at one moment of knowledge. Each figure is evaluated once.

    Attributes:
        moment: the day and what was known.
        parameters: policy parameters in force on the day.
        submissions: what was reported for the day.
        marts: where to read marts.
    """

    def __init__(self, moment: Moment, marts: MartSource) -> None:
        self.moment = moment
        self.marts = marts
        self.parameters = Parameters(moment)
        self.submissions = Submissions(moment)
        self._sums = CellSums(moment, self.table, self.window, self.where_cells)
        self._days_with_cells: dict[str, list[date]] = {}
        self._evaluated: dict[str, Evaluated] = {}
        self._on: dict[date, Evaluator] = {}

    @property
    def yesterday(self) -> Evaluator:
        """The day before, at the same moment of knowledge and from the same marts."""
        return self.on(self.moment.as_of - timedelta(1))

    def naming(self, others: Mapping[str, Definition]) -> Evaluator:
        """The same day, with figures besides those that are defined."""
        if not others:
            return self
        return Evaluator(replace(self.moment, definitions={**self.moment.definitions, **others}), self.marts)

    def on(self, day: date) -> Evaluator:
        """Another day, at the same moment of knowledge and from the same marts. It is made once, so that what was sent is asked once."""
        if day not in self._on:
            self._on[day] = Evaluator(replace(self.moment, as_of=day), self.marts)
        return self._on[day]

    def evaluate(self, definition: Definition) -> Evaluated:
        """The value of a figure. One that cannot be computed, because of a file of ours, has none, and says so."""
        if definition.id not in self._evaluated:
            try:
                found = broken(definition.fault) if definition.fault else self._evaluate(definition)
            except ConfigurationError as fault:
                LOG.error("%s: %s", definition.id, fault)
                found = broken(fault)
            self._evaluated[definition.id] = found
        return self._evaluated[definition.id]

    def _evaluate(self, definition: Definition) -> Evaluated:
        notes: list[Bilingual] = []
        numerator = denominator = None
        value: Value | None
        if definition.value is not None:
            value = self.value(definition.value)
        else:
            numerator, denominator = self.number(definition.numerator), self.number(definition.denominator)
            value = None if numerator is None or denominator is None or denominator <= 0 else numerator / denominator
            if numerator is not None and denominator is not None and denominator <= 0:
                count = plain(denominator)
                notes.append(Bilingual(f"分母为 {count},无法计算比率。", f"The denominator is {count}: there is no ratio."))
        if definition.cap is not None and isinstance(value, Decimal) and value > definition.cap:
            was, cap = plain(round(value, 4)), plain(definition.cap)
            notes.append(Bilingual(f"计算值为 {was},按 {cap} 封顶。", f"Computed as {was}, capped at {cap}."))
            value = definition.cap
        open_texts = self.parameters.open_texts(definition)
        if open_texts:
            value = None
            notes += open_texts
        display = NOT_DETERMINABLE if open_texts else format_value(definition.display, value)
        if unknown := self._unknown(definition) or (self._uncomputable(definition) if value is None else []):
            carried = Bilingual(f"沿用前几日的数据为 {display}。", f"Carried from days before: {display}.")
            notes = [*unknown, *([carried] if value is not None and display else []), *open_texts]
            display = NOT_DETERMINABLE if open_texts else UNKNOWN
            # Who should have reported is known without any report.
            return Evaluated(
                None, display, None, denominator if definition.coverage else None, not open_texts, False, tuple(notes)
            )
        if definition.rule and (broken := self._broken_rule(definition.rule)):
            notes.append(broken)
            value, display = None if isinstance(value, str) else value, ""
        elif not display and not notes:
            notes.append(_why_nothing(definition.display, value))
        return Evaluated(value, display, numerator, denominator, not open_texts, True, tuple(notes))

    def _unknown(self, definition: Definition) -> list[Bilingual]:
        """Why nothing is known that the figure could be made of; nothing where something is. Nothing known is never zero."""
        terms = [*definition.terms.values(), *([definition.rule.when] if definition.rule else [])]
        if definition.coverage is not None:
            reported, expected = (self.number(term) for term in definition.coverage)
            if not expected:
                return [Bilingual("应报多少无从得知。", "It is not known how many should have reported.")]
            if not reported:
                count = plain(expected)
                return [Bilingual(f"应报 {count},当日无一报送。", f"None of {count} reported for the day.")]
        reasons: list[Bilingual] = []
        for term in terms:
            match term:
                case MartCells() if definition.coverage is None:
                    reasons += self._unknown_cells(term)
                case FigureSum():
                    parts = [self.moment.definitions[name] for _, name in term.signed]
                    reasons += [
                        Bilingual(f"{part.id}“{part.name_zh}”{UNKNOWN}。", f'{part.id} "{part.name}" is not known.')
                        for part in parts
                        if not self.evaluate(part).is_known
                    ]
                case _:
                    pass
        return list(dict.fromkeys(reasons))

    def _uncomputable(self, definition: Definition) -> list[Bilingual]:
        """Why there is no value, although rows came that would have made one."""
        n = sum((self.number(term) or Decimal() for term in definition.undetermined), Decimal())
        return (
            [Bilingual(f"报来的数据中有 {plain(n)} 行算不出。", f"Of what was reported, {plain(n)} rows cannot be computed.")]
            if n
            else []
        )

    def _unknown_cells(self, term: MartCells) -> Iterator[Bilingual]:
        """Why the cells of a term hold nothing that was reported for the day and the span of the term."""
        silent = self.silent(term)
        yield from silent
        if not silent and term.aggregate == "sum" and self.value(term) is None:
            yield Bilingual("报来的数据不涉及这一时期。", "What was reported does not speak of this time.")

    def silent(self, term: MartCells) -> list[Bilingual]:
        """A sentence for each report table behind the cells of a term from which nothing is known for the day and the span."""
        found = [
            table_coverage(self.submissions, table, self.since(term), term.over) for table in self.submissions.tables_read(term)
        ]
        return [covered.unknown for covered in found if covered.unknown]

    def since(self, term: MartCells) -> date | None:
        """The first report date of increments that can tell about the span of a term; None where all can."""
        mart, as_of = self.moment.files.mart(term.mart), self.moment.as_of
        if mart.partition_by == "as_of":
            return None if mart.max_lag_days is None else as_of - timedelta(mart.max_lag_days)
        return None if term.over == "to_date" else self.window(term)[0]

    def _broken_rule(self, rule: WordRule) -> Bilingual | None:
        found = self.number(rule.when)
        if found is not None and found >= rule.at_least:
            return None
        zh, en = ("没有数据", "nothing") if found is None else (plain(round(found, 4)), plain(round(found, 4)))
        return Bilingual(
            f"不写入正文:{rule.text.zh}(要求不低于 {plain(rule.at_least)},实为 {zh})。",
            f"Left out of the text: {rule.text.en} (at least {plain(rule.at_least)} is wanted, it is {en}).",
        )

    def value(self, term: Term) -> Value | None:
        """The value of a term; None where nothing is known."""
        match term:
            case MartCells():
                return self._cells(term)
            case Parameter():
                return self.parameters.value(term)
            case DaysUntil():
                until = self.parameters.value(term.parameter)
                return (Decimal((until - self.moment.as_of).days) / term.per) if isinstance(until, date) else None
            case IsOpen():
                return Decimal(self.parameters.is_open(term.parameter))
            case FigureSum():
                return self._sum(term)
            case AsOf():
                return self.moment.as_of
            case Text():
                return term.text

    def number(self, term: Term | None) -> Decimal | None:
        """The value of a term that must be a number.

        Raises:
            ConfigurationError: it is not one.
        """
        value = None if term is None else self.value(term)
        if value is not None and not isinstance(value, Decimal):
            raise ConfigurationError(f"{term}: wanted a number, found {value!r}")
        return value

    def window(self, term: MartCells) -> tuple[date, date]:
        """First and last day of the flows that a term sums: first days of months for a `period` mart, the day itself for a stock."""
        mart, as_of = self.moment.files.mart(term.mart), self.moment.as_of
        if mart.partition_by == "as_of":
            return as_of, as_of
        match term.over:
            case "day":
                first = as_of
            case "week":
                first = as_of - timedelta(as_of.isoweekday() - 1)
            case "month":
                first = time.month_of(as_of)
            case _:
                first = date(1900, 1, 1)
        if term.since:
            since = self.parameters.value(Parameter(SETTING, term.since, None, False))
            if isinstance(since, date):
                first = max(first, since)
        return (time.month_of(first), time.month_of(as_of)) if mart.partition_by == "period" else (first, as_of)

    def table(self, mart: Mart) -> sql.Identifier:
        """Where to read a mart's cells for the day."""
        return self.marts.table(mart, self.moment.as_of)

    def where_cells(self, term: MartCells) -> sql.Composed:
        """The condition on a mart's cells: keys and days."""
        mart = self.moment.files.mart(term.mart)
        first, last = self.window(term)
        conditions: list[sql.Composable] = [
            sql.SQL("{} BETWEEN {} AND {}").format(sql.Identifier(mart.partition_by), sql.Literal(first), sql.Literal(last))
        ]
        if mart.partition_by != "as_of" and "report_date" in mart.keys:
            conditions.append(sql.SQL("report_date <= {}").format(sql.Literal(self.moment.as_of)))
        conditions += [is_one_of(sql.Identifier(key), values) for key, values in term.keys.items()]
        conditions += [is_none_of(sql.Identifier(key), values) for key, values in term.without.items()]
        return sql.SQL(" AND ").join(conditions)

    def days_with_cells(self, term: MartCells) -> list[date]:
        """The days, or months, on which a mart has cells of a term that say anything."""
        mart = self.moment.files.mart(term.mart)
        query = sql.SQL("SELECT DISTINCT {stale} FROM {table} WHERE {cells} AND {column} IS NOT NULL").format(
            stale=sql.Identifier(mart.partition_by),
            table=self.table(mart),
            cells=self.where_cells(term),
            column=sql.Identifier(term.column),
        )
        if (text := query.as_string(self.moment.connection)) not in self._days_with_cells:
            self._days_with_cells[text] = [row[0] for row in self.moment.connection.execute(query)]
        return self._days_with_cells[text]

    def _cells(self, term: MartCells) -> Value | None:
        if term.aggregate == "list":
            return self._names(term)
        found, n_cells = self._sums.of(term)
        if found is None and term.aggregate == "sum" and not n_cells and self._is_reported(term):
            return Decimal(0)
        if isinstance(found, str | date):
            return found
        try:
            return None if found is None else Decimal(found)
        except (InvalidOperation, TypeError) as error:
            raise ConfigurationError(f"mart.{term.mart}.{term.column}: wanted a number, found {found!r}") from error

    def _names(self, term: MartCells) -> Value | None:
        """The names of a list term: the largest first, or in the order in which the term names them."""
        column = sql.Identifier(term.column)
        order = [sql.SQL("SUM({}) DESC NULLS LAST").format(sql.Identifier(term.order))] if term.order else []
        if named := term.keys.get(term.column):
            order.append(sql.SQL("array_position({}, {}::text)").format(sql.Literal([str(name) for name in named]), column))
        query = sql.SQL("SELECT {0}::text FROM {1} WHERE {2} AND {0} IS NOT NULL GROUP BY {0} ORDER BY {3} LIMIT {4}").format(
            column,
            self.table(self.moment.files.mart(term.mart)),
            self.where_cells(term),
            sql.SQL(", ").join([*order, column]),
            sql.Literal(term.limit),
        )
        rows = rows_of(self.moment.connection, query, f"mart.{term.mart}.{term.column}")
        return tuple(str(row[0]) for row in rows) or None

    def _is_reported(self, term: MartCells) -> bool:
        """Whether no cell means zero: every report behind the term has come, only without a row of this kind (a nil report, say)."""
        tables = {table.name for table in self.submissions.tables_read(term)}
        return bool(tables) and self.submissions.reported >= tables

    def _sum(self, term: FigureSum) -> Value | None:
        """A sum of figures; a single figure may be a text or a day, too."""
        parts: list[tuple[int, Value | None]] = []
        for sign, name in term.signed:
            if (definition := self.moment.definitions.get(name)) is None or self.evaluate(definition).is_broken:
                raise ConfigurationError(f"{name} cannot be computed, or no file defines it")
            parts.append((sign, getattr(self.evaluate(definition), term.part)))
        if len(parts) == 1 and parts[0][0] == 1:
            return parts[0][1]
        numbers = [sign * part for sign, part in parts if isinstance(part, Decimal)]
        return sum(numbers, Decimal(0)) if len(numbers) == len(parts) else None
