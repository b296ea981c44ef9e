"""Finds what cannot be by itself: the 13th of 12 places, a fall of 132 %, one numbered event in two years."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark
from fugong.core.bilingual import Bilingual

NUMERAL = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
OTHERS = re.compile(
    r"除(?P<names>[一-鿿]{2,3}(?:[、和][一-鿿]{2,3}){0,6}?)(?=[一-鿿]{0,14}(?:\d|外|分别|同比|下降|增长|持平))[^。；\n]{0,40}?其余(?P<n>\d{1,2})个(?P<what>市州|设区市|地市|市|区县|县区|县|区|乡镇|街道|镇)"
)
ALL_PLACES = re.compile(r"(?<!其余)(?<!等)(?<![\d第])(?P<n>\d{1,2})个(?P<what>市州|设区市|地市|区县|县区|乡镇)中?，除")
RANK = re.compile(
    rf"(?P<n>{NUMERAL})个?(?P<what>盟市|设区市|地级?市|地市|市州|州市|区县|县市区|县区|区市县|县（市、区）)中?[，]?(?:排名|排位|位次|排在|排|位居|居|位列|列|名列)(?:为|在|于)?第(?P<rank>{NUMERAL})(?:位|名)?"
)
NEAR, FAR = 6, 8
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
RESULT_OF_YEAR = re.compile(
    r"(?<!\d)(?<![到至])(?P<year>20[3-9]\d)年，?(?:全[市区县省年国]|我[市区县省])?[^，。；\d]{0,16}(?:实现|完成)[^。；\n]{0,40}?(?:同比|比上年|较上年)(?:名义|实际)?(?:增长|下降)"
)
"""What is compared with the year before has been: a plan is not."""
FALL = re.compile(r"(?:下降|减少|降低|回落|下跌|缩减|压减|压缩|少收|减收)(?:了|约|近|为|达|幅度为)*$")
MAY_FALL_BELOW_NOTHING = re.compile(r"利润|盈|收益|净|差额|顺差|逆差|亏|增[速幅长]|率")
FAR_YEAR = re.compile(r"(?<!\d)(?P<year>20[3-9]\d)年(?:[上下]半年|前?[一二三四两]季度|\d{1,2}[-—至]\d{1,2}月|\d{1,2}月末)")
EVENT = re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<event>第[一二三四五六七八九十]{1,3}次全国[一-鿿]{2,6}普查)")


def beyond(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    plain = positions.text.plain
    for found in RANK.finditer(plain):
        n, rank = _number(found["n"]), _number(found["rank"])
        if rank > n > 1:
            yield _said("count", found, f"{n} 个中没有第 {rank}。", f"Among {n} there is no place {rank}.")
    yield from _others(plain)
    yield from _far_years(plain)
    yield from _falls(positions)
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
    for found in (*FAR_YEAR.finditer(plain), *RESULT_OF_YEAR.finditer(plain)):
        others = [year for year in years if year != int(found["year"])]
        if others and int(found["year"]) - max(others) > FAR:
            message = Bilingual(
                f"{found['year']} 年比文中其他年份晚得多,可能写错。", f"{found['year']} is far after all other years of the text."
            )
            yield Remark("base-year", SUSPICION, found.start(), (), message)


def _falls(positions: Positions) -> Iterator[Remark]:
    """下降132.5%: less than nothing is left. Profits and balances may turn into losses."""
    for number, quantity in enumerate(positions.quantities):
        left = positions.left(number)
        if quantity.unit != "1" or quantity.number is None or quantity.low <= 1 or not FALL.search(left):
            continue
        if not MAY_FALL_BELOW_NOTHING.search(positions.left(number, 60)):
            message = Bilingual(f"下降 {quantity.text},超过了全部。", f"A fall of {quantity.text} leaves less than nothing.")
            yield Remark("share-above-one", CONTRADICTION, quantity.start, (number,), message)


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
