"""A department that may write in its outbox puts links, pipes and folders under our names: nothing outside changes, and it gets its answer."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fugong.core.errors import FolderAwayError
from fugong.core.settings import Settings
from fugong.storage import outbox
from fugong.storage.modes import make_folders

pytestmark = pytest.mark.attack

NAME = "a.12.回执.txt"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path, tmp_path, None)
    make_folders(settings, ["TAX"])
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_bytes(b"secret")
    return settings


def a_full_folder(place: Path) -> None:
    place.mkdir()
    (place / "kept").write_bytes(b"theirs")


ATTACKS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "an older answer": lambda place: place.write_bytes(b"old"),
    "a link": lambda place: place.symlink_to("../../outside/file"),
    "a link to nowhere": lambda place: place.symlink_to("../../outside/new"),
    "a link to a folder": lambda place: place.symlink_to("../../outside"),
    "a second name": lambda place: place.hardlink_to(place.parents[2] / "outside/file"),
    "a pipe": os.mkfifo,
    "a folder": a_full_folder,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_is_written_and_nothing_outside_changes(settings: Settings, attack: str) -> None:
    place = settings.outbox / "TAX" / NAME
    ATTACKS[attack](place)
    with outbox.open_outbox(settings, "TAX") as folder:
        assert folder.read(NAME) == {"an older answer": b"old", "a second name": b"secret"}.get(attack)
        assert folder.write(NAME, b"answer") == place
    assert (place.read_bytes(), stat.S_IMODE(place.lstat().st_mode), stat.S_ISREG(place.lstat().st_mode)) == (
        b"answer",
        0o640,
        True,
    )
    assert {path.name: path.read_bytes() for path in (settings.home / "outside").iterdir()} == {"file": b"secret"}
    beside = {path.name for path in place.parent.iterdir()} - {NAME}
    assert beside == ({"a.12.回执(2).txt"} if attack == "a folder" else set())
    if attack == "a folder":
        assert (place.parent / "a.12.回执(2).txt/kept").read_bytes() == b"theirs"


@pytest.mark.parametrize("attack", sorted(ATTACKS.keys() - {"nothing"}))
def test_removing_a_note_removes_nothing_else(settings: Settings, attack: str) -> None:
    place = settings.outbox / "TAX" / NAME
    ATTACKS[attack](place)
    assert outbox.departments_with(settings, NAME) == ["TAX"]
    outbox.answer_each(settings, ["TAX"], lambda _, folder: folder.remove(NAME))
    assert os.path.lexists(place) == (attack == "a folder")
    assert (settings.home / "outside/file").read_bytes() == b"secret"


def test_an_outbox_that_is_away_gets_no_answer(settings: Settings) -> None:
    away = settings.outbox.rename(settings.home / "elsewhere")
    for mount_point in (False, True):
        if mount_point:
            settings.outbox.mkdir()
        with pytest.raises(FolderAwayError, match=f"{settings.outbox}: 发件夹不在了"), outbox.open_outbox(settings, "TAX"):
            pass
        outbox.answer_each(settings, ["TAX"], lambda *_: pytest.fail("nothing can be answered there"))
        assert not mount_point or list(settings.outbox.iterdir()) == []
    settings.outbox.rmdir()
    away.rename(settings.outbox)
    with outbox.open_outbox(settings, "TAX") as folder:
        assert folder.write(NAME, b"answer").read_bytes() == b"answer"


def test_a_name_is_free_where_not_even_a_link_to_nowhere_has_it(settings: Settings) -> None:
    (settings.outbox / "TAX" / "a.xlsx").symlink_to("nowhere")
    with outbox.open_outbox(settings, "TAX") as folder:
        assert folder.free_name("a.xlsx") == "a(2).xlsx"


@pytest.mark.parametrize("folder", ["TAX", "TAX/试投"])
def test_a_link_in_the_place_of_a_folder_is_not_followed_and_the_others_are_answered(
    settings: Settings, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    if folder == "TAX":
        (settings.outbox / "TAX").rmdir()
    (settings.outbox / folder).symlink_to(settings.home / "outside")

    def answer(_: str, into: outbox.AnswerFolder) -> None:
        with into.child("试投") as trials:
            trials.write(NAME, b"answer")

    outbox.answer_each(settings, ["TAX", "GXJ"], answer)
    assert [path.name for path in (settings.home / "outside").iterdir()] == ["file"]
    assert (settings.outbox / "GXJ/试投" / NAME).read_bytes() == b"answer"
    assert stat.S_IMODE((settings.outbox / "GXJ/试投").stat().st_mode) == 0o2750
    assert "Outbox of TAX: Not a directory" in caplog.text


def test_the_group_of_the_folder_reads_the_answer_and_nobody_else_does(settings: Settings) -> None:
    group = 4321 if os.geteuid() == 0 else os.getgroups()[-1]
    for bits in (0o2750, 0o750):
        os.chown(settings.outbox / "TAX", -1, group)
        (settings.outbox / "TAX").chmod(bits)
        with outbox.open_outbox(settings, "TAX") as folder, folder.child(f"试投{bits:o}") as trials:
            answer, tried = folder.write(f"{bits:o}", b"x"), trials.write(NAME, b"x")
        assert (answer.stat().st_gid, stat.S_IMODE(answer.stat().st_mode)) == (group, 0o640)
        assert (tried.stat().st_gid, tried.parent.stat().st_gid) == (group, group)
