"""Compares how many pass a lower and a higher mark: 81个城市超过100万辆,37个超过200万辆 - never more pass the higher one."""

from __future__ import annotations

from collections.abc import Iterator

from fugong.audit.labels import Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import SUSPICION, Remark, value
from fugong.core.bilingual import Bilingual

N_APART = 1


def nested_counts(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each pair of counts of which the larger one passes the higher mark."""
    quantities = positions.quantities
    pairs = [
        number
        for number in range(len(quantities) - 1)
        if labels.roles[number] is Role.LEVEL
        and quantities[number].unit not in MEASURED | {""}
        and quantities[number + 1].bound == "floor"
        and positions.sentence(number) == positions.sentence(number + 1)
        and not positions.n_clauses(quantities[number].end, quantities[number + 1].start)
    ]
    for nth, later in enumerate(pairs[1:], 1):
        earlier = pairs[nth - 1]
        (one, low), (other, high) = (quantities[earlier : earlier + 2], quantities[later : later + 2])
        is_one_list = (
            one.unit == other.unit
            and low.unit == high.unit
            and positions.sentence(later) - positions.sentence(earlier) <= N_APART
        )
        if not is_one_list or low.unit == "" or later - earlier > 3:
            continue
        if value(low) < value(high) and value(one) < value(other):
            message = Bilingual(
                f"超过 {low.text} 的有 {one.text},超过更高的 {high.text} 的倒有 {other.text}。",
                f"{one.text} are above {low.text}, but {other.text} above the higher {high.text}.",
            )
            yield Remark("parts", SUSPICION, other.start, (earlier, later), message)
