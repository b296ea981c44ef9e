"""Which figure a number is: figures of a district of its own, so that nothing leans on ours."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.audit.find_quantities import find_quantities
from fugong.audit.matching import Candidate, assign, match, read_phrase
from fugong.audit.text import read_text

CANDIDATES = [
    Candidate(name, name_zh, unit, tuple(map(read_phrase, phrases)))
    for name, name_zh, unit, phrases in (
        ("mill", "磨坊复工率", "1", ["磨坊 复工率|复工 -返岗"]),
        ("mill_staff", "磨坊返岗率", "1", ["磨坊 返岗率|返岗"]),
        ("inn", "客栈复工率", "1", ["客栈 复工率|复工 -返岗"]),
        ("inn_staff", "客栈返岗率", "1", ["客栈 返岗率|返岗"]),
        ("boats", "渡船数", "条", ["渡船|船只"]),
        ("bridges", "桥梁总数", "座", ["桥梁 -危桥"]),
        ("old_bridges", "危桥数", "座", ["危桥"]),
        ("toll", "过桥费", "元", ["过桥费|桥费"]),
        ("fares", "渡船票款", "元", ["渡船 票款"]),
        ("unphrased", "堤坝加固长度", "公里", []),
    )
]


def figures_of(typed: str) -> dict[str, list[str]]:
    text = read_text(typed)
    quantities = find_quantities(text.plain, 2020)
    found: dict[str, list[str]] = {quantity.text: [] for quantity in quantities}
    for one in match(text, quantities, CANDIDATES):
        found[quantities[one.quantity].text].append(one.figure)
    return found


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("渡船30条。", {"30条": ["boats"]}),
        ("30条渡船下水。", {"30条": ["boats"]}),
        ("收过桥费3万元、渡船票款2万元。", {"3万元": ["toll"], "2万元": ["fares"]}),
        ("磨坊复工率和返岗率均达到100%。", {"100%": ["mill", "mill_staff"]}),
        (
            "磨坊、客栈复工率分别为98%和95%,返岗率分别为90%、85%。",
            {"98%": ["mill"], "95%": ["inn"], "90%": ["mill_staff"], "85%": ["inn_staff"]},
        ),
        ("桥梁80座,其中危桥6座。", {"80座": ["bridges"], "6座": ["old_bridges"]}),
        ("渡船票款涨了3%。", {"3%": []}),
        ("堤坝加固长度12公里。", {"12公里": ["unphrased"]}),
        ("收获稻谷500吨,养鸭3万只。", {"500吨": [], "3万只": []}),
        ("一、磨坊\n复工率98%,员工返岗90%。\n二、客栈\n复工率95%。", {"98%": ["mill"], "90%": ["mill_staff"], "95%": ["inn"]}),
    ],
)
def test_words_units_and_places_tell_the_figure(text: str, figures: dict[str, list[str]]) -> None:
    assert figures_of(text) == figures


@given(st.lists(st.lists(st.floats(min_value=-1, max_value=1), min_size=3, max_size=3), min_size=1, max_size=4))
def test_an_assignment_is_the_best_there_is(gains: list[list[float]]) -> None:
    found = assign(gains)
    chosen = [column for column in found if column is not None]
    assert len(chosen) == len(set(chosen))
    best = max(
        sum(gains[row][column] for row, column in enumerate(choice) if column is not None and gains[row][column] > 0)
        for choice in itertools.product([0, 1, 2, None], repeat=len(gains))
        if len({column for column in choice if column is not None}) == sum(column is not None for column in choice)
    )
    assert sum(gains[row][column] for row, column in enumerate(found) if column is not None) == pytest.approx(best)
