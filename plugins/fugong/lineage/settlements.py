"""What settled when: the parts that became effective or ceased to be, the parameters that were recorded, and what they can change.

Only a settlement that a figure reads can change its value of a day. `Reads.can_change` follows the rules by which a build finds the days
that a part makes stale. It may name too much and never too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import psycopg

from fugong.core.bilingual import Bilingual
from fugong.core.time import SHANGHAI
from fugong.figures.definition import Definition, parameters_of
from fugong.figures.moment import Moment
from fugong.figures.parameters import ParameterChange, concerns
from fugong.figures.term import FigureSum, MartCells, Term
from fugong.marts import staleness
from fugong.marts.model import Mart


class Kind(StrEnum):
    """Why a figure moved after it was due."""

    CORRECTION = "correction"
    REPAIR = "repair"
    LATE = "late"
    NEWER = "newer"
    RULE = "rule"
    PARAMETER = "parameter"

    @property
    def names(self) -> Bilingual:
        """Its name for people."""
        return NAMES[self]


NAMES: Mapping[Kind, Bilingual] = {
    Kind.CORRECTION: Bilingual("更正", "correction"),
    Kind.REPAIR: Bilingual("补报", "repair"),
    Kind.LATE: Bilingual("迟报", "late file"),
    Kind.NEWER: Bilingual("后来的报表", "newer report"),
    Kind.RULE: Bilingual("规则", "rule"),
    Kind.PARAMETER: Bilingual("参数", "parameter"),
}
"""A newer report is about a later day, such as the register of the next week by which lines of the month are classified."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that settled.

    Attributes:
        is_resent: whether it is a new version, declares a correction, or took the place of another part.
        is_replay: whether it comes from evaluating a file again by changed rules.
    """

    part_id: int
    submission_id: int
    department_code: str
    file_name: str
    report: str
    table: str
    mode: str
    kind: str
    report_date: date
    business_from: date | None
    business_to: date | None
    settled_at: datetime
    superseded_at: datetime | None
    superseded_by: int | None
    is_resent: bool
    is_replay: bool

    def kind_for(self, as_of: date) -> Kind:
        """Why a figure of a day that was due already changed by it."""
        if self.is_replay:
            return Kind.RULE
        if self.kind == "repair":
            return Kind.REPAIR
        if self.is_resent or self.kind == "withdrawal":
            return Kind.CORRECTION
        return Kind.NEWER if self.report_date > as_of else Kind.LATE


@dataclass(frozen=True, slots=True)
class Settlement:
    """A part whose rows came or ceased to count.

    Attributes:
        day: the day in the district on which it happened.
        by: the part that did it: the part itself, or the one that superseded it.
    """

    day: date
    part: Part
    by: Part


def load_settlements(connection: psycopg.Connection, until: datetime) -> list[Settlement]:
    """What settled up to a moment, in order."""
    rows = connection.execute(
        """
        SELECT
            part.part_id, part.submission_id, part.department_code, submission.file_name, submission.report, part.table_name, part.mode,
            part.kind, part.report_date, part.business_from, part.business_to, part.settled_at, part.superseded_at, part.superseded_by,
            part.version > 1 OR part.is_replacement OR EXISTS (
                SELECT FROM intake.part AS older WHERE older.superseded_by = part.part_id AND older.report_date = part.report_date
            ),
            submission.replays IS NOT NULL
        FROM intake.part AS part
        INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
        WHERE part.settled_at <= %s
        ORDER BY part.settled_serial, part.part_id
        """,
        (until,),
    ).fetchall()
    parts = {row[0]: Part(*row) for row in rows}
    found: list[tuple[datetime, Part, Part]] = []
    for part in parts.values():
        found.append((part.settled_at, part, part))
        if part.superseded_at is not None and part.superseded_at <= until:
            by = parts.get(part.superseded_by or 0, part)
            found.append((part.superseded_at, part, by))
    found.sort(key=lambda one: (one[0], one[1].part_id))
    return [Settlement(at.astimezone(SHANGHAI).date(), part, by) for at, part, by in found]


@dataclass(frozen=True)
class RecordedParameter:
    """A row of a parameter that was recorded on a day, or replaced."""

    day: date
    change: ParameterChange
    is_new: bool


def load_recorded(connection: psycopg.Connection, until: datetime) -> list[RecordedParameter]:
    """The rows of parameters that were recorded or replaced after the warehouse was made, up to a moment."""
    rows = connection.execute(
        """
        SELECT policy_id, param, clause, value, valid_from, valid_to, known_from, known_to, moment, is_new
        FROM ref.policy_param
        CROSS JOIN LATERAL (VALUES (counts_from, true), (counts_to, false)) AS recorded (moment, is_new)
        WHERE isfinite(moment) AND moment <= %s
        ORDER BY moment, policy_id, param
        """,
        (until,),
    ).fetchall()
    return [RecordedParameter(row[8].astimezone(SHANGHAI).date(), ParameterChange(*row[:8]), row[9]) for row in rows]


@dataclass(frozen=True)
class MartReads:
    """A mart and the report tables below it.

    Attributes:
        is_by_all: whether it reads what every file left behind.
        of_months: the ledgers by which it judges lines of months before them.
    """

    mart: Mart
    tables: frozenset[str]
    is_by_all: bool
    of_months: frozenset[str]


@dataclass(frozen=True)
class Reads:
    """What a figure reads.

    Attributes:
        carry_days: how many days a snapshot is carried.
        parameters: the parameters that it names, by policy and name.
    """

    marts: tuple[MartReads, ...]
    carry_days: int
    parameters: frozenset[tuple[str, str]]
    moment: Moment

    def can_change(self, settlement: Settlement, as_of: date) -> bool:
        """Whether a settlement can change the figure of a day."""
        return any(self._can_change(reads, settlement.part, as_of) for reads in self.marts)

    def _can_change(self, reads: MartReads, part: Part, as_of: date) -> bool:
        if reads.is_by_all and part.report_date <= as_of:
            return True
        if part.table not in reads.tables:
            return False
        mart = reads.mart
        if part.table in reads.of_months:
            return True
        if part.mode == "increment":
            first = min(part.business_from or part.report_date, part.report_date)
            if mart.max_lag_days is None:
                return as_of >= first
            last = max(part.business_to or part.report_date, part.report_date) + timedelta(mart.max_lag_days)
            return first <= as_of <= last + timedelta(max(mart.lookback_days, default=0))
        if mart.partition_by != "as_of":
            return True
        if part.mode == "ledger":
            return as_of >= part.report_date
        # The day after the last one to which a snapshot is carried is compared with it.
        last = self.carry_days + 1
        return any(0 <= (as_of - part.report_date).days - n_days <= last for n_days in (0, *mart.lookback_days))

    def is_concerned(self, recorded: RecordedParameter) -> bool:
        """Whether a recorded parameter can change the figure."""
        change = recorded.change
        return (change.policy_id, change.param) in self.parameters or any(
            concerns(self.moment.files, reads.mart, change) for reads in self.marts
        )


def reads_of(moment: Moment, definitions: Sequence[Definition]) -> dict[str, Reads]:
    """What each figure reads."""
    views = staleness.views_of_reference(moment.connection)
    modes = {name: str(table.mode) for name, table in moment.contracts.tables.items()}
    [(carry_days,)] = moment.connection.execute("SELECT intake.carry_days()").fetchall()
    marts: dict[str, MartReads] = {}
    found: dict[str, Reads] = {}
    for definition in definitions:
        names = dict.fromkeys(term.mart for term in _cells_read(moment.definitions, definition))
        for name in names:
            if name not in marts:
                mart = moment.files.mart(name)
                tables, is_by_all = staleness.sources(moment.files.read_by(mart), views)
                marts[name] = MartReads(
                    mart, tables & modes.keys(), is_by_all, staleness.ledgers_of_months(moment.files, mart, modes)
                )
        parameters = {(one.policy_id, one.param) for one in parameters_of(moment.definitions, definition)}
        found[definition.id] = Reads(tuple(marts[name] for name in names), carry_days, frozenset(parameters), moment)
    return found


def _cells_read(definitions: Mapping[str, Definition], definition: Definition) -> Iterator[MartCells]:
    """The cells that decide about the value of a figure: those that it is made of, and those that say whether it is known."""
    terms: list[Term] = [*definition.terms.values(), *(definition.coverage or ())]
    if definition.rule:
        terms.append(definition.rule.when)
    for term in terms:
        if isinstance(term, MartCells):
            yield term
        elif isinstance(term, FigureSum):
            for _, name in term.signed:
                yield from _cells_read(definitions, definitions[name])
