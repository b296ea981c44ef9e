"""Reads increments that add up: 全年累计增加5171亿元。其中,轻工业累计增加147亿元…;重工业累计增加5024亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.changes import is_down
from fugong.audit.labels import Labels, Role, content
from fugong.audit.misprints import looks_misprinted
from fugong.audit.opposites import are_opposite
from fugong.audit.positions import Positions
from fugong.audit.remarks import bounds, is_alike, is_count, meet, total
from fugong.audit.statements import Claim, Kind, Reading, Tie

AMONG = re.compile(r"其中")
FROM_YEAR = re.compile(r"同比|比上年|较上年|多增|少增")
MAX_BETWEEN = 12
MIN_VERB = 2


def sums_of_changes(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each increment whose parts follow 其中 with the same verb."""
    for whole, quantity in enumerate(positions.quantities):
        if labels.roles[whole] is not Role.CHANGE or not is_count(quantity):
            continue
        parts = _parts(positions, labels, whole)
        if len(parts) < 2:
            continue
        if meet(bounds(quantity), total([positions.quantities[one] for one in parts])):
            yield Claim(Kind.SUM, whole, (Reading(tuple(parts)),))
        elif (len(parts) > 2 or are_opposite(labels.item(parts[0]), labels.item(parts[1]))) and looks_misprinted(
            positions, whole, parts
        ):
            yield Claim(Kind.SUM, whole, (Reading(tuple(parts), Tie.LIKELY),))


def _parts(positions: Positions, labels: Labels, whole: int) -> list[int]:
    """The increments after a whole with its verb and its base, until the sentence of the list ends."""
    plain, verb = positions.text.plain, content(labels.left(whole))[-MIN_VERB:]
    is_since = FROM_YEAR.search(labels.left(whole)) is not None
    opened = AMONG.search(plain, positions.quantities[whole].end, positions.quantities[whole].end + 40)
    if opened is None or len(verb) < MIN_VERB:
        return []
    close = plain.find("。", opened.end())
    close = len(plain) if close < 0 else close
    return [
        one
        for one in range(whole + 1, min(whole + MAX_BETWEEN, len(positions.quantities)))
        if opened.end() <= positions.quantities[one].start < close
        and labels.roles[one] is Role.CHANGE
        and is_alike(positions.quantities[one], positions.quantities[whole])
        and content(labels.left(one)).endswith(verb)
        and (FROM_YEAR.search(labels.left(one)) is not None) in {is_since, False}
        and is_down(labels.left(one)) == is_down(labels.left(whole))
    ]
