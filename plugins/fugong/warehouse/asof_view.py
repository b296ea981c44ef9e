"""The views of `asof`: of each report table the rows that are effective at `fugong.known_at`."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
import sqlalchemy as sa
from psycopg import sql

from fugong.contracts.contract import Contracts, Table
from fugong.warehouse.engine import driver

ORIGIN = ("part_id", "sheet", "row_number")
OF_PART = {
    "report_date": "统计日 | Report date",
    "unit": "填报单位 | Who the part speaks for: the sender, or e.g. a bank",
    "department_code": "报送部门 | Department that sent it",
}
"""Columns of the part, and their comments."""


def create_asof_views(connection: sa.Connection, contracts: Contracts) -> None:
    """Create or replace `asof.<table>` of every report table, with all columns that the table has in the warehouse."""
    columns = sa.inspect(connection).get_multi_columns("report")
    for table in contracts.tables.values():
        found = columns["report", table.name]
        names = [column["name"] for column in found if column["name"] not in ORIGIN]
        comments = {column["name"]: column.get("comment") or f"{column['name']} | {column['name']}" for column in found}
        _create(driver(connection), table, names)
        _comment(driver(connection), table, comments | OF_PART)


def _create(connection: psycopg.Connection, table: Table, names: Iterable[str]) -> None:
    view = sql.Identifier("asof", table.name)
    # A view takes new columns at its end only. It follows the table, which has them at its end, too.
    create = sql.SQL(
        """
        CREATE OR REPLACE VIEW {view} AS
        WITH effective AS MATERIALIZED (
            SELECT part_id, report_date, unit, department_code FROM asof.part WHERE table_name = {name}
        )
        SELECT {origin}, {parts}, {columns}
        FROM report.{table} AS line
        INNER JOIN effective ON line.part_id = effective.part_id
        """
    ).format(
        view=view,
        name=sql.Literal(table.name),
        origin=sql.SQL(", ").join(sql.Identifier("line", name) for name in ORIGIN),
        parts=sql.SQL(", ").join(sql.Identifier("effective", name) for name in OF_PART),
        columns=sql.SQL(", ").join(sql.Identifier("line", name) for name in names),
        table=sql.Identifier(table.name),
    )
    try:
        with connection.transaction():
            connection.execute(create)
    except psycopg.errors.InvalidTableDefinition:  # other columns; `init` creates the views above it again
        connection.execute(sql.SQL("DROP VIEW {} CASCADE").format(view))
        connection.execute(create)


def _comment(connection: psycopg.Connection, table: Table, comments: dict[str, str]) -> None:
    view = sql.Identifier("asof", table.name)
    about = f"{table.title}(有效行)| {table.description} The rows that count."
    statements = [sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(about))]
    statements += [
        sql.SQL("COMMENT ON COLUMN {} IS {}").format(sql.Identifier("asof", table.name, name), sql.Literal(comment))
        for name, comment in comments.items()
    ]
    connection.execute(sql.SQL("; ").join(statements))
