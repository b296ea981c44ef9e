"""The shape of what analysts see of a mart: the columns of the table `open.<mart>`. `open_rows` fills it."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.marts.model import Mart
from fugong.marts.open_cells import SMALL_CELL, keys_of, value_columns

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


def _type(mart: Mart, name: str, types: Mapping[str, str]) -> str:
    if name == "is_suppressed":
        return "boolean"
    if name.removesuffix("_name") in mart.names and name not in types:
        return "text"
    if name == "n_enterprises" and mart.public_rollup:
        return "bigint"
    return "numeric" if name in mart.rounded or name in mart.rates else types[name]
