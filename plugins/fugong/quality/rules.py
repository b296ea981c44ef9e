"""Measures of originals and rules: what is kept as it was sent, what changed in the rules, and what reports contradict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.settings import Settings
from fugong.figures.evaluate import open_evaluator
from fugong.figures.rules import broken_rules, load_figure_rules
from fugong.marts.model import Check
from fugong.quality.measure import Measure, Span, Table, count, share
from fugong.storage import quarantine
from fugong.storage.archive import archived, fingerprint

MOST_SHOWN = 8


@dataclass(frozen=True)
class Seen:
    """A contradiction that was seen on one of the days, and whether it is still there on the last one."""

    check: Check
    is_there: bool


@dataclass(frozen=True)
class Rules:
    """What rules say about some days.

    Attributes:
        asked_at: the moment of knowledge as asked for; None for now.
    """

    connection: psycopg.Connection
    settings: Settings
    span: Span
    asked_at: datetime | None

    @property
    def _include(self) -> Path:
        return self.settings.include

    def _one(self, query: str) -> int:
        row = self.connection.execute(query.encode(), self.span.names).fetchone()
        return int(row[0]) if row else 0

    @property
    def authenticity(self) -> Iterable[Measure]:
        """Whether the originals are what was received."""
        about = "report_date BETWEEN %(first)s AND %(last)s AND settled_at <= %(known_at)s AND byte_size > 0"
        rows = self.connection.execute(
            f"SELECT DISTINCT sha256 FROM intake.submission WHERE {about} AND sha256 NOT IN ({quarantine.ALL_SEALED})".encode(),
            self.span.names,
        ).fetchall()
        yield share(
            Bilingual("与收到时逐字节相同的原件", "Originals that are, byte by byte, what was received"),
            sum(self._is_as_received(row[0]) for row in rows),
            len(rows),
            Bilingual(
                "存档的 SHA-256 与登记的相比;封存的另计", "the archive's SHA-256 against the recorded one; without sealed ones"
            ),
        )
        yield count(
            Bilingual("因含个人信息而封存的原件", "Originals sealed because they hold personal data"),
            self._one(
                f"SELECT COUNT(DISTINCT sha256) FROM intake.submission WHERE {about} AND sha256 IN ({quarantine.ALL_SEALED})"
            ),
        )

    def _is_as_received(self, sha256: str) -> bool:
        file = archived(self.settings, sha256)
        return file.exists() and fingerprint(file)[0] == sha256

    @property
    def comparability(self) -> Iterable[Measure]:
        """What changed in the rules by which figures are made."""
        yield count(
            Bilingual("开始知悉或生效的政策参数", "Parameters of policies that became known or valid"), self._n_parameters("from")
        )
        yield count(
            Bilingual("不再知悉或失效的政策参数", "Parameters that ceased to be known or valid"), self._n_parameters("to")
        )
        yield count(
            Bilingual("本月内换了契约版本的报表", "Reports whose contract changed within the month"),
            self._one(
                """
                SELECT COUNT(*) FROM (
                    SELECT report FROM intake.submission
                    WHERE report_date BETWEEN %(first)s AND %(last)s AND settled_at <= %(known_at)s
                    GROUP BY report HAVING COUNT(DISTINCT contract_version) > 1
                ) AS changed
                """
            ),
            Bilingual("按各份报送所用的契约版本", "by the versions that judged its submissions"),
        )
        yield count(
            Bilingual("规则改好后重判的报送", "Submissions evaluated again after a rule was mended"),
            self._one(
                """
                SELECT COUNT(*) FROM intake.submission
                WHERE replays IS NOT NULL AND report_date BETWEEN %(first)s AND %(last)s AND settled_at <= %(known_at)s
                """
            ),
        )

    def _n_parameters(self, end: Literal["from", "to"]) -> int:
        """Parameters whose time of being known, or of being valid, begins or ends on one of the days."""
        return self._one(
            f"""
            SELECT COUNT(*) FROM ref.policy_param
            WHERE
                (known_{end} BETWEEN %(first)s AND %(last)s OR valid_{end} BETWEEN %(first)s AND %(last)s)
                AND counts_from <= %(known_at)s AND counts_to > %(known_at)s
            """
        )

    @cached_property
    def _checked(self) -> tuple[Sequence[Check], Sequence[Seen], frozenset[str], int]:
        """The checks, what they found on the days, the codes of rules between figures that do not hold on the last one, and all rules."""
        found: list[Seen] = []
        with open_evaluator(self.connection, self._include, self.span.last, self.asked_at) as evaluator:
            checks = evaluator.moment.files.checks
            for check in checks:
                with evaluator.marts.check_rows(check, is_every_day=True) as table:
                    rows = self.connection.execute(
                        sql.SQL(
                            """
                            SELECT row_key, BOOL_OR(seen_on = %(last)s) FROM {}
                            WHERE check_id = %(check)s AND seen_on BETWEEN %(first)s AND %(last)s
                            GROUP BY row_key
                            """
                        ).format(table),
                        {"check": check.id, **self.span.names},
                    ).fetchall()
                found += [Seen(check, is_there) for _, is_there in rows]
            broken = {one.code for several in broken_rules(evaluator).values() for one in several}
        rules = {one.id for one in load_figure_rules(self._include)}
        return checks, found, frozenset(rules & broken), len(rules)

    @property
    def coherence(self) -> Iterable[Measure]:
        """What contradicts what."""
        checks, found, broken, n_rules = self._checked
        yield share(
            Bilingual("没有发现不一致的核对", "Checks between reports that found nothing"),
            len(checks) - len({one.check.id for one in found}),
            len(checks),
        )
        yield count(
            Bilingual("发现的不一致", "Contradictions found"), len(found), Bilingual("同一对象只计一次", "each object once")
        )
        yield share(
            Bilingual("到末日仍在的", "Of these, still there on the last day"), sum(one.is_there for one in found), len(found)
        )
        yield share(
            Bilingual("末日成立的指标间规则", "Rules between figures that hold on the last day"), n_rules - len(broken), n_rules
        )

    @property
    def by_check(self) -> Table:
        """The checks with the most contradictions."""
        found = self._checked[1]
        counts = Counter(one.check.id for one in found)
        checks = {one.check.id: one.check for one in found}
        return Table(
            Bilingual("不一致最多的核对", "Checks with the most contradictions"),
            (Bilingual("核对", "check"), Bilingual("处", "found"), Bilingual("说明", "says")),
            [
                (
                    name,
                    str(n),
                    Bilingual(checks[name].message.zh.format(n_rows=n), checks[name].message.en.format(n_rows=n)),
                )
                for name, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_SHOWN]
            ],
        )
