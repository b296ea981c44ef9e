"""Divides the days to build into portions: what one connection computes at a time.

Marts that share a fact made of other facts (`shared_facts`) are computed together, all others by themselves; and so many days at a time that the
lines behind them are about as many, however large the district is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import psycopg

from fugong.marts.model import Daily, SqlFiles

LINES_AT_ONCE = 3_000_000
"""Lines of reports behind the days of a portion."""
MONTHS_AT_ONCE = 4
"""A month reads its neighbours, too: one at a time would read everything three times."""
DAYS_OF = {"as_of": 1, "business_date": 1, "period": 31}


@dataclass(frozen=True)
class Portion:
    """Marts and checks, each with its days.

    Attributes:
        lines: of reports behind them, about.
    """

    days: Mapping[Daily, Sequence[date]]
    lines: float


def divide(files: SqlFiles, work: Mapping[Daily, Collection[date]], lines_of_day: Mapping[str, float]) -> list[Portion]:
    """The portions of some work, those with the most lines first.

    Args:
        work: the days of each mart.
        lines_of_day: of each report table.
    """
    portions: list[Portion] = []
    for marts in _together(files, [mart for mart, days in work.items() if days]):
        each_day = {mart: _lines(files, mart, lines_of_day) for mart in marts}
        fewest = MONTHS_AT_ONCE if marts[0].partition_by == "period" else 1
        at_once = max(fewest, int(LINES_AT_ONCE / max(1.0, *each_day.values())))
        days = sorted(frozenset[date]().union(*(work[mart] for mart in marts)))
        for start in range(0, len(days), at_once):
            chunk = frozenset(days[start : start + at_once])
            wanted = {mart: sorted(chunk.intersection(work[mart])) for mart in marts}
            wanted = {mart: of_mart for mart, of_mart in wanted.items() if of_mart}
            portions.append(Portion(wanted, sum(each_day[mart] * len(of_mart) for mart, of_mart in wanted.items())))
    return sorted(portions, key=lambda portion: -portion.lines)


def lines_of_days(connection: psycopg.Connection) -> dict[str, float]:
    """The lines of a day of each report table, on an average."""
    return dict(
        connection.execute(
            "SELECT table_name, SUM(rows_accepted)::float8 / COUNT(DISTINCT report_date) FROM intake.part GROUP BY table_name"
        ).fetchall()
    )


def _together(files: SqlFiles, marts: Sequence[Daily]) -> list[list[Daily]]:
    """The marts, in groups that share a fact made of other facts."""
    made_of_facts = {
        fact.relation for fact in files.facts if fact.is_shared and any(name.startswith("fact.") for name in fact.reads)
    }
    groups: list[tuple[set[str], list[Daily]]] = []
    for mart in marts:
        facts, members = set(files.read_by(mart) & made_of_facts), [mart]
        apart: list[tuple[set[str], list[Daily]]] = []
        for group in groups:
            if facts.isdisjoint(group[0]):
                apart.append(group)
            else:
                facts |= group[0]
                members = [*group[1], *members]
        groups = [*apart, (facts, members)]
    return [members for _, members in groups]


def _lines(files: SqlFiles, mart: Daily, lines_of_day: Mapping[str, float]) -> float:
    """The lines of reports behind a day, or month, of a mart."""
    tables = {relation.partition(".")[2] for relation in files.read_by(mart)}
    return DAYS_OF[mart.partition_by] * sum(lines_of_day.get(table, 0.0) for table in tables)
