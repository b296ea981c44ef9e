"""What analysts see of a mart: the table `open.<mart>`, which holds protected rows alone.

A build writes it in the same transaction as the mart. `protected` says what is hidden and rounded, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.time import month_of
from fugong.marts.firms_behind import ALL
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.open_cells import SMALL_CELL, keys_of, value_columns
from fugong.marts.open_rows import protections

SUPPRESSED = Bilingual("是否有数值被隐去", "Whether values are hidden, because of few firms or to protect such values")
ENTERPRISES = Bilingual("企业数", "Firms in this cell; not to be added up")


def is_protected(mart: Mart) -> bool:
    """Whether firms stand behind an open mart, so that values may be hidden."""
    return bool(mart.suppression or mart.public_rollup)


def columns(mart: Mart) -> dict[str, Bilingual]:
    """The columns of a mart's open table, with their comments."""
    names = (*keys_of(mart), *value_columns(mart), *mart.rates)
    order = ["n_enterprises", *mart.columns] if mart.public_rollup else list(mart.columns)
    meanings = {"n_enterprises": ENTERPRISES, **mart.columns} if mart.public_rollup else mart.columns
    ordered = [*keys_of(mart), *(name for name in order if name in names and name not in keys_of(mart))]
    named: dict[str, Bilingual] = {}
    for name in ordered:
        named[name] = meanings[name]
        if name in mart.names:
            named[f"{name}_name"] = Bilingual(f"{meanings[name].zh}（名称）", f"{meanings[name].en}: its name")
    return named | ({"is_suppressed": SUPPRESSED} if is_protected(mart) else {})


def grain(mart: Mart) -> str:
    """What a row of the open table stands for."""
    return f"one row per {', '.join(mart.public_rollup.keys)}" if mart.public_rollup else mart.grain


def create(connection: psycopg.Connection, mart: Mart, types: Mapping[str, str]) -> bool:
    """Create the table where it is not there or has other columns. A mart that is not open loses its table.

    Args:
        types: of the mart's columns.

    Returns:
        Whether the table is new and has to be filled.
    """
    table = sql.Identifier("open", mart.name)
    wanted = {name: _type(mart, name, types) for name in columns(mart)} if mart.is_open else {}
    attributes = connection.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod), relkind = 'v' FROM pg_attribute
        INNER JOIN pg_class ON pg_class.oid = attrelid
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """,
        (f"open.{mart.name}",),
    ).fetchall()
    is_view = any(kind for *_, kind in attributes)
    if not is_view and {name: kind for name, kind, _ in attributes} == wanted:
        return False
    # Warehouses made before there were tables have views.
    connection.execute(sql.SQL("DROP VIEW {}" if is_view else "DROP TABLE IF EXISTS {}").format(table))
    if not wanted:
        return False
    listed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))  # pyright: ignore[reportArgumentType]
        for name, kind in wanted.items()
    )
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, listed))
    connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.Identifier(mart.partition_by)))
    about = f"{grain(mart)}. Values of fewer than {SMALL_CELL} firms are hidden"
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(f"汇总 | {about}")))
    for name, meaning in columns(mart).items():
        column = sql.Identifier("open", mart.name, name)
        connection.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, sql.Literal(str(meaning))))
    return True


def refresh(connection: psycopg.Connection, files: SqlFiles, mart: Mart, days: Iterable[date], last_day: date) -> None:
    """Write the open rows of the months of some days, and of all later months of a stock.

    What a month hides depends on what the month before hid.
    """
    table, source, day = sql.Identifier("open", mart.name), sql.Identifier("mart", mart.name), sql.Identifier(mart.partition_by)
    if not is_protected(mart):
        names = sql.SQL(", ").join(map(sql.Identifier, columns(mart)))
        wanted = sorted(days)
        connection.execute(sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(table, day), (wanted,))
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {} = ANY(%s)").format(table, names, names, source, day),
            (wanted,),
        )
        return
    touched = {month_of(each) for each in days}
    there, shown = (_months(connection, relation, day) for relation in (source, table))
    # a month of flows is not shown before it has ended
    months = {
        month
        for month in there
        if month in touched
        or month not in shown
        or (mart.partition_by == "as_of" and any(month > earlier for earlier in touched))
    }
    if not months | touched:
        return
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE date_trunc('month', {})::date = ANY(%s)").format(table, day), (sorted(months | touched),)
    )
    names = list(columns(mart))
    protected = list(rows(connection, files, mart, source, months, last_day=last_day))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, sql.SQL(", ").join(map(sql.Identifier, names)))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in protected:
            copy.write_row(row)


def rows(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    months: Iterable[date],
    *,
    last_day: date,
    known_at: datetime | None = None,
) -> Iterator[tuple[Any, ...]]:
    """The protected rows of some months, with the columns of `columns`, in the order of their keys."""
    keys = keys_of(mart)
    names = {f"{key}_name": (keys.index(key), _names(connection, places)) for key, places in mart.names.items()}
    shown = [name for name in columns(mart) if name != "is_suppressed"]
    for protection in protections(connection, files, mart, table, months, last_day=last_day, known_at=known_at):
        for key in sorted(protection.rows, key=str):
            row = protection.rows[key]
            values = [
                names[name][1].get(key[names[name][0]])
                if name in names
                else row[name]
                if name in keys
                else protection.shown(key, name)
                for name in shown
            ]
            is_suppressed = any(row.get(name) is not None and protection.is_hidden(key, name) for name in value_columns(mart))
            yield (*values, is_suppressed)


def _names(connection: psycopg.Connection, places: Iterable[str]) -> dict[str, str]:
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


def _months(connection: psycopg.Connection, relation: sql.Identifier, day: sql.Identifier) -> set[date]:
    statement = sql.SQL("SELECT DISTINCT date_trunc('month', {})::date FROM {}").format(day, relation)
    return {month for (month,) in connection.execute(statement).fetchall()}


def _type(mart: Mart, name: str, types: Mapping[str, str]) -> str:
    if name == "is_suppressed":
        return "boolean"
    if name.removesuffix("_name") in mart.names and name not in types:
        return "text"
    if name == "n_enterprises" and mart.public_rollup:
        return "bigint"
    return "numeric" if name in mart.rounded or name in mart.rates else types[name]
