"""Runs the SELECTs of SQL files. Errors name the file."""

from __future__ import annotations

from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.marts.model import SqlFile


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
    try:
        return connection.execute(statement).rowcount
    except psycopg.errors.UniqueViolation as error:
        raise ConfigurationError(
            f"{where(file.file)}: two rows have the same keys, or a row lies outside the days asked for: {error.diag.message_detail}"
        ) from error
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise configuration_fault(file, error) from error


def rows_of(connection: psycopg.Connection, query: sql.Composed, whose: str) -> list[tuple[Any, ...]]:
    """The rows of a query that a definition of ours composes. Where it fails, the transaction around goes on.

    Args:
        whose: where the definition is written, for the message.

    Raises:
        ConfigurationError: the server refuses the query: a value of another type than its column, say.
    """
    try:
        with connection.transaction():
            return connection.execute(query).fetchall()
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise ConfigurationError(f"{whose}: {error.diag.message_primary or error}") from error


def configuration_fault(file: SqlFile, error: psycopg.Error) -> ConfigurationError:
    """An error of the server as an error of the file."""
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return ConfigurationError(f"{where(file.file)}: {error.diag.message_primary or error}{hint}")
