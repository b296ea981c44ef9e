"""The regular expression of quantities in running Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fugong.audit.quantity import CLASSIFIERS, MEASURES, SCALES


def one_of(words: Iterable[str]) -> str:
    """An alternation of words, the longest first; empty ones are left out."""
    return "|".join(sorted(filter(None, words), key=len, reverse=True))


NEVER_AFTER_HAN = frozenset(
    "日 部 点 站 片 起 组 类 种 批 把 位 人 对 团 所 周 轮 间 口 头 列 架 块 粒 瓶 盒 箱 袋 尾 羽".split()
)
"""After a digit in Chinese characters these mostly belong to another word, such as 一起, 一批, 一把手."""
HAN_DIGIT, HAN_LATER = "[零〇一二两三四五六七八九十]", "[零〇一二两三四五六七八九十百千万亿]"
HAN = f"{HAN_DIGIT}(?:{HAN_LATER}*点[零〇一二三四五六七八九]+[万亿]?|{HAN_LATER}*)"
ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?"
SCALE = f"(?:{one_of(SCALES)})(?!克|米|瓦|分之)"
UNIT = one_of({*MEASURES, *CLASSIFIERS})
TO = r"(?:[-—～]{1,2}|至|到)"
MONTH = r"(?:\d{1,2}|十[一二]|[一二三四五六七八九十])"
DAY_OF_MONTH = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
SKIPPED = (
    r"第(?:\d+|[零一二三四五六七八九十百]+)",
    r"[〔\[]\d{4}[〕\]]第?\d+号",
    r"\d+号(?!线)",
    r"[二两三四五六七八九]?十[一二三四]五(?=[\"规期时])",
    r"\d{1,2}[时点](?:\d{1,2}分)?(?![\d个])",
    r"\d{4}年(?:[至到—-]\d{4}年)?",
    r"(?:19|20)\d{2}[-—～至到](?:19|20)?\d{2}年",
    r"\[\d{1,2}\]",
    r"\d+(?:\.\d+)?个?基点",
    r"(?:[A-Za-z]+[-—]?\d+(?:(?:,\d{3})*\.\d+%?|(?:,\d{3})+)?|\d+[A-Za-z]+)[A-Za-z\d]*",
    r"\d{11,}(?:\.\d+)?",
    r"(?<![^\n])[（(]?\d{1,2}(?:[、）)]|\.(?!\d))",
    r"(?<![^\n。；：])[一二三四五六七八九十]{1,3}(?:、|是)",
    r"[（(][一二三四五六七八九十]{1,3}[)）]",
    r"(?<=[。；：])[（(]\d{1,2}[)）]",
)
"""Numbers that count nothing: ordinals, documents, hours, years, names, telephone numbers, marks of headings."""


def _day(name: str) -> str:
    return (
        rf"(?:(?P<year_{name}>\d{{4}})年)?(?P<month_{name}>{MONTH})月份?"
        rf"(?:(?P<day_{name}>{DAY_OF_MONTH})[日号]|(?P<part_{name}>底|末|初|上旬|中旬|下旬)(?!期))?"
    )


def _number(name: str) -> str:
    """3500余个, 1.2万余家, 3亿5000万元, 三十四家."""
    return (
        rf"(?:(?P<arabic_{name}>{ARABIC})|(?P<han_{name}>{HAN}))(?P<more_{name}>[余多来](?!年))?(?P<scale_{name}>{SCALE})?"
        rf"(?:(?<=[亿万])(?P<rest_{name}>\d+(?:\.\d+)?)(?P<rest_scale_{name}>[万千]))?(?P<late_{name}>[余多](?!年))?"
        rf"(?P<unit_{name}>{UNIT})?"
    )


SHARE = (
    rf"(?:(?P<share_from>{ARABIC})%?{TO})?"
    rf"(?:(?P<percent>{ARABIC})(?P<sign>[%‰])"
    rf"|(?P<parts>百|千|{HAN})分之(?P<of>{ARABIC}|{HAN})"
    r"|(?P<tenths>[一二三四五六七八九]|\d(?:\.\d)?)成(?P<half>[一二三四五六七八九半])?(?![立功为果效员品本交长都熟绩就型分])"
    r"|(?P<off>[一二三四五六七八九]{1,2}|\d(?:\.\d)?)折|(?P<one_half>一半))"
)
KINDS = {
    "iso": r"(?P<year_i>\d{4})[-./](?P<month_i>\d{1,2})[-./](?P<day_i>\d{1,2})(?!\d)",
    "days": f"{_day('a')}起?{TO}{_day('b')}止?",
    "months": rf"(?P<from_month>\d{{1,2}}){TO}(?P<to_month>\d{{1,2}})月(?:份|底|末)?(?!\d)",
    "one_day": _day("d"),
    "free_and_half": r"(?P<free>[一二两三四五六七八九\d])免(?P<half_paid>[一二两三四五六七八九\d])(?:半|减半?)",
    "skipped": "|".join(SKIPPED),
    "share": SHARE,
    "points": rf"(?P<points_number>{ARABIC})个?百分点",
    "range": f"{_number('f')}{TO}{_number('t')}",
    "amount": _number("n"),
}
"""The alternatives in the order in which they are tried at each position."""
PATTERN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in KINDS.items()), re.ASCII)  # ASCII digits only
