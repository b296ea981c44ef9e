"""The moment at which figures are evaluated: a day, what was known about it, and the definitions that apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import psycopg

from fugong.contracts import schedule
from fugong.contracts.accepted import accepted_contracts
from fugong.contracts.contract import Contracts
from fugong.figures.definition import Definition
from fugong.figures.sound import sound_definitions
from fugong.marts import asof, gate, schema
from fugong.marts.model import SqlFiles


@dataclass(frozen=True)
class Moment:
    """One day at one moment of knowledge, in one state of the warehouse.

    Attributes:
        is_now: whether the moment is the present, so that mart tables may hold it.
        policy_day: the day whose decrees count for every day asked about; None for each day's own.
    """

    connection: psycopg.Connection
    include: Path
    files: SqlFiles
    definitions: Mapping[str, Definition]
    contracts: Contracts
    as_of: date
    known_at: datetime
    is_now: bool
    policy_day: date | None

    @property
    def policy_known_at(self) -> date:
        """The day whose decrees count."""
        return self.policy_day or self.as_of

    @cached_property
    def calendar(self) -> schedule.Calendar:
        """`ref.calendar`."""
        return schedule.load_calendar(self.connection)


@contextmanager
def open_moment(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    policy_known_at: date | None = None,
) -> Iterator[Moment]:
    """A moment in a transaction: everything evaluated within the block sees the same state of the warehouse.

    Args:
        known_at: the moment of knowledge; None for the last settlement.
        policy_known_at: the day whose decrees count; None for each day's own.

    A mart, check or figure that cannot be used is its own fault: `files.faulty`, `Definition.fault`.

    Raises:
        WarehouseError: a part that was loaded since the last build lacks rows.
    """
    with gate.one_state(connection):
        _set_policy_day(connection, policy_known_at)
        files = schema.sound_files(connection, include)
        yield Moment(
            connection=connection,
            include=include,
            files=files,
            definitions=sound_definitions(connection, include, files),
            contracts=accepted_contracts(connection),
            as_of=as_of,
            known_at=known_at or _latest(connection),
            is_now=known_at is None and policy_known_at is None,
            policy_day=policy_known_at,
        )
        _set_policy_day(connection, None)


def _set_policy_day(connection: psycopg.Connection, day: date | None) -> None:
    connection.execute("SELECT set_config('fugong.policy_known_at', %s, true)", (day.isoformat() if day else "",))


def _latest(connection: psycopg.Connection) -> datetime:
    """The moment of the last settlement; before the first one, the present."""
    _, latest = asof.latest_load(connection)
    if latest is None:
        [(latest,)] = connection.execute("SELECT now()").fetchall()
    return latest
