"""Holds a second way to part a whole against it: 收入221亿元,其中省级…市县级…;税收150.6亿元,非税70.4亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role
from fugong.audit.misprints import chance_of_misprint, looks_misprinted
from fugong.audit.opposites import are_opposite
from fugong.audit.part_lists import DIVIDED
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, Remark, adds_up, is_alike, value
from fugong.audit.statements import Claim, Kind, Reading, Tie
from fugong.audit.sums import CHANCE
from fugong.audit.verify import verify

N_SENTENCES, N_BETWEEN, MAX_PARTS = 12, 3, 12
MIN_PARTS = 3
LAST_INDUSTRIES = (("第二产业", "第三产业"), ("二产", "三产"))
"""The first pays next to no taxes and is often left out."""
SURE_PAIR = Decimal(1)
"""Opposites part a whole by their words alone, so chance may explain more."""
ASSETS, DEBTS, EQUITY = (
    re.compile(r"资产(?:总[额计]|合计)"),
    re.compile(r"负债(?:总[额计]|合计)?"),
    re.compile(r"所有者权益|净资产|股东权益"),
)


def second_partings(positions: Positions, labels: Labels, found: Sequence[Remark]) -> Iterator[Remark]:
    """Yield a remark for each pair of opposites, or list under words that divide, whose whole adds up in another way."""
    for whole, parts in _balances(positions, labels):
        is_known = any(one.code == Kind.SUM.value and one.quantities[:1] == (whole,) for one in found)
        if not is_known and (remark := verify(positions, labels, Claim(Kind.SUM, whole, (Reading(parts, Tie.LIKELY),)))):
            yield remark
    agreed = [one for one in found if one.code == Kind.SUM.value and one.verdict == AGREES]
    used = {part for one in found if one.code == Kind.SUM.value for part in one.quantities[1:]}
    wholes = sorted({one.quantities[0] for one in agreed})
    for parts in (*_opposites(positions, labels), *_divided(positions, labels)):
        if used & set(parts):
            continue
        near = [
            whole
            for whole in wholes
            if whole < parts[0]
            and positions.sentence(parts[0]) - positions.sentence(whole) <= N_SENTENCES
            and is_alike(positions.quantities[whole], positions.quantities[parts[0]])
            and positions.quantities[whole].unit != ""
        ]
        whole = next((one for one in reversed(near) if adds_up(positions, one, parts)), None)
        if whole is None and near and _is_telling(positions, near[-1], parts):
            whole = near[-1]
        if whole is not None:
            used |= set(parts)
            remark = verify(positions, labels, Claim(Kind.SUM, whole, (Reading(tuple(parts), Tie.LIKELY),)))
            if remark is not None:
                yield remark


def _is_telling(positions: Positions, whole: int, parts: Sequence[int]) -> bool:
    most = CHANCE if len(parts) > 2 else SURE_PAIR
    return looks_misprinted(positions, whole, parts) and chance_of_misprint(positions, whole, parts) <= most


def _balances(positions: Positions, labels: Labels) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield assets with the debts and the equity after them: 资产总额150亿元,负债总额99亿元,所有者权益合计51亿元."""
    levels = [one for one, role in enumerate(labels.roles) if role is Role.LEVEL]
    for whole, debts, equity in zip(levels, levels[1:], levels[2:], strict=False):
        names = [labels.left(one) for one in (whole, debts, equity)]
        is_balance = all(found.search(name) for found, name in zip((ASSETS, DEBTS, EQUITY), names, strict=True))
        is_one_unit = len({positions.quantities[one].unit for one in (whole, debts, equity)}) == 1
        if is_balance and is_one_unit and positions.sentence(equity) - positions.sentence(whole) <= MIN_PARTS:
            yield whole, (debts, equity)


def _opposites(positions: Positions, labels: Labels) -> Iterator[list[int]]:
    """Yield the pairs of counts whose words part a whole in two."""
    levels = [one for one, role in enumerate(labels.roles) if role is Role.LEVEL]
    for nth, second in enumerate(levels[1:], 1):
        first = levels[nth - 1]
        is_near = second - first <= N_BETWEEN and positions.sentence(second) - positions.sentence(first) <= 1
        is_one_unit = positions.quantities[first].unit == positions.quantities[second].unit != ""
        names = labels.left(first) + "·", labels.left(second) + "·"
        if is_near and is_one_unit and (are_opposite(*names) or are_opposite(*names, LAST_INDUSTRIES)):
            yield [first, second]


def _divided(positions: Positions, labels: Labels) -> Iterator[list[int]]:
    """Yield the counts of each sentence that begins with words that divide: 分活动主体看,…;…;…."""
    plain = positions.text.plain
    for nth, sentence in enumerate(positions.text.sentences):
        if DIVIDED.match(plain, sentence.start) is None:
            continue
        end = min((at for sign in "。\n" if (at := plain.find(sign, sentence.start)) >= 0), default=len(plain))
        first = next((one for one in range(len(positions.quantities)) if positions.quantities[one].start >= sentence.start), None)
        parts = [
            one
            for one in range(first or 0, len(positions.quantities))
            if positions.quantities[one].start < end and labels.roles[one] is Role.LEVEL and positions.sentence(one) >= nth
        ]
        units = {positions.quantities[one].unit for one in parts}
        if (
            MIN_PARTS <= len(parts) <= MAX_PARTS
            and len(units) == 1
            and all(value(positions.quantities[one]) > 0 for one in parts)
        ):
            yield parts
