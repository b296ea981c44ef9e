"""Decides which days of which mart are out of date.

Loads write `intake.stale_day`: table and day. A mart day is out of date when a day of something that the mart reads is stale, or when it has
not been built yet. `out_of_date` holds the rules; the other functions ask the warehouse for what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

import psycopg
from psycopg import sql

from fugong.contracts.schedule import HABIT_DAYS
from fugong.core.advisory_locks import BUILD_LOCK
from fugong.core.time import each_day, month_of, months_around
from fugong.marts.asof import session_at
from fugong.marts.model import Daily, SqlFiles

EVERYTHING = frozenset({"intake.part", "intake.submission", "intake.finding", "intake.set_aside_row"})
"""A mart that reads one of these depends on every file, also on rejected ones."""


EARLY = timedelta(days=31)
"""A line is of a month that begins at most so long after its business date."""


UNSEEN = timedelta(days=1)
"""Safety margin: files received up to a day before the last build may have been loaded after it."""


def mark_all_stale(connection: psycopg.Connection, name: str) -> None:
    """Mark every day as stale that was reported on, or that a mart holds: there are days of marts on which nobody reported.

    Args:
        name: what changed: `ref.<table>`, `mart.<mart>`, `check.<id>` or a report table.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (BUILD_LOCK,))  # a running build must not clear these rows
    connection.execute(
        """
        INSERT INTO intake.stale_day (table_name, day, settled_serial)
        SELECT %s, day::date, (SELECT settled_serial FROM intake.settle_clock)
        FROM (
            SELECT unnest(
                COALESCE(range_agg(daterange(report_date, report_date, '[]')), '{}')
                + COALESCE(range_agg(daterange(business_from, business_to, '[]')) FILTER (WHERE business_from <= business_to), '{}')
            ) AS span
            FROM intake.part
        ) AS reported
        CROSS JOIN LATERAL generate_series(lower(span), upper(span) - 1, INTERVAL '1 day') AS day
        UNION
        SELECT %s, day, (SELECT settled_serial FROM intake.settle_clock) FROM audit.mart_day
        ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = GREATEST(stale_day.settled_serial, excluded.settled_serial)
        """,
        (name, name),
    )


def has_stale_days(connection: psycopg.Connection) -> bool:
    """Whether any day waits to be computed again."""
    return connection.execute("SELECT EXISTS (SELECT FROM intake.stale_day)").fetchone() == (True,)


def time_since_last_build(connection: psycopg.Connection) -> timedelta | None:
    """How long ago the stale days were built last, by the clock of the server; None before the first time."""
    row = connection.execute("SELECT clock_timestamp() - MAX(built_at) FROM audit.mart_version").fetchone()
    return row[0] if row else None


def is_built_since(connection: psycopg.Connection, day: date, moment: datetime) -> bool:
    """Whether all that is held of a day was computed at this moment or later, and no day waits to be computed again."""
    row = connection.execute("SELECT MIN(built_at) >= %s FROM audit.mart_day WHERE day = %s", (moment, day)).fetchone()
    return row == (True,) and not has_stale_days(connection)


def views_of_reference(connection: psycopg.Connection) -> dict[str, frozenset[str]]:
    """Each view of `ref`, such as `ref.param_version`, with the `ref` tables it reads."""
    rows = connection.execute(
        """
        SELECT 'ref.' || view_name, array_agg('ref.' || table_name) FROM information_schema.view_table_usage
        WHERE view_schema = 'ref' AND table_schema = 'ref' GROUP BY view_name
        """
    ).fetchall()
    return {view: frozenset(tables) for view, tables in rows}


def sources(relations: Iterable[str], views: Mapping[str, frozenset[str]]) -> tuple[frozenset[str], bool]:
    """The names in `intake.stale_day` that concern these relations: report tables and `ref.<table>`; and whether every file concerns them."""
    found: set[str] = set()
    for relation in relations:
        schema, _, name = relation.partition(".")
        if schema == "ref":
            found |= views.get(relation, {relation})
        elif schema in {"asof", "report"} and name not in {"day", "part", "part_in_force", "part_holding"}:
            found.add(name)
    return frozenset(found), not EVERYTHING.isdisjoint(relations)


def out_of_date(
    mart: Daily,
    names: frozenset[str],
    stale: Mapping[str, set[date]],
    modes: Mapping[str, str],
    horizon: frozenset[date],
    built: frozenset[date],
    days_of_files: set[date],
    first_reports: Mapping[str, date],
    of_months: frozenset[str] = frozenset(),
    reported: Mapping[str, frozenset[date]] = MappingProxyType({}),
) -> frozenset[date]:
    """The days of a mart or check to build: those that are stale, and those that have not been built yet.

    Args:
        names: the tables behind the mart.
        stale: the stale days of each table.
        modes: the mode of each report table; the days of increments are business dates, those of other tables report dates.
        horizon: the days that the mart should hold.
        built: the days that it holds.
        days_of_files: further days, touched by files of any outcome.
        first_reports: the first report date of tables with stale days.
        of_months: ledgers by which the mart judges lines of their month (`ledgers_of_months`).
        reported: the stale days of these on which one was reported. On other days a ledger only holds on.
    """
    direct = set(stale.get(mart.relation, ())) | days_of_files
    flows: set[date] = set()
    stocks: set[date] = set()
    # The ledgers of the first month stand for all months before it.
    is_first = any(
        modes.get(name) != "increment"
        and not name.startswith("ref.")
        and month_of(min(stale[name])) <= month_of(first_reports.get(name, date.max))
        for name in names & stale.keys()
    )
    judged = {day for name in of_months & names for day in reported.get(name, ())}
    since = date.max
    if judged:
        since = date.min if is_first else month_of(min(judged)) - EARLY
    for name in names & stale.keys():
        days = stale[name]
        if name.startswith("ref."):
            direct |= days
        elif modes.get(name) == "increment":
            flows |= days
        elif name in of_months and mart.partition_by == "business_date":
            direct |= {day for day in built if day >= since}
        else:
            stocks |= days
    if mart.is_latest_only:
        return (horizon if direct or stocks or flows else horizon - built) | (built - horizon)
    if mart.partition_by == "as_of":
        if mart.max_lag_days is None:
            later = {day for day in horizon if day >= min(flows)} if flows else set[date]()
        else:
            later = {day + timedelta(n_days) for day in flows for n_days in range(mart.max_lag_days + 1)}
        touched = direct | stocks | later | {day for day in horizon if day >= since}
        touched |= {day + timedelta(n_days) for day in touched for n_days in mart.lookback_days}
        return within_horizon(mart, touched | (horizon - built), horizon) | (built - horizon)
    wanted = within_horizon(mart, direct | flows | stocks, horizon)
    if stocks and (is_first or mart.partition_by == "business_date"):
        # Which business dates another ledger concerns is not known.
        return wanted | built | within_horizon(mart, horizon, horizon)
    return wanted


def ledgers_of_months(files: SqlFiles, mart: Daily, modes: Mapping[str, str]) -> frozenset[str]:
    """The ledgers by which a mart judges lines of their month: its facts with a month and a business date read them."""
    found: set[str] = set()
    for name in mart.reads:
        if name.startswith("fact.") and {"period", "business_date"} <= files.fact(name).columns.keys():
            found |= {relation.partition(".")[2] for relation in files.read_by(files.fact(name))}
    return frozenset(table for table in found if modes.get(table) == "ledger")


def find_reported(
    connection: psycopg.Connection, tables: Iterable[str], stale: Mapping[str, set[date]]
) -> dict[str, frozenset[date]]:
    """The stale days of each table on which one of its parts was reported, effective or not."""
    found: dict[str, frozenset[date]] = {}
    for table in tables:
        days = sorted(stale.get(table, ()))
        rows = connection.execute(
            "SELECT DISTINCT report_date FROM intake.part WHERE table_name = %s AND report_date = ANY(%s)", (table, days)
        ).fetchall()
        found[table] = frozenset(row[0] for row in rows)
    return found


def find_days_of_files(connection: psycopg.Connection, mart: Daily, serial: int) -> set[date]:
    """For marts about the files themselves: the days of files of any outcome since the last build, and the days for which these count."""
    row = connection.execute("SELECT built_serial, built_at FROM audit.mart_version WHERE mart = %s", (mart.name,)).fetchone()
    if row is None or row[0] is None or row[0] == serial:
        return set()
    rows = connection.execute(
        """
        SELECT DISTINCT report_date FROM intake.submission
        WHERE report_date IS NOT NULL AND settled_at IS NOT NULL AND (settled_at > %(since)s OR recorded_at > %(since)s)
        """,
        {"since": row[1] - UNSEEN},
    ).fetchall()
    return {day for (first,) in rows for day in each_day(first, first + timedelta(HABIT_DAYS))}


def periods_touched(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Daily,
    stale: Mapping[str, set[date]],
    modes: Mapping[str, str],
    asked: dict[tuple[str, datetime | None], set[date]],
) -> set[date]:
    """The months of the lines that increments changed, as known now and as known by the last build.

    Lines say their month themselves: a tax document can be years younger than its period. A fact that judges the lines of another fact has
    the months of these.

    Args:
        asked: the months of each fact and moment that another mart has asked for with the same stale days; new ones are added.
    """
    before = connection.execute("SELECT MAX(known_at) FROM audit.mart_day WHERE mart = %s", (mart.name,)).fetchone()
    moments = [None, *([before[0]] if before and before[0] else [])]
    found: set[date] = set()
    for name in sorted({line for fact in mart.reads for line in _facts_of_lines(files, fact)}):
        tables = {relation.partition(".")[2] for relation in files.read_by(files.fact(name))}
        days = sorted({day for table in tables if modes.get(table) == "increment" for day in stale.get(table, ())})
        if not days:
            continue
        statement = sql.SQL("SELECT DISTINCT period FROM {} WHERE business_date = ANY(%s) AND period IS NOT NULL").format(
            sql.Identifier("fact", files.fact(name).name)
        )
        for moment in moments:
            if (name, moment) not in asked:
                with session_at(connection, days, moment):
                    asked[name, moment] = {row[0] for row in connection.execute(statement, (days,))}
            found |= asked[name, moment]
    return found


def _facts_of_lines(files: SqlFiles, name: str) -> set[str]:
    """The facts that say the month of the lines of a fact: those that it judges, or itself; none where lines have no month of their own."""
    if not name.startswith("fact.") or not {"period", "business_date"} <= files.fact(name).columns.keys():
        return set()
    return {line for below in files.fact(name).reads for line in _facts_of_lines(files, below)} or {name}


def find_first_reports(connection: psycopg.Connection, names: Iterable[str]) -> dict[str, date]:
    """The first report date of each table."""
    rows = connection.execute(
        "SELECT table_name, MIN(report_date) FROM intake.part WHERE table_name = ANY(%s) GROUP BY table_name", (list(names),)
    ).fetchall()
    return dict(rows)


def kept_days(mart: Daily, horizon: frozenset[date]) -> frozenset[date]:
    """The days of the horizon that a mart keeps."""
    return frozenset({max(horizon)}) if mart.is_latest_only and horizon else horizon


def within_horizon(mart: Daily, days: Iterable[date], horizon: frozenset[date]) -> frozenset[date]:
    """The days that the mart can hold: days reported on, months, or any days."""
    if mart.partition_by == "as_of":
        return horizon.intersection(days)
    return frozenset(months_around(days)) if mart.partition_by == "period" else frozenset(days)
