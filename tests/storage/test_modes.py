"""What others may read and write in an installation: nothing but what their group was given, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fugong.core.settings import TRIAL, Settings
from fugong.storage import modes


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "parent" / "home", tmp_path, None)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(home: Path) -> list[str]:
    """What `find -perm -o=r` and `find -perm -o=w` find."""
    return [str(path.relative_to(home)) for path in [home, *home.rglob("*")] if not path.is_symlink() and mode(path) & 0o006]


def test_folders_have_their_modes_whatever_the_umask(settings: Settings, umask: int) -> None:
    modes.make_folders(settings, ["TAX"])
    found = {str(path.relative_to(settings.home)): mode(path) for path in settings.home.rglob("*")}
    assert found == {
        "archive": 0o700,
        "briefings": 0o700,
        "inbox": 0o711,
        "inbox/TAX": 0o2770,
        "keys": 0o700,
        "outbox": 0o711,
        "outbox/TAX": 0o2750,
        "quarantine": 0o700,
        "spool": 0o700,
    }
    assert (mode(settings.home), mode(settings.home.parent)) == (0o711, 0o711)
    assert open_to_others(settings.home) == []


def test_folders_that_are_there_stay_as_an_administrator_set_them(settings: Settings) -> None:
    modes.make_folders(settings, ["TAX"])
    for folder, wanted in ((settings.inbox, 0o710), (settings.inbox / "TAX", 0o2730), (settings.outbox / "TAX", 0o750)):
        folder.chmod(wanted)
    modes.make_folders(settings, ["TAX"])
    assert modes.tighten(settings) == []
    assert [mode(folder) for folder in (settings.inbox, settings.inbox / "TAX", settings.outbox / "TAX")] == [
        0o710,
        0o2730,
        0o750,
    ]


def opened(settings: Settings) -> Settings:
    """An installation of a version that left everything to a umask of 022."""
    for folder in (
        "archive/ab",
        "briefings/2020-03-18",
        "quarantine",
        "spool",
        f"inbox/TAX/{TRIAL}",
        "inbox/.work",
        "outbox/TAX",
        "warehouse",
    ):
        (settings.home / folder).mkdir(parents=True)
    for file in ("archive/ab/abc", "briefings/2020-03-18/a.docx", "quarantine/.key", "outbox/TAX/a.txt", "warehouse/server.json"):
        (settings.home / file).write_text("secret")
    for path in settings.home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (settings.inbox / ".work").chmod(0o700)
    return settings


@pytest.mark.attack
def test_an_open_installation_is_closed_and_each_change_is_told(settings: Settings) -> None:
    home = opened(settings).home
    assert len(open_to_others(home)) == 18
    told = modes.tighten(settings)
    assert open_to_others(home) == []
    assert [sentence.split(":")[0].removeprefix(f"{home}/") for sentence in told] == [
        "archive",
        "briefings",
        "quarantine",
        "spool",
        f"inbox/TAX/{TRIAL}",
        "inbox/TAX",
        "outbox/TAX",
        "warehouse/server.json",
        "warehouse",
        "inbox",
        "outbox",
        str(home),
    ]
    assert told[0] == f"{home}/archive: 权限 0755 收紧为 0700,连同其中 2 项 | mode 0755 is 0700 now, and 2 inside"
    assert [mode(home / path) for path in ("archive/ab/abc", "outbox/TAX/a.txt", "warehouse/server.json")] == [
        0o600,
        0o640,
        0o600,
    ]
    assert modes.tighten(settings) == []


ATTACKS: dict[str, Callable[[Path], object]] = {
    "a link to a file": lambda place: place.symlink_to("../../elsewhere/file"),
    "a second name of a file": lambda place: place.hardlink_to(place.parents[2] / "elsewhere/file"),
    "a link to a folder": lambda place: place.symlink_to("../../elsewhere"),
    "a pipe": os.mkfifo,
}


@pytest.mark.attack
@pytest.mark.parametrize("name", ["inbox/TAX/试投", "outbox/TAX/a.txt", "outbox/TAX/试投"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_department_puts_there_leads_nowhere(settings: Settings, attack: str, name: str) -> None:
    modes.make_folders(settings, ["TAX"])
    (settings.home / "elsewhere").mkdir(mode=0o755)
    (settings.home / "elsewhere/file").write_text("theirs")
    (settings.home / "elsewhere/file").chmod(0o644)
    ATTACKS[attack](settings.home / name)
    (settings.outbox / "TAX").chmod(0o755)
    modes.tighten(settings)
    assert (mode(settings.home / "elsewhere"), mode(settings.home / "elsewhere/file")) == (0o755, 0o644)
    assert mode(settings.outbox / "TAX") == 0o750
