"""The words of a district's texts are configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from fugong.audit.words import Words, load_words
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT


def written(include: Path, text: str) -> Path:
    (include / "briefing").mkdir()
    (include / "briefing" / "audit.yaml").write_text(text, encoding="utf-8")
    return include


def test_the_words_of_the_project_narrow_by_trade_place_and_level() -> None:
    words = load_words(PROJECT / "include")
    assert {kind.name.en for kind in words.narrower if kind.names_projects} == {"one trade", "one place"}
    assert len(words.narrower) == 6
    assert words.without_common("截至目前累计发放渡船") == "渡船"


def test_a_longer_word_is_found_before_a_shorter_one(tmp_path: Path) -> None:
    words = load_words(written(tmp_path, "narrower:\n  - {zh: 甲, en: one river, words: [河, 河东]}\n"))
    found = words.narrower[0].pattern.search("河东渡船")
    assert found is not None
    assert found[0] == "河东"
    assert words.without_common("的") == "的"


def test_a_text_that_names_other_places_is_from_elsewhere(tmp_path: Path) -> None:
    words = load_words(written(tmp_path, "elsewhere: [海外]\nown: [河东区]\n"))
    assert words.are_elsewhere("海外渡船34条。")
    assert words.are_elsewhere("日前,山西头县渡船34条。")
    assert not words.are_elsewhere("日前,河东区渡船34条。我区、全市、开发区都有渡船。")


def test_a_district_without_words_narrows_nothing(tmp_path: Path) -> None:
    assert load_words(tmp_path) == Words()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("narrower:\n  - {zh: 甲, en: one river, wordz: [河]}\n", r"audit\.yaml:2: .*words"),
        ("common: 累计\n", r"audit\.yaml:1: "),
        ("common: [累计\n", r"audit\.yaml:\d+: this is not YAML"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_words(written(tmp_path, text))
