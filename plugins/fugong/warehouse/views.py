"""Views, functions and comments of the engine's own tables. Derived: every `init` brings them up to date after the migrations."""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql

from fugong.warehouse.engine import driver
from fugong.warehouse.shape import type_name

SQL = Path(__file__).parent / "sql"
SCHEMAS_OF_VIEWS = ("sent", "open", "mart", "fact", "asof", "ref")
SCHEMAS_OF_FUNCTIONS = ("intake", "ref", "asof")


def create_views(connection: sa.Connection) -> None:
    """Create or replace every view and function of `sql/views`.

    PostgreSQL refuses to replace a view whose columns change, or a function whose result does. Then all views and functions are
    dropped and created anew, and so are the views of `asof`, `fact` and `open` that `init` creates after these.
    """
    raw = driver(connection)
    try:
        with raw.transaction():
            _run(raw, SQL / "views")
    except (psycopg.errors.InvalidTableDefinition, psycopg.errors.InvalidFunctionDefinition):
        drop_views(connection)
        drop_functions(raw)
        _run(raw, SQL / "views")


def create_comments(connection: sa.Connection) -> None:
    """Comment every table and column of `intake`, `audit` and `ref` as the files of `sql/comments` say."""
    _run(driver(connection), SQL / "comments")


def drop_views(connection: sa.Connection) -> None:
    """Drop every view, so that a migration may change any column. `init` creates them again."""
    for schema in SCHEMAS_OF_VIEWS:
        for view in sa.inspect(connection).get_view_names(schema):
            driver(connection).execute(sql.SQL("DROP VIEW IF EXISTS {} CASCADE").format(sql.Identifier(schema, view)))


def drop_functions(raw: psycopg.Connection) -> None:
    """Drop every function of the engine's schemas, with what depends on it."""
    found = raw.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace::regnamespace::text = ANY(%s)", ([*SCHEMAS_OF_FUNCTIONS],)
    ).fetchall()
    for (function,) in found:
        raw.execute(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(sql.SQL(cast(LiteralString, function))))


def view_columns(connection: sa.Connection) -> dict[str, tuple[str, ...]]:
    """Every view of `asof`, `ref` and `fact`, and its columns with their types."""
    inspector = sa.inspect(connection)
    return {
        f"{schema}.{view}": tuple(f"{column['name']} {type_name(column['type'])}" for column in columns)
        for schema in ("ref", "asof", "fact")
        for (_, view), columns in inspector.get_multi_columns(schema, kind=sa.engine.reflection.ObjectKind.VIEW).items()
    }


def foreign_views(raw: psycopg.Connection) -> dict[str, str]:
    """Views that are not ours, and may read ours: name → the statement that creates them."""
    rows = raw.execute(
        """
        SELECT
            format('%%I.%%I', nspname, relname),
            CASE relkind WHEN 'm' THEN 'CREATE MATERIALIZED VIEW' ELSE 'CREATE VIEW' END,
            regexp_replace(btrim(pg_get_viewdef(pg_class.oid)), '\\n\\s*', ' ', 'g')
        FROM pg_class INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('v', 'm') AND nspname <> ALL(%s) AND nspname !~ '^(pg_|information_schema$)'
        ORDER BY 1
        """,
        ([name for name in SCHEMAS_OF_VIEWS if name != "mart"],),  # beside ours, `mart` may hold views of analysts
    ).fetchall()
    return {name: f"{create} {name} AS {select}" for name, create, select in rows}


def _run(raw: psycopg.Connection, folder: Path) -> None:
    for file in sorted(folder.glob("*.sql")):
        raw.execute(cast(LiteralString, file.read_text(encoding="utf-8")))
