"""The doorbell of the inbox, without Airflow's triggerer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest

import fugong_airflow
from fugong_airflow import InboxTrigger

QUIET = 0.6
"""Seconds of silence that count as: it does not ring."""


def listen(inbox: Path, act: Callable[[AsyncGenerator[int, None]], Awaitable[None]], **arguments: float) -> None:
    async def run() -> None:
        trigger = InboxTrigger(**{"settle": 0.1, "look_every": 0.2, "patience": 60.0, **arguments})
        rings = trigger.rings(inbox)
        try:
            await asyncio.wait_for(act(rings), 20)
        finally:
            await rings.aclose()

    asyncio.run(run())


async def ring(rings: AsyncGenerator[int, None]) -> int:
    return await asyncio.wait_for(anext(rings), 10)


def drop(inbox: Path, name: str, content: str = "x") -> Path:
    file = inbox / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def test_it_rings_for_a_file_that_lay_there_before_it_began(tmp_path: Path) -> None:
    drop(tmp_path, "TAX/a.csv")

    async def act(rings: AsyncGenerator[int, None]) -> None:
        assert await ring(rings) == 1

    listen(tmp_path, act)


def test_it_rings_for_a_file_to_be_tried(tmp_path: Path) -> None:
    drop(tmp_path, "TAX/试投/a.csv")
    drop(tmp_path, "TAX/试投/.hidden/1/b.csv")
    drop(tmp_path, "TAX/3月18日/c.csv")

    async def act(rings: AsyncGenerator[int, None]) -> None:
        assert await ring(rings) == 1

    listen(tmp_path, act)


def test_it_hears_a_file_in_a_folder_that_is_new(tmp_path: Path) -> None:
    async def act(rings: AsyncGenerator[int, None]) -> None:
        heard = asyncio.create_task(ring(rings))
        await asyncio.sleep(0.3)
        drop(tmp_path, "JRB/a.csv")
        assert await heard == 1

    listen(tmp_path, act)


def test_it_waits_until_a_growing_file_has_settled(tmp_path: Path) -> None:
    async def act(rings: AsyncGenerator[int, None]) -> None:
        heard = asyncio.create_task(ring(rings))
        for size in range(1, 10):
            drop(tmp_path, "TAX/a.csv", "x" * size)
            await asyncio.sleep(0.1)
            assert not heard.done()
        assert await heard == 1

    listen(tmp_path, act, settle=0.4)


def test_it_rings_once_for_many_files_and_again_only_for_new_ones(tmp_path: Path) -> None:
    for number in range(200):
        drop(tmp_path, f"TAX/{number}.csv")

    async def act(rings: AsyncGenerator[int, None]) -> None:
        assert await ring(rings) == 200
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(rings), QUIET)

    listen(tmp_path, act)


def test_it_rings_again_until_the_file_is_fetched(tmp_path: Path) -> None:
    file = drop(tmp_path, "TAX/a.csv")

    async def act(rings: AsyncGenerator[int, None]) -> None:
        began = time.monotonic()
        for _ in range(3):
            assert await ring(rings) == 1
        assert time.monotonic() - began >= 0.3 + 0.6  # the second pause is twice the first
        file.unlink()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(rings), 1.5)

    listen(tmp_path, act, patience=0.3)


@pytest.mark.parametrize(
    "name", ["TAX/~$a.xlsx", "TAX/.a.csv", "TAX/a.csv.tmp", "TAX/a.csv.part", "TAX/.hidden/1/a.csv", "a.csv"]
)
def test_it_is_silent_for_what_nobody_has_sent(tmp_path: Path, name: str) -> None:
    drop(tmp_path, name)

    async def act(rings: AsyncGenerator[int, None]) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(rings), QUIET)

    listen(tmp_path, act)


def test_it_hears_without_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Network folders send no notices, and a machine may have no inotify watches left.
    async def no_notices(folder: Path, changed: asyncio.Event) -> None: ...

    monkeypatch.setattr(fugong_airflow, "watch_folder", no_notices)

    async def act(rings: AsyncGenerator[int, None]) -> None:
        heard = asyncio.create_task(ring(rings))
        await asyncio.sleep(0.3)
        drop(tmp_path, "TAX/a.csv")
        assert await heard == 1

    listen(tmp_path, act)


def test_it_survives_the_loss_of_the_inbox(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    file = drop(inbox, "TAX/a.csv")

    async def act(rings: AsyncGenerator[int, None]) -> None:
        assert await ring(rings) == 1
        heard = asyncio.create_task(ring(rings))
        file.unlink()
        file.parent.rmdir()
        inbox.rmdir()
        await asyncio.sleep(0.5)
        assert not inbox.exists()
        drop(inbox, "TAX/b.csv")
        assert await heard == 1

    listen(inbox, act)


def test_it_waits_for_an_inbox_that_is_not_there_and_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fugong_airflow, "WAIT_FOR_FOLDER", 0.1)
    inbox = tmp_path / "inbox"

    async def act(rings: AsyncGenerator[int, None]) -> None:
        heard = asyncio.create_task(ring(rings))
        await asyncio.sleep(0.3)
        assert not inbox.exists()
        drop(inbox, "TAX/a.csv")
        assert await heard == 1

    listen(inbox, act)


def test_airflow_makes_it_again_from_its_name_and_arguments() -> None:
    name, arguments = InboxTrigger(settle=1.5).serialize()
    assert name == "fugong_airflow.InboxTrigger"
    assert InboxTrigger(**arguments).serialize() == (name, arguments)
    assert arguments["settle"] == 1.5
