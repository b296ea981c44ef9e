"""A sender who can change every name in their own folder reaches nothing outside it, and keeps nobody else waiting."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.settings import TRIAL, Settings
from fugong.intake.collect import collect, departments_with_dry_runs, waiting_dry_runs
from fugong.intake.folders import WORK, prove_work_folder, work_folder
from fugong.storage.archive import BLOCK, TooLargeError, archive
from tests.fixtures.hostile_sender import attacked, swap_names_while_collecting
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, industry_row, tax_row

pytestmark = pytest.mark.attack


@pytest.fixture
def office(inbox: Inbox) -> Inbox:
    """Two departments, one of which attacks the other."""
    return attacked(inbox)


def test_our_working_folder_is_ours_alone(office: Inbox) -> None:
    collect(office.settings, settle_seconds=0)
    work = office.settings.inbox / WORK
    assert (work.stat().st_mode & 0o777, work.stat().st_uid) == (0o700, os.geteuid())
    assert (work / "GXJ").stat().st_mode & 0o777 == 0o700


LINKS: dict[str, Callable[[Path], object]] = {
    "our old folder leads out": lambda folder: (folder / ".taken").symlink_to(".."),
    "the folder for dry runs leads to another department": lambda folder: (folder / TRIAL).symlink_to("../TAX"),
    "the folder for dry runs leads to the archive": lambda folder: (folder / TRIAL).symlink_to("../../archive"),
    "our old folder within that for dry runs leads out": lambda folder: _inside(folder / TRIAL).symlink_to("../../.."),
    "a pipe": lambda folder: os.mkfifo(folder / "a.csv"),
    "a pipe for dry runs": lambda folder: (_made(folder / TRIAL), os.mkfifo(folder / TRIAL / "a.csv")),
    "a link": lambda folder: (folder / "a.csv").symlink_to("../../secret"),
    "a link for dry runs": lambda folder: (_made(folder / TRIAL) / "a.csv").symlink_to("../../../secret"),
    "a second name": lambda folder: (folder / "a.csv").hardlink_to(folder.parent.parent / "secret"),
    "a second name for dry runs": lambda folder: (_made(folder / TRIAL) / "a.csv").hardlink_to(folder.parent.parent / "secret"),
    "a folder of ours": lambda folder: _made(folder / WORK) / "a.csv",
}


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _inside(trial: Path) -> Path:
    return _made(_made(trial) / ".taken") / "x"


@pytest.mark.parametrize("attack", LINKS)
def test_nothing_is_followed_out_of_a_senders_folder(office: Inbox, attack: str) -> None:
    LINKS[attack](office.settings.inbox / "GXJ")
    departments = sorted(path.name for path in office.settings.inbox.iterdir() if not path.name.startswith("."))
    started = time.monotonic()
    collect(office.settings, settle_seconds=0)
    assert time.monotonic() - started < 10
    assert sorted(path.name for path in office.settings.inbox.iterdir() if not path.name.startswith(".")) == departments
    assert (office.settings.home / "secret").read_text(encoding="utf-8") == "secret"
    assert waiting_dry_runs(office.settings, "GXJ") == []
    answered = {(one.department, one.state) for one in office.ingest()}
    assert ("TAX", "accepted") in answered
    assert not any(b"secret" in path.read_bytes() for path in office.settings.archive.rglob("*") if path.is_file())


def test_a_department_that_is_a_link_is_told_and_the_others_are_collected(office: Inbox) -> None:
    (office.settings.inbox / "LINK").symlink_to(office.settings.home)
    found = collect(office.settings, settle_seconds=0)
    assert len(found.submissions) == 1
    assert [error.partition(":")[0] for error in found.errors] == ["LINK"]


def test_swapping_names_while_files_are_collected_reaches_nothing(office: Inbox) -> None:
    swap_names_while_collecting(office, 1_500, Random(1))  # 10,000 times: `make prove ARGS=hostile-inbox`


def test_a_folder_for_dry_runs_belongs_to_whom_its_parent_does(office: Inbox) -> None:
    folder = office.settings.inbox / "GXJ"
    if os.geteuid() == 0:  # only the superuser gives folders away
        os.chown(folder, 12_345, 23_456)
    folder.chmod(0o2770)
    collect(office.settings, settle_seconds=0)
    parent, made = folder.stat(), (folder / TRIAL).stat()
    assert (made.st_uid, made.st_gid, made.st_mode & 0o7777) == (parent.st_uid, parent.st_gid, 0o2770)


def test_a_dry_run_is_answered_from_our_own_folder(office: Inbox) -> None:
    collect(office.settings, settle_seconds=0)
    (office.settings.inbox / "TAX" / TRIAL / "R04 3.18.csv").write_bytes(as_csv(TAX_HEADER, [tax_row(2)]))
    assert collect(office.settings, settle_seconds=0).dry_runs == 1
    assert departments_with_dry_runs(office.settings) == ["TAX"]
    [path] = waiting_dry_runs(office.settings, "TAX")
    assert path.is_relative_to(work_folder(office.settings, "TAX", TRIAL))


def test_a_file_too_large_is_refused_before_it_is_copied(office: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUGONG_LIMIT_TEXT_BYTES", "1000000")
    monkeypatch.setenv("FUGONG_LIMIT_WORKBOOK_BYTES", "1000000")
    path = office.settings.inbox / "GXJ" / "R01 3.18.csv"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # 3 GB without a block on the disk
    os.utime(path, (1, 1))
    started = time.monotonic()
    collect(office.settings, settle_seconds=0)
    assert time.monotonic() - started < 5
    assert not path.exists()
    [row] = office.rows("SELECT state, byte_size FROM intake.submission WHERE department_code = 'GXJ'")
    assert row == ("rejected", 3 << 30)
    [(message,)] = office.rows("SELECT message_zh FROM intake.finding WHERE code = 'too-large'")
    assert "3,072" in message or "3 GB" in message or "3,221,225,472" in message
    kept = [path for path in office.settings.archive.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < 1_000_000


def test_a_file_that_grows_while_it_is_copied_is_dropped_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * BLOCK * 64)
    settings = Settings(tmp_path / "home", tmp_path, None)

    def grow() -> None:
        with path.open("ab") as file:
            while not done.is_set():
                file.write(b"x" * 1_000)
                file.flush()

    done = threading.Event()
    sender = threading.Thread(target=grow)
    sender.start()
    try:
        with pytest.raises(TooLargeError):
            archive(settings, path, limit=BLOCK * 64 + 1_000)
    finally:
        done.set()
        sender.join()
    assert [left for left in settings.archive.rglob("*") if left.is_file()] == []


def test_where_files_cannot_be_moved_to_our_folder_set_up_says_so(office: Inbox) -> None:
    prove_work_folder(office.settings)
    office.settings.inbox.chmod(0o777)
    with pytest.raises(ConfigurationError, match="chmod go-w"):
        prove_work_folder(office.settings)
    office.settings.inbox.chmod(0o755)


def test_another_department_is_answered_beside_an_attack(office: Inbox) -> None:
    os.mkfifo(office.settings.inbox / "GXJ" / "a.csv")
    office.drop("GSGS", "R01.csv", as_csv(TAX_HEADER, [industry_row(1)]))
    assert {one.department for one in office.ingest()} >= {"TAX", "GSGS"}
