"""Reads what adds up: 755 个,现场解决 578 个,其余 177 个; 共 530 项,其中在建 185 项 …; 合计 2 亿元."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content, has_one_noun
from fugong.audit.misprints import MIN_DIGITS, chance_of_misprint, has_another_scale, looks_misprinted
from fugong.audit.opposites import NEGATED, OFTEN_ALL, OPPOSITES, are_opposite, is_of_one_side
from fugong.audit.other_measures import other_measures
from fugong.audit.pairs import levels_before
from fugong.audit.part_lists import is_done_of, part_lists
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import adds_up, bounds, is_alike, is_count, total, value
from fugong.audit.share_lists import ShareList
from fugong.audit.statements import Claim, Kind, Reading, Tie

MAX_PARTS = 12
MIN_WHOLE = 5
"""A smaller whole is the sum of anything."""
N_SENTENCES = 8
MIN_SURE = Decimal(1000)
N_BEFORE_INDUSTRIES = 6
CHANCE, SMALL_CHANCE, MANY = Decimal("0.35"), Decimal("0.08"), Decimal(3)
"""A list that would add up by chance more often, if one digit were another, tells nothing."""
N_BEFORE = 40
MAX_BETWEEN = 8
"""So many counts may stand between a whole and its parts: 38323.6万人,其中女性14446.7万人. 第二产业…"""
NOUN = re.compile(r"[一-鿿]{1,8}(?=（)")
"""Between a whole and the brackets around its parts: 29个项目（在建6个、新开工23个）."""
REMAINDER = re.compile(r"(?:其余|剩余|剩下|余下|还剩)[^，。；：\d]{0,6}$")
SOME_REST = re.compile(r"(?:其余|剩余|剩下|余下|尚有|还有|还剩|另有)[^，。；：\d]{0,6}$")
SUM_OF_ALL = re.compile(r"(?:合计|总计|共计)[^，。；：、\d]{0,6}$")
SOME = re.compile(r"其中|包括|含|如")
INCOMPLETE = re.compile(r"较多|较大|主要|居前|前[一二三四五六七八九十\d]|排名|最多|最高|包括|如")
"""Words of a list that does not name all parts."""
VERB = re.compile(r"(?P<how>已|未|正在|尚未|在)(?P<verb>整改|解决|办理|化解|落实|开工|复工|完成)")
OPENS = re.compile(r"其中|中，|：|（")
KINDS = re.compile(r"[^。；\d]{0,16}(?:分为|分成|分)(?P<n>[两二三四五六七八2-8])[大个]?(?:类|种|部分|方面)[^。；\d]{0,6}[：，]")
N_KINDS = {"两": 2, **{sign: n for n, sign in enumerate("二三四五六七八", 2)}, **{str(n): n for n in range(2, 9)}}
LARGER = re.compile(r"共|总|合计|累计|完成|实现")
TAKEN_IN = re.compile(r"受理|收到|接到|接收|移送|申请|申报")
"""What came in need not be decided yet, and what is decided may have come earlier: 受理58人,批准54人,不批准3人."""


def sums(positions: Positions, labels: Labels, lists: Sequence[ShareList]) -> Iterator[Claim]:
    """Yield a claim for each whole with parts after it, and for each total after its parts."""
    confirmed: list[Claim] = []
    for whole, quantity in enumerate(positions.quantities):
        if not is_count(quantity) or value(quantity) < MIN_WHOLE or labels.roles[whole] not in {Role.LEVEL, Role.REST}:
            continue
        if SUM_OF_ALL.search(labels.left(whole)) and (claim := _sum_before(positions, labels, whole)):
            yield claim
            continue
        tied = list(_tied(positions, labels, whole))
        is_explicit = any(reading.tie is Tie.EXPLICIT for reading in tied)
        parted = [] if is_explicit else list(_parted(positions, labels, whole))
        near = [one for one in parted if one.tie is Tie.POSSIBLE and _is_one_paragraph(positions, whole, one.terms[-1])]
        if tied or near:
            confirmed.append(Claim(Kind.SUM, whole, tuple(tied or near)))
        likely = [one for one in parted if one.tie is Tie.LIKELY]
        if len(likely) < len(parted):  # it is parted in several ways, and each must add up
            parted = [one for one in parted if one.tie is not Tie.LIKELY]
            used = {part for one in parted for part in one.terms}
            apart = [one for one in likely if used.isdisjoint(one.terms)]
            yield from (Claim(Kind.SUM, whole, (one,)) for one in apart[:1])
        if tied or parted:
            yield Claim(Kind.SUM, whole, (*tied, *parted))
    yield from other_measures(positions, labels, confirmed)
    yield from _whole_lists(positions, labels, lists)
    yield from _industries(positions, labels)
    yield from _light_and_heavy(positions, labels)


def _industries(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """第一产业…,第二产业…,第三产业… are all there are; the whole has the same measure."""
    for first, _ in enumerate(positions.quantities):
        if labels.roles[first] is not Role.LEVEL or "第一产业" not in labels.left(first):
            continue
        measure = labels.left(first)[-2:]
        parts = [first]
        for name in ("第二产业", "第三产业"):
            following = (one for one in range(parts[-1] + 1, len(positions.quantities)) if labels.roles[one] is Role.LEVEL)
            part = next((one for one in following if name in labels.left(one)), None)
            if part is not None and labels.left(part).endswith(measure) and part - parts[-1] <= MAX_BETWEEN:
                parts.append(part)
        if len(parts) == 3 and (whole := _whole_of_industries(positions, labels, parts, measure)) is not None:
            yield Claim(Kind.SUM, whole, (Reading(tuple(parts), Tie.LIKELY),))


def _light_and_heavy(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """重工业…,轻工业… are all industry, whatever else is named between: 工业贷款余额3835亿元。其中,制造业…;重工业…;轻工业…."""
    levels = [one for one, role in enumerate(labels.roles) if role is Role.LEVEL and is_count(positions.quantities[one])]
    for nth, second in enumerate(levels[1:], 1):
        first = levels[nth - 1]
        names = {name for one in (first, second) for name in ("轻工业", "重工业") if name in labels.left(one)}
        measure = content(labels.left(second)).partition("工业")[2]
        is_pair_ = len(names) == 2 and len(measure) > 1 and content(labels.left(first)).endswith("工业" + measure)
        if not is_pair_ or not is_alike(positions.quantities[first], positions.quantities[second]):
            continue
        for whole in reversed(levels[max(0, nth - 1 - MAX_BETWEEN) : nth - 1]):
            is_whole = content(labels.left(whole)).endswith("工业" + measure) and _is_one_paragraph(positions, whole, second)
            if is_whole and is_alike(positions.quantities[whole], positions.quantities[first]):
                yield Claim(Kind.SUM, whole, (Reading((first, second), Tie.LIKELY),))
                break


def _whole_of_industries(positions: Positions, labels: Labels, parts: Sequence[int], measure: str) -> int | None:
    """The count shortly before three industries that has their measure; a fourth part after them makes the list incomplete."""
    following = parts[-1] + 1
    following = next((one for one in range(following, len(positions.quantities)) if labels.roles[one] is Role.LEVEL), None)
    if following is not None and labels.left(following).endswith(measure) and _is_one_paragraph(positions, parts[-1], following):
        return None  # 第三产业用电量…;居民生活用电量…
    before = [
        one
        for one in range(parts[0] - 1, -1, -1)
        if labels.roles[one] is Role.LEVEL
        and is_alike(positions.quantities[one], positions.quantities[parts[0]])
        and positions.sentence(parts[0]) - positions.sentence(one) <= N_BEFORE_INDUSTRIES
    ]
    for nth, whole in enumerate(before):
        is_measure = labels.left(whole).endswith(measure) or (nth == 0 and measure == "加值")
        is_whole = nth == 0 and _is_larger(positions, whole, parts)
        if is_measure and (is_whole or looks_misprinted(positions, whole, parts, MIN_DIGITS) or adds_up(positions, whole, parts)):
            return whole
    return None


def _whole_lists(positions: Positions, labels: Labels, lists: Sequence[ShareList]) -> Iterator[Claim]:
    """Where the shares of a list add up to 100 %, its parts add up to the whole."""
    for one in lists:
        shares_ = [positions.quantities[member.share] for member in one.members]
        low, high = total(shares_)
        is_disputed = any(reading.terms[1] == one.whole for reading in one.readings.values()) and len(one.readings) == 1
        parts = tuple(member.part for member in one.members)
        is_open = one.whole is not None and _has_room(positions, one.whole, parts, 1 - low)
        if one.whole is not None and low <= 1 <= high and len(shares_) > 1 and not is_disputed:
            yield Claim(Kind.SUM, one.whole, (Reading(parts, Tie.LIKELY if is_open else Tie.EXPLICIT),))
        elif one.whole is None and low <= 1 <= high and len(shares_) > 1:
            total_ = next(_totals_before(positions, labels, parts), None)
            if total_ is not None and looks_misprinted(positions, total_, parts, MIN_DIGITS):
                yield Claim(Kind.SUM, total_, (Reading(parts, Tie.LIKELY),))


def _has_room(positions: Positions, whole: int, parts: Sequence[int], share: Decimal) -> bool:
    """Whether parts leave a rest that their rounded shares do not show: 投诉9880件,占73%;举报3618件,占27%;咨询1件."""
    least, most = bounds(positions.quantities[whole])
    rest = most - total([positions.quantities[part] for part in parts])[0]
    return least > 0 and rest.is_finite() and 0 < rest / least <= share


def _totals_before(positions: Positions, labels: Labels, parts: Sequence[int]) -> Iterator[int]:
    """The totals shortly before the parts of a list whose shares add up to 100 %."""
    for one in levels_before(labels, parts[0]):
        if positions.sentence(parts[0]) - positions.sentence(one) > N_SENTENCES:
            return
        if positions.quantities[one].unit == positions.quantities[parts[0]].unit and LARGER.search(labels.left(one)):
            yield one


def _following(positions: Positions, labels: Labels, whole: int, in_brackets: bool = False) -> list[int]:
    """The counts after a whole that may be its parts, in order; those in brackets are parts of parts."""
    here = positions.sentence(whole)
    reach = N_SENTENCES if value(positions.quantities[whole]) < MIN_SURE else 2 * N_SENTENCES
    found: list[int] = []
    for one in range(whole + 1, len(positions.quantities)):
        if positions.sentence(one) - here > reach or len(found) > 3 * MAX_PARTS:
            break
        is_part = labels.roles[one] in {Role.LEVEL, Role.REST} and not _is_other_plan(positions, labels, one, whole)
        if labels.depths[one] > labels.depths[whole] and not in_brackets:
            continue
        if is_part and found and is_done_of(labels, whole, found[-1], one):
            continue
        if is_part and is_alike(positions.quantities[whole], positions.quantities[one]):
            found.append(one)
    return found


def _is_other_plan(positions: Positions, labels: Labels, part: int, whole: int) -> bool:
    """Whether one amount is planned and the other is not. 计划新开工157项 counts projects, planned or not."""
    return positions.quantities[part].unit in MEASURED and labels.is_plan(part) and not labels.is_plan(whole)


def _parted(positions: Positions, labels: Labels, whole: int) -> Iterator[Reading]:
    """Yield the lists after a whole that add up, and those that one misprint keeps from it."""
    for found in part_lists(positions, labels, whole):
        if adds_up(positions, whole, found.parts):
            yield Reading(found.parts)
        elif found.is_loose:
            continue
        elif found.is_complete:
            yield Reading(found.parts, Tie.LIKELY)
        elif _is_uniform(positions, (whole, *found.parts)) and not _add_up_to_another(positions, whole, found.parts):
            n_digits = MIN_DIGITS + (not found.is_opened)
            chance = chance_of_misprint(positions, whole, found.parts, n_digits)
            is_telling = found.is_opened and len(found.parts) > 2 and (chance <= MANY or not found.is_measured)
            is_telling = is_telling or chance <= (CHANCE if found.is_opened else SMALL_CHANCE)
            is_list = found.is_opened or len(found.parts) > 2
            is_telling = is_telling or (is_list and has_another_scale(positions, whole, found.parts))
            if is_telling and looks_misprinted(positions, whole, found.parts, n_digits):
                yield Reading(found.parts, Tie.LIKELY)


def _is_one_paragraph(positions: Positions, first: int, last: int) -> bool:
    return "\n" not in positions.text.plain[positions.quantities[first].end : positions.quantities[last].start]


def _add_up_to_another(positions: Positions, whole: int, parts: Sequence[int]) -> bool:
    """Whether another count before parts is their sum."""
    return any(
        one != whole and positions.quantities[one].unit == positions.quantities[whole].unit and adds_up(positions, one, parts)
        for one in range(max(0, parts[0] - N_BEFORE), parts[0])
        if is_count(positions.quantities[one])
    )


def _is_uniform(positions: Positions, numbers: Sequence[int]) -> bool:
    """Whether numbers have one unit and no bounds."""
    units = {positions.quantities[one].unit for one in numbers}
    return len(units) == 1 and "" not in units and all(positions.quantities[one].bound == "exact" for one in numbers)


def _in_brackets(positions: Positions, labels: Labels, whole: int) -> Reading | None:
    """27项(省级6项、市级5项、县级16项)."""
    plain, end = positions.text.plain, positions.quantities[whole].end
    if whole + 1 < len(positions.quantities) and positions.quantities[whole + 1].start == end:
        end = positions.quantities[whole + 1].end  # 9087户27595人(…)
    noun = NOUN.match(plain, end)
    end = noun.end() if noun else end
    close = plain.find("）", end)
    if not plain.startswith("（", end) or close < 0:
        return None
    every = [one for one in range(whole + 1, len(positions.quantities)) if end <= positions.quantities[one].start < close]
    inside = [one for one in _following(positions, labels, whole, in_brackets=True) if one in every]
    if len(inside) < 2 or (inside != every and not (adds_up(positions, whole, inside) or _are_even(inside, every))):
        return None
    is_some = SOME.search(plain, end, close) is not None
    return Reading(tuple(inside), Tie.EXPLICIT if not is_some else Tie.LIKELY if len(inside) > 2 else Tie.POSSIBLE)


def _of_kinds(positions: Positions, labels: Labels, whole: int) -> Reading | None:
    """建议128件,分为五类:一是甲类20件…五是戊类25件: as many parts as kinds are said to be."""
    plain, quantities = positions.text.plain, positions.quantities
    said = KINDS.match(plain, quantities[whole].end)
    if said is None:
        return None
    close = min((at for sign in "。\n" if (at := plain.find(sign, said.end())) >= 0), default=len(plain))
    parts = [
        one
        for one in range(whole + 1, len(quantities))
        if said.end() <= quantities[one].start < close
        and labels.roles[one] in {Role.LEVEL, Role.REST}
        and quantities[one].unit == quantities[whole].unit
        and not labels.depths[one]
    ]
    return Reading(tuple(parts), Tie.EXPLICIT) if len(parts) == N_KINDS[said["n"]] else None


def _are_even(inside: Sequence[int], every: Sequence[int]) -> bool:
    """Whether the parts of one kind stand at even distances: 甲5户18人、乙4户17人、丙6户18人."""
    steps = {after - before for before, after in itertools.pairwise(inside)}
    return len(steps) == 1 and len(every) == len(inside) * steps.pop()


def _tied(positions: Positions, labels: Labels, whole: int) -> Iterator[Reading]:
    if inside := _in_brackets(positions, labels, whole):
        yield inside
        return
    if kinds := _of_kinds(positions, labels, whole):
        yield kinds
        return
    here = positions.sentence(whole)
    following = _following(positions, labels, whole)
    if both := _done_and_undone(positions, labels, whole, following):
        yield both
        return
    if len(following) < 2:
        return
    if not _is_opened(positions, labels, whole, following[0]):
        if _is_one_paragraph(positions, whole, following[1]) and (unfinished := _unfinished(positions, labels, whole, following)):
            yield unfinished  # 受理54件;办结46件;尚有未结8件
        return
    if labels.is_plan(whole) and not labels.is_plan(following[0]):
        return
    is_first_alike = not any(
        is_alike(positions.quantities[one], positions.quantities[whole]) and positions.sentence(one) == here
        for one in range(whole)
    )
    # 共755个,现场解决578个,其余177个
    rest = next((one for one in following if REMAINDER.search(labels.left(one)) and positions.sentence(one) == here), None)
    if rest is not None:
        parts = [one for one in following if one <= rest]
        if any(adds_up(positions, parts[nth], parts[nth + 1 :]) for nth in range(len(parts) - 2)):
            return  # 受灾84700人，应转移54468人，已转移53808人，剩余660人: the rest of another whole
        if is_first_alike and len(parts) >= 2 and len(parts) == rest - whole:
            yield Reading(tuple(parts), Tie.EXPLICIT if _is_larger(positions, whole, parts) else Tie.LIKELY)
        elif is_first_alike and len(parts) == 2 and _are_of_other_things(positions, whole, rest, parts):
            yield Reading(tuple(parts), Tie.LIKELY)
        return
    if unfinished := _unfinished(positions, labels, whole, following):
        yield unfinished
        return
    between = positions.text.plain[positions.quantities[whole].end : positions.quantities[following[0]].start]
    if INCOMPLETE.search(re.sub("主要", "", between) if "主要" in labels.left(whole) else between):
        return  # 全国主要港口…,其中沿海主要港口
    parts = _listed(positions, labels, whole, following)
    name = content(labels.left(whole))
    is_one_side = len(parts) == 2 and is_of_one_side(name, labels.item(parts[0]), labels.of(parts[1]))
    if not _is_larger(positions, whole, parts):
        if "其中" in positions.text.plain[positions.quantities[whole].end : positions.quantities[parts[0]].start]:
            larger = [one for one in parts if not _is_larger(positions, whole, [one])]
            if len(parts) >= 2 and len(larger) == 1 and looks_misprinted(positions, whole, parts):
                yield Reading(tuple(parts), Tie.LIKELY)
            return
        is_pair = len(parts) == 2 and are_opposite(labels.item(parts[0]), labels.of(parts[1])) and not is_one_side
        if is_pair and has_another_scale(positions, whole, parts):
            yield Reading(tuple(parts), Tie.LIKELY)
        return
    if is_one_side and not looks_misprinted(positions, whole, parts, MIN_DIGITS + 1):
        return
    if len(parts) == 2 and not is_one_side and are_opposite(labels.item(parts[0]), labels.of(parts[1])):
        is_intake = TAKEN_IN.search(labels.left(whole)) is not None and NEGATED.search(labels.of(parts[1])) is not None
        if not is_intake or looks_misprinted(positions, whole, parts):
            yield Reading(tuple(parts), Tie.LIKELY if is_intake else Tie.EXPLICIT)
    elif len(parts) == 2 and not is_one_side and are_opposite(labels.item(parts[0]), labels.of(parts[1]), OFTEN_ALL):
        yield Reading(tuple(parts), Tie.LIKELY)
    elif len(parts) > 2 and _is_closed_pair(positions, labels, parts):
        yield Reading(tuple(parts[:2]), Tie.LIKELY)  # 97人,其中男61人,女36人;研究生19人
    elif len(parts) > 2 and _is_pair(positions, labels, parts) and looks_misprinted(positions, whole, parts[:2]):
        yield Reading(tuple(parts[:2]), Tie.LIKELY)
    elif (
        len(parts) >= 2
        and looks_misprinted(positions, whole, parts)
        and (OPENS.search(between) or LARGER.search(labels.left(whole)))
    ):
        yield Reading(tuple(parts), Tie.LIKELY)
    elif len(parts) > 2 and parts[0] - whole <= 2 and LARGER.search(labels.left(whole)):
        first = parts[:2]  # 共受理2877件，自行处理2276件，派单601件，按时结案597件…
        if parts[1] - parts[0] == 1 and looks_misprinted(positions, whole, first, MIN_DIGITS + 1):
            yield Reading(tuple(first), Tie.LIKELY)


def _are_of_other_things(positions: Positions, whole: int, rest: int, parts: Sequence[int]) -> bool:
    """Whether what stands between a whole and its rest, but for its parts, counts other things: 14家复产11家,返岗463人,其余3家."""
    between = [one for one in range(whole + 1, rest) if one not in parts]
    return not any(is_alike(positions.quantities[one], positions.quantities[whole]) for one in between)


def _done_and_undone(positions: Positions, labels: Labels, whole: int, following: Sequence[int]) -> Reading | None:
    """50项问题,已整改40项,到位资金3万元,正在整改10项: two parts by one verb, alone in the sentence of their whole, amounts between."""
    unit = positions.quantities[whole].unit
    here = [one for one in following if positions.sentence(one) == positions.sentence(whole)]
    here = [one for one in here if positions.quantities[one].unit == unit]
    earlier = range(here[0]) if here else range(0)
    if len(here) != 2 or here[1] - here[0] < 2 or not _is_larger(positions, whole, here):
        return None
    done, undone = (VERB.search(labels.of(one)) for one in here)
    is_one_verb = done is not None and undone is not None and done["verb"] == undone["verb"] and done["how"] != undone["how"]
    is_first = not any(
        one != whole and positions.sentence(one) == positions.sentence(whole) and positions.quantities[one].unit == unit
        for one in earlier
    )
    return Reading(tuple(here), Tie.LIKELY) if is_one_verb and is_first else None


def _is_pair(positions: Positions, labels: Labels, parts: Sequence[int]) -> bool:
    """Whether the first two parts of a list belong together: 普通食品3108批次、食用农产品960批次,不合格158批次."""
    if are_opposite(labels.item(parts[0]), labels.of(parts[1]), (*OPPOSITES, *OFTEN_ALL)):
        return True
    marks = [positions.text.plain[positions.quantities[one].end] for one in parts[:2]]
    return parts[1] - parts[0] == 1 and marks[0] == "、" != marks[1]


def _is_closed_pair(positions: Positions, labels: Labels, parts: Sequence[int]) -> bool:
    """Whether the first two of a list leave no third, and the others stand behind a semicolon."""
    first, second, third = parts[:3]
    between = positions.text.plain[positions.quantities[second].end : positions.quantities[third].start]
    are_both = are_opposite(labels.left(first).removeprefix("其中") + "·", labels.left(second) + "·")
    return are_both and second - first == 1 and "；" in between


def _unfinished(positions: Positions, labels: Labels, whole: int, following: Sequence[int]) -> Reading | None:
    """受理54件;办结46件;尚有未结8件: the done and the rest, unless some are left from before."""
    part, rest = following[:2]
    is_rest = labels.roles[rest] is Role.REST and re.search(r"未|在办|正在", labels.of(rest)) is not None
    is_done = labels.roles[part] is Role.LEVEL and re.search(r"结|完|解决|化解|已", labels.left(part)) is not None
    return Reading((part, rest), Tie.LIKELY) if is_rest and is_done and _is_larger(positions, whole, [part]) else None


def _is_opened(positions: Positions, labels: Labels, whole: int, first: int) -> bool:
    """Whether a list of parts begins right after a whole: in its sentence, or with 其中."""
    between = positions.text.plain[positions.quantities[whole].end : positions.quantities[first].start]
    is_said = re.search(r"其中|[^其]中，", between) is not None and between.count("。") <= 1
    if any(labels.roles[one] is Role.LEVEL and is_count(positions.quantities[one]) for one in range(whole + 1, first)):
        return is_said
    return is_said or not re.search(r"[。；\n]", between)


def _is_larger(positions: Positions, whole: int, parts: Sequence[int]) -> bool:
    """Whether a whole is more than each of its parts: a number of a list is the whole of none that follows."""
    return all(value(positions.quantities[whole]) >= value(positions.quantities[one]) for one in parts)


def _listed(positions: Positions, labels: Labels, whole: int, following: Sequence[int]) -> list[int]:
    """The counts of one list: those after a whole until the sentence ends."""
    plain = positions.text.plain
    end = min(
        (at for sign in "。\n" if (at := plain.find(sign, positions.quantities[following[0]].start)) >= 0), default=len(plain)
    )
    listed = [one for one in following if positions.quantities[one].start < end]
    measure = content(labels.left(listed[0]))[-2:]
    same = [one for one in listed if content(labels.left(one)).endswith(measure)]
    return same if len(same) >= 2 and positions.quantities[whole].unit in MEASURED else listed


def _sum_before(positions: Positions, labels: Labels, whole: int) -> Claim | None:
    here = positions.sentence(whole)
    parts = [
        one
        for one in range(whole - 1, -1, -1)
        if positions.sentence(one) == here
        and is_count(positions.quantities[one])
        and is_alike(positions.quantities[one], positions.quantities[whole])
    ]
    readings = [Reading(tuple(reversed(parts[:n]))) for n in range(2, len(parts) + 1) if adds_up(positions, whole, parts[:n])]
    parts = [one for one in parts if positions.quantities[one].unit == positions.quantities[whole].unit]
    own = content(SUM_OF_ALL.sub("", labels.left(whole)))
    is_list = len(own) < 2 and not any(SUM_OF_ALL.search(labels.left(one)) for one in parts)
    is_list = is_list and all(has_one_noun(labels.right(one), labels.right(whole)) for one in parts)
    is_list = (
        is_list and len(parts) >= 2 and len(parts) == whole - parts[-1] and all(labels.roles[one] is Role.LEVEL for one in parts)
    )
    goes_on = whole + 1 < len(positions.quantities) and positions.sentence(whole + 1) == here
    if is_list:
        more = goes_on and is_alike(positions.quantities[whole], positions.quantities[whole + 1])
        readings.append(Reading(tuple(reversed(parts)), Tie.LIKELY if more else Tie.EXPLICIT))
    return Claim(Kind.SUM, whole, tuple(readings)) if readings else None
