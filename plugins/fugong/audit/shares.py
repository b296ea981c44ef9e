"""Reads what a single share is a share of: 完成年度计划的 40%; 54 项办结 46 项,办结率 85.2%; 835 件,其中 801 件,占 95.9%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fugong.audit.labels import Labels, Role, ShareWords, common, content, is_within
from fugong.audit.named_lists import of_named_list
from fugong.audit.nearby import has_words_of, nearby, stated_later, with_name
from fugong.audit.paired_shares import in_list
from fugong.audit.pairs import is_beside, is_one_subject, is_pair, levels_before, whole_before_among
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.rates import of_counted, of_name, of_plan, of_rate, of_sentence_before
from fugong.audit.remarks import n_clauses, value
from fugong.audit.statements import Claim, Kind, Reading, Tie, less_sure
from fugong.audit.wholes import (
    ADVERBS,
    LARGER_AREA,
    OF_AREA,
    TOTAL,
    has_own_subject,
    is_name_of,
    is_of_another_area,
    is_of_larger_ones,
    is_sibling,
    measured_whole,
    says_name,
)

N_PARTS = 3
"""A part is one of so many counts before its share."""
N_WHOLES = 40
"""A whole is one of so many counts before its part; beyond the first few its label must say that it is a total."""
N_NEAR, N_AFTER = 8, 3
MIN_COMMON, MIN_NAME, MIN_SAME, N_SENTENCES, N_NAMED = 3, 3, 6, 8, 4
OWN_PRODUCT = re.compile(r"(?:国内|地区)?生产总值|GDP")
INDUSTRIES = ("第一产业", "第二产业", "第三产业")
LARGER = re.compile(r"共|总|合计|全[市县区省国州]|收到|受理|累计|完成|实现|年末|拥有|安排")
AMONG_NAMED = re.compile(r"(?:^|[，。；：\n])([^，。；：\n]{2,20}?)(?:当中|之中|(?<!其)中)[，、]")
OWN_COUNT = re.compile(r"^[^，]{0,4}?(?P<unit>[起人件户家项宗辆])(?:数|次)?(?:量)?占")
"""What a share says that it is a share of: 起数占总数的."""
AMONG = re.compile(r"其中|当中|之中|中[，、]|中$")
OUT_OF = re.compile(r"[^，。；：（）、\n]{1,14}中[，、]?(?:有|已有|共有)?")
"""Between a whole and its part: 27个行业中有23个."""
ELIDED = re.compile(r"[开复办结解决恢返岗产工完成落实到签约投]+")
"""The label of a part that has a verb and no subject."""


def shares(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each share that has a part and a whole in the text."""
    for number, share in enumerate(positions.quantities):
        if share.unit != "1" or share.value == 0 or share.is_limit or share.bound == "range":
            continue
        words = labels.share_words(number)
        if words.kind == "named":
            if readings := tuple(of_name(positions, labels, number, words.verb)):
                yield Claim(Kind.SHARE, number, readings)
            continue
        if words.kind not in {"part", "plan", "rate"}:
            continue
        is_before = words.kind == "part" and labels.right(number).startswith("的")
        if is_before and (readings := tuple(_of_what_follows(positions, labels, number, words))):
            yield Claim(Kind.SHARE, number, readings)
            continue
        if labels.is_in_list_of_shares(number):
            listed = [*_of_industries(positions, labels, number, words), *of_named_list(positions, labels, number)]
            readings = [*listed, *in_list(positions, labels, number)]
            if readings:
                part = readings[0].terms[0]
                readings += nearby(positions, labels, number, [part], words, is_listed=True)
                yield Claim(Kind.SHARE, number, tuple(readings))
            continue
        parts = parts_of(positions, labels, number)
        tied = list(_tied(positions, labels, number, parts, words))
        explicit = next((reading for reading in tied if reading.tie is Tie.EXPLICIT), None)
        possible = _possible(positions, labels, number, parts, explicit)
        readings = [*tied, *_of_name_only(labels, tied, possible, words)]
        readings += nearby(positions, labels, number, parts[:1], words) if explicit is None else ()
        readings += of_sentence_before(positions, labels, number, words.verb) if words.kind == "rate" and not tied else ()
        if share.bound in {"floor", "ceiling"}:  # almost any two counts make more than 50 %
            readings = [one for one in tied if one.terms[0] == number - 1]
        if readings:
            yield Claim(Kind.SHARE, number, tuple(dict.fromkeys(readings)))


def _of_name_only(labels: Labels, tied: Sequence[Reading], possible: Iterator[Reading], words: ShareWords) -> Iterator[Reading]:
    """Yield what can confirm a share: where its whole is named and found, only counts with that name."""
    bare = content(TOTAL.sub("", words.whole))
    has_name = words.kind == "part" and len(bare) >= MIN_NAME
    is_found = has_name and any(is_within(bare, labels.subject(one.terms[1])) for one in tied if one.tie is Tie.LIKELY)
    yield from (one for one in possible if not is_found or has_words_of(bare, labels.subject(one.terms[1])))


def _of_what_follows(positions: Positions, labels: Labels, share: int, words: ShareWords) -> Iterator[Reading]:
    """占营业收入达49.5%的运输业收入实现21.34亿元: the part stands after its share."""
    here = positions.sentence(share)
    after = range(share + 1, min(share + 1 + N_AFTER, len(positions.quantities)))
    part = next((one for one in after if labels.roles[one] is Role.LEVEL and positions.sentence(one) == here), None)
    bare = content(words.whole)
    if part is None or len(bare) < 2:
        return
    whole = _named(positions, labels, part, bare, words.whole)
    if whole is not None:
        yield Reading((part, whole), Tie.LIKELY)
    for one in [one for one in levels_before(labels, share) if is_pair(positions, part, one)][:N_WHOLES]:
        if has_words_of(bare, labels.subject(one)):
            yield Reading((part, one))


def _of_industries(positions: Positions, labels: Labels, share: int, words: ShareWords) -> Iterator[Reading]:
    """三次产业占生产总值比重分别为1.7%、65.8%、32.5%: the amounts of the three before."""
    first, n_shares = labels.place_in_list(share)
    if n_shares != len(INDUSTRIES) or "三次产业" not in labels.clause_left(first):
        return
    name = INDUSTRIES[share - first]
    before = (one for one in levels_before(labels, first) if positions.sentence(first) - positions.sentence(one) <= N_SENTENCES)
    part = next((one for one in before if name in labels.left(one)), None)
    whole = None if part is None else _named(positions, labels, part, content(words.whole), words.whole)
    if part is not None and whole is not None:
        yield Reading((part, whole), Tie.LIKELY)


def parts_of(positions: Positions, labels: Labels, share: int) -> list[int]:
    """The counts that a share may be the share of, the nearest first."""
    here = positions.sentence(share)
    found: list[int] = []
    for part in levels_before(labels, share):
        if labels.depths[part] > labels.depths[share]:
            continue  # in brackets, beside the sentence
        there = positions.sentence(part)
        if here - there > 1 or len(found) == N_PARTS or not positions.is_same_matter(there, here):
            break
        if here == there or not found:
            found.append(part)
    if own := OWN_COUNT.search(labels.clause_left(share)):  # 火灾12.5万起,亡1071人,起数占总数的44.3%,亡人数占77.1%
        found.sort(key=lambda one: positions.quantities[one].unit != own["unit"])
    return found


def _possible(
    positions: Positions, labels: Labels, share: int, parts: Sequence[int], explicit: Reading | None
) -> Iterator[Reading]:
    """Yield the pairs of part and whole that stand near enough to confirm a share.

    Where an explicit reading is known, only its own part, in its own sentence, may have another whole.
    """
    if explicit is not None:
        part = explicit.terms[0]
        for whole in levels_before(labels, part):
            if positions.sentence(whole) != positions.sentence(part):
                return
            if is_pair(positions, part, whole):
                yield Reading((part, whole))
        return
    bare = content(TOTAL.sub("", labels.share_words(share).whole))
    for part in parts:
        for nth, whole in enumerate(one for one in levels_before(labels, part) if is_pair(positions, part, one)):
            if nth > N_WHOLES or (part != parts[0] and positions.sentence(whole) != positions.sentence(part)):
                break
            is_named = len(bare) >= 2 and has_words_of(bare, labels.left(whole))
            if nth < N_NEAR or is_named or LARGER.search(labels.of(whole)) or _is_general(labels, whole, part):
                yield Reading((part, whole))
    after = [
        one
        for one in range(share + 1, min(share + 1 + N_AFTER, len(positions.quantities)))
        if labels.roles[one] is Role.LEVEL and positions.sentence(one) - positions.sentence(share) <= 1
    ]
    for part, whole in [(one, other) for one in (*after, *parts[:1]) for other in after if one != other]:
        if is_pair(positions, part, whole):
            yield Reading((part, whole))
    if parts:
        yield from stated_later(positions, labels, share, parts[0], bare)
    for part, whole in [(one, other) for one in after for other in parts]:
        if is_pair(positions, part, whole):
            yield Reading((part, whole))


def _is_general(labels: Labels, whole: int, part: int) -> bool:
    """Whether all words of a whole end those of a part: 出口 and 劳动密集型产品出口."""
    name = content(labels.left(whole))
    return len(name) >= 2 and content(labels.left(part)).endswith(name)


def _tied(positions: Positions, labels: Labels, share: int, parts: Sequence[int], words: ShareWords) -> Iterator[Reading]:
    if not parts:
        return
    embedded = _embedded(positions, share, parts[0])
    if embedded:  # 689亿元，超过国家计划650亿元的6%，为调整计划706亿元的97.6%
        parts = [parts[0], *(one for one in parts[1:] if labels.right(one) != "的")]
    if _is_bracketed(positions, labels, share) and is_pair(positions, parts[0], share - 1):
        yield Reading((parts[0], share - 1), Tie.EXPLICIT)
    elif embedded:
        if (
            len(parts) > 1
            and is_pair(positions, parts[1], parts[0])
            and n_clauses(positions, parts[1], parts[0]) <= 1 + 2 * (parts[0] - parts[1] - 1)
        ):
            yield Reading((parts[1], parts[0]), Tie.EXPLICIT)
    elif words.kind == "plan":
        yield from of_plan(positions, labels, share, parts[0])
    elif words.kind == "rate" and (counted := of_counted(positions, labels, share, words.verb)):
        yield counted
    elif words.kind == "rate":
        levels = [one for one in parts if labels.roles[one] is Role.LEVEL] or list(parts[:1])
        part = next((one for one in levels if len(words.verb) > 2 and words.verb in labels.of(one)), levels[0])
        if words.verb[-2:] not in labels.of(part):  # 已复工1180个,到岗4.28万人,复工率32.8%
            here = [one for one in levels if positions.sentence(one) == positions.sentence(share)]
            part = next((one for one in here if words.verb[-2:] in labels.left(one)), part)
        yield from of_rate(positions, labels, share, part, words.verb)
    elif is_beside(positions, parts[0], share) and not has_own_subject(labels, share, parts[0]):
        name = _name_of(positions, labels, share, parts[0], words)
        readings = (
            less_sure(one) if is_of_larger_ones(labels, one.terms[1], name) else one
            for one in _of_total(positions, labels, parts[0], name)
        )
        yield from (one if name == words.whole else less_sure(one) for one in readings)
    elif _is_after_semicolon(positions, labels, share, parts[0]):
        readings = _of_total(positions, labels, parts[0], words.whole)
        yield from (Reading(one.terms, Tie.LIKELY) for one in readings if one.tie in {Tie.EXPLICIT, Tie.LIKELY})
    elif not labels.is_in_list_of_shares(share):
        yield from _of_named(positions, labels, share, words.whole)


def _name_of(positions: Positions, labels: Labels, share: int, part: int, words: ShareWords) -> str:
    """The name of the whole of a share, which an earlier share may say for it, unless 其中 begins a list of its own."""
    start = positions.text.sentences[positions.sentence(part)].start
    is_among = AMONG.search(positions.text.plain, start, positions.quantities[part].start) is not None
    named = words if words.whole or is_among else with_name(positions, labels, share, words)
    return named.whole


def _embedded(positions: Positions, share: int, whole: int) -> bool:
    """Whether a whole stands inside the words of its share: 完成预算数257288万元的41.9%."""
    plain, quantity = positions.text.plain, positions.quantities[whole]
    between = plain[quantity.end : positions.quantities[share].start]
    clause = plain[max(plain.rfind(sign, 0, quantity.start) for sign in "，。；：（）\n") + 1 : quantity.start]
    return (
        not re.search(r"[，。；：（）、\n]", between) and re.search(r"(?:完成|占|为|达到?|实现)[^\d]{0,24}$", clause) is not None
    )


def _is_after_semicolon(positions: Positions, labels: Labels, share: int, part: int) -> bool:
    """电气火灾20.8万起,上升14.4%；占总数的31.4%: the clause of a share that begins with 占 goes on with the part before."""
    start = positions.quantities[share].start - len(labels.clause_left(share))
    is_next = positions.sentence(share) - positions.sentence(part) == 1 and positions.text.plain[start - 1 : start] == "；"
    return is_next and positions.text.plain.startswith("占", start)


def _is_bracketed(positions: Positions, labels: Labels, share: int) -> bool:
    """Whether a whole stands in brackets inside the words of its share: 占去年同期用工人数（58795人）的80.32%."""
    quantities, plain = positions.quantities, positions.text.plain
    if not share or labels.depths[share - 1] <= labels.depths[share] or labels.roles[share - 1] is not Role.LEVEL:
        return False
    between = plain[quantities[share - 1].end : quantities[share].start]
    before = plain[max(0, quantities[share - 1].start - 30) : quantities[share - 1].start]
    return (
        between in {"）的", "）的比例为", "）的比重为", "）比重为"}
        and re.search(r"占[^，。；：（）\d]{2,24}（[^（），\d]{0,6}$", before) is not None
    )


def _of_total(positions: Positions, labels: Labels, part: int, name: str) -> Iterator[Reading]:
    if labels.is_plan(part):
        return
    bare = content(TOTAL.sub("", name))
    period = period_of(positions, part)
    measured = None if LARGER_AREA.search(name) else measured_whole(labels, part, bare)
    if measured is not None and measured.tie is Tie.EXPLICIT and "同期" not in name:
        yield measured
        yield from (Reading((part, one)) for one in whole_before_among(positions, labels, part))
        return
    wholes = [
        whole
        for whole in levels_before(labels, part)
        if positions.sentence(part) - positions.sentence(whole) <= N_SENTENCES
        and is_pair(positions, part, whole)
        and period.may_be(period_of(positions, whole))
        and not _is_part_of_same(positions, labels, whole, name)
        and not is_sibling(labels, whole, part)
    ][:N_NEAR]
    if not wholes:
        if measured is not None:
            yield Reading(measured.terms, Tie.LIKELY)
        return
    larger = _not_less(positions, part, wholes)
    if wholes[0] not in larger and bare and any(is_within(bare, labels.of(one)) for one in larger[:N_PARTS]):
        wholes = larger
    if not bare and (same := _same_label(labels, part, wholes)) is not None:
        yield Reading((part, same), Tie.LIKELY)
        return
    whole = _same_in_words(labels, part, wholes) or wholes[0]
    apart = positions.sentence(part) - positions.sentence(whole)
    before = next(levels_before(labels, part), part - 1)
    here = positions.text.sentences[positions.sentence(part)].start
    between = positions.text.plain[max(here, positions.quantities[before].end) : positions.quantities[part].start]
    shared = common(bare, labels.of(whole))
    is_named = is_within(bare, labels.of(whole)) or shared >= max(MIN_COMMON, len(bare) // 2)
    is_among = (AMONG.search(between) is not None and apart <= 1) or _is_one_clause(positions, whole, part)
    if (among := AMONG_NAMED.search(between)) and common(content(among[1]), content(labels.of(whole))) < 2:
        is_among = False  # 本次入选名单中，: the whole has other words
    if is_of_another_area(positions, labels, whole, name):
        if (named := _named(positions, labels, part, bare, name)) is not None and not is_of_another_area(
            positions, labels, named, name
        ):
            yield Reading((part, named), Tie.LIKELY)
        elif measured is not None:
            yield Reading(measured.terms, Tie.LIKELY)
    elif (is_among and is_within(bare, labels.of(whole))) or (
        is_name_of(bare, labels.left(whole)) and _is_near(positions, whole, part, "同期" in name)
    ):
        yield Reading((part, whole), Tie.EXPLICIT)
    elif measured is not None and len(bare) > 2 * MIN_NAME:
        yield Reading(measured.terms, Tie.LIKELY)
    elif is_among and (shared >= 2 or is_named):
        yield Reading((part, whole), Tie.LIKELY)
    elif "总" in name and LARGER.search(labels.left(whole)) and apart == 0 and whole == wholes[0] and whole in larger:
        yield Reading((part, whole), Tie.LIKELY)  # 受理诉求4.04万件，涉及疫情1.82万件，占总来电量的45%
    elif apart <= 2 and is_named and _is_said(positions, labels, whole, part, name, bare):
        yield Reading((part, whole), Tie.EXPLICIT)
    elif not name and _same_in_words(labels, part, wholes) == whole:
        yield Reading((part, whole), Tie.LIKELY)
    elif len(bare) >= 2 and (named := _named(positions, labels, part, bare, name)) is not None:
        yield Reading((part, named), Tie.LIKELY)
    elif measured is not None:
        yield Reading(measured.terms, Tie.LIKELY)


def _of_named(positions: Positions, labels: Labels, share: int, name: str) -> Iterator[Reading]:
    """民营经济实现增加值290.6亿元；民营经济占生产总值的66.2%: part and whole by their names."""
    lead = ADVERBS.sub("", content(re.split(r"占|比重|比例", labels.clause_left(share)[-40:])[0]))
    if not name:  # 第一产业增加值占生产总值比重为5.1%,第二产业增加值比重为42.5%
        name = with_name(positions, labels, share, labels.share_words(share)).whole
    bare = content(TOTAL.sub("", name))
    bare = bare if len(bare) >= MIN_NAME else content(name)  # 生产总值
    is_own = OWN_PRODUCT.fullmatch(content(name)) is not None and any(one in lead for one in INDUSTRIES)
    bare = "生产总值" if is_own else bare  # an area has one, whether it is called 国内 or 地区
    if len(lead) < MIN_NAME or len(bare) < MIN_NAME:
        return
    here = positions.sentence(share)
    near = (one for one in levels_before(labels, share) if here - positions.sentence(one) <= N_NAMED)
    levels = list(near)
    part = next((one for one in levels if says_name(content(labels.left(one)), lead)), None)
    similar = next((one for one in levels if has_words_of(lead, labels.left(one))), None) if part is None else None
    if similar is not None and (whole := _named(positions, labels, similar, bare, name)) is not None:
        yield Reading((similar, whole), Tie.NAMED)  # 配套公建设施 and 配套设施
        yield Reading((similar, whole))
    if part is not None and (whole := _named(positions, labels, part, bare, name)) is not None:
        is_sure = is_name_of(bare, labels.left(whole)) or content(labels.left(whole)).endswith(bare)
        is_sure = is_sure and (not is_own or content(name) in labels.left(whole))
        yield Reading((part, whole), Tie.EXPLICIT if is_sure else Tie.LIKELY)


def _is_near(positions: Positions, whole: int, part: int, is_same_paragraph: bool) -> bool:
    one, other = (positions.text.sentences[positions.sentence(number)] for number in (whole, part))
    return one.headings == other.headings and other.paragraph - one.paragraph <= (not is_same_paragraph)


def _is_said(positions: Positions, labels: Labels, whole: int, part: int, name: str, bare: str) -> bool:
    """Whether the name of a whole, or the noun that it shares with its part, tells which count it is."""
    if not is_within(bare, labels.of(whole)) or not positions.is_same_matter(positions.sentence(whole), positions.sentence(part)):
        return False
    is_total = TOTAL.search(name) is not None
    if not is_total and len(bare) < MIN_NAME:
        return False
    if is_total and len(bare) >= MIN_NAME + 1:
        return True
    is_elided = ELIDED.fullmatch(content(labels.left(part))) is not None
    if is_elided and bare and positions.sentence(whole) == positions.sentence(part):
        return is_one_subject(positions, labels, whole, part, elided=True)
    return common(content(labels.of(whole)), content(labels.of(part))) >= max(MIN_COMMON, len(bare) - 1)


def _named(positions: Positions, labels: Labels, part: int, bare: str, name: str) -> int | None:
    """The nearest count of the same period whose label holds the name of a whole; a long name may stand far before.

    Counts that are less than the part are wholes only where there is no larger one.
    """
    if len(bare) < 2:
        return None
    period = period_of(positions, part)
    before = [
        one
        for one in levels_before(labels, part)
        if positions.sentence(part) - positions.sentence(one) <= 5 * N_SENTENCES
        and is_pair(positions, part, one)
        and period.may_be(period_of(positions, one))
    ]
    for candidates in (_not_less(positions, part, before), before):
        exact = [one for one in candidates if content(labels.subject(one)) in {bare, OF_AREA.sub("", bare)}]
        if exact:  # 出口总值 is the largest of those called 出口
            return max(exact, key=lambda one: value(positions.quantities[one])) if "总" in name else exact[0]
        reach = 3 * N_SENTENCES if len(bare) >= MIN_NAME else N_SENTENCES
        found = next(
            (
                one
                for one in candidates
                if positions.sentence(part) - positions.sentence(one) <= reach
                and is_within(bare, labels.subject(one) + labels.right(one))
                and not _is_part_of_same(positions, labels, one, name)
            ),
            None,
        )
        if found is not None:
            return found
    return None


def _not_less(positions: Positions, part: int, wholes: Sequence[int]) -> list[int]:
    return [one for one in wholes if value(positions.quantities[one]) >= value(positions.quantities[part])]


def _is_part_of_same(positions: Positions, labels: Labels, number: int, name: str) -> bool:
    """Whether a count is a part of the same whole, with a share of its own: 甲5家,占总数的10%;乙9家,占总数的18%."""
    before = number - 1  # 占收入24.9%的邮政业收入实现10.72亿元
    if before >= 0 and labels.roles[before] is Role.OTHER and labels.right(before).startswith("的"):
        words = labels.share_words(before)
        if words.kind == "part" and content(words.whole) == content(name):
            return True
    for share in range(number + 1, min(number + 4, len(positions.quantities))):
        if labels.roles[share] is not Role.OTHER or not is_beside(positions, number, share):
            return False
        words = labels.share_words(share)
        if words.kind == "part" and content(words.whole) == content(name):
            return True
    return False


def _same_label(labels: Labels, part: int, wholes: Sequence[int]) -> int | None:
    """The whole with the very words of its part: 重大火灾6起 …, 其中重大火灾5起,占总数的83.3%."""
    label = content(labels.left(part))
    return next((one for one in wholes if len(label) > MIN_NAME and label in content(labels.of(one))), None)


def _same_in_words(labels: Labels, part: int, wholes: Sequence[int]) -> int | None:
    """The whole whose item has the longest run of words of the part's, where that is long enough to tell."""
    best = max(wholes, key=lambda one: (common(content(labels.item(one)), content(labels.item(part))), one))
    return best if common(content(labels.item(best)), content(labels.item(part))) >= MIN_SAME else None


def _is_one_clause(positions: Positions, whole: int, part: int) -> bool:
    """23件B类件已经解决16件: the whole and its part in one clause."""
    between = positions.text.plain[positions.quantities[whole].end : positions.quantities[part].start]
    if part - whole == 1 and OUT_OF.fullmatch(between):
        return True
    return part - whole == 1 and "已" in between and not re.search(r"[，。；：（）、\n]", between)
