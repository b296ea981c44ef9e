"""Reads a list of shares whose parts are named in it and stand before it: 商业、住宅和工业用地占供应总量的比例分别为4%、14%、25%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fugong.audit.joint_shares import NUMBERS
from fugong.audit.labels import LINK, Labels, common, content
from fugong.audit.misprints import is_one_digit_off
from fugong.audit.pairs import is_pair, levels_before
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import adds_up, bounds, total, value
from fugong.audit.statements import Reading, Tie
from fugong.audit.wholes import TOTAL

LIST = re.compile(
    r"(?P<names>[^占]{3,80}?)占(?P<whole>[^，。；：占]{2,24}?)(?:的?(?:比[重例]|份额))?(?:依次|分别)(?:约?为|达到?|是)?$"
    r"|(?P<n>[两二三四五六])[类种项个大者][^，。；：占\d]{0,8}?(?:依次|分别)(?:约)?占(?P<all>[^，。；：占]{2,24}?)(?:的(?:比[重例])?)?(?:约?为)?$"
)
OPEN_LIST = re.compile(
    r"(?P<parts>[^占]{3,80}?)(?:所?占)?(?:的?(?:比[重例]|份额))(?:依次|分别)(?:约?为|达到?|是)?$"
    r"|(?P<listed>[^占]{3,80}?)(?:依次|分别)(?:约)?占(?P<total>[^，。；：占]{0,24}?)(?:的(?:比[重例]|份额)?)?(?:约?为)?$"
)
"""Lists that may name no whole: 东、中、西部地区所占比重分别为85.3%、8.2%和6.6%."""
SIGNS = re.compile(r"[、和与及以]+")
N_SENTENCES = 8
MIN_NAME, MIN_COMMON, MIN_BEGINNING = 2, 3, 4


def of_named_list(positions: Positions, labels: Labels, share: int) -> Iterator[Reading]:
    """Yield the reading of one share of a list: the count before it whose words hold the name, and the count that the list names as the whole.

    All names of the list must be found, each at another count of one unit; or the list says how many there are: 三类用地分别占….
    """
    first, n_shares = labels.place_in_list(share)
    clause = labels.clause_left(first)
    found, said, name = LIST.search(clause), "", ""
    if found is not None:
        said, name = found["names"] or "", found["whole"] or found["all"]
    elif open_ := OPEN_LIST.search(clause):
        said, name = open_["parts"] or open_["listed"], open_["total"] or ""
    else:
        return
    if said:
        names = names_of(said)
        is_list = len(names) == n_shares and all(len(one) >= MIN_NAME for one in names)
        parts = [named_count(positions, labels, first, one) for one in names] if is_list else []
    else:
        n = NUMBERS[found["n"]] if found is not None else 0
        parts = _last_list(positions, labels, first, n_shares) if n == n_shares else []
    known = [part for part in parts if part is not None]
    if len(set(known)) < n_shares or not all(_is_like(positions, known[0], part) for part in known):
        return
    bare = content(TOTAL.sub("", name))
    largest = max(value(positions.quantities[part]) for part in known)
    wholes = [
        whole
        for whole in levels_before(labels, first)
        if positions.sentence(first) - positions.sentence(whole) <= N_SENTENCES
        and is_pair(positions, known[0], whole)
        and whole not in known
        and len(bare) >= MIN_NAME
        and (bare in (label := content(labels.subject(whole))) or common(bare, label) >= MIN_COMMON)
    ]
    larger = [whole for whole in wholes if value(positions.quantities[whole]) >= largest]
    if wholes:
        yield Reading((known[share - first], (larger or wholes)[0]), Tie.LIKELY)
        return
    whole = next((one for one in levels_before(labels, known[0]) if adds_up(positions, one, known)), None)
    if whole is not None and len(known) > MIN_NAME:
        yield Reading((known[share - first], whole), Tie.LIKELY)
    shares = [positions.quantities[one] for one in range(first, first + n_shares)]
    low, high = total(shares)
    if low <= 1 <= high or _may_be_all(shares):
        yield Reading((known[share - first], *known), Tie.LIKELY if low <= 1 <= high else Tie.POSSIBLE)


def names_of(said: str) -> list[str]:
    """The names of a list; the noun of the last one is that of all: 东、中、西部地区."""
    names = [content(name) for name in SIGNS.split(said.removesuffix("所"))]
    last = names[-1]
    return [name + last[1:] if len(name) == 1 and len(last) > 1 else name for name in names]


def _may_be_all(shares: Sequence[Quantity]) -> bool:
    """Whether shares would make 100 % if one digit of one were another."""
    low, high = total(shares)
    return any(is_one_digit_off(one, (1 - (high - bounds(one)[1]), 1 - (low - bounds(one)[0])), 1) for one in shares)


def _is_like(positions: Positions, one: int, other: int) -> bool:
    return is_pair(positions, one, other) and period_of(positions, one).may_be(period_of(positions, other))


def _last_list(positions: Positions, labels: Labels, before: int, n: int) -> list[int | None]:
    """The last list of exactly so many counts before a share: 分别供应8.15万公顷、5.97万公顷、12.69万公顷."""
    run: list[int] = []
    for one in levels_before(labels, before):
        if positions.sentence(before) - positions.sentence(one) > MIN_COMMON:
            return []
        is_linked = not run or LINK.fullmatch(
            positions.text.plain, positions.quantities[one].end, positions.quantities[run[-1]].start
        )
        if not is_linked:
            if len(run) == n:
                break
            run = []
        run.append(one)
    return [*run[::-1]] if len(run) == n else []


def named_count(positions: Positions, labels: Labels, before: int, name: str) -> int | None:
    """The nearest count before a list whose words hold a name, or its beginning: the last name of a list bears the noun of all."""
    for n in range(len(name), max(MIN_NAME, min(len(name) - 4, MIN_BEGINNING)) - 1, -1):
        for one in levels_before(labels, before):
            if positions.sentence(before) - positions.sentence(one) > N_SENTENCES:
                break
            if name[:n] in content(labels.left(one)):
                return one
    return None
