"""A text is parsed once; what was kept is believed only where it is whole, the account's own, and of the same text and parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fugong.core import known_parsed, yaml_text
from fugong.core.errors import ConfigurationError
from fugong.core.known_parsed import KnownParsed
from fugong.core.schema import parse_yaml

TEXT = "a: 1\nb: [1.0, true, null, '1', 中]\nc: {2: x}\n"
CONTENT = {"a": 1, "b": [1.0, True, None, "1", "中"], "c": {"2": "x"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    known_parsed.known_parsed.cache_clear()
    yield tmp_path / "fugong"
    known_parsed.known_parsed.cache_clear()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    done: list[str] = []
    read = yaml_text.read

    def counted(text: str, file: str, first_line: int) -> Any:
        done.append(text)
        return read(text, file, first_line)

    monkeypatch.setattr(yaml_text, "read", counted)
    return done


def as_in_a_new_process() -> None:
    known_parsed.known_parsed.cache_clear()


def test_a_text_is_parsed_once_and_an_edited_one_again(folder: Path, parsed: list[str]) -> None:
    for _ in range(3):
        as_in_a_new_process()
        found = parse_yaml(TEXT, "a.yaml").content
        assert (found, repr(found)) == (CONTENT, repr(CONTENT))
    assert parsed == [TEXT]
    assert parse_yaml(TEXT.replace("1.0", "2.0"), "a.yaml").content["b"][0] == 2.0
    assert len(parsed) == 2
    (file,) = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o077) == (0o600, 0)


def test_two_readers_of_a_text_do_not_share_what_one_changes(folder: Path) -> None:
    parse_yaml(TEXT, "a.yaml")
    as_in_a_new_process()
    parse_yaml(TEXT, "a.yaml").content["b"].clear()
    assert parse_yaml(TEXT, "a.yaml").content == CONTENT


def test_a_fault_names_its_line_in_a_text_that_was_parsed_before(folder: Path, parsed: list[str]) -> None:
    whole = parse_yaml(TEXT, "a.yaml", first_line=7)
    as_in_a_new_process()
    again = parse_yaml(TEXT, "a.yaml", first_line=7)
    assert parsed == [TEXT]
    assert str(again.fault(("c", "2"), "no")) == "a.yaml:9: no"
    assert dict(again.lines) == dict(whole.lines)
    assert parse_yaml(TEXT, "b.yaml").line_of(("c",)) == 3


def test_a_faulty_text_and_one_with_a_day_are_parsed_every_time(folder: Path, parsed: list[str]) -> None:
    for _ in range(2):
        as_in_a_new_process()
        with pytest.raises(ConfigurationError, match=r"a\.yaml:2: 'a' stands here twice"):
            parse_yaml("a: 1\na: 2\n", "a.yaml")
        assert parse_yaml("a: 2020-03-18", "a.yaml").content == {"a": date(2020, 3, 18)}
        assert repr(parse_yaml("a: .inf", "a.yaml").content) == "{'a': inf}"
    assert len(parsed) == 6
    assert not folder.exists()


def test_a_line_that_was_not_written_to_its_end_is_not_believed(folder: Path, parsed: list[str]) -> None:
    parse_yaml(TEXT, "a.yaml")
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for kept in (whole[:-6], whole[:100], whole.replace(b'"a":1', b'"a":2'), b"\xff" * 300, whole[:64]):
        file.write_bytes(kept)
        as_in_a_new_process()
        assert parse_yaml(TEXT, "a.yaml").content == CONTENT
    assert len(parsed) == 6


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_to_is_not_believed(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "parsed-1.jsonl"
    KnownParsed(file).add("a: 1", {"a": 1})
    assert KnownParsed(file).get("a: 1") == ({"a": 1},)
    file.chmod(mode)
    assert KnownParsed(file).get("a: 1") is None


def test_another_parser_knows_nothing(folder: Path, tmp_path: Path) -> None:
    parser = tmp_path / "parser.py"
    parser.write_text("1")
    known_parsed.known_parsed(parser).add("a: 1", {"a": 1})
    as_in_a_new_process()
    assert known_parsed.known_parsed(parser).get("a: 1") == ({"a": 1},)
    as_in_a_new_process()
    parser.write_text("2")
    assert known_parsed.known_parsed(parser).get("a: 1") is None


def test_a_full_file_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_parsed, "MAX_BYTES", 3)
    file = tmp_path / "parsed-1.jsonl"
    known = KnownParsed(file)
    for number in range(3):
        known.add(f"a: {number}", {"a": number})
    assert [json.loads(line[128:]) for line in file.read_text().splitlines()] == [{"a": 2}]


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "parsed-1.jsonl"
    target.write_text("")
    link.symlink_to(target)
    KnownParsed(link).add("a: 1", {"a": 1})
    assert target.read_text() == ""
