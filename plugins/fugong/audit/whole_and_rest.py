"""Checks lists that their words close: 税收收入中,甲税…,其他各税…; 幼儿园中,公办62所,民办124所; and lists of one measure above their whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fugong.audit.labels import Labels, Role, content
from fugong.audit.opposites import are_opposite
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, SUSPICION, Remark, bounds, is_count, meet, total, value
from fugong.core.bilingual import Bilingual

TOPIC = re.compile(r"(?:^|[，。；：\n])(?P<topic>[^，。；：、\n\d]{2,12}?)(?:当)?中，[^，。；：、\d]{1,12}$")
"""Before the first of a list: the name of its whole."""
AMONG = re.compile(r"，(?:其中)[，：]?[^，。；：、\d]{1,14}")
OTHERS = re.compile(r"^(?:和|及)?其[他它](?!中)")
N_BEFORE, N_SENTENCES, N_MEASURE = 12, 6, 2


def whole_and_rest(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each such list."""
    for sentence, numbers in positions.by_sentence.items():
        for nth, first in enumerate(numbers):
            parts = _listed(positions, labels, numbers[nth:])
            if len(parts) < 2:
                continue
            whole, is_topic = _of_topic(positions, labels, sentence, first), True
            if whole is None and nth:
                before, is_topic = numbers[nth - 1], False
                is_opened = AMONG.fullmatch(
                    positions.text.plain, positions.quantities[before].end, positions.quantities[first].start
                )
                whole = before if is_opened and _is_level(positions, labels, before) else None
            if whole is None or positions.quantities[whole].unit != positions.quantities[first].unit:
                continue
            is_closed = OTHERS.match(labels.left(parts[-1])) is not None
            is_pair = is_topic and len(parts) == 2 and are_opposite(labels.left(parts[0]) + "·", labels.left(parts[1]) + "·")
            if is_closed or is_pair:
                yield from _judged(positions, whole, parts)
            elif len(parts) > 2 and _are_of_one_measure(labels, parts):
                yield from _above(positions, whole, parts)


def _is_level(positions: Positions, labels: Labels, number: int) -> bool:
    quantity = positions.quantities[number]
    return labels.roles[number] in {Role.LEVEL, Role.REST} and is_count(quantity) and quantity.bound == "exact"


def _listed(positions: Positions, labels: Labels, numbers: Sequence[int]) -> list[int]:
    """The counts from the first one on that follow each other with one unit; shares and growths may stand between."""
    found: list[int] = []
    for number in numbers:
        quantity = positions.quantities[number]
        if quantity.unit in {"1", "百分点"} and found:
            continue
        if not _is_level(positions, labels, number) or labels.depths[number] != labels.depths[numbers[0]]:
            break
        if found and quantity.unit != positions.quantities[found[0]].unit:
            break
        if found and "其中" in positions.text.plain[positions.quantities[found[-1]].end : quantity.start]:
            break
        found.append(number)
    return found


def _of_topic(positions: Positions, labels: Labels, sentence: int, first: int) -> int | None:
    """The nearest level before a list that is called as its topic."""
    start = positions.text.sentences[sentence].start
    found = TOPIC.search("\n" + positions.text.plain[start : positions.quantities[first].start])
    topic = content(found["topic"].removesuffix("其")) if found else ""
    if len(topic) < N_MEASURE:
        return None
    for one in range(first - 1, max(-1, first - 1 - N_BEFORE), -1):
        is_near = sentence - positions.sentence(one) <= N_SENTENCES and positions.sentence(one) < sentence
        is_called = content(labels.left(one)).endswith(topic) and _is_level(positions, labels, one)
        if is_near and is_called and period_of(positions, one).may_be(period_of(positions, first)):
            return one
    return None


def _are_of_one_measure(labels: Labels, parts: Sequence[int]) -> bool:
    measures = {content(labels.left(one))[-N_MEASURE:] for one in parts}
    return len(measures) == 1 and len(measures.pop()) == N_MEASURE


def _judged(positions: Positions, whole: int, parts: Sequence[int]) -> Iterator[Remark]:
    agrees = meet(total([positions.quantities[one] for one in parts]), bounds(positions.quantities[whole]))
    if agrees or all(value(positions.quantities[one]) < value(positions.quantities[whole]) for one in parts):
        yield _remark(positions, whole, parts, agrees=agrees)


def _above(positions: Positions, whole: int, parts: Sequence[int]) -> Iterator[Remark]:
    """Of one measure, parts that are together more than their whole: some may be counted twice."""
    stated = positions.quantities[whole]
    is_part = all(value(positions.quantities[one]) < value(stated) for one in parts)
    if is_part and total([positions.quantities[one] for one in parts])[0] > bounds(stated)[1]:
        yield _remark(positions, whole, parts, agrees=False)


def _remark(positions: Positions, whole: int, parts: Sequence[int], *, agrees: bool) -> Remark:
    stated, shown = positions.quantities[whole], "+".join(positions.quantities[one].text for one in parts)
    message = Bilingual(
        f"{stated.text} {'相符' if agrees else '可能不符'}:{shown}。",
        f"{stated.text} {'agrees' if agrees else 'may not agree'}: {shown}.",
    )
    return Remark("parts", AGREES if agrees else SUSPICION, stated.start, (whole, *parts), message)
