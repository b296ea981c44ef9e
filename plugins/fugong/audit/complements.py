"""Checks shares that leave no rest: 男性占64.1%,女性占35.9%; 东、中、西部比重分别为72.6%、18.6%和8.8%."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content
from fugong.audit.marked import SHARE, SIGNS, marked
from fugong.audit.misprints import n_digits
from fugong.audit.opposites import are_opposite
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, total
from fugong.core.bilingual import Bilingual

COMPLETE = (
    (re.compile(r"东部?、中部?、?(?:和|及)?西部?(?!、|和东|及东)"), 3),
    (re.compile(r"东部?、中部?、西部?(?:、|和|及)东北"), 4),
    (re.compile(r"三次产业|第一、(?:第)?二、(?:第)?三(?:次)?产业|一二三产"), 3),
)
"""Names of all parts of a country or of an economy."""
OF_IT = rf"[^，。；：{SIGNS}]{{0,12}}占[^，。；：占{SIGNS}]{{0,12}}{SHARE}"
REGIONS = re.compile(rf"东部{OF_IT}[，；、]中部{OF_IT}[，；、]西部{OF_IT}(?:[，；、]东北{OF_IT})?")
EACH_OF_ONE = re.compile(r"分别(?:约)?占[^，。；：占]{1,24}$")
"""Before a list of shares of one whole."""
SLACK = Decimal("0.001")
MIN_DIGITS = 2
AGE = re.compile(r"\d周?岁(?:及?以[上下])?(?:的[一-鿿]{0,6})?(?:约?占|比重[为是]?)[^，。；：]{0,8}$")
MIN_AGES = 3


def complements(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for shares that are those of all parts and do not make 100 %."""
    shares = [one for one, quantity in enumerate(positions.quantities) if quantity.unit == "1" and quantity.bound == "exact"]
    last = -1  # 男性占67%,女性占33%。外出的男性占69%,女性占31%: 女性 and the next 男性 are no pair
    for nth, second in enumerate(shares[1:], 1):
        first = shares[nth - 1]
        if first != last and second - first == 1 and _are_both(positions, labels, first, second):
            last = second
            yield from _judged(positions, (first, second))
    yield from _of_parts(positions, labels, shares)
    yield from _of_ages(positions, labels, shares)
    yield from _of_regions(positions)
    for first in shares:
        if labels.place_in_list(first) == (first, 1) or labels.place_in_list(first)[0] != first:
            continue
        n = labels.place_in_list(first)[1]
        clause = labels.clause_left(first)
        is_share = re.search(r"占|比重|比例", clause) is not None and labels.share_words(first).kind != "change"
        if is_share and any(n == n_parts and names.search(clause) for names, n_parts in COMPLETE):
            yield from _judged(positions, tuple(range(first, first + n)))
        elif EACH_OF_ONE.search(clause) and (n > 2 or "、" in EACH_OF_ONE.split(clause)[0]):
            yield from _above_all(positions, tuple(range(first, first + n)))


def _of_parts(positions: Positions, labels: Labels, shares: Sequence[int]) -> Iterator[Remark]:
    """汉族人口568238人,占75.63%;少数民族人口183151人,占24.37%: each part has its count before its share."""
    for first, second in itertools.pairwise(shares):
        parts = first - 1, second - 1
        is_pair = second - first == MIN_DIGITS and first > 0 and all(labels.roles[one] is Role.LEVEL for one in parts)
        if not is_pair or positions.sentence(second) - positions.sentence(first) > 1:
            continue
        is_bare = all(
            labels.clause_left(one).strip("的") in {"占", "约占", "占比", "占比为", "占总数"} for one in (first, second)
        )
        one, other = (labels.left(part) + "·" for part in parts)
        is_alone = first < MIN_AGES or positions.quantities[first - 2].unit != "1"
        if is_bare and is_alone and are_opposite(one, other):
            for remark in _judged(positions, (first, second)):
                yield replace(remark, verdict=SUSPICION)


def _of_ages(positions: Positions, labels: Labels, shares: Sequence[int]) -> Iterator[Remark]:
    """16-20岁占3.5%,21-30岁占30.2%,…: the ages of one sentence are never more than all together."""
    by_sentence: dict[int, list[int]] = {}
    for one in shares:
        if AGE.search(labels.clause_left(one)) and not labels.is_in_list_of_shares(one):
            by_sentence.setdefault(positions.text.sentences[positions.sentence(one)].start, []).append(one)
    for numbers in by_sentence.values():
        first = positions.text.plain.count("。", 0, positions.quantities[numbers[0]].start)
        is_one = first == positions.text.plain.count("。", 0, positions.quantities[numbers[-1]].start)
        if is_one and len(numbers) >= MIN_AGES:
            yield from _above_all(positions, tuple(numbers))


def _of_regions(positions: Positions) -> Iterator[Remark]:
    """东部地区占39.93%,中部地区占25.83%,西部地区占27.12%,东北地区占6.98%: each in a clause of its own."""
    text = marked(positions)
    for found in REGIONS.finditer(text.text):
        yield from _above_all(positions, tuple(text.all_of(found)))


def _above_all(positions: Positions, numbers: Sequence[int]) -> Iterator[Remark]:
    """甲、乙、丙分别占总额的8.1%、90.4%和12.2%: members of one list are seldom more than all together."""
    quantities = [positions.quantities[one] for one in numbers]
    low, _ = total(quantities)
    if low > 1 + SLACK:
        shown = "、".join(one.text for one in quantities)
        message = Bilingual(f"{shown} 合计超过 100%。", f"{shown} add up to more than 100 %.")
        yield Remark("parts", SUSPICION, quantities[-1].start, tuple(numbers), message)


def _are_both(positions: Positions, labels: Labels, first: int, second: int) -> bool:
    """Whether two shares stand in clauses that follow each other, of the two words of a pair, and of one whole."""
    if (
        positions.sentence(second) - positions.sentence(first) > 1
        or positions.n_clauses(positions.quantities[first].end, positions.quantities[second].start) > 1
    ):
        return False
    words = [labels.share_words(one) for one in (first, second)]
    if any(one.kind != "part" for one in words) or labels.is_in_list_of_shares(first):
        return False
    names = [content(one.whole) for one in words]
    if names[1] and names[0] != names[1]:
        return False
    one, other = (labels.clause_left(share).rpartition("占")[0] for share in (first, second))
    one, other = (re.sub(r"^[^一-鿿]+", "", label) for label in (one, other))
    return len(one) <= 2 * len(other) + 6 and are_opposite(one + "·", other + "·")


def _judged(positions: Positions, numbers: Sequence[int]) -> Iterator[Remark]:
    quantities = [positions.quantities[one] for one in numbers]
    low, high = total(quantities)
    if low - SLACK <= 1 <= high + SLACK:
        return
    added = sum((one.number or Decimal(0) for one in quantities), Decimal(0)) * 100
    shown = "、".join(one.text for one in quantities)
    is_sure = all(n_digits(one) >= MIN_DIGITS for one in quantities)
    message = Bilingual(
        f"{shown} 应当合为 100%,合计是 {added.normalize():f}%。",
        f"{shown} should make 100 %, and add up to {added.normalize():f} %.",
    )
    yield Remark("parts", CONTRADICTION if is_sure else SUSPICION, quantities[-1].start, tuple(numbers), message)
