"""Kinds of shares, growths and parts that texts of strangers brought on 29 November 2026, in sentences of our own."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from tests.audit.test_checks import remarks


def verdicts(text: str, code: str) -> list[str]:
    return [one.verdict for one in remarks(text) if one.code == code]


@pytest.mark.parametrize(
    "text",
    [
        "渡口贷款余额2508.5亿元,同比增长8.8%,上半年增加132.6亿元。",
        "渡口存粮168.05万石,同比增长10.4%,比年初增加11.2万石。",
        "渡船3620条,环比增长6.2%,同比增加318条。",
    ],
)
def test_an_increment_of_another_base_says_nothing_about_a_growth(text: str) -> None:
    assert remarks(text) == []


def test_a_growth_since_last_month_may_name_that_month() -> None:
    said = "3月份渡口支出46.06亿元,比2月份增加23.12亿元,环比增长{}%。"
    assert verdicts(said.format("100.8"), "growth") == [AGREES]
    assert verdicts(said.format("120.8"), "growth") == [CONTRADICTION]


def test_a_rest_grows_like_any_other_count() -> None:
    said = "尚有各类未修渡船2453条,同比上升{}%,同比增加549条。"
    assert verdicts(said.format("28.83"), "growth") == [AGREES]
    assert verdicts(said.format("38.83"), "growth") == [CONTRADICTION]


def test_a_growth_is_not_that_of_nothing() -> None:
    assert verdicts("修桥2座,同比下降66.67%,减少4座。补桥0座,同比下降100%,减少1座。", "growth") == [AGREES]


def test_a_list_of_shares_may_have_an_item_a_line() -> None:
    said = "收信5002封。其中:\n问路信2133封,占{}%;\n问船信419封,占8.4%;\n问桥信459封,占9.2%。"
    assert verdicts(said.format("42.6"), "ratio") == [AGREES] * 3
    assert verdicts(said.format("48.6"), "ratio") == [CONTRADICTION, AGREES, AGREES]


def test_the_second_of_two_counts_has_the_second_of_two_wholes() -> None:
    said = "全河造船930条/76458.66亩;其中:木船535条/53555.03亩,分别占全河的57.53%和{}%。"
    assert verdicts(said.format("70.04"), "ratio") == [AGREES, AGREES]
    assert verdicts(said.format("75.04"), "ratio") == [AGREES, CONTRADICTION]


def test_words_in_brackets_do_not_part_a_share_from_its_whole() -> None:
    said = "常住船工41.19万人,其中岸上常住船工40.84万人,占常住总船工比重(岸上率)为{}%。"
    assert verdicts(said.format("99.16"), "ratio") == [AGREES]
    assert verdicts(said.format("59.16"), "ratio") == [CONTRADICTION]


def test_the_rate_of_what_failed_is_of_the_total_and_not_of_its_last_part() -> None:
    said = "全河共验船16641条。其中,验新船10673条,验旧船5968条。验出不合格船347条,总体不合格率{}%。"
    assert verdicts(said.format("2.09"), "ratio") == [AGREES]
    assert verdicts(said.format("2.69"), "ratio") == [SUSPICION]


def test_a_verb_right_before_a_share_is_its_rate() -> None:
    said = "全河渡船行168户。其中:87户大渡船行复产79户,复产{}%。"
    assert verdicts(said.format("90.8"), "ratio") == [AGREES]
    assert verdicts(said.format("60.8"), "ratio") == [CONTRADICTION]


def test_what_is_answered_and_what_is_not_make_the_whole_of_a_rate() -> None:
    said = "渡口共收信3059封,左岸收到1904封,右岸收到1155封,其中问路信1160封、诉苦信1859封、献策信40封,各渡口处理答复3055封,还有4封正在处理中,处理答复率{}%。"
    assert verdicts(said.format("99.87"), "ratio") == [AGREES]
    assert verdicts(said.format("91.87"), "ratio") == [CONTRADICTION]


def test_a_rate_in_the_next_sentence_finds_the_part_that_its_verb_names() -> None:
    said = "查出破船182条,已整改72条,列入计划110条,花费桥费4422.3元。但进度较慢,整改率仅为{}%。"
    assert verdicts(said.format("39.56"), "ratio") == [AGREES]
    assert verdicts(said.format("38.56"), "ratio") == [SUSPICION]


def test_the_product_of_an_area_is_one_whether_it_is_called_that_of_the_country_or_not() -> None:
    said = (
        "全区地区生产总值137.8亿元。第一产业增加值0.6亿元;第二产业增加值102.2亿元;第三产业增加值35.0亿元。"
        "第一产业增加值占国内生产总值比重为0.4%,第二产业增加值比重为{}%。"
    )
    assert verdicts(said.format("74.2"), "ratio") == [AGREES, AGREES]
    assert verdicts(said.format("14.2"), "ratio") == [AGREES, SUSPICION]


def test_a_part_that_is_only_said_in_similar_words_is_never_contradicted() -> None:
    said = "修桥累计完成投资56.96亿元;其中,木桥完成投资41.89亿元;石桥及配套设施投资15.07亿元。\n木桥完成投资41.89亿元,占修桥总投资的73.54%,石桥及配套公共设施占修桥总投资的{}%。"
    assert verdicts(said.format("26.46"), "ratio") == [AGREES, AGREES]
    assert verdicts(said.format("96.46"), "ratio") in ([AGREES], [AGREES, SUSPICION])


def test_amounts_may_stand_between_what_is_done_and_what_is_being_done() -> None:
    said = "共计{}条破船,桥费251023.5元,已整改40条,到位桥费215587.8元,正在整改10条。"
    assert verdicts(said.format(50), "parts") == [AGREES]
    assert verdicts(said.format(55), "parts") == [SUSPICION]


def test_what_is_done_of_a_part_is_no_further_part() -> None:
    said = "全河168户渡船行。其中:87户大行复产79户;9户小行复产7户;72户老行复产70户。"
    assert {one.message.zh for one in remarks(said)} == {"168户=87户+9户+72户,相符。"}


def test_three_industries_beside_a_fourth_part_are_not_all() -> None:
    said = "全河用电7451度。第一产业用电105度,第二产业用电4949度,第三产业用电1351度,居民用电1046度。"
    assert SUSPICION not in verdicts(said, "parts")


def test_a_round_number_is_not_exchanged_with_its_part() -> None:
    assert remarks("今年计划修桥5万座,完成4万座。而在上河,修桥6.2万座,完成年度目标任务的83%。") == []


def test_a_share_of_a_total_is_held_against_the_whole_of_the_other_shares() -> None:
    said = (
        "全河沉船281起,亡139人。木船沉129起,占沉船总数的45.9%;铁船沉104起,占沉船总数的37.0%。\n"
        "从河段看,上河沉船125起,亡107人,起数占总数的{}%,亡人数占总数的77.0%。"
    )
    assert verdicts(said.format("44.5"), "ratio") == [AGREES] * 4
    assert SUSPICION in verdicts(said.format("34.5"), "ratio")


def test_what_came_in_need_not_be_decided() -> None:
    said = "受理渡牌申请58人,批准发牌{}人,发牌率94.74%;不批准发牌3人,不发牌率5.26%。"
    assert CONTRADICTION not in verdicts(said.format("54"), "parts")


def test_the_last_part_of_a_list_may_have_no_share() -> None:
    said = "共收信13499封。其中问路信9880封,占73%;问船信{}封,占27%;空信1封。"
    assert CONTRADICTION not in verdicts(said.format("3618"), "parts")


def test_an_amount_of_another_measure_is_no_part() -> None:
    said = "全河实现船票零售额67.6亿元,其中,大船票零售额4.0亿元,增长9.6%,批发业{}额为103.8亿元,增长3.6%。"
    assert CONTRADICTION not in verdicts(said.format("船票销售"), "parts")
    assert CONTRADICTION in verdicts(said.format("船票零售"), "parts")


def test_a_rate_names_the_things_that_it_counts() -> None:
    said = "全河在建渡口共7项、17个渡段,已复工6项、16个渡段,项目复工率86%,渡段复工率{}%。"
    assert CONTRADICTION not in verdicts(said.format("94"), "ratio")
    assert verdicts(said.format("94"), "ratio")[-1] == AGREES


def test_the_whole_of_a_share_may_be_stated_later() -> None:
    said = "对不发牌申请复核3689人,占不发牌人数的{}%。\n全河发牌551002人;不发牌156877人。"
    assert verdicts(said.format("2.4"), "ratio")[:1] == [AGREES]
    assert AGREES not in verdicts(said.format("9.4"), "ratio")


def test_the_parts_of_a_list_of_shares_are_found_by_their_names() -> None:
    said = (
        "全河造船料供应6.24万方,增长7.3%。除木料外,铁料供应0.26万方,下降18.3%;麻料供应1.53万方,增长4.6%;木料供应0.92万方,下降20.4%。"
        "从结构看,铁料、木料和麻料供应量占造船料供应比例分别为4.17%、{}%、24.52%。"
    )
    assert verdicts(said.format("14.74"), "ratio") == [AGREES] * 3
    assert verdicts(said.format("14.47"), "ratio") == [AGREES, CONTRADICTION, AGREES]


def test_the_parts_of_a_list_of_shares_are_the_last_list_of_as_many() -> None:
    said = "全河木料供应总量26.81万吨。新船、旧船、桥梁分别用去8.15万吨、5.97万吨、12.69万吨。三类用途分别占木料供应总量的30.4%、{}%、47.3%。"
    assert verdicts(said.format("22.3"), "ratio") == [AGREES] * 3
    assert verdicts(said.format("32.3"), "ratio") == [AGREES, SUSPICION, AGREES]
    assert verdicts(said.format("22.3").replace("三类", "四类"), "ratio") == []


def test_the_shares_above_add_up() -> None:
    said = "造船的131.9万人,占18.6%;撑船的133.6万人,占18.8%;修桥的85.6万人,占12.1%。主要集中于以上三个行当,占{}%。"
    assert AGREES in verdicts(said.format("49.5"), "ratio")
    assert verdicts(said.format("59.5"), "ratio") == [SUSPICION]
    assert verdicts(said.format("77.7"), "ratio") == []  # of something else


def test_a_share_that_names_no_whole_may_be_that_of_the_count_before() -> None:
    said = "全河用地29030.74亩。出让河滩9911.13亩,占用地总量的34.1%,挂牌出让河滩8860.87亩,挂牌比例达到{}%。"
    assert verdicts(said.format("89.4"), "ratio") == [AGREES, AGREES]
    nested = "渡口进出货234.3万石。往东64.6万石,占全渡进出货总量的27.6%,其中往东镇29万石,占比{}%。"
    assert CONTRADICTION not in verdicts(nested.format("12.4"), "ratio")
    assert CONTRADICTION not in verdicts(nested.format("44.9"), "ratio")


def test_an_amount_that_leaves_something_out_grows_as_it_stands() -> None:
    said = "全河税收(剔除船钞)共1042.85万元,同比增收189.58万元,增长{}%。"
    assert verdicts(said.format("22.22"), "growth") == [AGREES]
    assert verdicts(said.format("62.22"), "growth") == [CONTRADICTION]
    assert verdicts("全河税收1042.85万元,同比增收189.58万元,增长20%(剔除船钞)。", "growth") == []


def test_a_growth_may_be_called_by_its_rate() -> None:
    said = "河滩331.65亩,比上年增加23.57亩,增速为{}%。"
    assert verdicts(said.format("7.65"), "growth") == [AGREES]
    assert verdicts(said.format("4.65"), "growth") == [CONTRADICTION]


def test_a_rate_of_what_came_in_stands_after_where_it_went() -> None:
    said = "5月份,收到船家来信46983封,其中口信46908封,书信7封,网信68封。直接答复33786封,直接答复率{}%。"
    assert AGREES in verdicts(said.format("71.91"), "ratio")
    assert verdicts(said.format("71.21"), "ratio") in ([SUSPICION], [CONTRADICTION])
