"""Reads what a rate is the rate of: 54 项办结 46 项,办结率 85.2%; 完成年度计划的 40%; 抽检 6997 批次,不合格 190 批次,不合格率 2.7%."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import RATES, Labels, Role, common, content, is_within
from fugong.audit.pairs import before_it, is_beside, is_one_subject, is_pair, levels_before
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import bounds, meet, n_clauses, total, value
from fugong.audit.statements import Reading, Tie

MAX_PARTS = 12
N_SENTENCES, N_WHOLES = 24, 40
ALL_OF = re.compile(r"共|总|受理|收到|接到")
GENERAL = re.compile(r"[总其]体?|综合|平均|整体|当前|初步|[（）、，]|企业|项目|数")
"""Words before a rate that name no subject of their own."""
ALL = re.compile(r"全部|应|需")
RETURNED = frozenset(["返岗", "到岗", "复岗", "返工"])
OF_ALL = re.compile(r"全[国省市县区]")
AT_OTHER_PRICES = frozenset(["产销"])
"""Rates that are often made of other prices than the amounts beside them."""
OF_WORKS = re.compile(r"^[一-鿿]{2,8}(?:厂|站|中心|设施)")
"""1家再生水处理厂 is nothing that was treated."""
VERBS = re.compile(
    r"复工复[产业]|开复工|[开复][工业产]|复工营业|营业|[到返上复在]岗|办结|审结|执结|结案|解决|化解|完成|实现|落实|接通|签约|履约|投产|达产|"
    r"不?合格|检出|发现|查出|样品|立案|开航|竣工|建成"
)


def of_name(positions: Positions, labels: Labels, share: int, name: str) -> Iterator[Reading]:
    """城镇人口41.4万人…,常住人口94.9万人…,城镇化率43.6%: part and whole by words that the name of a rate stands for."""
    word, other = RATES[name]
    here = positions.sentence(share)
    before = [
        one
        for one in levels_before(labels, share)
        if here - positions.sentence(one) <= N_SENTENCES and positions.quantities[one].unit
    ]
    after = [
        one
        for one in range(share + 1, len(positions.quantities))
        if labels.roles[one] is Role.LEVEL and positions.sentence(one) - here <= 3
    ]
    parts = [one for one in (*before, *after) if word in labels.left(one)]
    wholes = [one for one in (*before, *after) if re.search(other, labels.left(one)) and word not in labels.left(one)]
    pairs = [(part, whole) for part in parts for whole in wholes if part != whole and is_pair(positions, part, whole)]
    if not pairs:
        return
    first = next(pair for pair in pairs if pair[0] == pairs[0][0])
    apart = here - positions.sentence(first[0])
    if 0 <= apart <= 1 and positions.sentence(first[0]) == positions.sentence(first[1]):
        yield Reading(first, Tie.LIKELY if name in AT_OTHER_PRICES else Tie.EXPLICIT)
    elif abs(apart) <= 2:
        yield Reading(first, Tie.LIKELY)
    for pair in pairs[:N_WHOLES]:
        yield Reading(pair)
    main = max(pairs, key=lambda pair: (value(positions.quantities[pair[0]]), -here + positions.sentence(pair[1])))
    is_of_all = name == "利润" and OF_ALL.search(labels.left(main[0])) and abs(here - positions.sentence(main[1])) <= 2
    is_of_all = is_of_all and re.search("业务收入|营业收入|销售收入", labels.left(main[1])) is not None
    yield Reading(main, Tie.LIKELY if is_of_all else Tie.NAMED)


def of_counted(positions: Positions, labels: Labels, share: int, verb: str) -> Reading | None:
    """7项、17个标段,已复工6项、16个标段,标段复工率94%: the last two counts in the sentence of the things that a rate names."""
    noun = content(VERBS.sub("", verb))
    if len(noun) < 2:
        return None
    before = (one for one in levels_before(labels, share) if positions.sentence(one) == positions.sentence(share))
    counted = [one for one in before if labels.right(one).startswith(noun)]
    return Reading((counted[0], counted[1]), Tie.LIKELY) if len(counted) > 1 else None


def of_plan(positions: Positions, labels: Labels, share: int, part: int) -> Iterator[Reading]:
    """Yield what a share of a plan follows from: the plan before its part, or the part right after it."""
    after = _done_after(positions, labels, share)
    if after is not None and labels.is_plan(part) and positions.sentence(part) == positions.sentence(share):
        if is_pair(positions, after, part):
            yield Reading((after, part), Tie.EXPLICIT)
        return
    if labels.is_plan(part) or not is_beside(positions, part, share):
        return
    whole = before_it(positions, labels, part, 2)
    if whole is not None and not labels.is_plan(whole):
        planned = (one for one in levels_before(labels, part) if is_pair(positions, part, one) and labels.is_plan(one))
        whole = next(planned, None)
        if whole is not None and positions.sentence(part) - positions.sentence(whole) <= 2:
            yield Reading(
                (part, whole), Tie.NAMED
            )  # 年计划完成投资585.3亿元。到位资金416.5亿元,完成投资392.1亿元,为年度计划的67%
        return
    if whole is None:
        return
    is_one = is_one_subject(positions, labels, whole, part, across=True)
    is_near = positions.is_same_matter(positions.sentence(whole), positions.sentence(part))
    yield Reading((part, whole), Tie.EXPLICIT if is_one else Tie.LIKELY if is_near else Tie.POSSIBLE)


def _done_after(positions: Positions, labels: Labels, share: int) -> int | None:
    """已完成年度计划的50.4%，完成投资206.7亿元: the part right after its share."""
    after = share + 1
    if after >= len(positions.quantities) or positions.sentence(after) != positions.sentence(share):
        return None
    is_done = re.match(r"^[累计已共实际，]*完成", labels.left(after)) is not None and labels.roles[after] is Role.LEVEL
    return after if is_done and n_clauses(positions, share, after) == 1 else None


def of_rate(positions: Positions, labels: Labels, share: int, part: int, verb: str) -> Iterator[Reading]:
    """Yield what a rate follows from: the count with its verb, and the count of all.

    Args:
        verb: the words before 率 or 面.
    """
    done = verb[verb.rfind("不") :][:3] if "不" in verb[-3:] else verb[-2:]
    if done and (pair := _done_and_undone(positions, labels, share, done)):
        yield Reading(pair, Tie.EXPLICIT)
        return
    if part < share and (due := _due_after(positions, labels, share, part, done)) is not None:
        yield Reading((part, due), Tie.LIKELY)
        return
    noun = OF_WORKS.sub("", labels.right(part))
    said = OF_WORKS.sub("", labels.left(part)) + "·" + re.sub(r"[^，。；：]{0,8}[率面].*", "", noun)
    if not done or not _says(said, done) or not _is_at_hand(positions, part, share):
        return
    if labels.roles[part] is not Role.LEVEL or has_own_subject(labels, share, part):
        return
    if done.startswith("不"):  # 起诉68万人,不起诉21万人,不起诉率23.5%
        other = before_it(positions, labels, part, 1)
        if other is not None and positions.sentence(other) != positions.sentence(part):
            other = _total_of(positions, labels, other)
        if other is not None and not _says(labels.of(other), done[1:]):  # 抽检6997批次,发现不合格190批次,不合格率2.7%
            is_larger = value(positions.quantities[other]) > value(positions.quantities[part])
            is_one = is_larger and is_one_subject(positions, labels, other, part)
            yield Reading((part, other), Tie.EXPLICIT if is_one else Tie.LIKELY)
            yield Reading((part, part, other))
        elif other is not None:
            is_all = _is_rest_of_hundred(positions, share) or _add_up(positions, labels, part, other)
            yield Reading((part, part, other), Tie.EXPLICIT if is_all else Tie.POSSIBLE)
        return
    if done == "完成" or "投资" in verb:
        yield from of_plan(positions, labels, share, part)
        return
    if share - part == 2 and labels.roles[part + 1] is Role.REST and is_pair(positions, part, part + 1):
        yield Reading((part, part, part + 1), Tie.LIKELY)  # 答复3055条,还有4条正在处理,答复率99.87%
        all_ = before_it(positions, labels, part, 0)
        if all_ is not None and _is_sum(positions, all_, part):
            yield Reading((part, all_), Tie.EXPLICIT)  # 49家,复工48家,仅1家未复工,复工率98%
        return
    whole = before_it(positions, labels, part, 0)
    if whole is None:
        yield from _of_all(positions, labels, part, done)
        return
    if labels.is_plan(whole) and not _says(labels.of(whole), done):
        return
    if _says(labels.left(whole), done) and not labels.is_plan(whole) and not ALL.search(labels.of(whole)):
        return
    rest = VERBS.sub("", content(labels.left(part)).replace(verb, "").replace(done, ""))
    is_one = is_within(rest, labels.of(whole)) and (
        is_one_subject(positions, labels, whole, part) or _is_first_among(positions, labels, whole, part)
    )
    is_one = is_one and not _is_other_measure(positions, labels, part, whole)
    yield Reading((part, whole), Tie.EXPLICIT if is_one else Tie.LIKELY)


def _due_after(positions: Positions, labels: Labels, share: int, part: int, done: str) -> int | None:
    """返岗3.86万人,返岗率92.1%,应返岗4.19万人: what should be done, right after its rate."""
    due = share + 1
    if not done or due >= len(positions.quantities) or positions.sentence(due) != positions.sentence(share):
        return None
    is_due = re.match(r"(?:其中)?[应需]", labels.left(due)) is not None and _says(labels.left(due), done)
    return due if is_due and _says(labels.of(part), done) and is_pair(positions, part, due) else None


def _is_other_measure(positions: Positions, labels: Labels, part: int, whole: int) -> bool:
    """Whether an amount is measured by a word of its part, of what else was done: 确权登记面积5267万亩,流转面积1200万亩,流转率24.6%."""
    one, other = content(labels.left(whole)), content(labels.left(part))
    n = next((n for n in range(min(len(one), len(other)), 1, -1) if one[-n:] == other[-n:]), 0)
    own = one[:-n] if n else ""
    is_all = ALL_OF.search(one) is not None or ALL.search(one) is not None
    return (
        positions.quantities[whole].unit in MEASURED
        and n > 1
        and not is_all
        and 2 * sum(sign not in other for sign in own) > len(own) > 2
    )


def has_own_subject(labels: Labels, share: int, part: int) -> bool:
    """Whether a rate has a subject that the sentence of its part does not name: 开工376个;…,油气企业复工率100%."""
    positions, clause = labels.positions, labels.clause_left(share)
    plain, quantities = positions.text.plain, positions.quantities
    if quantities[share - 1].end > quantities[share].start - len(clause):
        return False
    lead = VERBS.sub("", GENERAL.sub("", content(re.split(r"率|面(?=[^面]*$)", clause)[0])))
    start, end = positions.text.sentences[positions.sentence(part)].start, quantities[part].end
    said = plain[start:end] + labels.right(part)
    return len(lead) >= 2 and 2 * sum(one not in said for one in lead) > len(lead)


def of_sentence_before(positions: Positions, labels: Labels, share: int, verb: str) -> Iterator[Reading]:
    """查出隐患182项,已整改72项,落实资金3万元。但进度较慢,整改率39.56%: the part that the verb of a rate names, and the count before it."""
    here, done = positions.sentence(share), verb[-2:]
    if len(done) < 2:
        return
    for part in levels_before(labels, share):
        apart = here - positions.sentence(part)
        if apart != 1 or not positions.is_same_matter(positions.sentence(part), here):
            return
        if _says(labels.left(part), done) and labels.roles[part] is Role.LEVEL and not has_own_subject(labels, share, part):
            whole = before_it(positions, labels, part, 0)
            if whole is not None and value(positions.quantities[whole]) >= value(positions.quantities[part]):
                yield Reading((part, whole), Tie.NAMED)
                yield Reading((part, whole))
            return


def _is_sum(positions: Positions, whole: int, part: int) -> bool:
    """Whether a whole is the part and the rest after it."""
    return meet(bounds(positions.quantities[whole]), total([positions.quantities[part], positions.quantities[part + 1]]))


def _is_first_among(positions: Positions, labels: Labels, whole: int, part: int) -> bool:
    """审结163件235人，其中批准134件187人: the first of its unit right after 其中."""
    between = positions.text.plain[positions.quantities[whole].end : positions.quantities[part].start]
    if not between.startswith("，其中") or re.search(r"[；。（\n]|另|此外", between):
        return False
    others = (positions.quantities[one].unit for one in range(whole + 1, part) if labels.roles[one] is Role.LEVEL)
    return positions.quantities[part].unit not in others


def _of_all(positions: Positions, labels: Labels, part: int, done: str) -> Iterator[Reading]:
    """共抽检16641批次。…不合格347批次,不合格率2.09%: the total of the paragraph, or the count of the same things before."""
    here = positions.sentence(part)
    noun = content(labels.right(part))[:2]
    found: list[int] = []
    for whole in levels_before(labels, part):
        if not positions.is_same_matter(positions.sentence(whole), here):
            break
        is_same = len(noun) == 2 and noun in labels.right(whole)
        is_same = is_same or common(content(labels.left(whole)), content(labels.left(part))) >= 2
        if done and _says(labels.left(whole), done) and not ALL.search(labels.of(whole)):
            continue  # 已开工54家,其中已开工规上33家,开工率56.9%
        if is_pair(positions, part, whole) and (is_same or ALL_OF.search(labels.left(whole))):
            found.append(whole)
    larger = [one for one in found if value(positions.quantities[one]) >= value(positions.quantities[part])]
    yield from (Reading((part, one), Tie.LIKELY) for one in (larger or found)[:1])
    yield from (Reading((part, one), Tie.NAMED) for one in larger[1:3])


def _total_of(positions: Positions, labels: Labels, last: int) -> int:
    """The total of whose parts a count is the last: 共抽检16641批次,其中普通食品10673批次,农产品5968批次."""
    near = [last]
    for one in levels_before(labels, last):
        if not positions.is_same_matter(positions.sentence(one), positions.sentence(last)) or len(near) > MAX_PARTS:
            break
        if is_pair(positions, one, last):
            if len(near) > 1 and meet(bounds(positions.quantities[one]), total([positions.quantities[part] for part in near])):
                return one
            near.append(one)
    return last


def _is_rest_of_hundred(positions: Positions, share: int) -> bool:
    """Whether a share and the one before it in its sentence or the sentence before add up to all: 捕79.57%;不捕20.43%."""
    before = next((one for one in range(share - 1, -1, -1) if positions.quantities[one].unit == "1"), None)
    if before is None or positions.sentence(share) - positions.sentence(before) > 1:
        return False
    low, high = total([positions.quantities[before], positions.quantities[share]])
    return low <= 1 <= high


def _add_up(positions: Positions, labels: Labels, part: int, other: int) -> bool:
    """Whether a count before two parts is their sum."""
    both = total([positions.quantities[part], positions.quantities[other]])
    near = [one for one in levels_before(labels, other) if is_pair(positions, part, one)][:2]
    return any(meet(bounds(positions.quantities[one]), both) for one in near)


def _done_and_undone(positions: Positions, labels: Labels, share: int, done: str) -> tuple[int, int, int] | None:
    """已开工33个,未开工17个,开工率66%: the two counts that make the whole."""
    near = [one for one in (share - 1, share - 2) if one >= 0 and positions.sentence(one) == positions.sentence(share)]
    part = next((one for one in near if labels.roles[one] is Role.LEVEL and "已" + done in labels.of(one)), None)
    rest = next((one for one in near if labels.roles[one] is Role.REST and "未" + done in labels.of(one)), None)
    if part is None or rest is None or not is_pair(positions, part, rest):
        return None
    earlier = before_it(positions, labels, min(part, rest), 0)
    return (part, part, rest) if earlier is None else None


def _is_at_hand(positions: Positions, part: int, share: int) -> bool:
    """Whether a rate follows its part in one sentence, or begins the next one."""
    if is_beside(positions, part, share, 2):
        return True
    is_next = positions.sentence(share) - positions.sentence(part) == 1
    is_next = is_next and all(positions.quantities[one].unit == "1" for one in range(part + 1, share))
    return is_next and n_clauses(positions, part, share) <= 2 * (share - part - 1)


def _says(label: str, verb: str) -> bool:
    if "结" in verb:
        return "结" in label
    if verb in RETURNED and re.search(r"返回|返工|到位", label):
        return True  # 需返回工地20157人,已返回15219人,返岗率75.5%
    if "不" + verb in label:
        return False  # 不合格 is not 合格
    if verb.startswith("不") and re.search(".{0,3}".join(map(re.escape, verb)), label):
        return True  # 不批准逮捕 is what 不捕率 counts
    return verb in label or (verb[0] in "开复" and bool(re.search(r"[开复][开复]?[工产业]|营业", label)))
