"""Compares shares of one whole that the text does not state: 2.85亿,占网民整体的30.4%;6.54亿,占网民整体的69.6%. All must tell the same whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fugong.audit.labels import Labels, content
from fugong.audit.misprints import is_one_digit_off, n_digits
from fugong.audit.pairs import is_beside, levels_before
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Interval, Remark, bounds, meet, ratio, value
from fugong.audit.shares import parts_of
from fugong.audit.statements import Kind
from fugong.core.bilingual import Bilingual

MIN_NAME, MIN_DIGITS, N_SENTENCES = 2, 2, 3
SURE = 3
"""So many shares that tell one whole refute another one."""


@dataclass(frozen=True)
class Member:
    """A part and its share by their indexes, and the whole that follows from them."""

    part: int
    share: int
    whole: Interval


def unstated_wholes(positions: Positions, labels: Labels, found: Sequence[Remark]) -> Iterator[Remark]:
    """Yield a remark for the shares of each group that tell one whole, and for each that tells another."""
    settled = {one.quantities[0] for one in found if one.code == Kind.SHARE.value and one.quantities}
    for members in _groups(positions, labels):
        if len(members) > 1 and not any(one.share in settled for one in members):
            yield from _judged(positions, members)


def _groups(positions: Positions, labels: Labels) -> Iterator[list[Member]]:
    """Yield the shares that name the same whole, one shortly after the other."""
    groups: dict[tuple[str, str], list[Member]] = {}
    for share, quantity in enumerate(positions.quantities):
        if quantity.unit != "1" or quantity.bound != "exact" or not 0 < value(quantity) < 1 or n_digits(quantity) < MIN_DIGITS:
            continue
        words = labels.share_words(share)
        name, part = content(words.whole), _part_of(positions, labels, share)
        is_named = len(name) >= MIN_NAME or labels.place_in_list(share)[1] > MIN_NAME
        if words.kind != "part" or not is_named or part is None:
            continue
        whole = ratio(bounds(positions.quantities[part]), bounds(quantity))
        key = name or f"{labels.place_in_list(share)[0]}", positions.quantities[part].unit
        if whole is None or positions.quantities[part].bound != "exact":
            continue
        last = groups.get(key)
        if last and positions.sentence(share) - positions.sentence(last[-1].share) > N_SENTENCES:
            yield groups.pop(key)
        groups.setdefault(key, []).append(Member(part, share, whole))
    yield from groups.values()


def _part_of(positions: Positions, labels: Labels, share: int) -> int | None:
    """The count right before a share, or the one at its place in a list of as many."""
    first, n = labels.place_in_list(share)
    if n > 1:
        parts = list(itertools.islice(levels_before(labels, first), n))[::-1]
        is_list = len(parts) == n and positions.sentence(parts[0]) == positions.sentence(share)
        is_one_unit = len({positions.quantities[one].unit for one in parts}) == 1
        return parts[share - first] if is_list and is_one_unit else None
    part = next(iter(parts_of(positions, labels, share)), None)
    return part if part is not None and is_beside(positions, part, share) else None


def _judged(positions: Positions, members: Sequence[Member]) -> Iterator[Remark]:
    best = max(members, key=lambda one: sum(meet(one.whole, other.whole) for other in members))
    agreeing = [one for one in members if meet(one.whole, best.whole)]
    others = [one for one in members if one not in agreeing]
    if len(agreeing) > 1:
        for one in agreeing:
            share, part = positions.quantities[one.share], positions.quantities[one.part]
            message = Bilingual(
                f"{share.text} 与 {part.text} 推得的总数与旁边各项一致。",
                f"{share.text} and {part.text} tell the same whole as the shares beside them.",
            )
            yield Remark(Kind.SHARE.value, AGREES, share.start, (one.share, one.part), message)
    elif len(members) > 2 or not _is_slip(positions, *members):
        return
    for one in others:
        share, part = positions.quantities[one.share], positions.quantities[one.part]
        message = Bilingual(
            f"{share.text} 与 {part.text} 推得的总数与旁边同一总数的各项不一致。",
            f"{share.text} and {part.text} tell another whole than the shares of the same whole beside them.",
        )
        yield Remark(
            Kind.SHARE.value, CONTRADICTION if len(agreeing) >= SURE else SUSPICION, share.start, (one.share, one.part), message
        )


def _is_slip(positions: Positions, first: Member, second: Member) -> bool:
    """Whether two shares would tell one whole if one digit of one number were another."""
    for one, other in ((first, second), (second, first)):
        (low, high), share, part = other.whole, bounds(positions.quantities[one.share]), bounds(positions.quantities[one.part])
        needed_part, needed_share = (share[0] * low, share[1] * high), (part[0] / high, part[1] / low)
        if is_one_digit_off(positions.quantities[one.part], needed_part, 2) or is_one_digit_off(
            positions.quantities[one.share], needed_share, 2
        ):
            return True
    return False
