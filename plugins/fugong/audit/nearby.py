"""Finds wholes that words only suggest: a share that agrees with none of them may be misprinted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fugong.audit.labels import Labels, Role, ShareWords, content, is_within
from fugong.audit.pairs import is_beside, is_pair, levels_before
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import value
from fugong.audit.statements import Reading, Tie
from fugong.audit.wholes import OF_AREA, TOTAL, named_among

N_SENTENCES, N_WHOLES, N_EXCHANGED, N_FAR, N_NAMED, MIN_DIGITS = 16, 20, 3, 40, 40, 3
MIN_SHARED = 2
COUNT_OF = re.compile(r"(?<=..)(?:[人件户家个项起]数?|数)$")
"""What the name of a whole says beyond the words of its count."""
DONE = re.compile(r"已|累计|全部完成")
PLANNED = re.compile(r"计划|目标|任务|预算")
LARGER = re.compile(r"共|总|合计|收到|受理|累计|年末|实有|拥有|全部")


def nearby(
    positions: Positions, labels: Labels, share: int, parts: Sequence[int], words: ShareWords, is_listed: bool = False
) -> Iterator[Reading]:
    """Yield the count that shares most words with a part and with the name of its whole, and the nearest one.

    Args:
        is_listed: whether the shares of several parts follow them.
    """
    words = with_name(positions, labels, share, words)
    for part in parts:
        if not words.whole and words.kind == "part":
            words = replace(words, whole=named_among(positions, part))
        if not is_listed and not is_beside(positions, part, share, 2):
            return
        if words.kind == "rate" and words.verb[-2:] not in labels.of(part):
            return
        period = period_of(positions, part)
        own = content(words.whole)
        wholes = [
            one
            for one in levels_before(labels, part)
            if positions.sentence(part) - positions.sentence(one)
            <= (N_SENTENCES if content(labels.subject(one)) != own else N_NAMED)
            and is_pair(positions, part, one)
            and (PLANNED.search(labels.left(one)) is not None if words.kind == "plan" else not labels.is_plan(one))
            and positions.quantities[one].bound != "floor"
            and not (words.kind == "rate" and DONE.search(labels.left(one)) and words.verb[-2:] in labels.left(one))
            and (words.kind == "plan" or period.may_be(period_of(positions, one)))
        ][:N_WHOLES]
        if words.kind == "part":
            wholes = [one for one in wholes if not _is_sibling(positions, labels, one, own)]
        if not wholes:
            return
        scores = [_shared(labels, part, one, words) for one in wholes]
        bare = OF_AREA.sub("", content(TOTAL.sub("", own)))
        exact = next((nth for nth, one in enumerate(wholes) if len(bare) > 1 and content(labels.subject(one)) == bare), None)
        best = max(range(len(wholes)), key=lambda nth: (scores[nth], -nth)) if exact is None else exact
        if scores[best] >= MIN_SHARED:
            yield Reading((part, wholes[best]), Tie.NAMED)
        yield from (Reading((part, one), Tie.NEAR) for one in wholes[:N_EXCHANGED])
        if words.kind == "part" and len(positions.quantities[share].digits) >= MIN_DIGITS:
            yield from (Reading((part, one), Tie.NEAR) for one in _totals(positions, labels, part))


def stated_later(positions: Positions, labels: Labels, share: int, part: int, bare: str) -> Iterator[Reading]:
    """Yield the counts after a share that have the name of its whole: 复核3689人,占不捕人数的2.4%。…不捕156877人."""
    name = COUNT_OF.sub("", bare)
    for whole in range(share + 1, len(positions.quantities)) if len(name) >= MIN_SHARED else ():
        if labels.roles[whole] is Role.LEVEL and is_pair(positions, part, whole) and is_within(name, labels.item(whole)):
            if name == content(labels.left(whole)) and value(positions.quantities[whole]) > value(positions.quantities[part]):
                yield Reading((part, whole), Tie.NAMED)
            yield Reading((part, whole))


def _is_sibling(positions: Positions, labels: Labels, count: int, name: str) -> bool:
    """Whether a count is a part itself, with a share of a whole that has no other name: 102亿元,占78.4%;46.4亿元,占35.7%."""
    for share in range(count + 1, min(count + 4, len(positions.quantities))):
        if labels.roles[share] is not Role.OTHER or not is_beside(positions, count, share, 2):
            if labels.roles[share] is Role.CHANGE:
                continue
            return False
        words = labels.share_words(share)
        if words.kind == "part":
            return not content(words.whole) or not name or content(words.whole) == name
    return False


def _totals(positions: Positions, labels: Labels, part: int) -> Iterator[int]:
    """The totals far before a part that are less than it: they may have changed places."""
    for nth, one in enumerate(levels_before(labels, part)):
        if nth > N_FAR:
            return
        is_less = is_pair(positions, part, one) and value(positions.quantities[one]) < value(positions.quantities[part])
        if is_less and LARGER.search(labels.left(one)):
            yield one


def with_name(positions: Positions, labels: Labels, share: int, words: ShareWords) -> ShareWords:
    """The words of a share with the name of its whole, which an earlier share of its list may say: 占总数的59%;…占23%."""
    if words.whole or words.kind != "part":
        return words
    here = positions.text.sentences[positions.sentence(share)].paragraph
    for one in range(share - 1, max(-1, share - N_WHOLES), -1):
        if positions.text.sentences[positions.sentence(one)].paragraph != here:
            break
        if positions.quantities[one].unit == "1" and (earlier := labels.share_words(one)).kind == "part" and earlier.whole:
            return earlier
    return words


def _shared(labels: Labels, part: int, whole: int, words: ShareWords) -> int:
    """How many pairs of characters a whole shares with its name, or with its part where it has none; a word of totals counts a half."""
    said, name = _pairs(content(labels.subject(whole))), _pairs(content(words.whole))
    if name:
        return 4 * len(said & name) - len(said - name) + (LARGER.search(labels.left(whole)) is not None)
    return 2 * len(said & _pairs(content(labels.left(part)))) + (LARGER.search(labels.left(whole)) is not None)


def has_words_of(name: str, label: str) -> bool:
    """Whether half of the pairs of characters of a name stand in a label."""
    return 2 * len(_pairs(name) & _pairs(content(label))) >= len(_pairs(name)) > 0


def _pairs(label: str) -> set[str]:
    return {label[at : at + 2] for at in range(len(label) - 1)}
