"""Runs the SELECT of a file of ours; what is wrong with it is told with the file's name."""

from __future__ import annotations

from typing import LiteralString, cast

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.marts.model import SqlFile


def as_statement(body: str) -> sql.SQL:
    """A SELECT of ours, ready to run."""
    # Never a parameter of psycopg: a `%` in the SELECT is the SELECT's.
    return sql.SQL(cast(LiteralString, body))


def run(connection: psycopg.Connection, file: SqlFile, statement: sql.Composed) -> int:
    """Run a statement made from a file.

    Returns:
        The number of rows.

    Raises:
        ConfigurationError: the SELECT does not run, or its rows do not fit the keys that the head declares.
    """
    try:
        return connection.execute(statement).rowcount
    except psycopg.errors.UniqueViolation as error:
        raise ConfigurationError(
            f"{where(file.file)}: two rows have the same keys, or a row lies outside the days asked for: {error.diag.message_detail}"
        ) from error
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise configuration_fault(file, error) from error


def configuration_fault(file: SqlFile, error: psycopg.Error) -> ConfigurationError:
    """What the server said about a file of ours."""
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return ConfigurationError(f"{where(file.file)}: {error.diag.message_primary or error}{hint}")
