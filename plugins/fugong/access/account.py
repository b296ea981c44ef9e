"""Accounts of people: one list for logins of the warehouse, for Airflow and for pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg

from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.settings import Settings
from fugong.warehouse.connection import connect_as_loader


class Role(StrEnum):
    """What a person does. The first four are Airflow's, too; all but those and `department` have rights of their own in the warehouse."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    """Runs and repairs the flow; proposes adjustments."""
    SIGNER = "signer"
    """Signs, withdraws, approves adjustments."""
    ADMIN = "admin"
    ANALYST = "analyst"
    TASKFORCE = "taskforce"
    AUDITOR = "auditor"
    DEPARTMENT = "department"
    """Sends and reads for one department."""


@dataclass(frozen=True)
class Account:
    """One person.

    Attributes:
        account: the name to log in with.
        post: what a document prints before the name.
        department: the code of the department that the person sends for, if any.
    """

    account: str
    name: str
    post: str
    department: str | None
    roles: frozenset[Role]
    is_active: bool

    @property
    def printed(self) -> str:
        """How the person is printed: post and name."""
        return f"{self.post} {self.name}"

    def may(self, *roles: Role) -> bool:
        """Whether the account is active and has one of the roles."""
        return self.is_active and not self.roles.isdisjoint(roles)

    def to_json(self) -> dict[str, Any]:
        """As `fugong account list --json` prints it."""
        return {
            "account": self.account,
            "name": self.name,
            "post": self.post,
            "department": self.department,
            "roles": sorted(self.roles),
            "is_active": self.is_active,
        }


SELECT = "SELECT account, name, post, department_code, roles, is_active FROM access.account"


def accounts(connection: psycopg.Connection) -> list[Account]:
    """Every account, disabled ones included, in the order of their names."""
    return [_account(row) for row in connection.execute(f"{SELECT} ORDER BY account").fetchall()]


def find_account(connection: psycopg.Connection, account: str) -> Account:
    """The account of this name.

    Raises:
        NotFoundError: there is none; the message lists them.
    """
    found = {one.account: one for one in accounts(connection)}
    if account not in found:
        listed = ", ".join(found) or "–"
        raise NotFoundError(f"没有账号 {account};现有:{listed} | no account {account}; there is: {listed}")
    return found[account]


def signers(connection: psycopg.Connection) -> list[Account]:
    """Those who may sign."""
    return [one for one in accounts(connection) if one.may(Role.SIGNER)]


def list_signers(settings: Settings) -> list[Account]:
    """Those who may sign, read by the flow."""
    with connect_as_loader(settings) as connection:
        return signers(connection)


def list_operators(settings: Settings) -> list[Account]:
    """Those who run and repair the flow."""
    with connect_as_loader(settings) as connection:
        return [one for one in accounts(connection) if one.may(Role.OPERATOR, Role.ADMIN)]


def person_of(connection: psycopg.Connection, *roles: Role) -> Account:
    """The person whose login this connection is, or for whom the pages act on it, and who has one of the roles.

    Raises:
        RefusedError: the login is shared, or of the owner or the loader; or the person has none of the roles.
    """
    row = connection.execute(f"{SELECT} WHERE account = COALESCE(access.person(), session_user)").fetchone()
    login = connection.info.user
    if row is None:
        raise RefusedError(
            f"{login} 不是个人账号,不能签发、提出或批准。请以本人账号登录:fugong account add 建账号,fugong account password 取连接地址,"
            f"设为 FUGONG_WAREHOUSE | {login} is no person's account and cannot sign, propose or approve. Log in as yourself: `fugong account "
            "add` makes an account, `fugong account password` gives its address, to be set as FUGONG_WAREHOUSE"
        )
    person = _account(row)
    if not person.may(*roles):
        wanted = ", ".join(roles)
        held = ", ".join(sorted(person.roles)) if person.is_active else "–"
        raise RefusedError(
            f"{person.account} 没有所需的角色({wanted}),现有:{held} | {person.account} has none of the roles {wanted}, but: {held}"
        )
    return person


AIRFLOW_ROLES = {Role.ADMIN: "admin", Role.OPERATOR: "op", Role.SIGNER: "user", Role.VIEWER: "viewer"}
"""Airflow's names of what a person may do there, the most first."""


def airflow_role(account: Account) -> str | None:
    """What an account may do in Airflow; None where it has nothing to do there."""
    return next((name for role, name in AIRFLOW_ROLES.items() if account.may(role)), None)


def _account(row: Collection[Any]) -> Account:
    account, name, post, department, roles, is_active = row
    return Account(account, name, post, department, frozenset(map(Role, roles)), is_active)
