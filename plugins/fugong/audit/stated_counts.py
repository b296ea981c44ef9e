"""Checks counts against what is listed: 三大特点:一是…二是…三是…; 和平区、河东区两区; 三个行业分别实现4.9亿元、75.4亿元和14.9亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.labels import LINK
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark
from fugong.core.bilingual import Bilingual

N = r"(?P<n>\d{1,2}|[两二三四五六七八九十]|十[一二三四五六七八九])"
ANNOUNCED = re.compile(
    rf"(?<![\d一二三四五六七八九十第百千万.]){N}(?:个|大|项|条|点|种|类|方面)[一-鿿]{{0,4}}?"
    r"(?:特点|(?<=个)方面|举措|措施|问题|原因|任务|行动|特征|亮点|难点|短板|变化|趋势|因素|做法|经验|建议)[^，。；：\n]{0,4}[：。]\n?$"
)
ABOVE = re.compile(rf"(?:以上|上述){N}(?:个|大|项|条|点|种|类|方面)(?!月|百分)(?:[一-鿿]|方面)")
"""After a list: 一是…四是…,以上四项措施."""
NUMBERED = re.compile(r"（(?P<n>[一二三四五六七八九十]{1,2}|\d{1,2})）")
PARTED = re.compile(rf"分(?:为|成){N}大?(?:类|种|部分)[^，。；：\n]{{0,4}}[：。]\n?$")
ITEM = re.compile(r"(?<![一-鿿])(?P<n>[一二三四五六七八九十]{1,2})是")
PLACES = "区|县|市|镇|乡|街道|省|州|旗|村|国|国家|城市|地区|设区市|区县|县区|市县|县市区|市辖区|园区|社区|开发区"
LISTED = re.compile(
    r"(?P<items>[一-鿿]{2,12}(?:、[一-鿿]{2,8})*(?:、|和|及|以及|与)[一-鿿]{2,8}?)"
    rf"(?P<etc>等)?(?<![\d一二三四五六七八九十第]){N}(?P<piece>个)?(?P<kind>(?:{PLACES}))(?![一-鿿]{{0,1}}[长级委])"
)
FOLLOWED = re.compile(
    rf"(?<![\d一二三四五六七八九十第百千万.前和])(?:等|这|上述)?{N}(?:个|大|项|类|家|种)(?!月|百分|工作|季|点)[^，。；：\d]{{0,16}}(?:，(?:前?\d{{1,2}}(?:[-—至]\d{{1,2}})?个?月份?)?[^，。；：、\d]{{0,16}})?分别[^，。；：、\d]{{0,8}}$"
)
NAMED_AFTER = re.compile(
    rf"(?<![\d一二三四五六七八九十第百千万.前]){N}(?:个|家|项|种|类|条|所|名|位|部)(?P<noun>[一-鿿]{{0,8}}?)，?(?:分别|依次)(?:为|是|有)：?"
    r"(?P<names>(?:[^，。；：！？\n（）]|（[^（）]*）)+)(?=[，。；\n]|$)"
)
NAMED_WITH_BRACKETS = re.compile(
    rf"(?<![\d一二三四五六七八九十第百千万.前]){N}(?:个|家|项|种|类|大)[一-鿿]{{1,8}}，?(?:分别|依次)(?:为|是|有)：?(?P<items>(?:[^，。；：（）\n]+（[^（）\n]*）[，、和]?){{2,}})(?![^，。；]*等)"
)
"""三个行业分别是甲业(增长5.9%),乙业(…),丙业(…): each has brackets."""
NAMES_OF_VALUES = re.compile(
    r"(?:^|[，。；：\n])(?P<names>[一-鿿]{2,12}(?:、[一-鿿]{2,12})*(?:和|及|以及|与)[一-鿿]{2,16}?)(?:同比|环比|比上年|较上年)?分别(?:同比)?(?:增长|下降|增加|减少|上升|提高)$"
)
"""Names of which each has a number: 甲税和乙税同比分别下降."""
SHORT_NAMES = re.compile(
    r"(?:^|[，。；：\n])[^，。；：、\n]{0,8}?(?P<names>[一-鿿]{2,3}(?:、[一-鿿]{2,3}){2,}、[一-鿿]{2})(?![一-鿿]{0,4}[和及与])[一-鿿]{0,12}分别[一-鿿]{0,4}$"
)
"""Names of two or three characters, each of which has a value."""
SECOND = re.compile(r"，(?:同比|比上年|较上年|增速|增幅)?分别(?:同比)?(?:增长|下降|上升|为)")
"""Between a list of amounts and that of their growths."""
IN_BRACKETS, SPLIT = re.compile(r"（[^（）]*）"), re.compile(r"、|和|及|以及|与")
AND = re.compile(r"和|及|与")
LONGEST, LONGEST_IN_PLAIN_LIST = 6, 10
"""Longer names may have an 和 of their own."""
MANY = 2
"""A list of so many members may be cut short by 等."""


def stated_counts(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each count that differs from the number of things listed for it."""
    yield from _announced(positions)
    yield from _announced_before_numbers(positions)
    yield from _summed_up(positions)
    yield from _places(positions)
    yield from _values(positions)
    yield from _named_after(positions)
    yield from _named_with_brackets(positions)
    yield from _names_and_values(positions)
    yield from _too_few_values(positions)
    yield from _second_lists(positions)


def _announced(positions: Positions) -> Iterator[Remark]:
    """五大特点:一是…. A text that ends within the paragraph of the last item may be an excerpt."""
    plain = positions.text.plain
    items = list(ITEM.finditer(plain))
    for nth, first in enumerate(items):
        if first["n"] != "一":
            continue
        before = max(0, first.start() - 40)
        found = ANNOUNCED.search(plain, before, first.start()) or PARTED.search(plain, before, first.start())
        if found is None:
            continue
        n = 1
        for item in items[nth + 1 :]:
            if _number(item["n"]) != n + 1:
                break
            n += 1
        last = items[nth + n - 1]
        is_cut = (
            n < _number(found["n"]) and "\n" not in plain[last.end() :].rstrip() and "\n" in plain[first.end() : last.start()]
        )
        if n > 1 and n != _number(found["n"]) and not is_cut:
            yield _remark(found.start("n"), found["n"], n)


def _announced_before_numbers(positions: Positions) -> Iterator[Remark]:
    """五条措施:(一)…;(二)…: items with numbers in brackets, up to a full stop."""
    plain = positions.text.plain
    for first in NUMBERED.finditer(plain):
        found = ANNOUNCED.search(plain, max(0, first.start() - 40), first.start()) if _number(first["n"]) == 1 else None
        if found is None:
            continue
        end = min((at for sign in "。\n" if (at := plain.find(sign, first.end())) >= 0), default=len(plain))
        items = [_number(item["n"]) for item in NUMBERED.finditer(plain, first.start(), end)]
        n = len(items)
        if n > 1 and items == [*range(1, n + 1)] and n != _number(found["n"]):
            yield _remark(found.start("n"), found["n"], n)


def _summed_up(positions: Positions) -> Iterator[Remark]:
    """一是…二是…三是…四是…,以上三项措施: as many as were listed, in the same paragraph."""
    plain = positions.text.plain
    for found in ABOVE.finditer(plain):
        start = plain.rfind("\n", 0, found.start()) + 1
        items = [_number(item["n"]) for item in ITEM.finditer(plain, start, found.start())]
        n = len(items)
        if n > 1 and items == [*range(1, n + 1)] and n != _number(found["n"]):
            yield _remark(found.start("n"), found["n"], n)


def _places(positions: Positions) -> Iterator[Remark]:
    """和平区、河东区、河西区三个区: without 等 all of them are named."""
    for found in LISTED.finditer(positions.text.plain):
        names = re.split(r"、|和|及|以及|与", found["items"])
        n, is_open = _number(found["n"]), found["etc"] is not None
        is_plain = "、" in found["items"] and all(len(name) <= 5 for name in names[1:])
        is_plain = is_plain and (found["piece"] is not None or all(name.endswith(found["kind"]) for name in names))  # 中亚五国
        if is_plain and len(names) > MANY and (len(names) > n or (not is_open and len(names) != n)):
            yield _remark(found.start("n"), found["n"], len(names))


def _named_after(positions: Positions) -> Iterator[Remark]:
    """超过千亿元的省有8个,分别为甲(3479.9亿元)、乙(…)和丙(…): as many names as are announced."""
    for found in NAMED_AFTER.finditer(positions.text.plain):
        names = [name for name in SPLIT.split(IN_BRACKETS.sub("", found["names"])) if name]
        longest = LONGEST if AND.search(found["names"]) else LONGEST_IN_PLAIN_LIST
        is_list = len(names) > MANY and all(len(name) <= longest and not re.search(r"\d", name) for name in names)
        if is_list and not names[-1].endswith("等") and len(names) != _number(found["n"]):
            yield _remark(found.start("n"), found["n"], len(names))


def _named_with_brackets(positions: Positions) -> Iterator[Remark]:
    """最大的三个行业分别是甲(…),乙(…),丙(…)."""
    for found in NAMED_WITH_BRACKETS.finditer(positions.text.plain):
        listed = found["items"].count("（")
        if listed != _number(found["n"]):
            yield _remark(found.start("n"), found["n"], listed)


def _values(positions: Positions) -> Iterator[Remark]:
    """三个行业…分别实现4.9亿元、75.4亿元和14.9亿元: as many values as things."""
    plain, quantities = positions.text.plain, positions.quantities
    for first, quantity in enumerate(quantities):
        sentence = positions.text.sentences[positions.sentence(first)]
        found = FOLLOWED.search(plain, max(sentence.start, quantity.start - 50), quantity.start)
        if found is None:
            continue
        last = first
        while last + 1 < len(quantities) and LINK.fullmatch(
            plain[quantities[last].end : quantities[last + 1].start].rstrip("-—")  # 24.3%、14.2%和-18.4%
        ):
            last += 1
        n = last - first + 1
        if n > 1 and n != _number(found["n"]):
            yield _remark(found.start("n"), found["n"], n)


def _names_and_values(positions: Positions) -> Iterator[Remark]:
    """土地使用税和耕地占用税同比分别下降7.8%、3.1%和8.9%: more values than names, and fewer than two for each."""
    plain, quantities = positions.text.plain, positions.quantities
    for first, quantity in enumerate(quantities):
        found = NAMES_OF_VALUES.search(plain, max(0, quantity.start - 60), quantity.start)
        if found is None or FOLLOWED.search(plain, max(0, quantity.start - 50), quantity.start):
            continue
        last = first
        while last + 1 < len(quantities) and LINK.fullmatch(plain[quantities[last].end : quantities[last + 1].start]):
            last += 1
        n_names, n = len(SPLIT.split(found["names"])), last - first + 1
        if 1 < n_names < n < 2 * n_names and len({quantities[one].unit for one in range(first, last + 1)}) == 1:
            message = Bilingual(
                f"“分别”之前列了 {n_names} 项,之后有 {n} 个数。",
                f"{n_names} things are named before 分别, and {n} numbers follow.",
            )
            yield Remark("count", SUSPICION, quantity.start, tuple(range(first, last + 1)), message)


def _too_few_values(positions: Positions) -> Iterator[Remark]:
    """对甲、乙、丙、丁进出口分别增长18.5%、17.1%和10.9%: four short names, three values."""
    plain, quantities = positions.text.plain, positions.quantities
    for first, quantity in enumerate(quantities):
        found = SHORT_NAMES.search(plain, max(0, quantity.start - 60), quantity.start)
        if found is None:
            continue
        last = first
        while last + 1 < len(quantities) and LINK.fullmatch(plain[quantities[last].end : quantities[last + 1].start]):
            last += 1
        n_names, n = found["names"].count("、") + 1, last - first + 1
        if 1 < n < n_names:
            message = Bilingual(
                f"“分别”之前列了 {n_names} 项,之后有 {n} 个数。",
                f"{n_names} things are named before 分别, and {n} numbers follow.",
            )
            yield Remark("count", SUSPICION, quantity.start, tuple(range(first, last + 1)), message)


def _second_lists(positions: Positions) -> Iterator[Remark]:
    """甲和乙分别实现43.9亿元和50.3亿元,同比分别增长20.5%、3.1%和8.4%: the growths of two things."""
    plain, quantities = positions.text.plain, positions.quantities
    first = 0
    while first < len(quantities):
        last = first
        while last + 1 < len(quantities) and LINK.fullmatch(plain[quantities[last].end : quantities[last + 1].start]):
            last += 1
        end = last
        while end + 1 < len(quantities) and (
            SECOND.fullmatch(plain, quantities[last].end, quantities[last + 1].start)
            if end == last
            else LINK.fullmatch(plain[quantities[end].end : quantities[end + 1].start])
        ):
            end += 1
        n, n_second = last - first + 1, end - last
        is_list = n > 1 and n_second > 1 and re.search(r"分别[一-鿿]{0,6}$", plain[: quantities[first].start][-12:])
        if is_list and n != n_second:
            message = Bilingual(
                f"前面分别列了 {n} 个数,后面有 {n_second} 个。", f"{n} numbers are listed, and {n_second} changes of them follow."
            )
            yield Remark("count", SUSPICION, quantities[last + 1].start, tuple(range(first, end + 1)), message)
        first = last + 1


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 2 if text == "两" else int(parse_chinese_numeral(text) or 0)


def _remark(at: int, stated: str, listed: int) -> Remark:
    message = Bilingual(f"说是 {stated},列出的是 {listed}。", f"{stated} are announced, {listed} are listed.")
    return Remark("count", SUSPICION, at, (), message)
