"""Checks whether the quantities of a text agree with each other, whatever they count.

The checks look for words of structure alone (率, 占, 其余, 其中, 合计, 平均, 由 … 至). They know no figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from fugong.audit.above_whole import parts_above_whole
from fugong.audit.balances import balances
from fugong.audit.base_years import later_bases
from fugong.audit.between_parts import between_parts
from fugong.audit.beyond import beyond
from fugong.audit.changes import averages, changes, differences, growths
from fugong.audit.common_wholes import of_common_wholes, of_confirmed_sums
from fugong.audit.complements import complements
from fugong.audit.complete_lists import complete_lists
from fugong.audit.compositions import compositions
from fugong.audit.contributions import contributions
from fugong.audit.converted import converted
from fugong.audit.counts_of_ways import counts_of_ways
from fugong.audit.directions import differences_the_other_way, directions
from fugong.audit.earlier_levels import earlier_levels
from fugong.audit.ends_of_periods import ends_of_periods
from fugong.audit.english import english
from fugong.audit.extremes import extremes
from fugong.audit.growths_of_parts import growths_of_parts
from fugong.audit.increments_above import increments_above, increments_of_a_day
from fugong.audit.joint_shares import joint_shares
from fugong.audit.labels import LINK, Labels, content, is_within
from fugong.audit.lists_below import lists_below, other_scales
from fugong.audit.natural_growth import natural_growth
from fugong.audit.nested_counts import nested_counts
from fugong.audit.no_such_time import no_such_time
from fugong.audit.opposite_ways import opposite_ways, ranks
from fugong.audit.pairs import is_pair, levels_before
from fugong.audit.parts_by_name import parts_by_name
from fugong.audit.passed_bounds import passed_bounds
from fugong.audit.points import points
from fugong.audit.points_beside import points_beside
from fugong.audit.points_of_periods import points_of_periods
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.rankings import rankings
from fugong.audit.rate_of_days import rate_of_days
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, bounds, is_count, meet, quotient
from fugong.audit.said_of_all import said_of_all
from fugong.audit.same_measures import same_measures
from fugong.audit.second_partings import second_partings
from fugong.audit.sex_ratios import sex_ratios
from fugong.audit.share_lists import ShareList, share_lists
from fugong.audit.shares import shares
from fugong.audit.spans_of_days import spans_of_days
from fugong.audit.stated_counts import stated_counts
from fugong.audit.statements import Claim, Kind, Reading, Tie
from fugong.audit.sums import sums
from fugong.audit.sums_of_changes import signed_changes, sums_of_changes
from fugong.audit.text import RunningText
from fugong.audit.told_twice import told_twice
from fugong.audit.unstated_wholes import unstated_wholes
from fugong.audit.verify import verify
from fugong.audit.ways_in_words import ways_in_words
from fugong.audit.whole_and_rest import whole_and_rest
from fugong.audit.wholes import MIN_NAME, TOTAL
from fugong.audit.within_periods import within_periods
from fugong.audit.yearly_growths import yearly_growths
from fugong.core.bilingual import Bilingual

MONTH_DAY = re.compile(r"(?<!\d)(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]", re.ASCII)
COUNTED = re.compile(r"(?:人数|户数|家数|数量|总量|人口|农民工|人次)[^，。；：\d]{0,4}$")
ENDS_HERE = re.compile(r"[的，。；、：）！？\n]|$")
CONFUSED = ({"家", "家次"}, {"户", "户次"}, {"人", "人次"}, {"名", "人次"}, {"场", "场次"}, {"件", "件次"}, {"个", "家次"})
LEAP_YEAR = 2020
RATIO = re.compile(r"占?比[例重]|占比")
SHARES = re.compile(r"(\d+(?:\.\d+)?)%?[-—～](\d+(?:\.\d+)?)[%‰]")
MIN_LEAD = 2
MIN_RULE = 7
"""A rule of fewer characters does not say whom it is for."""


def check_text(text: RunningText, quantities: Sequence[Quantity]) -> list[Remark]:
    """Run all checks; return their remarks in the order of the text."""
    positions = Positions(text, quantities)
    labels = Labels(positions)
    lists = list(share_lists(positions, labels))
    claims = [
        *_with_lists(shares(positions, labels), labels, lists),
        *sums(positions, labels, lists),
        *sums_of_changes(positions, labels),
    ]
    claims += [*growths(positions, labels), *changes(positions), *differences(positions, labels), *averages(positions, labels)]
    claims = list(_with_wholes_of_wholes(claims, labels))
    joint = list(joint_shares(positions, labels))
    of_several = {remark.quantities[0] for remark in joint}
    found = [remark for claim in claims if claim.number not in of_several and (remark := verify(positions, labels, claim))]
    found += second_partings(positions, labels, found)
    found += joint
    found += of_common_wholes(positions, labels, claims, found)
    found += of_confirmed_sums(positions, labels, found)
    found += unstated_wholes(positions, labels, found)
    found += complete_lists(positions, labels, found)
    found += growths_of_parts(positions, labels, found)
    found += above_whole(positions, labels)
    found += shares_above_one(positions, labels)
    found += compositions(positions, labels)
    found += limits_told_twice(positions, labels)
    found += said_of_all(positions, labels)
    found += points(positions, labels)
    found += told_twice(positions, labels)
    for check_of_labels in (
        balances,
        between_parts,
        complements,
        contributions,
        counts_of_ways,
        differences_the_other_way,
        earlier_levels,
        extremes,
        increments_above,
        increments_of_a_day,
        lists_below,
        natural_growth,
        nested_counts,
        opposite_ways,
        other_scales,
        parts_by_name,
        passed_bounds,
        points_of_periods,
        points_beside,
        same_measures,
        sex_ratios,
        ways_in_words,
        signed_changes,
        whole_and_rest,
        within_periods,
        yearly_growths,
    ):
        found += check_of_labels(positions, labels)
    for check in (
        beyond,
        later_bases,
        no_such_time,
        ends_of_periods,
        rankings,
        rate_of_days,
        stated_counts,
        directions,
        ranks,
        spans_of_days,
        converted,
        same_digits,
        missing_units,
        confused_units,
        reversed_ranges,
        impossible_days,
    ):
        found += check(positions)
    found += english(text)
    return sorted(found, key=lambda remark: remark.at)


def _with_lists(claims: Iterable[Claim], labels: Labels, lists: Sequence[ShareList]) -> Iterator[Claim]:
    """Give a share that stands in a list the reading of its list."""
    named = {
        share
        for one in lists
        if len(bare := content(TOTAL.sub("", one.name))) >= MIN_NAME and one.whole is not None
        for share in one.readings
        if is_within(bare, labels.of(one.whole))
    }
    of_list = {share: reading for one in lists for share, reading in one.readings.items()}
    for claim in claims:
        reading = of_list.get(claim.number)
        if reading is None:
            yield claim
        else:
            is_sure = reading.tie is Tie.EXPLICIT
            is_named = claim.number in named
            others = [
                one
                for one in claim.readings
                if (one.tie is Tie.EXPLICIT and one.terms[0] == reading.terms[0])
                or not (is_sure or (is_named and one.tie is Tie.POSSIBLE))
                or _is_of_the_one_before(labels, claim.number, one)
            ]
            yield Claim(claim.kind, claim.number, (reading, *others))


def _with_wholes_of_wholes(claims: Sequence[Claim], labels: Labels) -> Iterator[Claim]:
    """Let a share without a name be that of the whole of its whole, too: 对东盟64.6亿元,占总值的27.6%,其中对马来西亚29亿元,占12.4%."""
    quantities = labels.positions.quantities
    wholes: dict[int, set[int]] = {}
    for claim in claims:
        for reading in claim.readings if claim.kind is Kind.SHARE else ():
            part, *others = reading.terms
            found = quotient(quantities[part], quantities[others[0]]) if len(others) == 1 else None
            if found is not None and meet(found, bounds(quantities[claim.number])):
                wholes.setdefault(part, set()).add(others[0])
    for claim in claims:
        more = [
            Reading((reading.terms[0], whole))
            for reading in claim.readings
            if claim.kind is Kind.SHARE and len(reading.terms) == 2 and not labels.share_words(claim.number).whole
            for whole in sorted(wholes.get(reading.terms[1], ()))
            if whole != reading.terms[0]
        ]
        yield replace(claim, readings=tuple(dict.fromkeys((*claim.readings, *more)))) if more else claim


def _is_of_the_one_before(labels: Labels, share: int, reading: Reading) -> bool:
    """Whether a share that names no whole may be that of the count before its part: 出让9911公顷,占总量的34%,招拍挂出让8861公顷,招拍挂比例89.4%."""
    if labels.share_words(share).whole or not labels.clause_left(share).rstrip("达到为是约").endswith(("比例", "比重", "占比")):
        return False
    part, whole = reading.terms[0], reading.terms[-1]
    lead = content(RATIO.split(labels.clause_left(share))[0])
    before = next((one for one in levels_before(labels, part) if is_pair(labels.positions, part, one)), None)
    return len(lead) >= MIN_LEAD and lead in labels.left(part) and whole == before


def above_whole(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """其中: a part that is more than its whole."""
    for part, whole, is_sure in parts_above_whole(positions, labels):
        less, more = positions.quantities[whole].text, positions.quantities[part].text
        message = Bilingual(
            f"部分 {more} 大于前面的整体 {less}。", f"{more}, given as a part, is more than the {less} before it."
        )
        verdict = CONTRADICTION if is_sure else SUSPICION
        yield Remark("parts", verdict, positions.quantities[part].start, (part, whole), message)


def same_digits(positions: Positions) -> Iterator[Remark]:
    """218.9 万元 and 218.9 亿元: both may be right, or one of them has a wrong unit."""
    by_digits: dict[str, list[int]] = {}
    for number, quantity in enumerate(positions.quantities):
        if len(quantity.digits) >= 3 and is_count(quantity):
            by_digits.setdefault(quantity.digits, []).append(number)
    for numbers in by_digits.values():
        first = positions.quantities[numbers[0]]
        other = next((one for one in numbers if _has_other_unit(first, positions.quantities[one])), None)
        if other is not None:
            again = positions.quantities[other]
            message = Bilingual(
                f"{first.text} 与 {again.text} 数字相同而单位不同,可能误用了单位。",
                f"{first.text} and {again.text} have the same digits with different units: one unit may be wrong.",
            )
            yield Remark("same-digits", SUSPICION, again.start, (numbers[0], other), message)


def _has_other_unit(one: Quantity, other: Quantity) -> bool:
    """Whether the scale differs, or for four digits and more the unit. 万元 and 元 of equal value differ in neither."""
    is_other = one.number != other.number and one.written_unit != other.written_unit
    return is_other and (one.unit == other.unit or len(one.digits) > 3)


def missing_units(positions: Positions) -> Iterator[Remark]:
    """投资 20 亿的项目: the unit of 亿 is missing."""
    for number, quantity in enumerate(positions.quantities):
        if (
            quantity.unit
            or not quantity.written_unit.endswith(("万", "亿"))
            or not ENDS_HERE.match(positions.text.plain, quantity.end)
            or COUNTED.search(positions.left(number))
            or _has_unit_of_next(positions, number)
        ):
            continue
        same = next((one for one in positions.quantities if one.number == quantity.number and one.unit), None)
        zh = f"{quantity.text} 缺单位" + (f",另一处写作 {same.text}" if same else "")
        en = f"{quantity.text} has no unit" + (f"; elsewhere it is {same.text}" if same else "")
        yield Remark("unit-missing", SUSPICION, quantity.start, (number,), Bilingual(zh + "。", en + "."))


def _has_unit_of_next(positions: Positions, number: int) -> bool:
    """369.5亿、252.6亿、193.6亿元: the last number of a list has the unit of all."""
    following = positions.quantities[number + 1 : number + 2]
    return (
        bool(following) and LINK.fullmatch(positions.text.plain, positions.quantities[number].end, following[0].start) is not None
    )


def confused_units(positions: Positions) -> Iterator[Remark]:
    """走访 1132 家次 and 1132 家: visits are not firms."""
    for number, quantity in enumerate(positions.quantities):
        for other in range(number):
            earlier = positions.quantities[other]
            is_same = quantity.number is not None and quantity.number == earlier.number and quantity.number >= 10
            if is_same and {quantity.unit, earlier.unit} in CONFUSED:
                message = Bilingual(
                    f"{earlier.text} 与 {quantity.text} 数相同,计数单位不同(次数不是家数、人数)。",
                    f"{earlier.text} and {quantity.text}: one number counted in two ways (times are not firms or persons).",
                )
                yield Remark("unit-differs", SUSPICION, quantity.start, (other, number), message)
                break


def shares_above_one(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """A rate above 100 %; more than a plan may be done."""
    for number, share in enumerate(positions.quantities):
        is_above = share.unit == "1" and share.number is not None and share.number > 1
        words = labels.share_words(number)
        if is_above and words.kind in {"part", "rate"} and "完成" not in labels.left(number):
            message = Bilingual(f"比率 {share.text} 超过 100%。", f"A rate of {share.text} is above 100 %.")
            yield Remark("share-above-one", SUSPICION, share.start, (number,), message)


def limits_told_twice(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """每天查船不超过一次 and 每天查船不超过两次: one rule with two limits."""
    limits = [number for number, quantity in enumerate(positions.quantities) if quantity.is_limit]
    for nth, later in enumerate(limits):
        for earlier in limits[:nth]:
            one, other = positions.quantities[earlier], positions.quantities[later]
            rules = [content(labels.clause_left(number)) + "·" + content(labels.right(number)) for number in (earlier, later)]
            is_one_rule = (one.unit, one.per, one.bound) == (other.unit, other.per, other.bound)
            if is_one_rule and one.value != other.value and rules[0] == rules[1] and len(rules[0]) > MIN_RULE:
                message = Bilingual(
                    f"同一条规定前后不一:{one.text} 与 {other.text}。",
                    f"One rule stands twice with different limits: {one.text} and {other.text}.",
                )
                yield Remark("told-twice", CONTRADICTION, other.start, (earlier, later), message)


def reversed_ranges(positions: Positions) -> Iterator[Remark]:
    """15—10 万元; 6 月 30 日至 2 月 1 日. Without a unit it is a name or a score: 26-6油田."""
    for number, last in enumerate(positions.quantities):
        if isinstance(last.value, tuple) and last.value[0] > last.value[1]:
            message = Bilingual(f"{last.text} 结束早于开始。", f"{last.text} ends before it begins.")
            yield Remark("range-reversed", CONTRADICTION, last.start, (number,), message)
        if (ends := SHARES.fullmatch(last.text)) and Decimal(ends[1]) > Decimal(ends[2]):
            message = Bilingual(f"范围 {last.text} 前大后小。", f"The range {last.text} goes from more to less.")
            yield Remark("range-reversed", CONTRADICTION, last.start, (number,), message)
        if not number or last.number is None:
            continue
        first = positions.quantities[number - 1]
        between = positions.text.plain[first.end : last.start]
        is_down = first.number is not None and first.number > last.number and first.unit in {"", last.unit} and last.unit != ""
        is_range = re.fullmatch(r"[-—～]{1,2}", between) or (
            re.fullmatch("[至到]", between) and positions.text.plain.startswith("之间", last.end)
        )
        if is_down and is_range:
            text = f"{first.text}{between}{last.text}"
            message = Bilingual(f"范围 {text} 前大后小。", f"The range {text} goes from more to less.")
            yield Remark("range-reversed", CONTRADICTION, first.start, (number - 1, number), message)


def impossible_days(positions: Positions) -> Iterator[Remark]:
    """2 月 30 日."""
    for found in MONTH_DAY.finditer(positions.text.plain):
        try:
            date(int(found[1] or LEAP_YEAR), int(found[2]), int(found[3]))
        except ValueError:
            message = Bilingual(f"没有 {found[0]} 这一天。", f"There is no {found[0]}.")
            yield Remark("no-such-day", CONTRADICTION, found.start(), (), message)
