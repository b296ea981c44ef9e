"""Replaces the rows of marts by what was computed, and shows analysts what they may see of it, mart by mart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.marts import check_rows
from fugong.marts.compute import Computed
from fugong.marts.execute import copy_in
from fugong.marts.model import Check, Daily, Mart, SqlFiles
from fugong.marts.open_cells import Seen

DAYS_WORTH_STATISTICS = 31


@dataclass
class Writing:
    """Writes within the transaction of a build, a mart as soon as all of its days are computed: meanwhile other connections compute the next.

    Attributes:
        work: the days of each mart to build.
        held: those of them that it holds.
        known_at: the moment of knowledge that the days hold.
        last_day: the last day reported on; None before the first report.
        seen: those days of open marts that analysts have seen.
        faulty: what was left out, and why; grows.
        rows: written, per mart.
    """

    connection: psycopg.Connection
    files: SqlFiles
    work: Mapping[Daily, frozenset[date]]
    held: Mapping[Daily, Sequence[date]]
    known_at: datetime | None
    last_day: date | None
    seen: Mapping[str, Seen]
    faulty: dict[str, ConfigurationError]
    rows: dict[str, int] = field(default_factory=dict[str, int])
    _computed: dict[Daily, list[Computed]] = field(default_factory=dict[Daily, list[Computed]])
    _shown: set[Mart] = field(default_factory=set[Mart])

    def add(self, computed: Computed) -> None:
        """Take computed days. With the last of a mart it is written, and so is what analysts see, where nothing more can forbid it."""
        of_mart = self._computed.setdefault(computed.mart, [])
        of_mart.append(computed)
        if sum(len(one.days) for one in of_mart) < len(self.held[computed.mart]):
            return
        self._replace(computed.mart)
        for mart in self.files.marts:
            if mart.is_open and self.work[mart] and mart.name in self.rows and mart not in self._shown and self._is_decided(mart):
                self._show(mart)

    def finish(self) -> None:
        """Write the marts whose days are only deleted."""
        for mart, of_mart in self.work.items():
            if of_mart and mart.name not in self.rows and mart.relation not in self.faulty:
                self._replace(mart)

    def show(self) -> None:
        """Write what analysts see, as far as it is not written yet."""
        from fugong.marts import open_rows  # late: a solver comes with it, which commands that only ask do without

        if self.last_day is None:
            return
        cannot_protect = open_rows.unprotected(self.files, self.faulty)
        for mart in self.files.marts:
            if not mart.is_open or mart.relation in self.faulty or mart in self._shown:
                continue
            if mart.name in cannot_protect:
                open_rows.withhold(self.connection, mart, self.work[mart])
                if self.work[mart]:
                    self.faulty[f"open.{mart.name}"] = cannot_protect[mart.name]
            elif self.work[mart] or mart.partition_by == "period" or open_rows.is_withheld(self.connection, mart):
                self._show(mart)

    @cached_property
    def _speakers(self) -> Mapping[str, frozenset[str]]:
        from fugong.marts import open_rows

        return open_rows.speakers(self.files)

    def _is_decided(self, mart: Mart) -> bool:
        """Whether all marts by whose faults this one could not be protected are written, and no fault forbids it."""
        from fugong.marts import open_rows

        if self.last_day is None:
            return False
        waiting = {other.name for other, days in self.work.items() if days and other.name not in self.rows}
        return waiting.isdisjoint(self._speakers[mart.name]) and mart.name not in open_rows.unprotected(self.files, self.faulty)

    def _show(self, mart: Mart) -> None:
        from fugong.marts import open_rows

        assert self.last_day is not None  # the callers have looked
        counted = [(one.days, one.firms) for one in self._computed.get(mart, ()) if one.firms is not None]
        open_rows.refresh(self.connection, self.files, mart, self.work[mart], self.last_day, self.seen.get(mart.name), counted)
        self._shown.add(mart)

    def _replace(self, mart: Daily) -> None:
        try:
            self.rows[mart.name] = self._replace_days(mart, sorted(self.work[mart]), self.held[mart])
        except ConfigurationError as fault:
            self.faulty[mart.relation] = fault

    def _replace_days(self, mart: Daily, days: Sequence[date], held: Sequence[date]) -> int:
        """Replace the rows of these days by what was computed of those that the mart holds. Returns the number of rows.

        Raises:
            ConfigurationError: the file of the mart cannot be used; nothing is replaced.
        """
        connection = self.connection
        if isinstance(mart, Check):
            table, columns = sql.Identifier("mart", "check_row"), sql.SQL("({})").format(check_rows.COLUMNS)
            whose = sql.SQL("check_id = {} AND day").format(sql.Literal(mart.id))
        else:
            table, columns = sql.Identifier("mart", mart.name), sql.SQL("")
            whose = sql.Identifier(mart.partition_by)
        n_rows = 0
        with connection.transaction():
            connection.execute(sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(table, whose), (list(days),))
            connection.execute("DELETE FROM audit.mart_day WHERE mart = %s AND day = ANY(%s)", (mart.name, list(days)))
            for one in self._computed.get(mart, ()):
                if isinstance(one.rows, ConfigurationError):
                    raise one.rows
                with one.rows:
                    n_rows += copy_in(connection, mart, sql.SQL("{} {}").format(table, columns), one.rows)
            connection.execute(
                "INSERT INTO audit.mart_day SELECT %s, day, %s, statement_timestamp() FROM unnest(%s::date[]) AS day",
                (mart.name, self.known_at or "-infinity", list(held)),
            )
        if len(held) > DAYS_WORTH_STATISTICS:
            connection.execute(sql.SQL("ANALYZE {}").format(table))
        return n_rows
