"""A quantity of a text: its value, and the interval that its precision and its bound leave open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ONE = Decimal(1)
INFINITE = Decimal("Infinity")
SCALES = {
    "": 1, "百": 10**2, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7,
    "亿": 10**8, "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
MEASURES: dict[str, tuple[str, Decimal]] = {
    "元": ("元", ONE), "元人民币": ("元", ONE), "块钱": ("元", ONE), "美元": ("美元", ONE),
    "亩": ("亩", ONE), "公顷": ("亩", Decimal(15)), "平方公里": ("亩", Decimal(1500)), "平方米": ("亩", Decimal("0.0015")), "m2": ("亩", Decimal("0.0015")),
    "立方米": ("立方米", ONE), "千瓦时": ("千瓦时", ONE), "度电": ("千瓦时", ONE), "千瓦": ("千瓦", ONE),
    "吨": ("吨", ONE), "公斤": ("吨", Decimal("0.001")), "千克": ("吨", Decimal("0.001")), "斤": ("吨", Decimal("0.0005")),
    "公里": ("公里", ONE), "米": ("公里", Decimal("0.001")),
}  # fmt: skip
"""Unit as written → the unit of `Quantity.value`, and how much of that it is."""
MEASURED = frozenset(unit for unit, _ in MEASURES.values())
CLASSIFIERS = frozenset(
    "家次 户次 人次 车次 批次 场次 件次 个月 个工作日 工作日 家 户 个 项 条 期 册 份 本 套 件 名 人 位 支 台 只 枚 把 辆 副 张 宗 笔 "
    "起 次 场 批 轮 类 种 处 座 栋 间 片 所 组 天 日 周 季度 小时 分钟 倍 篇 幅 部 例 站 点 团 对 封 趟 列 艘 架 头 株 棵 口 幢 例次 台次 项次 户次 匹 岁 块 粒 瓶 盒 箱 袋 尾 羽 标箱 TEU".split()
)
DURATIONS = frozenset("岁 天 个月 月 周 工作日 个工作日 小时 分钟 季度".split())
SAME_COUNTED = tuple(
    frozenset(group.split())
    for group in (
        "家 户 个", "项 条 件 个 宗 份 处 座", "期 场 次 批", "册 本 份 套", "支 只 把 台 个 片 枚 套 副", "人 名 位 个", "家次 次 户次",
        "月 个月", "天 工作日 个工作日",
    )
)  # fmt: skip
"""Groups of classifiers that texts use for the same things."""
Value = Decimal | date | tuple[date, date]


@dataclass(frozen=True)
class Quantity:
    """One quantity of a text.

    Attributes:
        start, end: its span in the plain text, without the words of its bound.
        value: in `unit`: yuan, mu, fractions, pieces; a day or a range of days for `日`.
        low, high: the interval of the value; a plain number lies below `high`, which would be rounded up.
        unit: `元`, `亩`, … of measures; the classifier of counts; `1` of shares; `日` of days; `百分点`; empty where none is written.
        written_unit: scale and unit as typed.
        per: the denominator of a price or a rate: 元/立方米, 每周两次.
        bound: `exact`, `more` (余), `floor` (不低于), `ceiling` (不超过), `near` (近), `about` (约) or `range`.
        digits: the digits as typed, without point and without zeros at either end.
    """

    start: int
    end: int
    text: str
    value: Value
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    unit: str = ""
    written_unit: str = ""
    per: str = ""
    bound: str = "exact"
    digits: str = ""
    days: tuple[date, date] | None = None
    """The first and last possible day of a date, or of a range of days."""
    is_limit: bool = False
    """Whether its bound is a rule (不少于, 最多), not a rounding (超过, 以上): the limit itself is the value."""

    @property
    def number(self) -> Decimal | None:
        """The value where it is a number; None for days."""
        return self.value if isinstance(self.value, Decimal) else None

    @property
    def is_article(self) -> bool:
        """Whether it is hardly more than an article: 一家企业."""
        return self.value == 1 and self.text.startswith("一")

    def may_be(self, value: Value) -> bool:
        """Whether a value fits what was written, by its precision and bound."""
        if isinstance(value, Decimal) and isinstance(self.value, Decimal):
            if value == self.value or self.low <= value < self.high:
                return True
            return value == self.high and self.bound not in {"exact", "more"}
        if isinstance(value, date) and isinstance(self.value, date):
            return self.days is not None and self.days[0] <= value <= self.days[1]
        return value == self.value


def same_counted(one: str, other: str) -> float:
    """How well two classifiers fit together, from 0 to 1."""
    if one == other:
        return 1.0
    if not one or not other:
        return 0.85
    if any(one in group and other in group for group in SAME_COUNTED):
        return 0.97
    return 0.0 if one in DURATIONS or other in DURATIONS else 0.75
