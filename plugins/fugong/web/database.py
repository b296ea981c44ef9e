"""Connections of requests: the pages' login, in the role of whoever asks, given back without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from fugong.core.errors import WarehouseError
from fugong.core.settings import Settings
from fugong.warehouse.connection import connect_as_web, web_address

CONNECTIONS = 24
WAIT_SECONDS = 20
SESSION: LiteralString = """
SET TIME ZONE 'Asia/Shanghai';
SET jit = off;
SET statement_timeout = '60s';
SET idle_in_transaction_session_timeout = '120s'
"""
"""What holds for each connection, whoever asks."""


class Database:
    """The pool of a process.

    Raises:
        ConfigurationError: `FUGONG_WAREHOUSE` is a server of your own, and `FUGONG_WAREHOUSE_WEB` is not set.
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """

    def __init__(self, settings: Settings) -> None:
        with connect_as_web(settings):
            pass  # says what is wrong before anybody asks for a page
        self._pool = ConnectionPool(
            web_address(settings),
            kwargs={"application_name": "fugong web", "prepare_threshold": None},  # `_reset` drops what is prepared
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_SECONDS,
            max_idle=300,
            configure=_configure,
            reset=_reset,
            check=ConnectionPool.check_connection,
            open=False,
        )

    def open(self) -> None:
        """Begin to connect."""
        self._pool.open()

    def close(self) -> None:
        """End all connections."""
        self._pool.close()

    @contextmanager
    def own(self) -> Iterator[psycopg.Connection]:
        """A connection with the pages' own rights; commits at the end of the block.

        Raises:
            WarehouseError: the warehouse does not answer.
        """
        try:
            with self._pool.connection() as connection:
                yield connection
        except PoolTimeout as fault:
            raise WarehouseError(
                f"仓库 {WAIT_SECONDS} 秒没有应答 | the warehouse has not answered for {WAIT_SECONDS} s"
            ) from fault

    @contextmanager
    def acting(
        self,
        role: str,
        *,
        session: int | None = None,
        department: str | None = None,
        writes: bool = False,
        lock: int | None = None,
    ) -> Iterator[psycopg.Connection]:
        """A connection in a role of the warehouse; commits at the end of the block.

        Args:
            session: the number of the login for which it acts; None for a program with a token.
            department: whose files may be seen, of the role `fugong_department`.
            writes: otherwise no statement can change anything.
            lock: an advisory lock to hold, which no person's role may take.

        Raises:
            WarehouseError: the warehouse does not answer, or does not let the pages take the role.
        """
        with self.own() as connection:
            connection.autocommit = True
            if lock is not None:
                connection.execute("SELECT pg_advisory_lock(%s)", (lock,))  # given back when the connection is
            # One statement, since each request makes one: the role last, as it may no longer be what the login may.
            connection.execute(
                """
                SELECT
                    set_config('fugong.session', %s, false), set_config('fugong.department', %s, false),
                    set_config('default_transaction_read_only', %s, false), set_config('role', %s, false)
                """,
                ("" if session is None else str(session), department or "", "off" if writes else "on", role),
            )
            connection.autocommit = False
            yield connection


def _configure(connection: psycopg.Connection) -> None:
    connection.execute(SESSION)
    connection.commit()


def _reset(connection: psycopg.Connection) -> None:
    connection.autocommit = True
    connection.execute("DISCARD ALL")
    connection.execute(SESSION)
    connection.autocommit = False
