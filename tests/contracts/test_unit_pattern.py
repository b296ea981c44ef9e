"""The pattern of units holds each of them, the longest that fits first, and nothing else."""

from __future__ import annotations

import re
from random import Random

import pytest

from fugong.contracts.unit import ANY_UNIT, WORDS

UNIT = re.compile(ANY_UNIT)
EACH = re.compile("|".join(map(re.escape, sorted(WORDS, key=len, reverse=True))))
"""The words one by one: as long as all of them."""


def test_it_takes_every_word_as_a_whole() -> None:
    """So of two words that begin a text, the longer one is tried first."""
    assert len(WORDS) > 3000
    assert {word for word in WORDS if (found := UNIT.match(word)) is None or found[0] != word} == set()


@pytest.mark.parametrize("around", ["{}", "{}$", "(?:{}/{})|{}元"])
def test_it_finds_what_the_words_find_one_by_one(around: str) -> None:
    short, long = (re.compile(around.replace("{}", f"(?:{one.pattern})")) for one in (UNIT, EACH))
    random, words = Random(around), sorted(WORDS)
    characters = sorted({character for word in words for character in word} | set("/ (,年"))
    for _ in range(3000):
        text = "".join(random.choice(words) if random.random() < 0.6 else random.choice(characters) for _ in range(4))
        assert [one.span() for one in short.finditer(text)] == [one.span() for one in long.finditer(text)], text
    assert len(ANY_UNIT) < 3000
