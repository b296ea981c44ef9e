"""Runs the SELECTs of SQL files. Errors name the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, LiteralString, cast

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.marts import savepoint
from fugong.marts.model import SqlFile

BLOCK = 1 << 20


def as_statement(body: str) -> sql.SQL:
    """The SELECT of a file as a statement of psycopg."""
    # Without parameters psycopg leaves `%` alone: it belongs to the SELECT.
    return sql.SQL(cast(LiteralString, body))


def run(connection: psycopg.Connection, file: SqlFile, statement: sql.Composed) -> int:
    """Run a statement that holds the SELECT of a file.

    Returns:
        The number of rows.

    Raises:
        ConfigurationError: the SELECT does not run, or two of its rows have the same keys.
    """
    with _faults_of(file):
        return connection.execute(statement).rowcount


def analyze(connection: psycopg.Connection, table: sql.Composable) -> None:
    """Statistics of a temporary table, which nobody else would gather. Within a transaction."""
    # The planner needs no more: with 100, the default, a wide table of a city costs a second.
    connection.execute("SET LOCAL default_statistics_target = 10")
    connection.execute(sql.SQL("ANALYZE {}").format(table))
    connection.execute("SET LOCAL default_statistics_target TO DEFAULT")


def copy_out(connection: psycopg.Connection, file: SqlFile, select: sql.Composable, into: IO[bytes]) -> int:
    """Write the rows of a SELECT of a file as COPY writes them.

    Returns:
        The number of rows.

    Raises:
        ConfigurationError: the SELECT does not run.
    """
    with _faults_of(file), connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY (\n{}\n) TO STDOUT").format(select)) as copy:
            for block in copy:
                into.write(block)
        return cursor.rowcount


def copy_in(connection: psycopg.Connection, file: SqlFile, table: sql.Composable, rows: IO[bytes]) -> int:
    """Load rows that `copy_out` wrote into a table.

    Returns:
        The number of rows.

    Raises:
        ConfigurationError: two rows have the same keys.
    """
    rows.seek(0)
    with _faults_of(file), connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
            while block := rows.read(BLOCK):
                copy.write(block)
        return cursor.rowcount


@contextmanager
def _faults_of(file: SqlFile) -> Iterator[None]:
    """Errors of the server that come from the file as errors that name it."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise ConfigurationError(
            f"{where(file.file)}: two rows have the same keys, or a row lies outside the days asked for: {error.diag.message_detail}"
        ) from error
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise configuration_fault(file, error) from error


def rows_of(connection: psycopg.Connection, query: sql.Composed, whose: str) -> list[tuple[Any, ...]]:
    """The rows of a query that is composed of names and values alone. Where it fails, the transaction around goes on.

    Words of somebody's own must not stand in it: a text that is no SQL at all ends the transaction before a savepoint is set.

    Args:
        whose: where the definition is written, for the message.

    Raises:
        ConfigurationError: the server refuses the query: a value of another type than its column, say.
    """
    try:
        if not savepoint.is_in_transaction(connection):
            with connection.transaction():
                return connection.execute(query).fetchall()
        return _rows_or_back(connection, query)
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise ConfigurationError(f"{whose}: {error.diag.message_primary or error}") from error


def _rows_or_back(connection: psycopg.Connection, query: sql.Composed) -> list[tuple[Any, ...]]:
    """The rows of a query, for which a savepoint is set and given up in the same statement."""
    both = sql.SQL("{}; {}; {}").format(sql.SQL(savepoint.SET), query, sql.SQL(savepoint.GIVE_UP))
    try:
        cursor = connection.execute(both, prepare=False)
    except psycopg.Error:
        savepoint.go_back(connection)
        raise
    cursor.nextset()
    return cursor.fetchall()


def configuration_fault(file: SqlFile, error: psycopg.Error) -> ConfigurationError:
    """An error of the server as an error of the file."""
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return ConfigurationError(f"{where(file.file)}: {error.diag.message_primary or error}{hint}")
