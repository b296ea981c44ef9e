"""A file is replaced in one step: whoever reads it sees the old content or the new, and nothing is left beside it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fugong.storage import atomic_file
from fugong.storage.atomic_file import replace_file, replacing


def test_a_file_gets_its_new_content_and_nothing_else_stays_in_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "回执.json"
    replace_file(file, b"first")
    replace_file(file, b"second")
    assert file.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_content_can_be_read_until_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with replacing(file) as draft:
        draft.write_bytes(b"half")
        assert file.read_bytes() == b"old"
        assert draft.parent == tmp_path
        assert draft.name.startswith(".")
        draft.write_bytes(b"whole")
    assert file.read_bytes() == b"whole"


def test_a_block_that_raises_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(file) as draft:
        draft.write_bytes(b"half")
        raise ZeroDivisionError
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "file"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_draft_keeps_the_mode_that_it_was_given(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    replace_file(file, b"open")
    with replacing(file) as draft:
        draft.touch(mode=0o600)
        draft.write_bytes(b"closed")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_draft_is_on_the_disk_before_it_takes_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, synced = tmp_path / "file", list[tuple[bytes, bool]]()

    def fsync(descriptor: int) -> None:
        synced.append((os.pread(descriptor, 100, 0), file.exists()))

    monkeypatch.setattr(atomic_file.os, "fsync", fsync)
    replace_file(file, b"content")
    assert synced == [(b"content", False)]


def test_a_process_killed_while_it_writes_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    program = (
        "import os, pathlib, signal, sys\n"
        "from fugong.storage.atomic_file import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as draft:\n"
        "    draft.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = str(Path(atomic_file.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", program, str(file)], env={"PYTHONPATH": path}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert file.read_bytes() == b"old"
