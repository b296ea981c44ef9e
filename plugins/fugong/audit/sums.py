"""Whether parts of a text add up to their wholes: 755 个,现场解决 578 个,其余 177 个."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.positions import Places
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


def remainders(places: Places) -> Iterator[Remark]:
    """其余: whether the whole is its parts and the rest."""
    for number, rest in enumerate(places.quantities):
        if not is_count(rest) or not REMAINDER.search(places.left(number)):
            continue
        alike = alike_before(places, number, 1)
        choices = [
            (whole, alike[first:at])
            for at, whole in enumerate(alike)
            for first in range(at)
            if value(places.quantities[whole]) > value(rest)
        ]
        fitting = [choice for choice in choices if _adds_up(places, choice[0], [*choice[1], number])]
        if fitting:
            whole, parts = fitting[0]
            yield _sum_remark(places, AGREES, number, whole, [*reversed(parts), number])
        elif choices:
            whole, parts = next((one for one in reversed(choices) if _is_whole(places, *one, alike)), choices[-1])
            yield _sum_remark(places, CONTRADICTION, number, whole, [*reversed(parts), number])


def _is_whole(places: Places, whole: int, parts: Sequence[int], alike: Sequence[int]) -> bool:
    """Whether a whole has all quantities after it as its parts, and none is larger."""
    largest = max(value(places.quantities[one]) for one in parts)
    return parts == alike[: len(parts)] and largest <= value(places.quantities[whole])


def _adds_up(places: Places, whole: int, parts: Sequence[int]) -> bool:
    return meet(bounds(places.quantities[whole]), total([places.quantities[one] for one in parts]))


def _sum_remark(places: Places, verdict: str, number: int, whole: int, parts: Sequence[int]) -> Remark:
    listed, told = "+".join(places.quantities[one].text for one in parts), places.quantities[whole]
    if verdict == AGREES:
        says = Bilingual(f"{told.text}={listed},相符。", f"{told.text} = {listed}: the parts add up.")
    else:
        added = sum((value(places.quantities[one]) for one in parts), Decimal(0))
        sum_, by = in_unit(added, told), in_unit(abs(added - value(told)), told)
        says = Bilingual(
            f"{listed} 合计 {sum_},与 {told.text} 相差 {by}。",
            f"{listed} add up to {sum_}, not to {told.text}: off by {by}.",
        )
    numbers = tuple(dict.fromkeys((whole, *parts)))
    return Remark("parts", verdict, places.quantities[number].start, numbers, says)


def parts_above_whole(places: Places) -> Iterator[Remark]:
    """其中: whether a part is more than everything before it."""
    for among in re.finditer(AMONG, places.text.plain):
        number = next((number for number, start in enumerate(places.starts) if start >= among.end()), None)
        if number is None or places.sentence(number) != places.sentence_at(among.start()):
            continue
        part = places.quantities[number]
        alike = alike_before(places, number, 1) if is_count(part) else []
        if alike and all(bounds(part)[0] > bounds(places.quantities[one])[1] for one in alike):
            whole = places.quantities[alike[0]]
            says = Bilingual(
                f"“其中”的 {part.text} 大于前面的 {whole.text}。",
                f"{part.text}, told as a part (其中), is more than the {whole.text} before it.",
            )
            yield Remark("parts", CONTRADICTION, part.start, (number, alike[0]), says)


def sums(places: Places) -> Iterator[Remark]:
    """合计: whether it is the sum of what stands before it in the sentence."""
    for number, whole in enumerate(places.quantities):
        left = places.left(number)
        if not is_count(whole) or not IN_ALL.search(left):
            continue
        parts = alike_before(places, number)
        fitting = next((parts[:n] for n in range(2, len(parts) + 1) if _adds_up(places, number, parts[:n])), None)
        if fitting:
            yield _sum_remark(places, AGREES, number, number, [*reversed(fitting)])
        elif len(parts) > 1 and SUM_OF_ALL.search(left):
            yield _sum_remark(places, SUSPICION, number, number, [*reversed(parts)])
