"""Divides the days to build into portions: what one connection computes at a time.

Marts that share facts made of other facts (`shared_facts`) are computed together, with those that read a shared fact of which these are made;
so are the others that read a shared fact; all others by themselves; and so many days at a time that the lines behind them are about as many, however large the district is. Where such facts are the same whatever the days, all days stay on one
connection, round after round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import psycopg

from fugong.marts.model import Daily, SqlFiles
from fugong.marts.shared_facts import is_constant

LINES_AT_ONCE = 3_000_000
"""Lines of reports behind the days of a portion."""
MONTHS_AT_ONCE = 4
"""A month reads its neighbours, too: one at a time would read everything three times."""
DAYS_OF = {"as_of": 1, "business_date": 1, "period": 31}


@dataclass(frozen=True)
class Portion:
    """Marts and checks, each with its days, in rounds that follow each other on one connection.

    Attributes:
        lines: of reports behind them, about.
    """

    rounds: Sequence[Mapping[Daily, Sequence[date]]]
    lines: float


def divide(files: SqlFiles, work: Mapping[Daily, Collection[date]], lines_of_day: Mapping[str, float]) -> list[Portion]:
    """The portions of some work, those with the most lines first.

    Args:
        work: the days of each mart.
        lines_of_day: of each report table.
    """
    families, portions = _families(files), list[Portion]()
    for family, marts in _together(files, families, [mart for mart, days in work.items() if days]):
        each_day = {mart: _lines(files, mart, lines_of_day) for mart in marts}
        rounds = [each for partition in DAYS_OF for each in _rounds(partition, marts, work, each_day)]
        lines = [sum(each_day[mart] * len(days) for mart, days in each.items()) for each in rounds]
        if family and all(is_constant(files.fact(name)) for name in family):
            portions.append(Portion(rounds, sum(lines)))
        else:
            portions += [Portion([each], of_round) for each, of_round in zip(rounds, lines, strict=True)]
    return sorted(portions, key=lambda portion: -portion.lines)


def lines_of_days(connection: psycopg.Connection) -> dict[str, float]:
    """The lines of a day of each report table, on an average."""
    return dict(
        connection.execute(
            "SELECT table_name, SUM(rows_accepted)::float8 / COUNT(DISTINCT report_date) FROM intake.part GROUP BY table_name"
        ).fetchall()
    )


def _rounds(
    partition: str, marts: Sequence[Daily], work: Mapping[Daily, Collection[date]], each_day: Mapping[Daily, float]
) -> Iterator[Mapping[Daily, Sequence[date]]]:
    """The days of those of the marts that are divided so, as many at a time as have not too many lines behind them."""
    same = [mart for mart in marts if mart.partition_by == partition]
    fewest = MONTHS_AT_ONCE if partition == "period" else 1
    at_once = max(fewest, int(LINES_AT_ONCE / max(1.0, *(each_day[mart] for mart in same)))) if same else 1
    days = sorted(frozenset[date]().union(*(work[mart] for mart in same)))
    for start in range(0, len(days), at_once):
        chunk = frozenset(days[start : start + at_once])
        wanted = {mart: sorted(chunk.intersection(work[mart])) for mart in same}
        yield {mart: of_mart for mart, of_mart in wanted.items() if of_mart}


def _families(files: SqlFiles) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Shared facts that are made of other facts, in groups that are made of the same ones; and these. Those with facts by day come first."""
    families: list[tuple[frozenset[str], frozenset[str]]] = []
    for fact in files.facts:
        below = frozenset(name for name in files.read_by(fact) if name.startswith("fact."))
        if not fact.is_shared or not below:
            continue
        members, apart = frozenset({fact.relation}), list[tuple[frozenset[str], frozenset[str]]]()
        for family in families:
            if below.isdisjoint(family[1]):
                apart.append(family)
            else:
                members, below = members | family[0], below | family[1]
        families = [*apart, (members, below)]
    return sorted(families, key=lambda family: all(is_constant(files.fact(name)) for name in family[0]))


def _together(
    files: SqlFiles, families: Sequence[tuple[frozenset[str], frozenset[str]]], marts: Sequence[Daily]
) -> list[tuple[frozenset[str], Sequence[Daily]]]:
    """The marts by the family of which they read a fact first, else a shared fact below it; those that share others; all others each for itself."""
    groups: dict[frozenset[str], list[Daily]] = {}
    sharing: list[Daily] = []
    alone: list[tuple[frozenset[str], Sequence[Daily]]] = []
    for mart in marts:
        reads = (relation for name in mart.reads for relation in (name, *_below(files, name)))
        shared = {fact.relation for fact in files.facts if fact.is_shared} & files.read_by(mart)
        of_first = (members for relation in reads for members, _ in families if relation in members)
        family = next(of_first, None) or next((members for members, below in families if shared & below), None)
        if family:
            groups.setdefault(family, []).append(mart)
        elif shared:
            sharing.append(mart)
        else:
            alone.append((frozenset(), [mart]))
    return [*groups.items(), (frozenset(), sharing), *alone]


def _below(files: SqlFiles, relation: str) -> frozenset[str]:
    return files.read_by(files.fact(relation)) if relation.startswith("fact.") else frozenset()


def _lines(files: SqlFiles, mart: Daily, lines_of_day: Mapping[str, float]) -> float:
    """The lines of reports behind a day, or month, of a mart."""
    tables = {relation.partition(".")[2] for relation in files.read_by(mart)}
    return DAYS_OF[mart.partition_by] * sum(lines_of_day.get(table, 0.0) for table in tables)
