"""A district with its real contracts and an empty warehouse: drop files, ingest, look at what became of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
from psycopg import sql

from fugong import embedded, uscc, warehouse
from fugong.collect import SHANGHAI, Arrival, collect, collect_arrival
from fugong.ingest import Desk, departments_with_work
from fugong.judge import Judge
from fugong.settings import PROJECT, Settings
from fugong.settle import Outcome

TAX_HEADER = (
    "凭证号", "统一社会信用代码", "所属期起", "所属期止", "征收项目", "优惠类型", "减免性质代码", "政策文号", "计税依据(元)",
    "减免税额(元)", "政策年度", "业务日期", "冲销凭证号",
)  # fmt: skip
WATER_HEADER = (
    "户号", "账单号", "统一社会信用代码", "用户类别", "抄表起日", "抄表止日", "用量", "原单价", "执行单价", "原应收", "实收应收",
    "减免金额", "是否停供",
)  # fmt: skip
INDUSTRY_HEADER = (
    "序号", "企业名称", "统一社会信用代码", "所属镇办", "是否纳入应复工", "不纳入原因", "是否复工", "复工日期", "正常用工人数", "到岗人数",
    "未复工原因",
)  # fmt: skip

REGISTER_HEADER = (
    "统一社会信用代码", "注册号(旧)", "企业名称", "所属镇办", "行业代码", "专业类别", "规模", "登记状态", "高耗能标志", "行业主管单位", "基准职工人数",
)  # fmt: skip


def code(number: int) -> str:
    """A valid credit code that no firm has."""
    body = f"91410106Y{number:07d}"
    body += uscc.expected_inner_character(body)
    return body + uscc.expected_check_character(body)


def tax_row(number: int, amount: str = "1000.00", *, day: str = "2020-03-18", **other: str) -> list[str]:
    """A good line of the tax report; `other` replaces cells by header (without unit)."""
    cells = dict(
        zip(
            TAX_HEADER,
            (
                f"D{number:05d}",
                code(number),
                "2020-02-01",
                "2020-02-29",
                "增值税",
                "减",
                "0001",
                "财税〔2020〕13号",
                "100000",
                amount,
                "2020新出台",
                day,
                "",
            ),
            strict=True,
        )
    )
    return list((cells | other).values())


def water_row(number: int, *, uscc_cell: str | None = None, quantity: str = "100", bill: str | None = None) -> list[str]:
    """A good bill of the water company."""
    before, after = float(quantity) * 4.1, float(quantity) * 4.0
    return [
        f"{number:06d}", bill or f"B{number:06d}", code(number) if uscc_cell is None else uscc_cell, "工商业", "2020-02-01", "2020-02-29",
        quantity, "4.1", "4.0", f"{before:.2f}", f"{after:.2f}", f"{before - after:.2f}", "否",
    ]  # fmt: skip


def industry_row(number: int, *, resumed: bool = True, on_post: int = 100) -> list[str]:
    """A good line of the daily report of industrial firms."""
    return [
        str(number), f"示例企业{number}有限公司", code(number), "中心路街道", "是", "", "是" if resumed else "否",
        "2020-02-10" if resumed else "", "100", str(on_post if resumed else 0), "" if resumed else "无订单",
    ]  # fmt: skip


def register_row(number: int, *, old_number: str = "") -> list[str]:
    """A good line of the register: an industrial firm above scale."""
    return [
        code(number), old_number, f"示例企业{number}有限公司", "中心路街道", "1311", "工业", "小", "存续", "否", "工信局", "100",
    ]  # fmt: skip


def as_csv(
    header: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", titles: Sequence[str] = ()
) -> bytes:
    """A CSV file as bytes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([title] for title in titles)
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


def as_xlsx(header: Sequence[str], rows: Sequence[Sequence[object]], titles: Sequence[str] = ()) -> bytes:
    """A workbook with one sheet as bytes."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (*([title] for title in titles), header, *rows):
        sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass
class Inbox:
    """One installation; `judge` (contracts, suites, reading child) is shared by the tests of a run."""

    settings: Settings
    judge: Judge
    _clock: datetime = field(default=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))

    @classmethod
    def create(cls, empty_warehouse: tuple[Path, str], name: str, home: Path, judge: Judge) -> Inbox:
        """An installation with folders under `home` and a copy of the empty warehouse as its database."""
        server_home, template = empty_warehouse
        with psycopg.connect(embedded.superuser_url(server_home), autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE empty OWNER fugong_owner").format(sql.Identifier(name)))
        return cls(Settings(home, PROJECT, template.rpartition("/")[0] + f"/{name}"), judge)

    def drop(self, department: str, name: str, content: bytes) -> Path:
        """Put a file into a department's inbox, long settled."""
        path = self.settings.inbox / department / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def ingest(self) -> list[Outcome]:
        """Take and settle all that lies there."""
        collect(self.settings, settle_seconds=0)
        with warehouse.connect(self.settings, autocommit=True) as connection:
            names = dict(connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall())
            desk = Desk(self.settings, connection, self.judge, names)
            waiting = [item for name in departments_with_work(self.settings) for item in desk.open_submissions(name)]
            return [outcome for submission, state in waiting if (outcome := desk.process(submission, state)) is not None]

    def send(self, department: str, name: str, content: bytes, *, at: datetime | None = None) -> Outcome:
        """Drop one file that arrives a minute after the last one, on 19 March 2020, and settle it."""
        self.drop(department, name, content)
        self._clock = at or self._clock + timedelta(minutes=1)
        with warehouse.connect(self.settings, autocommit=True) as connection:
            desk = Desk(self.settings, connection, self.judge, {})
            number = collect_arrival(connection, self.settings, Arrival(f"{department}/{name}", self._clock))
            submission, state, _ = desk.submission(number)
            outcome = desk.process(submission, state)
        assert outcome is not None  # it had just arrived
        return outcome

    def rows(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        assert self.settings.warehouse_url is not None
        with psycopg.connect(self.settings.warehouse_url) as connection:
            return connection.execute(statement.encode(), given).fetchall()

    def codes(self, outcome: Outcome) -> set[str]:
        """The codes of a submission's findings."""
        return {
            str(row[0]) for row in self.rows("SELECT code FROM intake.finding WHERE submission_id = %s", outcome.submission_id)
        }

    def state(self, outcome: Outcome) -> str:
        """The state of a submission now."""
        return str(self.rows("SELECT state FROM intake.submission WHERE submission_id = %s", outcome.submission_id)[0][0])

    def receipt(self, outcome: Outcome) -> dict[str, Any]:
        """The receipt that was left in the outbox."""
        [path] = (self.settings.outbox / outcome.department).glob(f"*.{outcome.submission_id}.回执.json")
        return json.loads(path.read_text(encoding="utf-8"))

    def keys(self, table: str, column: str) -> list[str]:
        """The keys of the rows that count now."""
        return sorted(str(row[0]) for row in self.rows(f"SELECT {column} FROM asof.{table}"))

    def is_balanced(self) -> bool:
        """Whether counts balance for every submission, part and report table."""
        [(unbalanced,)] = self.rows(
            """
            SELECT COUNT(*) FROM intake.submission
            WHERE rows_read <> rows_accepted + rows_set_aside + rows_not_data
                OR (
                    state NOT IN ('rejected', 'duplicate', 'received')
                    AND (rows_read, rows_accepted, rows_set_aside, rows_not_data) IS DISTINCT FROM (
                        SELECT (SUM(rows_read)::bigint, SUM(rows_accepted)::bigint, SUM(rows_set_aside)::bigint, SUM(rows_not_data)::bigint)
                        FROM intake.part WHERE part.submission_id = submission.submission_id
                    )
                )
            """
        )
        for (table,) in self.rows("SELECT DISTINCT table_name FROM intake.part"):
            [(wrong,)] = self.rows(
                f"""
                SELECT COUNT(*) FROM (SELECT part_id, COUNT(*) AS n FROM report.{table} GROUP BY part_id) AS held
                FULL JOIN (SELECT part_id, rows_accepted FROM intake.part WHERE table_name = %s) AS part USING (part_id)
                WHERE COALESCE(held.n, 0) IS DISTINCT FROM part.rows_accepted
                """,
                table,
            )
            unbalanced += wrong
        return unbalanced == 0
