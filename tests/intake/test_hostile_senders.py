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
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, industry_row, tax_row

GOOD = as_csv(TAX_HEADER, [tax_row(1)])
N_SWAPS = 10_000


def outside(inbox: Inbox) -> dict[str, tuple[int, bytes]]:
    """Every file of the installation that is not in the hostile sender's folder: mode and bytes."""
    found: dict[str, tuple[int, bytes]] = {}
    for path in sorted(inbox.settings.home.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(inbox.settings.home).parts[:2] != ("inbox", "GXJ"):
            found[str(path)] = (path.stat().st_mode, path.read_bytes())
    return found


@pytest.fixture
def office(inbox: Inbox) -> Inbox:
    """TAX has a file that waits; GXJ is the sender who attacks."""
    inbox.drop("TAX", "R04 3.18.csv", GOOD)
    inbox.drop("GXJ", "placeholder", b"").unlink()
    (inbox.settings.home / "secret").write_text("secret", encoding="utf-8")
    return inbox


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
    folder, random = office.settings.inbox / "GXJ", Random(1)
    before = outside(office)
    for name in list(before):
        if "/inbox/TAX/" in name:
            del before[name]
    kinds: list[Callable[[Path], object]] = [
        lambda path: path.write_bytes(b"mine"),
        lambda path: path.symlink_to("../../secret"),
        lambda path: path.symlink_to("../TAX"),
        lambda path: path.mkdir(),
        lambda path: path.hardlink_to(office.settings.home / "secret"),
        os.mkfifo,
    ]
    done = threading.Event()

    def swap() -> None:
        for n in range(N_SWAPS):
            made = folder / f".{n}"  # a name of its own: two names of one file would stay both
            target = folder / random.choice(("a.csv", "b.csv", TRIAL))
            try:
                random.choice(kinds)(made)
                if random.random() < 0.5 and target.is_dir() and not target.is_symlink():
                    target.rmdir()
                made.replace(target)
            except OSError:
                if made.is_dir() and not made.is_symlink():
                    made.rmdir()
                else:
                    made.unlink(missing_ok=True)
        done.set()

    attacker = threading.Thread(target=swap)
    attacker.start()
    n_runs = 0
    while not done.is_set() or n_runs < 3:
        collect(office.settings, settle_seconds=0)
        n_runs += 1
    attacker.join()
    states = office.rows("SELECT department_code, state FROM intake.submission WHERE department_code = 'TAX'")
    assert states == [("TAX", "received")]
    after = outside(office)
    assert {name: found for name, found in after.items() if name in before} == before
    assert not any(b"secret" in path.read_bytes() for path in office.settings.archive.rglob("*") if path.is_file())
    assert [one.department for one in office.ingest() if one.department == "TAX"] == ["TAX"]


def test_a_folder_for_dry_runs_belongs_to_whom_its_parent_does(office: Inbox) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser gives folders away")
    folder = office.settings.inbox / "GXJ"
    os.chown(folder, 12_345, 23_456)
    folder.chmod(0o2770)
    collect(office.settings, settle_seconds=0)
    made = (folder / TRIAL).stat()
    assert (made.st_uid, made.st_gid, made.st_mode & 0o7777) == (12_345, 23_456, 0o2770)


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
    path.write_bytes(b"x" * BLOCK * 2)
    settings = Settings(tmp_path / "home", tmp_path, None)

    def grow() -> None:
        with path.open("ab") as file:
            while not done.is_set():
                file.write(b"x" * BLOCK)
                file.flush()

    done = threading.Event()
    sender = threading.Thread(target=grow)
    sender.start()
    try:
        with pytest.raises(TooLargeError):
            archive(settings, path, limit=BLOCK * 64)
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
