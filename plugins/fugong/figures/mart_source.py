"""Where to read marts for two neighbouring days: their tables, or replays of their SELECTs in temporary tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from psycopg import sql

from fugong.core import time
from fugong.figures.moment import Moment
from fugong.marts import asof, replay, staleness
from fugong.marts.model import Check, Daily, Fact, Mart


@contextmanager
def open_marts(moment: Moment, days: Collection[date] | None = None, *, beside: str = "") -> Iterator[MartSource]:
    """The marts for the day of a moment and the day before, or for these days. Replays live as long as the block.

    Args:
        beside: ends the names of replays, where others of the same marts exist.
    """
    wanted = (moment.as_of - timedelta(1), moment.as_of) if days is None else tuple(sorted(days))
    with ExitStack() as replays:
        yield MartSource(moment, replays, wanted, beside)


@dataclass(frozen=True)
class _Replay:
    """A replayed mart, and the days for which it was asked."""

    table: sql.Identifier
    days: frozenset[date]


@dataclass
class _Flows:
    """The days that a fact of flows was asked for, and the table with its rows for them."""

    days: frozenset[date]
    table: sql.Identifier


class MartSource:
    """Reads each mart from its table where that is up to date, and replays it once where it is not. Both ways give equal values.

    Attributes:
        days: the days asked for: the day of the moment and the day before, unless others were.
    """

    def __init__(self, moment: Moment, replays: ExitStack, days: tuple[date, ...], beside: str = "") -> None:
        self.days = days
        self._moment = moment
        self._open_replays, self._ending = replays, beside
        self._replays: dict[str, _Replay] = {}
        self._tables: dict[str, Mapping[date, sql.Identifier]] = {}
        self._fact_rows: dict[tuple[str, tuple[date, ...]], sql.Identifier] = {}
        self._flows: dict[str, _Flows] = {}
        self._flow_days: dict[date, frozenset[date]] = {}

    def table(self, mart: Mart, day: date) -> sql.Identifier:
        """Where to read a mart's cells for one of the days."""
        if mart.name not in self._tables:
            kept = sql.Identifier("mart", mart.name)
            absent = [one for one in self.days if not self.is_fresh(mart, one)]
            replayed = self._replay(mart, absent) if absent else kept
            self._tables[mart.name] = {one: replayed if one in absent else kept for one in self.days}
        return self._tables[mart.name][day]

    def replay_for(self, mart: Mart, days: Sequence[date]) -> sql.Identifier:
        """Where to read a mart of stocks for many days: its table where it holds them all, else one replay for them and the two days.

        A mart is replayed once. Ask for many days before `table` asks for two.

        Raises:
            RuntimeError: the mart has been replayed for fewer days already.
        """
        return sql.Identifier("mart", mart.name) if self._holds(mart, days) else self._replay(mart, [*self.days, *days])

    @contextmanager
    def check_rows(self, check: Check, *, is_every_day: bool = False) -> Iterator[sql.Identifier]:
        """The rows that a check found, in the columns of `mart.check_row`: that table where it is up to date, else a replay.

        Args:
            is_every_day: whether a check of stocks is replayed for every day up to the moment's, instead of for this day alone.
        """
        moment = self._moment
        if self.is_fresh(check, moment.as_of):
            yield sql.Identifier("mart", "check_row")
            return
        is_stock = check.partition_by == "as_of"
        days = self._days_with_stocks() if is_stock and is_every_day else self.days_of_flows(check, [moment.as_of])
        with replay.replayed(moment.connection, check, days, moment.known_at, called=f"replay{self._ending}") as table:
            yield table

    def _days_with_stocks(self) -> list[date]:
        """The days up to the moment's that stocks exist for."""
        moment = self._moment
        with asof.session_at(moment.connection, None, moment.known_at):
            rows = moment.connection.execute("SELECT as_of FROM asof.day WHERE as_of <= %s", (moment.as_of,)).fetchall()
        return [row[0] for row in rows]

    def rows_of_two_days(self, fact: Fact) -> sql.Identifier:
        """A fact's rows for the two days, read once; the view itself for a fact without `as_of`."""
        return self._rows_of(fact, self.days) if "as_of" in fact.columns else sql.Identifier("fact", fact.name)

    def kept_rows(self, fact: Fact, days: Sequence[date] | None, *, are_of_days: bool) -> sql.Identifier | None:
        """A table that holds a fact's rows for days; None where its view is to be read.

        With `as_of`: for the two days, whichever are asked for. Of flows: for the days asked for.

        Args:
            are_of_days: whether of flows only rows with a business date among the days are wanted. Then one table holds all days that were asked
                for.
        """
        if "as_of" in fact.columns:
            return self._rows_of(fact, self.days)
        if days is None:
            return None
        if not are_of_days:
            return self._rows_of(fact, days)
        known = self._flows.get(fact.name)
        if known is None or not known.days.issuperset(days):
            asked = frozenset(days) | (known.days if known else frozenset())
            known = self._flows[fact.name] = _Flows(asked, self._rows_of(fact, sorted(asked)))
        return known.table

    def _rows_of(self, fact: Fact, days: Sequence[date]) -> sql.Identifier:
        key = fact.name, tuple(days)
        if key not in self._fact_rows:
            moment, called = self._moment, f"rows{self._ending}_{len(self._fact_rows)}_of"
            rows = replay.fact_rows(moment.connection, fact, days, moment.known_at, called=called)
            self._fact_rows[key] = self._open_replays.enter_context(rows)
        return self._fact_rows[key]

    def days_of_flows(self, mart: Daily, days: Sequence[date]) -> Sequence[date]:
        """The days for which to run a SELECT that is to answer for these days.

        Stocks: the days themselves. Flows: every day, or month, up to the last day on which anything happened.
        """
        if mart.partition_by == "as_of":
            return days
        last_day = max(days)
        found = self._days_with_flows(last_day)
        if mart.partition_by == "period":
            return sorted({month for month in time.months_around(found) if month <= last_day})
        return sorted(found)

    def _days_with_flows(self, last_day: date) -> frozenset[date]:
        """The days up to this one on which anything was reported or happened."""
        if last_day in self._flow_days:
            return self._flow_days[last_day]
        connection = self._moment.connection
        with asof.session_at(connection, None, self._moment.known_at):
            rows = connection.execute(
                """
                SELECT lower(span), upper(span) - 1 FROM (
                    SELECT unnest(
                        COALESCE(range_agg(daterange(report_date, report_date, '[]')), '{}')
                        + COALESCE(
                            range_agg(daterange(business_from, business_to, '[]')) FILTER (WHERE business_from <= business_to), '{}'
                        )
                    ) AS span
                    FROM asof.part
                    WHERE report_date <= %s
                ) AS reported
                """,
                (last_day,),
            ).fetchall()
        found = frozenset(day for first, last in rows for day in time.each_day(first, min(last, last_day)))
        self._flow_days[last_day] = found
        return found

    def is_fresh(self, mart: Daily, on: date) -> bool:
        """Whether the table of a mart or check holds what is known now for every day up to this one."""
        if not self._moment.is_now:
            return False
        names, is_by_all = staleness.sources(self._moment.files.read_by(mart), self._views)
        if is_by_all and mart.name not in self._built_last:
            return False
        for name, days in self._stale.items():
            concerns = name == mart.relation or name in names
            is_stock = (
                mart.partition_by == "as_of"
                and not mart.lookback_days
                and not mart.is_latest_only
                and self._modes.get(name) != "increment"
            )
            if concerns and (on in days if is_stock else mart.partition_by == "period" or mart.is_latest_only or min(days) <= on):
                return False
        return mart.partition_by != "as_of" or (mart.name, on) in self._built

    def _holds(self, mart: Mart, days: Sequence[date]) -> bool:
        """Whether the mart's table holds what is known now for every one of the days."""
        if not all(self.is_fresh(mart, day) for day in self.days):
            return False
        names, _ = staleness.sources(self._moment.files.read_by(mart), self._views)
        as_of = self._moment.as_of
        if any((name == mart.relation or name in names) and min(stale) <= as_of for name, stale in self._stale.items()):
            return False
        wanted = sorted(set(days))
        [(n_built,)] = self._moment.connection.execute(
            "SELECT COUNT(*) FROM audit.mart_day WHERE mart = %s AND day = ANY(%s)", (mart.name, wanted)
        ).fetchall()
        return n_built == len(wanted)

    def _replay(self, mart: Mart, days: Sequence[date]) -> sql.Identifier:
        found = self._replays.get(mart.name)
        if found is None:
            moment, called = self._moment, f"replay{self._ending}"
            replayed = replay.replayed(moment.connection, mart, self.days_of_flows(mart, days), moment.known_at, called=called)
            found = _Replay(self._open_replays.enter_context(replayed), frozenset(days))
            self._replays[mart.name] = found
        elif not found.days.issuperset(days):
            raise RuntimeError(f"{mart.relation} has been replayed for {len(found.days)} days only: ask for many days first")
        return found.table

    @cached_property
    def _modes(self) -> Mapping[str, str]:
        """Report table → mode."""
        return {name: table.mode for name, table in self._moment.contracts.tables.items()}

    @cached_property
    def _views(self) -> Mapping[str, frozenset[str]]:
        """`ref` views and the tables below them."""
        return staleness.views_of_reference(self._moment.connection)

    @cached_property
    def _stale(self) -> Mapping[str, frozenset[date]]:
        """The stale days, by what is stale."""
        rows = self._moment.connection.execute(
            "SELECT table_name, array_agg(day) FROM intake.stale_day GROUP BY table_name"
        ).fetchall()
        return {name: frozenset(days) for name, days in rows}

    @cached_property
    def _built_last(self) -> frozenset[str]:
        """The marts that have been built since the last settlement."""
        rows = self._moment.connection.execute(
            "SELECT mart FROM audit.mart_version WHERE built_serial = (SELECT settled_serial FROM intake.settle_clock)"
        ).fetchall()
        return frozenset(row[0] for row in rows)

    @cached_property
    def _built(self) -> frozenset[tuple[str, date]]:
        """The marts that have been built for either day, with the day."""
        rows = self._moment.connection.execute(
            "SELECT mart, day FROM audit.mart_day WHERE day = ANY(%s)", (list(self.days),)
        ).fetchall()
        return frozenset((mart, day) for mart, day in rows)
