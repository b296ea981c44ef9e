"""Makes the rows of recruitment, gas, awards, rent relief and epidemic supplies (R07, R09, R13, R14, R18) day by day, and their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any

from .district import TOWNSHIPS, District, Firm, credit_code, shares, stream
from .files import csv_bytes, workbook_bytes
from .layout import form
from .reports import Reports, Row, cents, percent, workdays

File = tuple[str, str, datetime, date, Callable[[], bytes]]
"""Department, name, moment of arrival, day, content."""

SHANGHAI = timezone(timedelta(hours=8))
SIGNATURE = "填报人:              审核人:              单位负责人:              "

POSTS_TOTAL = 3_541
INTENTS_TOTAL = 1_858
AWARDS_TOTAL = 41_180_000
AWARDS_PENDING = 3_820_000
GAS_BEFORE, GAS_AFTER = Decimal("3.24"), Decimal("2.91")
GAS_RELIEF_FROM = date(2020, 2, 22)

ISSUES = [
    ("2020-1", date(2020, 2, 12)),
    ("2020-2", date(2020, 2, 20)),
    ("2020-3", date(2020, 3, 2)),
    ("2020-4", date(2020, 3, 12)),
]
ACTIVITY = "2020年春风行动网络招聘会"
LEDGERS = [date(2020, 2, 24), date(2020, 3, 2), date(2020, 3, 9), date(2020, 3, 16)]
SUPPLIES_FROM = date(2020, 3, 2)
LINE_FROM = date(2020, 3, 13)

LOTS = [
    ("口罩", 20_000, "只", date(2020, 2, 20), "1.9"),
    ("温度计", 4_000, "支", date(2020, 2, 21), "4.5"),
    ("测温枪", 300, "台", date(2020, 2, 24), "260"),
    ("口罩", 25_000, "只", date(2020, 2, 27), "1.8"),
    ("消毒液", 6_000, "升", date(2020, 2, 28), "3.2"),
    ("温度计", 6_000, "支", date(2020, 3, 3), "4.2"),
    ("测温枪", 450, "台", date(2020, 3, 4), "245"),
    ("口罩", 40_000, "只", date(2020, 3, 6), "1.6"),
    ("防护服", 200, "套", date(2020, 3, 9), "95"),
    ("测温枪", 250, "台", date(2020, 3, 11), "230"),
    ("口罩", 45_000, "只", date(2020, 3, 13), "1.4"),
]
OUTPUT = {
    date(2020, 3, 13): 62_000,
    date(2020, 3, 16): 125_000,  # more than a line of 100,000 can make
    date(2020, 3, 17): 97_500,
    date(2020, 3, 18): 100_000,
}


@dataclass(frozen=True)
class Money:
    """The rows of these reports."""

    reports: Reports

    @property
    def district(self) -> District:
        """The district that the reports describe."""
        return self.reports.district

    # --- R07 ------------------------------------------------------------------------------------------------------

    def issues(self, day: date) -> list[Row]:
        """R07 期次: the issues published by `day`."""
        return [
            {
                "issue_no": number,
                "published_date": published,
                "channel": ("政府网站", "微信公众号", "电视台", "微信公众号")[i],
                "activity": ACTIVITY,
                "n_firms": len({row["uscc"] for row in self._posts if row["issue_no"] == number}),
            }
            for i, (number, published) in enumerate(ISSUES)
            if published <= day
        ]

    def posts(self, day: date) -> list[Row]:
        """R07 岗位: the posts of the issues published by `day`; the outcome of an issue is known four days later."""
        published = dict(ISSUES)
        nothing_yet = {"intents": 0, "signed": 0, "started": 0}
        return [
            row | (nothing_yet if published[row["issue_no"]] > day - timedelta(days=4) else {})
            for row in self._posts
            if published[row["issue_no"]] <= day
        ]

    @cached_property
    def _posts(self) -> list[Row]:
        rng = stream(self.district.seed, "recruitment")
        k = self.district.scale
        employers = [*self.district.of("B")[: 70 * k], *self.district.of("F", "E", "S")[: 30 * k]]
        kinds = ("操作工", "质检员", "电工", "叉车司机", "仓管员", "销售", "服务员", "保洁", "文员", "工程师")
        offered = [
            (number, firm, kinds[(i + j + n) % len(kinds)])
            for n, (number, _) in enumerate(ISSUES)
            for i, firm in enumerate(employers)
            if (i + n) % 3 == 0
            for j in range(1 + (i + n) % 2)
        ]
        weights = [firm.headcount + 20.0 for _, firm, _ in offered]
        posts = shares(POSTS_TOTAL * k, weights)
        intents = shares(INTENTS_TOTAL * k, [w * rng.uniform(0.5, 1.5) for w in weights])
        return [
            {
                "issue_no": number,
                "uscc": firm.uscc,
                "post": kind,
                "posts": n_posts,
                "vacancies": n_posts + rng.randint(0, n_posts),
                "intents": agreed,
                "signed": agreed * 3 // 5,
                "started": agreed * 2 // 5,
            }
            for (number, firm, kind), n_posts, agreed in zip(offered, posts, intents, strict=True)
        ]

    # --- R09 ------------------------------------------------------------------------------------------------------

    def gas(self, day: date) -> list[Row]:
        """R09: the bills issued on `day`."""
        return [{k: v for k, v in row.items() if k != "issued"} for row in self._gas_bills if row["issued"] == day]

    @cached_property
    def _gas_bills(self) -> list[Row]:
        """February's bills in the first week of March, half of March for the large users at the end."""
        rng = stream(self.district.seed, "gas")
        first, second = workdays(date(2020, 3, 2), date(2020, 3, 6)), workdays(date(2020, 3, 16))
        users = [(f, "非居民") for f in self.district.of("B")[: 40 * self.district.scale]]
        users += [(f, "非居民") for f in self.district.of("S")] + [(f, "采暖") for f in self.district.of("F")[:4]]
        rows: list[Row] = []
        for i, (firm, user_class) in enumerate(users):
            per_day = firm.headcount * rng.randint(2, 9)
            rows.append(self._gas_row(i, firm, user_class, date(2020, 1, 31), date(2020, 2, 29), per_day, first[i % 5]))
            if i % 2 == 0:
                rows.append(self._gas_row(i, firm, user_class, date(2020, 2, 29), date(2020, 3, 15), per_day, second[i % 3]))
        self._gas_deviations(rows)
        return rows

    def _gas_row(self, i: int, firm: Firm, user_class: str, since: date, to: date, per_day: int, issued: date) -> Row:
        n_days = (to - since).days
        quantity = per_day * n_days
        eligible = per_day * (to - max(since, GAS_RELIEF_FROM - timedelta(days=1))).days if user_class == "非居民" else 0
        before, relief = cents(quantity * GAS_BEFORE), cents(eligible * (GAS_BEFORE - GAS_AFTER))
        owes = i % 11 == 5
        return {
            "account_no": f"0062{i + 1:06d}",
            "bill_no": f"Q{to:%Y%m%d}{i + 1:05d}",
            "uscc": None if i % 19 == 8 and since >= GAS_RELIEF_FROM else firm.uscc,
            "user_class": user_class,
            "read_from": since,
            "read_to": to,
            "quantity": quantity,
            "price_before": GAS_BEFORE,
            "price_after": GAS_AFTER if user_class == "非居民" else GAS_BEFORE,
            "bill_before": before,
            "bill_after": before - relief,
            "relief_claimed": relief,
            "arrears": before if owes else None,
            "arrears_since": since if owes else None,
            "cut_off": "否",
            "late_fee_waived": cents(before / 200) if owes else None,
            "reverses_id": None,
            "issued": issued,
        }

    def _gas_deviations(self, rows: list[Row]) -> None:
        """Claims that do not equal what the bills give, and a customer in arrears who is cut off until the next reading."""

        def claim(row: Row, relief: Decimal) -> None:
            row["relief_claimed"], row["bill_after"] = relief, row["bill_before"] - relief

        february = {row["account_no"]: row for row in rows if row["read_to"] == date(2020, 2, 29)}
        march = {row["account_no"]: row for row in rows if row["read_to"] > date(2020, 2, 29)}
        for i in (3, 17, 29):  # got nothing: UNCLAIMED
            claim(february[f"0062{i + 1:06d}"], Decimal("0.00"))
        whole = february[f"0062{9 + 1:06d}"]  # all of February at the lower price: UNRECONCILED
        claim(whole, cents(whole["quantity"] * (GAS_BEFORE - GAS_AFTER)))
        late, both = february[f"0062{12 + 1:06d}"], march[f"0062{12 + 1:06d}"]  # February's relief with March's bill: TIMING
        due = late["relief_claimed"]
        claim(late, Decimal("0.00"))
        claim(both, both["relief_claimed"] + due)
        heating = next(row for row in february.values() if row["user_class"] == "采暖")  # not eligible: ELIGIBILITY
        claim(heating, Decimal("260.00"))
        february[f"0062{16 + 1:06d}"]["cut_off"] = "是"  # has arrears, so the rule is broken; supplied again by the next reading
        february[f"0062{16 + 1:06d}"] |= {
            "arrears": february[f"0062{16 + 1:06d}"]["bill_before"],
            "arrears_since": date(2020, 1, 31),
        }

    # --- R13 ------------------------------------------------------------------------------------------------------

    def awards(self, day: date) -> list[Row]:
        """R13: the ledger as it stood on `day`."""
        rows = []
        for i, row in enumerate(self._awards):
            if row["approved_on"] > day:
                continue
            made = {k: v for k, v in row.items() if k != "approved_on"}
            if made["paid_date"] is None or made["paid_date"] > day:
                made |= {"paid": None, "paid_date": None}
            if i == 2 and day < date(2020, 3, 16):  # for supplies, in the name of a firm that is on no list; mended on the 16th
                made["uscc"] = self.district.of("B")[88].uscc
            rows.append(made)
        if (
            date(2020, 3, 2) <= day < date(2020, 3, 9)
        ):  # a stabilisation refund, already paid from the unemployment fund; gone on the 9th
            refund = min((r for r in self.reports.refunds if r["paid"]), key=lambda r: (r["paid_date"], r["application_id"]))
            rows.append(
                self._award(900, refund["uscc"], "其他", refund["paid"])
                | {"approved": refund["paid"], "paid": refund["paid"], "paid_date": refund["paid_date"]}
            )
        return rows

    @cached_property
    def _awards(self) -> list[Row]:
        rng = stream(self.district.seed, "award")
        k = self.district.scale
        makers = [f for f in self.district.of("B") if f.key_supply]
        others = self.district.of("B")[: 45 * k]
        items = ["技改再补贴", "设备再补贴", "防疫物资", "稳增长", "科技", "外贸", "稳增长", "其他"]
        firms = [makers[i % len(makers)] if items[i % 8] in items[:3] else others[i % len(others)] for i in range(46 * k)]
        paid = shares(AWARDS_TOTAL * k // 100, [f.headcount + 60.0 for f in firms[: 40 * k]])
        pending = shares(AWARDS_PENDING * k // 100, [f.headcount + 60.0 for f in firms[40 * k :]])
        days = workdays(date(2020, 2, 17), date(2020, 3, 17))
        rows = []
        for i, (firm, hundreds) in enumerate(zip(firms, [*paid, *pending], strict=True)):
            amount = Decimal(hundreds * 100)
            approved_on = days[min(len(days) - 1, i * len(days) // (42 * k))] if i < 40 * k else days[-3]
            paid_date = min(approved_on + timedelta(days=rng.randint(1, 4)), date(2020, 3, 18))
            rows.append(
                self._award(i, firm.uscc, items[i % 8], amount)
                | {
                    "approved": amount,
                    "paid": amount if i < 40 * k else None,
                    "paid_date": paid_date if i < 40 * k else None,
                    "approved_on": approved_on,
                }
            )
        return rows

    def _award(self, i: int, uscc: str, item: str, amount: Decimal) -> Row:
        """The purpose of an award, and its base.

        The rule leaves open whether the extra subsidy is a share of the investment or of the city's subsidy: some take the one, some the other.
        """
        ratio = {"技改再补贴": Decimal("0.20"), "设备再补贴": Decimal("0.25")}.get(item)
        upper = amount / ratio if ratio else None
        if ratio and i % 3 == 0:
            investment, upper = cents(amount / ratio), cents(amount / ratio / 5)
        elif upper:
            investment, upper = cents(upper * 5), cents(upper)
        else:
            investment = None
        sources = ("区本级", "区本级", "区本级", "市级", "省级", "中央")
        return {
            "payment_id": f"JB2020{i + 1:05d}",
            "uscc": uscc,
            "clause_id": {"技改再补贴": "第6条", "设备再补贴": "第7条", "防疫物资": "第5条", "稳增长": "第12条"}.get(
                item, "第20条"
            ),
            "item": item,
            "fund_source": "区本级" if ratio else sources[i % 6],
            "recognised_investment": investment,
            "upper_subsidy": upper,
            "subsidy_ratio": percent(ratio) if ratio else None,
            "doc_no": f"上财预示例〔2020〕{i % 17 + 1}号",
        }

    # --- R14 ------------------------------------------------------------------------------------------------------

    def leases(self, department: str, day: date) -> list[Row]:
        """R14: the leases that `department` lists; what was agreed after `day` is not in it yet."""
        rows = []
        for row in self._leases[department]:
            made = dict(row)
            if made["agreed_date"] is not None and made["agreed_date"] > day:
                made |= {"agreed_date": None, "relief_claimed": None, "paid_handling": None}
            rows.append(made)
        return rows

    @cached_property
    def _leases(self) -> dict[str, list[Row]]:
        rng = stream(self.district.seed, "rent")
        small = self.district.of("U")
        by_department: dict[str, list[Row]] = {"GZB": []}
        for i in range(24):
            by_department["GZB"].append(
                self._lease(rng.randint(12, 90) * 100, i, small[i * 2].uscc, "区属国企" if i % 3 else "行政事业")
            )
        for t, township in enumerate(TOWNSHIPS):
            kind = "村集体" if t >= 4 else "商场"
            tenants = [f for f in small if f.township == township][:5]
            by_department[f"Z{t + 1:02d}"] = [
                self._lease(rng.randint(8, 60) * (300 if kind == "村集体" else 100), 100 * (t + 1) + j, f.uscc, kind)
                for j, f in enumerate(tenants)
            ]
        self._lease_deviations(by_department["GZB"])
        return by_department

    def _lease(self, rent: int, i: int, tenant: str, lessor_type: str) -> Row:
        by_rule = lessor_type in ("区属国企", "行政事业")
        free = "2020-02;2020-03" if by_rule else "2020-02" if lessor_type == "村集体" else ""
        half = "2020-04;2020-05;2020-06" if by_rule else "2020-03" if lessor_type == "村集体" else "2020-02;2020-03"
        months = Decimal("3.5") if by_rule else Decimal("1.5") if lessor_type == "村集体" else Decimal(1)
        lessor = {"区属国企": ("91410106", 8100000), "行政事业": ("12410106", 8200000)}.get(
            lessor_type, ("91410106", 8300000 + i // 100)
        )
        return {
            "lease_id": f"ZL{i + 1:05d}",
            "lessor_type": lessor_type,
            "lessor_uscc": credit_code(lessor[0], lessor[1] + (i % 3 if by_rule else 0)),
            "tenant_uscc": tenant,
            "tenant_reg_no": None,
            "tenant_kind": "个体工商户" if tenant.startswith("92") else "中小微",
            "lease_from": date(2018 + i % 2, 1, 1),
            "lease_to": date(2021 + i % 2, 12, 31),
            "monthly_rent": Decimal(rent),
            "free_months": free or None,
            "half_months": half or None,
            "relief_claimed": rent * months,
            "paid_handling": ("抵", "减", "退")[i % 3],
            "agreed_date": date(2020, 3, 2) + timedelta(days=i % 10),
        }

    def _lease_deviations(self, rows: list[Row]) -> None:
        """Claims that do not equal what the rule gives, one for each status; two leases that name no month."""
        large = next(f for f in self.district.of("B") if f.size == "L")
        for i in (4, 11, 18):  # agreed, and nothing let off yet: UNCLAIMED
            rows[i] |= {"relief_claimed": None, "paid_handling": None}
        rows[6] |= {"tenant_uscc": large.uscc, "tenant_kind": "中小微"}  # a large firm, listed as a small one
        rows[8] |= {
            "tenant_uscc": self.district.of("B")[10].uscc,
            "tenant_kind": "其他",
        }  # not eligible, and relieved: ELIGIBILITY
        rows[13]["relief_claimed"] = rows[13]["monthly_rent"] * Decimal("4.2")  # a fifth too much: UNRECONCILED
        rows[15]["relief_claimed"] = rows[15]["relief_claimed"] / 10000  # 万元 where the form asks for 元: UNIT
        rows[20] |= {"lease_to": date(2020, 4, 15)}  # ends in April: half of April's half
        rows[20]["relief_claimed"] = rows[20]["monthly_rent"] * Decimal("2.25")
        for i in (10, 22):
            rows[i] |= {
                "free_months": None,
                "half_months": None,
                "relief_claimed": None,
                "paid_handling": None,
                "agreed_date": None,
            }
        rows[16] |= {"tenant_uscc": None, "tenant_reg_no": "410106000000013"}

    # --- R18 ------------------------------------------------------------------------------------------------------

    def lots(self, day: date) -> list[Row]:
        """R18 协调购置: what arrived on `day`, or before the first report."""
        arrived = [(i, lot) for i, lot in enumerate(LOTS) if lot[3] == day or (day == SUPPLIES_FROM and lot[3] < day)]
        return [
            {
                "lot_id": f"WZ2020{i + 1:04d}",
                "item": item,
                "spec": {"口罩": "一次性使用", "测温枪": "红外额温"}.get(item),
                "qty": qty,
                "qty_unit": unit,
                "arrived_date": on,
                "purpose": "区级储备" if item in ("防护服", "消毒液") else "企业",
                "unit_price": Decimal(price),
            }
            for i, (item, qty, unit, on, price) in arrived
        ]

    def lines(self, day: date) -> list[Row]:
        """R18 产线: the mask line, being set up from 9 March, in production from the 13th."""
        if day < date(2020, 3, 9):
            return []
        made = sum(output for on, output in OUTPUT.items() if on <= day)
        return [
            {
                "line_id": "CX-01",
                "uscc": credit_code("91410106", 8400000),
                "firm_name": "河南长铝工业服务有限公司",
                "item": "口罩",
                "daily_capacity": 100_000,
                "output": OUTPUT.get(day, 0),
                "stock": made * 2 // 5,
                "start_date": LINE_FROM if day >= LINE_FROM else None,
            }
        ]


def at(day: date, later: int, clock: str) -> datetime:
    """A time of day, so many days after."""
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day + timedelta(days=later), time(hour, minute), SHANGHAI)


def files(reports: Reports) -> Iterator[File]:
    """Every file of these reports."""
    money = Money(reports)
    for i, day in enumerate(LEDGERS):
        name = f"招聘用工台账{day.month}月{day.day}日.xlsx" if i % 2 else f"{day:%Y%m%d}_R07_RSJ_V1.xlsx"
        yield "RSJ", name, at(day, 0, "09:35"), day, lambda day=day: _recruitment(money, day)
    for day in workdays(date(2020, 3, 2)):
        name = f"供气日报({day.month}月{day.day}日).csv" if day.day % 2 else f"{day:%Y%m%d}_R09_RQGS_V1.xlsx"
        yield "RQGS", name, at(day, 1, f"09:{day.day % 30 + 10}"), day, lambda day=day: _gas(money, day)
    for i, day in enumerate(workdays(LEDGERS[0])):
        name = f"奖补资金台账{day.month}月{day.day}日.xlsx" if i % 2 else f"{day:%Y%m%d}_R13_CZJ_V1.xlsx"
        yield "CZJ", name, at(day, 1, f"09:{15 + i}"), day, lambda day=day: _awards(money, day)
    for day in LEDGERS[2:]:
        for i, department in enumerate(("GZB", *(f"Z{t:02d}" for t in range(1, 7)))):
            if department == "Z05" and day == LEDGERS[3]:  # never came: its list of the 9th stands
                continue
            name = f"房租减免台账({day.month}月{day.day}日).xlsx" if i % 2 else f"{day:%Y%m%d}_R14_{department}_V1.xlsx"
            yield department, name, at(day, 0, f"09:{20 + i}"), day, lambda day=day, d=department: _rent(money, d, day)
    for day in workdays(SUPPLIES_FROM):
        name = f"防疫物资日报({day.month}月{day.day}日).xlsx" if day.day % 2 else f"{day:%Y%m%d}_R18_GXJ_V1.xlsx"
        yield "GXJ", name, at(day, 0, f"17:{day.day % 30 + 15}"), day, lambda day=day: _supplies(money, day)


def _recruitment(money: Money, day: date) -> bytes:
    posts = form("R07 posts", money.posts(day), day, notes=("注:只报数量,不报个人信息。",), kind="累计")
    return workbook_bytes([form("R07 issues", money.issues(day), day, kind="累计"), posts])


def _gas(money: Money, day: date) -> bytes:
    rows = money.gas(day)
    notes = () if rows else ("当日无新出账单(零报告)。",)
    if day.day % 2:
        headers = {"uscc": "信用代码", "quantity": "用气量", "user_class": "用气性质"}
        return csv_bytes(form("R09", rows, day, unit_in_header=True, headers=headers, notes=notes), encoding="gb18030")
    return workbook_bytes([form("R09", rows, day, notes=notes, kind="增量")])


def _awards(money: Money, day: date) -> bytes:
    notes = ("注:不含稳岗返还和退税;拨付金额以国库支付为准。", SIGNATURE)
    in_ten_thousands: dict[str, Any] = {"unit": "万元", "unit_in_header": True} if day.day % 2 else {}
    return workbook_bytes([form("R13", money.awards(day), day, notes=notes, kind="累计", **in_ten_thousands)])


def _rent(money: Money, department: str, day: date) -> bytes:
    sender = "区国有资产管理办公室" if department == "GZB" else list(TOWNSHIPS.values())[int(department[1:]) - 1]
    notes = ("注:免租、减半月份写成 2020-02;2020-03。",)
    return workbook_bytes([form("R14", money.leases(department, day), day, sender=sender, notes=notes, kind="累计")])


def _supplies(money: Money, day: date) -> bytes:
    lots = money.lots(day)
    notes = () if lots else ("当日无到货(零报告)。",)
    return workbook_bytes(
        [form("R18 lots", lots, day, notes=notes, kind="增量"), form("R18 lines", money.lines(day), day, kind="快照")]
    )
