"""Makes the rows of key projects, deals and services (R15, R16, R17) day by day, and their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any

from .district import BRANCHES, STEMS, TOWNSHIPS, District, shares, stream
from .files import workbook_bytes
from .layout import form
from .reports import Reports, Row, with_changes, workdays, yes

File = tuple[str, str, datetime, date, Callable[[], bytes]]
"""Department, name, moment of arrival, day, content."""

SHANGHAI = timezone(timedelta(hours=8))
SIGNATURE = "填报人:              审核人:              单位负责人:              "

MILLION = 1_000_000
LISTED, OTHERS = 20, 57
LISTED_TOTAL, LISTED_PLAN = 13_613, 4_543
OTHERS_TOTAL, OTHERS_PLAN = 8_277, 617
"""Investment in millions of yuan."""
LARGEST = [("红星盾构", 1800), ("方顶驿", 1560), ("郑煤机三期", 1280)]
LEDGER_FROM = date(2020, 2, 17)
SERVICE_FROM = date(2020, 2, 10)
TOWNSHIPS_FROM = date(2020, 3, 2)

PROCEDURES = {
    "FILING": ("项目备案", "区发展改革委"),
    "LAND": ("用地手续", "自然资源和规划局上街分局"),
    "PLAN_LAND": ("建设用地规划许可证", "自然资源和规划局上街分局"),
    "PLAN_PROJ": ("建设工程规划许可证", "自然资源和规划局上街分局"),
    "EIA": ("环评批复", "生态环境局上街分局"),
    "PERMIT": ("施工许可证", "区住房和城乡建设局"),
}

DEALS = [
    # name, kind, millions, signed, status, becomes a project
    ("霸凌金国冷链", "正式合同", 150, date(2020, 2, 6), "注册", False),
    ("甲丑（示例）仓储物流项目", "正式合同", 90, date(2020, 2, 13), "签约", False),
    ("丙卯（示例）新材料项目", "正式合同", 80, date(2020, 2, 20), "开工", True),
    ("戊巳（示例）智能装备项目", "正式合同", 60, date(2020, 3, 3), "注册", True),
    ("庚未（示例）商贸综合体项目", "正式合同", 40, date(2020, 3, 12), "签约", False),
    ("吉利手拉手天天车展城", "框架协议", 2000, date(2020, 2, 27), "签约", False),
    ("鹏博士大数据中心", "框架协议", 2000, date(2020, 3, 11), "签约", False),
    ("壬酉（示例）通航培训项目", "意向", 320, None, "洽谈", False),
    ("乙戌（示例）阀门产业园项目", "意向", 260, None, "洽谈", False),
    ("丁亥（示例）食品加工项目", "意向", 75, None, "终止", False),
]

VISITS = {"DCS": 632, "Z01": 84, "Z02": 90, "Z03": 78, "Z04": 96, "Z05": 62, "Z06": 90}
PROBLEMS = {
    "DCS": (348, 107),
    "Z01": (38, 12),
    "Z02": (41, 12),
    "Z03": (36, 11),
    "Z04": (43, 13),
    "Z05": (29, 9),
    "Z06": (43, 13),
}
"""Solved on the spot, and assigned."""
VISITORS = {
    "四大班子": ("SDBZ", 9),
    "县处级": ("XCJ", 38),
    "行业部门": ("BM", 24),
    "督查组": ("DC", 6),
    "党员干部": ("DY", 60),
    "镇办": ("ZB", 30),
}
CATEGORIES = {
    "用工": ("熟练工返岗不足", "区人力资源和社会保障局"),
    "用地": ("扩建用地指标未落实", "自然资源和规划局上街分局"),
    "资金": ("流动资金周转困难", "区金融工作办"),
    "用能": ("变压器增容未完成", "供电公司"),
    "物资": ("防护物资储备不足", "区工业和信息化局"),
    "物流": ("原料跨省运输受阻", "区商务局"),
    "审批": ("许可证办理进度慢", "政务服务和大数据管理局"),
    "政策": ("不了解减免政策", "税务局"),
    "防疫": ("返岗人员隔离场所不足", "区卫生健康委"),
    "市场": ("订单延期或取消", "区商务局"),
}
CHANNELS = {"政府网站": 9, "电视台": 7, "上街发布公众号": 6, "短信平台": 5, "送政上门": 4}
FIELDS = {"金融": 12, "税务": 10, "社保": 9}
CITY_LEADERS = [date(2020, 2, 19), date(2020, 2, 27), date(2020, 3, 12), date(2020, 3, 17)]
LEADERS = 20

PERMIT_LATE = date(2020, 3, 3)
"""A new start began without its construction permit, which came two days later."""
NOT_YET_TOLD = (date(2020, 2, 24), date(2020, 2, 28))
"""A new start has begun: its site reports so, the project ledger does not."""
WRONG_LEVEL = date(2020, 2, 26)
WRONG_INVESTMENT = date(2020, 3, 10)
WRONG_DEAL = date(2020, 3, 2)
NO_OWNER = (date(2020, 2, 20), date(2020, 2, 24))
REOPENED = date(2020, 3, 12)
TWO_INSPECTIONS = date(2020, 2, 25)
COMPLAINT = date(2020, 3, 6)
ONE_MEETING = date(2020, 2, 28)
SHORT_WEEK = date(2020, 3, 2)


@dataclass(frozen=True)
class Project:
    """One key project, as it stands at the end."""

    code: str
    name: str
    level: str
    phase: str
    is_listed: bool
    total: int
    plan: int
    before: int
    planned_start: date
    started: date | None
    suspended: bool
    known_from: date
    owner: str
    township: str
    on_site: int

    def row(self, day: date) -> Row:
        """The line of the ledger of a day."""
        is_started = self.started is not None and self.started <= day
        waits = "停工" if self.phase in ("续建", "竣工") else "未开工"
        status = ("已开工" if self.phase == "新开工" else "已复工") if is_started else waits
        exempt = "X07" if self.suspended else "X08" if not is_started and self.planned_start > day else None
        done = 0
        if self.started is not None and is_started:
            done = self.plan * min(60, 2 * (day - self.started).days) // 400
        return {
            "project_code": self.code,
            "project_name": self.name,
            "level": self.level,
            "phase": self.phase,
            "is_prov_city": yes(self.is_listed),
            "total_investment": Decimal(self.total) / 100,
            "year_plan": Decimal(self.plan) / 100,
            "invested_total": Decimal(self.before + done) / 100,
            "invested_year": Decimal(done) / 100,
            "planned_start": self.planned_start,
            "actual_start": self.started if is_started else None,
            "status": status,
            "exempt_code": exempt,
            "owner_dept": self.owner,
            "township_code": TOWNSHIPS[self.township],
            "on_site": self.on_site if is_started else 0,
        }


@dataclass(frozen=True)
class Services:
    """The rows of R15, R16 and R17."""

    district: District

    # --- R15 ------------------------------------------------------------------------------------------------------

    @cached_property
    def projects(self) -> list[Project]:
        """20 projects of the provincial and municipal lists, then 57 others."""
        rng = stream(self.district.seed, "projects")
        rest = shares(LISTED_TOTAL - sum(total for _, total in LARGEST), [rng.uniform(0.6, 1.4) for _ in range(LISTED - 3)])
        totals = [total for _, total in LARGEST] + rest
        plans = shares(LISTED_PLAN, [total * rng.uniform(0.85, 1.15) for total in totals])
        fixed = [millions for _, _, millions, _, _, becomes in DEALS if becomes]
        other = shares(OTHERS_TOTAL - sum(fixed), [rng.uniform(0.3, 1.7) for _ in range(OTHERS - len(fixed))])
        totals += fixed + other
        plans += shares(OTHERS_PLAN, [total * rng.uniform(0.85, 1.15) for total in fixed + other])
        site = {number: s for number, s in enumerate(self.district.sites) if s.project_code}
        early = sorted((s for s in site.values() if s.exemption is None), key=lambda s: (s.resumed_on, s.site_id))
        told_late = min(early[3:], key=lambda s: (abs((s.resumed_on - NOT_YET_TOLD[0]).days), s.site_id))
        names = iter([deal[0] for deal in DEALS if deal[5]])
        kinds = ("新材料", "装备制造", "仓储物流", "安置房", "道路改造", "污水处理", "产业园", "学校", "医院", "旅游")
        out = []
        for i in range(LISTED + OTHERS):
            is_listed = i < LISTED
            code = f"20{19 if i < 3 or i >= 12 else 20}-410106-{(35, 47, 48, 59)[i % 4]}-03-{40000 + i:06d}"
            name = f"{STEMS[i % 10]}{BRANCHES[(i + 1) % 12]}{'' if i < 60 else 2}（示例）{kinds[i % 10]}项目"
            planned, started, phase, suspended = date(2020, 1, 6), None, "续建", False
            if is_listed and 3 <= i < 12:
                phase = "新开工"
                planned, started = [
                    (date(2020, 2, 20), date(2020, 2, 24)),
                    (date(2020, 2, 25), PERMIT_LATE),
                    (date(2020, 3, 5), date(2020, 3, 6)),
                    (date(2020, 3, 9), date(2020, 3, 9)),
                    (date(2020, 3, 12), date(2020, 3, 16)),
                    (date(2020, 3, 10), None),
                    (date(2020, 3, 15), None),
                    (date(2020, 4, 15), None),
                    (date(2020, 5, 8), None),
                ][i - 3]
                if i == 3:
                    code = told_late.project_code
                if i == 6:
                    code = site[8].project_code  # due to start on the day its site is
            elif is_listed:
                phase = "竣工" if i in (15, 19) else "续建"
                started = date(2020, 2, 10) + timedelta(days=rng.randint(0, 24))
                if i < 3:
                    started = date(2020, 2, 13)
                    code = early[i].project_code
            else:
                phase = ("续建", "前期", "新开工", "续建", "前期")[i % 5]
                started = date(2020, 2, 12) + timedelta(days=rng.randint(0, 30)) if phase == "续建" else None
                planned = date(2020, 4, 10) + timedelta(days=rng.randint(0, 200)) if started is None else planned
                suspended = i in (41, 66)
                if suspended:
                    phase, started = "续建", None
                if i < LISTED + len(fixed):
                    name, phase, planned = next(names), "新开工", date(2020, 3, 2)
                    started = date(2020, 3, 10) if i == LISTED else None
                    planned = planned if started else date(2020, 4, 28)
            if i < 3:
                name = LARGEST[i][0]
            before = totals[i] * rng.randint(20, 60) // 100 if phase in ("续建", "竣工") else 0
            out.append(
                Project(
                    code=code,
                    name=name,
                    level=("省", "市", "市", "省市")[i % 4] if is_listed else "区",
                    phase=phase,
                    is_listed=is_listed,
                    total=totals[i],
                    plan=min(plans[i], totals[i]),
                    before=before,
                    planned_start=planned,
                    started=started,
                    suspended=suspended,
                    known_from=LEDGER_FROM if i < 71 else date(2020, 2, 24) if i < 74 else date(2020, 3, 2),
                    owner=("区发展改革委", "区工业和信息化局", "区住房和城乡建设局", "区商务局")[i % 4],
                    township=list(TOWNSHIPS)[i % 6],
                    on_site=rng.randint(20, 240),
                )
            )
        return out

    def project_rows(self, day: date, *, corrected: bool = False) -> list[Row]:
        """R15 项目 as sent on `day`."""
        known = [p for p in self.projects if p.known_from <= day]
        rows = [p.row(day) for p in known]
        if NOT_YET_TOLD[0] <= day <= NOT_YET_TOLD[1]:
            still = known[3].row(NOT_YET_TOLD[0] - timedelta(days=1)) | {"exempt_code": None}
            rows = with_changes(rows, {3: {k: still[k] for k in ("actual_start", "status", "invested_total", "invested_year")}})
        if day == WRONG_LEVEL:
            rows = with_changes(rows, {13: {"level": "区"}})
        if day == WRONG_INVESTMENT and not corrected:
            rows = with_changes(rows, {14: {"total_investment": rows[14]["total_investment"] * 10}})
        return rows

    def approval_rows(self, day: date) -> list[Row]:
        """R15 手续 as it stood on `day`: six procedures of each new start of the lists."""
        rows = []
        new = [p for p in self.projects if p.is_listed and p.phase == "新开工"]
        for i, project in enumerate(new):
            start = project.started or date(2020, 3, 24)
            for j, (procedure, (name, dept)) in enumerate(PROCEDURES.items()):
                done: date | None = start - timedelta(days=(30, 22, 16, 9, 12, 3)[j] + i % 2)
                if project.started is None and j in ((3, 5), (4, 5))[i % 2]:
                    done = None
                if procedure == "PERMIT" and project.started == PERMIT_LATE:
                    done = PERMIT_LATE + timedelta(days=2)
                accepted = (done or date(2020, 3, 16) - timedelta(days=(5 * i) % 30)) - timedelta(days=6 + (i + j) % 9)
                status, blocker = "未启动", None
                if done is not None and done <= day:
                    status = "已办结"
                elif accepted <= day:
                    status = "容缺受理" if procedure == "EIA" and done is None else "办理中"
                    blocker = "待补充材料" if status == "容缺受理" else None
                rows.append(
                    {
                        "project_code": project.code,
                        "procedure": name,
                        "is_required": "是",
                        "dept": dept,
                        "accepted_date": accepted if accepted <= day else None,
                        "done_date": done if done is not None and done <= day else None,
                        "status": status,
                        "blocker": blocker,
                    }
                )
        return rows

    # --- R16 ------------------------------------------------------------------------------------------------------

    def deal_rows(self, day: date) -> list[Row]:
        """R16 as it stood on `day`: five contracts, two framework agreements, some intentions."""
        codes = {p.name: p for p in self.projects}
        rows = []
        for i, (name, kind, millions, signed, status, becomes) in enumerate(DEALS):
            if signed is not None and signed > day:
                kind, signed, status = "意向", None, "洽谈"
            amount = Decimal(millions) / 100
            if day == WRONG_DEAL and becomes and signed is not None:
                amount += Decimal("0.05")
            rows.append(
                {
                    "deal_id": f"ZS2020-{i + 1:02d}",
                    "project_name": name,
                    "investor": f"{STEMS[i]}{BRANCHES[i]}（示例）投资有限公司",
                    "kind": kind,
                    "total_investment": amount,
                    "amount_scope": "本项目",
                    "signed_date": signed,
                    "industry": ("物流", "物流", "新材料", "装备制造", "商贸", "汽车", "数字经济", "通航", "装备制造", "食品")[i],
                    "township_code": TOWNSHIPS[list(TOWNSHIPS)[(i * 5) % 6]],
                    "status": status,
                    "project_code": codes[name].code if becomes and signed is not None else None,
                }
            )
        return rows

    # --- R17 ------------------------------------------------------------------------------------------------------

    @cached_property
    def visits(self) -> dict[tuple[str, date], list[Row]]:
        """R17 走访 by unit and day: 1,132 in all."""
        out: dict[tuple[str, date], list[Row]] = defaultdict(list)
        firms = [f for f in self.district.above_scale if f.scale_to is None]
        for unit, total in VISITS.items():
            rng = stream(self.district.seed, f"visits/{unit}")
            days = workdays(SERVICE_FROM if unit == "DCS" else TOWNSHIPS_FROM)
            number = 0
            for day, n in zip(days, shares(total, [rng.uniform(0.7, 1.3) for _ in days]), strict=True):
                for _ in range(n):
                    number += 1
                    kinds = (
                        ("县处级", "县处级", "四大班子", "行业部门", "督查组", "党员干部")
                        if unit == "DCS"
                        else ("镇办", "镇办", "党员干部")
                    )
                    visitor = rng.choice(kinds)
                    prefix, posts = VISITORS[visitor]
                    is_project = rng.random() < 0.12
                    own = [f for f in firms if unit == "DCS" or list(TOWNSHIPS).index(f.township) == int(unit[1:]) - 1]
                    out[unit, day].append(
                        {
                            "visit_id": f"{unit}-ZF-{number:04d}",
                            "visit_date": day,
                            "visitor_kind": visitor,
                            "visitor_post_code": f"{prefix}-{rng.randint(1, posts):02d}",
                            "target_kind": "项目" if is_project else "企业",
                            "uscc": None if is_project else rng.choice(own).uscc,
                            "project_code": rng.choice(self.projects).code if is_project else None,
                            "is_on_site_work": yes(rng.random() < 0.4),
                        }
                    )
        return out

    @cached_property
    def problems(self) -> dict[str, list[Row]]:
        """R17 问题 by unit, in the order in which they were raised: 755 in all, 578 of them solved on the spot."""
        out: dict[str, list[Row]] = {}
        for unit, (on_site, assigned) in PROBLEMS.items():
            rng = stream(self.district.seed, f"problems/{unit}")
            made = [row for (sender, _), rows in self.visits.items() if sender == unit for row in rows]
            at = sorted(rng.choices(range(len(made)), k=on_site + assigned))
            kinds = ["现场解决"] * on_site + ["交办"] * assigned
            rng.shuffle(kinds)
            out[unit] = []
            for number, (place, resolution) in enumerate(zip(at, kinds, strict=True), 1):
                visit, category = made[place], rng.choice(list(CATEGORIES))
                is_assigned = resolution == "交办"
                raised = visit["visit_date"]
                out[unit].append(
                    {
                        "problem_id": f"{unit}-WT-{number:04d}",
                        "visit_id": visit["visit_id"],
                        "raised_date": raised,
                        "uscc": visit["uscc"],
                        "project_code": visit["project_code"],
                        "category": category,
                        "content": CATEGORIES[category][0],
                        "resolution": resolution,
                        "owner_dept": CATEGORIES[category][1] if is_assigned else None,
                        "owner_post": f"ZR-{rng.randint(1, 40):02d}" if is_assigned else None,
                        "assigned_date": raised if is_assigned else None,
                        "due_date": raised + timedelta(days=rng.choice((15, 30, 45))) if is_assigned else None,
                        "closed_date": None if is_assigned else raised,
                        "status": ("已交办" if rng.random() < 0.5 else "办理中") if is_assigned else "现场解决",
                        "satisfaction": None if is_assigned else rng.choice(("满意", "满意", "基本满意")),
                    }
                )
        return out

    def problem_rows(self, unit: str, day: date) -> list[Row]:
        """R17 问题 of a unit as sent on `day`."""
        rows = [dict(row) for row in self.problems[unit] if row["raised_date"] <= day]
        if unit == "DCS":
            assigned = [i for i, row in enumerate(rows) if row["resolution"] == "交办"]
            if NO_OWNER[0] <= day <= NO_OWNER[1]:
                rows[assigned[3]] |= {"owner_post": None, "due_date": None}
                rows[assigned[5]] |= {"owner_dept": None}
            if day == REOPENED:
                rows[assigned[8]] |= {"status": "已办结", "closed_date": day}
        return rows

    @cached_property
    def events(self) -> dict[tuple[str, date], list[Row]]:
        """R17 事项 by unit and day."""
        rng = stream(self.district.seed, "events")
        out: dict[tuple[str, date], list[Row]] = defaultdict(list)
        firms = self.district.of("B", "F", "E", "S")

        def add(unit: str, day: date, kind: str, **values: Any) -> None:
            out[unit, day].append({"kind": kind, "event_date": day} | values)

        days = workdays(SERVICE_FROM)
        add("DCS", date(2020, 2, 14), "政策出台", qty=30, qty_unit="条", organiser="区发展改革委", doc_no="上政示例〔2020〕5号")
        for day, copies in ((date(2020, 2, 20), 3000), (date(2020, 3, 5), 2000)):
            add("DCS", day, "汇编印制", qty=copies, qty_unit="册", organiser="区委宣传部")
        fields = [name for name, n in FIELDS.items() for _ in range(n)]
        rng.shuffle(fields)
        channels = [name for name, n in CHANNELS.items() for _ in range(n)]
        told = sorted(rng.choices([day for day in days if day >= date(2020, 2, 17)], k=len(fields)))
        rng.shuffle(channels)
        for day, channel, policy_field in zip(told, channels, fields, strict=True):
            add("DCS", day, "宣传发布", qty=1, qty_unit="次", organiser="区委宣传部", channel=channel, policy_field=policy_field)
        for day in days:
            if day.weekday() in (1, 4) and day != ONE_MEETING:
                add("DCS", day, "联审联批会", qty=1, qty_unit="次", organiser="政务服务和大数据管理局")
        for i, day in enumerate(CITY_LEADERS):
            add("DCS", day, "市领导走访", qty=1, qty_unit="次", post_code=f"SLD-{i % 2 + 1:02d}", uscc=firms[i * 7].uscc)
        for monday in [day for day in days if day.weekday() == 0 and day >= date(2020, 2, 17)]:
            for leader in range(1, LEADERS + 1):
                n = 1 if monday == SHORT_WEEK and leader == 7 else rng.choice((2, 2, 2, 3))
                this_week = (
                    sorted(rng.sample(range(5), n)) if monday != date(2020, 3, 16) else sorted(rng.sample(range(3), min(n, 2)))
                )
                for ahead in this_week:
                    day = monday + timedelta(days=ahead)
                    add("DCS", day, "领导下沉", qty=1, qty_unit="天", post_code=f"XCJ-{leader:02d}")
        units = ["DCS", *(unit for unit in VISITS if unit != "DCS")]
        for unit in units:
            for day in days if unit == "DCS" else workdays(TOWNSHIPS_FROM):
                for firm in rng.sample(firms, 2):
                    if unit == "DCS" and day >= TOWNSHIPS_FROM:
                        break
                    township = list(TOWNSHIPS).index(firm.township) + 1
                    if unit == "DCS" or unit == f"Z{township:02d}":
                        about = rng.choice(("防疫", "安全", "环保"))
                        add(
                            unit,
                            day,
                            "涉企检查",
                            qty=1,
                            qty_unit="次",
                            organiser=f"{about}检查组",
                            uscc=firm.uscc,
                            is_exempt_inspection="否",
                        )
        twice = next(row for row in out["DCS", TWO_INSPECTIONS] if row["kind"] == "涉企检查")
        out["DCS", TWO_INSPECTIONS].append(dict(twice) | {"organiser": "环保检查组(第二次)"})
        for exempt in ("否", "是"):
            add(
                "Z04",
                COMPLAINT,
                "涉企检查",
                qty=1,
                qty_unit="次",
                organiser="应急检查组",
                uscc=firms[3].uscc,
                is_exempt_inspection=exempt,
            )
        for unit in units:
            number = 0
            for day in days:
                for row in out.get((unit, day), []):
                    number += 1
                    row["event_id"] = f"{unit}-SX-{number:04d}"
        return out


def files(reports: Reports) -> Iterator[File]:
    """Every file of R15, R16 and R17."""
    services = Services(reports.district)
    yield from _projects(services)
    yield from _deals(services)
    for unit in VISITS:
        yield from _services(services, unit)


def _at(day: date, clock: str, later: int = 0) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day + timedelta(days=later), time(hour, minute), SHANGHAI)


def _projects(services: Services) -> Iterator[File]:
    def projects(day: date, *, corrected: bool = False) -> bytes:
        notes = ("注:不纳入原因 X07停缓建或已竣工,X08未到开工节点;投资按亿元填报。", SIGNATURE)
        headers = {"township_code": "镇办", "status": "开复工情况"} if day.day % 2 else {}
        mark = "更正" if corrected else ""
        made = form("R15 projects", services.project_rows(day, corrected=corrected), day, notes=notes, headers=headers, mark=mark)
        return workbook_bytes([made])

    def approvals(day: date) -> bytes:
        notes = ("注:容缺受理不计入已办结。",)
        return workbook_bytes([form("R15 approvals", services.approval_rows(day), day, notes=notes, kind="累计")])

    for day in workdays(LEDGER_FROM):
        name = f"{day:%Y%m%d}_R15_FGW_V1.xlsx" if day.day % 3 else f"上街区重点项目台账({day.month}月{day.day}日).xlsx"
        yield "FGW", name, _at(day, f"17:{(day.day * 7) % 50:02d}"), day, lambda day=day: projects(day)
        name = f"联审联批手续台账{day.month}月{day.day}日.xlsx" if day.day % 2 else f"{day:%Y%m%d}_R15_ZWJ_V1.xlsx"
        yield "ZWJ", name, _at(day, f"16:{(day.day * 11) % 50:02d}"), day, lambda day=day: approvals(day)
    day = WRONG_INVESTMENT
    yield "FGW", f"{day:%Y%m%d}_R15_FGW_V2.xlsx", _at(day, "10:20", 1), day, lambda: projects(day, corrected=True)


def _deals(services: Services) -> Iterator[File]:
    def deals(day: date) -> bytes:
        return workbook_bytes([form("R16", services.deal_rows(day), day, notes=("注:框架协议、意向不计入签约额。", SIGNATURE))])

    for day in [day for day in workdays(SERVICE_FROM) if day.weekday() == 0]:
        yield "SWJ", f"招商签约台账({day.month}月{day.day}日).xlsx", _at(day, "09:40"), day, lambda day=day: deals(day)


def _services(services: Services, unit: str) -> Iterator[File]:
    sender = "督查室" if unit == "DCS" else f"{list(TOWNSHIPS.values())[int(unit[1:]) - 1]}办事处".replace("镇办事处", "镇政府")

    def ledger(day: date) -> bytes:
        events = services.events.get((unit, day), [])
        return workbook_bytes(
            [
                form("R17 visits", services.visits.get((unit, day), []), day, kind="增量", sender=sender),
                form("R17 problems", services.problem_rows(unit, day), day, kind="累计", sender=sender),
                form(
                    "R17 events", events, day, kind="增量", sender=sender, notes=() if events else ("今日无服务事项(零报告)。",)
                ),
            ]
        )

    for day in workdays(SERVICE_FROM if unit == "DCS" else TOWNSHIPS_FROM):
        name = f"{day:%Y%m%d}_R17_{unit}_V1.xlsx" if day.day % 2 else f"三送一强台账({day.month}月{day.day}日).xlsx"
        late = unit == "Z05" and day == date(2020, 3, 11)
        received = _at(day, "09:15", 1) if late else _at(day, f"19:{(day.day * 13 + len(unit) * 5) % 50:02d}")
        yield unit, name, received, day, lambda day=day: ledger(day)
