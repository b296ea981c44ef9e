"""Lists of counts that may be all parts of a whole."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, SUSPICION
from tests.audit.test_checks import remarks


def sums(text: str) -> list[tuple[str, str]]:
    return [(one.verdict, one.message.zh) for one in remarks(text) if one.code == "parts"]


@pytest.mark.parametrize(
    "text",
    [
        # another sentence parts it by the words that measure the whole
        "河东桥费收入361.4亿元,增长3%。其中,大桥12亿元。\n按河岸分,左岸桥费收入171.3亿元,增长2%;右岸桥费收入190.1亿元,增长4%。",
        # 其中 opens a part of a part up to the next full stop
        "全河桥费{}亿元。其中:左岸桥费62.8亿元,其中石桥30.1亿元;木桥29.2亿元。右岸桥费115.9亿元。".format("178.7"),
        # items of a numbered list
        "来信2423封。\n1.问路类1748封。问桥1164封。\n2.问船类239封。问帆195封。\n3.其他436封。",
        # the headline says the whole, too
        "渡口收桥费27.08亿元\n今年渡口收桥费27.08亿元。其中左岸15.47亿元,右岸11.61亿元。",
    ],
)
def test_parts_that_stand_apart_from_their_whole_add_up(text: str) -> None:
    assert AGREES in {verdict for verdict, _ in sums(text)}
    assert SUSPICION not in {verdict for verdict, _ in sums(text)}


def test_a_list_that_one_digit_keeps_from_adding_up_is_doubted() -> None:
    said = "一季度桥费收入{}亿元,增长3%。\n从河岸看,左岸桥费收入7171.35亿元,增长2%;右岸桥费收入8190.12亿元,增长4%。"
    assert [verdict for verdict, _ in sums(said.format("15361.47"))] == [AGREES]
    ((verdict, message),) = sums(said.format("15861.47"))
    assert (verdict, "如果这就是全部" in message) == (SUSPICION, True)


def test_a_whole_that_is_parted_in_two_ways_must_add_up_in_both() -> None:
    said = "桥费收入655.91亿元。按岸分,左岸桥费收入515.39亿元,右岸桥费收入{}亿元。按桥分,石桥桥费收入505.05亿元,木桥桥费收入150.86亿元。"
    assert [verdict for verdict, _ in sums(said.format("140.52"))] == [AGREES]
    assert sorted(verdict for verdict, _ in sums(said.format("180.52"))) == [AGREES, SUSPICION]


def test_counts_of_another_month_and_criteria_are_no_parts() -> None:
    assert sums("上半年桥费收入90亿元。6月份,左岸桥费收入40亿元,右岸桥费收入50亿元。") == []
    said = sums("桥费28.41亿元,左岸4.64亿元,右岸17.77亿元。新修5000万元以上项目204个。")
    assert AGREES not in {verdict for verdict, _ in said}


def test_a_number_of_a_list_is_no_whole_of_the_items_behind_it() -> None:
    assert sums("石桥:1座,投资301亿元;木桥:6座,投资116亿元;铁桥:1座,投资195亿元。") == []
