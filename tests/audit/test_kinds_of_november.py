"""Kinds of statements that texts of other places showed in November 2026: lists by item and by age, increments, two units, spans of days."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from tests.audit.test_checks import remarks

RIVER = "全河共有渡船{whole}条。\n(1)木船{wood}条,同比增长3%。(2)铁船{iron}条,同比增长4%。\n(二)码头。共有码头70座。"
PARTED = "收船费2215万元,其中上游1108万元,下游1107万元。按船分,税收{taxes}万元,非税收入709万元。"
LETTERS = "共收信755封,其中上游578封,下游177封。分来源看,来自木船的301封,来自铁船的{iron}封,来自竹筏的210封。"


@pytest.mark.parametrize(
    ("text", "code", "verdict", "said"),
    [
        # Directions: a rise ends above where it began.
        ("开航率由2018年底的98.6%提升至99.1%。", "change", None, ""),
        ("开航率由2018年底的98.6%提升至91.1%。", "change", CONTRADICTION, "91.1%"),
        ("水价由4.1元降至4.5元。", "change", CONTRADICTION, "4.5元"),
        ("降幅由-5%收窄至-3%,增速由-5%提升至3%。", "change", None, ""),
        # Spans of days and of years.
        ("停航8天(1月28日至2月4日)。", "count", None, ""),
        ("停航8天(1月28日至2月14日)。", "count", CONTRADICTION, "18"),
        ("停航十天(12月28日至1月6日)。", "count", None, ""),
        ("自2017年开航至2014年,运客9万人。", "range-reversed", CONTRADICTION, "2017"),
        # An increment is no more than what it led to.
        ("存煤8.72万吨,同比增长11%;上半年增加0.65万吨。", "growth", None, ""),
        ("存煤8.72万吨,同比增长11%;上半年增加83.65万吨。", "growth", CONTRADICTION, "83.65万吨"),
        ("利润300万元,比上年增加900万元。", "growth", None, ""),
        ("办理展期1300万元,下调1900万元贷款利率。", "growth", None, ""),
        # Nested marks.
        ("有81座码头吞吐超过100万吨,37座码头超过200万吨。", "parts", None, ""),
        ("有81座码头吞吐超过100万吨,97座码头超过200万吨。", "parts", SUSPICION, "97座"),
        # Two units.
        ("水面4734公顷(71010亩),产鱼2802吨(560.4万斤)。", "told-twice", None, ""),
        ("水面4734公顷(70110亩)。", "told-twice", CONTRADICTION, "70110亩"),
        ("产鱼2802吨(506.4万斤)。", "told-twice", CONTRADICTION, "506.4万斤"),
        ("甲岸843.5亿元(折合137.3亿美元),乙岸1178.2亿元(折合191.7亿美元),丙岸113亿元(折合18.4亿美元)。", "told-twice", None, ""),
        (
            "甲岸843.5亿元(折合173.3亿美元),乙岸1178.2亿元(折合191.7亿美元),丙岸113亿元(折合18.4亿美元)。",
            "told-twice",
            SUSPICION,
            "173.3亿美元",
        ),
        # Shares that leave no rest.
        ("渡工中,男性占64.1%,女性占35.9%。", "parts", None, ""),
        ("渡工中,男性占64.1%,女性占39.5%。", "parts", CONTRADICTION, "103.6%"),
        ("东、中、西部渡口比重分别为72.6%、18.6%和8.8%。", "parts", None, ""),
        ("东、中、西部渡口比重分别为76.2%、18.6%和8.8%。", "parts", CONTRADICTION, "103.6%"),
        ("渡工男女比例为52.4:47.6。", "parts", None, ""),
        ("渡工男女比例为52.4:46.7。", "parts", SUSPICION, "99.1"),
        # Shares of one whole that is not stated.
        ("木船用户2.85亿,占船民整体的30.4%;铁船用户6.54亿,占船民整体的69.6%。", "ratio", AGREES, "一致"),
        ("木船用户2.85亿,占船民整体的34.0%;铁船用户6.54亿,占船民整体的69.6%。", "ratio", SUSPICION, "不一致"),
        # A month is no more than the months that hold it.
        ("6月份,船闸用电量1351万千瓦时。1—6月,船闸用电量6938万千瓦时。", "parts", None, ""),
        ("6月份,船闸用电量13510万千瓦时。1—6月,船闸用电量6938万千瓦时。", "parts", SUSPICION, "13510万千瓦时"),
        # Names after a number of them.
        ("运货超过千万吨的河有4条,分别为甲河(3479万吨)、乙河(2326万吨)、丙河(1860万吨)和丁河(1005万吨)。", "count", None, ""),
        (
            "运货超过千万吨的河有6条,分别为甲河(3479万吨)、乙河(2326万吨)、丙河(1860万吨)和丁河(1005万吨)。",
            "count",
            SUSPICION,
            "列出的是 4",
        ),
        # All of a list against the rate of all.
        ("全河总体漏水率为2.86%。五类渡船漏水率分别为0.68%、1.13%、1.06%,均低于总体漏水率。", "bound", None, ""),
        ("全河总体漏水率为2.86%。五类渡船漏水率分别为0.68%、3.13%、1.06%,均低于总体漏水率。", "bound", CONTRADICTION, "3.13%"),
        # Two rates and their difference.
        ("准点率为75.52%,同比2018年上半年的70.60%,上升4.92个百分点。", "points", AGREES, "4.92"),
        ("准点率为75.52%,同比2018年上半年的70.60%,上升4.29个百分点。", "points", CONTRADICTION, "4.92"),
        # Parts above what heads them.
        ("渡口共运客834.6万人。木船渡口中:甲渡49.3万人;乙渡768.2万人。", "parts", None, ""),
        ("全河木船渡口运客834.6万人。木船渡口中:甲渡运客49.3万人;乙渡运客967.2万人。", "parts", SUSPICION, "967.2万人"),
        ("在2977名渡工中,老年渡工442名;女渡工4200名。", "parts", SUSPICION, "4200名"),
        ("实际使用河沙6040.4吨。桥梁实际使用河沙9252.3吨。", "parts", SUSPICION, "9252.3吨"),
        ("全河接待游客302万人次,收入3651万元;其中过夜游客7086万人次。", "parts", CONTRADICTION, "7086万人次"),
        ("抽检渡船656条,发现不合格渡船875条。", "parts", CONTRADICTION, "875条"),
        ("收入突破4.27亿元,比上年增长49%,其中渡口收入19.2亿元。", "parts", SUSPICION, "19.2亿元"),
        ("收入突破4.27亿元,比上年增长49%,其中渡口收入4.92亿元。", "parts", None, ""),
        # A year is compared with an earlier one.
        ("截至2020年6月,渡船9500条,较2020年3月增长562条。", "base-year", None, ""),
        ("2021年有渡船9500条,与2030年相比增加457条。", "base-year", CONTRADICTION, "2030"),
    ],
)
def test_what_a_text_says_of_itself(text: str, code: str, verdict: str | None, said: str) -> None:
    found = [one for one in remarks(text) if one.code == code and (verdict is not None or one.verdict != AGREES)]
    if verdict is None:
        assert not found, found
    else:
        assert [(one.verdict, said in one.message.zh) for one in found][-1:] == [(verdict, True)], remarks(text)
        assert all(one.message.en and one.message.en != one.message.zh for one in found)


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        # Items of one style, counted from one; the next heading is no item.
        (RIVER.format(whole=5004, wood=2502, iron=2502), "5004条=2502条+2502条"),
        # An age list is complete from the youngest to the oldest, whatever else stands before it.
        (
            "渡工1289万人,其中女性609万人,年龄35岁及以下的272万人,年龄在36至54岁之间的751万人,年龄55岁及以上的266万人。",
            "1289万人=272万人+751万人+266万人",
        ),
        # Brackets with another unit stand between an increment and its growth.
        ("产鱼2802吨(560.4万斤),比上年增加72.3吨(14.46万斤),增长2.6%。", "72.3吨÷(2802吨-72.3吨)=2.65%"),
        ("产鱼57121吨,比2010年增产2473吨,增长4.5%。", "2473吨÷(57121吨-2473吨)"),
        ("渡工月均收入4432元,比上年增加360元,增长8.8%。", "360元÷(4432元-360元)"),
        ("全河机动渡船为14838条。另有码头70座。与2006年底相比,全河机动渡船增加3156条,增长27.02%。", "3156条÷(14838条-3156条)"),
        # A list names its parts, and they add up to the whole.
        ("运货1400.8吨。木船运货127.6吨;铁船运货1242.8吨;竹船运货30.4吨。木船、铁船、竹船运货分别占全部运货的9.1%、88.7%和2.2%。", "127.6吨÷1400.8吨=9.1%"),
        ("共投入经费3078.9万元。其中,疏浚经费202.4万元;护岸经费348.3万元;建桥经费2528.2万元。疏浚经费所占比重为6.57%。", "202.4万元÷3078.9万元=6.57%"),
        # A round number that the next one makes exact is no part.
        ("三种渡船运货51045吨。木船运货突破2万吨,达到20078吨;铁船运货11792吨;竹船运货19175吨。", "51045吨=20078吨+11792吨+19175吨"),
        # 主要 narrows nothing where the whole has it, too.
        ("全河主要码头运客786人,其中上游主要码头运客674人;下游主要码头运客112人。", "786人=674人+112人"),
        # 接待 has no 待 of its own.
        ("共接待游客12.7万人次,其中过夜游客5.4万人次;一日游游客7.3万人次。", "12.7万人次=5.4万人次+7.3万人次"),
        ("修桥843.5万元,在全河总量中的比重为61%。", ""),
        # A whole is parted in more than one way.
        ("船社资产总额150亿元,负债总额99亿元,所有者权益合计51亿元。", "150亿元=99亿元+51亿元"),
        (PARTED.format(taxes=1506), "2215万元=1506万元+709万元"),
        (LETTERS.format(iron=244), "755封=301封+244封+210封"),
    ],
)  # fmt: skip
def test_what_agrees(text: str, agrees: str) -> None:
    said = [one.message.zh for one in remarks(text) if one.verdict == AGREES]
    assert not agrees or any(agrees in one for one in said), remarks(text)
    assert not [one for one in remarks(text) if one.verdict == CONTRADICTION]


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        (RIVER.format(whole=5004, wood=2502, iron=2592), "5004条"),
        (
            "渡工1289万人,其中女性609万人,年龄35岁及以下的272万人,年龄在36至54岁之间的751万人,年龄55岁及以上的166万人。",
            "1289万人",
        ),
        ("产鱼2802吨(560.4万斤),比上年增加72.3吨(14.46万斤),增长6.2%。", "6.2%"),
        ("共投入经费3078.9万元。其中,疏浚经费202.4万元;护岸经费348.3万元;建桥经费2528.2万元。疏浚经费所占比重为5.67%。", "5.67%"),
        ("船社资产总额150亿元,负债总额89亿元,所有者权益合计51亿元。", "140亿元"),
        (PARTED.format(taxes=1605), "2314万元"),
        (LETTERS.format(iron=424), "935封"),
        ("运货51045吨。木船运货1407吨,占27.56%;铁船运货36975吨,占72.44%。", "1407吨"),
    ],
)
def test_what_does_not_agree(text: str, doubted: str) -> None:
    assert any(doubted in one.message.zh and one.verdict != AGREES for one in remarks(text)), remarks(text)
