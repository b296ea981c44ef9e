"""The warehouse's address and its connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.warehouse import conninfo, revision, roles
from fugong.warehouse.embedded import server

LOADER = "fugong_loader"
OUR_SETTINGS = "SELECT set_config('TimeZone', 'Asia/Shanghai', false), set_config('jit', 'off', false)"
"""Plans of marts are long and guessed to cost more than 100,000 even for a small district: a server that compiles plans would compile each one,
for longer than it runs."""
TAKE_ROLE = """
    SELECT set_config('role', rolname, false) FROM pg_catalog.pg_roles
    WHERE rolname = %(role)s AND rolname <> current_user AND pg_has_role(current_user, oid, 'SET')
"""
"""A login that may act as the role does; one that may not stays what it is, with fewer rights."""


def address(settings: Settings) -> str:
    """The owner's URL: `FUGONG_WAREHOUSE_OWNER`, `FUGONG_WAREHOUSE`, or the embedded server's, which is started if it does not run.

    Raises:
        WarehouseMissing: there is no embedded warehouse here yet.
        ConfigurationError: `FUGONG_WAREHOUSE` is no URL of a server.
    """
    if url := settings.owner_url or settings.warehouse_url:
        conninfo.check(url)
        return url
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

        url = make_url(_given(settings.warehouse_url))
        if url.username == name:
            return settings.warehouse_url
        return url.set(username=name, password=None).render_as_string(hide_password=False)
    address(settings)
    return server.url(settings.home, name)


@contextmanager
def connect(settings: Settings, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection as the owner; commits at the end of the block, rolls back when it raises. The flow uses `connect_as_loader`.

    Raises:
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    with _connected(address(settings), autocommit=autocommit) as connection:
        yield connection


@contextmanager
def connect_as_loader(settings: Settings, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection of the flow: as the loader, or as the person whose login `FUGONG_WAREHOUSE` is; an owner gives up the owner's rights.

    Raises:
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    with _connected(_address_as(settings, LOADER), autocommit=autocommit, role=LOADER) as connection:
        yield connection


@contextmanager
def connect_as_web(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection of the pages' own login: it lets people in and notes what they look at (`fugong.web` takes their roles).

    Raises:
        ConfigurationError: `FUGONG_WAREHOUSE` is a server of your own, and `FUGONG_WAREHOUSE_WEB` is not set.
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    with _connected(web_address(settings)) as connection:
        yield connection


def web_address(settings: Settings) -> str:
    """The URL of the pages' login.

    Raises:
        ConfigurationError: `FUGONG_WAREHOUSE` is a server of your own, and `FUGONG_WAREHOUSE_WEB` is not set.
    """
    if settings.web_url:
        return _given(settings.web_url)
    if settings.warehouse_url:
        raise ConfigurationError(
            "缺 FUGONG_WAREHOUSE_WEB:网页以 fugong_web 登录仓库,请写明它的地址 | FUGONG_WAREHOUSE_WEB is missing: the pages log in to the "
            "warehouse as fugong_web; set its address"
        )
    return address_of(settings, roles.WEB)


@contextmanager
def connect_as(settings: Settings, role: str) -> Iterator[psycopg.Connection]:
    """A connection of a role that only reads. On a server of your own: of the account of `FUGONG_WAREHOUSE`, as this role if it may.

    Raises:
        NotFoundError: there is no such role; the message lists them.
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    name = roles.full_name(role)
    with _connected(_address_as(settings, name), role=name) as connection:
        connection.read_only = True
        yield connection


def _address_as(settings: Settings, role: str) -> str:
    """The URL that gives the least rights needed: the role's own login on the embedded server, else that of `FUGONG_WAREHOUSE`."""
    return _given(settings.warehouse_url) if settings.warehouse_url else address_of(settings, role)


def _given(url: str) -> str:
    conninfo.check(url)
    return url


@contextmanager
def _connected(url: str, *, autocommit: bool = False, role: str | None = None) -> Iterator[psycopg.Connection]:
    with open_connection(url, autocommit=autocommit) as connection:
        _ensure_current(connection, url)
        if role is not None:
            connection.execute(TAKE_ROLE, {"role": role})
            if not autocommit:
                connection.commit()  # what is set in a transaction goes with it when it is rolled back
        yield connection


def open_connection(url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection with our application name and settings, whatever the database holds."""
    connection = psycopg.connect(url, autocommit=autocommit, application_name="fugong")
    connection.execute(OUR_SETTINGS)
    if not autocommit:
        connection.commit()
    return connection


def _ensure_current(connection: psycopg.Connection, url: str) -> None:
    revision.ensure_current(connection, url)
    if not connection.autocommit:
        connection.commit()
