"""The phone list of a day: whom to call about which cell, what would be printed if the other reading were true, and when to stop.

A call is about one cell of one line, or about a whole line. Calls are ranked by what they change in print, then in value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong.contracts.contract import Table
from fugong.core.bilingual import Bilingual
from fugong.core.errors import WarehouseError
from fugong.core.settings import Settings
from fugong.doubts.contradicted import contradiction_doubts
from fugong.doubts.district import District, load_district
from fugong.doubts.doubt import Change, Doubt, Line, Reading
from fugong.doubts.effect import Effect, deciding, effect_of
from fugong.doubts.proposed import open_proposals, proposal_doubts
from fugong.doubts.ratios import ratio_doubts
from fugong.doubts.what_if import WhatIf
from fugong.figures.cross_checks import contradictions_on
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluated, Evaluator, open_evaluator
from fugong.warehouse import distribution

Progress = Callable[[int, int], None]
"""Called with the number of readings tried, and of all."""
NOBODY = Bilingual("报表联系人", "Contact for the report")


@dataclass(frozen=True)
class Origin:
    """Where a line was sent."""

    department_code: str
    department: Bilingual
    report_date: date
    file_name: str


@dataclass(frozen=True)
class Call:
    """One call: a cell, or a line, and what would be printed with its other readings.

    Attributes:
        contact: the post to ask for.
        key: values of the line's key, by Chinese header.
        label: what people call the line, such as the name and code of a firm; empty where the table has neither.
        column: the cell; empty where the whole line is asked about.
        header: its Chinese header.
        unit: of the values; empty where they have none.
        now: what the cell holds; None for a line that is not loaded.
        readings: with their effects, the largest first.
    """

    line: Line
    origin: Origin
    contact: Bilingual
    key: Mapping[str, str]
    label: str
    column: str
    header: str
    unit: str
    now: Any
    readings: tuple[tuple[Reading, Effect], ...]

    @property
    def reading(self) -> Reading:
        """The reading that changes most."""
        return self.readings[0][0]

    @property
    def effect(self) -> Effect:
        """What it changes."""
        return self.readings[0][1]


@dataclass(frozen=True)
class Decision:
    """The calls that decide whether a figure's printed form stays.

    Attributes:
        calls: positions in `Calls.calls`, from 0.
    """

    figure: str
    name: Bilingual
    display: str
    calls: tuple[int, ...]


@dataclass(frozen=True)
class Calls:
    """The phone list of a day.

    Attributes:
        calls: those that decide a printed form, then all others; either ranked.
        n_deciding: how many decide: what is left after them is less than the last digit of every figure.
        decisions: by figure, the most calls first.
        unanswerable: how many contradictions and proposals there are besides, by check or code, that do not say what the line would hold.
        n_answered: doubts that are left out because their sender has answered them.
    """

    as_of: date
    known_at: datetime
    calls: tuple[Call, ...]
    n_deciding: int
    decisions: tuple[Decision, ...]
    unanswerable: Mapping[str, int]
    n_answered: int = 0


def calls(
    connection: psycopg.Connection,
    settings: Settings,
    as_of: date,
    known_at: datetime | None = None,
    *,
    on_progress: Progress | None = None,
) -> Calls:
    """The phone list of a day at a moment of knowledge.

    Raises:
        WarehouseError: the tables of reports are distributed: no line of theirs can be supposed to be another one.
        ConfigurationError: `doubts.yaml`, a figure, mart or check cannot be evaluated.
    """
    with open_evaluator(connection, settings.include, as_of, known_at) as evaluator:
        if distribution.is_distributed(connection):
            raise WarehouseError(
                "报表分布在集群上,不能试算“如果这一行是别的”,所以没有疑问清单。 | Reports are distributed over a cluster, where no line can be "
                "supposed to be another one: there is no list of doubts."
            )
        district = load_district(settings.include, evaluator.moment.contracts)
        doubts, unanswerable, n_answered = _doubts(evaluator, settings, district)
        rows = _rows_of({doubt.line for doubt in doubts}, evaluator)
        doubts = [doubt for doubt in doubts if _says_something_else(doubt, rows.get(doubt.line))]
        what_if = WhatIf(evaluator)
        effects: list[tuple[Doubt, Effect]] = []
        for n, doubt in enumerate(doubts):
            if on_progress:
                on_progress(n, len(doubts))
            then = what_if.figures([(doubt.line, doubt.reading)])
            effects.append((doubt, effect_of(what_if.now, then, evaluator.moment.definitions)))
        if on_progress:
            on_progress(len(doubts), len(doubts))
        found = [call for call in _grouped(evaluator, district, effects, rows) if call.effect.changes]
        ranked, n_deciding, decisions = _ranked(evaluator, found, what_if.now)
        return Calls(as_of, evaluator.moment.known_at, ranked, n_deciding, decisions, unanswerable, n_answered)


def _doubts(evaluator: Evaluator, settings: Settings, district: District) -> tuple[list[Doubt], Mapping[str, int], int]:
    """Every doubt that says what a line would hold, each once; how many say nothing of it, by check; and how many are answered.

    Nobody is asked again about a cell of which its sender said that it is right.
    """
    unanswerable: defaultdict[str, int] = defaultdict(int)
    proposals = open_proposals(evaluator)
    n_answered = sum(one.is_answered for one in proposals)
    found = list(proposal_doubts(evaluator, settings, proposals))
    settled: set[tuple[Line, str]] = set()
    for contradiction, doubt in contradiction_doubts(evaluator, contradictions_on(evaluator)):
        if contradiction.is_settled:
            n_answered += 1
            settled |= {(doubt.line, doubt.column)} if doubt else set()
        elif doubt is None:
            unanswerable[contradiction.check.id] += 1
        else:
            found.append(doubt)
    found = [doubt for doubt in [*found, *ratio_doubts(evaluator, district)] if (doubt.line, doubt.column) not in settled]
    once = list({(doubt.line, doubt.column, _as_text(doubt.reading)): doubt for doubt in reversed(found)}.values())
    return once, unanswerable, n_answered


def _as_text(reading: Reading) -> str:
    """Two readings of one cell are the same if they put the same into it, whoever says so."""
    return f"{reading.change} {sorted((name, str(value)) for name, value in reading.cells.items())}"


def _says_something_else(doubt: Doubt, row: Mapping[str, Any] | None) -> bool:
    """Whether the line is there, and would hold something else than it does."""
    if doubt.reading.change is Change.ADDED:
        return row is None
    return row is not None and (
        doubt.reading.change is Change.ABSENT or any(row[name] != value for name, value in doubt.reading.cells.items())
    )


def _rows_of(lines: Iterable[Line], evaluator: Evaluator) -> dict[Line, Mapping[str, Any]]:
    """The lines as they are loaded."""
    by_table: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_table[line.table].append(line)
    found: dict[Line, Mapping[str, Any]] = {}
    for table, some in by_table.items():
        with evaluator.moment.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                sql.SQL(
                    """
                    SELECT line.* FROM {} AS line
                    INNER JOIN unnest(%s::bigint[], %s::text[], %s::bigint[]) AS wanted (part_id, sheet, row_number)
                        ON line.part_id = wanted.part_id AND line.sheet = wanted.sheet AND line.row_number = wanted.row_number
                    """
                ).format(sql.Identifier("report", table)),
                ([line.part_id for line in some], [line.sheet for line in some], [line.row_number for line in some]),
            ).fetchall()
        found |= {Line(table, row["part_id"], row["sheet"], row["row_number"]): row for row in rows}
    return found


def _grouped(
    evaluator: Evaluator,
    district: District,
    effects: Sequence[tuple[Doubt, Effect]],
    rows: Mapping[Line, Mapping[str, Any]],
) -> list[Call]:
    """One call for each cell, with all its readings."""
    cells: defaultdict[tuple[Line, str], list[tuple[Reading, Effect]]] = defaultdict(list)
    for doubt, effect in effects:
        cells[doubt.line, doubt.column].append((doubt.reading, effect))
    origins = _origins(evaluator, {line.part_id for line, _ in cells})
    found: list[Call] = []
    for (line, column), readings in cells.items():
        readings.sort(key=lambda one: one[1].rank(), reverse=True)
        table = evaluator.moment.contracts.tables[line.table]
        row = rows.get(line)
        shown = row or readings[0][0].cells
        origin = origins[line.part_id]
        asked = table.by_name.get(column)
        found.append(
            Call(
                line=line,
                origin=origin,
                contact=district.contacts.get(origin.department_code, NOBODY),
                key={table.by_name[name].header: plain_cell(shown.get(name)) for name in table.key},
                label=_label(table, shown),
                column=column,
                header=asked.header if asked else "",
                unit=asked.unit or "" if asked else "",
                now=row[column] if row and column else None,
                readings=tuple(readings),
            )
        )
    return found


def _label(table: Table, row: Mapping[str, Any]) -> str:
    """What people call the line, such as the name of a firm: its first text with a header that says so, and its credit code."""
    names = (column.name for column in table.columns if column.logical_type == "string" and column.header.endswith("名称"))
    codes = (column.name for column in table.columns if column.format == "uscc" and column.name not in table.key)
    found = (plain_cell(row.get(next(some, ""))) for some in (names, codes))
    return " ".join(filter(None, found))


def _origins(evaluator: Evaluator, parts: Iterable[int]) -> dict[int, Origin]:
    rows = evaluator.moment.connection.execute(
        """
        SELECT part.part_id, part.department_code, department.name_zh, department.name_en, part.report_date, submission.file_name
        FROM intake.part AS part
        INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
        LEFT JOIN ref.department AS department ON part.department_code = department.department_code
        WHERE part.part_id = ANY(%s)
        """,
        (list(parts),),
    ).fetchall()
    return {part: Origin(code, Bilingual(zh or code, en or code), day, name) for part, code, zh, en, day, name in rows}


def _ranked(
    evaluator: Evaluator, found: Sequence[Call], now: Mapping[str, Evaluated]
) -> tuple[tuple[Call, ...], int, tuple[Decision, ...]]:
    """The calls in the order in which to make them, how many of them decide, and what they decide."""
    decided: dict[str, list[int]] = {}
    for name in {one.definition.id for call in found for _, effect in call.readings for one in effect.changes}:
        changes = [[one for _, effect in call.readings for one in effect.changes if one.definition.id == name] for call in found]
        if asked := deciding(evaluator.moment.definitions[name], now[name], changes):
            decided[name] = asked
    asked = {at for some in decided.values() for at in some}

    def order_of(at: int) -> tuple[Any, ...]:
        call = found[at]
        printed, moved = call.effect.rank({name for name, some in decided.items() if at in some})
        return at not in asked, -printed, -moved, call.line.table, call.line.part_id, call.line.row_number, call.column

    order = sorted(range(len(found)), key=order_of)
    place = {at: n for n, at in enumerate(order)}
    decisions = [
        Decision(
            one.id, Bilingual(one.name_zh, one.name), now[one.id].display, tuple(sorted(place[at] for at in decided[one.id]))
        )
        for one in evaluator.moment.definitions.values()
        if one.id in decided
    ]
    return tuple(found[at] for at in order), len(asked), tuple(sorted(decisions, key=lambda one: -len(one.calls)))


def plain_cell(value: object) -> str:
    """What a cell holds, as text."""
    return plain(value) if isinstance(value, Decimal) else "" if value is None else str(value)
