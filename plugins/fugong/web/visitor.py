"""Who asks: a person, or a program in the name of one, and the connections in their role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from fugong.access.account import Account, Role
from fugong.web.database import Database
from fugong.web.rights import WAREHOUSE_ROLE


@dataclass(frozen=True)
class Visitor:
    """Whoever asks.

    Attributes:
        session_id: the number of the login; None for a program with a token.
        logged_in: when the password was given, in seconds since 1970; 0 for a program.
        csrf: what a form of this session must bring; "" for a program.
    """

    account: Account
    session_id: int | None
    logged_in: int = 0
    csrf: str = ""

    @property
    def department(self) -> str | None:
        """The department that they send for."""
        return self.account.department if Role.DEPARTMENT in self.account.roles else None

    def may(self, *roles: Role) -> bool:
        """Whether they have one of the roles."""
        return self.account.may(*roles)

    @contextmanager
    def reading(self, database: Database, *roles: Role) -> Iterator[psycopg.Connection]:
        """A connection that only reads, in the warehouse role of the first of these roles that they have."""
        with self._acting(database, roles, writes=False) as connection:
            yield connection

    @contextmanager
    def figures(self, database: Database) -> Iterator[psycopg.Connection]:
        """A connection to evaluate figures, which may put replays into temporary tables: as whoever signs them reads them."""
        with database.acting("fugong_signer", session=self.session_id, writes=True) as connection:
            yield connection

    @contextmanager
    def writing(self, database: Database, *roles: Role, lock: int | None = None) -> Iterator[psycopg.Connection]:
        """The same, to write what their role may write; with an advisory lock where one is named."""
        with self._acting(database, roles, writes=True, lock=lock) as connection:
            yield connection

    @contextmanager
    def _acting(
        self, database: Database, roles: tuple[Role, ...], *, writes: bool, lock: int | None = None
    ) -> Iterator[psycopg.Connection]:
        role = next(WAREHOUSE_ROLE[one] for one in roles if self.may(one))
        with database.acting(role, session=self.session_id, department=self.department, writes=writes, lock=lock) as connection:
            yield connection
