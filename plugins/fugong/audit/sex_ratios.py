"""Checks how many men there are to a hundred women: 男性144994人,女性128399人,性别比为112.9."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.labels import Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, bounds, ratio
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

SEX_RATIO = re.compile(
    r"性别比(?:（[^（）]{4,30}）)?(?!例)(?:由[^，。；\n]{0,24}?(?P<first>\d{2,3}\.\d{1,2})(?P<way>上升|提高|升高|升|下降|降低|降)[到至为]|[^，。；：\d\n]{0,4}?)(?P<ratio>\d{2,3}(?:\.\d{1,2})?)(?![\d.%个])"
)
MEN, WOMEN = (
    re.compile(r"男[性生]?(?:人口|人数)?(?:总?数)?(?:约?为|有|共)?$"),
    re.compile(r"女[性生]?(?:人口|人数)?(?:总?数)?(?:约?为|有|共)?$"),
)
N_SENTENCES, BESIDE = 3, 2
HUNDRED = Decimal(100)


def sex_ratios(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each ratio of the men and women that are counted beside it, and for one that moves the other way."""
    for found in SEX_RATIO.finditer(positions.text.plain):
        if "出生" in positions.text.plain[max(0, found.start() - 6) : found.start()]:
            continue
        stated, at = Decimal(found["ratio"]), found.start("ratio")
        if found["first"]:
            first, is_up = Decimal(found["first"]), found["way"] in {"上升", "提高", "升高", "升"}
            if first != stated and is_up != (stated > first):
                message = Bilingual(
                    f"说是由 {first} {'升' if is_up else '降'}到 {stated},而两数的大小正好相反。",
                    f"It is said to {'rise' if is_up else 'fall'} from {first} to {stated}, but these go the other way.",
                )
                yield Remark("change", CONTRADICTION, at, (), message)
        here = positions.sentence_at(at)
        persons = [
            one for one, quantity in enumerate(positions.quantities) if labels.roles[one] is Role.LEVEL and quantity.unit == "人"
        ]
        before = [
            one
            for one in reversed(persons)
            if positions.quantities[one].end <= found.start() and here - positions.sentence(one) <= N_SENTENCES
        ]
        after = [one for one in persons if positions.quantities[one].start >= found.end() and positions.sentence(one) == here]
        men = next((one for one in (*before, *after) if MEN.search(labels.left(one))), None)
        women = next((one for one in (*before, *after) if WOMEN.search(labels.left(one))), None)
        if men is not None and women is not None:
            yield from _judged(positions, found, stated, men, women)


def _judged(positions: Positions, found: re.Match[str], stated: Decimal, men: int, women: int) -> Iterator[Remark]:
    one, other = positions.quantities[men], positions.quantities[women]
    computed = ratio(bounds(one), bounds(other))
    if computed is None:
        return
    place = Decimal(1).scaleb(-len(found["ratio"].partition(".")[2]))
    agrees = computed[0] * HUNDRED - place <= stated <= computed[1] * HUNDRED + place
    shown = plain(half_up((computed[0] + computed[1]) / 2 * HUNDRED, 2))
    message = Bilingual(
        f"性别比 {stated} {'相符' if agrees else '不符'}:{one.text}÷{other.text}={shown}。",
        f"The ratio of {stated} {'agrees' if agrees else 'does not agree'}: {one.text} to {other.text} is {shown}.",
    )
    is_pair = abs(men - women) <= BESIDE and positions.sentence_at(found.start()) - positions.sentence(max(men, women)) <= 1
    doubt = CONTRADICTION if is_pair else SUSPICION
    yield Remark("ratio", AGREES if agrees else doubt, found.start("ratio"), (men, women), message)
