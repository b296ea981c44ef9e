"""What is worth a second look in a column of texts: found by bytes, and the same as character by character."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fugong.parsing.cell_anomalies import (
    AS_ABOVE,
    ERRORS,
    INVISIBLE,
    NOTHING,
    find_odd_texts,
    is_as_above,
    is_nothing,
    may_be_as_above,
)
from fugong.parsing.text_marks import ODD

ODD_MARK = re.compile(ODD.replace(r"\x22", '"'))
WIDE_LETTER = re.compile("[\uff0d\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")


def found(*cells: str | None) -> list[int]:
    return find_odd_texts(pa.array(cells, pa.string())).tolist()


def is_odd(text: str) -> bool:
    return bool(INVISIBLE.search(text) or WIDE_LETTER.search(text))


def test_every_character_that_nobody_sees_is_found_by_its_bytes_and_no_other() -> None:
    characters = [chr(n) for n in (*range(0x3100), *range(0xFE00, 0x10000))]
    odd = {character for character in characters if found(f"某厂{character}公司") == [0]}
    assert odd == {character for character in characters if is_odd(character)}
    assert len(odd) == 150


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(min_size=5)), max_size=6), st.integers(0, 3))
def test_a_column_is_looked_at_as_its_texts_are_also_when_it_is_a_slice(texts: list[str | None], start: int) -> None:
    cells = pa.array(texts, pa.string()).slice(min(start, len(texts)))
    wanted = [
        at for at, text in enumerate(cells.to_pylist()) if text and (is_odd(text) or text.startswith("#") or ODD_MARK.match(text))
    ]
    assert find_odd_texts(cells).tolist() == wanted


@pytest.mark.parametrize("text", sorted(NOTHING | AS_ABOVE))
def test_signs_are_found(text: str) -> None:
    assert found("某厂公司", text, None) == [1]


@pytest.mark.parametrize("text", sorted(ERRORS))
def test_errors_are_found_however_they_are_written(text: str) -> None:
    assert found("某厂公司", text.upper()) == [1]


def test_as_above_is_told_from_nothing_and_from_text() -> None:
    assert is_as_above("同上")
    assert is_as_above(" 〃 ")
    assert not is_as_above("同上街")
    assert not is_as_above(None)
    assert is_nothing(None)
    assert is_nothing("－")
    assert not is_nothing("无锡")
    assert may_be_as_above(pa.array(["甲", None, "同上"]))
    assert may_be_as_above(pa.array(["甲", None, "同上 "]))
    assert may_be_as_above(pa.array(["甲", " 〃\u3000"]))
    assert not may_be_as_above(pa.array(["甲", None, "同上街"]))
