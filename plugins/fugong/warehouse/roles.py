"""Roles: who may read and write what in the warehouse (`sql/roles`, `sql/guards`), and what its server is told once (`sql/server`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from fugong.core.errors import NotFoundError
from fugong.core.settings import Settings
from fugong.warehouse.embedded import server

LOG = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
FOLDER = SQL / "roles"
ROLES = ("fugong_owner", "fugong_loader", "fugong_analyst", "fugong_taskforce", "fugong_auditor", "fugong_signer")
DEPARTMENT = "fugong_department"
"""What a department sent and what became of it; the pages' login takes this role, nobody logs in with it."""
WEB = "fugong_web"
"""The login of the pages: it lets people in, and takes their roles."""
BACKUP = "fugong_backup"
"""Reads the whole warehouse for `pg_dump`; no person and no flow is this role."""


def prepare_server(home: Path) -> None:
    """Run what only a superuser can on the embedded server; safe to run again."""
    with psycopg.connect(server.superuser_url(home)) as superuser:
        _run(superuser, SQL / "server")


def create_guards(connection: psycopg.Connection) -> None:
    """Create the triggers and functions that hold everybody but the owner to what may be done."""
    _run(connection, SQL / "guards")


def create_roles(connection: psycopg.Connection) -> None:
    """Create the roles that are missing, without rights."""
    connection.execute(cast(LiteralString, (FOLDER / "10_roles.sql").read_text(encoding="utf-8")))


def create(connection: psycopg.Connection) -> list[str]:
    """Create the roles and grant their rights; safe to run again.

    Roles get no password here: `fugong warehouse url --role analyst` creates one on the embedded server and keeps it in its
    0600 file. On a server of your own its administrator sets passwords.

    Returns:
        Sentences about what the server did not allow.
    """
    try:
        with connection.transaction():
            _run(connection, FOLDER)
    except psycopg.errors.InsufficientPrivilege as error:
        sentence = (
            f"The roles {', '.join(ROLES[1:])} were not set up: this account may not ({error.diag.message_primary}). "
            f"Ask the administrator for CREATEROLE, or to run the files of {FOLDER}. Everything else works without them, "
            "with the rights of the account that connects."
        )
        sentences = [sentence]
    else:
        sentences = [*_left_open(connection)]
    for sentence in sentences:
        LOG.warning(sentence)
    return sentences


def set_passwords(connection: psycopg.Connection, settings: Settings) -> None:
    """Let the loader and the role of backups log in with the passwords of their addresses, where the owner's address is another one."""
    if settings.owner_url is None:
        return
    from sqlalchemy import make_url  # late: most commands do without SQLAlchemy

    addresses = ((settings.warehouse_url, "fugong_loader"), (settings.backup_url, BACKUP), (settings.web_url, WEB))
    for address, role in addresses:
        url = make_url(address) if address else None
        if url is None or url.username != role or not url.password:
            continue
        verifier = connection.pgconn.encrypt_password(str(url.password).encode(), role.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def short_name(role: str) -> str:
    """`analyst` for `fugong_analyst`."""
    return role.removeprefix("fugong_")


def full_name(role: str) -> str:
    """The role of this name, with or without `fugong_`.

    Raises:
        NotFoundError: there is none; the message lists them.
    """
    name = f"fugong_{short_name(role)}"
    if name not in (*ROLES, BACKUP, WEB):
        raise NotFoundError(f"No role {role!r}. There is: {', '.join(map(short_name, ROLES))}")
    return name


def _run(connection: psycopg.Connection, folder: Path) -> None:
    for file in sorted(folder.glob("*.sql")):
        connection.execute(cast(LiteralString, file.read_text(encoding="utf-8")))


def _left_open(connection: psycopg.Connection) -> Iterator[str]:
    """What analysts can still do on a server whose administrator has not run `sql/server`."""
    [(is_logged, may_lock)] = connection.execute(
        """
        SELECT
            EXISTS (SELECT FROM pg_roles WHERE rolname = 'fugong_taskforce' AND 'log_statement=all' = ANY(rolconfig)),
            has_function_privilege('fugong_analyst', 'pg_advisory_lock(bigint)', 'EXECUTE')
        """
    ).fetchall()
    administrator = f"Have a superuser run {SQL / 'server' / '10_server.sql'} in this database, then `fugong init` again."
    if not is_logged:
        yield f"Statements of fugong_taskforce are not logged yet. {administrator}"
    if may_lock:
        yield f"Analysts can take advisory locks, which stop the intake. {administrator}"
