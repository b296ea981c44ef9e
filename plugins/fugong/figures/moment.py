"""The moment at which figures are evaluated: a day, what was known about it, and the definitions that apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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


class SameEveryDay:
    """What does not depend on the day of a moment: read once for all days."""

    def __init__(self, connection: psycopg.Connection, known_at: datetime) -> None:
        """Read nothing yet."""
        self._connection, self._known_at = connection, known_at

    @cached_property
    def calendar(self) -> schedule.Calendar:
        """`ref.calendar`."""
        return schedule.load_calendar(self._connection)

    @cached_property
    def sent(self) -> Mapping[str, Mapping[str, frozenset[date]]]:
        """The report dates of what was known, by table and department."""
        with asof.session_at(self._connection, None, self._known_at):
            rows = self._connection.execute(
                """
                SELECT table_name, department_code, array_agg(DISTINCT report_date) FROM asof.part
                GROUP BY table_name, department_code
                """
            ).fetchall()
        found: dict[str, dict[str, frozenset[date]]] = {}
        for table, department, days in rows:
            found.setdefault(table, {})[department] = frozenset(days)
        return found

    @cached_property
    def types_of_facts(self) -> Mapping[tuple[str, str], str]:
        """The types of the columns of facts, by fact and column."""
        rows = self._connection.execute(
            """
            SELECT fact.relname, attribute.attname, format_type(attribute.atttypid, NULL)
            FROM pg_catalog.pg_class AS fact
            INNER JOIN pg_catalog.pg_attribute AS attribute ON fact.oid = attribute.attrelid
            WHERE fact.relnamespace = to_regnamespace('fact') AND attribute.attnum > 0 AND NOT attribute.attisdropped
            """
        ).fetchall()
        return {(fact, column): kind for fact, column, kind in rows}


@dataclass(frozen=True)
class Moment:
    """One day at one moment of knowledge, in one state of the warehouse.

    Attributes:
        is_now: whether the moment is the present, so that mart tables may hold it.
        policy_day: the day whose decrees count for every day asked about; None for each day's own.
        every_day: what other days at this moment of knowledge share.
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
    every_day: SameEveryDay = field(repr=False, compare=False)

    @property
    def policy_known_at(self) -> date:
        """The day whose decrees count."""
        return self.policy_day or self.as_of


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
        known = known_at or _latest(connection)
        yield Moment(
            connection=connection,
            include=include,
            files=files,
            definitions=sound_definitions(connection, include, files),
            contracts=accepted_contracts(connection),
            as_of=as_of,
            known_at=known,
            is_now=known_at is None and policy_known_at is None,
            policy_day=policy_known_at,
            every_day=SameEveryDay(connection, known),
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
