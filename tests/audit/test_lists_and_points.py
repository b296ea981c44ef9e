"""What is said of whole lists, several counts together, differences in points and base years, in sentences of our own."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from tests.audit.test_checks import remarks
from tests.audit.test_shares_of_unseen_texts import verdicts


@pytest.mark.parametrize(
    ("text", "code", "right", "wrong", "verdict"),
    [
        ("上河、下河复航率均超过80%,分别达到{}%和88.1%。", "bound", "85.2", "58.2", CONTRADICTION),
        ("136家船行全部复工,复工率{}%。", "ratio", "100", "90", CONTRADICTION),
        ("2018年末,全河船行4491家,比{}年末增加不少。", "base-year", "2013", "2023", CONTRADICTION),
        ("渡口工作有{}大特点:一是船多。二是桥稳。三是人勤。", "count", "三", "四", SUSPICION),
        ("木桥区、石桥区、铁桥区{}个区完工。", "count", "3", "4", SUSPICION),
        ("{}个渡口修桥较快,前11个月分别修桥4座、7座和9座。", "count", "三", "四", SUSPICION),
        (
            "全河渡船行收入{}亿元,上河增长5%。\n记者获悉,全河渡船行收入1794亿元,下河增长5%。",
            "told-twice",
            "1794",
            "1749",
            SUSPICION,
        ),
    ],
)
def test_what_is_said_of_a_list_holds_for_all_of_it(text: str, code: str, right: str, wrong: str, verdict: str) -> None:
    assert [one for one in verdicts(text.format(right), code) if one != AGREES] == []
    assert verdicts(text.format(wrong), code) == [verdict]


def test_several_counts_may_have_one_share_together() -> None:
    said = "渡口收信2495封。位居前三的来信:问路783封、问船579封、问桥562封,占来信总量的{}%。"
    assert verdicts(said.format(77), "ratio") == [AGREES]
    said = "渡口收入326.5亿元。三大渡口分别收入4.9亿元、75.4亿元和14.9亿元,同比分别增长20.6%、19.8%和18.5%,三大渡口收入合计占渡口收入的{}%。"
    assert verdicts(said.format("29.2"), "ratio") == [AGREES]
    assert SUSPICION in verdicts(said.format("39.2"), "ratio")


def test_counts_of_sentences_before_are_taken_together_where_their_number_is_said() -> None:
    said = "河上贸易总值1.15万亿元。与东岸贸易2601.5亿元,增长13.4%;与西岸贸易1560亿元;与南岸贸易1391.2亿元。上述三者合计占河上贸易总值的48.3%。"
    assert verdicts(said, "ratio") == [AGREES]


def test_a_rate_with_a_subject_of_its_own_is_none_of_the_counts_before() -> None:
    said = "500座桥已开工376座;全河重点磨坊恢复率88.7%,木船、铁船行业开工率100%。"
    assert remarks(said) == []


def test_what_rises_to_a_number_is_no_increment() -> None:
    assert remarks("每10万人中会撑船的由8930人上升为15467人。") == []


def test_a_difference_in_points_follows_from_two_rates() -> None:
    said = "全市摆渡收入同比增长5.6%。其中,木船摆渡收入增长{}%,高于全市平均水平2.9个百分点。"
    assert verdicts(said.format("8.5"), "points") == [AGREES]
    said = "渡口工业增加值增长9.6%。木船业增加值同比下降5.3%,低于渡口工业增加值增速{}个百分点。"
    assert verdicts(said.format("14.9"), "points") == [AGREES]
    assert verdicts(said.format("23.7"), "points") == []
    assert verdicts(said.format("13.9"), "points") == [SUSPICION]


def test_a_plan_is_ahead_of_its_months() -> None:
    said = "1-4月,修桥完成投资96.4亿元,完成年度计划投资304亿元的31.7%,低于序时进度{}个百分点。"
    assert verdicts(said.format("1.6"), "points") == [AGREES]
    assert verdicts(said.format("9.8"), "points") == []
    assert verdicts(said.format("4.6"), "points") == [SUSPICION]


def test_the_top_three_of_a_whole_that_is_only_parted() -> None:
    said = "左岸325222人,占27.8%;右岸718365人,占61.5%;岛上124485人,占10.7%。\n人数居前三的渡口是:北渡141057人,占{}%;南渡125618人,占10.8%;中渡124934人,占10.7%。"
    assert verdicts(said.format("12.1"), "ratio") == [AGREES] * 6
    assert verdicts(said.format("17.1"), "ratio") == [*[AGREES] * 3, CONTRADICTION, AGREES, AGREES]


def test_increments_add_up_like_levels() -> None:
    said = "渡口存粮余额6.09万石;全年累计增加{}石。其中,轻工业存粮累计增加147石;重工业存粮累计增加5024石,余额增长10.7%。"
    assert verdicts(said.format(5171), "parts") == [AGREES]
    assert verdicts(said.format(5771), "parts") == [SUSPICION]


def test_the_name_of_a_whole_is_said_once_for_all_shares() -> None:
    said = (
        "渡口贸易总值7070.6亿元。上河贸易3052亿元,增长8.7%,占渡口贸易总值的43.2%。其中,木船113.7亿元、铁船111.2亿元。"
        "同期,下河贸易2035.2亿元,增长7.5%,占{}%。"
    )
    assert verdicts(said.format("28.8"), "ratio") == [AGREES, AGREES]
    assert verdicts(said.format("29.8"), "ratio") == [AGREES, SUSPICION]


def test_a_line_may_break_between_a_number_and_its_unit() -> None:
    assert verdicts("渡船4491条,比上年增加2574\n条,增长134.3%。", "growth") == [AGREES]


def test_one_word_for_dissatisfied_parts_a_whole_with_satisfied() -> None:
    said = "回访渡客{}名,其中满意7名,不满意3名。"
    assert verdicts(said.format(10), "parts") == [AGREES]
    assert verdicts(said.format(70), "parts") == [CONTRADICTION]
    assert remarks("回访渡客246名,表示满意的有240名,表示一般的有5名,表示不满意的有1名。")[0].verdict == AGREES


def test_a_list_of_a_stated_number_of_kinds_is_complete() -> None:
    said = "渡口收信{}封,分为三类:一是问路20封;二是问船7封;三是问桥32封。"
    assert verdicts(said.format(59), "parts") == [AGREES]
    assert verdicts(said.format(69), "parts") == [CONTRADICTION]


def test_a_whole_may_stand_in_brackets() -> None:
    said = "已复工船工47224名,已复工船工占去年同期用工人数(58795名)的{}%。"
    assert verdicts(said.format("80.32"), "ratio") == [AGREES]
    assert verdicts(said.format("80.72"), "ratio") == [CONTRADICTION]


def test_what_is_done_already_is_no_whole_of_a_rate() -> None:
    assert remarks("渡口有船行117家,已复工54家。其中已复工大船行33家,复工率56.9%。") == []


def test_a_part_may_not_exceed_the_whole_of_the_sentence_before() -> None:
    said = "渡口收信{}封。其中:左岸来信133封,右岸来信666封。"
    assert CONTRADICTION not in verdicts(said.format(799), "parts")
    assert SUSPICION in verdicts(said.format(399), "parts")


@pytest.mark.parametrize(
    "text", ["2018年末渡船比2013年末增加5条。", "计划2018年渡船比2023年增加5条。", "2018年与2023年相比,渡船增加5条。"]
)
def test_an_earlier_year_or_a_plan_is_compared_without_a_remark(text: str) -> None:
    assert verdicts(text, "base-year") == []


def test_a_list_of_one_agreeing_share_says_nothing_of_the_others() -> None:
    said = "大渡船6条,小渡船65条。左岸有小渡船60条、占总数的92.3%,大渡船5条、占总数的83.3%。"
    assert CONTRADICTION not in verdicts(said, "ratio")


def test_what_is_done_and_the_one_that_is_not_make_the_whole_before() -> None:
    said = "有桥的渡口49处,截至目前,复工48处,仅1处未复工,复工率{}%。"
    assert verdicts(said.format(98), "ratio") == [AGREES]
    assert verdicts(said.format(48), "ratio") == [CONTRADICTION]
