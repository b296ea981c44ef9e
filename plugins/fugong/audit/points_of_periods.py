"""Checks differences in points from the rate of another period, which the text tells, too: 一季度增长8.1%…上半年增长9.3%,增速比一季度加快1.2个百分点."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.labels import Labels
from fugong.audit.periods import NAMED, period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, SUSPICION, Interval, Remark, bounds, meet
from fugong.audit.ways_in_words import subject_of
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

MOVED = re.compile(
    r"(?:[比较])(?P<base>上年|去年|[一二三]季度|上半年|前三季度|(?P<first>1)[-—～至](?P<last>\d{1,2})月份?)(?:同期)?(?P<way>提高|加快|上升|扩大|回升|高|快|回落|放缓|下降|降低|收窄|低|慢)(?:了|出)?$"
)
LESS = re.compile(r"回落|放缓|下降|降低|收窄|低|慢")
DOWN = re.compile(r"(?:下降|减少|降低|回落|负增长)了?$")
LAST_YEAR = re.compile(r"(?:上年|去年)(?!同期)")
N_SENTENCES = 10
HUNDRED = Decimal(100)


def points_of_periods(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each difference whose two rates have one name and the periods that it says."""
    for number, quantity in enumerate(positions.quantities):
        found = MOVED.search(positions.left(number)) if quantity.unit == "百分点" and quantity.bound == "exact" else None
        own = next((one for one in range(number - 1, max(-1, number - 4), -1) if positions.quantities[one].unit == "1"), None)
        if found is None or own is None or positions.sentence(own) != positions.sentence(number) or labels.depths[own]:
            continue
        name = _name(positions, labels, own)
        bases = [
            one
            for one, other in enumerate(positions.quantities)
            if other.unit == "1"
            and other.bound == "exact"
            and one != own
            and abs(positions.sentence(one) - positions.sentence(number)) <= N_SENTENCES
            and labels.share_words(one).kind == labels.share_words(own).kind
            and len(name) > 2
            and _name(positions, labels, one) == name
            and _is_of(positions, one, own, found)
        ]
        if len({positions.quantities[one].value for one in bases}) == 1 and positions.quantities[own].bound == "exact":
            yield _judged(positions, labels, number, own, bases[0], LESS.fullmatch(found["way"]) is not None)


def _name(positions: Positions, labels: Labels, rate: int) -> str:
    return re.sub("^(?:上年|去年|上半年|全年|[一二三]季度)", "", subject_of(positions, labels, rate))


def _is_of(positions: Positions, one: int, own: int, found: re.Match[str]) -> bool:
    """Whether a rate is of the period that a difference names."""
    told, mine = period_of(positions, one), period_of(positions, own)
    if found["base"] in {"上年", "去年"}:
        start = positions.sentence_starts[positions.sentence(one)]
        said = positions.text.plain[start : positions.quantities[one].start]
        is_last = LAST_YEAR.search(said) is not None and not re.search("[比较]", said)
        is_year = told.year is not None and mine.year is not None and told.year == mine.year - 1
        return is_last or (is_year and told.months == mine.months)
    months = (1, int(found["last"])) if found["last"] else NAMED.get(found["base"])
    is_one_year = None in (told.year, mine.year) or told.year == mine.year
    return is_one_year and told.months == months != mine.months


def _signed(positions: Positions, labels: Labels, number: int) -> Interval:
    low, high = bounds(positions.quantities[number])
    return (-high, -low) if DOWN.search(labels.left(number)) or labels.left(number).endswith(("-", "—")) else (low, high)


def _judged(positions: Positions, labels: Labels, number: int, own: int, base: int, is_less: bool) -> Remark:
    (low, high), (least, most) = _signed(positions, labels, own), _signed(positions, labels, base)
    difference = (least - high, most - low) if is_less else (low - most, high - least)
    stated, one, other = (positions.quantities[each] for each in (number, own, base))
    by, agrees = plain(half_up((difference[0] + difference[1]) / 2 * HUNDRED, 2)), meet(difference, bounds(stated))
    message = Bilingual(
        f"{stated.text} {'相符' if agrees else '可能不符'}:{one.text} 与 {other.text} 相差 {by} 个百分点。",
        f"{stated.text} {'agrees' if agrees else 'may be wrong'}: {one.text} and {other.text} are {by} points apart.",
    )
    return Remark("points", AGREES if agrees else SUSPICION, stated.start, (number, own, base), message)
