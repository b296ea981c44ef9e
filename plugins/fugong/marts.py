"""Marts and checks: fact views and mart tables made from their SQL files, and the days that are out of date computed again.

A mart's table, and `mart.check_row`, hold what is known now. Every SELECT can be asked for any other moment of knowledge (`replayed`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from fugong import check_rows, open_view
from fugong.contract import load_contracts
from fugong.rule import ContractFault
from fugong.settings import Settings
from fugong.sql_file import Check, Comment, Daily, Fact, Mart, SqlFile, SqlFiles, load_sql_files, where, with_days

BUILD_LOCK = 7_236_002
DAYS_AT_ONCE = {"as_of": 200, "business_date": 366, "period": 24}
DAYS_WORTH_STATISTICS = 31
EVERYTHING = frozenset({"intake.part", "intake.submission", "intake.finding", "intake.set_aside_row"})
"""Whoever reads these is touched by every file, whatever became of it."""
HABIT_DAYS = 31
"""A file about a day concerns such marts for the month after it (see `calendar.HABIT_DAYS`)."""
UNSEEN = timedelta(days=1)
"""Files that came in so long before the last build, or after it, may have been settled since."""
AUDIT_TABLES = """
CREATE TABLE IF NOT EXISTS audit.mart_version (
    mart text PRIMARY KEY,
    hash text NOT NULL,
    made_at timestamptz NOT NULL,
    built_serial bigint,
    built_at timestamptz
);
ALTER TABLE audit.mart_version
ADD COLUMN IF NOT EXISTS built_serial bigint,
ADD COLUMN IF NOT EXISTS built_at timestamptz;
CREATE TABLE IF NOT EXISTS audit.mart_day (
    mart text NOT NULL,
    day date NOT NULL,
    known_at timestamptz NOT NULL,
    built_at timestamptz NOT NULL,
    PRIMARY KEY (mart, day)
);
CREATE INDEX IF NOT EXISTS part_report_date ON intake.part (report_date);
CREATE INDEX IF NOT EXISTS part_settled_at ON intake.part (settled_at);
COMMENT ON TABLE audit.mart_version IS '汇总表的版本 | Which SELECT each mart was made by';
COMMENT ON TABLE audit.mart_day IS '已计算的日期 | The days each mart has been built for, and the moment of knowledge they hold';
"""

Progress = Callable[[str, int, int], None]
"""Called with the mart at work, the days of all marts done and those to do."""


@dataclass(frozen=True)
class Built:
    """What a build did.

    Attributes:
        marts: the marts that had days to build.
        days: as_of days, business dates and first days of months, sorted.
        rows: written, per mart.
        checks: rows found, per check that had days to build.
        known_at: the moment of knowledge that the built days hold; None before the first settlement.
    """

    marts: tuple[str, ...]
    days: tuple[date, ...]
    seconds: float
    rows: Mapping[str, int]
    checks: Mapping[str, int]
    known_at: datetime | None


# Views and tables


def create_facts(connection: psycopg.Connection, include: Path) -> list[str]:
    """Create or replace every fact view, in the order in which they read each other.

    Returns:
        The views whose columns changed.

    Raises:
        ContractFault: a SELECT does not run, or a column has no comment.
    """
    changes: list[str] = []
    for fact in load_sql_files(include / "sql").facts:
        view = sql.Identifier("fact", fact.name)
        create = sql.SQL("CREATE OR REPLACE VIEW {} AS {}").format(view, _text(fact.body))
        before = _columns_of(connection, fact.relation)
        try:
            with connection.transaction():
                connection.execute(create)
        except psycopg.errors.InvalidTableDefinition:  # other columns: views above are made again below
            connection.execute(sql.SQL("DROP VIEW {} CASCADE").format(view))
            _run(connection, fact, create)
        except psycopg.Error as error:
            raise _fault(fact, error) from error
        after = _columns_of(connection, fact.relation)
        if before != after:
            changes.append(f"{'changed' if before else 'created'} {fact.relation}")
        _comment(connection, fact, "VIEW", Comment("明细", fact.grain), after)
    return changes


def create_marts(connection: psycopg.Connection, include: Path) -> list[str]:
    """Make the table of every mart from its SELECT's own columns, and what analysts see of it; see that every check can be evaluated.

    A changed SELECT makes all days of the mart or check stale; changed columns make the table anew. Tables of marts that are gone stay.

    Returns:
        The marts and checks that were created or changed.

    Raises:
        ContractFault: a SELECT does not run, or a column has no comment.
    """
    connection.execute(cast(LiteralString, AUDIT_TABLES))
    files = load_sql_files(include / "sql")
    changes: list[str] = []
    for mart in files.marts:
        wanted = _columns_of_select(connection, mart)
        found = _columns_of(connection, mart.relation)
        if found != wanted:
            _make_table(connection, mart)
        changes += _note_version(connection, files, mart, is_new=found != wanted)
        title = Comment(
            "汇总", f"{mart.grain}. Serves {mart.serves or '-'}. Holds what is known now; fugong.known_at does not move it"
        )
        _comment(connection, mart, "TABLE", title, wanted)
        for statement in open_view.statements(mart):
            _run(connection, mart, statement)
    return changes + _create_checks(connection, files)


def _create_checks(connection: psycopg.Connection, files: SqlFiles) -> list[str]:
    """See that every check can be evaluated. Rows of checks that are gone go."""
    changes: list[str] = []
    for check in files.checks:
        _refuse_other_columns(check, _columns_of_select(connection, check))
        changes += _note_version(connection, files, check)
    connection.execute("DELETE FROM mart.check_row WHERE check_id <> ALL(%s)", ([check.id for check in files.checks],))
    return changes


def _note_version(connection: psycopg.Connection, files: SqlFiles, file: Daily, *, is_new: bool = False) -> list[str]:
    known = connection.execute("SELECT hash FROM audit.mart_version WHERE mart = %s", (file.name,)).fetchone()
    version = files.hash_of(file)
    if known == (version,) and not is_new:
        return []
    connection.execute(
        """
        INSERT INTO audit.mart_version (mart, hash, made_at) VALUES (%s, %s, clock_timestamp())
        ON CONFLICT (mart) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at
        """,
        (file.name, version),
    )
    mark_all_stale(connection, file.relation)
    return [f"{'changed' if known else 'created'} {file.relation}"]


def mark_all_stale(connection: psycopg.Connection, name: str) -> None:
    """Make every day that anything was reported for stale, for `ref.<table>`, `mart.<mart>`, `check.<id>` or a report table."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (BUILD_LOCK,))  # a build under way must not clear these
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
        ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = GREATEST(stale_day.settled_serial, excluded.settled_serial)
        """,
        (name,),
    )


def _make_table(connection: psycopg.Connection, mart: Mart) -> None:
    table = sql.Identifier("mart", mart.name)
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(table))
    _run(connection, mart, sql.SQL("CREATE TABLE {} AS {} WITH NO DATA").format(table, _text(with_days(mart.body, ()))))
    connection.execute("DELETE FROM audit.mart_day WHERE mart = %s", (mart.name,))
    keys = sql.SQL(", ").join(map(sql.Identifier, mart.keys))
    _run(connection, mart, sql.SQL("CREATE UNIQUE INDEX ON {} ({}) NULLS NOT DISTINCT").format(table, keys))
    if mart.keys[0] != mart.stale:
        connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.Identifier(mart.stale)))


# Building


def build_marts(settings: Settings, *, days: Iterable[date] | None = None, on_progress: Progress | None = None) -> Built:
    """Compute the stale days of every mart (see `build`), on a connection of its own, and tell departments what contradicts their lines."""
    from fugong import check_note, warehouse  # both read marts, so they import this module

    with warehouse.connect(settings) as connection:
        built = build(connection, settings.include, days=days, on_progress=on_progress)
        connection.commit()
        check_note.write_notes(connection, settings)
    return built


def build(
    connection: psycopg.Connection,
    include: Path,
    *,
    days: Iterable[date] | None = None,
    on_progress: Progress | None = None,
) -> Built:
    """Compute the days that are out of date, of every mart and check, in one transaction; readers see all of it or nothing.

    Two builds wait for each other. What is settled meanwhile stays stale for the next build.

    Args:
        days: build these (their months, for `period` marts) whether stale or not, and leave the list of stale days alone.

    Raises:
        ContractFault: a SELECT does not run, or yields a key twice.
    """
    began = time.monotonic()
    files = load_sql_files(include / "sql")
    modes = {name: table.mode for name, table in load_contracts(include / "contracts").tables.items()}
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (BUILD_LOCK,))
        refuse_changed(connection, files)
        _refresh_statistics(connection)
        serial, known_at = current(connection)
        stale = connection.execute(
            "SELECT table_name, day, settled_serial FROM intake.stale_day WHERE settled_serial <= %s", (serial,)
        ).fetchall()
        by_table: dict[str, set[date]] = {}
        for table_name, day, _ in stale:
            by_table.setdefault(table_name, set()).add(day)
        horizon = reported_days(connection)
        asked = None if days is None else frozenset(days)
        built = _built_days(connection) if asked is None else {}
        views = views_of_reference(connection)
        work: dict[Daily, frozenset[date]] = {}
        for mart in files.daily:
            done = built.get(mart.name, frozenset())
            kept = _kept(mart, horizon)
            if asked is not None:
                work[mart] = _within(mart, asked, kept)
            else:
                names, is_by_all = sources(files.read_by(mart), views)
                days_of_files = _days_of_files(connection, mart, serial) if is_by_all else set[date]()
                first_reports = _first_reports(connection, names & by_table.keys()) if mart.stale == "period" else {}
                if mart.stale == "period":
                    days_of_files |= _periods_touched(connection, files, mart, by_table, modes)
                work[mart] = _out_of_date(mart, names, by_table, modes, kept, done, days_of_files, first_reports)
        rows: dict[str, int] = {}
        total = sum(map(len, work.values()))
        n_done = 0
        for mart, wanted in work.items():
            if not wanted:
                continue
            if on_progress:
                on_progress(mart.name, n_done, total)
            rows[mart.name] = _build_days(connection, mart, sorted(wanted), _kept(mart, horizon), known_at)
            n_done += len(wanted)
        if on_progress:
            on_progress("", n_done, total)
        if asked is None:
            connection.execute("UPDATE audit.mart_version SET built_serial = %s, built_at = clock_timestamp()", (serial,))
            # Only rows that are as they were read: a settlement meanwhile has written a newer serial.
            connection.execute(
                """
                DELETE FROM intake.stale_day
                USING unnest(%s::text[], %s::date[], %s::bigint[]) AS cleared (table_name, day, settled_serial)
                WHERE
                    stale_day.table_name = cleared.table_name
                    AND stale_day.day = cleared.day
                    AND stale_day.settled_serial = cleared.settled_serial
                """,
                ([row[0] for row in stale], [row[1] for row in stale], [row[2] for row in stale]),
            )
    ids = {check.id for check in files.checks}
    return Built(
        marts=tuple(name for name in rows if name not in ids),
        days=tuple(sorted(set().union(*work.values()))),
        seconds=time.monotonic() - began,
        rows={name: n_rows for name, n_rows in rows.items() if name not in ids},
        checks={name: n_rows for name, n_rows in rows.items() if name in ids},
        known_at=known_at,
    )


def refuse_changed(connection: psycopg.Connection, files: SqlFiles) -> None:
    """See that the warehouse's views and tables are those of the files.

    Raises:
        ContractFault: a file was added or changed since the last `fugong init`.
    """
    known = dict(connection.execute("SELECT mart, hash FROM audit.mart_version").fetchall())
    changed = [mart.relation for mart in files.daily if known.get(mart.name) != files.hash_of(mart)]
    if changed:
        raise ContractFault(f"{', '.join(changed)} (or a fact below) changed since the warehouse was made: run `fugong init`")


def current(connection: psycopg.Connection) -> tuple[int, datetime | None]:
    """The serial of the last settlement, and the moment of it or of the last change of a parameter; None before the first one.

    History is settled at the moment it arrived, which may be before or after the clock's. Not the clock on the wall: a settlement on its way could still get a moment before now, and a replay would see it.
    """
    row = connection.execute(
        """
        SELECT settled_serial, CASE WHEN isfinite(latest) THEN latest END
        FROM (
            SELECT
                settled_serial,
                GREATEST(settled_at, (SELECT MAX(settled_at) FROM intake.part), (SELECT MAX(counts_from) FROM ref.policy_param), (
                    SELECT MAX(counts_to) FROM ref.policy_param WHERE counts_to < 'infinity'
                )) AS latest
            FROM intake.settle_clock
        ) AS clock
        """
    ).fetchone()
    return row if row else (0, None)


def reported_days(connection: psycopg.Connection) -> frozenset[date]:
    """The days that `as_of` marts exist for: from the first report date to the last."""
    with asked_for(connection):
        row = connection.execute("SELECT MIN(report_date), MAX(report_date) FROM asof.part").fetchone()
    if row is None or row[0] is None:
        return frozenset()
    return frozenset(each_day(row[0], row[1]))


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(offset)


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def months_around(days: Iterable[date]) -> set[date]:
    """First days of the months of these days, of the months before and of the months after."""
    months: set[date] = set()
    for month in {month_of(day) for day in days}:
        months |= {month, month_of(month - timedelta(1)), month_of(month + timedelta(31))}
    return months


@contextmanager
def asked_for(
    connection: psycopg.Connection, days: Iterable[date] | None = None, known_at: datetime | None = None
) -> Iterator[None]:
    """Within the block the views of `asof` and `fact` speak for these days (None: all) and this moment of knowledge (None: now)."""
    with connection.transaction():
        before = connection.execute(
            """
            SELECT
                current_setting('fugong.days', true), current_setting('fugong.known_at', true), current_setting('enable_nestloop')
            """
        ).fetchone() or (None, None, "on")
        literal = "" if days is None else "{" + ",".join(day.isoformat() for day in days) + "}"
        # Of a materialized CTE the planner knows no size, takes it for one row, and would compare each of many with each of many.
        _set(connection, literal, known_at.isoformat() if known_at else "", "off")
        yield
        _set(connection, before[0] or "", before[1] or "", before[2])


def _set(connection: psycopg.Connection, days: str, known_at: str, nested_loops: str) -> None:
    connection.execute(
        """
        SELECT
            set_config('fugong.days', %s, true), set_config('fugong.known_at', %s, true), set_config('enable_nestloop', %s, true)
        """,
        (days, known_at, nested_loops),
    )


def views_of_reference(connection: psycopg.Connection) -> dict[str, frozenset[str]]:
    """The `ref` views, such as `ref.param_version`, and the `ref` tables below each."""
    rows = connection.execute(
        """
        SELECT 'ref.' || view_name, array_agg('ref.' || table_name) FROM information_schema.view_table_usage
        WHERE view_schema = 'ref' AND table_schema = 'ref' GROUP BY view_name
        """
    ).fetchall()
    return {view: frozenset(tables) for view, tables in rows}


def sources(relations: Iterable[str], views: Mapping[str, frozenset[str]]) -> tuple[frozenset[str], bool]:
    """What in `intake.stale_day` concerns these relations: report tables and `ref.<table>`, and whether every report does."""
    found: set[str] = set()
    for relation in relations:
        schema, _, name = relation.partition(".")
        if schema == "ref":
            found |= views.get(relation, {relation})
        elif schema in {"asof", "report"} and name not in {"day", "part", "part_in_force", "part_holding"}:
            found.add(name)
    return frozenset(found), not EVERYTHING.isdisjoint(relations)


def _out_of_date(
    mart: Daily,
    names: frozenset[str],
    stale: Mapping[str, set[date]],
    modes: Mapping[str, str],
    horizon: frozenset[date],
    built: frozenset[date],
    days_of_files: set[date],
    first_reports: Mapping[str, date],
) -> frozenset[date]:
    """The days of a mart or check to build again, and the days that have come without having been built.

    Args:
        days_of_files: days that files other than good ones concern, too.
        first_reports: the first report date of tables with stale days.
    """
    direct = set(stale.get(mart.relation, ())) | days_of_files
    flows: set[date] = set()
    stocks: set[date] = set()
    is_first = False
    for name in names & stale.keys():
        days = stale[name]
        if name.startswith("ref."):
            direct |= days
        elif modes.get(name) == "increment":
            flows |= days
        else:
            stocks |= days
            is_first = is_first or min(days) <= first_reports.get(name, date.max)
    if mart.is_newest_only:
        return (horizon if direct or stocks or flows else horizon - built) | (built - horizon)
    if mart.stale == "as_of":
        if mart.reach is None:
            later = {day for day in horizon if day >= min(flows)} if flows else set[date]()
        else:
            later = {day + timedelta(n_days) for day in flows for n_days in range(mart.reach + 1)}
        touched = direct | stocks | later
        touched |= {day + timedelta(n_days) for day in touched for n_days in mart.before}
        return _within(mart, touched | (horizon - built), horizon) | (built - horizon)
    wanted = _within(mart, direct | flows | stocks, horizon)
    if stocks and (is_first or mart.stale == "business_date"):
        # Months before the first ledger are told by it; which days of business a ledger speaks for is not known at all.
        return wanted | built | _within(mart, horizon, horizon)
    return wanted


def _days_of_files(connection: psycopg.Connection, mart: Daily, serial: int) -> set[date]:
    """For marts about the files themselves: the days that files settled since the last build concern, rejected ones included."""
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


def _periods_touched(
    connection: psycopg.Connection, files: SqlFiles, mart: Daily, stale: Mapping[str, set[date]], modes: Mapping[str, str]
) -> set[date]:
    """Months of the lines that increments changed, now and as the mart last knew them: a document may be years younger than its period."""
    before = connection.execute("SELECT MAX(known_at) FROM audit.mart_day WHERE mart = %s", (mart.name,)).fetchone()
    moments = [None, *([before[0]] if before and before[0] else [])]
    found: set[date] = set()
    for name in mart.reads:
        if not name.startswith("fact.") or not {"period", "business_date"} <= files.fact(name).columns.keys():
            continue
        tables = {relation.partition(".")[2] for relation in files.read_by(files.fact(name))}
        days = sorted({day for table in tables if modes.get(table) == "increment" for day in stale.get(table, ())})
        if not days:
            continue
        statement = sql.SQL("SELECT DISTINCT period FROM {} WHERE business_date = ANY(%s) AND period IS NOT NULL").format(
            sql.Identifier("fact", files.fact(name).name)
        )
        for moment in moments:
            with asked_for(connection, days, moment):
                found |= {row[0] for row in connection.execute(statement, (days,))}
    return found


def _first_reports(connection: psycopg.Connection, names: Iterable[str]) -> dict[str, date]:
    rows = connection.execute(
        "SELECT table_name, MIN(report_date) FROM intake.part WHERE table_name = ANY(%s) GROUP BY table_name", (list(names),)
    ).fetchall()
    return dict(rows)


def _kept(mart: Daily, horizon: frozenset[date]) -> frozenset[date]:
    """The days that are kept of those reported on."""
    return frozenset({max(horizon)}) if mart.is_newest_only and horizon else horizon


def _within(mart: Daily, days: Iterable[date], horizon: frozenset[date]) -> frozenset[date]:
    if mart.stale == "as_of":
        return horizon.intersection(days)
    return frozenset(months_around(days)) if mart.stale == "period" else frozenset(days)


def _build_days(
    connection: psycopg.Connection, mart: Daily, days: Sequence[date], horizon: frozenset[date], known_at: datetime | None
) -> int:
    if isinstance(mart, Check):
        table = sql.Identifier("mart", "check_row")
        whose = sql.SQL("check_id = {} AND day").format(sql.Literal(mart.id))
    else:
        table = sql.Identifier("mart", mart.name)
        whose = sql.Identifier(mart.stale)
    connection.execute(sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(table, whose), (list(days),))
    connection.execute("DELETE FROM audit.mart_day WHERE mart = %s AND day = ANY(%s)", (mart.name, list(days)))
    wanted = [day for day in days if mart.stale != "as_of" or day in horizon]
    rows = 0
    for chunk in _chunks(mart, wanted):
        with asked_for(connection, spanned(mart, chunk), known_at):
            rows += _run(connection, mart, _insert(mart, table, chunk))
    connection.execute(
        "INSERT INTO audit.mart_day SELECT %s, day, %s, statement_timestamp() FROM unnest(%s::date[]) AS day",
        (mart.name, known_at or "-infinity", wanted),
    )
    if len(wanted) > DAYS_WORTH_STATISTICS:
        connection.execute(sql.SQL("ANALYZE {}").format(table))
    return rows


def _insert(mart: Daily, table: sql.Identifier, days: Sequence[date]) -> sql.Composed:
    if isinstance(mart, Check):
        return sql.SQL("INSERT INTO {} ({}) {}").format(table, check_rows.COLUMNS, check_rows.rows(mart, days))
    return sql.SQL("INSERT INTO {} {}").format(table, _text(with_days(mart.body, days)))


def spanned(mart: Daily, days: Iterable[date]) -> list[date]:
    """The days to set `fugong.days` to: the days themselves and those that the mart reads before them, or every day of the months."""
    if mart.stale != "period":
        return sorted({day - timedelta(n_days) for day in days for n_days in (0, *mart.before)})
    return [day for month in sorted(days) for day in each_day(month, month_of(month + timedelta(31)) - timedelta(1))]


def _chunks(mart: Daily, days: Sequence[date]) -> Iterator[Sequence[date]]:
    size = DAYS_AT_ONCE[mart.stale]
    return (days[start : start + size] for start in range(0, len(days), size))


def _built_days(connection: psycopg.Connection) -> dict[str, frozenset[date]]:
    rows = connection.execute("SELECT mart, array_agg(day) FROM audit.mart_day GROUP BY mart").fetchall()
    return {mart: frozenset(days) for mart, days in rows}


def _refresh_statistics(connection: psycopg.Connection) -> None:
    """ANALYZE tables that have grown by much: right after a load autovacuum has not come by, and plans would be made blindly."""
    rows = connection.execute(
        """
        SELECT stat.schemaname, stat.relname FROM pg_stat_user_tables AS stat
        INNER JOIN pg_class AS class ON class.oid = stat.relid AND pg_has_role(class.relowner, 'USAGE')
        WHERE
            stat.schemaname IN ('intake', 'report', 'ref')
            AND stat.n_mod_since_analyze > 200 + 0.2 * stat.n_live_tup
        """
    ).fetchall()
    for schema, table in rows:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))


# Another moment of knowledge


@contextmanager
def replayed(
    connection: psycopg.Connection, mart: Daily, days: Iterable[date], known_at: datetime | None
) -> Iterator[sql.Identifier]:
    """A SELECT for these days, as known then, in a temporary table that lives as long as the block.

    Of a mart the table has its columns, of a check those of `mart.check_row`.
    """
    name = _replay_of(mart)
    table = sql.Identifier("pg_temp", name)
    with connection.transaction():
        body = check_rows.rows(mart, ()) if isinstance(mart, Check) else _text(with_days(mart.body, ()))
        _run(connection, mart, sql.SQL("CREATE TEMP TABLE {} AS {} WITH NO DATA").format(sql.Identifier(name), body))
        for chunk in _chunks(mart, sorted(set(days))):
            with asked_for(connection, spanned(mart, chunk), known_at):
                _run(connection, mart, _insert(mart, table, chunk))
        yield table
        connection.execute(sql.SQL("DROP TABLE {}").format(table))


def _replay_of(mart: Daily) -> str:
    return f"replay_{mart.name}".lower()[:63]


@contextmanager
def fact_rows(
    connection: psycopg.Connection, fact: Fact, days: Iterable[date], known_at: datetime | None
) -> Iterator[sql.Identifier]:
    """A fact's rows for these days, as known then, in a temporary table that lives as long as the block."""
    name = f"rows_of_{fact.name}"[:63]
    with connection.transaction():
        with asked_for(connection, days, known_at):
            connection.execute(
                sql.SQL("CREATE TEMP TABLE {} AS SELECT * FROM {}").format(
                    sql.Identifier(name), sql.Identifier("fact", fact.name)
                )
            )
        yield sql.Identifier("pg_temp", name)
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("pg_temp", name)))


# Statements


def _text(body: str) -> sql.SQL:
    # Never a parameter of psycopg: a `%` in the SELECT is the SELECT's.
    return sql.SQL(cast(LiteralString, body))


def _run(connection: psycopg.Connection, file: SqlFile, statement: sql.Composed) -> int:
    try:
        return connection.execute(statement).rowcount
    except psycopg.errors.UniqueViolation as error:
        raise ContractFault(
            f"{where(file.file)}: two rows have the same keys, or a row lies outside the days asked for: {error.diag.message_detail}"
        ) from error
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise _fault(file, error) from error


def _fault(file: SqlFile, error: psycopg.Error) -> ContractFault:
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return ContractFault(f"{where(file.file)}: {error.diag.message_primary or error}{hint}")


def _columns_of(connection: psycopg.Connection, relation: str) -> dict[str, str]:
    rows = connection.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """,
        (relation,),
    ).fetchall()
    return dict(rows)


def _columns_of_select(connection: psycopg.Connection, mart: Daily) -> dict[str, str]:
    with connection.transaction(force_rollback=True):
        select = _text(with_days(mart.body, ()))
        _run(connection, mart, sql.SQL("CREATE TEMP TABLE columns_of_select AS {} WITH NO DATA").format(select))
        columns = _columns_of(connection, "pg_temp.columns_of_select")
    sums = mart.sums if isinstance(mart, Mart) else ()
    missing = [key for key in (*mart.keys, *sums) if key not in columns]
    if missing:
        raise ContractFault(f"{where(mart.file)}: the SELECT has no column {', '.join(missing)}. It has: {', '.join(columns)}")
    if columns[mart.stale] != "date":
        raise ContractFault(f"{where(mart.file)}: {mart.stale} should be a date, it is {columns[mart.stale]}")
    return columns


def _comment(
    connection: psycopg.Connection, file: Fact | Mart, kind: LiteralString, title: Comment, columns: Mapping[str, str]
) -> None:
    _refuse_other_columns(file, columns)
    schema = "fact" if isinstance(file, Fact) else "mart"
    _comment_on(connection, sql.SQL(kind + " {}").format(sql.Identifier(schema, file.name)), str(title))
    for column in columns:
        _comment_on(connection, sql.SQL("COLUMN {}").format(sql.Identifier(schema, file.name, column)), str(file.columns[column]))


def _refuse_other_columns(file: SqlFile, columns: Iterable[str]) -> None:
    """See that a SELECT has the columns that its head explains.

    Raises:
        ContractFault: it has others.
    """
    there = list(columns)
    without = [column for column in there if column not in file.columns]
    if without:
        raise ContractFault(f"{where(file.file)}: no `column` line for {', '.join(without)}")
    unknown = [column for column in file.columns if column not in there]
    if unknown:
        raise ContractFault(f"{where(file.file)}: the SELECT has no column {', '.join(unknown)}. It has: {', '.join(there)}")


def _comment_on(connection: psycopg.Connection, what: sql.Composable, comment: str) -> None:
    connection.execute(sql.SQL("COMMENT ON {} IS {}").format(what, sql.Literal(comment)))
