"""What Airflow adds to messages: the trigger rings for what is due, a failed task and a question to signers go into the outbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT, Settings
from fugong.messages.channels import load_channels
from fugong.messages.event import Event
from fugong.messages.outbox import record_message
from fugong.messages.rules import Rules
from fugong.messages.send import take_up
from fugong.operations.task_result import MaintenanceError
from fugong.warehouse.connection import connect_as_loader
from tests.fixtures.channels import http_double, name_channels
from tests.fixtures.inbox import Inbox

RUN = "manual__2026-11-29T20:00:00+00:00_aB1"


@pytest.fixture
def district(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """An installation whose engineers and signers have a channel, found by the environment."""
    hook = {"hook": "json://127.0.0.1:9/x"}
    name_channels(inbox.settings, {"engineers": hook, "signers": hook})
    with connect_as_loader(inbox.settings) as connection:
        take_up(connection, Rules(), load_channels(inbox.settings))
    monkeypatch.setenv("FUGONG_HOME", str(inbox.settings.home))
    monkeypatch.setenv("FUGONG_DISTRICT", str(PROJECT))
    monkeypatch.setenv("FUGONG_WAREHOUSE", str(inbox.settings.warehouse_url))
    yield inbox


def told(inbox: Inbox) -> list[tuple[Any, ...]]:
    return inbox.rows("SELECT event, audience, facts - 'at' FROM audit.message ORDER BY message_id")


def task(try_number: int = 1, map_index: int = -1, name: str = "process_department") -> SimpleNamespace:
    return SimpleNamespace(dag_id="receive_reports", task_id=name, run_id=RUN, map_index=map_index, try_number=try_number)


def test_a_failed_task_is_told_once_without_what_its_error_says(district: Inbox) -> None:
    from fugong_outbox import tell_task_failed

    cell = "示例甲有限公司 1234567.89"
    for _ in range(2):
        tell_task_failed({"ti": task(map_index=3), "exception": ValueError(cell)})
    tell_task_failed({"ti": task(), "exception": MaintenanceError(cell)})  # told where it was found
    broken = ConfigurationError(
        f"{cell}.csv (TAX): include/contracts/tax_relief.odcs.yaml:12: found {cell}; include/{cell}.yaml:1"
    )
    for _ in range(2):
        tell_task_failed({"ti": task(), "exception": broken})
    page = f"/dags/receive_reports/runs/{RUN.replace(':', '%3A').replace('+', '%2B')}/tasks/process_department/mapped/3"
    assert told(district) == [
        ("task_failed", "engineers", {"dag": "receive_reports", "task": "process_department", "link": page}),
        ("configuration_refused", "engineers", {"place": "include/contracts/tax_relief.odcs.yaml:12"}),
    ]


def test_while_the_warehouse_is_away_the_engineers_are_told_once_without_the_outbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fugong.messages import direct
    from fugong_outbox import Outbox, tell_task_failed

    settings = Settings(tmp_path, PROJECT, "postgresql://nobody@127.0.0.1:9/nothing")
    monkeypatch.setenv("FUGONG_HOME", str(tmp_path))
    monkeypatch.setenv("FUGONG_DISTRICT", str(PROJECT))
    monkeypatch.setenv("FUGONG_WAREHOUSE", str(settings.warehouse_url))
    failed: Any = {"ti": task(), "exception": ValueError("示例甲有限公司 1234567.89")}
    with http_double() as taken:
        name_channels(
            settings, {"engineers": {"hook": f"json://127.0.0.1:{taken.port}/x"}, "signers": {"hook": "json://127.0.0.1:9/x"}}
        )
        tell_task_failed(failed)
        tell_task_failed(failed)
        looks = Outbox(away_seconds=0.0, pause=0.0)
        assert [looks.look() for _ in range(2)] == [(0, 0), (0, 0)]
        assert len(taken.texts) == 1
        assert "仓库连不上" in taken.texts[0]
        assert "示例" not in taken.texts[0]
        later = datetime.now(UTC) + timedelta(seconds=direct.EVERY_SECONDS + 1)
        taken.status = 500
        assert not direct.tell_warehouse_away(settings, now=later)
        taken.status = 200
        assert direct.tell_warehouse_away(settings, now=later)  # what no channel took is tried again
        assert not direct.tell_warehouse_away(settings, now=later)
        assert len(taken.texts) == 3


def test_a_restart_of_the_warehouse_is_told_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fugong_outbox import Outbox

    monkeypatch.setenv("FUGONG_HOME", str(tmp_path))
    monkeypatch.setenv("FUGONG_DISTRICT", str(PROJECT))
    monkeypatch.setenv("FUGONG_WAREHOUSE", "postgresql://nobody@127.0.0.1:9/nothing")
    with http_double() as taken:
        name_channels(Settings(tmp_path, PROJECT, None), {"engineers": {"hook": f"json://127.0.0.1:{taken.port}/x"}})
        looks = Outbox(away_seconds=60.0, pause=0.0)
        assert [looks.look() for _ in range(3)] == [(0, 0)] * 3
        assert taken.texts == []


def test_signers_hear_of_a_question_and_of_one_that_comes_again(district: Inbox) -> None:
    from fugong_outbox import TellSigners

    request = {
        "drafts": [("2020-03-17", "2020-03-18T10:00:00+08:00"), ("2020-03-18", "x")],
        "sign_by": "2020-03-19T17:00:00+08:00",
    }
    for try_number in (1, 1, 2):
        TellSigners()({"ti": task(try_number, name="sign"), "task": SimpleNamespace(request=request), "dag": None})
    assert [(event, audience, facts["from"], facts["to"], facts["sign_by"]) for event, audience, facts in told(district)] == [
        ("draft_waits", "signers", "2020-03-17", "2020-03-18", "2020-03-19T17:00:00+08:00"),
        ("signature_lost", "engineers", "2020-03-17", "2020-03-18", "2020-03-19T17:00:00+08:00"),
        ("signature_lost", "signers", "2020-03-17", "2020-03-18", "2020-03-19T17:00:00+08:00"),
    ]
    assert told(district)[0][2]["link"].endswith("/tasks/sign/required_actions?map_index=-1")


def rings(seen: list[tuple[int, int]], **given: float) -> list[int]:
    """The events for a sequence of looks into the outbox."""
    from fugong_outbox import OutboxTrigger

    looks = iter(seen)

    def look() -> tuple[int, int]:
        for one in looks:
            return one
        raise EOFError

    async def listen() -> list[int]:
        out: list[int] = []
        trigger = OutboxTrigger(**{"look_every": 0.0, "pause": 0.0, "patience": 60.0, **given})
        with contextlib.suppress(EOFError):  # the looks are used up
            async for n_due in trigger.rings(look):
                out.append(n_due)
        return out

    return asyncio.run(listen())


def test_the_trigger_rings_for_what_is_new_and_again_only_after_a_while() -> None:
    assert rings([(0, 0), (1, 7), (1, 7), (2, 8), (2, 8), (0, 0), (1, 8), (1, 9)]) == [1, 2, 1]
    assert rings([(1, 7), (1, 7), (1, 7)], patience=0.0) == [1, 1, 1]
    assert rings([(1, 7), (2, 8), (3, 9)], pause=60.0) == [1]


def test_the_trigger_survives_a_warehouse_that_is_away(district: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from fugong_outbox import Outbox

    with connect_as_loader(district.settings) as connection:
        record_message(connection, Event.CHECK_FAILED, "1", {"task": "archive"})
    outbox = Outbox()
    assert outbox.look() == (1, 1)
    with psycopg.connect(str(district.settings.warehouse_url)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert outbox.look() == (0, 0)
    assert outbox.look() == (1, 1)
    assert slept == [5]
    outbox.close()
