"""The questions that analysts ask: SELECTs in `include/sql/questions`. Each runs as the role that its header names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.paths import where
from fugong.marts import asof
from fugong.marts.header import read_question
from fugong.marts.model import Question, SqlFiles
from fugong.marts.parameters import with_values
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse import roles


@dataclass(frozen=True)
class Answer:
    """The answer to a question.

    Attributes:
        columns: the columns of the rows, in order, with their comments.
    """

    as_of: date
    columns: Mapping[str, Bilingual]
    rows: list[tuple[Any, ...]]


def load_questions(include: Path) -> dict[int, Question]:
    """The questions by number.

    Raises:
        ConfigurationError: a header is malformed, two files have one number, or a SELECT reads what its role may not read.
    """
    folder = include / "sql" / "questions"
    files = load_sql_files(include / "sql")
    found: dict[int, Question] = {}
    for file in sorted(folder.glob("*.sql")):
        question = read_question(file)
        if question.number in found:
            raise ConfigurationError(f"{where(file)}: {found[question.number].name} has the number {question.number}, too")
        if question.role not in map(roles.short_name, roles.ROLES):
            raise ConfigurationError(
                f"{where(file)}: no role {question.role!r}. There is: {', '.join(map(roles.short_name, roles.ROLES))}"
            )
        _refuse_beyond_role(question, files)
        found[question.number] = question
    return found


def find_question(questions: Mapping[int, Question], number: int) -> Question:
    """The question of that number.

    Raises:
        NotFoundError: there is none.
    """
    if number not in questions:
        numbers = ", ".join(map(str, questions))
        raise NotFoundError(f"没有第 {number} 问,现有 {numbers} | no question {number}. There is: {numbers}")
    return questions[number]


def ask(connection: psycopg.Connection, include: Path, question: Question, as_of: date | None = None) -> Answer:
    """Run a question on a connection of its role.

    Args:
        as_of: the day asked about; None for the last day that marts hold.

    Raises:
        NotFoundError: no mart holds the day.
        ConfigurationError: the SELECT does not run, or its columns are not those of the header.
    """
    first, last = days_held(connection, include)
    day = as_of or last
    if not first <= day <= last:
        raise NotFoundError(f"汇总只有 {first} 到 {last},没有 {day} | marts hold {first} to {last}, not {day}")
    values = {name: param.default or f"DATE '{day.isoformat()}'" for name, param in question.parameters.items()}
    text = sql.SQL(cast(LiteralString, with_values(question.body, values)))
    try:
        with asof.session_at(connection, time.each_day(day - timedelta(question.window_days), day)):
            cursor = connection.execute(text)
            rows = cursor.fetchall()
    except psycopg.errors.InsufficientPrivilege:
        raise
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise ConfigurationError(f"{where(question.file)}: {error.diag.message_primary or error}") from error
    found = [column.name for column in cursor.description or []]
    if found != list(question.columns):
        raise ConfigurationError(
            f"{where(question.file)}: its columns are {', '.join(found)}; the header says {', '.join(question.columns)}"
        )
    return Answer(day, question.columns, rows)


def days_held(connection: psycopg.Connection, include: Path) -> tuple[date, date]:
    """The first and the last day that marts of stocks hold.

    Raises:
        NotFoundError: there is none yet.
    """
    stocks = [mart.name for mart in load_sql_files(include / "sql").marts if mart.partition_by == "as_of"]
    row = connection.execute("SELECT MIN(day), MAX(day) FROM open.mart_day WHERE mart = ANY(%s)", (stocks,)).fetchone()
    if row is None or row[0] is None:
        raise NotFoundError("仓库里还没有汇总,请先运行 fugong ingest | no mart holds a day yet: run `fugong ingest` first")
    return row[0], row[1]


def _refuse_beyond_role(question: Question, files: SqlFiles) -> None:
    """See that a question reads only what its role may read, and what exists.

    Raises:
        ConfigurationError: it reads something else.
    """
    if question.role == "analyst" and (beyond := [one for one in question.reads if not one.startswith(("open.", "ref."))]):
        raise ConfigurationError(f"{where(question.file)}: analysts may not read {', '.join(beyond)}")
    known = {mart.relation for mart in files.marts} | {fact.relation for fact in files.facts}
    known |= {f"open.{mart.name}" for mart in files.marts if mart.is_open}
    wrong = [one for one in question.reads if one.startswith(("open.", "fact.")) and one not in known]
    if wrong:
        raise ConfigurationError(f"{where(question.file)}: reads {', '.join(wrong)}, which no file writes")
