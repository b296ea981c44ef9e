"""Checks whether parts in a text add up to their wholes: 755 个,现场解决 578 个,其余 177 个."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.positions import Positions
from fugong.audit.remarks import (
    AGREES,
    CONTRADICTION,
    SUSPICION,
    Remark,
    alike_before,
    bounds,
    in_unit,
    is_count,
    meet,
    total,
    value,
)
from fugong.core.bilingual import Bilingual

REMAINDER = re.compile(r"(?:其余|剩余|剩下|余下|尚有|还有|还剩)[^，。；：\d]{0,6}$")
AMONG = "其中"
IN_ALL = re.compile(r"(?:合计|总计|共计|总共|一共)[^，。；：、\d]{0,6}$")
SUM_OF_ALL = re.compile(r"(?:合计|总计)[^，。；：、\d]{0,6}$")


def remainders(positions: Positions) -> Iterator[Remark]:
    """其余: check whether the parts and the rest add up to the whole."""
    for number, rest in enumerate(positions.quantities):
        if not is_count(rest) or not REMAINDER.search(positions.left(number)):
            continue
        alike = alike_before(positions, number, 1)
        choices = [
            (whole, alike[first:at])
            for at, whole in enumerate(alike)
            for first in range(at)
            if value(positions.quantities[whole]) > value(rest)
        ]
        fitting = [choice for choice in choices if _adds_up(positions, choice[0], [*choice[1], number])]
        if fitting:
            whole, parts = fitting[0]
            yield _sum_remark(positions, AGREES, number, whole, [*reversed(parts), number])
        elif choices:
            whole, parts = next((one for one in reversed(choices) if _is_whole(positions, *one, alike)), choices[-1])
            yield _sum_remark(positions, CONTRADICTION, number, whole, [*reversed(parts), number])


def _is_whole(positions: Positions, whole: int, parts: Sequence[int], alike: Sequence[int]) -> bool:
    """Whether all quantities after a whole are its parts and none is larger."""
    largest = max(value(positions.quantities[one]) for one in parts)
    return parts == alike[: len(parts)] and largest <= value(positions.quantities[whole])


def _adds_up(positions: Positions, whole: int, parts: Sequence[int]) -> bool:
    return meet(bounds(positions.quantities[whole]), total([positions.quantities[one] for one in parts]))


def _sum_remark(positions: Positions, verdict: str, number: int, whole: int, parts: Sequence[int]) -> Remark:
    listed, stated = "+".join(positions.quantities[one].text for one in parts), positions.quantities[whole]
    if verdict == AGREES:
        message = Bilingual(f"{stated.text}={listed},相符。", f"{stated.text} = {listed}: the parts add up.")
    else:
        added = sum((value(positions.quantities[one]) for one in parts), Decimal(0))
        sum_, by = in_unit(added, stated), in_unit(abs(added - value(stated)), stated)
        message = Bilingual(
            f"{listed} 合计 {sum_},与 {stated.text} 相差 {by}。",
            f"{listed} add up to {sum_}, not to {stated.text}: off by {by}.",
        )
    numbers = tuple(dict.fromkeys((whole, *parts)))
    return Remark("parts", verdict, positions.quantities[number].start, numbers, message)


def parts_above_whole(positions: Positions) -> Iterator[Remark]:
    """其中: find a part that is more than every quantity before it."""
    for among in re.finditer(AMONG, positions.text.plain):
        number = next((number for number, start in enumerate(positions.starts) if start >= among.end()), None)
        if number is None or positions.sentence(number) != positions.sentence_at(among.start()):
            continue
        part = positions.quantities[number]
        alike = alike_before(positions, number, 1) if is_count(part) else []
        if alike and all(bounds(part)[0] > bounds(positions.quantities[one])[1] for one in alike):
            whole = positions.quantities[alike[0]]
            message = Bilingual(
                f"“其中”的 {part.text} 大于前面的 {whole.text}。",
                f"{part.text}, given as a part (其中), is more than the {whole.text} before it.",
            )
            yield Remark("parts", CONTRADICTION, part.start, (number, alike[0]), message)


def sums(positions: Positions) -> Iterator[Remark]:
    """合计: check whether it is the sum of the quantities before it in the sentence."""
    for number, whole in enumerate(positions.quantities):
        left = positions.left(number)
        if not is_count(whole) or not IN_ALL.search(left):
            continue
        parts = alike_before(positions, number)
        fitting = next((parts[:n] for n in range(2, len(parts) + 1) if _adds_up(positions, number, parts[:n])), None)
        if fitting:
            yield _sum_remark(positions, AGREES, number, number, [*reversed(fitting)])
        elif len(parts) > 1 and SUM_OF_ALL.search(left):
            yield _sum_remark(positions, SUSPICION, number, number, [*reversed(parts)])
