"""Reads shares of several counts in one list: 39.1万起、亡645人,占总数的59.1%和48.7%: as many parts as shares, in one order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from fugong.audit.labels import Labels
from fugong.audit.pairs import is_pair, levels_before
from fugong.audit.positions import Positions
from fugong.audit.remarks import bounds, meet, quotient, value
from fugong.audit.statements import Reading, Tie

N_WHOLES, N_NEAR = 40, 8
MIN_DIGITS = 3
"""A share of so many digits tells its whole."""


def in_list(positions: Positions, labels: Labels, share: int) -> Iterator[Reading]:
    """Yield the readings of one share of a list."""
    first, n_shares = labels.place_in_list(share)
    parts = list(itertools.islice(levels_before(labels, first), n_shares))[::-1]
    if len(parts) < n_shares or any(positions.sentence(part) != positions.sentence(share) for part in parts):
        return
    part = parts[share - first]
    if (whole := _whole_of_others(positions, labels, parts, first, share)) is not None:
        yield Reading((part, whole), Tie.EXPLICIT)
        return
    for nth, whole in enumerate(one for one in levels_before(labels, parts[0]) if is_pair(positions, part, one)):
        if nth < N_WHOLES:
            yield Reading((part, whole))


def _whole_of_others(positions: Positions, labels: Labels, parts: Sequence[int], first: int, share: int) -> int | None:
    """The count with which another share of a list agrees, where that share has digits enough to tell."""
    others = [
        (part, first + nth)
        for nth, part in enumerate(parts)
        if first + nth != share and len(positions.quantities[first + nth].digits) >= MIN_DIGITS
    ]
    units = {positions.quantities[one].unit for one in parts}
    every = [(part, first + nth) for nth, part in enumerate(parts) if first + nth != share]
    if len(units) > 1:
        return _twin_of_whole(positions, labels, parts, others, parts[share - first])
    largest = max(value(positions.quantities[one]) for one in parts)
    for nth, whole in enumerate(one for one in levels_before(labels, parts[0]) if is_pair(positions, parts[0], one)):
        if nth >= N_NEAR:
            return None
        if value(positions.quantities[whole]) < largest:
            continue
        if any(_agrees(positions, part, whole, other) for part, other in others):
            return whole
        if len(every) > 1 and all(_agrees(positions, part, whole, other) for part, other in every):
            return whole
    return None


def _agrees(positions: Positions, part: int, whole: int, share: int) -> bool:
    found = quotient(positions.quantities[part], positions.quantities[whole])
    return found is not None and meet(found, bounds(positions.quantities[share]))


def _twin_of_whole(
    positions: Positions, labels: Labels, parts: Sequence[int], others: Sequence[tuple[int, int]], part: int
) -> int | None:
    """930套/76458平方米;其中新房535套/53555平方米,占57.53%和70.04%: the second of two counts has the second of two wholes."""
    for other, share in others:
        for whole in itertools.islice((one for one in levels_before(labels, parts[0]) if is_pair(positions, other, one)), N_NEAR):
            twin = whole + part - other
            found = quotient(positions.quantities[other], positions.quantities[whole])
            is_twin = twin < parts[0] and positions.sentence(twin) == positions.sentence(whole) and is_pair(positions, part, twin)
            if is_twin and found is not None and meet(found, bounds(positions.quantities[share])):
                return twin
    return None
