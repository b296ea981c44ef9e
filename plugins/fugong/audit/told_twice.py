"""Finds one number told twice with one digit apart, such as a headline and its text: 2794家 and 2749家."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content, in_same_words
from fugong.audit.misprints import are_digits_exchanged, is_one_digit_off, n_digits
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark, bounds
from fugong.core.bilingual import Bilingual

MIN_DIGITS, MIN_OF_EXCHANGED, MIN_OF_HEADING, MIN_NAME = 4, 3, 2, 4
LONG_NAME, MAX_HEADING, N_BELOW, N_SENTENCES = 6, 60, 6, 20
AHEAD = re.compile(r"力争|目标|预计|预期|计划|今年|提高到|提升到")
HEADING = re.compile(r"\s*(?:#+\s*)?(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.、．])")
GROWTH = re.compile(r"，?(?:同比|比上年|比去年同期|较上年)?(?:名义|实际)?(?P<way>增长|上升|下降|减少)(?:了|约)?")
OF_THINGS, NOUN = 3, re.compile(r"[一-鿿]{4,}")
"""Shorter numbers are one digit apart by chance; shorter names say too little."""


def told_twice(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for the later of two levels with the same words before them, of which one may be a misprint of the other."""
    yield from _counts_of_things(positions, labels)
    yield from _growths(positions, labels)
    yield from _shares(positions, labels)
    yield from _of_headings(positions, labels)
    seen: dict[tuple[str, str], list[int]] = {}
    for number, quantity in enumerate(positions.quantities):
        name = content(labels.left(number))
        is_told = quantity.bound == "exact" and labels.roles[number] is Role.LEVEL and n_digits(quantity) >= MIN_OF_EXCHANGED
        if not is_told or len(name) < MIN_NAME or not quantity.unit or labels.depths[number]:
            continue
        earlier = seen.setdefault((name, quantity.unit), [])
        if any(positions.quantities[one].value == quantity.value for one in earlier):
            continue
        for one in earlier:
            other = positions.quantities[one]
            is_near = is_one_digit_off(quantity, bounds(other), _least(name)) and other.written_unit == quantity.written_unit
            is_near = is_near or are_digits_exchanged(quantity, other)
            if is_near and period_of(positions, one).may_be(period_of(positions, number)):
                message = Bilingual(
                    f"{other.text} 与 {quantity.text} 说法相同,只差一位数字,其中一个可能写错。",
                    f"{other.text} and {quantity.text} are told in the same words, one digit apart: one may be misprinted.",
                )
                yield Remark("told-twice", SUSPICION, quantity.start, (one, number), message)
                break
        earlier.append(number)


def _least(name: str) -> int:
    """The digits from which on one digit apart is no chance: a long name leaves fewer things that are called so."""
    return MIN_DIGITS if len(name) < LONG_NAME else MIN_DIGITS - 1


def _growths(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """粮食总产量138.0亿公斤,增长1.9%…粮食总产量138.0亿公斤,增长9.1%: one amount with two growths of one base."""
    seen: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for growth, quantity in enumerate(positions.quantities[1:], 1):
        level = positions.quantities[growth - 1]
        found = GROWTH.fullmatch(labels.left(growth))
        is_pair = labels.roles[growth - 1] is Role.LEVEL and quantity.unit == "1" and quantity.bound == level.bound == "exact"
        if found is None or not is_pair or n_digits(level) < MIN_DIGITS or labels.depths[growth] != labels.depths[growth - 1]:
            continue
        name = content(labels.left(growth - 1))[-OF_THINGS:]
        told = seen.setdefault((level.text, name), [])
        for way, other in told:
            is_one = period_of(positions, other).may_be(period_of(positions, growth))
            if is_one and positions.quantities[other].value != quantity.value and way == found["way"]:
                yield _remark(positions, other, growth)
                break
        told.append((found["way"], growth))


def _shares(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """恢复至同期水平的50.9%…恢复至同期水平的59.0%: one share in the same long words."""
    seen: dict[str, list[int]] = {}
    for number, quantity in enumerate(positions.quantities):
        is_share = quantity.unit == "1" and quantity.bound == "exact" and n_digits(quantity) >= OF_THINGS
        name = content(labels.clause_left(number))
        is_bare = labels.share_words(number).kind == "part" and name.startswith("占")  # its subject stands elsewhere
        if (
            not is_share
            or is_bare
            or AHEAD.search(labels.clause_left(number))
            or len(name) < LONG_NAME
            or labels.left(number) != labels.clause_left(number).lstrip("、和及与")
        ):
            continue
        told = seen.setdefault(name, [])
        if any(positions.quantities[one].value == quantity.value for one in told):
            continue
        for one in told:
            is_one = period_of(positions, one).may_be(period_of(positions, number))
            is_one = is_one and positions.sentence(number) - positions.sentence(one) <= N_SENTENCES
            if is_one and is_one_digit_off(quantity, bounds(positions.quantities[one]), OF_THINGS):
                yield _remark(positions, one, number)
                break
        told.append(number)


def _of_headings(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """二、保单件数118.95亿件 above 新增保单件数181.95亿件: what a heading tells, the text below it tells again."""
    levels = [
        one
        for one, quantity in enumerate(positions.quantities)
        if labels.roles[one] is Role.LEVEL
        and quantity.bound == "exact"
        and n_digits(quantity) >= MIN_OF_HEADING
        and quantity.unit
    ]
    for nth, one in enumerate(levels):
        sentence = positions.text.sentences[positions.sentence(one)]
        line = positions.text.plain[positions.text.plain.rfind("\n", 0, sentence.start + 1) + 1 :].partition("\n")[0]
        name = content(HEADING.sub("", labels.left(one)))
        if not HEADING.match(line) or len(line) > MAX_HEADING or "。" in line.rstrip("。") or len(name) < MIN_NAME:
            continue
        below = [
            other
            for other in levels[nth + 1 :]
            if positions.text.sentences[positions.sentence(other)].paragraph - sentence.paragraph <= N_BELOW
            and positions.quantities[other].unit == positions.quantities[one].unit
            and content(labels.left(other)).endswith(name)
        ]
        if below and not any(positions.quantities[other].value == positions.quantities[one].value for other in below):
            quantity = positions.quantities[below[0]]
            is_only = len(below) == 1 and content(HEADING.sub("", labels.left(below[0]))) == name
            if is_only or is_one_digit_off(quantity, bounds(positions.quantities[one]), MIN_DIGITS):
                yield _remark(positions, one, below[0])


def _remark(positions: Positions, first: int, second: int) -> Remark:
    one, other = positions.quantities[first], positions.quantities[second]
    message = Bilingual(
        f"{one.text} 与 {other.text} 说的是同一个数,前后不一。",
        f"{one.text} and {other.text} are told of one thing, and differ.",
    )
    return Remark("told-twice", SUSPICION, other.start, (first, second), message)


def _counts_of_things(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """519家重点企业… and 591家重点企业门店…: the later one opens its clause and only names again what was counted."""
    counted: list[tuple[int, str, str]] = []
    for number, quantity in enumerate(positions.quantities):
        is_whole = quantity.bound == "exact" and "." not in quantity.text and n_digits(quantity) >= OF_THINGS
        if labels.roles[number] is not Role.LEVEL or not is_whole or quantity.written_unit != quantity.unit:
            continue
        noun = NOUN.match(labels.right(number))
        is_again = noun is not None and not content(labels.left(number))
        same = [
            one
            for one, unit, words in counted
            if is_again and noun is not None and unit == quantity.unit and in_same_words(noun[0])[:MIN_NAME] in words
        ]
        if same and not any(positions.quantities[one].value == quantity.value for one in same):
            other = positions.quantities[same[-1]]
            if is_one_digit_off(quantity, bounds(other), OF_THINGS):
                message = Bilingual(
                    f"{other.text} 与 {quantity.text} 说法相同,只差一位数字,其中一个可能写错。",
                    f"{other.text} and {quantity.text} are told in the same words, one digit apart: one may be misprinted.",
                )
                yield Remark("told-twice", SUSPICION, quantity.start, (same[-1], number), message)
        counted.append((number, quantity.unit, in_same_words(noun[0]) if noun else content(labels.left(number))))
