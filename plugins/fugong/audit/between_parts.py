"""Checks averages of all against those of two parts, and balances: 人均收入14063元。其中,城镇19770元;农村7142元; 出口12万元,进口10万元,顺差2万元."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.labels import Labels, Role
from fugong.audit.opposites import are_opposite
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, bounds, meet, ratio
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up

AMONG = re.compile(r"(?<![一-鿿])其中")
PER_HEAD = re.compile(r"(?P<who>[^，。；：\d]*?)人均(?P<what>[^，。；：\d]{2,12})$")
BALANCE = re.compile(r"(?:贸易|外贸)?(?P<way>顺差|逆差)(?:约?为|达到?)?$")
FLOW = re.compile(r"(?P<way>出口|进口)(?:总?[额值])?(?:约?为|达到?|完成|实现)?$")
TOWN_TO_COUNTRY = re.compile(
    r"收入(?:之)?比(?:值)?(?:由[^，。；]{0,12})?(?:为|是|缩小|降|下降|收窄|至|到)*(?P<ratio>\d\.(?P<places>\d{1,3}))(?:[:：]1|，|。|；|$)"
)
"""城乡居民收入比为2.51:1."""
N_SENTENCES = 1


def between_parts(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each average that lies outside of those of both parts, each part that is more than all, and each balance."""
    yield from _averages(positions, labels)
    yield from _parts_of_averages(positions, labels)
    yield from _balances(positions, labels)
    yield from _town_to_country(positions, labels)


def _averages(positions: Positions, labels: Labels) -> Iterator[Remark]:
    averages = [one for one, role in enumerate(labels.roles) if role is Role.AVERAGE]
    for nth, whole in enumerate(averages[:-2]):
        first, second = averages[nth + 1 : nth + 3]
        quantities = [positions.quantities[one] for one in (whole, first, second)]
        names = [PER_HEAD.search(labels.left(one)) for one in (whole, first, second)]
        between = positions.text.plain[quantities[0].end : quantities[1].start]
        is_one = len({one.unit for one in quantities}) == 1 and all(one.bound == "exact" for one in quantities)
        if not is_one or None in names or not AMONG.search(between) or between.count("。") > 1 or "\n" in between:
            continue
        whats = {found["what"] for found in names if found is not None}
        closed = positions.text.plain.find("。", quantities[1].start)
        is_list = len(whats) == 1 and (closed < 0 or quantities[2].start < closed)
        if is_list and are_opposite(labels.left(first) + "·", labels.left(second) + "·"):
            least, most = sorted((bounds(quantities[1]), bounds(quantities[2])))
            if bounds(quantities[0])[1] < least[0] or bounds(quantities[0])[0] > most[1]:
                shown = " 与 ".join(one.text for one in quantities[1:])
                message = Bilingual(
                    f"平均数 {quantities[0].text} 不在两部分的平均数({shown})之间。",
                    f"The average {quantities[0].text} does not lie between those of both parts "
                    f"({quantities[1].text} and {quantities[2].text}).",
                )
                yield Remark("average", CONTRADICTION, quantities[0].start, (whole, first, second), message)


def _parts_of_averages(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """人均消费支出9609元…人均食品消费支出2814元: the same people, and a kind of what they spend."""
    known: list[tuple[int, str, str]] = []
    for one, quantity in enumerate(positions.quantities):
        found = PER_HEAD.search(labels.left(one)) if labels.roles[one] is Role.AVERAGE else None
        if found is None or quantity.bound != "exact":
            continue
        who, what = found["who"], found["what"]
        for whole, people, measure in known:
            other = positions.quantities[whole]
            is_part = who.endswith(people[-4:]) and people != "" and what != measure and what.endswith(measure)
            is_one = other.unit == quantity.unit and period_of(positions, whole).may_be(period_of(positions, one))
            if is_part and is_one and bounds(quantity)[0] > bounds(other)[1]:
                message = Bilingual(
                    f"部分 {quantity.text} 大于前面的整体 {other.text}。",
                    f"{quantity.text}, given as a part, is more than the {other.text} before it.",
                )
                yield Remark("parts", SUSPICION, quantity.start, (one, whole), message)
                break
        known.append((one, who, what))


def _balances(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """A surplus is what went out less what came in, both of the sentence or of the one before."""
    for number, quantity in enumerate(positions.quantities):
        found = BALANCE.search(labels.left(number))
        if found is None or quantity.unit not in {"元", "美元"} or quantity.bound != "exact":
            continue
        flows: dict[str, Quantity] = {}
        for one in range(number - 1, -1, -1):
            near = positions.quantities[one]
            between = positions.text.plain[near.end : quantity.start]
            if positions.sentence(number) - positions.sentence(one) > 1 + N_SENTENCES or "。" in between or "\n" in between:
                break
            flow = FLOW.fullmatch(labels.left(one).removeprefix("其中"))
            if flow is not None and near.unit == quantity.unit and near.bound == "exact":
                flows.setdefault(flow["way"], near)
        if len(flows) < 2:
            continue
        more, less = ("出口", "进口") if found["way"] == "顺差" else ("进口", "出口")
        (low, high), (least, most) = bounds(flows[more]), bounds(flows[less])
        agrees = meet((low - most, high - least), bounds(quantity))
        message = Bilingual(
            f"{found['way']} {quantity.text} {'相符' if agrees else '不符'}:{flows[more].text}-{flows[less].text}。",
            f"The balance of {quantity.text} {'agrees' if agrees else 'does not agree'}: {flows[more].text} less {flows[less].text}.",
        )
        yield Remark("change", AGREES if agrees else CONTRADICTION, quantity.start, (number,), message)


def _town_to_country(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """城镇居民人均收入38214元,农村居民人均收入19016元,城乡居民收入比为2.01."""
    for found in TOWN_TO_COUNTRY.finditer(positions.text.plain):
        here = positions.sentence_at(found.start())
        near = [
            one
            for one, quantity in enumerate(positions.quantities)
            if labels.roles[one] is Role.AVERAGE
            and quantity.bound == "exact"
            and quantity.unit == "元"
            and quantity.end <= found.start()
            and here - positions.sentence(one) <= 1 + N_SENTENCES
            and "收入" in labels.left(one)
        ]
        town = next((one for one in reversed(near) if "城镇" in labels.left(one)), None)
        country = next((one for one in reversed(near) if re.search("农村|农民", labels.left(one))), None)
        if town is None or country is None:
            continue
        one, other = positions.quantities[town], positions.quantities[country]
        made = ratio(bounds(one), bounds(other))
        stated, half = Decimal(found["ratio"]), Decimal(5) / 10 ** (len(found["places"]) + 1)
        if made is None:
            continue
        agrees = meet(made, (stated - half, stated + half))
        shown = f"{one.text}/{other.text}={half_up(made[0], len(found['places']))}"
        message = Bilingual(
            f"收入比 {found['ratio']} {'相符' if agrees else '可能不符'}:{shown}。",
            f"A ratio of {found['ratio']} {'agrees' if agrees else 'may be wrong'}: {shown}.",
        )
        yield Remark("ratio", AGREES if agrees else SUSPICION, found.start("ratio"), (town, country), message)
