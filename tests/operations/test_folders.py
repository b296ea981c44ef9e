"""What lies too long in folders is counted, and folders that we cannot use are named."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fugong.core.settings import TRIAL
from fugong.operations.folders import is_usable, look_at_folders
from fugong.operations.task_result import Result, TaskResult
from fugong.storage.modes import make_folders
from fugong.validation.context import IntakeContext
from tests.fixtures.inbox import Inbox

DAY = 86_400


@pytest.fixture(scope="module")
def house(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    house = Inbox.create(empty_warehouse, "folders", tmp_path_factory.mktemp("folders"), context)
    make_folders(house.settings, {sender for contract in context.contracts for sender in contract.senders})
    return house


def look(house: Inbox) -> dict[str, TaskResult]:
    return {one.task: one for one in look_at_folders(house.settings)}


def put(path: Path, days: float) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (time.time() - days * DAY, time.time() - days * DAY))


def test_what_nobody_took_is_counted_by_department(house: Inbox) -> None:
    assert {one.outcome for one in look(house).values()} == {Result.WELL}
    put(house.settings.inbox / "TAX" / "a.xlsx", 1.1)
    put(house.settings.inbox / "TAX" / TRIAL / "b.xlsx", 3)
    put(house.settings.inbox / "ZWJ" / "new.xlsx", 0.5)
    put(house.settings.inbox / "ZWJ" / ".c.swp", 9)  # no sender waits for these
    put(house.settings.inbox / "ZWJ" / "~$d.xlsx", 9)
    put(house.settings.outbox / "GXJ" / "回执.xlsx", 31)
    put(house.settings.outbox / "GXJ" / "新回执.xlsx", 29)
    found = look(house)
    assert (found["inbox-old"].outcome, found["inbox-old"].n) == (Result.BAD, 2)
    assert "TAX 2" in found["inbox-old"].zh
    assert "ZWJ" not in found["inbox-old"].zh
    assert (found["outbox-old"].outcome, found["outbox-old"].n) == (Result.NOTICE, 1)
    assert "GXJ 1" in found["outbox-old"].zh


def test_a_folder_that_is_gone_or_is_a_link_is_named(house: Inbox, tmp_path: Path) -> None:
    (house.settings.outbox / "ZWJ").rmdir()
    kept = house.settings.inbox / "GXJ"
    kept.rename(tmp_path / "kept")
    kept.symlink_to(tmp_path / "kept")
    try:
        found = look(house)["folders"]
        assert (found.outcome, found.n) == (Result.BAD, 2)
        assert str(house.settings.outbox / "ZWJ") in found.zh
        assert str(kept) in found.zh
    finally:
        kept.unlink()
        (tmp_path / "kept").rename(kept)
        (house.settings.outbox / "ZWJ").mkdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the account of the flow")
def test_a_folder_that_the_flow_may_only_read_is_not_usable(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    tmp_path.chmod(0o711)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o711)
    child = os.fork()
    if child == 0:
        os.setgid(50_000)
        os.setuid(50_000)
        os._exit(0 if not is_usable(folder) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert is_usable(folder)
