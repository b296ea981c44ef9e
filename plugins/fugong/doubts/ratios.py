"""Lines whose ratio to the line before stands out from those of all others (Hidiroglou and Berthelot 1986).

A slip of one firm (a digit too many, 元 for 万元) hardly moves the sum of a list, which X22 looks at. It moves the firm's own ratio to the line
before. A large firm is held to less than a small one, because its slip moves more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import sql

from fugong.contracts.contract import Column, Table
from fugong.core.bilingual import Bilingual
from fugong.core.vocabulary import Mode
from fugong.doubts.district import Bounds, District, Series
from fugong.doubts.doubt import Change, Doubt, Kind, Line, Reading
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator
from fugong.marts.asof import session_at

SOURCE = "HB"
Values = npt.NDArray[np.float64]

MONTHS_BACK = timedelta(92)
"""A line of an increment is compared with one that was reported at most so long before the day."""


@dataclass(frozen=True)
class Pair:
    """A line and the line before it in its series, with the values of every compared column."""

    line: Line
    now: Sequence[Decimal | None]
    before: Sequence[Decimal | None]


def ratio_doubts(evaluator: Evaluator, district: District) -> Iterator[Doubt]:
    """The doubts about lines of the day whose ratio to the line before stands out, table by table."""
    moment = evaluator.moment
    for table in moment.contracts.tables.values():
        columns = [column for column in table.columns if is_amount(column)]
        if not columns or not _is_read(evaluator, table):
            continue
        if table.mode != Mode.INCREMENT:
            pairs = _pairs_of_days(evaluator, table, columns)
        elif table.name in district.series:
            pairs = _pairs_of_increments(evaluator, table, columns, district.series[table.name], district.bounds)
        else:
            continue
        for at, column in enumerate(columns):
            yield from _doubts_of(column, [(pair.line, pair.now[at], pair.before[at]) for pair in pairs], district.bounds)


def is_amount(column: Column) -> bool:
    """Whether a column holds money, a volume or a number of people or things: no key, no share and no price."""
    is_number = column.logical_type in {"integer", "number"} and column.key_position is None
    return is_number and column.unit != "%" and "/" not in (column.unit or "")


def outlying(now: Values, before: Values, bounds: Bounds) -> npt.NDArray[np.bool_]:
    """Which ratios of positive values stand out.

    With r = now/before and its median m, the ratio is centred as s = r/m − 1 where r ≥ m and 1 − m/r below, so that ten times and a tenth are
    equally far; E = s · max(now, before)^U weighs it by size. E stands out beyond C spreads from its median. A spread is the median distance
    from there, at least A · median(max(now, before)^U).

    The paper takes the distances to the quartiles, which two slips among eight lines spoil, and at least |A · median(E)|, which is zero
    where most lines do not move.
    """
    if not len(now):
        return np.zeros(0, dtype=np.bool_)
    ratio = now / before
    middle = float(np.median(ratio))
    centred = np.where(ratio >= middle, ratio / middle - 1, 1 - middle / ratio)
    size = np.maximum(now, before) ** bounds.size_exponent
    effect = centred * size
    distance = np.abs(effect - np.median(effect))
    spread = max(float(np.median(distance)), bounds.least_spread * float(np.median(size)))
    return distance > bounds.bound * spread


def _doubts_of(column: Column, pairs: Sequence[tuple[Line, Decimal | None, Decimal | None]], bounds: Bounds) -> Iterator[Doubt]:
    there = [(line, now, before) for line, now, before in pairs if now and before and now > 0 and before > 0]
    flags = outlying(np.array([float(now) for _, now, _ in there]), np.array([float(before) for _, _, before in there]), bounds)
    for (line, now, before), is_out in zip(there, flags, strict=True):
        if is_out:
            times = plain(round(now / before, 2 if now > before else 4))
            why = Bilingual(f"是上一次的 {times} 倍", f"{times} times the value before")
            yield Doubt(line, column.name, Reading(Kind.RATIO, SOURCE, Change.CELL, {column.name: before}, why))


def _is_read(evaluator: Evaluator, table: Table) -> bool:
    """Whether any mart reads the table: a cell that reaches no mart changes no figure."""
    files = evaluator.moment.files
    return any(f"report.{table.name}" in files.read_by(mart) for mart in files.marts)


def _pairs_of_days(evaluator: Evaluator, table: Table, columns: Sequence[Column]) -> list[Pair]:
    """The lines of the parts in force on the day, none carried, beside those of the report of the same unit before it."""
    moment = evaluator.moment
    query = sql.SQL(
        """
        WITH in_force AS MATERIALIZED (
            SELECT part_id, unit, report_date FROM asof.part_in_force WHERE table_name = {name} AND as_of = {day} AND NOT is_carried
        ),

        earlier AS MATERIALIZED (
            SELECT part.part_id, part.unit
            FROM asof.part AS part
            INNER JOIN (
                SELECT before.unit, MAX(before.report_date) AS report_date
                FROM asof.part AS before
                INNER JOIN in_force ON before.unit = in_force.unit AND before.report_date < in_force.report_date
                WHERE before.table_name = {name} AND before.kind = 'data'
                GROUP BY before.unit
            ) AS newest ON part.unit = newest.unit AND part.report_date = newest.report_date
            WHERE part.table_name = {name}
        ),

        -- A cluster joins no two distributed tables but by what distributes them: each of the two is read by itself.
        line AS (
            SELECT line.*, in_force.unit AS unit_of_part
            FROM {report} AS line
            INNER JOIN in_force ON line.part_id = in_force.part_id
            WHERE line.part_id = ANY(ARRAY(SELECT part_id FROM in_force))
        ),

        older AS (
            SELECT line.*, earlier.unit AS unit_of_part
            FROM {report} AS line
            INNER JOIN earlier ON line.part_id = earlier.part_id
            WHERE line.part_id = ANY(ARRAY(SELECT part_id FROM earlier))
        )

        SELECT line.part_id, line.sheet, line.row_number, {now}, {before}
        FROM line
        INNER JOIN older ON {keys} AND line.unit_of_part = older.unit_of_part
        """
    ).format(
        name=sql.Literal(table.name),
        day=sql.Literal(moment.as_of),
        report=sql.Identifier("report", table.name),
        now=_columns("line", [column.name for column in columns]),
        before=_columns("older", [column.name for column in columns]),
        keys=sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("line", key), sql.Identifier("older", key)) for key in table.key
        ),
    )
    return _read(evaluator, table, len(columns), query, [moment.as_of])


def _pairs_of_increments(
    evaluator: Evaluator, table: Table, columns: Sequence[Column], series: Series, bounds: Bounds
) -> list[Pair]:
    """The lines that were reported of late, beside the lines before them in their series."""
    moment = evaluator.moment
    query = sql.SQL(
        """
        WITH part AS MATERIALIZED (
            SELECT part_id, report_date FROM asof.part
            WHERE table_name = {name} AND report_date BETWEEN {first} AND {day}
        ),

        sequence AS (
            SELECT line.part_id, line.sheet, line.row_number, part.report_date, {now}, {before}
            FROM {report} AS line
            INNER JOIN part ON line.part_id = part.part_id
            WHERE line.part_id = ANY(ARRAY(SELECT part_id FROM part)) AND {known}
            WINDOW series AS (PARTITION BY {by} ORDER BY {order}, line.part_id, line.row_number)
        )

        SELECT part_id, sheet, row_number, {values} FROM sequence WHERE report_date > {since}
        """
    ).format(
        name=sql.Literal(table.name),
        first=sql.Literal(moment.as_of - MONTHS_BACK),
        since=sql.Literal(moment.as_of - timedelta(bounds.days)),
        day=sql.Literal(moment.as_of),
        report=sql.Identifier("report", table.name),
        now=_columns("line", [column.name for column in columns], as_now=True),
        before=sql.SQL(", ").join(
            sql.SQL("LAG({}) OVER series AS {}").format(
                sql.Identifier("line", column.name), sql.Identifier(f"{column.name} before")
            )
            for column in columns
        ),
        known=sql.SQL(" AND ").join(sql.SQL("{}::text <> ''").format(sql.Identifier("line", name)) for name in series.by),
        by=_columns("line", series.by),
        order=sql.Identifier("line", series.order),
        values=sql.SQL(", ").join(sql.Identifier(f"{column.name} {when}") for when in ("now", "before") for column in columns),
    )
    return _read(evaluator, table, len(columns), query, None)


def _read(evaluator: Evaluator, table: Table, n: int, query: sql.Composed, days: Sequence[date] | None) -> list[Pair]:
    moment = evaluator.moment
    with session_at(moment.connection, days, moment.known_at):
        rows: list[tuple[Any, ...]] = moment.connection.execute(query).fetchall()
    return [Pair(Line(table.name, *row[:3]), *(_decimals(row[at : at + n]) for at in (3, 3 + n))) for row in rows]


def _decimals(values: Sequence[Any]) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in values]


def _columns(alias: str, names: Sequence[str], *, as_now: bool = False) -> sql.Composed:
    form = "{} AS {}" if as_now else "{}"
    return sql.SQL(", ").join(
        sql.SQL(form).format(*([sql.Identifier(alias, name)] + ([sql.Identifier(f"{name} now")] if as_now else [])))
        for name in names
    )
