"""A few seconds of any files at all; `make fuzz ARGS=600` goes on as long as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.evaluations import accepted
from tests.fuzz import fuzzing
from tests.fuzz.fuzzing import EXAMPLES_A_ROUND, Fuzz, is_of_the_parser
from tests.fuzz.mutations import ARCHIVES, CORPUS, OLD, TEXTS, any_file

SECONDS = 7.0


@pytest.fixture(scope="module")
def fuzz() -> Iterator[Fuzz]:
    with Fuzz.open() as fuzz:
        yield fuzz


def test_every_file_is_read_or_refused_with_a_reason_and_its_lines_are_accounted_for(fuzz: Fuzz) -> None:
    kinds = any_file(fuzz.context.contracts, fuzz.context.code_lists)
    assert list(kinds) == ["archives", "old workbooks", "texts", "tables", "bytes"]
    assert len(ARCHIVES) > 60
    assert len(OLD) > 10
    assert len(TEXTS) > 60
    n = fuzz.run(SECONDS, kinds)
    assert n >= EXAMPLES_A_ROUND * len(kinds)
    assert fuzz.outcomes["read"]
    assert len(fuzz.outcomes) > 5


def test_a_line_that_is_lost_is_noticed(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    [sent] = [sent for sent in CORPUS if sent.content.startswith(b"\xfe\xff")]
    fuzz.check(sent)

    def lossy(*given: Any) -> Iterator[Any]:
        return ((part, block.slice(1)) for part, block in accepted(*given))

    monkeypatch.setattr(fuzzing, "FOUND", tmp_path / "found")
    monkeypatch.setattr(fuzzing, "accepted", lossy)
    with pytest.raises(AssertionError):
        fuzz.check(sent)
    [kept] = (tmp_path / "found").iterdir()
    assert kept.read_bytes() == sent.content


def test_a_child_that_died_in_a_line_of_ours_is_told_from_one_that_the_parser_killed() -> None:
    assert is_of_the_parser("")
    assert is_of_the_parser("Traceback (most recent call last):\n  …\npyo3_runtime.PanicException: index out of bounds\n")
    assert not is_of_the_parser('Traceback (most recent call last):\n  File "ole.py"\nIndexError: list index out of range\n')
