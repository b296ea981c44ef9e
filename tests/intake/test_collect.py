"""The inbox: what is taken, what is left for later, what a manifest may say. The warehouse is a list here."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fugong.core.errors import FolderAwayError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.intake import collect as module
from fugong.intake.collect import Arrival, collect, is_temporary, read_manifest
from fugong.intake.folders import is_own_file, work_folder
from fugong.storage.archive import archive, archived
from fugong.storage.modes import make_folders
from tests.fixtures.inbox import Inbox


class NoWarehouse:
    """Takes statements and knows nothing."""

    def execute(self, *_: object) -> NoWarehouse:
        return self

    def fetchone(self) -> None:
        return None

    def fetchall(self) -> list[tuple[object, ...]]:
        return []


class Office:
    """An inbox, and what was recorded from it."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.settings = Settings(home, home, None)
        make_folders(self.settings, ["TAX"])
        self.folder = self.settings.inbox / "TAX"
        self.recorded: list[tuple[str, str | None]] = []

        @contextmanager
        def connect(*_: object, **__: object) -> Iterator[NoWarehouse]:
            yield NoWarehouse()

        def record(_connection: object, settings: Settings, path: Path, **details: Any) -> int:
            if details.get("refused") is None:
                archive(settings, path)
            self.recorded.append((path.name, details.get("refused")))
            return len(self.recorded)

        patch.setattr(module, "connect", connect)
        patch.setattr(module, "record", record)

    def drop(self, name: str, *, age: float = 60.0) -> Path:
        path = self.folder / name
        path.write_text(name, encoding="utf-8")
        moment = time.time() - age
        os.utime(path, (moment, moment))
        return path


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "name",
    [
        "~$R04.xlsx",
        ".R04.xlsx",
        ".~lock.R04.xlsx#",
        "R04.xlsx.tmp",
        "R04.XLSX.PART",
        "R04.csv.crdownload",
        "R04.filepart",
        "Thumbs.db",
        "desktop.ini",
        "R04 - 快捷方式.lnk",
        "税务局.url",
        "R04.xlsx.xltd",
    ],
)
def test_a_temporary_name_is_not_meant_yet(name: str, office: Office) -> None:
    assert is_temporary(name)
    office.drop(name)
    assert collect(office.settings).submissions == []
    assert (office.folder / name).exists()


@pytest.mark.parametrize("name", ["R04.xlsx", "R04~1.xlsx", "税费减免退日报.tmp.csv", "temp.csv", "R04", "..\\R04.csv", "-rf"])
def test_other_names_are_meant(name: str) -> None:
    assert is_temporary(name) is name.startswith(".")


def test_a_settled_file_is_taken_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.drop("a.csv")
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"waited {seconds} s for nothing"))
    found = collect(office.settings)
    assert (found.submissions, found.unfinished, found.departments) == ([1], [], ["TAX"])
    assert office.recorded == [("a.csv", None)]
    assert not (office.folder / "a.csv").exists()
    assert list(work_folder(office.settings, "TAX").iterdir()) == []


def test_a_file_just_written_is_waited_for_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.drop("a.csv", age=0.2)
    office.drop("b.csv")
    waits: list[float] = []
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: (waits.append(seconds), sleep(seconds)))
    assert len(collect(office.settings, settle_seconds=0.5).submissions) == 2
    assert len(waits) == 1
    assert 0 < waits[0] <= 0.5


def test_a_file_still_being_written_is_left_for_later_and_holds_nobody_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = office.drop("growing.csv", age=0.0)
    office.drop("whole.csv")

    def meanwhile(_: float) -> None:
        with growing.open("a", encoding="utf-8") as file:
            file.write("more")

    monkeypatch.setattr(time, "sleep", meanwhile)
    found = collect(office.settings, settle_seconds=0.3)
    assert found.unfinished == [growing]
    assert office.recorded == [("whole.csv", None)]
    assert growing.exists()


def test_a_file_that_goes_away_meanwhile_is_nobodys_business(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.drop("a.csv", age=0.0)
    monkeypatch.setattr(time, "sleep", lambda _: path.unlink())
    found = collect(office.settings, settle_seconds=0.3)
    assert (found.submissions, found.unfinished) == ([], [])


def test_a_time_stamp_from_the_future_does_not_keep_a_file_waiting(office: Office) -> None:
    office.drop("a.csv", age=-86400)
    assert len(collect(office.settings, settle_seconds=0.05).submissions) == 1


def test_one_department_may_be_asked_for(office: Office) -> None:
    office.drop("a.csv")
    other = office.settings.inbox / "GXJ" / "b.csv"
    other.parent.mkdir()
    other.write_text("b", encoding="utf-8")
    assert collect(office.settings, department="GXJ", settle_seconds=0).departments == ["GXJ"]
    assert office.recorded == [("b.csv", None)]
    assert collect(office.settings, department="NOBODY", settle_seconds=0).submissions == []


def test_an_inbox_that_is_away_is_our_fault_and_nothing_is_made_in_its_place(office: Office) -> None:
    office.drop("a.csv")
    away = office.settings.inbox.rename(office.settings.home / "elsewhere")
    for department in (None, "TAX"):
        with pytest.raises(FolderAwayError, match=f"{office.settings.inbox}: 收件夹不在了"):
            collect(office.settings, department=department)
    assert not office.settings.inbox.exists()
    away.rename(office.settings.inbox)
    assert collect(office.settings, settle_seconds=0).submissions == [1]


def test_a_mount_point_without_its_mount_is_away(inbox: Inbox) -> None:
    away = inbox.settings.inbox.rename(inbox.settings.home / "elsewhere")
    inbox.settings.inbox.mkdir()
    with pytest.raises(FolderAwayError, match="收件夹的根目录是空的"):
        collect(inbox.settings)
    assert list(inbox.settings.inbox.iterdir()) == []
    inbox.settings.inbox.rmdir()
    away.rename(inbox.settings.inbox)
    assert collect(inbox.settings).errors == []


def test_one_departments_folder_that_is_away_is_told_and_the_others_are_served(inbox: Inbox) -> None:
    inbox.drop("TAX", "R04 2020-03-18.csv", b"x")
    folder = inbox.settings.inbox / "GSGS"
    shutil.rmtree(folder)
    found = collect(inbox.settings, settle_seconds=0)
    assert len(found.submissions) == 1
    [told] = found.errors
    assert told.startswith(f"GSGS: {folder}: 收件夹不在了")
    assert not folder.exists()


def test_folders_and_unreadable_files_are_refused_in_place(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    (office.folder / "3月18日").mkdir()
    (office.folder / "3月18日" / "R04.csv").write_text("x", encoding="utf-8")
    locked = office.drop("locked.csv")
    office.drop("good.csv")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked and access(path, mode))
    collect(office.settings, settle_seconds=0)
    assert office.recorded == [("3月18日", "a-folder"), ("locked.csv", "no-permission"), ("good.csv", None)]
    assert locked.exists()
    assert (office.folder / "3月18日" / "R04.csv").exists()


def test_what_a_killed_run_had_moved_aside_is_taken_up(office: Office) -> None:
    aside = work_folder(office.settings, "TAX")
    (aside / "empty").mkdir(parents=True)
    (aside / "full").mkdir()
    (aside / "full" / "a.csv").write_text("a", encoding="utf-8")
    assert collect(office.settings, settle_seconds=0).submissions == [1]
    assert office.recorded == [("a.csv", None)]
    assert list(aside.iterdir()) == []


def test_the_archive_keeps_a_file_by_its_digest_and_once(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path, None)
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (first, second):
        path.write_bytes(b"same")
    digest, size = archive(settings, first)
    assert archive(settings, second) == (digest, size) == (digest, 4)
    assert archived(settings, digest).read_bytes() == b"same"
    assert [path for path in settings.archive.rglob("*") if path.is_file()] == [archived(settings, digest)]


def test_a_link_is_not_followed_into_the_archive(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        archive(Settings(tmp_path, tmp_path, None), tmp_path / "link")


KINDS: dict[str, Callable[[Path], object]] = {
    "link": lambda path: path.symlink_to("/etc/hostname"),
    "link to nothing": lambda path: path.symlink_to("nowhere"),
    "pipe": os.mkfifo,
    "device": lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5)),  # /dev/zero never ends
    "socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of a short name: a socket's has at most 107 bytes."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_ordinary_file_is_neither_the_senders_own_nor_archived(folder: Path, kind: str) -> None:
    path = folder / "a.csv"
    try:
        KINDS[kind](path)
    except PermissionError:
        assert kind == "device"
        pytest.skip("only the superuser makes devices")
    assert not is_own_file(path)
    with pytest.raises(OSError, match=r"Not an ordinary file|symbolic links|No such device"):
        archive(Settings(folder, folder, None), path)


def test_a_file_with_a_second_name_is_refused_and_the_other_stays(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    folder = tmp_path / "TAX"
    folder.mkdir()
    (folder / "a.csv").hardlink_to(tmp_path / "secret")
    assert not is_own_file(folder / "a.csv")
    (tmp_path / "secret").unlink()
    assert is_own_file(folder / "a.csv")


def manifest(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "history.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_manifest_lists_files_with_the_moment_they_arrived(tmp_path: Path, encoding: str) -> None:
    lines = 'file,received_at\nTAX/b.csv,2020-03-19T09:00\n"TAX/a,1.csv",2020-03-18T01:00:00Z\n'
    first, second = read_manifest(manifest(tmp_path, lines, encoding))
    assert first == Arrival("TAX/b.csv", datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))
    assert (second.file, second.received_at.utcoffset()) == ("TAX/a,1.csv", timedelta(0))
    assert first.arrival_id == read_manifest(manifest(tmp_path, lines))[0].arrival_id != second.arrival_id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "header should be file,received_at"),
        ("name,when\nTAX/a.csv,2020-03-19\n", "found name,when"),
        ("file,received_at\nTAX/a.csv,yesterday\n", "line 2: 'yesterday' is not an ISO 8601 moment"),
        ("file,received_at\nTAX/a.csv\n", "line 2"),
        ("file,received_at\nTAX/a.csv,2020-03-19,more\n", "line 2"),
        ("file,received_at\nTAX/a.csv,2020-03-19\n/etc/passwd,2020-03-19\n", "line 3: '/etc/passwd' should be"),
        ("file,received_at\n../TAX/a.csv,2020-03-19\n", "should be <DEPARTMENT>/<file>"),
        ("file,received_at\nTAX/..,2020-03-19\n", "should be <DEPARTMENT>/<file>"),
        ("file,received_at\na.csv,2020-03-19\n", "should be <DEPARTMENT>/<file>"),
        ("file,received_at\nTAX/deep/a.csv,2020-03-19\n", "should be <DEPARTMENT>/<file>"),
    ],
)
def test_a_line_of_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_manifest(manifest(tmp_path, text))
