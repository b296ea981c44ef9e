"""Finds what cannot be by itself: month 13, the 13th of 12 places, 2月28日-27日, one numbered event in two years."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, Remark
from fugong.core.bilingual import Bilingual

NUMERAL = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
MONTH = re.compile(r"(?<![\d.,-—])(?P<month>1[3-9]|[2-9]\d)月(?:份|末|底|初|\d|[，。；、])", re.ASCII)
DAYS = re.compile(r"(?<![\d月])(?P<month>\d{1,2})月(?P<first>\d{1,2})日?[-—～至到]{1,2}(?P<last>\d{1,2})日", re.ASCII)
RANK = re.compile(
    rf"(?P<n>{NUMERAL})个?(?P<what>盟市|设区市|地级?市|地市|市州|州市|区县|县市区|县区|区市县|县（市、区）)中?[，]?(?:排名|排位|位次|排在|排|位居|居|位列|列|名列)(?:为|在|于)?第(?P<rank>{NUMERAL})(?:位|名)?"
)
EVENT = re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<event>第[一二三四五六七八九十]{1,3}次全国[一-鿿]{2,6}普查)")


def beyond(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    plain = positions.text.plain
    for found in MONTH.finditer(plain):
        yield _said("no-such-day", found, f"没有 {found['month']} 月。", f"There is no month {found['month']}.")
    for found in DAYS.finditer(plain):
        if int(found["first"]) > int(found["last"]):
            yield _said("range-reversed", found, f"{found[0]} 结束早于开始。", f"{found[0]} ends before it begins.")
    for found in RANK.finditer(plain):
        n, rank = _number(found["n"]), _number(found["rank"])
        if rank > n > 1:
            yield _said("count", found, f"{n} 个中没有第 {rank}。", f"Among {n} there is no place {rank}.")
    years: dict[str, str] = {}
    for found in EVENT.finditer(plain):
        if years.setdefault(found["event"], found["year"]) != found["year"]:
            other = years[found["event"]]
            yield _said(
                "told-twice",
                found,
                f"{found['event']}前后年份不一:{other} 与 {found['year']}。",
                f"One numbered event stands in two years: {other} and {found['year']}.",
            )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else int(parse_chinese_numeral(text) or 0)


def _said(code: str, found: re.Match[str], zh: str, en: str) -> Remark:
    return Remark(code, CONTRADICTION, found.start(), (), Bilingual(zh, en))
