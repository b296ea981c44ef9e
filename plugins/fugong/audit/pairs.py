"""Finds the counts that may be part and whole of a share, by their place, unit and role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import ASIDE, Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.remarks import is_alike, n_clauses

AMONG = re.compile(r"其中")


def levels_before(labels: Labels, before: int) -> Iterator[int]:
    """Yield the counts before a quantity, the nearest first; changes are left out, and averages but for those of an average."""
    wanted = {Role.AVERAGE} if _is_of_average(labels, before) else {Role.LEVEL, Role.REST}
    for other in range(before - 1, -1, -1):
        if labels.roles[other] in wanted:
            yield other


def _is_of_average(labels: Labels, number: int) -> bool:
    """Whether a number is an average, or the share of the average before it: 人均工资19629元,占55.9%."""
    if labels.roles[number] is not Role.OTHER:
        return labels.roles[number] is Role.AVERAGE
    if "总" in labels.share_words(number).whole:
        return False  # 造成4129人死亡,平均每天5人,占死亡总数的13.8%
    positions = labels.positions
    before = next((one for one in range(number - 1, -1, -1) if labels.roles[one] not in {Role.OTHER, Role.CHANGE}), None)
    is_same = before is not None and positions.sentence(before) == positions.sentence(number)
    return before is not None and is_same and labels.roles[before] is Role.AVERAGE


def is_pair(positions: Positions, part: int, whole: int) -> bool:
    """Whether two counts have units of one kind."""
    return is_alike(positions.quantities[part], positions.quantities[whole])


def is_beside(positions: Positions, part: int, share: int, n: int = 1) -> bool:
    """Whether only changes and other shares of the same part stand between a part and its share."""
    if positions.sentence(share) != positions.sentence(part):
        return False
    asides = ASIDE.findall(positions.text.plain, positions.quantities[part].end, positions.quantities[share].start)
    return n_clauses(positions, part, share) <= n + 2 * (share - part - 1 + len(asides))


def before_it(positions: Positions, labels: Labels, part: int, n_sentences: int) -> int | None:
    """The nearest count before a part that can be its whole; in one sentence one of the same unit: 7项、17个标段,已复工6项、16个标段."""
    found: int | None = None
    for whole in levels_before(labels, part):
        if positions.sentence(part) - positions.sentence(whole) > n_sentences:
            return found
        if found is not None and positions.sentence(whole) != positions.sentence(found):
            return found
        if is_pair(positions, part, whole):
            if positions.quantities[whole].unit == positions.quantities[part].unit:
                return whole
            found = whole if found is None else found
    return found


def is_one_subject(
    positions: Positions, labels: Labels, whole: int, part: int, across: bool = False, elided: bool = False
) -> bool:
    """Whether nothing between a whole and a part begins another subject.

    Args:
        across: whether the next paragraph under the same heading belongs to it.
        elided: whether the part has no words of its own, so that amounts between belong to the subject of the whole.
    """
    between = positions.text.plain[positions.quantities[whole].end : positions.quantities[part].start]
    if re.search(r"其中|另|此外|；|（", between) or between.count("。") > 1:
        return False
    one, other = (positions.text.sentences[positions.sentence(number)] for number in (whole, part))
    if "\n" in between and not (across and one.headings == other.headings):
        return False
    if elided:
        return True
    return all(labels.roles[number] in {Role.OTHER, Role.CHANGE} for number in range(whole + 1, part))


def whole_before_among(positions: Positions, labels: Labels, part: int) -> Iterator[int]:
    """Yield the count before 其中, by whatever name: 支出98240万元。其中,民生支出80242万元,占公共财政预算支出的81.68%."""
    before = next(levels_before(labels, part), None)
    if before is None or not is_pair(positions, part, before):
        return
    between = positions.text.plain[positions.quantities[before].end : positions.quantities[part].start]
    if AMONG.search(between) and between.count("。") <= 1 and "\n" not in between:
        yield before
