"""What the requests of one application share: settings, connections, the secret of its cookies, what was computed already."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import psycopg
from cachetools import LRUCache, TTLCache
from fastapi import Request

from fugong.access.account import Account, Role
from fugong.access.authentication import Ask, LoginRules, person_of_session
from fugong.access.passwords import is_initial
from fugong.core.secret import read_secret
from fugong.core.settings import Settings
from fugong.intake.mending import Judge
from fugong.marts import asof
from fugong.reading.reader import Reader
from fugong.receipts.drawn_sheets import DrawnSheet
from fugong.storage.modes import private_folder
from fugong.web.database import Database
from fugong.web.intake_process import IntakeProcess
from fugong.web.visitor import Visitor

KNOWN_SECONDS = 5
"""So long after a change of an account it may still be used as before."""
KEPT_RESULTS = 200
LAG_SECONDS = 60.0
"""While files are being settled one after the other, a page of figures may be this far behind them at most."""
REST_PER_COST = 10
"""Between two computations that only follow what was settled, the process rests this many times as long as the first took: one
file is seen at once, and fifty in a row do not fill the machine."""
KEPT_SHEETS = 16


class Door(Protocol):
    """How an application knows who asks: by a login of its own, or by Airflow's."""

    @property
    def has_login(self) -> bool:
        """Whether people log in on the application's own page."""
        ...

    def visitor(self, site: Site, request: Request) -> Visitor | None:
        """Whoever asks; None for nobody known."""
        ...

    def login_address(self, base: str, following: str) -> str:
        """Where people log in, and go on from there."""
        ...

    @property
    def notice(self) -> str:
        """What every page says of this way to log in; empty for nothing."""
        ...


@dataclass
class Site:
    """What the requests of one application share.

    Attributes:
        secret: signs cookies.
        ask: whether a password is right; None for the passwords that the warehouse keeps.
        door: how the application knows who asks.
        intake: wakes the process that takes files in; None where Airflow does.
        is_demo: the pages say so.
        is_framed: they are shown within Airflow's.
        drawn: sheets of files that were drawn lately.
        reader: reads files to draw them, each in a child process.
        judge: says of a returned row what its contract says, as it is typed.
    """

    settings: Settings
    database: Database
    rules: LoginRules
    secret: str
    door: Door
    ask: Ask | None = None
    intake: IntakeProcess | None = None
    is_demo: bool = False
    is_framed: bool = False
    drawn: LRUCache[Any, list[DrawnSheet]] = field(default_factory=lambda: LRUCache(KEPT_SHEETS))
    drawn_lock: Lock = field(default_factory=Lock)
    reader: Reader = field(default_factory=Reader)
    judge: Judge = field(init=False)
    _accounts: TTLCache[tuple[str, int], Account | None] = field(default_factory=lambda: TTLCache(4096, KNOWN_SECONDS))
    _initial: TTLCache[str, bool] = field(default_factory=lambda: TTLCache(4096, KNOWN_SECONDS))
    _results: LRUCache[Any, Any] = field(default_factory=lambda: LRUCache(KEPT_RESULTS))
    _lock: Lock = field(default_factory=Lock)
    _computing: dict[Any, Lock] = field(default_factory=dict[Any, Lock])
    _n_at_work: int = 0
    _resting_until: float = 0.0

    def __post_init__(self) -> None:
        """What judges rows loads nothing before the first one."""
        self.judge = Judge(self.settings)

    @property
    def include(self) -> Path:
        """The district's contracts, SQL and briefing."""
        return self.settings.include

    def connect(self, settings: Settings) -> AbstractContextManager[psycopg.Connection]:  # noqa: ARG002 (as `authentication` calls it)
        """A connection with the pages' own rights."""
        return self.database.own()

    def base(self, request: Request) -> str:
        """The path under which the application is mounted; empty where it stands alone."""
        return request.scope.get("root_path", "").rstrip("/")

    def account_of_session(self, name: str, session_id: int) -> Account | None:
        """Whose session it is, as the account is now."""
        with self._lock:
            if (name, session_id) in self._accounts:
                return self._accounts[name, session_id]
        account = person_of_session(self.settings, name, session_id, roles=tuple(Role), connect=self.connect)
        with self._lock:
            self._accounts[name, session_id] = account
        return account

    def must_choose_password(self, visitor: Visitor) -> bool:
        """Whether the person has only the password that an administrator made."""
        if self.ask is not None or visitor.session_id is None or not self.door.has_login:
            return False
        name = visitor.account.account
        with self._lock:
            if name in self._initial:
                return self._initial[name]
        with self.database.own() as connection:
            found = is_initial(connection, name)
        with self._lock:
            self._initial[name] = found
        return found

    def forget(self, name: str) -> None:
        """Read an account anew at the next request."""
        with self._lock:
            self._accounts.clear()
            self._initial.pop(name, None)

    def computed(self, key: tuple[Any, ...], connection: psycopg.Connection, make: Callable[[], Any]) -> Any:
        """A result that counts until something is adjusted, published, settled or built; two who ask at once wait for one.

        While files are being settled one after the other, and until the marts are built of them, it may be `LAG_SECONDS` behind them; and one
        result is computed anew at a time: whoever asks for another one in the meantime gets what there is. What people decide counts at once.

        Args:
            key: what the result is, and all that it depends on besides the warehouse.
            make: computes it.
        """
        state = state_of(connection)
        wanted = (*key, state.decided)
        found = self._held(wanted, state)
        if found is not None:
            return found.result
        with self._lock:
            own = self._computing.setdefault(wanted, Lock())
        with own:
            found = self._held(wanted, state)
            if found is not None:
                return found.result
            try:
                began = time.monotonic()
                with self._lock:
                    self._n_at_work += 1
                made = make()
                now = time.monotonic()
                with self._lock:
                    self._results[wanted] = _Made(state, now, made)
                    self._resting_until = now + REST_PER_COST * (now - began)
            finally:
                with self._lock:
                    self._n_at_work -= 1
                    self._computing.pop(wanted, None)
        return made

    def _held(self, wanted: tuple[Any, ...], state: State) -> _Made | None:
        with self._lock:
            found: _Made | None = self._results.get(wanted)
            if found is None or found.state == state:
                return found
            now = time.monotonic()
            is_busy = state.is_stale or self._n_at_work > 0 or now < self._resting_until
            return found if is_busy and now < found.at + LAG_SECONDS else None


@dataclass(frozen=True)
class State:
    """What changes whenever a figure may.

    Attributes:
        decided: what people did: adjustments, publications.
        settled: the last load, the last build of a mart, how many days are stale.
        is_stale: a mart is to be built; until then its SQL is run again for whoever asks, which takes seconds.
    """

    decided: tuple[Any, ...]
    settled: tuple[Any, ...]
    is_stale: bool


@dataclass(frozen=True)
class _Made:
    """A result, of which state of the warehouse it is, and when it was there (monotonic)."""

    state: State
    at: float
    result: Any


def state_of(connection: psycopg.Connection) -> State:
    """The state of the warehouse."""
    serial, latest = asof.latest_load(connection)
    row = connection.execute(
        "SELECT (SELECT MAX(built_at) FROM audit.mart_version), (SELECT COUNT(*) FROM intake.stale_day),"
        " (SELECT COUNT(*) FROM audit.adjustment) + (SELECT COUNT(*) FROM audit.adjustment_approval)"
        " + (SELECT COUNT(*) FROM audit.adjustment_end), (SELECT MAX(publication_id) FROM audit.published),"
        " (SELECT COUNT(*) FROM audit.publication_end)"
    ).fetchone()
    assert row is not None
    return State(row[2:], (serial, latest, *row[:2]), is_stale=row[1] > 0)


def secret_of(settings: Settings) -> str:
    """The secret that signs cookies: `FUGONG_WEB_SECRET`, or a file in `keys/`, which is made once."""
    if given := read_secret(os.environ, "FUGONG_WEB_SECRET"):
        return given
    file = private_folder(settings.keys) / "web.key"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as writer:
        writer.write(secrets.token_hex(32) + "\n")
    return file.read_text(encoding="ascii").strip()


def latest_day(connection: psycopg.Connection, today: date | None = None) -> date | None:
    """The last day for which anything was reported; None in an empty warehouse."""
    days = asof.reported_days(connection)
    return max((day for day in days if today is None or day <= today), default=None)


def moment_text(moment: datetime | None) -> str:
    """A moment as an address holds it."""
    return moment.isoformat() if moment else ""
