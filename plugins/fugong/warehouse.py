"""The warehouse: its address, its connections, and bringing it to the shape that SQL files and contracts describe."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

from fugong import definition, embedded, marts, roles
from fugong.contract import Column, Contracts, Table, load_contracts
from fugong.rule import ContractFault
from fugong.settings import Settings

SCHEMAS = ("intake", "report", "ref", "asof", "fact", "mart", "open", "audit")
OLDEST_SERVER = 16
INIT_LOCK = 7_236_001
SA_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "integer": sa.Integer(),
    "bigint": sa.BigInteger(),
    "date": sa.Date(),
    "boolean": sa.Boolean(),
}


class WarehouseFault(Exception):
    """The warehouse is not there, too old, or not ours. The sentence says what to do."""


def address(settings: Settings) -> str:
    """The owner's URL: `FUGONG_WAREHOUSE`, or the embedded server's, which is started if it is not running.

    Raises:
        WarehouseFault: there is no embedded warehouse here yet.
    """
    if settings.warehouse_url:
        return settings.warehouse_url
    if not embedded.exists(settings.home):
        raise WarehouseFault(
            f"{settings.home}: 这里还没有仓库。请先运行 fugong init。 | No warehouse here yet: run `fugong init` first."
        )
    return embedded.start(settings.home, create=False)


def address_of(settings: Settings, role: str) -> str:
    """The URL for a role (`analyst`, `fugong_analyst`, …). On a server of your own it holds no password: its administrator gives one.

    Raises:
        LookupError: there is no such role; the message lists them.
    """
    name = roles.full_name(role)
    if name == "fugong_owner":
        return address(settings)
    if settings.warehouse_url:
        url = sa.make_url(settings.warehouse_url).set(username=name, password=None)
        return url.render_as_string(hide_password=False)
    address(settings)
    return embedded.url(settings.home, name)


@contextmanager
def connect(settings: Settings, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection as the owner; commits at the end of the block, rolls back when it raises."""
    with psycopg.connect(address(settings), autocommit=autocommit, application_name="fugong") as connection:
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        if not autocommit:
            connection.commit()
        yield connection


def init(settings: Settings) -> list[str]:
    """Create or upgrade the warehouse; safe to run again and at the same time.

    Returns:
        What was changed, one line each.

    Raises:
        WarehouseFault: the server is too old, or a contract changed in a way that is not additive.
    """
    if not settings.warehouse_url:
        embedded.start(settings.home)
    contracts = load_contracts(settings.include / "contracts")
    with connect(settings) as connection:
        if connection.info.server_version < OLDEST_SERVER * 10_000:
            raise WarehouseFault(
                f"The warehouse runs PostgreSQL {connection.info.server_version // 10_000}; "
                f"Fugong needs {OLDEST_SERVER} or later."
            )
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (INIT_LOCK,))
        for schema in SCHEMAS:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        for file in sql_files(settings.include / "sql" / "intake"):
            run_file(connection, file)
        changes = [change for table in contracts.tables.values() for change in create_report_table(connection, table)]
        changes += load_reference(connection, settings.include / "reference")
        fill_report_due(connection, contracts)
        changes += marts.create_facts(connection, settings.include)
        changes += marts.create_marts(connection, settings.include)
        changes += definition.check_definitions(connection, settings.include)
        roles.create(connection, settings)
    for folder in (settings.outbox, settings.archive, settings.spool):
        folder.mkdir(parents=True, exist_ok=True)
    for department in sorted({sender for contract in contracts for sender in contract.senders}):
        (settings.inbox / department).mkdir(parents=True, exist_ok=True)
    return changes


def sql_files(folder: Path) -> Sequence[Path]:
    """The SQL files of a folder by name.

    Raises:
        ContractFault: there are none.
    """
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise ContractFault(f"{folder}: no SQL files here")
    return files


def run_file(connection: psycopg.Connection, file: Path) -> None:
    """Run all statements of a file of ours."""
    connection.execute(cast(LiteralString, file.read_text(encoding="utf-8")))


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
    """Whether the column is never null: keys, mandatory columns, and credit codes (`''` where unknown)."""
    return column.required or column.key_position is not None or column.format == "uscc"


def create_report_table(connection: psycopg.Connection, table: Table) -> list[str]:
    """Create `report.<table>` and its view in `asof`, or add the columns that the contract has gained.

    Raises:
        WarehouseFault: a column was dropped, retyped or made mandatory in the contract.
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
            raise WarehouseFault(
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


def load_reference(connection: psycopg.Connection, folder: Path) -> list[str]:
    """Bring every `ref` table that has a CSV of its name to the CSV's content; a change makes every day stale.

    Raises:
        ContractFault: a CSV has no table in `ref`, or other columns than it.
    """
    changes: list[str] = []
    for file in sorted(folder.glob("*.csv")):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        known = connection.execute("SELECT sha256 FROM audit.reference_version WHERE name = %s", (file.stem,)).fetchone()
        if known == (digest,):
            continue
        with file.open(encoding="utf-8", newline="") as lines:
            header = next(csv.reader(lines))
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"ref.{file.stem}",)).fetchone()
        if there != (True,):
            raise ContractFault(f"include/reference/{file.name}: no table ref.{file.stem} in include/sql/intake")
        table = sql.Identifier("ref", file.stem)
        connection.execute(sql.SQL("DELETE FROM {}").format(table))
        columns = sql.SQL(", ").join(map(sql.Identifier, header))
        statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')").format(table, columns)
        with connection.cursor().copy(statement) as copy:
            copy.write(file.read_bytes())
        connection.execute(
            """
            INSERT INTO audit.reference_version VALUES (%s, %s, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, loaded_at = excluded.loaded_at
            """,
            (file.stem, digest),
        )
        if known:
            marts.mark_all_stale(connection, f"ref.{file.stem}")
        changes.append(f"loaded ref.{file.stem}")
    return changes


def fill_report_due(connection: psycopg.Connection, contracts: Contracts) -> None:
    """`ref.report_due`: what the contracts say about who sends what by when. Rows that say so already stay."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE wanted_due (LIKE ref.report_due INCLUDING DEFAULTS) ON COMMIT DROP")
        cursor.executemany(
            """
            INSERT INTO wanted_due
            (report, report_name, department_code, sender_rank, cadence, due_days, due_time, due_weekday)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    contract.id,
                    contract.name,
                    sender,
                    rank,
                    contract.due.cadence,
                    contract.due.days,
                    contract.due.time,
                    contract.due.weekday,
                )
                for contract in contracts
                for rank, sender in enumerate(contract.senders, start=1)
            ],
        )
        same = "to_jsonb(wanted) - 'recorded_at' = to_jsonb(due) - 'recorded_at'"
        cursor.execute(f"DELETE FROM ref.report_due AS due WHERE NOT EXISTS (SELECT FROM wanted_due AS wanted WHERE {same})")
        cursor.execute(
            "INSERT INTO ref.report_due SELECT * FROM wanted_due AS wanted "
            f"WHERE NOT EXISTS (SELECT FROM ref.report_due AS due WHERE {same})"
        )
