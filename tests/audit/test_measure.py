"""The command that measures the audit on marked texts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.audit.measure import changes, changes_of_words, measure, unmarked

MARKED = """渡船54条,已开航46条,开航率{85.2%|46条/54条}。
梳理来信{755封|=578封+177封},当场回复578封,其余177封交办。
收桥费2200万元,比上年增收200万元,增长{10%|+200万元/2200万元}。
"""


def test_marked_ratios_are_confirmed_and_falsifications_beside_them_found(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(MARKED, encoding="utf-8")
    found = measure(tmp_path)
    assert (found.n_texts, found.n_ratios, found.n_confirmed, found.n_sums, found.n_sums_confirmed) == (1, 2, 2, 1, 1)
    assert found.contradictions == []
    assert found.planted.total() == found.contradicted.total() + found.doubted.total() == 10, found.faults


def test_a_falsification_changes_the_number_that_it_names() -> None:
    text, marks = unmarked(MARKED)
    kinds = set[str]()
    for change in changes(text, marks, random.Random(7)):
        kinds.add(change.kind)
        changed = change.applied(text)
        assert changed != text
        assert len(changed) == len(text)
    assert kinds == {
        "share, digit of the result", "share, digit of a part", "share, part and whole swapped", "sum, digit of the result",
        "sum, digit of a part", "growth, digit of the result", "growth, digit of a part", "growth, unit of a part",
        "share, neighbours of the result turned", "sum, neighbours of the result turned",
    }  # fmt: skip


def test_words_of_lists_and_years_are_falsified_too() -> None:
    text = "有三大特点:一是船多,比2013年末增加5条;二是桥稳;三是复工率均超过80%,分别达到87.5%和81%,20家全部复工,复工率100%。"
    assert {change.kind: change.applied(text)[:5] != "" and change.places[0][1:] for change in changes_of_words(text)} == {
        "base year": ("2013", "2023"), "number of things listed": ("三", "四"), "bound of a list": ("87.5", "71"), "rate of all": ("100", "90"),
    }  # fmt: skip


def test_falsifications_planted_by_a_person_are_measured_with_their_kind(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(MARKED, encoding="utf-8")
    (tmp_path / "one.planted").write_text("part above its whole: 已开航46条 -> 已开航64条\n", encoding="utf-8")
    found = measure(tmp_path)
    kind = "by hand, part above its whole"
    assert (found.planted[kind], found.contradicted[kind] + found.doubted[kind]) == (1, 1)


@pytest.mark.parametrize("line", ["twice: 578封 -> 587封", "absent: 79条 -> 97条", "same: 54条 -> 54条"])
def test_a_falsification_planted_nowhere_or_at_two_places_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "one.txt").write_text(MARKED.replace("其余", "当场578封,其余"), encoding="utf-8")
    (tmp_path / "one.planted").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"one\.planted"):
        measure(tmp_path)
