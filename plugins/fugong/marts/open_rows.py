"""Reads the rows of a mart that analysts may see, protects them month by month, and fills the table `open.<mart>` with them.

A build does so in the same transaction as it writes the mart. `protected` says what is hidden and rounded, and why.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.core.time import each_day, month_of
from fugong.marts import kept_bases, kept_firms
from fugong.marts.asof import session_at
from fugong.marts.code_names import names_of
from fugong.marts.firms_behind import FirmsBehind, count_corrected, count_firms, days_of_facts
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.month_rows import last_of, rows_of_month
from fugong.marts.open_cells import Seen, keys_of, value_columns, with_totals
from fugong.marts.open_table import columns, is_protected
from fugong.marts.protected import protect
from fugong.marts.protection import Protection
from fugong.marts.published import load_published

WORD = re.compile(rb"\w+")


def refresh(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    days: Collection[date],
    last_day: date,
    seen: Seen | None = None,
    counted: Sequence[tuple[Collection[date], FirmsBehind]] = (),
) -> None:
    """Write the open rows of the months of some days, and of all later months of a stock.

    What a month hides depends on what the month before hid.

    Args:
        seen: those of the days that analysts have seen, so that they can tell what has been corrected.
        counted: days of a mart of stocks, and the firms behind them.
    """
    table, source, day = sql.Identifier("open", mart.name), sql.Identifier("mart", mart.name), sql.Identifier(mart.partition_by)
    if not is_protected(mart):
        names = sql.SQL(", ").join(map(sql.Identifier, columns(mart)))
        wanted = sorted(days)
        connection.execute(sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(table, day), (wanted,))
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {} = ANY(%s)").format(table, names, names, source, day),
            (wanted,),
        )
        return
    touched = {month_of(each) for each in days}
    there, shown = (_months(connection, relation, day) for relation in (source, table))
    # a month of flows is not shown before it has ended
    months = {
        month
        for month in there
        if month in touched
        or month not in shown
        or (mart.partition_by == "as_of" and any(month > earlier for earlier in touched))
    }
    if not months | touched:
        return
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE date_trunc('month', {})::date = ANY(%s)").format(table, day), (sorted(months | touched),)
    )
    names = list(columns(mart))
    if kept_firms.is_kept(mart):
        kept_firms.refresh(connection, files, mart, days, months, counted)
    protected = list(rows(connection, files, mart, source, months, last_day=last_day, seen=seen, is_built=True))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, sql.SQL(", ").join(map(sql.Identifier, names)))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in protected:
            copy.write_row(row)


def unprotected(files: SqlFiles, faulty: Mapping[str, ConfigurationError]) -> Mapping[str, ConfigurationError]:
    """The marts whose open rows cannot be protected, and why: what publications say of them, or what another mart tells of them, is not known.

    A head that cannot be read may speak of every mart that its file names.
    """
    protected = [mart for mart in files.marts if mart.is_open and is_protected(mart)]
    try:
        load_published(files.folder.parent)
    except ConfigurationError as fault:
        return {mart.name: fault for mart in protected}
    found: dict[str, ConfigurationError] = {}
    for relation, fault in faulty.items():
        kind, _, name = relation.partition(".")
        if kind != "mart":
            continue
        words = _words(files, name)
        for mart in protected:
            if mart.name.encode() in words or name in {one.mart for one in (*mart.told_by, *mart.same_as)}:
                found[mart.name] = fault
    return found


def speakers(files: SqlFiles) -> Mapping[str, frozenset[str]]:
    """For each mart, the marts by whose faults its open rows could not be protected (`unprotected`)."""
    words = {mart.name: _words(files, mart.name) for mart in files.marts}
    return {
        mart.name: frozenset(
            {name for name, found in words.items() if mart.name.encode() in found}
            | {one.mart for one in (*mart.told_by, *mart.same_as)}
        )
        for mart in files.marts
    }


def _words(files: SqlFiles, name: str) -> set[bytes]:
    file = files.folder / "marts" / f"{name}.sql"
    return set(WORD.findall(file.read_bytes())) if file.exists() else set[bytes]()


def withhold(connection: psycopg.Connection, mart: Mart, days: Collection[date]) -> None:
    """Take away the open rows of the months that `refresh` would write again: they may not be shown as they are, nor as they were."""
    months = {month_of(day) for day in days}
    if not months:
        return
    kept_firms.forget(connection, mart, list(days))
    day, statement = sql.Identifier(mart.partition_by), sql.SQL("DELETE FROM {} WHERE date_trunc('month', {})::date = ANY(%s)")
    connection.execute(statement.format(sql.Identifier("open", mart.name), day), (sorted(months),))
    if mart.partition_by == "as_of":  # what a month hides depends on the month before
        later = sql.SQL("DELETE FROM {} WHERE {} >= %s").format(sql.Identifier("open", mart.name), day)
        connection.execute(later, (min(months),))


def is_withheld(connection: psycopg.Connection, mart: Mart) -> bool:
    """Whether the last months of a mart lack open rows."""
    if not is_protected(mart):
        return False
    day = sql.Identifier(mart.partition_by)
    newest = [sql.SQL("(SELECT MAX({}) FROM {})").format(day, sql.Identifier(schema, mart.name)) for schema in ("open", "mart")]
    statement = sql.SQL("SELECT date_trunc('month', {}) IS DISTINCT FROM date_trunc('month', {})").format(*newest)
    return connection.execute(statement).fetchone() == (True,)


def rows(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    months: Iterable[date],
    *,
    last_day: date,
    seen: Seen | None = None,
    is_built: bool = False,
) -> Iterator[tuple[Any, ...]]:
    """The protected rows of some months, with the columns of `columns`, in the order of their keys."""
    keys = keys_of(mart)
    names = {f"{key}_name": (keys.index(key), names_of(connection, places)) for key, places in mart.names.items()}
    shown = [name for name in columns(mart) if name != "is_suppressed"]
    for protection in protections(connection, files, mart, table, months, last_day=last_day, seen=seen, is_built=is_built):
        for key in sorted(protection.rows, key=str):
            row = protection.rows[key]
            values = [
                names[name][1].get(key[names[name][0]])
                if name in names
                else row[name]
                if name in keys
                else protection.shown(key, name)
                for name in shown
            ]
            is_suppressed = any(row.get(name) is not None and protection.is_hidden(key, name) for name in value_columns(mart))
            yield (*values, is_suppressed)


def _months(connection: psycopg.Connection, relation: sql.Identifier, day: sql.Identifier) -> set[date]:
    statement = sql.SQL("SELECT DISTINCT date_trunc('month', {})::date FROM {}").format(day, relation)
    return {month for (month,) in connection.execute(statement).fetchall()}


def protections(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    months: Iterable[date],
    *,
    last_day: date,
    seen: Seen | None = None,
    is_built: bool = False,
) -> Iterator[Protection]:
    """Protect the rows of these months, one month after the other.

    Args:
        table: holds the mart's rows, as known at that moment.
        months: by their first day, in their order. A month of flows that has not ended by the last day is left out.
        seen: days that analysts have seen as known at another moment; the difference must not tell a firm, either.
        is_built: whether the rows are those that a build has written, with the firms behind them (`kept_firms`).
    """
    published = load_published(files.folder.parent)
    before: Protection | None = None
    for month in sorted(months):
        if mart.partition_by == "period" and last_of(month) > last_day:
            continue
        rows = rows_of_month(connection, mart, table, month)
        if not rows:
            continue
        behind = _firms(connection, files, mart, table, month, seen, is_built=is_built)
        kept = kept_bases.read(connection, mart, month)
        protection = protect(
            mart,
            with_totals(mart, rows, behind),
            behind,
            before,
            published,
            kept,
            is_divided=files.is_divided(mart),
        )
        if seen:
            kept_bases.keep(connection, protection, month)
        before = protection if mart.partition_by == "as_of" else None
        yield protection


def _firms(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    month: date,
    seen: Seen | None,
    *,
    is_built: bool,
) -> FirmsBehind:
    if is_built and kept_firms.is_kept(mart):
        behind = kept_firms.read(connection, mart, month)
    else:
        days = [month] if mart.partition_by == "period" else list(each_day(month, last_of(month)))
        with session_at(connection, days_of_facts(mart, days)):
            behind = count_firms(connection, files, mart, table, mart.totals, days)
    again = sorted(day for day in seen.days if month_of(day) == month) if seen else []
    if seen and again:
        moments = seen.known_at, None
        moved = count_corrected(connection, files, mart, table, mart.totals, again, moments, seen.table)
        at = keys_of(mart).index(mart.partition_by)
        behind.corrected.update((key, parts) for key, parts in moved.items() if key[at] in seen.days)
    return behind
