"""Checks growths of wholes against those of their parts: a whole grows no faster than its fastest part, and no slower than its slowest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from fugong.audit.labels import Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, bounds
from fugong.core.bilingual import Bilingual

GROWTH = re.compile(
    r"(?P<base>同比|环比|[比较](?:上年|去年|年初|上月)(?:同期|[末底])?)?(?:实际|名义)?(?P<way>增长|上升|下降|减少|降低)了?"
)
"""All words before the growth of an amount, in its clause."""
OPENS = re.compile(r"其中|[。：（\n]|分[^，。；：\d]{1,8}看|按")
"""Between a whole and its parts."""
N_AFTER = 3
"""So many numbers after an amount its growth may stand: an increment, and the share of a plan."""
NEAR, FAR = Decimal("0.001"), Decimal("0.01")
"""What growths at fixed prices, and amounts of another scope a year ago, may do; and what they do not."""
MIN_PARTS = 2


def growths_of_parts(positions: Positions, labels: Labels, found: Iterable[Remark]) -> Iterator[Remark]:
    """Yield a remark for each whole that adds up, but whose growth lies outside of those of all its parts."""
    seen: set[int] = set()
    for remark in found:
        if remark.code != "parts" or remark.verdict != AGREES or len(remark.quantities) <= MIN_PARTS:
            continue
        numbers = [_growth_of(positions, labels, one) for one in remark.quantities]
        between = positions.text.plain[positions.quantities[remark.quantities[0]].end : positions.quantities[remark.quantities[1]].start]
        if OPENS.search(between) is None:
            continue  # 工矿用地15.3万公顷,增长7.9%；商服用地3.9万公顷;住宅用地11.4万公顷: siblings that add up by chance
        stated = numbers[0]
        bases = {base for one in numbers if one is not None and (base := _base(labels, one))}
        if len(bases) > 1:
            continue  # one is since the end of last year, another since its same months
        if stated is None or stated in seen or any(one is None for one in numbers):
            continue
        seen.add(stated)
        parts = [_signed(positions, labels, one) for one in numbers[1:] if one is not None]
        low, high = _signed(positions, labels, stated)
        least, most = min(one for one, _ in parts), max(one for _, one in parts)
        apart = max(least - high, low - most)
        if apart > NEAR:
            whole = positions.quantities[stated]
            others = "、".join(positions.quantities[one].text for one in numbers[1:] if one is not None)
            message = Bilingual(
                f"整体的增长 {whole.text} 不在各部分的增长({others})之间。",
                f"The growth of the whole, {whole.text}, does not lie between those of all its parts ({others}).",
            )
            yield Remark(
                "growth",
                CONTRADICTION if apart > FAR else SUSPICION,
                whole.start,
                tuple(one for one in numbers if one is not None),
                message,
            )


def _growth_of(positions: Positions, labels: Labels, level: int) -> int | None:
    """The growth that is said right after an amount, perhaps after its increment or its share of a plan."""
    for one in range(level + 1, min(level + 1 + N_AFTER, len(positions.quantities))):
        quantity = positions.quantities[one]
        between = positions.text.plain[positions.quantities[level].end : quantity.start]
        if re.search(r"[。；\n]", between) or labels.depths[one] != labels.depths[level]:
            return None
        if quantity.unit == "1" and GROWTH.fullmatch(labels.clause_left(one)):
            return one if quantity.bound == "exact" else None
        if labels.roles[one] in {Role.LEVEL, Role.REST}:
            return None
    return None


def _base(labels: Labels, growth: int) -> str:
    """What a growth is compared with: `year`, another time as typed, or empty where it says nothing."""
    found = GROWTH.fullmatch(labels.clause_left(growth))
    base = (found["base"] or "") if found is not None else ""
    return "year" if base == "同比" or base.endswith(("上年", "去年", "同期")) else base[1:]


def _signed(positions: Positions, labels: Labels, growth: int) -> tuple[Decimal, Decimal]:
    low, high = bounds(positions.quantities[growth])
    way = GROWTH.fullmatch(labels.clause_left(growth))
    return (-high, -low) if way is not None and way["way"] in {"下降", "减少", "降低"} else (low, high)
