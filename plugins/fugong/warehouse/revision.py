"""Which revision a warehouse has, and whether this program can work with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import psycopg

from fugong.core.errors import WarehouseMissing, WarehouseNewer, WarehouseOlder, WarehouseVersionError

VERSIONS = Path(__file__).parent / "migrations" / "versions"
VERSION_SCHEMA, VERSION_TABLE = "audit", "alembic_version"
BASELINE = "0001"
"""The shape of warehouses that were made before there were revisions."""
_CURRENT: set[str] = set()
"""Addresses of warehouses that this process has found to be of the newest revision."""


@cache
def revisions() -> tuple[str, ...]:
    """The revisions that this program knows, oldest first: the numbers in front of the files' names.

    Every command needs the newest, so Alembic, which takes longer to import than most commands run, is not asked for it.
    """
    return tuple(sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*_*.py")))


def ensure_current(connection: psycopg.Connection, address: str) -> None:
    """Check once per process and address that the warehouse has the newest revision.

    Raises:
        WarehouseMissing: the database holds no warehouse.
        WarehouseOlder: an older program made it.
        WarehouseNewer: a newer program upgraded it.
    """
    if address in _CURRENT:
        return
    refuse(find(connection))
    _CURRENT.add(address)


def find(connection: psycopg.Connection) -> str | None:
    """The revision of a warehouse, "" for one that was made before there were revisions, None where there is no warehouse.

    Every role can ask: it reads the view `open.warehouse_revision`, and which relations exist from PostgreSQL's catalogue.
    """
    [(has_view, has_tables)] = connection.execute(
        """
        SELECT
            bool_or(nspname = 'open' AND relname = 'warehouse_revision'), bool_or(nspname = 'intake' AND relname = 'submission')
        FROM pg_class INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relname IN ('warehouse_revision', 'submission')
        """
    ).fetchall()
    if has_view:
        return the_only([name for (name,) in connection.execute("SELECT revision FROM open.warehouse_revision").fetchall()])
    return "" if has_tables else None


def the_only(found: Sequence[str]) -> str:
    """The one revision on record.

    Raises:
        WarehouseVersionError: there is none, or more than one: somebody changed the table by hand.
    """
    if len(found) == 1:
        return found[0]
    table = f"{VERSION_SCHEMA}.{VERSION_TABLE}"
    raise WarehouseVersionError(
        f"{table} 应有一行,现有 {len(found)} 行,无法判断仓库的版本。请恢复备份。 | "
        f"{table} should have one row and has {len(found)}, so the version of the warehouse is unknown: restore a backup."
    )


def refuse(found: str | None) -> None:
    """Refuse any revision but the newest.

    Raises:
        WarehouseMissing, WarehouseOlder, WarehouseNewer: see `ensure_current`.
    """
    newest = revisions()[-1]
    if found is None:
        raise WarehouseMissing(
            "仓库还没有建立,请先运行 fugong init。 | The warehouse has not been created yet: run `fugong init`."
        )
    refuse_newer(found)
    if found != newest:
        raise WarehouseOlder(
            f"仓库的结构({found or '未编号'})比程序({newest})旧,请运行 fugong init 升级。 | "
            f"The warehouse has an older structure ({found or 'not numbered'}) than the program ({newest}): run `fugong init`."
        )


def refuse_newer(found: str) -> None:
    """Refuse a revision that this program does not know.

    Raises:
        WarehouseNewer: a newer program upgraded the warehouse.
    """
    if found and found not in revisions():
        raise WarehouseNewer(
            f"仓库的结构({found})比程序({revisions()[-1]})新,请升级程序。 | "
            f"The warehouse has a newer structure ({found}) than the program ({revisions()[-1]}): upgrade the program."
        )
