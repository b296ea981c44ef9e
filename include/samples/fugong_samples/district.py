"""Invents the district: firms, building sites and meters. The same seed gives the same district; no name and no code is real."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

FIRST_DAY = date(2020, 2, 1)
LAST_DAY = date(2020, 3, 18)

SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

TOWNSHIPS = {
    "410106001": "济源路街道",
    "410106002": "中心路街道",
    "410106003": "新安路街道",
    "410106004": "工业路街道",
    "410106005": "矿山街道",
    "410106100": "峡窝镇",
}

HIGH_ENERGY_DIVISIONS = frozenset({"25", "26", "30", "31", "32", "44"})

# scale code → (firms in force on 18 March, industries with the word that the firm's name gets, responsible department)
CLASSES: dict[str, tuple[int, list[tuple[str, str]], str]] = {
    "B": (
        118,
        [
            ("3216", "铝业"),
            ("3252", "铝材"),
            ("3089", "耐火材料"),
            ("3011", "水泥"),
            ("3443", "阀门"),
            ("3484", "机械零部件"),
            ("3311", "金属结构"),
            ("3741", "通航器材"),
            ("2922", "塑料制品"),
            ("2231", "包装"),
            ("2669", "化学品"),
            ("1439", "食品"),
        ],
        "GXJ",
    ),
    "F": (
        34,
        [
            ("5431", "运输"),
            ("5990", "仓储"),
            ("6513", "软件"),
            ("7211", "企业管理"),
            ("7481", "工程咨询"),
            ("7020", "物业"),
            ("8111", "汽车维修"),
            ("8411", "医院管理"),
        ],
        "FGW",
    ),
    "E": (28, [("5164", "金属贸易"), ("5212", "超市"), ("5261", "汽车销售"), ("5251", "医药")], "SWJ"),
    "S": (16, [("6110", "酒店"), ("6210", "餐饮")], "SWJ"),
    "C": (14, [("4710", "建筑工程"), ("4813", "市政工程")], "ZJJ"),
    "X": (10, [("7010", "置业")], "ZJJ"),
    "U": (96, [("3484", "机械加工"), ("5219", "商贸"), ("6210", "小吃"), ("5437", "货运"), ("8111", "汽修")], "SCJ"),
}

STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"

# How the resumed share of a scope grows: (share, day). Below the first share a firm never stopped.
RISE = [
    (0.20, date(2020, 2, 1)),
    (0.35, date(2020, 2, 10)),
    (0.62, date(2020, 2, 17)),
    (0.82, date(2020, 2, 24)),
    (0.93, date(2020, 3, 2)),
    (0.98, date(2020, 3, 9)),
    (1.00, date(2020, 3, 16)),
]


def stream(seed: int, topic: str) -> random.Random:
    """A random generator for one topic, so that a change in one report leaves the others as they are."""
    return random.Random(f"{seed}/{topic}")


def credit_code(prefix: str, number: int) -> str:
    """A synthetic unified social credit code: `prefix` (8 characters), body Y + 7 digits, both check characters."""
    body = f"Y{number:07d}"
    inner = sum((ord(c) - 55 if c.isalpha() else int(c)) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    head = prefix + body + "0123456789X0"[(11 - inner % 11)]
    total = sum(SYMBOLS.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    return head + SYMBOLS[(31 - total % 31) % 31]


@dataclass(frozen=True)
class Exemption:
    """Why a firm or a site need not resume, and until when (None: to the end of the story)."""

    code: str
    until: date | None
    reason: str


@dataclass(frozen=True)
class Firm:
    """One firm: its line of the register, and the day on which it resumed."""

    uscc: str
    name: str
    township: str
    industry: str
    scale: str
    scale_from: date
    scale_to: date | None
    size: str
    headcount: int
    daily_kwh: float
    daily_output: int
    vat_type: str
    key_supply: str
    leader: str
    department: str
    resumed_on: date
    full_on: date
    stopped: tuple[date, date] | None = None
    exemption: Exemption | None = None
    full_offset: int = 0

    @property
    def is_high_energy(self) -> bool:
        """Whether the industry is one of the six high-energy divisions."""
        return self.industry[:2] in HIGH_ENERGY_DIVISIONS

    def is_exempt(self, day: date) -> bool:
        """Whether the firm is left out of the denominator on `day` (X10 is reported 否 but stays in)."""
        return self.exemption is not None and (self.exemption.until is None or day <= self.exemption.until)

    def is_resumed(self, day: date) -> bool:
        """Whether the firm runs on `day`."""
        stopped = self.stopped is not None and self.stopped[0] <= day <= self.stopped[1]
        return not self.is_exempt(day) and day >= self.resumed_on and not stopped

    def on_post(self, day: date) -> int:
        """People at work on `day`: they rise from the day of resumption and reach exactly the baseline (± offset) at the end."""
        if not self.is_resumed(day):
            return 0
        if day >= self.full_on:
            return self.headcount + (self.full_offset if day == LAST_DAY else 0)
        share = 0.45 + 0.55 * (day - self.resumed_on).days / max(1, (self.full_on - self.resumed_on).days)
        return max(1, min(self.headcount - 1, int(self.headcount * share)))


@dataclass(frozen=True)
class Site:
    """One building site."""

    site_id: str
    name: str
    project_code: str
    site_type: str
    owner: str
    builder: str
    planned: int
    resumed_on: date
    full_on: date
    exemption: Exemption | None

    def is_exempt(self, day: date) -> bool:
        """Whether the site is left out of the denominator on `day`."""
        return self.exemption is not None and self.exemption.until is not None and day <= self.exemption.until

    def is_resumed(self, day: date) -> bool:
        """Whether the site works on `day`."""
        return not self.is_exempt(day) and day >= self.resumed_on

    def on_site(self, day: date) -> int:
        """Workers on site on `day`."""
        if not self.is_resumed(day):
            return 0
        if day >= self.full_on:
            return self.planned
        share = 0.4 + 0.6 * (day - self.resumed_on).days / max(1, (self.full_on - self.resumed_on).days)
        return max(1, min(self.planned - 1, int(self.planned * share)))


@dataclass(frozen=True)
class District:
    """The firms, sites and meters that the reports describe."""

    seed: int
    scale: int
    firms: list[Firm] = field(repr=False)
    sites: list[Site] = field(repr=False)

    def of(self, *scales: str) -> list[Firm]:
        """The firms of the classes in force on the last day, in register order."""
        return [firm for firm in self.firms if firm.scale in scales and firm.scale_to is None]

    @property
    def above_scale(self) -> list[Firm]:
        """The firms of every above-scale class, with the one that left the register in February."""
        return [firm for firm in self.firms if firm.scale != "U"]


def _resumed_on(share: float) -> date:
    """The day by which `share` of a scope had resumed."""
    if share <= RISE[0][0]:
        return date(2020, 1, 28) + timedelta(days=int(share * 20) % 4)
    for (low, first), (high, last) in pairwise(RISE):
        if share <= high:
            return first + timedelta(days=round((share - low) / (high - low) * (last - first).days))
    return RISE[-1][1]


def _name(number: int, word: str) -> str:
    cycle, position = divmod(number, 60)
    stem = STEMS[position % 10] + BRANCHES[position % 12]
    return f"{stem}{cycle + 1 if cycle else ''}（示例）{word}有限公司"


def _headcount(rng: random.Random, scale: str, rank: int) -> int:
    if scale == "B":
        return rng.randint(1050, 2600) if rank % 30 == 3 else rng.randint(310, 760) if rank % 8 == 5 else rng.randint(24, 260)
    if scale == "C":
        return rng.randint(60, 420)
    return rng.randint(3, 16) if scale == "U" else rng.randint(20, 190)


def _size(scale: str, headcount: int) -> str:
    if scale == "U":
        return "W" if headcount < 10 else "S"
    if scale == "B":
        return "L" if headcount >= 1000 else "M" if headcount >= 300 else "S"
    return "M" if headcount >= 100 else "S"


def make_district(seed: int, scale: int) -> District:
    """Make the district; `scale` multiplies firms and sites."""
    rng = stream(seed, "register")
    firms: list[Firm] = []
    number = 100
    for scale_code, (count, industries, department) in CLASSES.items():
        n = count * scale
        order = list(range(n))
        rng.shuffle(order)
        for i in range(n):
            industry, word = industries[(i * 7 + i // 9) % len(industries)]
            headcount = _headcount(rng, scale_code, i)
            prefix = "91410100" if i % 17 == 11 else "91410000" if i % 41 == 7 else "91410106"
            if scale_code == "U" and i % 3 == 2:
                prefix = "92410106"
            resumed_on = _resumed_on((order[i] + 1) / n)
            full_on = min(LAST_DAY, max(resumed_on, FIRST_DAY) + timedelta(days=rng.randint(12, 26)))
            size = _size(scale_code, headcount)
            firms.append(
                Firm(
                    uscc=credit_code(prefix, number),
                    name=_name(number - 100, word),
                    township=list(TOWNSHIPS)[rng.choices(range(6), (3, 4, 3, 5, 2, 4))[0]],
                    industry=industry,
                    scale=scale_code,
                    scale_from=date(rng.randint(2011, 2019), 1, 1) if scale_code != "U" else FIRST_DAY,
                    scale_to=None,
                    size=size,
                    headcount=headcount,
                    daily_kwh=round(headcount * rng.uniform(20, 160) * (6 if industry[:2] in HIGH_ENERGY_DIVISIONS else 1), 2),
                    daily_output=headcount * rng.randint(12, 40) * 100,
                    vat_type="小规模" if scale_code == "U" else "一般",
                    key_supply={7: "国家", 19: "省", 43: "市"}.get(i, "") if scale_code == "B" else "",
                    leader=f"XCJ-{rng.randint(1, 38):02d}" if scale_code != "U" else "",
                    department=department,
                    resumed_on=resumed_on,
                    full_on=full_on,
                )
            )
            number += 1
    firms = _with_story(firms)
    return District(seed, scale, firms, _make_sites(seed, scale, firms))


def _with_story(firms: list[Firm]) -> list[Firm]:
    """Give single firms their part in the story: exemptions, the relapse, the firm that leaves the register, uneven last days."""
    at = {
        (firm.scale, rank): i
        for s in CLASSES
        for rank, (i, firm) in enumerate((i, f) for i, f in enumerate(firms) if f.scale == s)
    }
    made = list(firms)

    def change(scale_code: str, rank: int, **values: Any) -> None:
        made[at[scale_code, rank]] = replace(made[at[scale_code, rank]], **values)

    change("B", 20, exemption=Exemption("X05", None, "产能置换停产,郑上政示例〔2019〕7号"))
    change("B", 77, exemption=Exemption("X03", None, "2018年10月起长期停产"))
    change(
        "B",
        34,
        exemption=Exemption("X06", date(2020, 3, 8), "回转窑检修,计划3月8日结束"),
        resumed_on=date(2020, 3, 9),
        full_on=LAST_DAY,
    )
    change("E", 9, exemption=Exemption("X09", None, "破产重整,(2019)豫0106破示例1号"))
    # The relapse: resumed on 20 February, out of raw material from 2 to 6 March.
    change("B", 12, resumed_on=date(2020, 2, 20), full_on=date(2020, 3, 17), stopped=(date(2020, 3, 2), date(2020, 3, 6)))
    # Reports that it runs, yet draws hardly any electricity from 25 February to 1 March (see reports.power_daily).
    change("B", 60, resumed_on=date(2020, 2, 24), full_on=date(2020, 3, 12))
    # The last firm to resume.
    change("B", 41, resumed_on=date(2020, 3, 17), full_on=LAST_DAY)
    # Pooled sums are equal on the last day although firms are not.
    change("B", 50, full_offset=4)
    change("B", 51, full_offset=-4)
    change("F", 3, full_offset=2)
    change("F", 4, full_offset=-2)
    for rank in (50, 51):
        change("B", rank, resumed_on=date(2020, 2, 10), full_on=date(2020, 3, 10), exemption=None)
    for rank in (3, 4):
        change("F", rank, resumed_on=date(2020, 2, 12), full_on=date(2020, 3, 10))
    # Closed by order until 12 March: reported 否 with X10, which stays in the denominator.
    change(
        "F",
        30,
        exemption=Exemption("X10", date(2020, 3, 12), "按疫情防控要求暂停开放"),
        industry="8760",
        resumed_on=date(2020, 3, 13),
        full_on=LAST_DAY,
    )
    gone = replace(
        made[at["B", 5]],
        uscc=credit_code("91410106", 9000000),
        name="庚申（示例）旧铝业有限公司",
        industry="3216",
        scale_to=date(2020, 2, 29),
        exemption=Exemption("X02", None, "退规,2月29日退库"),
        stopped=None,
        full_offset=0,
    )
    return [*made, gone]


def _make_sites(seed: int, scale: int, firms: list[Firm]) -> list[Site]:
    rng = stream(seed, "sites")
    owners = [f for f in firms if f.scale == "X"]
    builders = [f for f in firms if f.scale == "C"]
    n = 47 * scale
    order = list(range(n))
    rng.shuffle(order)
    kinds = (["房建"] * 5 + ["市政"] * 3 + ["拆迁安置", "水利", "交通"]) * (n // 11 + 1)
    sites = []
    for i in range(n):
        resumed_on = _resumed_on((order[i] + 1) / n)
        exemption = None
        if i in (8, 21, 37):
            exemption = Exemption("X08", date(2020, 3, 6), "未到开工节点")
            resumed_on = date(2020, 3, 9)
        outside = credit_code("91410100", 5000000 + i)
        sites.append(
            Site(
                site_id=f"4101062019{i % 12 + 1:02d}{i % 28 + 1:02d}{i + 1:04d}",
                name=f"{STEMS[i % 10]}{BRANCHES[i % 12]}{'' if i < 60 else i // 60 + 1}（示例）{kinds[i]}工程",
                project_code=f"2019-410106-47-03-{10000 + i:06d}" if i % 3 else "",
                site_type=kinds[i],
                owner=owners[i % len(owners)].uscc,
                builder=outside if i % 5 == 4 else builders[i % len(builders)].uscc,
                planned=rng.randint(15, 260),
                resumed_on=resumed_on,
                full_on=min(LAST_DAY, max(resumed_on, FIRST_DAY) + timedelta(days=rng.randint(10, 24))),
                exemption=exemption,
            )
        )
    return sites


def shares(total: int, weights: list[float]) -> list[int]:
    """Whole numbers ≥ 1 in proportion to `weights` that add up to `total` exactly."""
    scale = sum(weights)
    parts = [max(1, int(total * w / scale)) for w in weights]
    parts[max(range(len(parts)), key=parts.__getitem__)] += total - sum(parts)
    return parts
