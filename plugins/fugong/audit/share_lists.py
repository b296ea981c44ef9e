"""Reads lists of shares of one whole: 投诉类301件,占60.56%;咨询类120件,占24.14%; ….

The whole of such a list may stand far before it. What the shares of a list have in common tells which whole it is: the one
with which most of them agree. A share that does not agree with the whole of its list is wrong by explicit grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content, is_within
from fugong.audit.misprints import is_one_digit_off
from fugong.audit.nearby import has_words_of
from fugong.audit.pairs import is_beside, is_pair, levels_before
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import bounds, is_alike, meet, quotient, ratio, total, value
from fugong.audit.shares import LARGER
from fugong.audit.statements import Reading, Tie
from fugong.audit.wholes import TOTAL, named_among

TOTALLED = re.compile(r"总[数量额]|共有|合计|总计")
N_WHOLES, N_NEAR = 40, 8
ADVERBS = re.compile(r"虽然|但是?|只|仅|也|还|又|就|并|则|而")
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
    last: ShareList | None = None
    agreed: list[int] = []
    unstated: tuple[int, ...] = ()
    for name, members in _lists(positions, labels):
        if len(members) == 1:
            total_ = next((one for one in reversed(agreed) if is_pair(positions, members[0].part, one)), None)
            if "总" in name and total_ is not None:
                reading = Reading((members[0].part, total_), Tie.LIKELY)
                yield ShareList(tuple(members), name, total_, {members[0].share: reading})
            elif last is not None and last.whole is not None and _is_aside(positions, labels, last, members[0]):
                aside = Reading((members[0].part, last.whole), Tie.LIKELY)
                yield ShareList(tuple(members), name, last.whole, {members[0].share: aside})
        else:
            whole, n_agreeing = _whole_of(positions, labels, members)
            nearest = _nearest(positions, labels, members[0], name or named_among(positions, members[0].part))
            readings: dict[int, Reading] = {}
            if nearest is not None and len(name) >= MIN_NAME and any(_agrees(positions, one, nearest) for one in members):
                whole, n_agreeing = nearest, max(2, n_agreeing)  # its name tells it
            added = _added(positions, labels, members) if n_agreeing < 2 and _may_be_all(positions, members) else None
            if added is not None:
                whole = added
                readings = {one.share: Reading((one.part, added), Tie.EXPLICIT) for one in members}
            elif n_agreeing < 2 and _is_all(positions, members) and _follow_from_each_other(positions, members):
                parts = tuple(one.part for one in members)
                whole, readings = None, {one.share: Reading((one.part, *parts), Tie.EXPLICIT) for one in members}
            elif whole is not None and (n_agreeing > 1 or (n_agreeing and _is_named(labels, whole, name))):
                is_first = _is_all(positions, members) and _is_first(positions, labels, members, whole)
                is_sure = n_agreeing >= 2 or is_first  # one that agrees may have a whole of its own: 较大火灾60起,重大火灾5起
                readings = {one.share: Reading((one.part, whole), Tie.EXPLICIT if is_sure else Tie.LIKELY) for one in members}
            elif nearest is not None and _is_total(positions, labels, members, nearest) and _have_one_whole(positions, members):
                readings = {members[0].share: Reading((members[0].part, nearest), Tie.EXPLICIT)}
                whole = nearest
            elif n_agreeing == 0 and _is_all(positions, members) and not _have_one_whole(positions, members):
                parts = tuple(one.part for one in members)
                readings = {one.share: Reading((one.part, *parts), Tie.EXPLICIT) for one in members}
            if whole is not None and n_agreeing >= 2:
                agreed.append(whole)
            elif whole is None and _is_all(positions, members):
                unstated = tuple(one.part for one in members)
            elif whole is None and not readings and unstated and _agree_with_sum(positions, members, unstated):
                readings = {one.share: Reading((one.part, *unstated), Tie.EXPLICIT) for one in members}
            last = ShareList(tuple(members), name, whole, readings)
            yield last


def _added(positions: Positions, labels: Labels, members: Sequence[Member]) -> int | None:
    """The count that the parts of a list add up to, stated shortly before or among them: then it is their whole."""
    parts = [positions.quantities[one.part] for one in members]
    for nth, whole in enumerate(levels_before(labels, members[0].part)):
        if nth >= N_NEAR:
            return None
        is_same = positions.quantities[whole].unit == parts[0].unit and positions.quantities[whole].bound == "exact"
        if is_same and meet(bounds(positions.quantities[whole]), total(parts)):
            return whole
    return None


def _may_be_all(positions: Positions, members: Sequence[Member]) -> bool:
    """Whether the shares of a list add up to 100 %, or would but for one digit."""
    shares_ = [positions.quantities[one.share] for one in members]
    low, high = total(shares_)
    every = [(one, (1 - (high - bounds(one)[1]), 1 - (low - bounds(one)[0]))) for one in shares_]
    return low <= 1 <= high or any(most > 0 and is_one_digit_off(one, (least, most), 1) for one, (least, most) in every)


def _follow_from_each_other(positions: Positions, members: Sequence[Member]) -> bool:
    """Whether all shares of a list are those of its parts in the sum of its parts."""
    every = total([positions.quantities[one.part] for one in members])
    found = [(ratio(bounds(positions.quantities[one.part]), every), bounds(positions.quantities[one.share])) for one in members]
    return len(members) > 2 and all(one is not None and meet(one, stated) for one, stated in found)


def _is_named(labels: Labels, whole: int, name: str) -> bool:
    """Whether a count may have the name of a whole; none is said of 其中 and 占."""
    bare = content(TOTAL.sub("", name))
    return len(bare) < 2 or is_within(bare, labels.of(whole)) or has_words_of(bare, labels.of(whole))


def _agree_with_sum(positions: Positions, members: Sequence[Member], parts: Sequence[int]) -> bool:
    """Whether most shares of a list are those of its parts in a whole that an earlier list parts and the text does not state."""
    every = total([positions.quantities[one] for one in parts])
    found = [(ratio(bounds(positions.quantities[one.part]), every), bounds(positions.quantities[one.share])) for one in members]
    n_agreeing = sum(one is not None and meet(one, stated) for one, stated in found)
    return (
        n_agreeing >= max(2, len(members) - 1)
        and positions.quantities[parts[0]].unit == positions.quantities[members[0].part].unit
    )


def _is_first(positions: Positions, labels: Labels, members: Sequence[Member], whole: int) -> bool:
    """Whether a count is the nearest that can be the whole of a list by its unit and size."""
    parts = [positions.quantities[one.part] for one in members]
    nearest = next(
        (one for one in levels_before(labels, members[0].part) if positions.quantities[one].unit == parts[0].unit), None
    )
    return nearest == whole and value(positions.quantities[whole]) >= max(map(value, parts))


def _is_aside(positions: Positions, labels: Labels, last: ShareList, member: Member) -> bool:
    """Whether a share in the same sentence as a list, of a part of its last part: (其中,65岁及以上19064万人,占13.50%)."""
    previous = last.members[-1]
    is_same = positions.sentence(previous.share) == positions.sentence(member.share) and member.part > previous.share
    is_part = value(positions.quantities[member.part]) < value(positions.quantities[previous.part])
    is_part = is_part or labels.depths[member.part] > labels.depths[previous.part]
    return is_same and is_part and is_alike(positions.quantities[member.part], positions.quantities[previous.part])


def _lists(positions: Positions, labels: Labels) -> Iterator[tuple[str, list[Member]]]:
    name, members = "", list[Member]()
    for share, quantity in enumerate(positions.quantities):
        words = labels.share_words(share) if quantity.unit == "1" and quantity.bound == "exact" else None
        if words is None or words.kind != "part":
            continue
        depth = labels.depths[share]
        part = next((one for one in levels_before(labels, share) if labels.depths[one] <= depth), None)
        if labels.is_in_list_of_shares(share):
            continue
        if part is None or not is_beside(positions, part, share):
            continue
        if labels.is_plan(part) and positions.quantities[part].unit in MEASURED:
            continue  # 计划落实的24件 is a part of what was proposed
        clause = labels.clause_left(share)
        lead = ADVERBS.sub("", content(clause.rpartition("占")[0]))
        has_number = positions.quantities[share - 1].end > positions.quantities[share].start - len(clause)
        if not has_number and len(lead) >= 2 and not is_within(lead, labels.item(part)):
            continue  # 亡203人,火灾起数只占总数的5.4%: the clause of the share has a subject of its own
        own = content(words.whole) + ("总" if "总" in words.whole and "总" not in content(words.whole) else "")
        last = members[-1] if members else None
        is_next = (
            last is not None
            and part > last.share
            and positions.sentence(share) - positions.sentence(last.share) <= (MAX_APART if own else 1)
            and _is_same_list(positions, last, part, own)
            and _is_same_name(own, name)
            and is_alike(positions.quantities[last.part], positions.quantities[part])
            and not _has_new_total(positions, labels, last.share, part)
        )
        if not is_next:
            if members:
                yield name, members
            name, members = own, []
        members.append(Member(part, share))
    if members:
        yield name, members


def _has_new_total(positions: Positions, labels: Labels, share: int, part: int) -> bool:
    """Whether another total stands between two parts: 第三季度船行总数为38433家,填报的为29373家,占总数的76.43%."""
    return any(
        TOTALLED.search(labels.left(one))
        and labels.roles[one] is Role.LEVEL
        and is_pair(positions, part, one)
        and value(positions.quantities[one]) >= value(positions.quantities[part])
        for one in range(share + 1, part)
    )


def _is_same_name(own: str, name: str) -> bool:
    """Whether a later name means the whole of an earlier one: none, 总数, or its first words (西部 for 西部投资总量)."""
    bare, other = TOTAL.sub("", own), TOTAL.sub("", name)
    return bare == other or bare == "" or (other != "" and (other.startswith(bare) or bare.startswith(other)))


def _is_same_list(positions: Positions, last: Member, part: int, own: str) -> bool:
    between = positions.text.plain[positions.quantities[last.share].end : positions.quantities[part].start]
    between = between.replace("；\n", "；")  # an item a line
    return bool(own) or ("。" not in between and "\n" not in between and "其中" not in between)


def _agrees(positions: Positions, member: Member, whole: int) -> bool:
    found = quotient(positions.quantities[member.part], positions.quantities[whole])
    return found is not None and meet(found, bounds(positions.quantities[member.share]))


def _whole_of(positions: Positions, labels: Labels, members: Sequence[Member]) -> tuple[int | None, int]:
    """The count before a list with which most of its shares agree, and how many do."""
    best, most, least = None, 0, Decimal(0)
    for nth, whole in enumerate(levels_before(labels, members[0].part)):
        if nth > N_WHOLES:
            break
        if is_alike(positions.quantities[whole], positions.quantities[members[0].part]):
            n_agreeing = sum(_agrees(positions, one, whole) for one in members)
            off = sum((_off(positions, one, whole) for one in members), Decimal(0))
            if n_agreeing > most or (n_agreeing == most > 0 and off < least):
                best, most, least = whole, n_agreeing, off
    return best, most


def _off(positions: Positions, member: Member, whole: int) -> Decimal:
    """How far a share lies from that of its part in a whole."""
    return abs(
        value(positions.quantities[member.part]) / value(positions.quantities[whole]) - value(positions.quantities[member.share])
    )


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
