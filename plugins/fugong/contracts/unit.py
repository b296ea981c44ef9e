"""Units of measure as departments write them: what 万元, kWh or 元/立方米 counts, and how much of it.

A unit is read as a whole or not at all: 百万元 is never read as 万元, 元/立方米 never as 元, 万人 never as 万.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache

SCALES = {
    name: Decimal(10) ** exponent
    for name, exponent in (
        ("十", 1), ("百", 2), ("千", 3), ("万", 4), ("十万", 5), ("百万", 6), ("千万", 7), ("亿", 8), ("十亿", 9), ("百亿", 10),
        ("千亿", 11), ("万亿", 12),
    )
}  # fmt: skip
"""What stands before a unit: 百 of 百万元."""
MEASURES = {
    "money": {"元": Decimal(1), "角": Decimal("0.1"), "分": Decimal("0.01")},
    "area": {"亩": Decimal(1), "公顷": Decimal(15), "平方米": Decimal("0.0015"), "平方公里": Decimal(1500)},
    "energy": {"千瓦时": Decimal(1), "兆瓦时": Decimal(1000)},
    "volume": {"立方米": Decimal(1), "升": Decimal("0.001")},
    "mass": {"吨": Decimal(1), "千克": Decimal("0.001")},
}
"""Kind → unit → how much of the first unit of its kind it is."""
UNITS = {
    kind: {
        **units,
        **{f"{scale}{unit}": times * factor for unit, factor in units.items() for scale, times in SCALES.items()},
    }
    for kind, units in MEASURES.items()
}
"""`MEASURES` with every scale: factor from each unit to the first of its kind."""
CURRENCIES = ("人民币", "rmb", "cny", "¥")
SPELLINGS = {
    **{
        word: (kind, name)
        for kind, name, words in (
            ("money", "元", "元整 圆 圆整 元人民币 人民币元 rmb元 cny元 元角分 元、角、分 元,角,分"),
            ("area", "公顷", "ha hm2 hm²"),
            ("area", "平方米", "平米 平方 ㎡ m2 m² m^2"),
            ("area", "平方公里", "平方千米 km2 km²"),
            ("energy", "千瓦时", "度 度电 千瓦小时 千瓦·时 千瓦.时 kwh kw·h kw.h kw*h kw-h"),
            ("energy", "兆瓦时", "mwh mw·h mw.h 兆瓦小时"),
            ("volume", "立方米", "立方 方 m3 m³ m^3 nm3 nm³ n立方米 标方 标立方 标准立方米 标立方米"),
            ("volume", "升", "公升 l"),
            ("mass", "吨", "t 公吨"),
            ("mass", "千克", "公斤 kg"),
        )
        for word in words.split()
    },
    **{
        word: ("foreign", word)
        for word in (
            "美元 美金 港元 港币 欧元 日元 英镑 澳元 加元 韩元 卢布 瑞士法郎 台币 新台币 澳门元 澳门币 新加坡元 新元 外币 外汇 "
            "usd us$ $ hkd hk$ eur € jpy gbp £ aud cad krw rub chf sgd twd mop"
        ).split()
    },
    **dict.fromkeys(CURRENCIES, ("currency", "元")),
    **{word: ("share", name) for name, words in (("%", "% 百分比 百分数 百分率 百分之 pct"), ("‰", "‰ 千分比 千分数 千分率 千分之")) for word in words.split()},
    **{
        word: ("count", word)
        for word in (
            "人 个 户 家 次 件 台 辆 批 套 份 笔 处 项 宗 只 支 瓶 箱 盒 包 袋 桶 双 付 副 片 张 条 册 本 篇 期 场 名 位 头 株 棵 架 艘 部 幅 座 "
            "栋 幢 间 段 组 队 班 届 枚 根 罐 卷 对 粒 把 所 站 点 例 起 批次 人次 户次 家次 台次 车次 件次 场次 户数 人数 家数 个数 件数 笔数 "
            "台套 台/套"
        ).split()
    },
    **{word: ("time", word) for word in "年 季 季度 月 周 旬 日 天 小时 时 分钟 工作日".split()},
    **{word: ("other", word) for word in "千瓦 kw mw 米 公里 千米 km m 克 g kva 千伏安 mpa".split()},
}  # fmt: skip
"""Folded spelling → kind and name of the unit. Money of another country, counts, times and others have no factor."""
TRADITIONAL = str.maketrans("萬億仟佰圓畝戶噸頃筆個處項張幣單額貨", "万亿千百圆亩户吨顷笔个处项张币单额货")


@dataclass(frozen=True)
class Unit:
    """A unit as a sender declares it.

    Attributes:
        kind: `money`, `area`, `energy`, `volume`, `mass`; `foreign` (money of another country), `share`, `count`, `time`, `other`;
            `currency` for RMB without a unit, and `scale` for a scale without one (万).
        name: scale and unit in their usual spelling.
        factor: how much of the first unit of its kind it is; of the others the scale alone.
        per: what a price is for: 立方米 of 元/立方米.
    """

    kind: str
    name: str
    factor: Decimal
    per: Unit | None = None


def fold_unit(text: str) -> str:
    """Fold a spelling: half width, no white space, no case, simplified characters."""
    return "".join(unicodedata.normalize("NFKC", text).replace("￥", "¥").split()).casefold().translate(TRADITIONAL)


def _spellings() -> Iterator[tuple[str, Unit]]:
    names = {**{name: (kind, name) for kind, units in MEASURES.items() for name in units}, **SPELLINGS}
    for spelling, (kind, name) in names.items():
        factor = MEASURES[kind][name] if kind in MEASURES else Decimal(1)
        unit = Unit(kind, name, factor)
        folded = fold_unit(spelling)
        yield folded, unit
        if kind not in ("currency", "share", "time"):
            for scale, times in SCALES.items():
                yield f"{scale}{folded}", Unit(kind, f"{scale}{name}", times * factor)
                if kind == "money":
                    yield f"{scale}{folded}人民币", Unit(kind, f"{scale}{name}", times * factor)
                    for currency in CURRENCIES:
                        yield f"{currency}{scale}{folded}", Unit(kind, f"{scale}{name}", times * factor)
    for scale, times in SCALES.items():
        yield scale, Unit("scale", scale, times)


WORDS: dict[str, Unit] = {}
"""Every folded spelling of a unit that is no price."""
for _spelling, _unit in _spellings():
    WORDS.setdefault(_spelling, _unit)


NAMES_OF_UNITS = tuple(dict.fromkeys(unit.name for unit in WORDS.values()))
"""The usual spelling of every unit that is no price."""


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """The unit that a text names as a whole, a price such as 元/立方米 included; None if it names none."""
    folded = fold_unit(text)
    if folded in WORDS:
        return WORDS[folded]
    over, divided, under = folded.partition("/")
    if not divided:
        over, divided, under = folded.partition("每")
    unit, per = WORDS.get(over), WORDS.get(under.removeprefix("每"))
    if not divided or unit is None or per is None:
        return None
    return replace(unit, name=f"{unit.name}/{per.name}", per=per)


def is_of_kind(text: str, kind: str) -> bool:
    """Whether a text names a unit of a kind, and no price."""
    unit = parse_unit(text)
    return unit is not None and unit.kind == kind and unit.per is None


def _pattern_of(words: Iterable[str]) -> str:
    """A pattern of some words, the longest that fits first."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


@cache
def _any_unit() -> str:
    """A pattern of `WORDS`, the longest that fits first.

    What stands behind every scale is written once, not once for each: a seventh of the text, and a dozen patterns hold it, which all
    have to be compiled before the first file is read.
    """
    behind = set[str].intersection(*({word.removeprefix(scale) for word in WORDS if word.startswith(scale)} for scale in SCALES))
    heads = [f"{currency}{scale}" for currency in CURRENCIES for scale in SCALES]
    priced = [word for word in WORDS if word.startswith(CURRENCIES)]
    behind_currency = set[str].intersection(
        *({word.removeprefix(head) for word in priced if word.startswith(head)} for head in heads)
    )
    built = {f"{scale}{word}" for scale in SCALES for word in behind} | {
        f"{head}{word}" for head in heads for word in behind_currency
    }
    scale = _pattern_of(SCALES)
    return (
        f"(?:{_pattern_of(CURRENCIES)}{scale}{_pattern_of(behind_currency)}|{_pattern_of(WORDS.keys() - built)}"
        f"|{scale}{_pattern_of(behind)})"
    )


def __getattr__(name: str) -> str:
    """`ANY_UNIT`: a pattern of all folded spellings, the longest first. Put together when it is first wanted: most commands read no file."""
    if name == "ANY_UNIT":
        return _any_unit()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
