"""SQLAlchemy's engine on the warehouse, for schema work. Rows go through psycopg (`connection`): COPY and set-based SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from fugong.warehouse.connection import open_connection


def make_engine(address: str) -> sa.Engine:
    """An engine whose connections are opened like all others of ours (name of the application, time zone)."""
    return sa.create_engine("postgresql+psycopg://", creator=lambda: open_connection(address), poolclass=NullPool)


@contextmanager
def begin(address: str) -> Iterator[sa.Connection]:
    """A connection in one transaction, which commits at the end of the block. `driver` gives psycopg's side of the same connection.

    Raises:
        psycopg.Error: as from every connection of ours; SQLAlchemy's wrapping is taken off.
    """
    try:
        with make_engine(address).begin() as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from error
        raise


def driver(connection: sa.Connection) -> psycopg.Connection:
    """The psycopg connection below; what it executes belongs to the same transaction."""
    return cast("psycopg.Connection", connection.connection.driver_connection)
