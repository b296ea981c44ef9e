"""Originals with personal data are sealed, can be opened with the key alone, which lies elsewhere."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.storage import quarantine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path, None)


def seal(settings: Settings, content: bytes) -> str:
    original = settings.home / "original"
    original.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    quarantine.seal(settings, original, sha256)
    assert not original.exists()
    return sha256


@pytest.mark.parametrize("size", [0, 1, quarantine.BLOCK - 1, quarantine.BLOCK, quarantine.BLOCK + 1, 3 * quarantine.BLOCK])
def test_what_was_sealed_is_opened_whole(settings: Settings, size: int) -> None:
    content = os.urandom(size)
    sha256 = seal(settings, content)
    place = quarantine.sealed(settings, sha256)
    assert size < 32 or content[:32] not in place.read_bytes()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert b"".join(quarantine.opened(settings, sha256)) == content
    assert {path.name for path in settings.quarantine.iterdir()} == {sha256}


@pytest.mark.parametrize("change", ["cut", "a bit", "swapped"])
def test_what_was_changed_is_not_opened(settings: Settings, change: str) -> None:
    sha256 = seal(settings, os.urandom(3 * quarantine.BLOCK))
    place = quarantine.sealed(settings, sha256)
    content = place.read_bytes()
    head, step = len(quarantine.MAGIC) + quarantine.PREFIX_BYTES, quarantine.BLOCK + quarantine.TAG_BYTES
    blocks = [content[at : at + step] for at in range(head, len(content), step)]
    changed = {
        "cut": content[: head + 2 * step],
        "a bit": content[:-1] + bytes([content[-1] ^ 1]),
        "swapped": content[:head] + blocks[1] + blocks[0] + blocks[2],
    }
    place.write_bytes(changed[change])
    with pytest.raises(InvalidTag):
        list(quarantine.opened(settings, sha256))


def test_the_key_is_made_once_for_the_owner_alone(settings: Settings) -> None:
    key = quarantine.key(settings)
    assert len(key) == 32
    assert quarantine.key(settings) == key
    assert stat.S_IMODE((settings.keys / "quarantine.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.keys.stat().st_mode) == 0o700
    assert [path.name for path in settings.keys.iterdir()] == ["quarantine.key"]
    assert not settings.quarantine.exists()


def test_a_key_beside_what_it_seals_is_moved_and_still_opens_it(settings: Settings) -> None:
    sha256 = seal(settings, b"x")
    (settings.keys / "quarantine.key").rename(settings.quarantine / ".key")
    assert b"".join(quarantine.opened(settings, sha256)) == b"x"
    assert [path.name for path in settings.quarantine.iterdir()] == [sha256]
    (settings.keys / "quarantine.key").rename(settings.quarantine / ".key")
    [said] = quarantine.move_old_key(settings)
    assert said.startswith(f"{settings.quarantine / '.key'} → {settings.keys / 'quarantine.key'}")
    assert quarantine.move_old_key(settings) == []
    assert b"".join(quarantine.opened(settings, sha256)) == b"x"


def test_of_two_keys_none_is_thrown_away(settings: Settings) -> None:
    quarantine.key(settings)
    settings.quarantine.mkdir()
    (settings.quarantine / ".key").write_bytes(base64.b64encode(b"y" * 32))
    with pytest.raises(ConfigurationError, match="are two keys"):
        quarantine.move_old_key(settings)
    assert (settings.quarantine / ".key").exists()


def test_a_key_from_the_environment_is_used_instead(tmp_path: Path) -> None:
    given = base64.b64encode(bytes(range(32))).decode()
    settings = Settings.load({"FUGONG_HOME": str(tmp_path), "FUGONG_QUARANTINE_KEY": given})
    assert quarantine.key(settings) == bytes(range(32))
    assert list(tmp_path.iterdir()) == []
    sha256 = seal(settings, b"x")
    with pytest.raises(InvalidTag):
        list(quarantine.opened(Settings(tmp_path, tmp_path, None), sha256))


@pytest.mark.parametrize("given", ["short", "????", base64.b64encode(b"x" * 31).decode()])
def test_a_key_that_is_none_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigurationError, match="FUGONG_QUARANTINE_KEY should be 32 bytes in base64"):
        quarantine.key(Settings(tmp_path, tmp_path, None, given))
