"""Tells by its words whether a count is the whole that a share names: the same subject, the same area, nothing narrower."""

from __future__ import annotations

import re
from decimal import Decimal

from fugong.audit.labels import Labels, content, is_within
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import value
from fugong.audit.statements import Claim, Reading, Tie

MIN_NAME = 3
MIN_SAID, FAR = Decimal("0.6"), 24
PERIOD = re.compile(
    r"(?:19|20)\d\d年|去年|上年|前年|上半年|下半年|[前一二三四][一二三四]?季度|前?\d{1,2}(?:[-—至到]\d{1,2})?个?月|\d月末"
)
AMONG = re.compile(r"(?:[^，。；：\d]{0,8}，)?([^，。；：\d]{3,20}?)(?:当中|之中|中)，")
ADVERBS = re.compile(r"虽然|但是?|只|仅|也|还|又|就|并|则|而|约|均|都|其")
TOTAL = re.compile(r"全行业|全社会|总[数量额计体值]|全部|合计|总|[比份][重额]|比例|数量?$|量$")
OF_AREA = re.compile(r"^(?:[一-鿿]{2,3}[省市县区州])?(?:对外贸易|外贸|货物贸易|货物|商品)?")
"""What a name of a whole says beyond the words of its count: 福建省外贸出口总值 of 出口1.21万亿元."""
AREA = re.compile(r"全国|我国|全球|世界|国内(?:市场|生产|总|销)|全省|全市|全县|全区|全州|全盟|全域|全院|全乡|全镇|同期")
SMALLER_AREA = re.compile(r"[全我本][市县区]")
LARGER_AREA = re.compile(r"全国|我国|全球|世界|国内(?:市场|生产|总|销)")
ORDINAL = re.compile(r"(?<=第)[一二三四五六七八九十]")
OTHER_WHOLE = re.compile(r"全国|世界|全球|国内市场|同期|上年|去年|年初|计划|预算|目标|全省")
RECEIPTS = re.compile(r"(?<=..)收入$")
FLOWS = frozenset(["进口", "出口"])
"""Labels that say by themselves which part of a trade they are."""
GENERIC = re.compile(
    r"余额|规模|金额|总[额数量计值]|数量|资金|户数|家数|个数|人数|企业|单位|项目|完成|实现|发放|拥有|登记|在册|年末|期末|[\d一二三四上下前]+季度末?|上半年|个"
)
"""Words that do not narrow a noun."""


def named_among(positions: Positions, part: int) -> str:
    """The name of the whole that a sentence begins with: 全河渡工中，老人…."""
    sentence = positions.text.sentences[positions.sentence(part)]
    found = AMONG.match(positions.text.plain, sentence.start, positions.quantities[part].start)
    return content(re.sub("^在", "", found[1])) if found else ""


def has_own_subject(labels: Labels, share: int, part: int) -> bool:
    """Whether the clause of a share begins with a subject that is not that of its part: 项目96个,总投资占比超过一半."""
    quantities, plain = labels.positions.quantities, labels.positions.text.plain
    clause = labels.clause_left(share)
    before = re.split(r"占|比重|比例|份额", clause[-40:])[0]
    has_number = quantities[share - 1].end > quantities[share].start - len(clause)
    if share - part == 1 and not re.search(r"[，；：。\n]", plain[quantities[part].end : quantities[share].start]):
        before = re.split(r"占|比重|比例|份额", plain[quantities[part].end : quantities[share].start])[0]
        return len(content(before)) >= 2  # 12条重点产业链项目占比
    lead = ADVERBS.sub("", content(before))
    return not has_number and len(lead) >= 2 and not is_within(lead, labels.item(part))


def measured_whole(labels: Labels, part: int, bare: str) -> Reading | None:
    """The amount before a part that has its measure and the words of a name nearby: 服务业企业313家，实现营业收入161.9亿元.

    It is explicit where all words of the name stand before one amount alone, of no other period.

    Args:
        bare: the name of the whole without words of totals; empty where there is none but 全区 or 总.
    """
    positions = labels.positions
    unit, measure = positions.quantities[part].unit, content(labels.left(part))
    if unit not in MEASURED:
        return None
    found: list[tuple[Decimal, Decimal, int]] = []
    for whole in range(part - 1, -1, -1):
        if positions.sentence(part) - positions.sentence(whole) > FAR:
            break
        quantity, label = positions.quantities[whole], content(labels.left(whole))
        if quantity.unit != unit or labels.roles[whole] is not labels.roles[part] or labels.is_plan(whole):
            continue
        name = bare if len(bare) > MIN_NAME else measure
        n_suffix = next((n for n in range(min(len(name), len(label)), 0, -1) if label.endswith(name[-n:])), 0)
        if n_suffix < MIN_NAME and not (n_suffix == len(label) and label in FLOWS):
            continue
        said = _share_said(bare, _context(labels, whole))
        if said >= MIN_SAID:
            found.append((said, value(quantity), whole))
    if not found:
        return None
    said, _, whole = max(found)
    is_only = len({amount for one, amount, _ in found if one == said}) == 1
    is_sure = is_only and said == 1 and len(bare) > 2 * MIN_NAME and _is_one_period(labels, whole, part)
    return Reading((part, whole), Tie.EXPLICIT if is_sure else Tie.LIKELY)


def _is_one_period(labels: Labels, whole: int, part: int) -> bool:
    """Whether the sentences of two amounts name no different periods."""
    one, other = (set(PERIOD.findall(_sentence(labels, number))) for number in (whole, part))
    return not one or not other or bool(one & other)


def _sentence(labels: Labels, number: int) -> str:
    sentence = labels.positions.text.sentences[labels.positions.sentence(number)]
    return labels.positions.text.plain[sentence.start : labels.positions.quantities[number].start]


def _share_said(name: str, context: str) -> Decimal:
    """Which share of the pairs of characters of a name stands in a context."""
    pairs = [name[at : at + 2] for at in range(len(name) - 1)]
    return Decimal(sum(pair in context for pair in pairs)) / len(pairs) if pairs else Decimal(1)


def _context(labels: Labels, number: int) -> str:
    """The words before a quantity since the last full stop, and the sentence before where it goes on with 其中."""
    plain, start = labels.positions.text.plain, labels.positions.quantities[number].start
    begin = max(plain.rfind(sign, 0, start) for sign in "。\n") + 1
    if plain.startswith("其中", begin):
        begin = max(plain.rfind(sign, 0, max(begin - 1, 0)) for sign in "。\n") + 1
    return content(plain[begin:start])


def is_of_another_area(positions: Positions, labels: Labels, whole: int, name: str) -> bool:
    """Whether the name of a whole tells its area, and the count has another one or is narrower: 占全国进出口的."""
    found = AREA.search(name)
    if found is None:
        return False
    plain, end = positions.text.plain, positions.quantities[whole].start
    said = plain[max(plain.rfind(sign, 0, end) for sign in "。\n") + 1 : end]
    if LARGER_AREA.search(found[0]) and found[0] not in said:
        return True
    rest = GENERIC.sub("", content(labels.left(whole)))
    bare = content(TOTAL.sub("", name))
    if found[0] == "全省" and found[0] not in said and (not bare or SMALLER_AREA.search(said)):
        return True  # 我市有上市公司14家…占全省上市公司的58.3%
    return bool(bare) and (LARGER_AREA.search(name) is not None or "同期" in name) and sum(one not in bare for one in rest) > 1


def is_of_larger_ones(labels: Labels, whole: int, name: str) -> bool:
    """Whether a count is of the larger firms alone, and the name of the whole does not say so: 规上工业增加值 is not all 工业增加值."""
    return any(one in content(labels.left(whole)) and one not in content(name) for one in ("规上", "限上")) and bool(
        content(TOTAL.sub("", name))
    )


def is_name_of(bare: str, label: str) -> bool:
    """Whether a name of a whole is all that a label says, but for words that do not narrow it."""
    said = content(label)
    rest = GENERIC.sub("", said.replace(bare, "", 1))
    return len(bare) >= MIN_NAME and bare in said and len(rest) <= 1


def is_sibling(labels: Labels, whole: int, part: int) -> bool:
    """Whether two counts are called alike but for an ordinal: 第二产业入库税收 is no whole of 第三产业入库税收."""
    one, other = (content(labels.left(number)) for number in (whole, part))
    return one != other and ORDINAL.sub("", one) == ORDINAL.sub("", other)


def says_name(label: str, name: str) -> bool:
    """Whether a label holds a name, with at most a verb inside: 第一产业完成增加值."""
    return name in label or (
        label.endswith(name[-MIN_NAME:]) and label.startswith(name[:MIN_NAME]) and len(label) <= len(name) + 4
    )


def strictly_named(positions: Positions, labels: Labels, claim: Claim) -> Reading | None:
    """The reading whose whole is called just as its share says, but for words that do not narrow it: 占全部税收的, 税收收入完成.

    Where two such counts differ, the name does not tell the whole.
    """
    words, share = labels.share_words(claim.number), positions.quantities[claim.number]
    name = _bare(words.whole)
    if words.kind != "part" or share.bound != "exact" or len(name) < 2 or OTHER_WHOLE.search(words.whole):
        return None
    here = positions.sentence(claim.number)
    parts = [one.terms[0] for one in claim.readings if one.terms[0] < claim.number and positions.sentence(one.terms[0]) == here]
    part = max(parts, default=None)
    if part is None or labels.is_plan(part):
        return None
    named = [
        one
        for one in claim.readings
        if len(one.terms) == 2 and one.terms[0] == part and one.terms[1] != part and _bare(labels.subject(one.terms[1])) == name
    ]
    return named[0] if len({positions.quantities[one.terms[1]].value for one in named}) == 1 else None


def _bare(name: str) -> str:
    """A name without words of totals, verbs and receipts."""
    bare = content(TOTAL.sub("", re.sub("GDP|地区生产总值|国内生产总值", "生产总值", name)))
    return RECEIPTS.sub("", GENERIC.sub("", bare)) or bare
