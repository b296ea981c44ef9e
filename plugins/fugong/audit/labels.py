"""The words that say what a quantity is: its label, its role, and the share that it is said to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from fugong.audit.positions import Positions
from fugong.audit.quantity import DURATIONS, MEASURED

BOUNDARY = "，。；：（）！？\n"
ASIDE = re.compile(r"（([^（）\d，。；：\n]{1,14})）(?!\n)")
"""Words in brackets that belong to what stands around them: 生产总值（GDP）439亿元."""
WORDS_OF_CHANGE = (
    "增加|增长|增产|减产|增收|增支|增亏|减亏|多增|少增|净增|[多少](?:办理|发放|投放|支出|入库|完成|实现|缴纳)|(?<!新)增|多收|多支|少收|少支|短收|超收|减少|减收|减支|下降|降低|提高|提升|上升|上涨|回升|回落|收窄|扩大|缩小|缩短|"
    "压缩|上调|下调|拉动|提前|延长|增长率|下降率|增幅|降幅|增速|涨幅"
)
CHANGE = re.compile(rf"(?:{WORDS_OF_CHANGE})(?:了|约|近|为|达|超过?)?$|(?:日增|净增)[^，。；：\d]{{0,6}}$")
COMPARED = re.compile(r"(?:比|较|高于|低于|快于|慢于|超)[^，。；：]{0,16}(?:高|低|多|少|快|慢|进度)(?:出|了|约)?$")
CHANGED_BY = re.compile(
    r"(?:精简|压缩|压减|减少|缩减|下降|降低|提高|提升|增长|增加|上升)(?:的)?(?:比例|幅度|率)(?:约?为|达到?|超过?)*$"
)
RAISED = re.compile(r"由[^，。；]{0,24}?(?:至|到|为)$")
LINK = re.compile(r"[、，和与及以或]{1,2}")
FORMER = re.compile(
    r"(?:每[^，。]{0,6})?(?:提高|增加|降低|下降|减少|上升|增长|扩大|缩短|压缩|压减|调整|上调|下调|升|降|增|减|提|调|缩)[^，。；：]{0,4}[至到为]"
)
"""After a number: it is what was before. 由 4.1 元降至 4 元."""
BASE = re.compile(
    r"(?:比|较|与|同)[^，。；：]{0,24}(?:(?:年|月|日|期|末|底|普查)[^，。；：]{0,8}的|普查(?:时|数据)?|[年月]度?[末底]|(?:上年|去年)(?:同期)?)(?:为|是)?$|^(?:去年|上年)同期(?:为|的|是)?$"
)
"""Before a number that others are compared with: 比2020年的11183批次增加了5458批次."""
CRITERION = re.compile(r"及?以[上下](?:的|（[^（）]{1,12}）)?(?:[一-鿿]{0,6}(?:项目|企业|单位|纳税人|产业|工程)|重[点特]大?)")
"""After an amount: it says which things are counted. 5000万元以上项目204个."""
RAISED_TO = re.compile(r"^(?:增长|增加|提高|上升|扩大|下降|减少|降低|升|增|降|减)[到至为]")
VERBS_ONLY = re.compile(r"完成|实现|累计|达到|为|达|计|共")
REST = re.compile(r"(?:其余|剩余|剩下|余下|尚有|还有|还剩|另有|另外|仅有?|只有?|仅剩|只剩)[^，。；：\d]{0,6}$")
UNDONE = re.compile(r"未(?![来央])|尚无|暂缓|(?<![接招期对看优等虐])待(?!遇)|没有")
AVERAGED = re.compile(
    r"(?:平均|户均|家均|人均|户月均|月均|日均|年均|亩均|件均|个均|项均|每[百千万]?[家户人名个项亩天日年月])[^，。；：、\d]{0,8}$"
)
PLAN = re.compile(
    r"计划|目标|任务|拟|预算数|(?:年初|调整|年度|全年)预算(?!收|支|内|外)|(?<![供响适对效反相呼感])应(?![急对届当用交收付缴])"
)
LISTED = re.compile(r"[列纳]入[^，。；：]*?(?:计划|规划|目标)[^，。；：]*?(?:的|中|内|解决|办理)")
"""已列入计划逐步解决的2件 are no plan."""
SHARE_OF = re.compile(
    r"(?:占|约占|占到|占了|仅占)(?:到|了|其|的)?(?P<whole>[^，。；：占]{0,24}?)(?:的|的比重|的比例|的份额|比重|比例|比|份额)?(?P<is>分别|为|是|达到?|约|近|超过?|超|将近|接近|已达|仅|只有|不足|逾|高达)*$"
)
SHARE_OF_PLAN = re.compile(
    r"(?:完成|占|达到?|达成|实现|为|执行|是|相当于)(?:了|到)?(?P<whole>[^，。；：完占]{0,28}(?:计划|目标|任务|预算(?!收|支|内|外|总))[^，。；：完占]{0,20}?)(?:的|任务)?"
    r"(?:约|近|超过?)?$"
)
RATE = re.compile(
    r"(?P<verb>[^，。；：、率]{0,8}?)(?:率|(?<=[^方全表])面)(?:（[^（）]{1,8}）)?(?:也|均|已|分别)?(?:约?为|是|达到?|约|超过?|近|已达|仅为?|高达|保持在|提升至|提高到|提高至|实现)*(?:了)?$"
)
DONE = re.compile(r"(?P<verb>开复工|复工|复产|开工|到岗|返岗|办结|整改)(?:了|达到?)?$")
WITHIN = re.compile(r"在(?P<whole>[^，。；：在]{2,20}?)中(?:的|所占的?)?(?:比重|占比|比例|份额)(?:约?为|达到?|是|约)*$")
"""在全国总量中的比重为61%."""
IS_OF = re.compile(r"(?:相当于|是)(?P<whole>[^，。；：是占]{2,16})的$")
RATES = {
    "利润": ("利润", "收入"),
    "城镇化": ("城镇", "常住人口|总人口"),
    "资产负债": ("负债", "资产"),
    "产销": ("销售产值", "总产值"),
    "资金节约": ("节约", "预算"),
    "存贷": ("贷款", "存款"),
}
"""Rates whose names do not say by themselves what they divide: name → a word of the part, words of the whole."""
NAMED_RATE = re.compile(rf"({'|'.join(RATES)})[率比](?:约?为|是|达到?|约)*$")
OTHER_RATES = re.compile(r"(?:利|税|费|汇|增长|死亡|出生|失业|通胀|收益|汇|毛利|贡献|换手)率")


class Role(StrEnum):
    """What a quantity is to the number before it."""

    LEVEL = "level"
    CHANGE = "change"
    REST = "rest"
    AVERAGE = "average"
    BASE = "base"
    """What another number is compared with, of another time."""
    OTHER = "other"
    """A share, a day, a duration."""


@dataclass(frozen=True)
class ShareWords:
    """The words before a share.

    Attributes:
        kind: `part` (占…的), `plan` (完成…计划的), `rate` (复工率), `change` (同比增长) or empty where they say nothing.
        whole: the name of the whole, as written between 占 and 的.
        verb: what a rate counts: 复工 of 复工率.
    """

    kind: str
    whole: str = ""
    verb: str = ""


@dataclass
class Labels:
    """The labels of all quantities of a text, by their index."""

    positions: Positions

    @cached_property
    def _without_asides(self) -> str:
        """The text with dots instead of the brackets around asides; every character keeps its position."""
        return ASIDE.sub(lambda found: f"·{found[1]}·", self.positions.text.plain)

    @cached_property
    def _starts(self) -> list[int]:
        plain = self._without_asides
        found: list[int] = []
        end = 0
        for quantity in self.positions.quantities:
            boundary = max((plain.rfind(sign, end, quantity.start) for sign in BOUNDARY), default=-1)
            found.append(max(end, boundary + 1))
            end = quantity.end
        return found

    def left(self, number: int) -> str:
        """The words before a quantity in its clause, after the quantity before it."""
        quantities = self.positions.quantities
        if number and quantities[number - 1].end == quantities[number].start:
            return self.left(number - 1)  # 134件187人: both have the words before
        return self.positions.text.plain[self._starts[number] : quantities[number].start].lstrip("、和及与")

    def subject(self, number: int) -> str:
        """The words before a quantity, or before the round number that it makes exact: 到位资金突破700亿元,累计实现702.76亿元."""
        quantities, left = self.positions.quantities, self.left(number)
        if number and not VERBS_ONLY.sub("", content(RAISED_TO.sub("", left))):
            round_, exact = quantities[number - 1], quantities[number]
            if RAISED_TO.search(left) and self.positions.sentence(number - 1) == self.positions.sentence(number):
                return self.left(number - 1) + left  # 存款余额从2010年的7363亿元增长到2015年的19438亿元
            is_one = round_.bound == "floor" and round_.unit == exact.unit and round_.number is not None
            if is_one and self.positions.sentence(number - 1) == self.positions.sentence(number):
                return self.left(number - 1) + left
        return left

    def is_made_exact(self, number: int) -> bool:
        """Whether the next quantity makes a round number exact: 突破700亿元,累计实现702.76亿元."""
        following = self.positions.quantities[number + 1 : number + 2]
        return (
            bool(following)
            and self.positions.quantities[number].bound == "floor"
            and following[0].unit == self.positions.quantities[number].unit
            and following[0].bound == "exact"
            and self.positions.sentence(number) == self.positions.sentence(number + 1)
            and not VERBS_ONLY.sub("", content(self.left(number + 1)))
        )

    def right(self, number: int) -> str:
        """The words after a quantity, until the clause ends or the next quantity begins."""
        plain, quantities = self.positions.text.plain, self.positions.quantities
        end = quantities[number].end
        until = quantities[number + 1].start if number + 1 < len(quantities) else len(plain)
        cut = min((at for sign in BOUNDARY + "、" if (at := plain.find(sign, end, until)) >= 0), default=until)
        return plain[end:cut]

    def clause_left(self, number: int) -> str:
        """All words before a quantity in its clause, earlier quantities included."""
        plain, start = self.positions.text.plain, self.positions.quantities[number].start
        boundary = max(self._without_asides.rfind(sign, 0, start) for sign in BOUNDARY)
        return plain[boundary + 1 : start]

    def of(self, number: int) -> str:
        """The words on both sides of a quantity."""
        return self.left(number) + "·" + self.right(number)

    def role(self, number: int) -> Role:
        """The role of a quantity by its label."""
        quantity, left = self.positions.quantities[number], self.left(number)
        if quantity.number is None or quantity.number <= 0 or quantity.unit in {"1", "百分点", "日", *DURATIONS}:
            return Role.OTHER
        if quantity.unit in MEASURED and CRITERION.match(self.right(number)):
            return Role.OTHER
        if left.endswith("每"):
            return Role.OTHER  # 每10万人中
        if number and RAISED_TO.search(left) and FORMER.match(self.right(number - 1)):
            return Role.LEVEL  # 由8930人上升为15467人
        if BASE.search(left) or self.right(number).startswith("相比") or FORMER.match(self.right(number)):
            return Role.BASE
        if AVERAGED.search(left) or (quantity.per and not CHANGE.search(left)):
            return Role.AVERAGE
        if CHANGE.search(left) or COMPARED.search(left):
            return Role.CHANGE
        if REST.search(left) or UNDONE.search(self.of(number)):
            return Role.REST
        return Role.LEVEL

    def item(self, number: int) -> str:
        """The words of the item of a list in which a quantity stands, up to it: after the last semicolon, colon or full stop."""
        plain, start = self.positions.text.plain, self.positions.quantities[number].start
        cut = max(plain.rfind(sign, 0, start) for sign in "；：。\n（")
        return plain[max(cut + 1, start - 60) : start] + "·" + self.right(number)

    @cached_property
    def depths(self) -> list[int]:
        """How many brackets are open at each quantity."""
        plain, depth, at, found = self.positions.text.plain, 0, 0, list[int]()
        for quantity in self.positions.quantities:
            for sign in plain[at : quantity.start]:
                depth = max(0, depth + (sign == "（") - (sign == "）")) if sign != "\n" else 0
            at = quantity.start
            found.append(depth)
        return found

    @cached_property
    def roles(self) -> list[Role]:
        """The role of each quantity; in a list (分别增加2163万人和521万人) all have the role of the first."""
        found: list[Role] = []
        for number, quantity in enumerate(self.positions.quantities):
            previous = self.positions.quantities[number - 1] if number else None
            is_listed = (
                previous is not None
                and previous.unit == quantity.unit
                and LINK.fullmatch(self.positions.text.plain, previous.end, quantity.start) is not None
            )
            found.append(found[-1] if is_listed else self.role(number))
        return found

    def is_plan(self, number: int) -> bool:
        """Whether a quantity is a plan or a target: 年度计划投资56亿元, 4600人年计划."""
        left = LISTED.sub("", self.left(number))
        return PLAN.search(left.rpartition("完成")[0] or left) is not None or bool(
            re.match(r"(?:的)?年?度?(?:计划|目标|任务)", self.right(number))
        )

    def _follows_share(self, number: int) -> bool:
        """Whether a share continues a list of shares: 分别占总数的59.1%和48.7%."""
        quantities = self.positions.quantities
        if not number or quantities[number - 1].unit != "1" or quantities[number].unit != "1":
            return False
        between = self.positions.text.plain[quantities[number - 1].end : quantities[number].start]
        return LINK.fullmatch(between) is not None and "，" not in between

    def is_in_list_of_shares(self, number: int) -> bool:
        """Whether a share stands in a list of shares."""
        return self._follows_share(number) or (number + 1 < len(self.positions.quantities) and self._follows_share(number + 1))

    def place_in_list(self, number: int) -> tuple[int, int]:
        """The first share of the list in which a share stands, and how many there are."""
        first = last = number
        while self._follows_share(first):
            first -= 1
        while last + 1 < len(self.positions.quantities) and self._follows_share(last + 1):
            last += 1
        return first, last - first + 1

    def _before_bracket(self, number: int) -> str:
        """The words before the brackets that end right before the clause of a share: 占去年同期用工人数（58795人）的80.32%."""
        plain = self.positions.text.plain
        start = self.positions.quantities[number].start - len(self.clause_left(number))
        opened = plain.rfind("（", 0, start)
        if plain[start - 1 : start] != "）" or opened < 0 or not plain.startswith("的", start):
            return ""
        return plain[max(plain.rfind(sign, 0, opened) for sign in BOUNDARY) + 1 : opened]

    def share_words(self, number: int) -> ShareWords:
        """What the words before a share say that it is a share of."""
        if self._follows_share(number):
            return self.share_words(number - 1)
        if FORMER.match(self.right(number)):
            return ShareWords("")  # 由去年的55.1%提高至55.4%: the share of another time
        left = RAISED.sub("", ASIDE.sub("", self._before_bracket(number) + self.clause_left(number))[-60:])[-40:]
        own = ASIDE.sub("", self.left(number))
        if CHANGED_BY.search(own):
            return ShareWords("change")
        if CHANGE.search(own) or COMPARED.search(own):
            return ShareWords("change")
        if found := NAMED_RATE.search(own):
            return ShareWords("named", verb=found[1])
        if found := SHARE_OF_PLAN.search(left):
            return ShareWords("plan", found["whole"])
        if found := SHARE_OF.search(left):
            return ShareWords("part", found["whole"])
        if found := WITHIN.search(left):
            return ShareWords("part", found["whole"])
        if found := IS_OF.search(left):
            return ShareWords("part", found["whole"])
        if (found := RATE.search(own)) and not OTHER_RATES.search(own):
            return ShareWords("rate", verb=found["verb"])
        if (found := DONE.search(own)) and not self.right(number):  # 87户企业复产79户,复产90.8%
            return ShareWords("rate", verb=found["verb"])
        if re.search(r"(?:比例|比重|占比|份额)(?:分别)?(?:为|达到?|约|是)?$", own):
            return ShareWords("part")
        return ShareWords("")


FUNCTION_WORDS = re.compile(
    r"其中|同期|数量|总数|目前|截至|截止|已经|已有|累计|实际|实现|共计|总计|合计|共有|全部|现有|成功|顺利|现场|当场|分别|均|约|近|超|逾|已|共|有|为|达到?|了|的|(?<!位)到(?![位岗期户账])|是|"
    r"全市|全县|全区|全省|全国|我市|我县|我区|本市|本县|本区|[\d年月日份、·（）\[\]]"
)


SAME_WORDS = {
    "GDP": "生产总值",
    "货物贸易进出口": "外贸",
    "对外贸易": "外贸",
    "规模以上": "规上",
    "限额以上": "限上",
    "外贸进出口": "外贸",
    "进出口": "外贸",
}
"""Words as written, and as compared: 出口 is no word of 进出口."""


EXCEPT = re.compile(r"（(?:不?含|不?包括|以下简称|下同|扣除|剔除)[^（）]*）")


def content(label: str) -> str:
    """A label without adverbs, copulas and names of our own area."""
    return FUNCTION_WORDS.sub("", in_same_words(EXCEPT.sub("", label)))


def in_same_words(label: str) -> str:
    """A label in the words by which labels are compared."""
    for written, meant in SAME_WORDS.items():
        label = label.replace(written, meant)
    return label


def is_within(name: str, label: str) -> bool:
    """Whether all characters of a name stand in a label, in any order."""
    label = in_same_words(label)
    return all(character in label for character in name)


def common(one: str, other: str) -> int:
    """The length of the longest run of characters that two labels share."""
    longest = 0
    for start in range(len(one)):
        while start + longest < len(one) and one[start : start + longest + 1] in other:
            longest += 1
    return longest


def has_one_noun(one: str, other: str) -> bool:
    """Whether the words after two counts may be one noun: 4个实验盒 and 10个突变株 count different things."""
    first, second = content(one), content(other)
    return len(first) < 2 or len(second) < 2 or bool(set(first) & set(second))
