"""The warehouse's address and its connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fugong.core.settings import Settings
from fugong.warehouse import conninfo, revision, roles
from fugong.warehouse.embedded import server


def address(settings: Settings) -> str:
    """The owner's URL: `FUGONG_WAREHOUSE`, or the embedded server's, which is started if it does not run.

    Raises:
        WarehouseMissing: there is no embedded warehouse here yet.
        ConfigurationError: `FUGONG_WAREHOUSE` is no URL of a server.
    """
    if settings.warehouse_url:
        conninfo.check(settings.warehouse_url)
        return settings.warehouse_url
    return server.start(settings.home, create=False)


def address_of(settings: Settings, role: str) -> str:
    """The URL for a role (`analyst`, `fugong_analyst`, …). On a server of your own it holds no password: its administrator sets one.

    Raises:
        NotFoundError: there is no such role; the message lists them.
    """
    name = roles.full_name(role)
    if name == "fugong_owner":
        return address(settings)
    if settings.warehouse_url:
        from sqlalchemy import make_url  # late: most commands do without SQLAlchemy

        url = make_url(address(settings)).set(username=name, password=None)
        return url.render_as_string(hide_password=False)
    address(settings)
    return server.url(settings.home, name)


@contextmanager
def connect(settings: Settings, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection as the owner; commits at the end of the block, rolls back when it raises.

    Raises:
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    url = address(settings)
    with open_connection(url, autocommit=autocommit) as connection:
        _ensure_current(connection, url)
        yield connection


@contextmanager
def connect_as(settings: Settings, role: str) -> Iterator[psycopg.Connection]:
    """A connection of a role that only reads. On a server of your own it uses the account of `FUGONG_WAREHOUSE` and its rights.

    Raises:
        NotFoundError: there is no such role; the message lists them.
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    url = address(settings) if settings.warehouse_url else address_of(settings, role)
    roles.full_name(role)
    with open_connection(url) as connection:
        _ensure_current(connection, url)
        connection.read_only = True
        yield connection


def open_connection(url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection with our application name and time zone, whatever the database holds."""
    connection = psycopg.connect(url, autocommit=autocommit, application_name="fugong")
    connection.execute("SET TIME ZONE 'Asia/Shanghai'")
    if not autocommit:
        connection.commit()
    return connection


def _ensure_current(connection: psycopg.Connection, url: str) -> None:
    revision.ensure_current(connection, url)
    if not connection.autocommit:
        connection.commit()
