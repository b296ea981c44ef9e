"""Reads lists of shares of one whole: 投诉类301件,占60.56%;咨询类120件,占24.14%; ….

The whole of such a list may stand far before it. What the shares of a list have in common tells which whole it is: the one
with which most of them agree. A share that does not agree with the whole of its list is wrong by explicit grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fugong.audit.labels import Labels, content, is_within
from fugong.audit.positions import Positions
from fugong.audit.remarks import bounds, is_alike, meet, quotient, total, value
from fugong.audit.shares import LARGER, TOTAL, is_beside, levels_before
from fugong.audit.statements import Reading, Tie

N_WHOLES = 40
MIN_NAME = 4
"""A name of so many characters tells the whole, even where other counts stand nearer."""
N_SENTENCES = 8
MAX_APART = 3
"""Sentences between two shares of a list, at most."""


@dataclass(frozen=True)
class Member:
    """A part of a list and its share, by their indexes."""

    part: int
    share: int


@dataclass(frozen=True)
class ShareList:
    """Parts with their shares of one whole.

    Attributes:
        name: the words for the whole, as written between 占 and 的; empty where there are none.
        whole: the index of the whole; None where the text states none.
    """

    members: tuple[Member, ...]
    name: str
    whole: int | None
    readings: Mapping[int, Reading]
    """The tied reading of each share."""


def share_lists(positions: Positions, labels: Labels) -> Iterator[ShareList]:
    """Yield the lists of two and more shares of one whole."""
    for name, members in _lists(positions, labels):
        if len(members) >= 2:
            whole, n_agreeing = _whole_of(positions, labels, members)
            nearest = _nearest(positions, labels, members[0], name)
            readings: dict[int, Reading] = {}
            if whole is not None and n_agreeing:
                is_sure = n_agreeing >= 2 or whole == nearest
                readings = {one.share: Reading((one.part, whole), Tie.EXPLICIT if is_sure else Tie.LIKELY) for one in members}
            elif nearest is not None and _is_total(positions, labels, members, nearest) and _have_one_whole(positions, members):
                readings = {members[0].share: Reading((members[0].part, nearest), Tie.EXPLICIT)}
                whole = nearest
            elif n_agreeing == 0 and _is_all(positions, members) and not _have_one_whole(positions, members):
                parts = tuple(one.part for one in members)
                readings = {one.share: Reading((one.part, *parts), Tie.EXPLICIT) for one in members}
            yield ShareList(tuple(members), name, whole, readings)


def _lists(positions: Positions, labels: Labels) -> Iterator[tuple[str, list[Member]]]:
    name, members = "", list[Member]()
    for share, quantity in enumerate(positions.quantities):
        words = labels.share_words(share) if quantity.unit == "1" and quantity.bound == "exact" else None
        if words is None or words.kind != "part":
            continue
        depth = labels.depths[share]
        part = next((one for one in levels_before(labels, share) if labels.depths[one] <= depth), None)
        if part is None or not is_beside(positions, part, share) or labels.is_plan(part):
            continue
        own = content(words.whole)
        last = members[-1] if members else None
        is_next = (
            last is not None
            and part > last.share
            and positions.sentence(share) - positions.sentence(last.share) <= (MAX_APART if own else 1)
            and _is_same_list(positions, last, part, own)
            and (own == "" or is_within(own, name) or (name != "" and is_within(name, own)))
            and is_alike(positions.quantities[last.part], positions.quantities[part])
        )
        if not is_next:
            if members:
                yield name, members
            name, members = own, []
        members.append(Member(part, share))
    if members:
        yield name, members


def _is_same_list(positions: Positions, last: Member, part: int, own: str) -> bool:
    between = positions.text.plain[positions.quantities[last.share].end : positions.quantities[part].start]
    return bool(own) or ("。" not in between and "\n" not in between and "其中" not in between)


def _agrees(positions: Positions, member: Member, whole: int) -> bool:
    found = quotient(positions.quantities[member.part], positions.quantities[whole])
    return found is not None and meet(found, bounds(positions.quantities[member.share]))


def _whole_of(positions: Positions, labels: Labels, members: Sequence[Member]) -> tuple[int | None, int]:
    """The count before a list with which most of its shares agree, and how many do."""
    best, most = None, 0
    for nth, whole in enumerate(levels_before(labels, members[0].part)):
        if nth > N_WHOLES:
            break
        if is_alike(positions.quantities[whole], positions.quantities[members[0].part]):
            n_agreeing = sum(_agrees(positions, one, whole) for one in members)
            if n_agreeing > most:
                best, most = whole, n_agreeing
    return best, most


def _nearest(positions: Positions, labels: Labels, first: Member, name: str) -> int | None:
    """The nearest count before a list that can be its whole by its words."""
    bare = content(TOTAL.sub("", name))
    is_telling = len(bare) >= MIN_NAME
    for whole in levels_before(labels, first.part):
        if positions.sentence(first.part) - positions.sentence(whole) > (N_SENTENCES if is_telling else 2):
            return None
        if is_alike(positions.quantities[whole], positions.quantities[first.part]):
            if is_within(bare, labels.of(whole)):
                return whole
            if not is_telling:
                return None
    return None


def _is_total(positions: Positions, labels: Labels, members: Sequence[Member], whole: int) -> bool:
    """Whether a count is larger than all parts of a list, and its words or 其中 say that it is their whole."""
    quantities = positions.quantities
    between = positions.text.plain[quantities[whole].end : quantities[members[0].part].start]
    is_said = "其中" in between or LARGER.search(labels.left(whole)) is not None
    return is_said and all(value(quantities[one.part]) <= value(quantities[whole]) for one in members)


def _is_all(positions: Positions, members: Sequence[Member]) -> bool:
    """Whether the shares of a list add up to 100 %."""
    low, high = total([positions.quantities[one.share] for one in members])
    return low <= 1 <= high


def _have_one_whole(positions: Positions, members: Sequence[Member]) -> bool:
    """Whether all shares of a list follow from one whole, which the text need not state."""
    least, most = Decimal(0), Decimal("Infinity")
    for one in members:
        found = quotient(positions.quantities[one.part], positions.quantities[one.share])
        if found is None:
            return False
        least, most = max(least, found[0]), min(most, found[1])
    return least <= most
