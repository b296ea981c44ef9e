"""Holds shares that nothing else explains against the whole of which other shares of the text are.

A text on fires divides one number of fires again and again, and one number of deaths in between. Where two shares follow from the same whole,
a further share of a total counted in the same things is of that whole, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fugong.audit.labels import Labels, content
from fugong.audit.named_lists import named_count, names_of
from fugong.audit.pairs import is_pair
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, value
from fugong.audit.shares import parts_of
from fugong.audit.statements import Claim, Kind, Reading, Tie
from fugong.audit.verify import verify
from fugong.audit.wholes import TOTAL

RATIO = re.compile(r"所?占|比重|比例|份额")
MIN_NAME = 3
N_SHARES = 2
"""So many shares make a whole one that the text divides."""


def of_common_wholes(positions: Positions, labels: Labels, claims: Sequence[Claim], found: Sequence[Remark]) -> Iterator[Remark]:
    """Yield a remark for each share of a total that has none yet: it agrees, or is doubted where a slip of the pen explains it."""
    agreed = [
        one.quantities for one in found if one.code == Kind.SHARE.value and one.verdict == AGREES and len(one.quantities) == 3
    ]
    wholes = {
        whole for _, _, whole in agreed
        if len({share for share, _, other in agreed if positions.quantities[other].value == positions.quantities[whole].value}) >= N_SHARES
    }  # fmt: skip
    by_name = {(content(name), whole) for share, _, whole in agreed if (name := labels.share_words(share).whole)}
    judged = {one.quantities[0] for one in found if one.quantities}
    parts = {claim.number: claim.readings[0].terms[0] for claim in claims if claim.kind is Kind.SHARE}
    for share, quantity in enumerate(positions.quantities):
        if share in judged or quantity.unit != "1" or quantity.bound != "exact" or not 0 < value(quantity) < 1:
            continue
        words = labels.share_words(share)
        part = parts.get(share, next(iter(parts_of(positions, labels, share)), None))
        if words.kind != "part" or part is None:
            continue
        of_name = {whole for name, whole in by_name if name == content(words.whole)}
        meant = {whole for whole in wholes if _is_meant(labels, words.whole, whole)} | of_name
        for whole in sorted(meant, key=lambda one: abs(share - one)):
            if not is_pair(positions, part, whole):
                continue
            remark = verify(positions, labels, Claim(Kind.SHARE, share, (Reading((part, whole), Tie.LIKELY),)))
            if remark is not None:
                yield replace(remark, verdict=SUSPICION) if remark.verdict == CONTRADICTION else remark
                break


def of_confirmed_sums(positions: Positions, labels: Labels, found: Sequence[Remark]) -> Iterator[Remark]:
    """Yield a remark for each share without a name of its whole whose part adds up with others to one: 基础研究经费2023.5亿元…,所占比重为6.6%."""
    wholes = {
        part: one.quantities[0]
        for one in found
        if one.code == Kind.SUM.value and one.verdict == AGREES
        for part in one.quantities[1:]
    }
    judged = {one.quantities[0] for one in found if one.code == Kind.SHARE.value and one.quantities}
    for share, quantity in enumerate(positions.quantities):
        words = labels.share_words(share)
        if share in judged or quantity.unit != "1" or words.kind != "part" or content(TOTAL.sub("", words.whole)):
            continue
        part = _named_part(positions, labels, share)
        whole = None if part is None else wholes.get(part)
        if part is not None and whole is not None:
            remark = verify(positions, labels, Claim(Kind.SHARE, share, (Reading((part, whole), Tie.LIKELY),)))
            if remark is not None:
                yield replace(remark, verdict=SUSPICION) if remark.verdict == CONTRADICTION else remark


def _named_part(positions: Positions, labels: Labels, share: int) -> int | None:
    """The count before a share that has the words before 占比 or 所占比重, in a list those at its place."""
    first, n = labels.place_in_list(share)
    said = RATIO.split(labels.clause_left(first))[0]
    names = names_of(said) if n > 1 else [content(said)]
    name = names[share - first] if len(names) == n else ""
    return (
        named_count(positions, labels, first, name)
        if len(name) >= MIN_NAME
        else next(iter(parts_of(positions, labels, share)), None)
    )


def _is_meant(labels: Labels, name: str, whole: int) -> bool:
    """Whether a total without a name, or with words of the whole's label, is meant."""
    bare = content(TOTAL.sub("", name))
    return not bare or any(bare[at : at + 2] in labels.of(whole) for at in range(max(1, len(bare) - 1)))
