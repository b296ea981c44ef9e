"""Finds a month that is more than the months that hold it: 6月份用电13510亿千瓦时, 1—6月6938亿千瓦时."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content
from fugong.audit.periods import Period, period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark, bounds, is_count
from fugong.core.bilingual import Bilingual

STOCK = re.compile(r"余额|存[款量]|保有|现有|在[岗册校建]|人口|参保|总数|库存|[月季年]末|[底末]")
"""What is counted at a moment may be more before."""
MIN_NAME = 3


def within_periods(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each count that is more than one in the same words of a longer period around it."""
    seen: dict[tuple[str, str], list[tuple[int, Period]]] = {}
    for number, quantity in enumerate(positions.quantities):
        left, period = labels.left(number), period_of(positions, number)
        name = content(left)
        if (
            labels.roles[number] is not Role.LEVEL
            or not is_count(quantity)
            or period.months is None
            or len(name) < MIN_NAME
            or STOCK.search(left)
        ):
            continue
        for other, around in seen.setdefault((name, quantity.unit), []):
            inner, outer = (number, other) if _holds(around, period) else (other, number)
            is_inside = _holds(around, period) or _holds(period, around)
            if is_inside and bounds(positions.quantities[inner])[0] > bounds(positions.quantities[outer])[1]:
                part, whole = positions.quantities[inner], positions.quantities[outer]
                message = Bilingual(
                    f"{part.text} 是其中几个月的,却比更长时期的 {whole.text} 还多。",
                    f"{part.text} is of fewer months than {whole.text}, which hold them, and still more.",
                )
                yield Remark("parts", SUSPICION, quantity.start, (inner, outer), message)
                break
        seen[name, quantity.unit].append((number, period))


def _holds(outer: Period, inner: Period) -> bool:
    if outer.months is None or inner.months is None or outer.months == inner.months:
        return False
    is_one_year = outer.year is None or inner.year is None or outer.year == inner.year
    return is_one_year and outer.months[0] <= inner.months[0] and inner.months[1] <= outer.months[1]
