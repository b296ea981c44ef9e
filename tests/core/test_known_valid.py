"""A document is checked against its schema once; what is not the account's own is not believed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fugong.core import known_valid, schema
from fugong.core.cache_folder import cache_folder
from fugong.core.errors import ConfigurationError
from fugong.core.known_valid import KnownValid, digest_of
from fugong.core.schema import Document, validate

SUITE = {"name": "loan", "expectations": []}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    known_valid.known_valid.cache_clear()
    yield tmp_path / "fugong"
    known_valid.known_valid.cache_clear()


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The schemas that documents are checked against."""
    done: list[str] = []
    make = schema._validator

    def validator(name: str) -> Any:
        done.append(name)
        return make(name)

    monkeypatch.setattr(schema, "_validator", validator)
    return done


def as_in_a_new_process() -> None:
    known_valid.known_valid.cache_clear()


def test_a_valid_document_is_checked_once(folder: Path, checks: list[str]) -> None:
    for _ in range(3):
        as_in_a_new_process()
        validate(Document("loan.json", SUITE, {}), "suite")
    assert checks == ["suite"]
    (file,) = folder.iterdir()
    assert file.read_text() == digest_of("suite", SUITE) + "\n"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o077) == (0o600, 0)


def test_another_content_or_schema_is_checked(folder: Path, checks: list[str]) -> None:
    validate(Document("loan.json", SUITE, {}), "suite")
    validate(Document("loan.json", SUITE | {"name": "lease"}, {}), "suite")
    with pytest.raises(ConfigurationError):
        validate(Document("loan.json", SUITE, {}), "contract")
    assert checks == ["suite", "suite", "contract"]
    assert digest_of("suite", {"n": 1}) != digest_of("suite", {"n": 1.0})
    assert digest_of("suite", {"n": 1}) != digest_of("suite", {"n": "1"})
    assert len(next(folder.iterdir()).read_text().split()) == 2


def test_a_faulty_document_is_told_every_time(folder: Path) -> None:
    for _ in range(2):
        as_in_a_new_process()
        with pytest.raises(ConfigurationError, match="expectations"):
            validate(Document("loan.json", {"name": "loan"}, {}), "suite")
    assert not folder.exists()


def test_other_schemas_know_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "suite.schema.json").write_text("{}")
    known_valid.known_valid(schema.SCHEMAS).add("a")
    assert "a" in known_valid.known_valid(schema.SCHEMAS)
    assert "a" not in known_valid.known_valid(tmp_path / "schemas")
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_to_is_not_believed(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "valid.txt"
    file.write_text("a\n")
    file.chmod(0o600)
    assert "a" in KnownValid(file)
    file.chmod(mode)
    assert "a" not in KnownValid(file)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_account_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "valid.txt"
    file.write_text("a\n")
    os.chown(file, 12345, -1)
    assert "a" not in KnownValid(file)


def test_a_folder_that_cannot_be_written_to_costs_time_only(tmp_path: Path, checks: list[str]) -> None:
    (tmp_path / "file").write_text("")
    known = KnownValid(tmp_path / "file" / "valid.txt")
    known.add("a")
    assert "a" in known
    assert checks == []


def test_a_full_file_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_valid, "MAX_BYTES", 3)
    file = tmp_path / "valid.txt"
    known = KnownValid(file)
    for digest in ("a", "b", "c"):
        known.add(digest)
    assert file.read_text() == "c\n"


def test_an_account_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/clerk")
    assert cache_folder() == Path("/home/clerk/.cache/fugong")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path("/home/clerk/.cache/fugong")
    monkeypatch.delenv("HOME")
    assert cache_folder() is None


def test_the_oldest_files_of_other_schemas_go(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    for number in range(20):
        (folder / f"valid-{number:016}.txt").write_text("a\n")
        os.utime(folder / f"valid-{number:016}.txt", (number, number))
    (folder / "other.txt").write_text("")
    known_valid.known_valid(tmp_path).add("b")
    kept = sorted(file.name for file in folder.iterdir())
    assert len(kept) == 1 + known_valid.MAX_FILES
    assert {f"valid-{number:016}.txt" for number in range(13, 20)} | {"other.txt"} < {*kept}
    assert "valid-0000000000000012.txt" not in kept
