"""Runs the SELECTs of the briefing's tables for the day and the moment of knowledge: `include/briefing/front` for page one, `annex` behind.

The tables show what the figures of a day rest on: who was late, what was carried, which relief does not agree.
A SELECT reads a mart from its table, or from a replay where the table does not hold what was known at that moment.
"""

from __future__ import annotations

import logging
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
from fugong.marts.execute import configuration_fault
from fugong.marts.header import read_annex
from fugong.marts.model_of_tables import Annex
from fugong.marts.parameters import with_values

LOG = logging.getLogger(__name__)
DRAFT = "draft"
"""A column of this name is not printed in the table. Page one names its values until the briefing is signed."""
MART = re.compile(r"\bmart\.([a-z][a-z0-9_]*)\b")


@dataclass(frozen=True)
class Table:
    """A table of the annex, as text.

    Attributes:
        numeric: which columns hold numbers.
        missing: the values that page one names, in the order of the rows.
        fault: why it was not computed; None where it was.
    """

    title: Bilingual
    columns: tuple[Bilingual, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    missing: tuple[str, ...] = ()
    missing_label: Bilingual | None = None
    fault: ConfigurationError | None = None


NOT_COMPUTED = Bilingual("配置有误,没有计算", "not computed, its configuration is broken")
TASKFORCE = "taskforce"
"""The edition that names who is behind."""


def annex_files(include: Path, folder: str = "annex") -> list[Path]:
    """The files of the tables of an installation, in the order of their names.

    Args:
        folder: `annex`, or `front` for page one.
    """
    return sorted((include / "briefing" / folder).glob("*.sql"))


def read_tables(evaluator: Evaluator, files: Iterable[Path], known_at: datetime, *, edition: str = "") -> tuple[Table, ...]:
    """The tables of every edition and of this one for the reader's day. One that cannot be computed has no rows, and says so.

    Args:
        known_at: the reader's moment of knowledge, or a later one up to which nothing was settled.
    """
    return tuple(table for file in files if (table := _read(evaluator, file, known_at, edition)))


def _read(evaluator: Evaluator, file: Path, known_at: datetime, edition: str) -> Table | None:
    annex: Annex | None = None
    try:
        annex = read_annex(file)
        return _table(evaluator, annex, known_at) if annex.edition in {"", edition} else None
    except ConfigurationError as fault:
        LOG.error("%s", fault)
        title = annex.title if annex else Bilingual(file.stem, file.stem)
        columns = tuple(annex.columns.values()) if annex else ()
        said = Bilingual(f"{title.zh}({NOT_COMPUTED.zh})", f"{title.en} ({NOT_COMPUTED.en})")
        return Table(said, columns, (), (False,) * len(columns), fault=fault)


def _table(evaluator: Evaluator, annex: Annex, known_at: datetime) -> Table:
    known = {"as_of": sql.Literal(evaluator.moment.as_of).as_string(None), "known_at": sql.Literal(known_at).as_string(None)}
    body = MART.sub(lambda found: _read_from(evaluator, found[1]), with_values(annex.body, known))
    with asof.session_at(evaluator.moment.connection, [evaluator.moment.as_of], evaluator.moment.known_at):
        try:
            with evaluator.moment.connection.transaction():
                cursor = evaluator.moment.connection.execute(sql.SQL(cast(LiteralString, body)))
        except (psycopg.ProgrammingError, psycopg.DataError) as error:
            raise configuration_fault(annex, error) from error
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
