"""`init` proves that it can write where the flow will write, and says how that is mended."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.storage.writable import make_writable_folders


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of an account that is not root: nothing is refused to root."""
    folder = Path(tempfile.mkdtemp())
    us = os.geteuid()
    if us == 0:
        os.chown(folder, 50_000, 50_000)
        os.seteuid(50_000)
    yield folder
    os.seteuid(us)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["archive", "outbox", "keys"])
def test_a_folder_of_ours_that_cannot_be_written_is_named_with_its_mending(home: Path, name: str) -> None:
    settings = Settings(home, home, None)
    (home / name).mkdir(mode=0o500)
    with pytest.raises(ConfigurationError) as refused:
        make_writable_folders(settings, ["TAX"])
    [line] = str(refused.value).splitlines()
    assert line.startswith(f"{home / name}: 账户 {os.geteuid()} 不能写入")
    assert f"run chown {os.geteuid()}:{os.getegid()} {home / name} (" in line


def test_every_department_that_cannot_be_written_is_named_and_keeps_its_group(home: Path) -> None:
    settings = Settings(home, home, None)
    make_writable_folders(settings, ["TAX", "GXJ", "SCJ"])
    assert sorted(folder.name for folder in settings.outbox.iterdir()) == ["GXJ", "SCJ", "TAX"]
    for folder in (settings.inbox / "TAX", settings.outbox / "GXJ"):
        folder.chmod(0o500)
    with pytest.raises(ConfigurationError) as refused:
        make_writable_folders(settings, ["TAX", "GXJ", "SCJ"])
    lines = str(refused.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [str(settings.inbox / "TAX"), str(settings.outbox / "GXJ")]
    assert [line.count(f"chown {os.geteuid()} ") for line in lines] == [2, 2]
    assert [*home.rglob("tmp*")] == []
