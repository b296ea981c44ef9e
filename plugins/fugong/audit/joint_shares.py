"""Reads the share that several counts have together: 甲783件、乙579件、丙562件,占总量的77%; 分别收入4.9亿元和75.4亿元,两业合计占29.2%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role, common, content, is_within
from fugong.audit.misprints import is_one_digit_off, n_digits
from fugong.audit.pairs import is_pair, levels_before
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import AGREES, SUSPICION, Interval, Remark, bounds, meet, ratio, total, value
from fugong.audit.wholes import TOTAL
from fugong.core.bilingual import Bilingual
from fugong.figures.display import percent

TOGETHER = re.compile(
    r"合计|共占|共计|总共|[两二三四五六七八九十]大?[个大项类者地]|上述|以上[^，。；]{0,6}占|累计占|[前列]\d{1,2}[位名]|[前列][三两二四五六七八九十]"
)
COUNTED = re.compile(
    r"(?:上述|以上|这|前)?(?P<n>[两二三四五六2-6])(?:者|个?大?行业|家|个|类|项|大|[市县区省]|地|国)?[^，。；：\d]{0,10}(?:合计|共|累计)"
    r"|上述(?P<m>[两二三四五六2-6])(?:者|个?大?行业|家|个|类|项|大|[市县区省]|地|国)"
)
THE_ABOVE = re.compile(
    r"(?:以上|上述|这)(?P<n>[两二三四五六2-6])(?:者|家|个|类|项|大|[市县区省]|地|国)[^，。；：\d]{0,8}[，]?(?:合计|共计|共)?占[^，。；：\d]{0,10}$"
)
NUMBERS = {"两": 2, **{sign: n for n, sign in enumerate("二三四五六", 2)}, **{str(n): n for n in range(2, 7)}}
NOT_ALONE = re.compile(r"[；。\n]|其中")
MIN_NAME = 4
MAX_PARTS, N_WHOLES, N_SENTENCES = 8, 16, 16


def joint_shares(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each share that follows from a sum of the counts before it, or would but for one digit."""
    for number, share in enumerate(positions.quantities):
        if share.unit != "1" or share.bound != "exact" or not share.number or labels.is_in_list_of_shares(number):
            continue
        words = labels.share_words(number)
        if remark := _of_shares(positions, labels, number):
            yield remark
        elif words.kind == "part" and (parts := _parts(positions, labels, number)):
            yield from _judged(positions, labels, number, parts, content(TOTAL.sub("", words.whole)))


def _of_shares(positions: Positions, labels: Labels, number: int) -> Remark | None:
    """以上四个行业，占69.7%: the sum of the last four shares of the same sentence or the one before."""
    counted = THE_ABOVE.search(labels.clause_left(number)) or THE_ABOVE.search(positions.left(number, 40))
    if counted is None:
        return None
    n = NUMBERS[counted["n"]]
    shares = [one for one in range(number) if positions.quantities[one].unit == "1" and labels.share_words(one).kind == "part"][
        -n:
    ]
    apart = [positions.sentence(number) - positions.sentence(one) for one in shares]
    if (
        len(shares) < n
        or max(apart) > n
        or not positions.is_same_matter(positions.sentence(shares[0]), positions.sentence(number))
    ):
        return None
    quantities, stated = [positions.quantities[one] for one in shares], positions.quantities[number]
    added = total(quantities)
    is_off = not meet(added, bounds(stated))
    if (
        is_off
        and not any(
            is_one_digit_off(one, (bounds(stated)[0] - added[1] + bounds(one)[1], bounds(stated)[1] - added[0] + bounds(one)[0]))
            for one in quantities
        )
        and not is_one_digit_off(stated, added)
    ):
        return None
    listed = "+".join(one.text for one in quantities)
    if is_off:
        message = Bilingual(
            f"{stated.text} 如果是 {listed} 的合计,则不符。", f"If {stated.text} is the sum of {listed}, it does not agree."
        )
        return Remark("ratio", SUSPICION, stated.start, (number, *shares), message)
    message = Bilingual(f"{stated.text}={listed},相符。", f"{stated.text} = {listed}: the shares add up.")
    return Remark("ratio", AGREES, stated.start, (number, *shares), message)


def _parts(positions: Positions, labels: Labels, share: int) -> list[int]:
    """The counts of one sentence right before a share that words put together."""
    start = positions.text.sentences[positions.sentence(share)].start
    plain, quantities = positions.text.plain, positions.quantities
    if not TOGETHER.search(plain, start, quantities[share].start):
        return []
    found: list[int] = []
    if counted := COUNTED.search(labels.clause_left(share)):
        return _last(positions, labels, share, NUMBERS[counted["n"] or counted["m"]])
    for one in range(share - 1, -1, -1):
        if quantities[one].start < start or len(found) == MAX_PARTS:
            break
        if quantities[one].unit == "1" and (not found or labels.share_words(one).kind == "change"):
            continue
        if labels.roles[one] is not Role.LEVEL or (found and quantities[one].unit != quantities[found[-1]].unit):
            break
        if found and NOT_ALONE.search(plain, quantities[one].end, quantities[found[-1]].start):
            break
        found.append(one)
    return found[::-1]


def _last(positions: Positions, labels: Labels, share: int, n: int) -> list[int]:
    """The last counts of one unit before a share, whatever grows between them: 上述三者合计占…."""
    found: list[int] = []
    for one in levels_before(labels, share):
        if not positions.is_same_matter(positions.sentence(one), positions.sentence(share)):
            return []
        if not positions.quantities[one].unit:
            continue  # 上述3者
        if not found or positions.quantities[one].unit == positions.quantities[found[0]].unit:
            found.append(one)
        if len(found) == n:
            return found[::-1]
    return []


def _judged(positions: Positions, labels: Labels, number: int, parts: Sequence[int], name: str) -> Iterator[Remark]:
    quantities, share = positions.quantities, positions.quantities[number]
    for n in range(len(parts), 1, -1):
        own = parts[-n:]
        added = total([quantities[one] for one in own])
        wholes = [
            one
            for one in levels_before(labels, own[0])
            if is_pair(positions, own[0], one)
            and one not in own
            and positions.sentence(number) - positions.sentence(one) <= N_SENTENCES
            and bounds(quantities[one])[1] >= added[0]
        ][:N_WHOLES]
        named = [one for one in wholes if len(name) >= 2 and is_within(name, labels.of(one))]
        named = named or [one for one in wholes if common(name, labels.of(one)) >= MIN_NAME]
        for whole in named or wholes[:2]:
            found = ratio(added, bounds(quantities[whole]))
            if found is not None and meet(found, bounds(share)):
                yield _remark(positions, number, own, whole, AGREES)
                return
    own = parts[-MAX_PARTS:]
    named = [
        one
        for one in levels_before(labels, own[0])
        if is_pair(positions, own[0], one) and (is_within(name, labels.of(one)) or common(name, labels.left(one)) >= MIN_NAME)
    ]
    is_named = (
        len(own) > 1
        and len(name) > 2
        and bool(named)
        and positions.sentence(number) - positions.sentence(named[0]) <= N_SENTENCES
    )
    if (
        is_named
        and re.search("合计|上述|以上", labels.clause_left(number)) is not None
        and _is_misprinted(share, [quantities[one] for one in own], quantities[named[0]])
    ):
        yield _remark(positions, number, own, named[0], SUSPICION)


def _is_misprinted(share: Quantity, parts: Sequence[Quantity], whole: Quantity) -> bool:
    """Whether a joint share would agree if one digit of one of its numbers were another."""
    added, all_, stated = total(parts), bounds(whole), bounds(share)
    found = ratio(added, all_)
    if found is None or stated[0] <= 0:
        return False
    needed: list[tuple[Quantity, Interval]] = [(share, found), (whole, (added[0] / stated[1], added[1] / stated[0]))]
    for one in parts:
        low, high = bounds(one)
        needed.append((one, (stated[0] * all_[0] - (added[1] - high), stated[1] * all_[1] - (added[0] - low))))
    return any(most > 0 and n_digits(one) > 1 and is_one_digit_off(one, (least, most), 2) for one, (least, most) in needed)


def _remark(positions: Positions, number: int, parts: Sequence[int], whole: int, verdict: str) -> Remark:
    share, all_ = positions.quantities[number], positions.quantities[whole]
    added = sum((value(positions.quantities[one]) for one in parts), Decimal(0))
    listed = "+".join(positions.quantities[one].text for one in parts)
    equation = f"({listed})÷{all_.text}={percent(added / value(all_), keep=True)}"
    if verdict == AGREES:
        message = Bilingual(
            f"{share.text} 与旁边的数相符:{equation}。", f"{share.text} follows from the counts beside it: {equation}."
        )
    else:
        message = Bilingual(
            f"{share.text} 如果是几项合计的比例,则不符:{equation}。",
            f"If {share.text} is the share of all of them together, it does not agree: {equation}.",
        )
    return Remark("ratio", verdict, share.start, (number, *parts, whole), message)
