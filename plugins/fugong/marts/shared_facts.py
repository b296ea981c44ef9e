"""Facts that several marts read, computed once for all marts that a connection builds.

A fact is a view, so every mart that reads it computes it anew. One whose head says `shared` is computed once, into a temporary table. The SELECTs
of the marts, and of the facts between, then read temporary relations of the same names instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

import psycopg
from psycopg import sql

from fugong.marts.asof import session_at
from fugong.marts.execute import analyze, as_statement, run
from fugong.marts.model import Daily, Fact, SqlFiles
from fugong.marts.parameters import TOKEN

READ = re.compile(TOKEN.pattern + r"|\b(FROM|JOIN)\s+fact\.([a-z_][a-z0-9_]*)", re.DOTALL)
COPY = re.compile(
    r"\bAS MATERIALIZED (?P<list>\(\s*SELECT\s+[\w\s.,]+?\s+FROM pg_temp\.\w+(?:\s+AS\s+\w+)?(?:\s+WHERE\s+(?:[\w\s.=<>]|ANY\(:\w+\))+)?\s*\))"
)
"""A list that holds columns and rows of one temporary relation."""
MORE = re.compile(r"\b(DISTINCT|JOIN|GROUP|ORDER|LIMIT|UNION|FROM\b.*\bFROM)\b", re.DOTALL)
"""What makes such a list more than a copy."""
DAYS = "(SELECT NULLIF(current_setting('fugong.days', true), '')::date[])::date[]"
"""Read once per statement. Without a SELECT of its own the server reads the text anew for every row: a microsecond for each of a million."""


@dataclass(frozen=True)
class Reads:
    """What a mart reads.

    Attributes:
        days: the days that it asks facts for.
        again: facts that are read once more, to count the firms behind it.
    """

    days: Collection[date]
    again: Collection[str] = ()


@dataclass(frozen=True)
class SharedFacts:
    """The facts that are read from temporary relations of the same names."""

    names: frozenset[str] = frozenset()

    def reading(self, mart: Daily) -> Daily:
        """The same mart, with a SELECT that reads them."""
        return replace(mart, body=reading(mart.body, self.names))

    def relation(self, fact: str) -> sql.Identifier:
        """The relation that holds a fact, given with or without its schema."""
        name = fact.removeprefix("fact.")
        return sql.Identifier("pg_temp" if name in self.names else "fact", name)


NOTHING = SharedFacts()


@contextmanager
def shared(
    connection: psycopg.Connection,
    files: SqlFiles,
    readers: Mapping[Daily, Reads],
    known_at: datetime | None,
    before: SharedFacts = NOTHING,
) -> Iterator[SharedFacts]:
    """Compute what these marts share, as known then, each fact for the days of its readers; it lasts as long as the block.

    Args:
        before: what is shared already, and stays so.
    """
    needed = frozenset[str]().union(*map(files.read_by, readers))
    # A mart by month asks for all days of the month, although its facts look at few of them.
    by_day = {mart: reads for mart, reads in readers.items() if mart.partition_by == "as_of"}
    kept = {name for name in shared_facts(files, by_day) if before is NOTHING or not is_constant(files.fact(name))}
    with _made(connection, files, readers, known_at, kept, needed, before) as facts:
        yield facts


@contextmanager
def shared_always(
    connection: psycopg.Connection, files: SqlFiles, readers: Mapping[Daily, Reads], known_at: datetime | None
) -> Iterator[SharedFacts]:
    """Compute those of the facts that these marts share that are the same whatever the days, so that several rounds may read them.

    A fact of flows has the lines of all days. It is shared where its readers together would read as many.
    """
    kept = {
        name
        for name in shared_facts(files, readers)
        if is_constant(fact := files.fact(name)) and _is_worth(connection, files, fact, readers)
    }
    needed = frozenset[str]().union(*(files.read_by(files.fact(name)) for name in kept))
    with _made(connection, files, readers, known_at, kept, needed, NOTHING) as facts:
        yield facts


@contextmanager
def _made(
    connection: psycopg.Connection,
    files: SqlFiles,
    readers: Mapping[Daily, Reads],
    known_at: datetime | None,
    kept: Collection[str],
    needed: Collection[str],
    before: SharedFacts,
) -> Iterator[SharedFacts]:
    """Make temporary tables of the facts to keep, and temporary views of the facts between them and what is needed."""
    replaced = set(before.names)
    made: list[tuple[str, sql.Identifier]] = []
    with connection.transaction():
        for fact in files.facts:
            if fact.name in replaced:
                continue
            if fact.name in kept:
                days = {day for mart, reads in readers.items() if fact.relation in files.read_by(mart) for day in reads.days}
                with session_at(connection, days, known_at):
                    _keep(connection, fact, reading(fact.body, replaced))
                made.append(("TABLE", _table(fact.name)))
            elif fact.relation in needed and any(f"fact.{name}" in fact.reads for name in replaced):
                body = as_statement(reading(fact.body, replaced))
                run(connection, fact, sql.SQL("CREATE TEMP VIEW {} AS {}").format(sql.Identifier(fact.name), body))
                made.append(("VIEW", sql.Identifier(fact.name)))
            else:
                continue
            replaced.add(fact.name)
        yield SharedFacts(frozenset(replaced))
        for kind, name in reversed(made):
            # Citus knows no schema pg_temp where a view is dropped; temporary relations are found first without it.
            drop = sql.SQL("DROP TABLE pg_temp.{} CASCADE") if kind == "TABLE" else sql.SQL("DROP VIEW {}")
            connection.execute(drop.format(name))


def is_constant(fact: Fact) -> bool:
    """Whether a fact has the same rows whichever days a session asks for."""
    return "as_of" not in fact.columns


def _is_worth(connection: psycopg.Connection, files: SqlFiles, fact: Fact, readers: Mapping[Daily, Reads]) -> bool:
    """Whether the readers of a fact of flows, each for itself, would read as many lines as there are."""
    if "business_date" not in fact.columns:
        return True
    of_fact = [reads for mart, reads in readers.items() if fact.relation in files.read_by(mart)]
    spans = [reads.days for reads in of_fact for _ in range(1 + (fact.relation in reads.again))]
    row = connection.execute(
        """
        SELECT COALESCE(SUM(part.rows_accepted), 0) <= COALESCE(SUM(part.rows_accepted * readers.n), 0)
        FROM intake.part
        CROSS JOIN LATERAL (
            SELECT COUNT(*) AS n FROM unnest(%s::date[], %s::date[]) AS span (first_day, last_day)
            WHERE part.business_from <= span.last_day AND part.business_to >= span.first_day
        ) AS readers
        WHERE part.table_name = ANY(%s)
        """,
        ([min(days) for days in spans], [max(days) for days in spans], [name.partition(".")[2] for name in files.read_by(fact)]),
    ).fetchone()
    return row == (True,)


def shared_facts(files: SqlFiles, readers: Mapping[Daily, Reads]) -> frozenset[str]:
    """The facts to compute once: those that may be, and that the marts read more than once, themselves or through other facts."""
    n_reads = Counter(relation for mart, reads in readers.items() for relation in (*mart.reads, *reads.again))
    kept: set[str] = set()
    for fact in reversed(files.facts):  # those that read others come after them
        times = n_reads[fact.relation]
        if fact.is_shared and times > 1:
            kept.add(fact.name)
            times = 1
        for relation in fact.reads if times else ():
            n_reads[relation] += times
    return frozenset(kept)


def _keep(connection: psycopg.Connection, fact: Fact, body: str) -> None:
    """Fill the table of a fact, and make the view that shows of it the days that a session asks for."""
    table = _table(fact.name)
    run(connection, fact, sql.SQL("CREATE TEMP TABLE {} AS {}").format(table, as_statement(body)))
    analyze(connection, sql.SQL("pg_temp.{}").format(table))
    wanted = sql.SQL("WHERE as_of = ANY({})").format(sql.SQL(DAYS)) if "as_of" in fact.columns else sql.SQL("")
    view = sql.SQL("CREATE TEMP VIEW {} AS SELECT * FROM pg_temp.{} {}")
    connection.execute(view.format(sql.Identifier(fact.name), table, wanted))


def _table(name: str) -> sql.Identifier:
    return sql.Identifier(f"shared_{name}"[:63])


def reading(body: str, replaced: Collection[str]) -> str:
    """The SELECT, reading the temporary relations of these facts. A list that is nothing but rows of one of them is not copied once more."""

    def name(found: re.Match[str]) -> str:
        return f"{found[2]} pg_temp.{found[3]}" if found[3] in replaced else found[0]

    def read_there(found: re.Match[str]) -> str:
        return found[0] if MORE.search(found["list"]) else f"AS NOT MATERIALIZED {found['list']}"

    return COPY.sub(read_there, READ.sub(name, body))
