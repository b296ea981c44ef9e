"""Random cells of the sample district, and the file that a department would send to correct one: the change told is that of a real load.

`make prove ARGS=doubts` tries two hundred.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong.contracts.contract import Column, Contract, Table
from fugong.core.bilingual import Bilingual
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import State
from fugong.doubts.doubt import Change, Kind, Line, Reading
from fugong.doubts.what_if import WhatIf
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluated, Evaluator, open_evaluator
from fugong.operations.build_marts import build_marts
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import Inbox, as_csv

DAY = date(2020, 3, 18)
ARRIVAL = datetime(2020, 4, 1, 9, tzinfo=SHANGHAI)
DRAWS = 60
"""Cells drawn at most until one is found whose correction the rules accept."""


@dataclass(frozen=True)
class Part:
    """A part that counts on the day, whole: none of its rows was set aside, and no other part has its key."""

    part_id: int
    table_name: str
    department_code: str
    report_date: date


@dataclass(frozen=True)
class Tried:
    """A cell that was changed for good.

    Attributes:
        printed: figures that are printed otherwise.
        moved: figures with another value.
        returned: cells drawn before it whose correction the rules set aside.
    """

    table: str
    column: str
    printed: int
    moved: int
    returned: int


def try_cell(settings: Settings, context: IntakeContext, case: int, seed: int) -> Tried:
    """Change a random cell in thought, then by a second file, and hold all figures of the day against each other.

    Most cells move no figure. In cases of odd number the cell is one that does.

    Raises:
        AssertionError: a figure differs.
    """
    dice = random.Random(f"{seed} {case}")
    inbox = Inbox(settings, context)
    for draw in range(DRAWS):
        with connect(settings) as connection, open_evaluator(connection, settings.include, DAY) as evaluator:
            parts = whole_parts(evaluator)
            name = dice.choice(sorted({one.table_name for one in parts}))
            part = dice.choice([one for one in parts if one.table_name == name])
            table = evaluator.moment.contracts.tables[part.table_name]
            rows = _rows(connection, part)
            row, column = dice.randrange(len(rows)), dice.choice([one for one in table.columns if one.key_position is None])
            value = another_value(dice, column, [one[column.name] for one in rows], rows[row][column.name])
            if value is None or value == rows[row][column.name]:
                continue
            line = Line(table.name, part.part_id, rows[row]["sheet"], rows[row]["row_number"])
            asked = WhatIf(evaluator)
            changed = asked.figures(
                [(line, Reading(Kind.PROPOSAL, "test", Change.CELL, {column.name: value}, Bilingual("", "")))]
            )
            if case % 2 and not changed:
                continue
            before, told = asked.now, asked.now | changed
            contract = next(one for one in evaluator.moment.contracts if table in one.tables)
        as_it_was = [_texts(table, one) for one in rows]
        rows[row][column.name] = value
        nth = 2 * (DRAWS * case + draw)
        state = _send(inbox, contract, part, table, [_texts(table, one) for one in rows], nth)
        if state is not State.ACCEPTED:
            if state is State.PARTLY_ACCEPTED:  # the next draw finds the part as it was
                assert _send(inbox, contract, part, table, as_it_was, nth + 1) is State.ACCEPTED
                build_marts(settings)
            continue
        build_marts(settings)
        now = figures(settings)
        wrong = [f"{name}: told {told[name].value}, it is {now[name].value}" for name in now if told[name] != now[name]]
        assert not wrong, f"{table.name}.{column.name} of {line} = {value}: {'; '.join(wrong)}"
        printed = sum(before[name].display != one.display for name, one in changed.items())
        return Tried(
            table.name, column.name, printed, sum(before[name].value != one.value for name, one in changed.items()), draw
        )
    raise AssertionError(f"no cell of {DRAWS} could be corrected")


def figures(settings: Settings) -> dict[str, Evaluated]:
    """All figures of the day."""
    with connect(settings) as connection, open_evaluator(connection, settings.include, DAY) as evaluator:
        return {one.id: evaluator.evaluate(one) for one in evaluator.moment.definitions.values()}


def whole_parts(evaluator: Evaluator) -> Sequence[Part]:
    """The parts of the day that one file can replace."""
    ids = sorted(part for parts in evaluator.submissions.effective_parts.values() for part in parts)
    rows = evaluator.moment.connection.execute(
        """
        SELECT part_id, table_name, department_code, report_date FROM intake.part AS part
        WHERE part_id = ANY(%(ids)s) AND kind = 'data' AND rows_accepted > 0 AND rows_set_aside = 0
            AND NOT EXISTS (
                SELECT FROM intake.part AS other
                WHERE other.part_id <> part.part_id AND other.superseded_at IS NULL
                    AND (
                        other.repairs_part = part.part_id
                        OR other.table_name = part.table_name AND other.unit = part.unit AND other.report_date = part.report_date
                    )
            )
        ORDER BY part_id
        """,
        {"ids": ids},
    ).fetchall()
    return [Part(*row) for row in rows]


def another_value(dice: random.Random, column: Column, others: Sequence[Any], now: Any) -> Any:
    """A value that could stand in a cell instead; None for none."""
    if isinstance(now, bool):
        return not now
    if isinstance(now, int | Decimal):
        changed = Decimal(now) * Decimal(dice.choice(["0.1", "0.5", "0.9", "1.1", "2", "10"]))
        return int(changed) if isinstance(now, int) else changed.quantize(Decimal(1).scaleb(-(column.scale or 0)))
    if isinstance(now, date):
        return now + timedelta(dice.choice([-3, -1, 1]))
    return dice.choice([one for one in others if one] or [None])


def header_of(column: Column) -> str:
    """The header of a column, with the unit in which the warehouse stores it."""
    return f"{column.header}({column.unit})" if column.unit else column.header


def _texts(table: Table, row: dict[str, Any]) -> list[str]:
    return [_text(column, row[column.name]) for column in table.columns]


def _text(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{plain(value * 100)}%" if column.unit == "%" else plain(value)
    return str(value)


def _rows(connection: psycopg.Connection[Any], part: Part) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            sql.SQL("SELECT * FROM {} WHERE part_id = %s ORDER BY row_number").format(sql.Identifier("report", part.table_name)),
            (part.part_id,),
        ).fetchall()


def _send(inbox: Inbox, contract: Contract, part: Part, table: Table, lines: Sequence[Sequence[str]], nth: int) -> State:
    """Send a part once more, as a correction."""
    outcome = inbox.send(
        part.department_code,
        f"{contract.name}{part.report_date}更正V{1000 + nth}.csv",
        as_csv([header_of(one) for one in table.columns], lines),
        at=ARRIVAL + timedelta(minutes=nth),
    )
    return outcome.state
