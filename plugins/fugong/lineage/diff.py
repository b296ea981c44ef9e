"""Compares the figures of a day at two moments of knowledge, and finds what changed them: submissions, exemptions, parameters.

A figure moved if its value, numerator, denominator or display differs. Its causes are the submissions with rows behind it that became
effective, or ceased to be, between the moments. If none of those has rows behind it, all that its facts read are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.figures.definition import Definition, cells_behind, parameters_of
from fugong.figures.display import Value, as_json
from fugong.figures.evaluate import Evaluated, Evaluator, open_evaluator
from fugong.figures.parameters import ParameterChange, concerns
from fugong.figures.source_rows import contributions, key_conditions, source_rows
from fugong.figures.term import FigureSum, MartCells
from fugong.marts import asof


@dataclass(frozen=True)
class SubmissionCause:
    """A submission that became effective or ceased to be.

    Attributes:
        what: `arrived`, `corrected`, `repaired`, `superseded` or `withdrawn`.
        by: the submission that superseded or withdrew it.
        rows: loaded rows of its part.
        n_before, n_after: rows of the part behind the figure at either moment.
        before, after: what these rows add to the figure; None for a rate.
    """

    submission_id: int
    department_code: str
    file_name: str
    table: str
    report_date: date
    what: str
    by: int | None
    rows: int
    n_before: int
    n_after: int
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class ExemptionCause:
    """An entity that was exempted from a denominator between the moments, or is exempt no longer."""

    fact: str
    entity: str
    is_exempt: bool


@dataclass(frozen=True)
class ParameterCause:
    """A row of a parameter that was recorded between the moments, or replaced."""

    policy_id: str
    param: str
    value: str | None
    is_new: bool


Cause = SubmissionCause | ExemptionCause | ParameterCause


@dataclass(frozen=True)
class Moved:
    """A figure that moved."""

    id: str
    name: str
    name_zh: str
    before: Evaluated
    after: Evaluated
    causes: tuple[Cause, ...]

    def to_json(self, shown: Callable[[str], str] = str) -> dict[str, Any]:
        """As `fugong diff --json` prints it.

        Args:
            shown: puts a display into the language asked for.
        """
        found: dict[str, Any] = {"id": self.id, "name": self.name, "name_zh": self.name_zh}
        for when, value in (("before", self.before), ("after", self.after)):
            found |= {
                f"value_{when}": as_json(value.value),
                f"display_{when}": shown(value.display),
                f"numerator_{when}": as_json(value.numerator),
                f"denominator_{when}": as_json(value.denominator),
            }
        return found | {"causes": [_cause_json(cause) for cause in self.causes]}


def _cause_json(cause: Cause) -> dict[str, Any]:
    match cause:
        case SubmissionCause():
            return {"kind": "submission"} | {
                name: as_json(value) if isinstance(value, Decimal | date) else value for name, value in vars(cause).items()
            }
        case ExemptionCause():
            return {"kind": "exemption"} | vars(cause)
        case ParameterCause():
            return {"kind": "parameter"} | vars(cause)


@dataclass
class Side:
    """One figure at one of the two moments.

    Attributes:
        shares: part → number of its rows behind the figure, and what they add up to.
        exempt: facts and entities that are exempt from the figure's cells.
    """

    shares: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    exempt: set[tuple[str, str]] = field(default_factory=set)


def diff(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    first: datetime,
    second: datetime,
    *,
    ids: Collection[str] | None = None,
) -> list[Moved]:
    """The figures of a day that moved from one moment of knowledge to another, with their causes.

    Args:
        ids: only these figures.

    Raises:
        ConfigurationError: a figure cannot be evaluated.
    """
    # The second evaluator lies within the first, so that a mart is replayed once for each; tables of the first are made before it or after it.
    with open_evaluator(connection, include, as_of, first, has_yesterday=False) as early:
        wanted = {name: one for name, one in early.moment.definitions.items() if ids is None or name in ids}
        evaluated = [{name: early.evaluate(one) for name, one in wanted.items()}]
        is_now = second == asof.latest_load(connection)[1]  # then marts that are up to date hold it
        known_at = None if is_now else second
        with open_evaluator(connection, include, as_of, known_at, has_yesterday=False, beside="_later") as late:
            evaluated.append({name: late.evaluate(late.moment.definitions[name]) for name in wanted})
            moved = [name for name in wanted if _printed(evaluated[0][name]) != _printed(evaluated[1][name])]
            effective = [one.submissions.effective_parts for one in (early, late)]
            after = {name: _side(late, late.moment.definitions[name]) for name in moved}
        before = {name: _side(early, early.moment.definitions[name]) for name in moved}
        changes = _changes(late, effective)
        recorded = _recorded(connection, first, second)
        return [
            Moved(
                id=name,
                name=wanted[name].name,
                name_zh=wanted[name].name_zh,
                before=evaluated[0][name],
                after=evaluated[1][name],
                causes=(
                    *_submissions(late, name, effective, changes, (before[name], after[name])),
                    *_exemptions(before[name], after[name]),
                    *_parameters(late, wanted[name], recorded),
                ),
            )
            for name in moved
        ]


def _printed(evaluated: Evaluated) -> tuple[Value | None, str, Decimal | None, Decimal | None]:
    return evaluated.value, evaluated.display, evaluated.numerator, evaluated.denominator


def _side(evaluator: Evaluator, definition: Definition) -> Side:
    side = Side()
    for sign, term in _signed_cells(evaluator, definition, 1):
        mart = evaluator.moment.files.mart(term.mart)
        for source in contributions(mart, term):
            fact = evaluator.moment.files.fact(source.fact)
            if fact.excludes and "as_of" in fact.columns:
                flag, who = (sql.Identifier("line", name) for name in (fact.excludes.flag, fact.excludes.entity))
                is_key = [
                    sql.SQL("line.as_of = {}").format(sql.Literal(evaluator.moment.as_of)),
                    *key_conditions(mart, fact, term),
                ]
                query = sql.SQL("SELECT DISTINCT {}::text FROM {} AS line WHERE {} AND {}").format(
                    who, evaluator.marts.rows_of_two_days(fact), flag, sql.SQL(" AND ").join(is_key)
                )
                side.exempt |= {(fact.name, row[0]) for row in evaluator.moment.connection.execute(query)}
        wanted = evaluator.value(term)
        if wanted is None:
            continue
        total = sql.SQL("SUM(value)" if term.aggregate == "sum" else "NULL::numeric")
        for rows in source_rows(evaluator, term, wanted, are_kept=True):
            query = sql.SQL("SELECT part_id, COUNT(*), {} FROM ({}) AS line GROUP BY part_id").format(total, rows.query)
            with rows.session_at(evaluator.moment.connection):
                summed = evaluator.moment.connection.execute(query).fetchall()
            for part_id, n_rows, value in summed:
                n_before, before = side.shares.get(part_id, (0, Decimal(0)))
                side.shares[part_id] = (n_before + n_rows, before + sign * (value or 0))
    return side


def _signed_cells(evaluator: Evaluator, definition: Definition, sign: int) -> Iterator[tuple[int, MartCells]]:
    for term in definition.terms.values():
        if isinstance(term, MartCells):
            yield sign, term
        elif isinstance(term, FigureSum):
            for other, name in term.signed:
                yield from _signed_cells(evaluator, evaluator.moment.definitions[name], sign * other)


def _submissions(
    evaluator: Evaluator,
    name: str,
    effective: Sequence[Mapping[str, frozenset[int]]],
    changes: Sequence[tuple[Any, ...]],
    sides: tuple[Side, Side],
) -> Iterator[SubmissionCause]:
    definition = evaluator.moment.definitions[name]
    nothing = frozenset[int]()
    tables = [table.name for table in evaluator.submissions.tables_behind(definition)]
    changed = {part for table in tables for part in effective[0].get(table, nothing) ^ effective[1].get(table, nothing)}
    direct = {part for part in changed if part in sides[0].shares or part in sides[1].shares}
    came = {part for table in tables for part in effective[1].get(table, nothing) - effective[0].get(table, nothing)}
    is_amount = definition.denominator is None
    wanted = direct or changed
    for row in changes:
        part_id, submission_id, department, file_name, table, day, n_rows, kind, is_new_version, by, by_kind = row
        if part_id not in wanted:
            continue
        if part_id in came:
            what = "repaired" if kind == "repair" else "corrected" if is_new_version else "arrived"
        else:
            what = "withdrawn" if by_kind == "withdrawal" else "superseded"
        (n_before, before), (n_after, after) = (side.shares.get(part_id, (0, Decimal(0))) for side in sides)
        yield SubmissionCause(
            submission_id,
            department,
            file_name,
            table,
            day,
            what,
            None if part_id in came else by,
            n_rows,
            n_before,
            n_after,
            before if is_amount else None,
            after if is_amount else None,
        )


def _changes(evaluator: Evaluator, effective: Sequence[Mapping[str, frozenset[int]]]) -> list[tuple[Any, ...]]:
    """The parts that became effective or ceased to be, of any table, and what superseded them."""
    nothing = frozenset[int]()
    names = effective[0].keys() | effective[1].keys()
    changed = [part for name in names for part in effective[0].get(name, nothing) ^ effective[1].get(name, nothing)]
    return evaluator.moment.connection.execute(
        """
        SELECT
            part.part_id, part.submission_id, part.department_code, submission.file_name, part.table_name, part.report_date,
            part.rows_accepted, part.kind, part.version > 1 OR part.is_replacement, later.submission_id, later.kind
        FROM intake.part AS part
        INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
        LEFT JOIN intake.part AS later ON part.superseded_by = later.part_id AND part.superseded_at <= %s
        WHERE part.part_id = ANY(%s)
        ORDER BY part.settled_serial, part.part_id
        """,
        (evaluator.moment.known_at, changed),
    ).fetchall()


def _exemptions(before: Side, after: Side) -> Iterator[ExemptionCause]:
    for fact, entity in sorted(before.exempt ^ after.exempt):
        yield ExemptionCause(fact, entity, (fact, entity) in after.exempt)


def _recorded(connection: psycopg.Connection, first: datetime, second: datetime) -> list[tuple[ParameterChange, bool]]:
    """The parameter rows recorded or replaced between the moments, and whether they were recorded."""
    rows = connection.execute(
        """
        SELECT policy_id, param, clause, value, valid_from, valid_to, known_from, known_to, counts_from > %(first)s
        FROM ref.policy_param
        WHERE
            (counts_from > %(first)s AND counts_from <= %(second)s AND counts_to > %(second)s)
            OR (counts_to > %(first)s AND counts_to <= %(second)s AND counts_from <= %(first)s)
        ORDER BY policy_id, param, counts_from
        """,
        {"first": first, "second": second},
    ).fetchall()
    return [(ParameterChange(*row[:8]), row[8]) for row in rows]


def _parameters(
    evaluator: Evaluator, definition: Definition, recorded: Sequence[tuple[ParameterChange, bool]]
) -> Iterator[ParameterCause]:
    named = {(one.policy_id, one.param) for one in parameters_of(evaluator.moment.definitions, definition)}
    marts = {term.mart for term in cells_behind(evaluator.moment.definitions, definition)}
    for change, is_new in recorded:
        if (change.policy_id, change.param) in named or any(
            concerns(evaluator.moment.files, evaluator.moment.files.mart(mart), change) for mart in marts
        ):
            yield ParameterCause(change.policy_id, change.param, change.value, is_new)
