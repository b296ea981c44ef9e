"""Headings between the lines of a table that say another period than the report's."""

from __future__ import annotations

from datetime import date

import pytest

from fugong.contracts.code_list import fold
from fugong.parsing.period_headings import Words, says_other_period

DAY = date(2020, 3, 18)
WORDS = Words([fold("规上工业企业复工复产日报")])


@pytest.mark.parametrize(
    "text",
    [
        "上月", "上 月", "二、上月情况", "(二)上个月复工企业", "附:上期数据", "上年同期", "去年同期:", "同期数", "昨日", "前一日复工复产情况", "上周",
        "2月", "2020年2月份数据", "2月17日", "三月十七日补报:", "3月17日复工情况", "2019年3月18日", "2019年", "二月份", "2020-03-17", "3.17补报",
        "本月", "本月累计", "累计数据", "本年累计", "全年", "3月16-17日", "历年情况", "年初数", "下周复工复产",
    ],
)  # fmt: skip
def test_another_period(text: str) -> None:
    assert says_other_period(text, DAY, "daily", WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "本日", "当日", "本期", "今日数据", "3月18日", "二〇二〇年三月十八日", "2020年3月", "3月份", "3月16日至18日", "2020年", "上街区中心路街道",
        "中心路街道", "比上月增加", "与去年同期对比", "上月结转", "新增企业", "累计复工企业名单", "2月复工企业", "2019年度稳岗企业", "一、规上工业",
        "续表", "1-2", "月光社区", "上海路", "日用品企业", "当年投产企业", "18日",
    ],
)  # fmt: skip
def test_this_period_or_none(text: str) -> None:
    assert not says_other_period(text, DAY, "daily", WORDS)


def test_a_longer_period_is_that_of_a_report_of_its_cadence() -> None:
    assert not says_other_period("本周", DAY, "weekly", WORDS)
    assert not says_other_period("本月情况", DAY, "monthly", WORDS)
    assert says_other_period("本月", DAY, "weekly", WORDS)
    assert says_other_period("本月累计", DAY, "monthly", WORDS)
    assert not says_other_period("本月", DAY, "daily", WORDS, may_span=True)
