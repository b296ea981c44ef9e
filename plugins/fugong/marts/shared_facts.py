"""Facts that several marts read, computed once for all marts that a connection builds.

A fact is a view, so every mart that reads it computes it anew. One whose head says `shared` is computed once, into a temporary table. The SELECTs
of the marts, and of the facts between, then read temporary relations of the same names instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

import psycopg
from psycopg import sql

from fugong.marts.asof import session_at
from fugong.marts.execute import as_statement, run
from fugong.marts.model import Daily, Fact, SqlFiles
from fugong.marts.parameters import TOKEN

READ = re.compile(TOKEN.pattern + r"|\b(FROM|JOIN)\s+fact\.([a-z_][a-z0-9_]*)", re.DOTALL)
DAYS = "NULLIF(current_setting('fugong.days', true), '')::date[]"
"""The planner evaluates it, so that it knows how many days are asked for."""


@contextmanager
def shared(
    connection: psycopg.Connection, files: SqlFiles, marts: Sequence[Daily], days: Collection[date], known_at: datetime | None
) -> Iterator[Sequence[Daily]]:
    """Compute what these marts share, for all these days as known then; they last as long as the block.

    Returns:
        The same marts, with SELECTs that read it.
    """
    kept, needed = shared_facts(files, marts), frozenset[str]().union(*map(files.read_by, marts))
    replaced: dict[str, Fact] = {}
    with connection.transaction():
        for fact in files.facts:
            if fact.name in kept:
                with session_at(connection, days, known_at):
                    _keep(connection, fact, reading(fact.body, replaced))
            elif fact.relation in needed and any(f"fact.{name}" in fact.reads for name in replaced):
                body = as_statement(reading(fact.body, replaced))
                run(connection, fact, sql.SQL("CREATE TEMP VIEW {} AS {}").format(sql.Identifier(fact.name), body))
            else:
                continue
            replaced[fact.name] = fact
        yield [replace(mart, body=reading(mart.body, replaced)) for mart in marts]
        for name in kept:
            connection.execute(sql.SQL("DROP TABLE pg_temp.{} CASCADE").format(_table(name)))


def shared_facts(files: SqlFiles, marts: Sequence[Daily]) -> frozenset[str]:
    """The facts to compute once: those that may be, and that the marts read more than once, themselves or through other facts."""
    n_reads = Counter(relation for mart in marts for relation in mart.reads)
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
    # The planner needs no more: with 100, the default, a wide table of a city costs a second.
    connection.execute("SET LOCAL default_statistics_target = 10")
    connection.execute(sql.SQL("ANALYZE pg_temp.{}").format(table))
    connection.execute("SET LOCAL default_statistics_target TO DEFAULT")
    wanted = sql.SQL("WHERE as_of = ANY({})").format(sql.SQL(DAYS)) if "as_of" in fact.columns else sql.SQL("")
    view = sql.SQL("CREATE TEMP VIEW {} AS SELECT * FROM pg_temp.{} {}")
    connection.execute(view.format(sql.Identifier(fact.name), table, wanted))


def _table(name: str) -> sql.Identifier:
    return sql.Identifier(f"shared_{name}"[:63])


def reading(body: str, replaced: Collection[str]) -> str:
    """The SELECT, reading the temporary relations of these facts."""

    def name(found: re.Match[str]) -> str:
        return f"{found[2]} pg_temp.{found[3]}" if found[3] in replaced else found[0]

    return READ.sub(name, body)
