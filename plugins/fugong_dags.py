"""What the DAGs of Fugong share: how tasks are tried again and end, which runs mean something, and the events that they give.

An event says that there is work, never which. Besides, every report table and every mart is an asset of its own, whose events
tell how fresh it is: the page of assets is the page of freshness.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias

from fugong_airflow import BRIEFING_DUE, INBOX, MARTS, SETTLED, OnlyWhenTheDatabaseIsAway
from fugong_lineage import tell_lineage
from fugong_outbox import tell_task_failed

if TYPE_CHECKING:
    from fugong.core.settings import Settings
    from fugong.intake.types import Outcome
    from fugong.marts.build import Built

log = logging.getLogger(__name__)

BY_CLOCK_OR_HAND: Any = ("scheduled", "manual", "asset_triggered")
"""The runs of a DAG whose work lies in tables: a backfill would do the same work again for each of its days, and is refused."""
BACKFILLED_TOO: Any = (*BY_CLOCK_OR_HAND, "backfill")
"""The runs of a DAG that works on days: a run of a backfill works on the day that it stands for."""
BY_HAND: Any = ("manual",)
"""The runs of a DAG that only a person starts."""
AGAIN = AssetAlias("inbox_again")
"""Becomes an event of the inbox where a department's turn has ended before its work."""
NEWS = AssetAlias("settled_now")
"""Becomes events of `settled_reports` and of report tables where something was settled."""
BUILT = AssetAlias("built_now")
"""Becomes events of `marts` and of each mart, where something was built, and of `briefing_due`, where a day can be drafted."""
MORE_TO_DRAFT = AssetAlias("more_to_draft")
"""Becomes an event of `briefing_due` where another day is still to be drafted."""
BETWEEN_BUILDS = timedelta(seconds=60)
"""Rings that come sooner after a build are answered by one build, when this time is over."""
LOOK_SECONDS = 5
DEPARTMENTS_AT_ONCE = "departments"
"""The pool of tasks that process a department: `docker/pools.py` makes it, an engineer may give it more or fewer slots."""


def task_defaults(at_most: timedelta, *, retries: int = 3, retry_delay: timedelta = timedelta(seconds=20)) -> dict[str, Any]:
    """The default arguments of a DAG.

    Args:
        at_most: a task that runs for longer has hung: it is ended and turns red.
    """
    return {
        "owner": "数据组",
        "retries": retries,
        "retry_delay": retry_delay,
        "retry_policy": OnlyWhenTheDatabaseIsAway(),
        "execution_timeout": at_most,
        "on_failure_callback": tell_task_failed,
    }


def day_of_backfill(dag_run: Any) -> date | None:
    """The day in Shanghai for which a run of a backfill stands; None for all other runs."""
    from fugong.core.time import SHANGHAI

    if str(dag_run.run_type) != "backfill" or dag_run.logical_date is None:
        return None
    return dag_run.logical_date.astimezone(SHANGHAI).date()


def was_just_built(settings: Settings, day: date) -> bool:
    """Whether every mart of the day was built within the last hour: a backfill of an hourly schedule has 24 runs of the same day."""
    from fugong.marts.staleness import is_built_since
    from fugong.warehouse.connection import connect_as_loader

    with connect_as_loader(settings) as connection:
        return is_built_since(connection, day, datetime.now(UTC) - timedelta(hours=1))


def is_turn_to_build(settings: Settings, dag_run: Any) -> bool:
    """Wait, in a run that rang, until a minute after the last build: what is settled meanwhile is one build. The first ring builds at once.

    A run that a person or the clock started does not wait. Nor does one where nothing is left to build: another run has built what rang.

    Returns:
        False where another run waits already: it will build what rang here.
    """
    from fugong.core.advisory_locks import WAITING_BUILD_LOCK
    from fugong.marts.staleness import has_stale_days, time_since_last_build
    from fugong.warehouse.connection import connect_as_loader

    if str(dag_run.run_type) != "asset_triggered":
        return True
    with connect_as_loader(settings, autocommit=True) as connection:
        began = time.monotonic()
        while (since := time_since_last_build(connection)) is not None and has_stale_days(connection):
            waited = timedelta(seconds=time.monotonic() - began)
            left = min(BETWEEN_BUILDS - since, BETWEEN_BUILDS - waited).total_seconds()
            if left <= 0:
                break
            if connection.execute("SELECT pg_try_advisory_lock(%s)", (WAITING_BUILD_LOCK,)).fetchone() == (False,):
                return False
            log.info("%.0f 秒后重算,期间入库的一并算 | builds in as many seconds, what is settled meanwhile, too", left)
            time.sleep(min(left, LOOK_SECONDS))
    return True


def ring_settled(events: Any, settings: Settings, outcomes: Iterable[Outcome] = ()) -> None:
    """Give an event for every report table that got rows, and one that starts the building of marts, if there is anything to build.

    Args:
        events: `outlet_events` of a task with the outlet `NEWS`.
    """
    from fugong.contracts.accepted import accepted_contracts
    from fugong.core.vocabulary import State
    from fugong.marts.staleness import has_stale_days
    from fugong.operations.freshness import digest_of_report
    from fugong.warehouse.connection import connect_as_loader

    written: dict[str, str] = {}
    with connect_as_loader(settings) as connection:
        contracts = accepted_contracts(connection)
        for one in outcomes:
            if one.report is None or one.state not in (State.ACCEPTED, State.PARTLY_ACCEPTED):
                continue
            about = {
                "report_date": one.report_date.isoformat() if one.report_date else None,
                "rows": one.rows_accepted,
                "submission": one.submission_id,
                "digest": digest_of_report(settings, contracts.by_id[one.report]),
            }
            for table in contracts.by_id[one.report].tables:
                events[NEWS].add(Asset(name=f"report.{table.name}", uri=f"fugong://report/{table.name}"), extra=about)
                written[f"report.{table.name}"] = f"inbox.{one.department}"
        if has_stale_days(connection):
            events[NEWS].add(SETTLED)
    tell_lineage(written.values(), written)


def ring_built(events: Any, settings: Settings, built: Built) -> None:
    """Give an event for every mart that was built, and one that starts the drafting where a day is due: this DAG runs hourly, so at 11:00, too.

    Args:
        events: `outlet_events` of a task with the outlet `BUILT`.
    """
    from fugong.briefing.signing import due_days
    from fugong.marts.sql_files import load_sound_sql_files
    from fugong.operations.freshness import digest_of_mart

    files = load_sound_sql_files(settings.include / "sql")
    tell_lineage((name for mart in built.marts for name in files.mart(mart).reads), (f"mart.{mart}" for mart in built.marts))
    for mart in built.marts:
        about: Mapping[str, Any] = {
            "days": [built.days[0].isoformat(), built.days[-1].isoformat()],
            "rows": built.rows[mart],
            "known_at": built.known_at.isoformat() if built.known_at else None,
            "digest": digest_of_mart(settings, mart),
        }
        events[BUILT].add(Asset(name=f"mart.{mart}", uri=f"fugong://mart/{mart}"), extra=dict(about))
    if built.marts or built.checks:
        events[BUILT].add(MARTS)
    if due_days(settings):
        events[BUILT].add(BRIEFING_DUE)


def ring_inbox(events: Any) -> None:
    """Give an event of the inbox: a department's turn has ended before its work."""
    events[AGAIN].add(INBOX)


def ring_more_to_draft(events: Any) -> None:
    """Give an event that drafts the next day."""
    events[MORE_TO_DRAFT].add(BRIEFING_DUE)
