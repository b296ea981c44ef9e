"""The questions that analysts ask: SELECTs in `include/sql/questions`. Each runs as the role that its header names."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from fugong.analysis import export
from fugong.analysis.formats import Column, Table, plain_value
from fugong.analysis.names_of_codes import names_of_codes
from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, NotFoundError, RefusedError
from fugong.core.paths import where
from fugong.core.vocabulary import Lang
from fugong.marts import asof, gate, replay
from fugong.marts.header import read_question
from fugong.marts.model import SqlFiles
from fugong.marts.model_of_tables import Parameter, Question
from fugong.marts.parameters import with_values
from fugong.marts.sql_files import load_sound_sql_files, load_sql_files
from fugong.warehouse import roles

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """The answer to a question.

    Attributes:
        known_at: the moment of knowledge; None for what marts hold now.
        columns: the columns of the rows, in order, with their comments.
        kinds: PostgreSQL's names of their types.
        named: the rows with names (`Bilingual`) instead of codes.
    """

    as_of: date
    known_at: datetime | None
    columns: Mapping[str, Bilingual]
    kinds: Mapping[str, str]
    rows: list[tuple[Any, ...]]
    named: list[tuple[Any, ...]]

    def to_json(self) -> list[dict[str, Any]]:
        """As `fugong ask --json` prints it."""
        return [dict(zip(self.columns, map(plain_value, row), strict=True)) for row in self.rows]

    def table(self, question: Question, lang: Lang) -> Table:
        """What a file holds of it."""
        rows = (tuple(value.text_in(lang) if isinstance(value, Bilingual) else value for value in row) for row in self.named)
        about = {"question": str(question.text), "as_of": self.as_of.isoformat()}
        if self.known_at is not None:
            about["known_at"] = self.known_at.isoformat()
        return Table(question.name, [Column(name, self.kinds[name], said) for name, said in self.columns.items()], rows, about)


def load_questions(include: Path) -> dict[int, Question]:
    """The questions by number.

    Raises:
        ConfigurationError: a header is malformed, two files have one number, or a SELECT reads what its role may not read.
    """
    found, faults = _questions(include, load_sql_files(include / "sql"))
    for fault in faults:
        raise fault
    return found


def load_sound_questions(include: Path) -> dict[int, Question]:
    """The questions that can be asked, by number; the log names the files of the others."""
    found, faults = _questions(include, load_sound_sql_files(include / "sql"))
    for fault in faults:
        LOG.error("%s", fault)
    return found


def _questions(include: Path, files: SqlFiles) -> tuple[dict[int, Question], list[ConfigurationError]]:
    """The questions, and the faults of those that cannot be asked."""
    found: dict[int, Question] = {}
    faults: list[ConfigurationError] = []
    for file in sorted((include / "sql" / "questions").glob("*.sql")):
        try:
            question = read_question(file)
            if question.number in found:
                raise ConfigurationError(f"{where(file)}: {found[question.number].name} has the number {question.number}, too")
            if question.role not in map(roles.short_name, roles.ROLES):
                raise ConfigurationError(
                    f"{where(file)}: no role {question.role!r}. There is: {', '.join(map(roles.short_name, roles.ROLES))}"
                )
            _refuse_beyond_role(question, files)
        except ConfigurationError as fault:
            faults.append(fault)
        else:
            found[question.number] = question
    return found, faults


def find_question(questions: Mapping[int, Question], number: int) -> Question:
    """The question of that number.

    Raises:
        NotFoundError: there is none.
    """
    if number not in questions:
        numbers = ", ".join(map(str, questions))
        raise NotFoundError(f"没有第 {number} 问,现有 {numbers} | no question {number}. There is: {numbers}")
    return questions[number]


def ask(
    connection: psycopg.Connection,
    include: Path,
    question: Question,
    as_of: date | None = None,
    known_at: datetime | None = None,
    given: Mapping[str, str] | None = None,
) -> Answer:
    """Run a question on a connection of its role; with a moment of knowledge, on the owner's, who replays the marts that it reads.

    The same question with the same day and moment has the same answer for ever.

    Args:
        as_of: the day asked about; None for the last day that marts hold.
        known_at: the moment of knowledge; None for what marts hold now.
        given: parameters other than their defaults: numbers, and days as ISO 8601.

    Raises:
        NotFoundError: no mart holds the day, or the question has no such parameter.
        RefusedError: a parameter is neither a number nor a day, or not of the kind of its default.
        ConfigurationError: the SELECT does not run, or its columns are not those of the header.
    """
    first, last = days_held(connection, include)
    day = as_of or last
    if not first <= day <= last:
        raise NotFoundError(f"汇总只有 {first} 到 {last},没有 {day} | marts hold {first} to {last}, not {day}")
    values = _values(connection, question, day, known_at, given or {})
    days = list(time.each_day(day - timedelta(_window_days(question, values)), day))
    files = load_sound_sql_files(include / "sql")
    try:
        with asof.session_at(connection, days, known_at), ExitStack() as replays:
            body = with_values(question.body, values)
            if known_at is not None:
                gate.enter(connection)
                for relation in question.reads:
                    if relation.startswith(("mart.", "open.")):
                        table = _replay(connection, files, relation, days, known_at, replays)
                        body = re.sub(rf"\b{re.escape(relation)}\b", table.as_string(connection), body)
            cursor = connection.execute(sql.SQL(cast(LiteralString, body)))
            rows = cursor.fetchall()
            names = names_of_codes(connection, include) if question.codes else {}
    except psycopg.errors.InsufficientPrivilege:
        raise
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise ConfigurationError(f"{where(question.file)}: {error.diag.message_primary or error}") from error
    found = [column.name for column in cursor.description or []]
    if found != list(question.columns):
        raise ConfigurationError(
            f"{where(question.file)}: its columns are {', '.join(found)}; the header says {', '.join(question.columns)}"
        )
    kinds = {
        column.name: kind.name if (kind := connection.adapters.types.get(column.type_code)) else "text"
        for column in cursor.description or []
    }
    return Answer(day, known_at, question.columns, kinds, rows, _named(question, names, rows))


def _values(
    connection: psycopg.Connection, question: Question, day: date, known_at: datetime | None, given: Mapping[str, str]
) -> dict[str, str]:
    """The values of a question's parameters as SQL expressions."""
    moment = sql.Literal(known_at).as_string(connection) if known_at else "'infinity'::timestamptz"
    values = {"as_of": f"DATE '{day.isoformat()}'", "known_at": moment}
    for name, param in question.parameters.items():
        if param.default is not None:
            values[name] = f"({with_values(param.default, values)})"
    for name, text in given.items():
        if name not in question.parameters or question.parameters[name].default is None:
            free = ", ".join(key for key, param in question.parameters.items() if param.default is not None) or "–"
            raise NotFoundError(
                f"第 {question.number} 问没有参数 {name},可给 {free} | question {question.number} has no parameter {name}. "
                f"There is: {free}"
            )
        values[name] = _value(name, text, question.parameters[name])
    return values


def _value(name: str, text: str, parameter: Parameter) -> str:
    """A parameter as typed, as an SQL literal of the kind of its default."""
    default, label = str(parameter.default), parameter.label
    wants_number = re.fullmatch(r"-?\d+(\.\d+)?", default)
    if wants_number and re.fullmatch(r"\d{1,9}" if default.isdigit() else r"\d{1,9}(\.\d{1,9})?", text):
        return text
    if not wants_number and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return f"DATE '{date.fromisoformat(text).isoformat()}'"
        except ValueError:
            pass
    what = ("数字", "a number") if wants_number else ("日期,如 2020-06-30", "a day, such as 2020-06-30")
    raise RefusedError(f"“{label.zh}”({name})应为{what[0]},不是“{text}” | {label.en} ({name}) should be {what[1]}, not {text!r}")


def _window_days(question: Question, values: Mapping[str, str]) -> int:
    """How many days before the one asked about the question reads."""
    if isinstance(question.window_days, int):
        return question.window_days
    return int(values[question.window_days].strip("()"))


def _replay(
    connection: psycopg.Connection,
    files: SqlFiles,
    relation: str,
    days: Sequence[date],
    known_at: datetime,
    replays: ExitStack,
) -> sql.Identifier:
    """A temporary table of a mart's rows, or of what analysts see of them, as known at a moment. It exists as long as the block."""
    schema, _, name = relation.partition(".")
    mart = files.mart(name)
    with asof.session_at(connection):
        reported = asof.reported_days(connection)
    first = days[0] if mart.partition_by == "as_of" else None
    wanted = export.days_to_replay(reported, mart, first, days[-1])
    if schema == "mart":
        return replays.enter_context(replay.replayed(connection, mart, wanted, known_at))
    seen = f"seen_{name}"
    with export.replay_open_mart(connection, mart, wanted, (first, days[-1]), known_at) as table:
        rows = list(table.rows)
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(seen), columns, sql.Identifier("open", name)
        )
    )
    replays.callback(connection.execute, sql.SQL("DROP TABLE pg_temp.{}").format(sql.Identifier(seen)))
    copying = sql.SQL("COPY pg_temp.{} FROM STDIN").format(sql.Identifier(seen))
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(row)
    return sql.Identifier("pg_temp", seen)


def _named(
    question: Question, names: Mapping[tuple[str, str], Bilingual], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The rows with names instead of codes, in both languages."""
    lists = [question.codes.get(column, ()) for column in question.columns]
    return [
        tuple(
            next((names[one, str(value)] for one in of if (one, str(value)) in names), value)
            for value, of in zip(row, lists, strict=True)
        )
        for row in rows
    ]


def days_held(connection: psycopg.Connection, include: Path) -> tuple[date, date]:
    """The first and the last day that marts of stocks hold.

    Raises:
        NotFoundError: there is none yet.
    """
    stocks = [mart.name for mart in load_sound_sql_files(include / "sql").marts if mart.partition_by == "as_of"]
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
