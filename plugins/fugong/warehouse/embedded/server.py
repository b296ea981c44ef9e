"""Starts, stops and removes the server of a home, and names the URLs of its roles."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.core.errors import EmbeddedServerError, WarehouseOlder
from fugong.warehouse.embedded import placement, process, state
from fugong.warehouse.embedded.process import Cluster
from fugong.warehouse.embedded.state import AIRFLOW, DATABASE, OWNER, SUPERUSER, Server


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the server of a home.

    Attributes:
        is_running: it answers, with our password, from our data folder.
        port: on 127.0.0.1.
        data: PostgreSQL's data folder.
        log: PostgreSQL's log file.
        major: the version of PostgreSQL that wrote the data; "" before the first start.
    """

    is_running: bool
    port: int
    data: Path
    log: Path
    major: str


def start(home: Path, *, create: bool = True) -> str:
    """Start the server of this home unless it runs; the first call creates it. Many processes may call it at once.

    Args:
        home: `FUGONG_HOME`; the server lies in its folder `warehouse`.
        create: False raises `WarehouseMissing` where there is no server yet.

    Returns:
        The owner's URL of the database `fugong`.

    Raises:
        WarehouseMissing: there is no server yet, and `create` is False.
        EmbeddedServerError: it cannot run here; the sentence says what to do.
    """
    folder = state.folder_of(home)
    server = state.read(folder)
    if server is None and not create:
        raise state.missing(home)
    if server is not None and server.has_databases and process.answers(server, placement.cluster_folder(folder, server)):
        return server.url(OWNER, DATABASE)
    folder.mkdir(parents=True, exist_ok=True)
    with state.locked(folder):
        server = state.read(folder) or placement.choose_place(folder)
        cluster = placement.cluster_of(folder, server)
        if not process.answers(server, cluster.folder):
            process.refuse_other_major(cluster)
            if not cluster.major:
                process.create(cluster, server.passwords[SUPERUSER])
            server = process.launch(folder, server, cluster)
        if not server.has_databases:
            _create_databases(server)
            server = replace(server, has_databases=True)
            state.write(folder, server)
    return server.url(OWNER, DATABASE)


def stop(home: Path) -> None:
    """Stop the server of this home cleanly; does nothing if it does not run or does not exist."""
    folder = state.folder_of(home)
    if (server := state.read(folder)) is None:
        return
    with state.locked(folder):
        process.stop(placement.cluster_of(folder, server))


def remove(home: Path) -> None:
    """Stop the server and delete it with all its data."""
    folder = state.folder_of(home)
    if (server := state.read(folder)) is None:
        return
    with state.locked(folder):
        cluster = placement.cluster_of(folder, server)
        process.stop(cluster, modes=("immediate",))  # the data are deleted next: no checkpoint needed
        shutil.rmtree(cluster.folder, ignore_errors=True)
        placement.note_of(cluster.folder).unlink(missing_ok=True)
        (folder / "server.json").unlink()


def exists(home: Path) -> bool:
    """Whether this home has an embedded server, running or not."""
    return state.read(state.folder_of(home)) is not None


def status(home: Path) -> Status:
    """The state of the server of this home. Changes nothing.

    Raises:
        WarehouseMissing: it has none yet.
    """
    folder, server = state.existing(home)
    cluster = Cluster(placement.cluster_folder(folder, server))
    return Status(
        is_running=process.answers(server, cluster.folder),
        port=server.port,
        data=cluster.data,
        log=cluster.log,
        major=cluster.major,
    )


def url(home: Path, role: str = OWNER) -> str:
    """The URL of the database `fugong` for a role of the warehouse. Starts nothing.

    The first call for a role other than the owner creates its password; the server must run then. Whoever logs in with a shared role can
    change its password, and PostgreSQL has no way to forbid that: a password that does not work any more is set again.

    Raises:
        WarehouseMissing: this home has no server yet.
        WarehouseOlder: the warehouse has no such role.
        EmbeddedServerError: the server does not run.
    """
    folder, server = state.existing(home)
    if role == OWNER or (role in server.passwords and _works(server, role)):
        return server.url(role, DATABASE)
    with state.locked(folder):
        folder, server = state.existing(home)
        server = replace(server, passwords={role: secrets.token_hex(24), **server.passwords})
        try:
            with psycopg.connect(server.url(SUPERUSER, SUPERUSER)) as connection:
                _set_password(connection, role, server.passwords[role])
        except psycopg.errors.UndefinedObject:
            raise WarehouseOlder(f"The warehouse has no role {role}. `fugong init` creates its roles.") from None
        except psycopg.OperationalError as fault:
            raise EmbeddedServerError(f"The embedded server must run for that: `fugong warehouse start`. ({fault})") from fault
        state.write(folder, server)
    return server.url(role, DATABASE)


def _works(server: Server, role: str) -> bool:
    """Whether a role logs in with its password; also where the server does not run, because then no password would help."""
    try:
        psycopg.connect(server.url(role, DATABASE), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        return "password authentication failed" not in str(error)
    return True


def superuser_url(home: Path) -> str:
    """The URL of the database `fugong` for PostgreSQL's own superuser: for maintenance, never for the flow."""
    return state.existing(home)[1].url(SUPERUSER, DATABASE)


def airflow_url(home: Path) -> str:
    """The SQLAlchemy URL of Airflow's metadata database, which lives on the same server under a role of its own."""
    # SQLAlchemy 2.1 takes psycopg 3 when no driver is named; Airflow's own code expects psycopg2.
    return state.existing(home)[1].url(AIRFLOW, AIRFLOW, scheme="postgresql+psycopg2")


def _create_databases(server: Server) -> None:
    """Create roles and databases. Repeatable: an earlier call may have been killed half-way."""
    with psycopg.connect(server.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
        for role in (OWNER, AIRFLOW):
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            _set_password(connection, role, server.passwords[role])
        connection.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(OWNER)))
        for database, owner in ((DATABASE, OWNER), (AIRFLOW, AIRFLOW)):
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner)))
        # Airflow's metadata hold credentials of other systems.
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(AIRFLOW)))


def _set_password(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    # What can be logged is a verifier that the password cannot be computed from: a statement that fails is in the server's log.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))
