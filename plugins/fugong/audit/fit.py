"""Tests whether a number that the words of a text match with a figure is surely that figure: subject, scope, unit and period.

The words of a figure (its phrases and its name) say what it counts. Words beside the number that narrow it further (a trade, a
kind of loan, another place, another period) and that are not words of the figure make it a number of something else, perhaps.
Which words narrow a number, `include/briefing/audit.yaml` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from fugong.audit.labels import Labels, Role
from fugong.audit.matching import Candidate
from fugong.audit.positions import Positions
from fugong.audit.quantity import DURATIONS
from fugong.audit.words import Words
from fugong.core.bilingual import Bilingual

OTHER_PERIOD = re.compile(
    r"去年|上年|前年|上月|上季|上半年|下半年|同期|一季度|二季度|三季度|四季度|前三季度|前\d+个?月|往年|历年|十[一二三四]五"
)
COMPARED_WITH = re.compile(r"(?:比|较|同比|环比|与)[^，。；：]{0,12}(?:去年|上年|上月|上季|同期|\d{4}年)[^，。；：]*")
YEAR = re.compile(r"(?<!\d)(20\d{2}|19\d{2})年")
DEADLINE = re.compile(r"(?:之?以?前|起|后|以来)")
AS_OF = re.compile(r"(?:截至|截止|至|到)[^，。；：\d]{0,4}$")
OTHERWISE = re.compile(r"另|只(?!剩)|仅(?!剩)")
"""仅 and 只 are mostly adverbs, 另有 begins another matter."""
FLOOR_WORDS = ("不低于", "不少于", "不小于", "至少", "最少", "最低", "下限", "底线")
CEILING_WORDS = ("不超过", "不高于", "不多于", "至多", "最多", "最高", "上限")
MAX_LEFT_OVER = 3
"""So many characters beside a number may be unexplained: a name, an adverb."""
DIGITS = re.compile(r"[\d一二两三四五六七八九十百千万亿]+")


def misfit(
    positions: Positions, labels: Labels, number: int, candidate: Candidate, as_of: date, is_ours: bool, words: Words
) -> Bilingual | None:
    """Why a number may not be a figure though the words match; None where subject, scope and period fit.

    Args:
        is_ours: whether the text is known to be ours; else a day at its beginning holds for the whole paragraph.
    """
    return next(
        (
            reason
            for reason in (
                other_year(positions, number, as_of),
                _other_period(positions, number, candidate, as_of, is_ours),
                _other_role(labels, number, candidate),
                _narrower(labels, number, candidate, words),
            )
            if reason is not None
        ),
        None,
    )


def other_year(positions: Positions, number: int, as_of: date) -> Bilingual | None:
    """The year that the sentence gives for a number, where it is not the year of the figures."""
    if positions.quantities[number].unit == "日":
        return None
    years = YEAR.findall(COMPARED_WITH.sub("", _sentence_before(positions, number)))
    if not years or int(years[-1]) == as_of.year:
        return None
    return Bilingual(f"文中是 {years[-1]} 年,我方是 {as_of.year} 年", f"the text says {years[-1]}, our figure is of {as_of.year}")


def other_words(labels: Labels, number: int, candidate: Candidate, words: Words) -> Bilingual | None:
    """The words right beside a number that neither the figure nor the language of such texts explains."""
    own = set("".join(_words(candidate)))
    said = DIGITS.sub("", words.without_common(labels.left(number) + labels.right(number)))
    left_over = "".join(character for character in said if character not in own and "一" <= character <= "鿿")
    if len(left_over) <= MAX_LEFT_OVER:
        return None
    return Bilingual(f"旁边还有别的字眼({left_over})", f"other words stand beside it ({left_over})")


def opposite_bound(positions: Positions, number: int, candidate: Candidate) -> Bilingual | None:
    """Whether a number is an upper limit and the figure a lower one, or the other way round."""
    kind = positions.quantities[number].bound
    words = set(_words(candidate))
    is_floor, is_ceiling = bool(words & set(FLOOR_WORDS)), bool(words & set(CEILING_WORDS))
    if (kind == "ceiling" and is_floor and not is_ceiling) or (kind == "floor" and is_ceiling and not is_floor):
        return Bilingual("上限与下限相反", "an upper limit for a lower one, or the other way round")
    return None


def _words(candidate: Candidate) -> Iterator[str]:
    """All words of a figure: its name and the spellings of its phrases."""
    yield candidate.name_zh
    for phrase in candidate.phrases:
        for word in phrase:
            if not word.is_refused:
                yield from word.spellings


def _sentence_before(positions: Positions, number: int) -> str:
    start = positions.text.sentences[positions.sentence(number)].start
    return positions.text.plain[start : positions.quantities[number].start]


def _other_period(positions: Positions, number: int, candidate: Candidate, as_of: date, is_ours: bool) -> Bilingual | None:
    quantities, here = positions.quantities, positions.sentence(number)
    if quantities[number].unit == "日":
        return None
    clause = COMPARED_WITH.sub("", _sentence_before(positions, number).rpartition("，")[2])
    if (found := OTHER_PERIOD.search(clause)) and not any(found[0] in word for word in _words(candidate)):
        return Bilingual(f"另一时期({found[0]})", f"another period ({found[0]})")
    for other in range(number - 1, -1, -1):
        day, there = quantities[other], positions.sentence(other)
        if there != here and (is_ours or not positions.is_same_matter(there, here)):
            return None
        if (
            day.days is None
            or (there != here and not AS_OF.search(positions.left(other)))
            or DEADLINE.match(positions.text.plain, day.end)
        ):
            continue
        is_fitting = day.days[0] <= as_of <= day.days[1] or any(day.text.rstrip("份") in word for word in _words(candidate))
        return None if is_fitting else Bilingual(f"另一时期({day.text})", f"another period ({day.text})")
    return None


def _other_role(labels: Labels, number: int, candidate: Candidate) -> Bilingual | None:
    role, left = labels.roles[number], labels.left(number)
    own = "".join(_words(candidate))
    if role is Role.CHANGE and not any(word in own for word in re.findall(r"减|降|增|调|提", left[-6:])):
        return Bilingual("是增减的数,不是总数", "a change, not a total")
    if role is Role.REST and not OTHERWISE.search(left) and not re.search(r"余|剩|未|还|尚|另|交办", own):
        return Bilingual("是剩余的数", "a remainder")
    if role is Role.AVERAGE and not re.search(r"均|每|日|/", own + candidate.unit):
        return Bilingual("是平均的数", "an average")
    return None


def _narrower(labels: Labels, number: int, candidate: Candidate, words: Words) -> Bilingual | None:
    quantity = labels.positions.quantities[number]
    if quantity.unit in {*DURATIONS, "日"} or quantity.is_limit or quantity.per:  # a rule: its words say whom it is for
        return None
    own = "".join(_words(candidate))
    said = labels.clause_left(number) + labels.right(number)
    for kind in words.narrower:
        if "项目" in own and kind.names_projects:
            continue
        found = next((found for found in kind.pattern.finditer(said) if found[0] not in own), None)
        if found is not None:
            return Bilingual(f"可能是{kind.name.zh}的数({found[0]})", f"perhaps a number of {kind.name.en} ({found[0]})")
    return None
