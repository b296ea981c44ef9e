"""Logins of the warehouse: roles of the server that are members of the roles which an account stands for, and have no other rights.

A password is generated here, sent to the server as a SCRAM verifier only, and shown once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import quote

import psycopg
from psycopg import sql

from fugong.access.account import Account, Role

WAREHOUSE_ROLES: Mapping[Role, str] = {
    Role.ANALYST: "fugong_analyst",
    Role.TASKFORCE: "fugong_taskforce",
    Role.AUDITOR: "fugong_auditor",
    Role.SIGNER: "fugong_signer",
    Role.OPERATOR: "fugong_signer",
}
"""What a role may read and write; guards say what of it is allowed to whom."""
CONNECTIONS = 5


def roles_of(account: Account) -> list[str]:
    """The roles of the warehouse that an account stands for."""
    return sorted({WAREHOUSE_ROLES[role] for role in account.roles if role in WAREHOUSE_ROLES})


def exists(connection: psycopg.Connection, login: str) -> bool:
    """Whether the server has a role of this name."""
    return connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,)).fetchone() is not None


def is_ours(connection: psycopg.Connection, login: str) -> bool:
    """Whether this owner made the role: then it is the person's login in another warehouse of the same server, and serves both."""
    row = connection.execute("SELECT pg_has_role(current_user, %s, 'MEMBER WITH ADMIN OPTION')", (login,)).fetchone()
    return row == (True,)


def create(connection: psycopg.Connection, login: str) -> None:
    """Create a login that has no password yet, unless it is there."""
    if not exists(connection, login):
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN CONNECTION LIMIT {}").format(sql.Identifier(login), CONNECTIONS))


def grant(connection: psycopg.Connection, account: Account) -> None:
    """Make the login a member of its roles, with the settings that these have: PostgreSQL passes on rights, not settings."""
    login, roles = sql.Identifier(account.account), roles_of(account)
    if not roles:
        return
    connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(login))
    for role in roles:
        connection.execute(sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(sql.Identifier(role), login))
        rows = connection.execute("SELECT unnest(rolconfig) FROM pg_roles WHERE rolname = %s", (role,)).fetchall()
        for (setting,) in rows:
            name, _, value = setting.partition("=")
            if name == "default_transaction_read_only" and "fugong_signer" in roles:
                continue
            connection.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(login, sql.Identifier(name), sql.Literal(value)))


def revoke(connection: psycopg.Connection, login: str) -> None:
    """Take every role of the warehouse from a login."""
    for role in sorted(set(WAREHOUSE_ROLES.values())):
        connection.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(role), sql.Identifier(login)))


def disable(connection: psycopg.Connection, login: str) -> None:
    """Let a login in no more."""
    connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL").format(sql.Identifier(login)))


def new_password(connection: psycopg.Connection, login: str) -> str:
    """Give a login a new password, and return the URL that it logs in with."""
    password = secrets.token_urlsafe(18)
    verifier = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(login), sql.Literal(verifier)))
    info = connection.info
    return f"postgresql://{quote(login)}:{quote(password)}@{info.host}:{info.port}/{quote(info.dbname)}"
