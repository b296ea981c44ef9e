"""Adds, changes and disables accounts, and their logins. Needs the owner's connection. Every change is a row that the log covers."""

from __future__ import annotations

import re
from collections.abc import Collection

import psycopg

from fugong.access import logins
from fugong.access.account import Account, Role, find_account
from fugong.core.errors import RefusedError
from fugong.evidence.settlement import record_rows

NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
RESERVED = ("pg_", "fugong_")
OTHERS = ("postgres", "airflow")
"""Logins of the server that are no person's."""


def add_account(connection: psycopg.Connection, account: Account) -> Account:
    """Add an account, with a login where one of its roles has rights in the warehouse. It has no password yet.

    Raises:
        RefusedError: the name cannot be one, it is taken, or no department of this code sends anything.
    """
    _refuse(connection, account)
    connection.execute(
        "INSERT INTO access.account (account, name, post, department_code, roles) VALUES (%s, %s, %s, %s, %s)",
        (account.account, account.name, account.post, account.department, sorted(account.roles)),
    )
    if logins.roles_of(account):
        logins.create(connection, account.account)
        logins.grant(connection, account)
    _log(connection, account.account)
    return account


def change_account(
    connection: psycopg.Connection,
    account: str,
    *,
    name: str | None = None,
    post: str | None = None,
    roles: Collection[Role] | None = None,
    department: str | None = None,
    is_active: bool | None = None,
) -> Account:
    """Change what is given of an account. A disabled account cannot log in; what it did stays.

    Raises:
        NotFoundError: there is no such account.
        RefusedError: the result is no account.
    """
    held = find_account(connection, account)
    wanted_roles = held.roles if roles is None else frozenset(roles)
    changed = Account(
        account,
        held.name if name is None else name,
        held.post if post is None else post,
        (held.department if department is None else department) if Role.DEPARTMENT in wanted_roles else None,
        wanted_roles,
        held.is_active if is_active is None else is_active,
    )
    _refuse(connection, changed, is_new=False)
    connection.execute(
        "UPDATE access.account SET name = %s, post = %s, department_code = %s, roles = %s, is_active = %s WHERE account = %s",
        (changed.name, changed.post, changed.department, sorted(changed.roles), changed.is_active, account),
    )
    if logins.roles_of(changed):
        logins.create(connection, account)
    if logins.exists(connection, account):
        logins.revoke(connection, account)
        if changed.is_active:
            logins.grant(connection, changed)
        else:
            logins.disable(connection, account)
    _log(connection, account)
    return changed


def set_password(connection: psycopg.Connection, account: str) -> str:
    """Give the login of an account a new password, and return the URL that it logs in with. Nothing else holds the password.

    Raises:
        NotFoundError: there is no such account.
        RefusedError: it is disabled, or has no login.
    """
    held = find_account(connection, account)
    if not held.is_active or not logins.roles_of(held):
        roles = ", ".join(logins.WAREHOUSE_ROLES)
        raise RefusedError(
            f"{account} 已停用,或没有仓库的角色({roles}),没有登录 | {account} is disabled, or has none of the roles {roles}: it has no login"
        )
    url = logins.new_password(connection, account)
    note_password(connection, account)
    return url


def note_password(connection: psycopg.Connection, account: str) -> None:
    """Note that an account was given a password, of the warehouse or of the pages."""
    connection.execute(
        "INSERT INTO access.account_change (account, change, state) SELECT account, 'password', to_jsonb(account.*) "
        "FROM access.account WHERE account = %s",
        (account,),
    )
    _log(connection, account)


def _log(connection: psycopg.Connection, account: str) -> None:
    """Log the newest change of an account."""
    [(change,)] = connection.execute("SELECT MAX(change_id) FROM access.account_change WHERE account = %s", (account,)).fetchall()
    record_rows(connection, "account", account, {"account_change": [change]})


def _refuse(connection: psycopg.Connection, account: Account, *, is_new: bool = True) -> None:
    if not NAME.fullmatch(account.account) or account.account.startswith(RESERVED):
        raise RefusedError(
            f"{account.account!r} 不能作账号:请用小写字母开头,2–40 个小写字母、数字、. _ -,不以 pg_ 或 fugong_ 开头 | {account.account!r} "
            "cannot be an account: 2 to 40 small letters, digits, . _ -, a letter first, not pg_ or fugong_"
        )
    if not all(" ".join(text.split()) for text in (account.name, account.post)):
        raise RefusedError("请写明姓名和职务 | an account needs a name and a post")
    if is_new and (
        account.account in OTHERS
        or (logins.exists(connection, account.account) and not logins.is_ours(connection, account.account))
        or connection.execute("SELECT FROM access.account WHERE account = %s", (account.account,)).fetchone() is not None
    ):
        raise RefusedError(f"{account.account} 已被占用 | {account.account} is taken")
    if (Role.DEPARTMENT in account.roles) != (account.department is not None):
        raise RefusedError("部门账号要写部门代码,别的账号不写 | a department's account names its department, no other does")
    known = [code for (code,) in connection.execute("SELECT department_code FROM ref.department ORDER BY 1").fetchall()]
    if account.department is not None and account.department not in known:
        raise RefusedError(
            f"没有部门 {account.department};现有:{', '.join(known)} | no department {account.department}; there is: {', '.join(known)}"
        )
