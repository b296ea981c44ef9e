"""Creates or upgrades a warehouse: schemas, tables, reference data, facts, marts, roles, folders."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.configuration.lint import lint
from fugong.contracts.accepted import accept_contracts
from fugong.contracts.contract import Contracts
from fugong.contracts.load import load_contracts
from fugong.core.advisory_locks import INIT_LOCK
from fugong.core.csv_file import with_all_cells
from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.schema import read_text
from fugong.core.settings import TRIAL, Settings
from fugong.evidence.opening import last_schema_change, open_log
from fugong.figures import references
from fugong.intake.folders import open_sender_folder, prove_work_folder
from fugong.marts import staleness
from fugong.marts.schema import create_facts, create_marts
from fugong.storage import modes, quarantine
from fugong.storage.writable import make_writable_folders
from fugong.warehouse import roles
from fugong.warehouse.connection import address
from fugong.warehouse.embedded import server

MIN_SERVER_VERSION = 16


def init(settings: Settings, *, is_strict: bool = False) -> list[str]:
    """Create or upgrade the warehouse, in one transaction; safe to run again and at the same time.

    Nothing is touched before what the warehouse is made of is without fault: contracts, suites, reference files, SQL, figures.

    Args:
        is_strict: refuse also what no warehouse is made of: rules that cannot be evaluated, the wording of the briefing, settings.

    Order: migrations → report tables → reference data → views → facts → marts → log → roles → distribution of new
    reports, where others are distributed.

    Returns:
        One sentence per change.

    Raises:
        WarehouseError: the server is too old, or a contract changed in a way that would lose values.
        WarehouseNewer: a newer program upgraded the warehouse.
        ConfigurationError: a file of ours is wrong. The message names every fault with its file.
    """
    # late: SQLAlchemy and Alembic take longer to import than most commands run
    from fugong.warehouse import distribution, engine, views
    from fugong.warehouse.asof_view import create_asof_views
    from fugong.warehouse.migrate import migrate
    from fugong.warehouse.report_schema import update_report_tables

    # First: what cannot be read leaves no warehouse behind. A district without suites takes no files; its warehouse can be read.
    if found := lint(settings, tries_rules=is_strict, needs_suites=settings.expectations.is_dir(), has_briefing=is_strict):
        raise ConfigurationError("\n".join(map(str, found)))
    contracts = load_contracts(settings.include / "contracts")
    modes.make_folder(settings.home, modes.PASSAGE)
    if not settings.warehouse_url:
        server.start(settings.home)
        roles.prepare_server(settings.home)
    with engine.begin(address(settings)) as alchemy:
        connection = engine.driver(alchemy)
        _refuse_old_server(connection)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (INIT_LOCK,))
        last_change = last_schema_change(connection)
        before, foreign = views.view_columns(alchemy), views.foreign_views(connection)
        changes = migrate(alchemy)
        changes += update_report_tables(alchemy, contracts)
        changes += load_reference(connection, settings.include / "reference")
        accept_contracts(connection, settings.include / "contracts", contracts)
        fill_report_due(connection, contracts)
        views.create_views(alchemy)
        create_asof_views(alchemy, contracts)
        views.create_comments(alchemy)
        create_facts(connection, settings.include)
        changes += _changed_views(before, views.view_columns(alchemy), contracts)
        changes += create_marts(connection, settings.include)
        references.check_references(connection, settings.include)
        changes += open_log(connection, settings.digest, last_change)
        roles.create_guards(connection)
        roles.create(connection)
        changes += distribution.go_on(connection)
        roles.set_passwords(connection, settings)
        kept = views.foreign_views(connection)
        changes += [
            f"dropped {name}, which read a view of ours. To create it again: {statement}"
            for name, statement in foreign.items()
            if name not in kept
        ]
    departments = sorted({sender for contract in contracts for sender in contract.senders})
    make_writable_folders(settings, departments)
    changes += modes.tighten(settings)
    changes += quarantine.move_old_key(settings)
    for department in departments:
        with open_sender_folder(settings, department) as folder, folder.child(TRIAL):
            pass
    prove_work_folder(settings)
    return changes


def _refuse_old_server(connection: psycopg.Connection) -> None:
    if connection.info.server_version < MIN_SERVER_VERSION * 10_000:
        raise WarehouseError(
            f"The warehouse runs PostgreSQL {connection.info.server_version // 10_000}; "
            f"Fugong needs {MIN_SERVER_VERSION} or later."
        )


def _changed_views(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]], contracts: Contracts) -> list[str]:
    """One sentence per new fact, and per fact or engine's view with other columns. The `asof` view of a report table follows its table."""
    followers = {f"asof.{table}" for table in contracts.tables}
    return [
        f"{'changed' if name in before else 'created'} {name}"
        for name, columns in after.items()
        if before.get(name) != columns and name not in followers and (name in before or name.startswith("fact."))
    ]


def load_reference(connection: psycopg.Connection, folder: Path) -> list[str]:
    """Load every CSV of the folder into the `ref` table of its name. A change makes every day stale.

    Raises:
        ConfigurationError: a CSV has no table in `ref`, or other columns than it.
    """
    changes: list[str] = []
    for file in sorted(folder.glob("*.csv")):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        known = connection.execute("SELECT sha256 FROM audit.reference_version WHERE name = %s", (file.stem,)).fetchone()
        if known == (digest,):
            continue
        header = next(csv.reader(read_text(file).splitlines()), [])
        if not header:
            raise ConfigurationError(f"include/reference/{file.name}:1: the file should begin with the names of its columns")
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"ref.{file.stem}",)).fetchone()
        if there != (True,):
            raise ConfigurationError(f"include/reference/{file.name}: the warehouse has no table ref.{file.stem}")
        try:
            _load(connection, file, header, is_first=known is None)
        except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.UndefinedColumn) as error:
            # the context names the line of the CSV
            said = "; ".join(filter(None, (error.diag.message_primary, error.diag.message_detail, error.diag.context)))
            raise ConfigurationError(f"include/reference/{file.name}: {' '.join(said.split())}") from error
        connection.execute(
            """
            INSERT INTO audit.reference_version VALUES (%s, %s, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, loaded_at = excluded.loaded_at
            """,
            (file.stem, digest),
        )
        if known:
            staleness.mark_all_stale(connection, f"ref.{file.stem}")
        changes.append(f"loaded ref.{file.stem}")
    return changes


def _load(connection: psycopg.Connection, file: Path, header: Sequence[str], *, is_first: bool) -> None:
    """Replace the rows of a `ref` table by those of its CSV. A table with `counts_from` keeps former rows for earlier moments of knowledge.

    A parameter with a name that no policy had before, of a policy that was there, is no news about the policy: the SQL of this release
    asks for it by a new name. It counts at all moments, as the SQL does.
    """
    table, incoming = sql.Identifier("ref", file.stem), sql.Identifier("pg_temp", f"incoming_{file.stem}")
    columns = sql.SQL(", ").join(map(sql.Identifier, header))
    [(is_kept,)] = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'counts_from')",
        (f"ref.{file.stem}",),
    ).fetchall()
    copy_to = incoming if is_kept else table
    if is_kept:
        connection.execute(
            sql.SQL("CREATE TEMP TABLE {} AS SELECT {} FROM {} WITH NO DATA").format(
                sql.Identifier(f"incoming_{file.stem}"), columns, table
            )
        )
    else:
        connection.execute(sql.SQL("DELETE FROM {}").format(table))
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')").format(copy_to, columns)
    with connection.cursor().copy(statement) as copy:
        copy.write(with_all_cells(read_text(file)).encode())
    if not is_kept:
        return

    def same(left: str, right: str) -> sql.Composed:
        pairs = [
            sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(left, name), sql.Identifier(right, name))
            for name in header
        ]
        return sql.SQL(" AND ").join(pairs)

    [(moment,)] = connection.execute("SELECT clock_timestamp()").fetchall()
    connection.execute(
        sql.SQL(
            "UPDATE {} AS held SET counts_to = {} WHERE counts_to = 'infinity' AND NOT EXISTS (SELECT FROM {} AS new WHERE {})"
        ).format(table, sql.Literal(moment), incoming, same("held", "new"))
    )
    connection.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}, counts_from) SELECT {columns}, "
            "CASE WHEN {is_first} OR ("
            "EXISTS (SELECT FROM {table} AS held WHERE held.policy_id = new.policy_id AND held.counts_from < {moment}) "
            "AND NOT EXISTS (SELECT FROM {table} AS held WHERE held.param = new.param AND held.counts_from < {moment})) "
            "THEN '-infinity' ELSE {moment} END FROM {incoming} AS new "
            "WHERE NOT EXISTS (SELECT FROM {table} AS held WHERE counts_to = 'infinity' AND {same})"
        ).format(
            table=table,
            columns=columns,
            moment=sql.Literal(moment),
            is_first=sql.Literal(is_first),
            incoming=incoming,
            same=same("held", "new"),
        )
    )
    connection.execute(sql.SQL("DROP TABLE {}").format(incoming))


def fill_report_due(connection: psycopg.Connection, contracts: Contracts) -> None:
    """Fill `ref.report_due` from the contracts: who sends what by when. Unchanged rows stay."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE wanted_due (LIKE ref.report_due INCLUDING DEFAULTS) ON COMMIT DROP")
        cursor.executemany(
            """
            INSERT INTO wanted_due
            (report, report_name, department_code, sender_rank, cadence, due_days, due_time, due_weekday, owed_from)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    contract.id,
                    contract.name,
                    sender,
                    rank,
                    contract.due.cadence,
                    contract.due.days,
                    contract.due.time,
                    contract.due.weekday,
                    contract.due.owed_from,
                )
                for contract in contracts
                for rank, sender in contract.ranks()
            ],
        )
        same = "to_jsonb(wanted) - 'recorded_at' = to_jsonb(due) - 'recorded_at'"
        cursor.execute(f"DELETE FROM ref.report_due AS due WHERE NOT EXISTS (SELECT FROM wanted_due AS wanted WHERE {same})")
        n_gone = cursor.rowcount
        cursor.execute(
            "INSERT INTO ref.report_due SELECT * FROM wanted_due AS wanted "
            f"WHERE NOT EXISTS (SELECT FROM ref.report_due AS due WHERE {same})"
        )
        if n_gone or cursor.rowcount:
            staleness.mark_all_stale(connection, "ref.report_due")
