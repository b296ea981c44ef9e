"""Measures of what departments sent: whether it came, in time, complete, at the first try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from statistics import median
from typing import Any, cast

import psycopg

from fugong.contracts.contract import Contracts
from fugong.core.bilingual import Bilingual
from fugong.core.time import each_day
from fugong.intake import obligations
from fugong.intake.obligations import Obligation
from fugong.quality.measure import Measure, Span, Table, count, share

HOURS = Bilingual(" 小时", "hours")

SENT = """
    FROM intake.submission
    WHERE report_date BETWEEN %(first)s AND %(last)s AND settled_at <= %(known_at)s
"""
"""The submissions about the days, of any outcome, but for those without a day."""
TAKEN = "AND state IN ('accepted', 'partly_accepted', 'superseded')"
"""Those of them that delivered rows: the lines of a file that went back whole are no returned rows."""


@dataclass(frozen=True)
class Reports:
    """What was owed and sent about some days."""

    connection: psycopg.Connection
    contracts: Contracts
    span: Span

    @cached_property
    def owed(self) -> Sequence[Obligation]:
        """Every report that was due by the moment, each once."""
        found: dict[tuple[str, str, date], Obligation] = {}
        for day in each_day(self.span.first, self.span.last):
            for one in obligations.missing(self.connection, self.contracts, day, self.span.known_at):
                if one.due_at <= self.span.known_at:
                    found[one.department_code, one.report, one.report_date] = one
        return list(found.values())

    @cached_property
    def came(self) -> Sequence[Obligation]:
        """Those of them that came."""
        return [one for one in self.owed if one.received_at is not None]

    @cached_property
    def _late(self) -> Sequence[timedelta]:
        return [one.received_at - one.due_at for one in self.came if one.received_at is not None and one.is_late]

    def number(self, what: str, more: str = "") -> int:
        """A count over the submissions about the days."""
        return self.one(f"SELECT COALESCE({what}, 0)::bigint {SENT} {more}")

    def one(self, query: str) -> int:
        """The one number that a query selects."""
        row = self.connection.execute(query.encode(), self.span.names).fetchone()
        return int(cast(tuple[Any, ...], row)[0])

    def findings(self, condition: str) -> int:
        """How many cells or files findings of some kind name, in the submissions about the days."""
        return self.one(
            f"""
            SELECT COALESCE(SUM(n_same), 0) FROM intake.finding
            WHERE {condition} AND submission_id IN (SELECT submission_id {SENT})
            """
        )

    @property
    def authenticity(self) -> Iterable[Measure]:
        """Whether what came is what the department holds itself."""
        yield count(
            Bilingual("原样再发、只改日期的文件", "Files that repeat an earlier day's"),
            self.findings("code = 'stale-copy'"),
            Bilingual("问题代码 stale-copy", "finding stale-copy"),
        )
        yield count(
            Bilingual("重复收到的同一文件", "The same bytes received again"), self.number("COUNT(*)", "AND state = 'duplicate'")
        )

    @property
    def accuracy(self) -> Iterable[Measure]:
        """How much of what came was wrong on arrival."""
        lines = self.number("SUM(rows_accepted + rows_set_aside)", TAKEN)
        aside = self.number("SUM(rows_set_aside)", TAKEN)
        yield share(Bilingual("退回的行", "Rows that went back"), aside, lines, Bilingual("占数据行", "of rows of data"))
        yield count(
            Bilingual("自动改正的值", "Values repaired on arrival"),
            self.findings("severity = 'repaired'"),
            Bilingual("写法不规范而意思确定的", "misspelt, and beyond doubt"),
        )

    @property
    def completeness(self) -> Iterable[Measure]:
        """What is missing."""
        yield share(
            Bilingual("收到的报表", "Reports that came"), len(self.came), len(self.owed), Bilingual("占应报", "of those owed")
        )
        lines = self.number("SUM(rows_accepted + rows_set_aside)", f"{TAKEN} AND repairs IS NULL")
        aside = self.one(
            f"SELECT COUNT(*) FROM intake.set_aside_row WHERE submission_id IN (SELECT submission_id {SENT} {TAKEN})"
        )
        mended = self.one(
            f"""
            SELECT COUNT(*) FROM intake.set_aside_row
            WHERE repaired_by IS NOT NULL AND submission_id IN (SELECT submission_id {SENT} {TAKEN})
            """
        )
        yield share(
            Bilingual("入库的行", "Rows loaded"), lines - aside + mended, lines, Bilingual("含改好补报的", "mended ones included")
        )
        yield share(
            Bilingual("退回后补报的行", "Returned rows that came back"),
            mended,
            aside,
            Bilingual("占退回行", "of the returned rows"),
        )

    @property
    def timeliness(self) -> Iterable[Measure]:
        """Whether it came in time."""
        judged = [one for one in self.owed if not one.is_history]
        yield share(
            Bilingual("按时收到", "Came in time"),
            sum(not one.is_late for one in judged),
            len(judged),
            Bilingual("按到达时刻,占应报", "by the clock of arrival, of those owed"),
        )
        if n_history := len(self.owed) - len(judged):
            yield count(
                Bilingual("启用以前应报、后来补收的", "Due before the first file of all, and received since"),
                n_history,
                Bilingual("不判迟报", "nobody can say whether they were late"),
            )
        yield count(Bilingual("迟到", "Came late"), len(self._late))
        yield count(Bilingual("始终未到", "Never came"), len(self.owed) - len(self.came))
        hours = [Decimal(round(late.total_seconds())) / 3600 for late in self._late]
        yield count(
            Bilingual("迟到时长的中位数", "Median lateness"),
            median(hours) if hours else None,
            Bilingual("", "") if hours else Bilingual("没有迟到的报表", "no report came late"),
            unit=HOURS,
        )

    @property
    def by_department(self) -> Table:
        """The departments whose reports were late or never came, the most of them first."""
        names = {
            row[0]: Bilingual(row[1], row[2])
            for row in self.connection.execute("SELECT department_code, name_zh, name_en FROM ref.department").fetchall()
        }
        found: dict[str, list[Obligation]] = {}
        for one in self.owed:
            found.setdefault(one.department_code, []).append(one)
        counted = [
            (code, len(mine), sum(one.received_at is None for one in mine), sum(one.is_late for one in mine))
            for code, mine in found.items()
        ]
        worst = sorted((one for one in counted if one[3]), key=lambda one: (-one[3], one[0]))
        return Table(
            Bilingual("哪些部门迟到或未到", "Departments with late or missing reports"),
            (
                Bilingual("部门", "department"),
                Bilingual("应报", "owed"),
                Bilingual("迟到", "late"),
                Bilingual("未到", "never came"),
            ),
            [(names.get(code, code), str(n_owed), str(n_late - n_gone), str(n_gone)) for code, n_owed, n_gone, n_late in worst],
        )

    @property
    def economy(self) -> Iterable[Measure]:
        """How much work the reports made."""
        n_taken = self.number("COUNT(*)", f"{TAKEN} AND repairs IS NULL AND replays IS NULL")
        n_whole = self.number(
            "COUNT(*)",
            f"{TAKEN} AND rows_set_aside = 0 AND repairs IS NULL AND replays IS NULL",
        )
        yield share(
            Bilingual("无须任何人处理的文件", "Files that needed nobody"),
            n_whole,
            n_taken,
            Bilingual("整份入库,没有退回行", "loaded whole, no row returned"),
        )
        yield count(
            Bilingual("机器代部门改正的值", "Values mended for departments by the machine"),
            self.findings("severity = 'repaired'"),
        )
        yield count(Bilingual("整份退回的文件", "Files sent back whole"), self.number("COUNT(*)", "AND state = 'rejected'"))
        yield count(
            Bilingual("请部门改的行", "Rows that departments were asked to mend"),
            self.number("SUM(rows_set_aside)", TAKEN),
        )
        yield count(
            Bilingual("部门另发的更正和补报", "Corrections and repairs that departments sent"),
            self.one(
                f"""
                SELECT COUNT(DISTINCT submission_id) FROM intake.part
                WHERE
                    (version > 1 OR is_replacement OR kind IN ('repair', 'withdrawal'))
                    AND submission_id IN (SELECT submission_id {SENT} AND replays IS NULL)
                """
            ),
        )
