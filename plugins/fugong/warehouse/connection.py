"""The warehouse: its address, its connections, and bringing it to the shape that SQL files and contracts describe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fugong.core.settings import Settings
from fugong.warehouse import roles
from fugong.warehouse.embedded import server


def address(settings: Settings) -> str:
    """The owner's URL: `FUGONG_WAREHOUSE`, or the embedded server's, which is started if it is not running.

    Raises:
        WarehouseMissing: there is no embedded warehouse here yet.
    """
    if settings.warehouse_url:
        return settings.warehouse_url
    return server.start(settings.home, create=False)


def address_of(settings: Settings, role: str) -> str:
    """The URL for a role (`analyst`, `fugong_analyst`, …). On a server of your own it holds no password: its administrator gives one.

    Raises:
        LookupError: there is no such role; the message lists them.
    """
    name = roles.full_name(role)
    if name == "fugong_owner":
        return address(settings)
    if settings.warehouse_url:
        from sqlalchemy import make_url  # late: most commands need nothing else of it

        url = make_url(settings.warehouse_url).set(username=name, password=None)
        return url.render_as_string(hide_password=False)
    address(settings)
    return server.url(settings.home, name)


@contextmanager
def connect(settings: Settings, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection as the owner; commits at the end of the block, rolls back when it raises."""
    with psycopg.connect(address(settings), autocommit=autocommit, application_name="fugong") as connection:
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        if not autocommit:
            connection.commit()
        yield connection


@contextmanager
def connect_as(settings: Settings, role: str) -> Iterator[psycopg.Connection]:
    """A connection of a role that only reads. On a server of your own it is the account of `FUGONG_WAREHOUSE`, whose rights hold.

    Raises:
        LookupError: there is no such role; the message lists them.
    """
    url = settings.warehouse_url if settings.warehouse_url else address_of(settings, role)
    roles.full_name(role)
    with psycopg.connect(url, application_name="fugong") as connection:
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        connection.commit()
        connection.read_only = True
        yield connection
