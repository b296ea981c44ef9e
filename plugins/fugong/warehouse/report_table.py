"""The tables of `report` as the contracts describe them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fugong.contracts.contract import Column, Table

BTREE, BRIN = "btree", "brin"
PAGES_PER_RANGE = 32
"""Pages of 8 KiB of which a large table's index keeps the least and the greatest part."""
SA_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "integer": sa.Integer(),
    "bigint": sa.BigInteger(),
    "date": sa.Date(),
    "boolean": sa.Boolean(),
}


def report_table(table: Table, metadata: sa.MetaData | None = None) -> sa.Table:
    """`report.<table>` in SQLAlchemy's words: the origin of each row, then the contract's columns, retired ones last; and its indexes."""
    shape = sa.Table(
        table.name,
        metadata if metadata is not None else sa.MetaData(),
        sa.Column("part_id", sa.BigInteger(), nullable=False, comment="部分 | The part (intake.part) that brought the row"),
        sa.Column("sheet", sa.Text(), nullable=False, comment="工作表 | Sheet of the file, empty for text files"),
        sa.Column("row_number", sa.BigInteger(), nullable=False, comment="行号 | Line in the file, as the sender sees it"),
        *(
            sa.Column(column.name, sa_type(column), nullable=not not_null(column), comment=column.comment)
            for column in table.all_columns
        ),
        schema="report",
        comment=f"{table.title} | {table.description}",
    )
    indexed = [("part_id",), *([table.key] if table.mode == "increment" else []), *table.indexes]
    for names in dict.fromkeys(indexed):
        ranges: dict[str, Any] = {"postgresql_using": BRIN, "postgresql_with": {"pages_per_range": PAGES_PER_RANGE}}
        is_of_ranges = names == ("part_id",) and table.is_large
        name = f"{table.name}_{'_'.join(names)}"[:63]
        sa.Index(name, *(shape.c[name] for name in names), **(ranges if is_of_ranges else {}))
    return shape


def method_of(index: sa.Index) -> str:
    """The access method of an index as PostgreSQL names it."""
    return str(index.dialect_options["postgresql"]["using"] or BTREE)


def sa_type(column: Column) -> sa.types.TypeEngine[Any]:
    """The SQLAlchemy type of a column."""
    if column.precision is not None:
        return sa.Numeric(column.precision, column.scale)
    return SA_TYPES[column.physical_type]


def not_null(column: Column) -> bool:
    """Whether the column is never null: keys, mandatory columns, and credit codes (`''` where unknown).

    A column may be null if its rule is in shadow (rows that break it are stored), if it is required from some day on (older rows lack
    it), and if it is retired.
    """
    if column.retired:
        return False
    is_required = column.required and not column.shadow and column.required_from is None
    return is_required or column.key_position is not None or column.format == "uscc"


def widens(found: sa.types.TypeEngine[Any], wanted: sa.types.TypeEngine[Any]) -> bool:
    """Whether every value of one type is a value of the other, without loss."""
    match found, wanted:
        case sa.Numeric(), sa.Numeric() if None not in (found.precision, wanted.precision):
            more_decimals = (wanted.scale or 0) - (found.scale or 0)
            return more_decimals >= 0 and (wanted.precision or 0) - (found.precision or 0) >= more_decimals
        case sa.Integer(), sa.BigInteger():
            return True
        case sa.String(), sa.String():
            return wanted.length is None or (found.length is not None and wanted.length >= found.length)
        case _, sa.Text():
            return True
        case _:
            return False
