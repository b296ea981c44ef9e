"""What codes stand for: the names in reference tables that the heads of marts point to (`names`)."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from fugong.marts.firms_behind import ALL


def names_of(connection: psycopg.Connection, places: Iterable[str]) -> dict[str, str]:
    """The names of the codes of some reference tables, and that of all members."""
    found = {ALL: "全部"}
    for place in places:
        schema, table, code, name = place.split(".")
        statement = sql.SQL("SELECT {}, {} FROM {}").format(
            sql.Identifier(code), sql.Identifier(name), sql.Identifier(schema, table)
        )
        for each, text in connection.execute(statement).fetchall():
            found.setdefault(each, text)
    return found
