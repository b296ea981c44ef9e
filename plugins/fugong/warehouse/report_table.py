"""The tables of `report` and their views in `asof`, as the contracts describe them."""

from __future__ import annotations

from typing import Any, LiteralString, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

from fugong.contracts.contract import Column, Table
from fugong.core.errors import WarehouseError

SA_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "integer": sa.Integer(),
    "bigint": sa.BigInteger(),
    "date": sa.Date(),
    "boolean": sa.Boolean(),
}


def report_table(table: Table, metadata: sa.MetaData | None = None) -> sa.Table:
    """`report.<table>` as SQLAlchemy sees it: the contract's columns, and where each row came from."""
    return sa.Table(
        table.name,
        metadata if metadata is not None else sa.MetaData(),
        sa.Column("part_id", sa.BigInteger(), nullable=False, comment="部分 | The part (intake.part) that brought the row"),
        sa.Column("sheet", sa.Text(), nullable=False, comment="工作表 | Sheet of the file, empty for text files"),
        sa.Column("row_number", sa.BigInteger(), nullable=False, comment="行号 | Line in the file, as the sender sees it"),
        *(
            sa.Column(column.name, sa_type(column), nullable=not not_null(column), comment=column.comment)
            for column in table.columns
        ),
        schema="report",
        comment=f"{table.title} | {table.description}",
    )


def sa_type(column: Column) -> sa.types.TypeEngine[Any]:
    """The SQLAlchemy type of a column."""
    if column.precision is not None:
        return sa.Numeric(column.precision, column.scale)
    return SA_TYPES[column.physical_type]


def not_null(column: Column) -> bool:
    """Whether the column is never null: keys, mandatory columns, and credit codes (`''` where unknown).

    What a rule in shadow objects to may have to be stored as null.
    """
    return (column.required and not column.shadow) or column.key_position is not None or column.format == "uscc"


def create_report_table(connection: psycopg.Connection, table: Table) -> list[str]:
    """Create `report.<table>` and its view in `asof`, or add the columns that the contract has gained.

    Raises:
        WarehouseError: a column was dropped, retyped or made mandatory in the contract.
    """
    shape = report_table(table)
    dialect = postgresql.dialect()

    def run(statement: sa.sql.ddl.ExecutableDDLElement) -> None:
        connection.execute(cast(LiteralString, str(statement.compile(dialect=dialect))))

    found: dict[str, str] = dict(
        connection.execute(
            """
            SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
            """,
            (f"report.{table.name}",),
        ).fetchall()
    )
    changes: list[str] = []
    wanted = {column.name: column.type.compile(dialect=dialect).lower().replace(", ", ",") for column in shape.columns}
    if not found:
        run(CreateTable(shape))
        changes.append(f"created report.{table.name}")
    else:
        gone = sorted(found.keys() - wanted.keys())
        retyped = [f"{name} ({found[name]} → {wanted[name]})" for name in wanted if found.get(name, wanted[name]) != wanted[name]]
        if gone or retyped:
            raise WarehouseError(
                f"report.{table.name}: the contract dropped or retyped {', '.join(gone + retyped)}. "
                "Loaded rows are kept for ever, so only new columns can be added: give the changed column a new name."
            )
        for name in [name for name in wanted if name not in found]:
            connection.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(
                    sql.Identifier("report", table.name), sql.Identifier(name), sql.SQL(cast(LiteralString, wanted[name]))
                )
            )
            changes.append(f"added report.{table.name}.{name}")
        loosened = connection.execute(
            """
            SELECT attname FROM pg_attribute
            WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attnotnull AND attname = ANY(%s)
            """,
            (f"report.{table.name}", [column.name for column in table.columns if not not_null(column)]),
        ).fetchall()
        for (name,) in loosened:
            connection.execute(
                sql.SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL").format(
                    sql.Identifier("report", table.name), sql.Identifier(name)
                )
            )
            changes.append(f"report.{table.name}.{name} may be empty")
    if changes:
        run(SetTableComment(shape))
        for column in shape.columns:
            run(SetColumnComment(column))
    indexed = [("part_id",), *([table.key] if table.mode == "increment" else []), *table.indexes]
    for columns in dict.fromkeys(indexed):
        connection.execute(
            sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(
                sql.Identifier(f"{table.name}_{'_'.join(columns)}"[:63]),
                sql.Identifier("report", table.name),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
            )
        )
    create_asof_view(connection, table)
    return changes


def create_asof_view(connection: psycopg.Connection, table: Table) -> None:
    """`asof.<table>`: the rows that count at `fugong.known_at`."""
    view = sql.Identifier("asof", table.name)
    columns = ["report_date", "unit", "department_code"]
    # A view takes new columns at its end only, so it follows the table, which gained them in that order, too.
    lines = connection.execute(
        """
        SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
            AND attname NOT IN ('part_id', 'sheet', 'row_number')
        ORDER BY attnum
        """,
        (f"report.{table.name}",),
    ).fetchall()
    connection.execute(
        sql.SQL(
            """
            CREATE OR REPLACE VIEW {view} AS
            WITH effective AS MATERIALIZED (
                SELECT part_id, report_date, unit, department_code FROM asof.part WHERE table_name = {name}
            )
            SELECT line.part_id, line.sheet, line.row_number, {parts}, {columns}
            FROM report.{table} AS line
            INNER JOIN effective ON line.part_id = effective.part_id
            """
        ).format(
            view=view,
            name=sql.Literal(table.name),
            parts=sql.SQL(", ").join(sql.Identifier("effective", name) for name in columns),
            columns=sql.SQL(", ").join(sql.Identifier("line", name) for (name,) in lines),
            table=sql.Identifier(table.name),
        )
    )
    comments = {column.name: column.comment for column in report_table(table).columns} | {
        "report_date": "统计日 | Report date",
        "unit": "填报单位 | Who the part speaks for: the sender, or e.g. a bank",
        "department_code": "报送部门 | Department that sent it",
    }
    connection.execute(
        sql.SQL("COMMENT ON VIEW {} IS {}").format(
            view, sql.Literal(f"{table.title}(有效行)| {table.description} The rows that count.")
        )
    )
    for name, comment in comments.items():
        connection.execute(
            sql.SQL("COMMENT ON COLUMN {} IS {}").format(sql.Identifier("asof", table.name, name), sql.Literal(comment))
        )
