"""Checks growths of wholes against those of their parts: a whole grows no faster than its fastest part, and no slower than its slowest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, bounds, value
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

GROWTH = re.compile(
    r"(?P<base>同比|环比|[比较](?:上年|去年|年初|上月)(?:同期|[末底])?)?(?:实际|名义)?(?P<way>增长|上升|下降|减少|降低)了?"
)
"""All words before the growth of an amount, in its clause."""
OPENS = re.compile(r"其中|[。：（\n]|分[^，。；：\d]{1,8}看|按|负债")
"""Between a whole and its parts."""
N_AFTER = 3
"""So many numbers after an amount its growth may stand: an increment, and the share of a plan."""
NEAR, FAR, LOOSE = Decimal("0.001"), Decimal("0.01"), Decimal("0.25")
"""What growths at fixed prices, and amounts of another scope a year ago, may do; and what they do not."""
MIN_PARTS = 2


def growths_of_parts(positions: Positions, labels: Labels, found: Iterable[Remark]) -> Iterator[Remark]:
    """Yield a remark for each whole that adds up, but whose growth lies outside of those of all its parts."""
    seen: set[int] = set()
    for remark in found:
        if remark.code != "parts" or remark.verdict != AGREES or len(remark.quantities) <= MIN_PARTS:
            continue
        yield from _plans(positions, labels, remark.quantities)
        numbers = [_growth_of(positions, labels, one) for one in remark.quantities]
        between = positions.text.plain[
            positions.quantities[remark.quantities[0]].end : positions.quantities[remark.quantities[1]].start
        ]
        if remark.quantities[0] < remark.quantities[1] and OPENS.search(between + labels.left(remark.quantities[1])) is None:
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
        amount = positions.quantities[remark.quantities[0]]
        if apart > (NEAR if amount.unit == "元" else 0):
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
        else:
            growths = [one for one in numbers if one is not None]
            yield from _weighed(positions, labels, remark.quantities[1:], growths)


def _plans(positions: Positions, labels: Labels, amounts: Sequence[int]) -> Iterator[Remark]:
    """占预算105.47%。其中,甲占预算100.93%,乙占预算110.14%: a whole is done neither more nor less than all its parts."""
    rates = [one + 1 for one in amounts]
    if max(rates) >= len(positions.quantities) or any(
        positions.quantities[one].unit != "1"
        or positions.quantities[one].bound != "exact"
        or labels.share_words(one).kind not in {"plan", "part"}
        or "预算" not in labels.clause_left(one)
        or positions.sentence(one) != positions.sentence(one - 1)
        for one in rates
    ):
        return
    (low, high), *parts = (bounds(positions.quantities[one]) for one in rates)
    if len({content(labels.share_words(one).whole) for one in rates}) == 1 and (
        low > max(one for _, one in parts) or high < min(one for one, _ in parts)
    ):
        whole, others = positions.quantities[rates[0]], "、".join(positions.quantities[one].text for one in rates[1:])
        message = Bilingual(
            f"整体的 {whole.text} 不在各部分({others})之间。",
            f"{whole.text} of the whole does not lie between its parts ({others}).",
        )
        yield Remark("growth", SUSPICION, whole.start, tuple(rates), message)


def _weighed(positions: Positions, labels: Labels, parts: Sequence[int], growths: Sequence[int]) -> Iterator[Remark]:
    """The growth of a whole is that of all its parts together: each was so much before."""
    stated = growths[0]
    rates = [(low + high) / 2 for low, high in (_signed(positions, labels, one) for one in growths[1:])]
    if any(one <= -1 for one in rates):
        return
    now = [value(positions.quantities[one]) for one in parts]
    before = sum((amount / (1 + rate) for amount, rate in zip(now, rates, strict=True)), Decimal(0))
    weighed = sum(now, Decimal(0)) / before - 1
    low, high = _signed(positions, labels, stated)
    apart = max(low - weighed, weighed - high)
    if apart > FAR and apart > abs(weighed) * LOOSE:
        whole, shown = positions.quantities[stated], plain(half_up(weighed * 100, 1))
        message = Bilingual(
            f"按各部分及其增长推算,整体增长约 {shown}%,不是 {whole.text}。",
            f"By its parts and their growths the whole grew by about {shown} %, not by {whole.text}.",
        )
        yield Remark("growth", SUSPICION, whole.start, tuple(growths), message)


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
