"""Pairs of words that part a whole in two: 税收 and 非税, 城镇 and 乡村."""

from __future__ import annotations

import re
from collections.abc import Sequence

OPPOSITES = tuple(
    tuple(pair.split("/"))
    for pair in (
        "已/未 已/在办 已/正在 已/办理中 办结/正在办理 税收/非税 规模以上/规模以下 规上/规下 男/女 城镇/农村 城镇/乡村 城市/农村 线上/线下 "
        "受理有效/无效 有效/无效 国有/非国有 办结/在办 住宅/非住宅 在职/退休 出口/进口 居住在城镇/居住在乡村 办结/办理中 已处理/正在办理 按时/超时 按期/逾期 "
        "区内/区外 市内/市外 省内/省外 县内/县外 合格/不合格 家庭户/集体户 轻工业/重工业 公立/民营 公办/民办 电话/非电话 网上/线下 汉族/少数民族 中小微/大型"
    ).split()
)
"""Words of two parts that leave no third."""
OFTEN_ALL = tuple(
    tuple(pair.split("/"))
    for pair in (
        "国税/地税 续建/新开工 续建/新建 企业/个体 内资/外资 新增/续贷 满意/基本满意 解决/交办 现场/交办 主办/协办 集体/个人 中央/地方 个人/企业 "
        "职工/离退休 省级/市级 直办/转办 交办/直办"
    ).split()
)
"""Words of two parts beside which a third is possible: cooperatives beside firms and shops."""


BARE = frozenset("男女")
"""Words that name a part without a noun."""
NEGATED = re.compile(r"(不|未|非)([一-鿿]{2})")
"""未签约 parts a whole with 签约."""


def is_of_one_side(whole: str, one: str, other: str) -> bool:
    """Whether a whole is called by one word of the pair that its parts have, so that it holds only one of them: 新增城镇就业6.5万人,转移农村劳动力0.8万人."""
    return any(
        len(word) > 1 and word in whole and not (first in whole and second in whole)
        for first, second in (*OPPOSITES, *OFTEN_ALL)
        if (first in one and second in other) or (second in one and first in other)
        for word in (first, second)
    )


def are_opposite(one: str, other: str, pairs: Sequence[tuple[str, ...]] = OPPOSITES) -> bool:
    """Whether the labels of two counts hold the two words of a pair."""
    for right, left in ((one, other), (other, one)):
        clause = left.partition("·")[0].rpartition("，")[2]
        if pairs is OPPOSITES and any(word in clause and f"{no}{word}" not in clause for no, word in NEGATED.findall(right)):
            return True
    for first, second in pairs:
        for left, right in ((one, other), (other, one)):
            is_apart = second not in left and first not in right.replace(second, "")
            if first in left and second in right and (left.replace(first, "") or first in BARE) and is_apart:
                return True
    return False
