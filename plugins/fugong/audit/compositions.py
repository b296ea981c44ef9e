"""Checks compositions in per cent: 三次产业结构为9.2：51：39.8 adds up to 100, and each number follows from the amounts before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, is_alike, value
from fugong.core.bilingual import Bilingual

COMPOSITION = re.compile(r"(?:结构|构成|占比|比重|比例)[^，。；：]{0,8}$")
FORMER = re.compile(r"[由从](?:(?:19|20)\d\d年|上年|去年)[^，。；：]{0,4}$")
"""Before a composition of another year."""
BECOMES = re.compile(r"[，]?(?:进一步)?(?:调整|优化|变化|变动|转变|演变|变|改善|提升)[到至为成]")
"""Between a composition and the one that it became."""
OF_INDUSTRIES = re.compile(r"(?:三次|三大|一二三次?)产业[^，。；：]{0,6}(?:结构|构成|比例|比重)[^，。；：]{0,8}$")
"""A composition of these is one in per cent, whatever its numbers are."""
BOTH = re.compile(r"(?:男女|城乡|内外)[^，。；：]{0,6}(?:比例|比|结构)[^，。；：]{0,4}$")
MEASURES = (re.compile(r"增加值[为达]?$"), re.compile(r"投资[为达]?$"))
ORDINALS = ("第一产业", "第二产业", "第三产业")
ALL, NEAR, PLACE = Decimal(100), Decimal(10), Decimal("0.1")
MIN_PARTS, N_SENTENCES = 3, 8


def compositions(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each composition that does not add up, or whose numbers do not follow from the amounts before it."""
    number = n_before = 0
    while number < len(positions.quantities):
        parts = _composition(positions, number)
        if len(parts) == MIN_PARTS - 1 and BOTH.search(labels.left(number)):
            yield from _of_two(positions, parts)
        is_changed = len(parts) == n_before and BECOMES.fullmatch(labels.left(number)) is not None
        is_composition = len(parts) >= MIN_PARTS and (is_changed or COMPOSITION.search(labels.left(number)) is not None)
        if is_composition:
            yield from _judged(positions, labels, parts)
        n_before = len(parts) if is_composition else 0
        number += max(1, len(parts))


def _composition(positions: Positions, first: int) -> list[int]:
    """The numbers joined by colons that begin with one."""
    found = [first]
    for one in range(first + 1, len(positions.quantities)):
        before, after = positions.quantities[one - 1], positions.quantities[one]
        if after.unit or before.unit or before.number is None or positions.text.plain[before.end : after.start] != "：":
            break
        found.append(one)
    return found


def _of_two(positions: Positions, parts: Sequence[int]) -> Iterator[Remark]:
    """男女比例为52.4:47.6: two numbers about as large as per cent make 100."""
    quantities = [positions.quantities[one] for one in parts]
    added = sum((value(one) for one in quantities), Decimal(0))
    if PLACE * len(parts) < abs(added - ALL) <= NEAR:
        shown = "：".join(one.text for one in quantities)
        message = Bilingual(f"{shown} 合计 {added},不是 100。", f"{shown} adds up to {added}, not to 100.")
        yield Remark("parts", SUSPICION, quantities[0].start, tuple(parts), message)


def _judged(positions: Positions, labels: Labels, parts: Sequence[int]) -> Iterator[Remark]:
    quantities = [positions.quantities[one] for one in parts]
    added = sum((value(one) for one in quantities), Decimal(0))
    shown = "：".join(one.text for one in quantities)
    if abs(added - ALL) > NEAR and not OF_INDUSTRIES.search(positions.left(parts[0])):
        return  # a mixture, not per cent
    if abs(added - ALL) > PLACE * len(parts):
        message = Bilingual(f"{shown} 合计 {added},不是 100。", f"{shown} adds up to {added}, not to 100.")
        yield Remark("parts", CONTRADICTION, quantities[0].start, tuple(parts), message)
        return
    is_former = FORMER.search(labels.left(parts[0])) is not None
    amounts = _amounts(positions, labels, parts[0]) if len(parts) == len(ORDINALS) and not is_former else None
    if amounts is None or re.match(r"，?[^，。；]{0,6}(?:调整|变|优化|转)", positions.text.plain[quantities[-1].end :]):
        return
    whole = sum((value(positions.quantities[one]) for one in amounts), Decimal(0))
    for part, amount in zip(parts, amounts, strict=True):
        stated, computed = positions.quantities[part], value(positions.quantities[amount]) / whole * ALL
        if abs(value(stated) - computed) > 2 * PLACE:
            text = positions.quantities[amount].text
            message = Bilingual(
                f"{shown} 中的 {stated.text} 与 {text} 不符:算得 {computed:.1f}。",
                f"{stated.text} in {shown} does not follow from {text}: it would be {computed:.1f}.",
            )
            yield Remark("ratio", CONTRADICTION, stated.start, (part, amount), message)
            return
    message = Bilingual(f"{shown} 与前面的数相符。", f"{shown} follows from the amounts before it.")
    yield Remark("ratio", AGREES, quantities[0].start, (*parts, *amounts), message)


def _amounts(positions: Positions, labels: Labels, before: int) -> list[int] | None:
    """The three amounts of value added shortly before a composition."""
    here = positions.sentence(before)
    is_investment = "投资" in labels.clause_left(before)
    found: list[int] = []
    for name in ORDINALS:
        one = next(
            (
                one
                for one in range(before - 1, -1, -1)
                if here - positions.sentence(one) <= N_SENTENCES
                and labels.roles[one] is Role.LEVEL
                and MEASURES[is_investment].search(labels.left(one))
                and name in labels.left(one)
            ),
            None,
        )
        if one is None or (found and not is_alike(positions.quantities[found[0]], positions.quantities[one])):
            return None
        found.append(one)
    return found
