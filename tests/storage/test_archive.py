"""The archive keeps the bytes that it names, whatever happens to the file meanwhile, and has them on the disk."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from fugong.core.settings import Settings
from fugong.storage import archive as archiving
from fugong.storage.archive import BLOCK, TooLargeError, archive, archived, fingerprint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = Settings(tmp_path / "home", tmp_path, None)
    home.home.mkdir()
    return home


@pytest.fixture
def often_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file of gigabytes is."""
    monkeypatch.setattr(archiving, "FLUSHED_BLOCKS", 2)


def kept(settings: Settings) -> list[Path]:
    return [path for path in settings.archive.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("often_flushed")
@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, 4 * BLOCK, 5 * BLOCK + 7])
def test_a_file_is_kept_by_the_digest_of_its_bytes(settings: Settings, tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    file = tmp_path / "sent"
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    assert archive(settings, file) == (sha256, size)
    assert archived(settings, sha256).read_bytes() == content
    assert kept(settings) == [archived(settings, sha256)]


@pytest.mark.attack
@pytest.mark.usefixtures("often_flushed")
def test_the_digest_is_of_what_is_kept_although_the_file_changes_while_it_is_copied(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "sent"
    file.write_bytes(bytes(16 * BLOCK))
    is_over, n_changes = threading.Event(), 0

    def change() -> None:
        nonlocal n_changes
        with file.open("r+b") as sender:
            while not is_over.is_set():
                sender.seek(n_changes * 4096 % (16 * BLOCK))
                sender.write(os.urandom(4096))
                sender.flush()
                n_changes += 1

    sender = threading.Thread(target=change)
    sender.start()
    try:
        found = [archive(settings, file) for _ in range(5)]
    finally:
        is_over.set()
        sender.join()
    assert n_changes > 0
    assert len({sha256 for sha256, _ in found}) > 1  # it did change meanwhile
    for sha256, size in found:
        assert fingerprint(archived(settings, sha256)) == (sha256, size)


@pytest.mark.usefixtures("often_flushed")
def test_a_disk_that_fails_while_a_file_is_flushed_keeps_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", failing)  # the kernel tells of it only once
    file = tmp_path / "sent"
    file.write_bytes(bytes(5 * BLOCK))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        archive(settings, file)
    assert kept(settings) == []


@pytest.mark.parametrize("limit", [0, BLOCK, 3 * BLOCK - 1])
def test_a_file_beyond_the_limit_is_not_kept(settings: Settings, tmp_path: Path, limit: int) -> None:
    file = tmp_path / "sent"
    file.write_bytes(bytes(3 * BLOCK))
    with pytest.raises(TooLargeError):
        archive(settings, file, limit=limit)
    assert kept(settings) == []
    assert archive(settings, file, limit=3 * BLOCK)[1] == 3 * BLOCK
