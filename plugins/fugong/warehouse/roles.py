"""Roles: who may read and write what in the warehouse (`sql/roles`)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import LiteralString, cast

import psycopg

from fugong.core.errors import NotFoundError
from fugong.core.settings import Settings
from fugong.warehouse.embedded import server

LOG = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "sql" / "roles"
ROLES = ("fugong_owner", "fugong_loader", "fugong_analyst", "fugong_taskforce", "fugong_auditor")


def create(connection: psycopg.Connection, settings: Settings) -> list[str]:
    """Create the roles and grant their rights; safe to run again.

    Roles get no password here: `fugong warehouse url --role analyst` creates one on the embedded server and keeps it in its
    0600 file. On a server of your own its administrator sets passwords.

    Returns:
        Sentences about what the server did not allow.
    """
    sentences: list[str] = []
    try:
        with connection.transaction():
            for file in sorted(FOLDER.glob("*.sql")):
                connection.execute(cast(LiteralString, file.read_text(encoding="utf-8")))
    except psycopg.errors.InsufficientPrivilege as error:
        sentences.append(
            f"The roles {', '.join(ROLES[1:])} were not set up: this account may not ({error.diag.message_primary}). "
            f"Ask the administrator for CREATEROLE, or to run the files of {FOLDER}. Everything else works without them."
        )
    else:
        sentences += _log_task_force(connection, settings)
    for sentence in sentences:
        LOG.warning(sentence)
    return sentences


def short_name(role: str) -> str:
    """`analyst` for `fugong_analyst`."""
    return role.removeprefix("fugong_")


def full_name(role: str) -> str:
    """The role of this name, with or without `fugong_`.

    Raises:
        NotFoundError: there is none; the message lists them.
    """
    name = f"fugong_{short_name(role)}"
    if name not in ROLES:
        raise NotFoundError(f"No role {role!r}. There is: {', '.join(map(short_name, ROLES))}")
    return name


def _log_task_force(connection: psycopg.Connection, settings: Settings) -> list[str]:
    """Log the statements of the role that sees firms. The owner may set this once a superuser has granted it."""
    statement = "ALTER ROLE fugong_taskforce SET log_statement = 'all'"
    for is_allowed in (False, True):
        try:
            with connection.transaction():
                connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            if is_allowed or settings.warehouse_url is not None:
                break
            with psycopg.connect(server.superuser_url(settings.home)) as superuser:
                superuser.execute("GRANT SET ON PARAMETER log_statement TO fugong_owner")
        else:
            return []
    return [f"Statements of fugong_taskforce are not logged yet: have a superuser run `{statement}`."]
