"""Finds what cannot be by itself: month 13, the 13th of 12 places, 2月28日-27日, one numbered event in two years."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark
from fugong.core.bilingual import Bilingual

NUMERAL = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
MONTH = re.compile(r"(?:(?<=年)(?P<a>1[3-9]|[2-9]\d)月|(?<![\d.,第前满—-])(?P<b>1[3-9]|[2-9]\d)月(?:份|末))", re.ASCII)
"""工期18月 counts months; 2011年13月 and 13月末 are none."""
DAYS = re.compile(r"(?<![\d月])(?P<month>\d{1,2})月(?P<first>\d{1,2})日?[-—～至到]{1,2}(?P<last>\d{1,2})日", re.ASCII)
DATES = re.compile(
    r"(?P<month>\d{1,2})月(?P<first>\d{1,2})日（[^（）]{1,8}）[-—～至到]{1,2}(?P<last_month>\d{1,2})月(?P<last>\d{1,2})日",
    re.ASCII,
)
OTHERS = re.compile(
    r"除(?P<names>[一-鿿]{2,3}(?:[、和][一-鿿]{2,3}){0,6}?)(?=[一-鿿]{0,14}(?:\d|外|分别|同比|下降|增长|持平))[^。；\n]{0,40}?其余(?P<n>\d{1,2})个(?P<what>市州|设区市|地市|市|区县|县区|县|区|乡镇|街道|镇)"
)
ALL_PLACES = re.compile(r"(?<!其余)(?<!等)(?<![\d第])(?P<n>\d{1,2})个(?P<what>市州|设区市|地市|区县|县区|乡镇)中?，除")
RANK = re.compile(
    rf"(?P<n>{NUMERAL})个?(?P<what>盟市|设区市|地级?市|地市|市州|州市|区县|县市区|县区|区市县|县（市、区）)中?[，]?(?:排名|排位|位次|排在|排|位居|居|位列|列|名列)(?:为|在|于)?第(?P<rank>{NUMERAL})(?:位|名)?"
)
DAYS_OF_YEAR, LEAP = (
    re.compile(r"(?:全年|(?:19|20)\d\d年)，?[^，。；\d]{0,16}(?:优良|达标|良好以上)天数(?:为|达到?|共|有)*(?P<n>\d{3})天"),
    366,
)
NEAR, FAR = 6, 8
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
FAR_YEAR = re.compile(r"(?<!\d)(?P<year>20[3-9]\d)年(?:[上下]半年|前?[一二三四两]季度|\d{1,2}[-—至]\d{1,2}月|\d{1,2}月末)")
EVENT = re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<event>第[一二三四五六七八九十]{1,3}次全国[一-鿿]{2,6}普查)")


def beyond(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    plain = positions.text.plain
    for found in MONTH.finditer(plain):
        month = found["a"] or found["b"]
        yield _said("no-such-day", found, f"没有 {month} 月。", f"There is no month {month}.")
    for found in DAYS.finditer(plain):
        if int(found["first"]) > int(found["last"]):
            yield _said("range-reversed", found, f"{found[0]} 结束早于开始。", f"{found[0]} ends before it begins.")
    for found in RANK.finditer(plain):
        n, rank = _number(found["n"]), _number(found["rank"])
        if rank > n > 1:
            yield _said("count", found, f"{n} 个中没有第 {rank}。", f"Among {n} there is no place {rank}.")
    for found in DATES.finditer(plain):
        first, last = ((int(found[month]), int(found[day])) for month, day in (("month", "first"), ("last_month", "last")))
        if last < first and last[0] == first[0]:
            yield _said("range-reversed", found, f"{found[0]} 结束早于开始。", f"{found[0]} ends before it begins.")
    for found in DAYS_OF_YEAR.finditer(plain):
        if int(found["n"]) > LEAP:
            yield _said("no-such-day", found, f"一年没有 {found['n']} 天。", f"No year has {found['n']} days.")
    yield from _others(plain)
    yield from _far_years(plain)
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


def _far_years(plain: str) -> Iterator[Remark]:
    """2081年上半年 in a text of 2018: what is told of half a year is past, and a plan names whole years."""
    years = [int(found) for found in YEAR.findall(plain)]
    for found in FAR_YEAR.finditer(plain):
        others = [year for year in years if year != int(found["year"])]
        if others and int(found["year"]) - max(others) > FAR:
            message = Bilingual(
                f"{found['year']} 年比文中其他年份晚得多,可能写错。", f"{found['year']} is far after all other years of the text."
            )
            yield Remark("base-year", SUSPICION, found.start(), (), message)


def _others(plain: str) -> Iterator[Remark]:
    """除甲外,其余13个市…除甲和乙外,其余12个市: both make as many places."""
    totals = {int(found["n"]) for found in ALL_PLACES.finditer(plain)}
    said = [(found, len(re.split("[、和]", found["names"])) + int(found["n"])) for found in OTHERS.finditer(plain)]
    totals |= {said[0][1]} if said and not totals else set()
    for found, n in said:
        if len(totals) == 1 and n not in totals and abs(n - min(totals)) < NEAR:
            all_ = min(totals)
            yield Remark(
                "count",
                SUSPICION,
                found.start(),
                (),
                Bilingual(
                    f"{found['names']} 与其余 {found['n']} 个合计 {n} 个,另一处为 {all_} 个。",
                    f"{found['names']} and the {found['n']} others are {n}; elsewhere they are {all_}.",
                ),
            )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else int(parse_chinese_numeral(text) or 0)


def _said(code: str, found: re.Match[str], zh: str, en: str) -> Remark:
    return Remark(code, CONTRADICTION, found.start(), (), Bilingual(zh, en))
