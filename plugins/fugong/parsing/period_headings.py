"""Finds headings between the lines of a table that say another period than the report's: 上月, 去年同期, 3月17日, 本年累计.

Rows below such a heading are not those of the report date, unless each of them says by a date or month of its own what it is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Contract, Table
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.parsing.blocks import Blocks
from fugong.parsing.header import Header
from fugong.parsing.line_kinds import DERIVED, FIRM, NOTE
from fugong.parsing.locate import Place, titles_above
from fugong.parsing.report_day import days_in, plain_text, range_in

LONGEST_HEADING = 40
EARLIER = re.compile(
    r"上[一个]{0,2}(?:月|期|周|旬|年|季度?|日|半年)|去年|前年|往[年期]|昨[日天]|前[一两二三\d][天日周月年期季]|同期|年初(?:数|值|时|余额)"
    r"|下[一个]{0,2}(?:月|期|周|旬|年|季度?|半年)|明[年日天]|次[月年日]|历[年史]"
)
"""Words of another period, in folded text."""
COMPARED = re.compile(r"[比较]|除上|不含|结转|转入|结[存余]|遗留|沿用")
"""With one of these a heading speaks of this period beside another, or of what has come over into it."""
SPAN = re.compile(r"(?:本|当|今|全)(年度?|季度?|月度?|旬|周)(?:以来)?(?:累[计积])?|(累)[计积]")
"""A longer period that ends with the report's; a report of that cadence is about it."""
SPAN_OF = {"weekly": "周", "monthly": "月"}
MONTH = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(?:份|度)?(?!\d)")
YEAR = re.compile(r"(20\d\d)年(?:度)?(?!\d)")
CHINESE_MONTH = re.compile(
    r"(?<![一二三四五六七八九十])(十[一二]?|[一二三四五六七八九])(?=月(?:份|度)?(?![一二三四五六七八九十]))"
)
NUMERALS = {text: str(n) for n, text in enumerate("一 二 三 四 五 六 七 八 九 十 十一 十二".split(), 1)}
NUMBERING = re.compile(
    r"^(?:附|其中|表|第)?[(\[]?(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)\]、.．:]+(?![0-9])|^附[件表]?\d?:?|^表[一二三四五六七八九十\d]{1,2}:?"
)
PLAIN = re.compile(
    r"数据?|情况|情形|明细|报表|日报|周报|月报|统计|汇总|清[单册]|台[账帐]|名[单册]|部分|数额|金额|完成|补报|续报|表|的|及|[()\[\]:、,，\-—_~至到]"
)
"""What may stand beside a day or month without saying what else it is of."""


class Words:
    """The names of a report and its tables, folded: they say nothing about the period."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted({*names} - {""}, key=len, reverse=True)

    def are_all_of(self, text: str) -> bool:
        """Whether a text has nothing but words of the report and such that say no more than what a table is."""
        for name in self._names:
            text = text.replace(name, "、")
        return all(any(part in name for name in self._names) for part in PLAIN.split(text) if part)


def has_own_period(table: Table, header: Header) -> bool:
    """Whether each row says by itself which day or month it is of."""
    if table.business_date is not None:
        return table.business_date in header.index
    return any(column.format == "month" and column.name in header.index for column in table.columns)


def report_other_periods(
    contract: Contract,
    places: Sequence[Place],
    all_blocks: Sequence[Blocks],
    report_date: date,
    code_lists: Mapping[str, CodeList],
    findings: FindingCollector,
) -> None:
    """Reject the file for headings, above a header or between rows, that say another period than the report's."""
    cadence = contract.due.cadence if contract.due else "daily"
    words = Words(fold(word) for table in contract.tables for word in (contract.name, table.title, *table.sheets))
    for place, blocks in zip(places, all_blocks, strict=True):
        if has_own_period(place.table, place.header):
            continue
        titles = titles_above(place.sheet.head, place.header, code_lists)
        known = {fold(part) for title in titles for part in (title, *title.split("  "))}
        above = [(line, list(cells)) for line, cells in enumerate(place.sheet.head[: place.header.first_row], 1)]
        has_span = any(SPAN.search(title) for title in known)
        for line, cells in above:
            if (text := _heading(cells, place)) and _is_bare(text, words):
                _reject(place, line, text, report_date, findings)
        for line, cells in blocks.headings:
            text = _heading(cells, place)
            if text is None or fold(text) in known:
                continue
            if says_other_period(text, report_date, cadence, words, may_span=has_span):
                blocks.left_out.append(line)
                _reject(place, line, text, report_date, findings)


def _reject(place: Place, line: int, text: str, day: date, findings: FindingCollector) -> None:
    findings.add(finding("other-period", sheet=place.sheet.name, row_number=line, line=line, value=text, day=day.isoformat()))


def _heading(cells: Sequence[str | None], place: Place) -> str | None:
    """The text of a line that is a heading: no note, nothing that is counted, no row with a key."""
    filled = [(at, cell) for at, cell in enumerate(cells) if cell]
    if not filled or len(filled[0][1]) > LONGEST_HEADING:
        return None
    _, text = filled[0]
    if not re.search(r"[^\W\d_]", text):
        return None  # a number is no heading
    keys = {place.header.index.get(name) for name in place.table.key}
    if any(other in keys for other, _ in filled[1:]):
        return None
    folded = fold(text)
    if NOTE.match(folded) or DERIVED.match(folded) or re.search(rf"{FIRM}$|[。;；!！?？]", folded):
        return None
    if len(filled) > 1 and any(re.fullmatch(r"[-\d.,%]+", fold(cell)) for _, cell in filled[1:]):
        return None  # a total, with its numbers
    return text


def _is_bare(text: str, words: Words) -> bool:
    """Whether a title says an earlier period, and nothing else but the report."""
    rest = NUMBERING.sub("", fold(text))
    return EARLIER.search(rest) is not None and words.are_all_of(EARLIER.sub("", rest))


def says_other_period(text: str, day: date, cadence: str, words: Words, *, may_span: bool = False) -> bool:
    """Whether a heading says another period than that of a report.

    Args:
        may_span: a longer period is no other one, since the titles of the first block name one, too.
    """
    folded = NUMBERING.sub("", fold(text))
    if COMPARED.search(folded):
        return False
    if EARLIER.search(folded):
        return True
    if span := SPAN.search(folded):
        own = SPAN_OF.get(cadence)
        is_own = own is not None and (span[1] or "").startswith(own) and "累" not in span[0]
        return not may_span and not is_own and words.are_all_of(SPAN.sub("", folded))
    return _names_other_day(folded, day, words)


def _names_other_day(folded: str, day: date, words: Words) -> bool:
    """Whether a text says a day, month or year and nothing else, and it is another one."""
    plain = plain_text(CHINESE_MONTH.sub(lambda found: NUMERALS[found[1]], folded))
    rest = plain
    if several := range_in(plain, bare=False):
        if several.end in (None, (day.month, day.day)):
            return False
        rest = re.sub(r"\s", "", several.rest)
        return words.are_all_of(MONTH.sub("", YEAR.sub("", rest)))
    found = days_in(plain)
    if found:
        for one in found:
            rest = rest.replace(one.written, "")
        is_other = all((one.month, one.day) != (day.month, day.day) or one.year not in (None, day.year) for one in found)
    elif months := MONTH.findall(plain):
        rest = MONTH.sub("", rest)
        is_other = all(int(month) != day.month or (year and int(year) != day.year) for year, month in months)
    elif years := YEAR.findall(plain):
        rest = YEAR.sub("", rest)
        is_other = all(int(year) != day.year for year in years)
    else:
        return False
    return is_other and words.are_all_of(rest.strip())
