"""Runs the SELECTs of the briefing's tables for the day and the moment of knowledge: `include/briefing/front` for page one, `annex` behind.

The tables show what the figures of a day rest on: who was late, what was carried, which relief does not agree.
A SELECT reads a mart from its table, or from a replay where the table does not hold what was known at that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.core.time import SHANGHAI
from fugong.figures.display import half_up, month_day
from fugong.figures.evaluate import Evaluator
from fugong.marts import asof
from fugong.marts.header import read_annex
from fugong.marts.model import Annex
from fugong.marts.parameters import with_values

DRAFT = "draft"
"""A column of this name is not printed in the table. Page one names its values until the briefing is signed."""
MART = re.compile(r"\bmart\.([a-z][a-z0-9_]*)\b")


@dataclass(frozen=True)
class Table:
    """A table of the annex, as text.

    Attributes:
        numeric: which columns hold numbers.
        missing: the values that page one names, in the order of the rows.
    """

    title: Bilingual
    columns: tuple[Bilingual, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    missing: tuple[str, ...] = ()
    missing_label: Bilingual | None = None


NOT_COMPUTED = Bilingual("配置有误,没有计算", "not computed, its configuration is broken")
TASKFORCE = "taskforce"
"""The edition that names who is behind."""


def load_annex(include: Path, folder: str = "annex", *, edition: str = "") -> tuple[Annex, ...]:
    """The tables of an installation of every edition and of this one, in the order of their file names.

    Args:
        folder: `annex`, or `front` for page one.
    """
    found = (read_annex(file) for file in sorted((include / "briefing" / folder).glob("*.sql")))
    return tuple(one for one in found if one.edition in {"", edition})


def read_tables(evaluator: Evaluator, annex: Iterable[Annex], known_at: datetime) -> tuple[Table, ...]:
    """Every table for the reader's day, as known at a moment: the reader's, or a later one up to which nothing was settled."""
    return tuple(_readable(evaluator, one, known_at) for one in annex)


def _readable(evaluator: Evaluator, annex: Annex, known_at: datetime) -> Table:
    """The table; without rows, and saying so, where a mart that it reads cannot be used."""
    if any(f"mart.{name}" in evaluator.moment.files.faulty for name in MART.findall(annex.body)):
        title = Bilingual(f"{annex.title.zh}({NOT_COMPUTED.zh})", f"{annex.title.en} ({NOT_COMPUTED.en})")
        return Table(title, tuple(annex.columns.values()), (), (False,) * len(annex.columns))
    return _table(evaluator, annex, known_at)


def _table(evaluator: Evaluator, annex: Annex, known_at: datetime) -> Table:
    known = {"as_of": sql.Literal(evaluator.moment.as_of).as_string(None), "known_at": sql.Literal(known_at).as_string(None)}
    body = MART.sub(lambda found: _read_from(evaluator, found[1]), with_values(annex.body, known))
    with asof.session_at(evaluator.moment.connection, [evaluator.moment.as_of], evaluator.moment.known_at):
        try:
            cursor = evaluator.moment.connection.execute(sql.SQL(cast(LiteralString, body)))
        except (psycopg.ProgrammingError, psycopg.DataError) as error:
            raise ConfigurationError(f"{where(annex.file)}: {error}") from error
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    wanted = [*annex.columns, *([DRAFT] if annex.draft_label else [])]
    if names != wanted:
        raise ConfigurationError(f"{where(annex.file)}: selects {', '.join(names)}; its header names {', '.join(wanted)}")
    width = len(annex.columns)
    missing = [row[width] for row in rows if annex.draft_label and row[width]]
    return Table(
        title=annex.title,
        columns=tuple(annex.columns.values()),
        rows=tuple(tuple(_shown(value) for value in row[:width]) for row in rows),
        numeric=tuple(any(isinstance(row[at], int | Decimal) for row in rows) for at in range(width)),
        missing=tuple(dict.fromkeys(missing)),
        missing_label=annex.draft_label,
    )


def _read_from(evaluator: Evaluator, mart: str) -> str:
    """The relation from which to read a mart, as SQL."""
    return evaluator.table(evaluator.moment.files.mart(mart)).as_string(evaluator.moment.connection)


def _shown(value: Any) -> str:
    """The text of a cell in the annex."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case Decimal():
            return f"{value:,f}" if value == value.to_integral_value() and "." not in f"{value}" else f"{half_up(value, 2):,f}"
        case int():
            return f"{value:,}"
        case datetime():
            moment = value.astimezone(SHANGHAI)
            return f"{month_day(moment.date())} {moment:%H:%M}"
        case date():
            return month_day(value)
        case _:
            return str(value)
