"""A district of three reports, one of each mode, small enough to count by hand.

work     snapshot   which firms are back at work
lease    ledger     leases and the relief granted so far
loan     increment  loans, with a flow mart
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong import marts, warehouse
from fugong.settings import PROJECT, Settings
from fugong.sql_file import load_sql_files

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRMS = tuple(f"91410106Y0000000{number}X" for number in range(1, 8))

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: {id}
name: {name}
version: 1.0.0
status: active
customProperties:
  - {{property: report, value: {report}}}
  - {{property: nameEn, value: {id}}}
  - {{property: senders, value: [{senders}]}}
  - {{property: fileNames, value: [{name}]}}
  - {{property: cadence, value: daily}}
slaProperties:
  - {{property: dueDays, value: 1}}
  - {{property: dueTime, value: "10:00"}}
schema:
  - name: {id}
    businessName: {name}
    description: Test. | 测试。
    customProperties:
      - {{property: mode, value: {mode}}}
{more}
    properties:
{columns}
"""


def _column(name: str, header: str, kind: str, physical: str, *, key: bool = False) -> str:
    marked = "\n        primaryKey: true\n        primaryKeyPosition: 1" if key else ""
    return (
        f"      - name: {name}\n        businessName: {header}\n        logicalType: {kind}\n        physicalType: {physical}\n"
        f"        description: A thing. | 事物。\n        required: true{marked}"
    )


CONTRACTS = {
    "work": CONTRACT.format(
        id="work",
        name="复工日报",
        report="T01",
        senders="GXJ, SWJ",
        mode="snapshot",
        more="",
        columns="\n".join(
            [
                _column("uscc", "代码", "string", "text", key=True),
                _column("township", "镇办", "string", "text"),
                _column("resumed", "复工", "boolean", "boolean"),
            ]
        ),
    ),
    "lease": CONTRACT.format(
        id="lease",
        name="租约",
        report="T02",
        senders="GZB",
        mode="ledger",
        more="",
        columns="\n".join(
            [
                _column("lease_id", "租约号", "string", "text", key=True),
                _column("relief", "减免", "number", "numeric(18,2)"),
                _column("ratio", "比例", "number", "numeric(7,4)"),
            ]
        ),
    ),
    "loan": CONTRACT.format(
        id="loan",
        name="贷款",
        report="T03",
        senders="JRB",
        mode="increment",
        more="      - {property: businessDate, value: paid_date}",
        columns="\n".join(
            [
                _column("loan_id", "借据号", "string", "text", key=True),
                _column("uscc", "代码", "string", "text"),
                _column("nature", "性质", "string", "text"),
                _column("paid_date", "放款日", "date", "date"),
                _column("paid", "金额", "number", "numeric(18,2)"),
            ]
        ),
    ),
}

FACTS = {
    "work": """
-- view    fact.work
-- grain   one row per as_of and firm
-- reads   asof.part_in_force, report.work
-- column  as_of  截至 | Day
-- column  township  镇办 | Township
-- column  is_listed  在册 | One per firm
-- column  is_resumed  已复工 | Back at work
-- column  part_id  部分 | Part
-- column  sheet  工作表 | Sheet
-- column  row_number  行号 | Line
WITH part AS MATERIALIZED (SELECT as_of, part_id FROM asof.part_in_force WHERE table_name = 'work')

SELECT part.as_of, line.township, 1 AS is_listed, line.resumed AS is_resumed, line.part_id, line.sheet, line.row_number
FROM report.work AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part_id FROM part))
""",
    "lease": """
-- view    fact.lease
-- grain   one row per as_of and lease
-- reads   asof.part_in_force, report.lease
-- column  as_of  截至 | Day
-- column  lease_id  租约号 | Lease
-- column  relief  减免(元) | Relief, yuan
-- column  ratio  比例 | Ratio
-- column  part_id  部分 | Part
-- column  sheet  工作表 | Sheet
-- column  row_number  行号 | Line
WITH part AS MATERIALIZED (SELECT as_of, part_id FROM asof.part_in_force WHERE table_name = 'lease')

SELECT part.as_of, line.lease_id, line.relief, line.ratio, line.part_id, line.sheet, line.row_number
FROM report.lease AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part_id FROM part))
""",
    "loan": """
-- view    fact.loan
-- grain   one row per loan
-- reads   asof.part_holding, report.loan, ref.param_version
-- column  business_date  放款日 | Day of payment
-- column  report_date  统计日 | Report date
-- column  nature  性质 | Nature
-- column  paid  金额(元) | Yuan
-- column  is_line  笔数 | One per line
-- column  part_id  部分 | Part
-- column  sheet  工作表 | Sheet
-- column  row_number  行号 | Line
WITH part AS MATERIALIZED (SELECT part_id, report_date FROM asof.part_holding WHERE table_name = 'loan')

SELECT line.paid_date AS business_date, part.report_date, line.nature, line.paid, 1 AS is_line, line.part_id, line.sheet, line.row_number
FROM report.loan AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part_id FROM part))
""",
}

MARTS = {
    "work_daily": """
-- writes  mart.work_daily
-- grain   one row per as_of, dimension, member
-- keys    as_of, dimension, member
-- stale   as_of
-- reads   fact.work
-- serves  T1
-- key     dimension = :dimension
-- key     member = CASE :dimension WHEN 'total' THEN 'ALL' ELSE township END
-- cell    n_listed
-- sums    n_listed = fact.work.is_listed
-- sums    n_resumed = fact.work.is_resumed
-- column  as_of  截至 | Day
-- column  dimension  维度 | total or township
-- column  member  成员 | Township
-- column  n_listed  在册数 | Firms
-- column  n_resumed  复工数 | Back at work
SELECT as_of, kind.dimension, kind.member, SUM(is_listed) AS n_listed, SUM(is_resumed::integer) AS n_resumed
FROM fact.work
CROSS JOIN LATERAL (VALUES ('total', 'ALL'), ('township', township)) AS kind (dimension, member)
WHERE as_of = ANY(:days)
GROUP BY as_of, kind.dimension, kind.member;
""",
    "lease_daily": """
-- writes  mart.lease_daily
-- grain   one row per as_of
-- keys    as_of
-- stale   as_of
-- reads   fact.lease
-- sums    relief = fact.lease.relief
-- sums    ratio_least = least fact.lease.ratio
-- column  as_of  截至 | Day
-- column  relief  减免(元) | Relief, yuan
-- column  ratio_least  最低比例 | Lowest ratio
SELECT as_of, SUM(relief) AS relief, MIN(ratio) AS ratio_least FROM fact.lease WHERE as_of = ANY(:days) GROUP BY as_of
""",
    "loan_flow": """
-- writes  mart.loan_flow
-- grain   one row per business_date, report_date, nature
-- keys    business_date, report_date, nature
-- stale   business_date
-- reads   fact.loan
-- sums    paid = fact.loan.paid
-- sums    n_loans = fact.loan.is_line
-- column  business_date  放款日 | Day of payment
-- column  report_date  统计日 | Report date
-- column  nature  性质 | Nature
-- column  paid  金额(元) | Yuan
-- column  n_loans  笔数 | Loans
SELECT business_date, report_date, nature, SUM(paid) AS paid, SUM(is_line) AS n_loans
FROM fact.loan
WHERE business_date = ANY(:days)
GROUP BY business_date, report_date, nature
""",
    "loan_monthly": """
-- writes  mart.loan_monthly
-- grain   one row per period, report_date, nature
-- keys    period, report_date, nature
-- stale   period
-- reads   fact.loan
-- key     period = date_trunc('month', business_date)::date
-- sums    paid = fact.loan.paid
-- column  period  月份 | First day of the month
-- column  report_date  统计日 | Report date
-- column  nature  性质 | Nature
-- column  paid  金额(元) | Yuan
SELECT date_trunc('month', business_date)::date AS period, report_date, nature, SUM(paid) AS paid
FROM fact.loan
WHERE date_trunc('month', business_date)::date = ANY(:days)
GROUP BY period, report_date, nature
""",
}

CHECKS = {
    "T9": """
-- check    T9
-- severity warning
-- keys     as_of, part_id, row_number
-- stale    as_of
-- reads    fact.work
-- touches  T1
-- says     有 {n_rows} 家没有复工 | {n_rows} firms are not back
-- column   as_of  截至 | Day
-- column   township  镇办 | Township
-- column   part_id  部分 | Part
-- column   sheet  工作表 | Sheet
-- column   row_number  行号 | Line
SELECT as_of, township, part_id, sheet, row_number FROM fact.work WHERE as_of = ANY(:days) AND NOT is_resumed
""",
}

FIGURES = """
- {id: T1, name: Resumption rate, name_zh: 复工率, unit: "1", display: {kind: percent},
   numerator: {mart: work_daily, column: n_resumed, keys: {dimension: total}},
   denominator: {mart: work_daily, column: n_listed, keys: {dimension: total}},
   bridge: {figure: T7, less: {text: ''}}}
- {id: T2, name: Resumed in A, name_zh: 甲镇复工数, unit: 家, value: {mart: work_daily, column: n_resumed, keys: {dimension: township, member: A}}}
- {id: T3, name: Loans, name_zh: 贷款, unit: 元, display: {kind: 万元, decimals: 1}, value: {mart: loan_flow, column: paid, keys: {nature: new}}}
- {id: T4, name: Loans of the month, name_zh: 当月贷款, unit: 元, value: {mart: loan_monthly, column: paid, over: month}}
- {id: T5, name: Relief, name_zh: 减免, unit: 元, value: {mart: lease_daily, column: relief}}
- {id: T6, name: Lowest ratio, name_zh: 最低比例, unit: "1", display: percent, value: {mart: lease_daily, column: ratio_least, aggregate: least}}
- {id: T7, name: Firms listed, name_zh: 在册数, unit: 家, value: {mart: work_daily, column: n_listed, keys: {dimension: total}}}
- {id: T8, name: Water price, name_zh: 水价, unit: 元/立方米, value: {parameter: P21, param: price_after}}
- {id: T10, name: Window, name_zh: 期限, unit: 日, display: range, value: {parameter: P21, param: price_after, bound: valid}}
- {id: T11, name: Loans and relief, name_zh: 贷款与减免之差, unit: 元, value: {figures: [T3, -T5]}}
- {id: T12, name: Loans of the week, name_zh: 当周贷款, unit: 元, value: {mart: loan_flow, column: paid, over: week, since: accumulate_from}}
- {id: T13, name: Average loan, name_zh: 平均贷款, unit: 元, display: {kind: 元, decimals: 2}, numerator: {figure: T3}, denominator: {mart: loan_flow, column: n_loans, keys: {nature: new}}}
""".replace(",\n   bridge: {figure: T7, less: {text: ''}}", "")


@dataclass(frozen=True)
class Mini:
    """The mini district's warehouse and its project folder."""

    settings: Settings
    url: str

    @property
    def include(self) -> Path:
        return self.settings.include

    def connect(self) -> psycopg.Connection:
        connection = psycopg.connect(self.url)
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        connection.commit()
        return connection


def write_project(project: Path) -> None:
    """The project folder: our contracts, facts, marts and figures; the real intake tables, reference data and roles."""
    include = project / "include"
    for name in ("sql/intake", "sql/roles", "reference"):
        shutil.copytree(PROJECT / "include" / name, include / name)
    for folder, ending, files in (
        ("contracts", ".odcs.yaml", CONTRACTS),
        ("sql/facts", ".sql", FACTS),
        ("sql/marts", ".sql", MARTS),
        ("sql/checks", ".sql", CHECKS),
        ("briefing/figures", ".yaml", {"figures": FIGURES}),
    ):
        (include / folder).mkdir(parents=True)
        for name, text in files.items():
            (include / folder / f"{name}{ending}").write_text(text.strip() + "\n", encoding="utf-8")


def create(settings: Settings, url: str) -> Mini:
    """Write the project and make its warehouse in the database of this URL."""
    write_project(settings.project)
    mini = Mini(Settings(settings.home, settings.project, url), url)
    warehouse.init(mini.settings)
    return mini


def settle(
    connection: psycopg.Connection,
    table: str,
    mode: str,
    report_date: str,
    rows: Sequence[Sequence[object]],
    at: str,
    *,
    department: str = "GXJ",
) -> int:
    """Settle a part as the engine does: rows, part, what it replaces, serial, clock, stale days.

    Returns:
        The submission.
    """
    day, moment = date.fromisoformat(report_date), datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    with connection.transaction():
        serial = connection.execute(
            "UPDATE intake.settle_clock SET settled_serial = settled_serial + 1, settled_at = %s RETURNING settled_serial",
            (moment,),
        ).fetchone()[0]
        submission_id = connection.execute(
            """
            INSERT INTO intake.submission (arrival_id, department_code, report, report_date, file_name, sha256, byte_size, state,
                received_at, settled_at, rows_read, rows_accepted)
            VALUES (%s, %s, %s, %s, %s, 'x', 1, 'accepted', %s, %s, %s, %s) RETURNING submission_id
            """,
            (f"{table}{serial}", department, table, day, f"{table}{day:%m%d}.xlsx", moment, moment, len(rows), len(rows)),
        ).fetchone()[0]
        business = [row[3] for row in rows] if mode == "increment" else []
        connection.execute("INSERT INTO intake.speaker VALUES (%s, %s) ON CONFLICT DO NOTHING", (table, department))
        part_id = connection.execute(
            """
            INSERT INTO intake.part (submission_id, department_code, table_name, sheet, unit, report_date, mode, business_from,
                business_to, settled_serial, received_at, settled_at, rows_read, rows_accepted)
            VALUES (%s, %s, %s, '表', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING part_id
            """,
            (
                submission_id,
                department,
                table,
                department,
                day,
                mode,
                min(business, default=None),
                max(business, default=None),
                serial,
                moment,
                moment,
                len(rows),
                len(rows),
            ),
        ).fetchone()[0]
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier("report", table))) as copy:
            for number, row in enumerate(rows, start=4):
                copy.write_row((part_id, "表", number, *row))
        if mode != "increment":
            connection.execute(
                """
                UPDATE intake.part SET superseded_at = %s, superseded_by = %s
                WHERE table_name = %s AND unit = %s AND report_date = %s AND part_id <> %s AND superseded_at IS NULL
                """,
                (moment, part_id, table, department, day, part_id),
            )
        days = {
            "snapshot": "SELECT generate_series(%(day)s::date, %(day)s::date + 3, INTERVAL '1 day')::date",
            "ledger": "SELECT generate_series(%(day)s::date, (SELECT MAX(report_date) FROM intake.part), INTERVAL '1 day')::date",
            "increment": "SELECT DISTINCT unnest(%(business)s::date[])",
        }[mode]
        connection.execute(
            sql.SQL(
                "INSERT INTO intake.stale_day SELECT %(table)s, day, %(serial)s FROM ({}) AS stale (day) "
                "ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial"
            ).format(sql.SQL(days)),
            {"table": table, "day": day, "serial": serial, "business": business},
        )
    return submission_id


def fill(connection: psycopg.Connection) -> None:
    """Three days of March; the work report of the 18th is corrected on the 20th."""
    work = [(FIRMS[0], "A", True), (FIRMS[1], "A", True), (FIRMS[2], "A", False), (FIRMS[3], "B", True), (FIRMS[4], "C", False)]
    settle(connection, "work", "snapshot", "2020-03-16", [(*row[:2], False) for row in work], "2020-03-17T09:00:00")
    settle(connection, "work", "snapshot", "2020-03-18", work, "2020-03-19T09:00:00")
    settle(
        connection,
        "lease",
        "ledger",
        "2020-03-16",
        [("L1", "100.10", "0.3"), ("L2", "50", "0.25")],
        "2020-03-17T10:00:00",
        department="GZB",
    )
    loans = [
        ("1", FIRMS[0], "new", "2020-03-16", "1000.50"),
        ("2", FIRMS[1], "new", "2020-02-28", "500"),
        ("3", FIRMS[1], "renewal", "2020-03-16", "7"),
    ]
    settle(connection, "loan", "increment", "2020-03-16", loans, "2020-03-17T12:00:00", department="JRB")
    settle(
        connection,
        "loan",
        "increment",
        "2020-03-18",
        [("4", FIRMS[2], "new", "2020-03-17", "20")],
        "2020-03-19T12:00:00",
        department="JRB",
    )
    corrected = [*work[:4], (FIRMS[4], "C", True)]
    settle(connection, "work", "snapshot", "2020-03-18", corrected, "2020-03-20T09:00:00")


def rows(connection: psycopg.Connection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType]


def replayed(
    connection: psycopg.Connection, include: Path, name: str, days: Iterable[date], known_at: datetime | None
) -> list[dict[str, Any]]:
    """A mart's rows for some days as known at a moment, in the order of its keys."""
    mart = load_sql_files(include / "sql").mart(name)
    wanted = {marts.month_of(day) for day in days} if mart.stale == "period" else set(days)
    with marts.replayed(connection, mart, wanted, known_at) as table, connection.cursor(row_factory=dict_row) as cursor:
        keys = sql.SQL(", ").join(map(sql.Identifier, mart.keys))
        return cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY {}").format(table, keys)).fetchall()


def build(connection: psycopg.Connection, mini: Mini) -> marts.Built:
    return marts.build(connection, mini.include)
