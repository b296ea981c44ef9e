"""The rows of checks as `mart.check_row` keeps them: the line, the day from which it is visible, and what the check compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import LiteralString

from psycopg import sql

from fugong.marts.execute import as_statement
from fugong.marts.model import Check
from fugong.marts.parameters import with_days

COLUMNS = sql.SQL("check_id, day, row_key, seen_on, department_code, part_id, sheet, row_number, details")
PLACE = ("part_id", "sheet", "row_number", "department_code")


def rows(check: Check, days: Iterable[date]) -> sql.Composed:
    """The SELECT of the rows that break a rule, with the columns of `mart.check_row`.

    Args:
        days: as_of days, business dates or first days of months, by the check's `partition_by`.
    """

    def column(name: str, otherwise: LiteralString) -> sql.Composable:
        return sql.SQL("broken.{}").format(sql.Identifier(name)) if name in check.columns else sql.SQL(otherwise)

    day = sql.SQL("broken.{}").format(sql.Identifier(check.partition_by))
    dates = [day, *(column(name, "NULL::date") for name in ("business_date", "report_date"))]
    has_part = "part_id" in check.columns
    return sql.SQL(
        """
        SELECT
            {id} AS check_id,
            {day} AS day,
            concat_ws(' ', {keys}) AS row_key,
            {seen_on} AS seen_on,
            COALESCE({department}, {department_of_part}) AS department_code,
            {part} AS part_id,
            {sheet} AS sheet,
            {row_number} AS row_number,
            to_jsonb(broken) - {place}::text[] AS details
        FROM ({body}) AS broken {joined}
        """
    ).format(
        id=sql.Literal(check.id),
        day=day,
        keys=sql.SQL(", ").join(column(key, "NULL") for key in check.keys if key != check.partition_by),
        seen_on=day if check.partition_by == "as_of" else sql.SQL("GREATEST({})").format(sql.SQL(", ").join(dates)),
        department=column("department_code", "NULL::text"),
        department_of_part=sql.SQL("settled.department_code" if has_part else "NULL::text"),
        part=column("part_id", "NULL::bigint"),
        sheet=column("sheet", "NULL::text"),
        row_number=column("row_number", "NULL::bigint"),
        place=sql.Literal([check.partition_by, *PLACE]),
        body=as_statement(with_days(check.body, days)),
        joined=sql.SQL("LEFT JOIN intake.part AS settled ON broken.part_id = settled.part_id" if has_part else ""),
    )


def seen(check: Check, as_of: date) -> sql.Composed:
    """The condition that a row of `mart.check_row` is visible as of a day: found for the day itself, or on a line known by then."""
    sign = sql.SQL("=" if check.partition_by == "as_of" else "<=")
    return sql.SQL("check_id = {} AND seen_on {} {}").format(sql.Literal(check.id), sign, sql.Literal(as_of))
