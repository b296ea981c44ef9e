"""Creates fact views, mart tables, views for analysts and their comments from the SQL files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, WarehouseOlder
from fugong.core.paths import where
from fugong.marts import open_table
from fugong.marts.execute import as_statement, configuration_fault, run
from fugong.marts.model import Daily, Fact, Mart, SqlFile, SqlFiles
from fugong.marts.parameters import with_days
from fugong.marts.sql_files import load_sound_sql_files, load_sql_files, without
from fugong.marts.staleness import mark_all_stale

KEPT: Mapping[str, tuple[LiteralString, str, Mapping[str, str]]] = {
    "kept_base": (
        "mart text NOT NULL, month date NOT NULL, series text NOT NULL, base double precision, PRIMARY KEY (mart, month, series)",
        "更正后的取整单位 | How coarsely series of open marts are shown after corrections of few firms",
        {
            "mart": "汇总 | Mart",
            "month": "月份 | First day of the month",
            "series": "序列 | Keys without the day, and the column",
            "base": "取整单位 | What the series is rounded to at least; empty where it is hidden",
        },
    ),
    "firms_behind": (
        "mart text NOT NULL, form text NOT NULL, day date NOT NULL, members jsonb, n_firms integer, levels jsonb, changes jsonb",
        "各格背后的企业 | The firms behind the cells of stocks, which decide what analysts see",
        {
            "mart": "汇总 | Mart",
            "form": "计数方式 | Digest of how they are counted",
            "day": "截至 | The day",
            "members": "成员 | Keys without the day; empty where nobody stands behind the day",
            "n_firms": "企业数 | Firms; empty where they were there on the day before alone",
            "levels": "金额 | Per column: firms with an amount, the greatest, the sum, the second greatest",
            "changes": "较前一日变动 | Per column the same of what moved since the day before",
        },
    ),
}
"""Columns, meaning and comments of tables that a build keeps what it has found in."""


def refuse_older(connection: psycopg.Connection) -> None:
    """See that `fugong init` has run since the program was upgraded: no migration makes these tables.

    Raises:
        WarehouseOlder: one of them is not there.
    """
    names = [f"mart.{name}" for name in KEPT]
    rows = connection.execute("SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL", (names,)).fetchall()
    if rows:
        there = ", ".join(name for (name,) in rows)
        raise WarehouseOlder(
            f"仓库比程序旧,缺 {there}:请先运行 fugong init | the warehouse is older than the program, {there} is missing: "
            "run `fugong init` first"
        )


def create_facts(connection: psycopg.Connection, include: Path) -> list[str]:
    """Create or replace every fact view, in the order in which they read each other.

    Returns:
        The views whose columns changed.

    Raises:
        ConfigurationError: a SELECT does not run, or a column has no comment.
    """
    changes: list[str] = []
    for fact in load_sql_files(include / "sql").facts:
        view = sql.Identifier("fact", fact.name)
        create = sql.SQL("CREATE OR REPLACE VIEW {} AS {}").format(view, as_statement(fact.body))
        before = _columns_of(connection, fact.relation)
        try:
            with connection.transaction():
                connection.execute(create)
        except psycopg.errors.InvalidTableDefinition:  # other columns; the views that read it come later in the loop
            connection.execute(sql.SQL("DROP VIEW {} CASCADE").format(view))
            run(connection, fact, create)
        except psycopg.Error as error:
            raise configuration_fault(fact, error) from error
        after = _columns_of(connection, fact.relation)
        if before != after:
            changes.append(f"{'changed' if before else 'created'} {fact.relation}")
        _comment(connection, fact, "VIEW", Bilingual("明细", fact.grain), after)
    return changes


def create_marts(connection: psycopg.Connection, include: Path) -> list[str]:
    """Create the table of every mart with the columns of its SELECT, and the view for analysts; check that every check runs.

    A changed SELECT makes all days of the mart or check stale. Changed columns create the table anew. Tables of marts whose file is gone stay.

    Returns:
        The marts and checks that were created or changed.

    Raises:
        ConfigurationError: a SELECT does not run, or a column has no comment.
    """
    files = load_sql_files(include / "sql")
    changes: list[str] = []
    _create_kept(connection)
    connection.execute("DELETE FROM audit.mart_version WHERE mart <> ALL(%s)", ([file.name for file in files.daily],))
    for mart in files.marts:
        wanted = _columns_of_select(connection, mart)
        found = _columns_of(connection, mart.relation)
        if found != wanted:
            _make_table(connection, mart)
        changes += _note_version(connection, files, mart, is_new=found != wanted)
        title = Bilingual(
            mart.title.zh,
            f"{mart.title.en}: {mart.grain}. Serves {mart.serves or '-'}. Holds what is known now; fugong.known_at does not move it",
        )
        _comment(connection, mart, "TABLE", title, wanted)
        if open_table.create(connection, mart, wanted) and found == wanted:
            mark_all_stale(connection, mart.relation)
    return changes + _create_checks(connection, files)


def _create_kept(connection: psycopg.Connection) -> None:
    """Create the tables of `kept_bases` and `kept_firms`, which the SELECT of no mart fills."""
    for name, (columns, about, said) in KEPT.items():
        table = sql.Identifier("mart", name)
        connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(table, sql.SQL(columns)))
        connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(about)))
        for column, text in said.items():
            connection.execute(
                sql.SQL("COMMENT ON COLUMN {} IS {}").format(sql.Identifier("mart", name, column), sql.Literal(text))
            )
    connection.execute("CREATE INDEX IF NOT EXISTS firms_behind_mart_day ON mart.firms_behind (mart, day)")


def _create_checks(connection: psycopg.Connection, files: SqlFiles) -> list[str]:
    """Check that the SELECT of every check runs, and delete the rows of checks whose file is gone."""
    changes: list[str] = []
    for check in files.checks:
        _refuse_other_columns(check, _columns_of_select(connection, check))
        changes += _note_version(connection, files, check)
    connection.execute("DELETE FROM mart.check_row WHERE check_id <> ALL(%s)", ([check.id for check in files.checks],))
    return changes


def _note_version(connection: psycopg.Connection, files: SqlFiles, file: Daily, *, is_new: bool = False) -> list[str]:
    known = connection.execute("SELECT hash FROM audit.mart_version WHERE mart = %s", (file.name,)).fetchone()
    version = files.hash_of(file)
    if known == (version,) and not is_new:
        return []
    connection.execute(
        """
        INSERT INTO audit.mart_version (mart, hash, made_at) VALUES (%s, %s, clock_timestamp())
        ON CONFLICT (mart) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at
        """,
        (file.name, version),
    )
    mark_all_stale(connection, file.relation)
    return [f"{'changed' if known else 'created'} {file.relation}"]


def _make_table(connection: psycopg.Connection, mart: Mart) -> None:
    table = sql.Identifier("mart", mart.name)
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(table))
    run(connection, mart, sql.SQL("CREATE TABLE {} AS {} WITH NO DATA").format(table, as_statement(with_days(mart.body, ()))))
    connection.execute("DELETE FROM audit.mart_day WHERE mart = %s", (mart.name,))
    keys = sql.SQL(", ").join(map(sql.Identifier, mart.keys))
    run(connection, mart, sql.SQL("CREATE UNIQUE INDEX ON {} ({}) NULLS NOT DISTINCT").format(table, keys))
    if mart.keys[0] != mart.partition_by:
        connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.Identifier(mart.partition_by)))


def sound_files(connection: psycopg.Connection, include: Path) -> SqlFiles:
    """The SQL files that can be used and are those by which the warehouse was made; the others are `faulty`."""
    files = load_sound_sql_files(include / "sql")
    known = dict(connection.execute("SELECT mart, hash FROM audit.mart_version").fetchall())
    changed = {
        file.relation: ConfigurationError(
            f"{where(file.file)}: {file.relation}, or a fact below it, changed since the warehouse was made: run `fugong init`"
        )
        for file in files.daily
        if known.get(file.name) != files.hash_of(file)
    }
    there = {file.name for file in files.daily} | {relation.partition(".")[2] for relation in files.faulty}
    gone = {
        f"{'mart' if exists else 'check'}.{name}": ConfigurationError(
            f"{where(files.folder)}: the file of {name} is gone since the last `fugong init`"
        )
        for name, exists in ((name, _columns_of(connection, f"mart.{name}")) for name in known if name not in there)
    }
    return without(files, changed | gone)


def _columns_of(connection: psycopg.Connection, relation: str) -> dict[str, str]:
    rows = connection.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """,
        (relation,),
    ).fetchall()
    return dict(rows)


def _columns_of_select(connection: psycopg.Connection, mart: Daily) -> dict[str, str]:
    with connection.transaction(force_rollback=True):
        select = as_statement(with_days(mart.body, ()))
        run(connection, mart, sql.SQL("CREATE TEMP TABLE columns_of_select AS {} WITH NO DATA").format(select))
        columns = _columns_of(connection, "pg_temp.columns_of_select")
    sums = mart.sums if isinstance(mart, Mart) else ()
    missing = [key for key in (*mart.keys, *sums) if key not in columns]
    if missing:
        raise mart.head.fault(
            ("columns", missing[0]), f"the SELECT has no column {', '.join(missing)}. It has: {', '.join(columns)}"
        )
    if columns[mart.partition_by] != "date":
        raise mart.head.fault(
            ("partition_by",), f"the column {mart.partition_by} should be a date, it is of type {columns[mart.partition_by]}"
        )
    return columns


def _comment(
    connection: psycopg.Connection, file: Fact | Mart, kind: LiteralString, title: Bilingual, columns: Mapping[str, str]
) -> None:
    _refuse_other_columns(file, columns)
    schema = "fact" if isinstance(file, Fact) else "mart"
    _comment_on(connection, sql.SQL(kind + " {}").format(sql.Identifier(schema, file.name)), str(title))
    for column in columns:
        _comment_on(connection, sql.SQL("COLUMN {}").format(sql.Identifier(schema, file.name, column)), str(file.columns[column]))


def _refuse_other_columns(file: SqlFile, columns: Iterable[str]) -> None:
    """Compare the columns of a SELECT with those that its head explains.

    Raises:
        ConfigurationError: they differ.
    """
    there = list(columns)
    without = [column for column in there if column not in file.columns]
    if without:
        raise file.head.fault(("columns",), f"`columns` lacks {', '.join(without)}")
    unknown = [column for column in file.columns if column not in there]
    if unknown:
        raise file.head.fault(
            ("columns", unknown[0]), f"the SELECT has no column {', '.join(unknown)}. It has: {', '.join(there)}"
        )


def _comment_on(connection: psycopg.Connection, what: sql.Composable, comment: str) -> None:
    connection.execute(sql.SQL("COMMENT ON {} IS {}").format(what, sql.Literal(comment)))
