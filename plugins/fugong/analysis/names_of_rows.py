"""Names of what keys stand for: the firm of a credit code, the site or project of its number, as the district's own reports call them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

import psycopg
from psycopg import sql

from fugong.contracts.contract import Contracts, Table
from fugong.marts.asof import session_at
from fugong.marts.model import is_of_firm

NAME = "name"
FIRM = "uscc"


def key_of(column: str) -> str:
    """The key that a column holds: a firm's code may stand in `uscc`, `tenant_uscc` and the like."""
    return FIRM if is_of_firm(column) else column


def names_of_rows(
    connection: psycopg.Connection, contracts: Contracts, key: str, codes: Collection[str], day: date, known_at: datetime | None
) -> dict[str, str]:
    """The names of some codes by the lists in force on a day: those whose rows have this one key and a name. The first report counts.

    Args:
        known_at: the moment of knowledge; None for now.
    """
    found: dict[str, str] = {}
    with session_at(connection, [day], known_at):
        for table, column in _lists(contracts, key):
            wanted = sorted(set(codes) - found.keys())
            if not wanted:
                break
            found |= dict(connection.execute(_query(table, key, column), (table.name, wanted)).fetchall())
    return found


def _lists(contracts: Contracts, key: str) -> Iterator[tuple[Table, str]]:
    """The tables whose rows have this key alone, and the column with their names: `name`, or that of the thing itself."""
    own = f"{key.rpartition('_')[0]}_{NAME}"
    for contract in contracts:
        for table in contract.tables:
            column = next((name for name in (NAME, own) if name in table.by_name), None)
            if table.mode != "increment" and column is not None and tuple(table.key) == (key,):
                yield table, column


def _query(table: Table, key: str, column: str) -> sql.Composed:
    return sql.SQL(
        """
        SELECT DISTINCT ON (line.{key}) line.{key}, line.{name} FROM {table} AS line
        WHERE
            line.part_id = ANY(ARRAY(SELECT part_id FROM asof.part_in_force WHERE table_name = %s))
            AND line.{key} = ANY(%s) AND line.{name} <> ''
        ORDER BY line.{key}, line.part_id DESC
        """
    ).format(key=sql.Identifier(key), name=sql.Identifier(column), table=sql.Identifier("report", table.name))
