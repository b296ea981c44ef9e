"""Years of history without years of files: the days of the sample district, copied in the warehouse to the days before."""

from __future__ import annotations

from datetime import date

import psycopg
from psycopg import sql

from fugong.contracts.contract import Table


def grow(connection: psycopg.Connection, table: Table, days: int, before: date, copies: int = 1) -> int:
    """Give a report table a part for each of the days before one, made of its largest part of each unit.

    Args:
        copies: of every row, each under a key of its own.

    Returns:
        The rows written.
    """
    report = sql.Identifier("report", table.name)
    connection.execute(
        """
        CREATE TEMP TABLE template ON COMMIT DROP AS
        SELECT DISTINCT ON (unit) part.* FROM asof.part AS part
        WHERE table_name = %s AND kind = 'data' AND rows_accepted > 0 ORDER BY unit, rows_accepted DESC, report_date
        """,
        (table.name,),
    )
    connection.execute(
        """
        CREATE TEMP TABLE grown ON COMMIT DROP AS
        WITH wanted AS (
            SELECT template.*, %(before)s::date - number AS day FROM template CROSS JOIN generate_series(1, %(days)s) AS number
        ),
        submission AS (
            INSERT INTO intake.submission (
                arrival_id, department_code, report, report_date, file_name, sha256, byte_size, state, received_at, settled_at,
                replied_at, is_history, rows_read, rows_accepted
            )
            SELECT
                format('grown:%%s:%%s:%%s', table_name, unit, day), department_code, table_name, day, format('%%s %%s.csv', table_name, day),
                md5(table_name || unit || day), 1, 'accepted', day + interval '33 hours', day + interval '33 hours', now(), true,
                rows_accepted * %(copies)s, rows_accepted * %(copies)s
            FROM wanted
            RETURNING submission_id, arrival_id
        ),
        part AS (
            INSERT INTO intake.part (
                submission_id, department_code, table_name, sheet, unit, report_date, mode, business_from, business_to, settled_serial,
                received_at, settled_at, rows_read, rows_accepted
            )
            SELECT
                submission.submission_id, department_code, table_name, sheet, unit, day, mode, business_from + (day - report_date),
                business_to + (day - report_date), settled_serial, day + interval '33 hours', day + interval '33 hours',
                rows_accepted * %(copies)s, rows_accepted * %(copies)s
            FROM wanted
            INNER JOIN submission ON submission.arrival_id = format('grown:%%s:%%s:%%s', table_name, unit, day)
            RETURNING part_id, unit, report_date
        )
        SELECT part.part_id, template.part_id AS template_id, part.report_date - template.report_date AS shift, part.report_date
        FROM part
        INNER JOIN template ON part.unit = template.unit
        """,
        {"before": before, "days": days, "copies": copies, "table": table.name},
    )

    def value(name: str) -> sql.Composable:
        column = table.by_name[name]
        cell = sql.Identifier("line", name)
        if column.physical_type == "date":
            return sql.SQL("{} + grown.shift").format(cell)
        if column.format == "month":
            return sql.SQL("to_char(to_date({}, 'YYYY-MM') + grown.shift, 'YYYY-MM')").format(cell)
        if column.format == "uscc" and copies > 1:
            return sql.SQL("overlay({} PLACING lpad(copy::text, 4, '0') FROM 10 FOR 4)").format(cell)
        if column.key_position is not None and column.physical_type == "text" and column.format is None and not column.code_list:
            return sql.SQL("{} || '~' || to_char(grown.report_date, 'YYMMDD') || '.' || copy").format(cell)
        return cell

    names = [column.name for column in table.columns]
    done = connection.execute(
        sql.SQL(
            """
            INSERT INTO {report} (part_id, sheet, row_number, {names})
            SELECT grown.part_id, line.sheet, line.row_number + (copy - 1) * 10000, {values}
            FROM {report} AS line
            INNER JOIN grown ON line.part_id = grown.template_id
            CROSS JOIN generate_series(1, %s) AS copy
            """
        ).format(
            report=report,
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(map(value, names)),
        ),
        (copies,),
    ).rowcount
    connection.execute("DROP TABLE template, grown")
    return done
