"""Makes the rows of each report day by day, by field name. Money is Decimal yuan; `layout` decides how a file shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from random import Random
from typing import Any

from .district import LAST_DAY, TOWNSHIPS, District, Firm, credit_code, shares, stream

Row = dict[str, Any]

CENT = Decimal("0.01")
INCREMENTS_FROM = date(2020, 2, 10)
WATER_FROM = date(2020, 2, 24)
RELIEF_FROM = date(2020, 2, 1)

TAX_TOTAL = Decimal("13798800.00")
LOAN_TOTAL = 215_000_000
REFUND_TOTAL = Decimal("2189000.00")
WATER_VOLUME = 1_630_000


def cents(value: Decimal | float) -> Decimal:
    """Rounded half up to the cent."""
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


def yes(flag: bool) -> str:
    """是 or 否."""
    return "是" if flag else "否"


def percent(fraction: Decimal | float | str) -> str:
    """A fraction as a clerk types it: 0.007 → 0.7%."""
    return f"{format((Decimal(str(fraction)) * 100).normalize(), 'f')}%"


def workdays(first: date, last: date = LAST_DAY) -> list[date]:
    """Monday to Friday from first to last; no working day was moved in these weeks."""
    return [day for day in days(first, last) if day.weekday() < 5]


def days(first: date, last: date = LAST_DAY) -> list[date]:
    """Every calendar day from first to last."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


@dataclass(frozen=True)
class Reports:
    """The rows of every report of one district."""

    district: District

    # --- R00 ------------------------------------------------------------------------------------------------------

    def register(self, day: date, sender: str) -> list[Row]:
        """R00: the above-scale classes from the statistics bureau, the others (and two twice) from the market supervision."""
        above = self.district.above_scale
        small = self.district.of("U")
        firms = above if sender == "TJJ" else [*small, above[2], above[40]]
        names = {
            "GXJ": "区工业和信息化局",
            "FGW": "区发展改革委",
            "SWJ": "区商务局",
            "ZJJ": "区住房和城乡建设局",
            "SCJ": "区市场监督管理局",
        }
        return [
            {
                "uscc": f.uscc,
                "name": f.name,
                "township_code": TOWNSHIPS[f.township],
                "industry_code": f.industry,
                "scale_code": f.scale,
                "scale_from": f.scale_from if f.scale != "U" else None,
                "scale_to": f.scale_to if f.scale_to and f.scale_to <= day else None,
                "size_class": {"L": "大型", "M": "中型", "S": "小型", "W": "微型"}[f.size],
                "reg_status": "存续",
                "baseline_headcount": f.headcount,
                "baseline_daily_kwh": cents(f.daily_kwh),
                "baseline_daily_output": Decimal(f.daily_output) if f.scale == "B" else None,
                "high_energy_flag": yes(f.is_high_energy),
                "vat_type": f.vat_type,
                "key_supply_level": f.key_supply or None,
                "leader_post_code": f.leader or None,
                "industry_dept": names[f.department],
            }
            for f in firms
        ]

    # --- R01, R02, R03 --------------------------------------------------------------------------------------------

    def industry(self, day: date) -> list[Row]:
        """R01: every above-scale industrial firm."""
        firms = [f for f in self.district.firms if f.scale == "B" and (f.scale_to is None or day <= f.scale_to)]
        return [self._firm_row(f, i, day) | self._output(f, day) for i, f in enumerate(firms)]

    def services(self, day: date) -> list[Row]:
        """R02: above-scale services, wholesale, retail, hotels and restaurants."""
        return [self._firm_row(f, i, day) | self._revenue(f, day) for i, f in enumerate(self.district.of("F", "E", "S"))]

    def _firm_row(self, firm: Firm, rank: int, day: date) -> Row:
        exempt, resumed = firm.is_exempt(day), firm.is_resumed(day)
        on_post = firm.on_post(day)
        # Three firms report a headcount of their own, within 5 % of the frozen baseline; one is further off and is warned.
        normal = firm.headcount if rank not in (14, 33, 52) else firm.headcount + max(1, firm.headcount // 50)
        if rank == 66 and day < date(2020, 2, 20):
            normal = round(firm.headcount * 0.9)
        reasons = ("缺工", "防疫不达标", "缺原料", "物流", "无订单", "资金", "其他")
        remark = firm.exemption.reason if exempt and firm.exemption else ""
        if firm.stopped and day > firm.stopped[1]:
            remark = f"{firm.stopped[1].month}月{firm.stopped[1].day + 1}日再次复工"
        stop_reason = ""
        if not resumed:
            stop_reason = "其他" if exempt else "缺原料" if firm.stopped and day >= firm.stopped[0] else reasons[rank % 7]
        issues = {5: "需协调外省员工返岗车辆", 17: "缺口罩约2000只", 29: "下游客户未复工,库存积压", 44: "运输通行证办理"}
        return {
            "name": firm.name,
            "uscc": firm.uscc,
            "township_code": TOWNSHIPS[firm.township],
            "should_resume": yes(not exempt),
            "exempt_code": firm.exemption.code if exempt and firm.exemption else None,
            "resumed": yes(resumed),
            "resume_date": firm.resumed_on if resumed else None,
            "normal_headcount": normal,
            "on_post": on_post,
            "not_returned_outside": max(0, (firm.headcount - on_post) // 6) if resumed else None,
            "stop_reason": stop_reason or None,
            "issue_text": issues.get(rank) if day < date(2020, 3, 10) else None,
            "remark": remark or None,
        }

    def _output(self, firm: Firm, day: date) -> Row:
        share = firm.on_post(day) / firm.headcount * (0.7 + 0.004 * (day - RELIEF_FROM).days + int(firm.uscc[10:16]) % 13 / 80)
        return {
            "output_value": cents(firm.daily_output * share / 100) * 100 if firm.is_resumed(day) else None,
            "capacity_rate": Decimal(str(round(min(share, 1.1) * 100, 1))) if firm.is_resumed(day) else None,
        }

    def _revenue(self, firm: Firm, day: date) -> Row:
        normal = Decimal(firm.headcount * 950)
        share = Decimal(firm.on_post(day)) / firm.headcount * Decimal("0.8")
        closed = firm.exemption is not None and firm.exemption.code == "X10" and firm.is_exempt(day)
        state = "未营业" if not firm.is_resumed(day) else "正常" if share >= Decimal("0.75") else "部分"
        return {
            "revenue": cents(normal * share) if firm.is_resumed(day) else Decimal(0),
            "normal_revenue": normal,
            "open_state": state,
            "closed_by_order": yes(closed),
        }

    def sites(self, day: date) -> list[Row]:
        """R03: every building site."""
        return [
            {
                "site_id": s.site_id,
                "site_name": s.name,
                "project_code": s.project_code or None,
                "site_type": s.site_type,
                "owner_uscc": s.owner,
                "builder_uscc": s.builder,
                "should_resume": yes(not s.is_exempt(day)),
                "exempt_code": s.exemption.code if s.exemption and s.is_exempt(day) else None,
                "resumed": yes(s.is_resumed(day)),
                "resume_date": s.resumed_on if s.is_resumed(day) else None,
                "planned_workers": s.planned,
                "on_site": s.on_site(day),
                "acceptance_date": s.resumed_on - timedelta(days=1) if s.is_resumed(day) else None,
            }
            for s in self.district.sites
        ]

    # --- R04 ------------------------------------------------------------------------------------------------------

    def tax(self, day: date) -> list[Row]:
        """R04: the documents posted on `day`."""
        return [row for row in self.tax_documents if row["post_date"] == day]

    @cached_property
    def tax_documents(self) -> list[Row]:
        """Every R04 document; those in the scope of S041 add up to the total exactly."""
        rng = stream(self.district.seed, "tax")
        firms = self.district.of("B", "F", "E", "S", "C", "X")
        small = self.district.of("U")
        rows: list[Row] = []
        for day in workdays(date(2020, 2, 11)):
            n = 26 if date(2020, 2, 24) <= day <= date(2020, 2, 28) else 14 if day >= date(2020, 3, 16) else 9
            for j in range(n * self.district.scale):
                kinds = ["service", "property", "land_use", "surcharge", "income", "refund", "refund", "social", "defer"]
                if day >= date(2020, 3, 2):
                    kinds.append("vat1")
                kind = "property" if j == 0 else rng.choice(kinds)
                firm = rng.choice(small if kind in ("vat1", "income") else firms)
                row = self._tax_row(kind, firm, day, rng.randint(2, 90) * 1000)
                row["doc_id"] = f"341010620{day:%m%d}{len(rows) + 1:06d}"
                rows.append(row)
        self._reverse_one(rows)
        self._balance_refunds(rows)
        return rows

    def _tax_row(self, kind: str, firm: Firm, day: date, amount: int) -> Row:
        """One document; `amount` sets its order of magnitude. Refunds are filled in last, when the others are known."""
        month = date(day.year, day.month - 1, 1)
        first, last = month, date(day.year, day.month, 1) - timedelta(days=1)
        table = {
            "vat1": ("增值税", "减", "0001011608", "财政部 税务总局公告2020年第13号", "0.03", "0.01", amount * 9, "2020新出台"),
            "service": ("增值税", "免", "0001064407", "财政部 税务总局公告2020年第8号", "0.06", "0", amount * 11, "2020新出台"),
            "property": ("房产税", "减", "0008019902", "豫政〔2020〕9号", "0.012", "0", amount * 40, "2020新出台"),
            "land_use": ("城镇土地使用税", "免", "0010019902", "豫政[2020]9号", "1", "0", amount, "2020新出台"),
            "surcharge": ("城建税", "免", "0007049901", "财税〔2019〕13号", "0.07", "0.035", amount * 12, "2019延续"),
            "income": ("企业所得税", "减", "0004011612", "财税〔2019〕13号", "0.25", "0.05", amount, "2019延续"),
            "refund": ("增值税", "退", "0001129920", "财政部  税务总局公告2020年第8号", None, None, amount, "2020新出台"),
            "social": (
                ("养老", "失业", "工伤")[day.day % 3],
                "免",
                "0099042001",
                "人社部发〔2020〕11号",
                "0.16",
                "0",
                amount * 2,
                "2020新出台",
            ),
            "defer": ("增值税", "缓", "0001990001", "税收征管法第三十一条", None, None, amount * 3, "2019延续"),
        }
        item, relief_kind, code, doc_no, std, act, base, vintage = table[kind]
        if kind == "vat1":
            first, last = date(2020, 3, 1), date(2020, 3, 31)
        if item in ("失业", "工伤"):
            std = {"失业": "0.007", "工伤": "0.0056"}[item]
        if kind == "social":
            first, last = date(2020, 2, 1), date(2020, 2, 29)
        relief = cents(base * (Decimal(std) - Decimal(act or "0"))) if std else None
        return {
            "doc_id": "",
            "uscc": firm.uscc,
            "period_from": first,
            "period_to": last,
            "levy_item": item,
            "relief_kind": relief_kind,
            "relief_code": code,
            "doc_no": doc_no,
            "base_amount": Decimal(base),
            "rate_std": percent(std) if std else None,
            "rate_act": percent(act) if act is not None else None,
            "amt_relief": relief,
            "amt_refund": Decimal(0) if kind == "refund" else None,
            "amt_defer": Decimal(base) if kind == "defer" else None,
            "policy_vintage": vintage,
            "post_date": day,
            "reverses_id": None,
        }

    def _reverse_one(self, rows: list[Row]) -> None:
        """红冲: a property-tax relief of February is taken back on 5 March."""
        wrong = next(r for r in rows if r["levy_item"] == "房产税" and r["post_date"] >= date(2020, 2, 19))
        made = dict(wrong, doc_id="3410106200305900001", post_date=date(2020, 3, 5), reverses_id=wrong["doc_id"])
        made["base_amount"], made["amt_relief"] = -wrong["base_amount"], -wrong["amt_relief"]
        rows.append(made)

    def _balance_refunds(self, rows: list[Row]) -> None:
        """Scale the refunds so that relief and refunds in scope add up to the total."""
        in_scope = [r for r in rows if r["relief_kind"] != "缓" and r["levy_item"] not in ("养老", "失业", "工伤", "医疗")]
        refunds = [r for r in in_scope if r["relief_kind"] == "退"]
        relief = sum((r["amt_relief"] for r in in_scope if r["amt_relief"] is not None), Decimal(0))
        rest = TAX_TOTAL * self.district.scale - relief
        parts = shares(int(rest * 100), [float(r["base_amount"]) for r in refunds])
        for row, part in zip(refunds, parts, strict=True):
            row["amt_refund"] = row["base_amount"] = Decimal(part) / 100

    # --- R05, R06 -------------------------------------------------------------------------------------------------

    def social_insurance(self, day: date) -> list[Row]:
        """R05: February's premiums in two peaks, March's for the early filers on the last day."""
        firms = [*self.district.of("B", "F", "E", "S", "C", "X"), *self.district.of("U")[: 60 * self.district.scale]]
        half = len(firms) // 2
        parts = {
            date(2020, 2, 28): (firms[:half], "2020-02"),
            date(2020, 3, 13): (firms[half:], "2020-02"),
            LAST_DAY: (firms[: half * 4 // 5], "2020-03"),
        }
        chosen, month = parts[day]
        rng = stream(self.district.seed, "social insurance")
        wages = {f.uscc: rng.randint(3600, 5800) for f in firms}
        rows = []
        for rank, firm in enumerate(chosen):
            wrong_size = firm.size == "L" and rank in (3, 33)
            size = "小型" if wrong_size else {"L": "大型", "M": "中型", "S": "小型", "W": "微型"}[firm.size]
            share = Decimal("0.5") if firm.size == "L" and not wrong_size else Decimal(1)
            if rank == 25:
                share = Decimal(0)
            injury = "0.0072" if firm.scale in "BC" else "0.0016"
            for insurance, rate in (("养老", "0.16"), ("失业", "0.007"), ("工伤", injury)):
                base = Decimal(firm.headcount * wages[firm.uscc])
                due = cents(base * Decimal(rate))
                rows.append(
                    {
                        "premium_month": month,
                        "uscc": firm.uscc,
                        "insurance": insurance,
                        "insured": firm.headcount,
                        "wage_base": base,
                        "employer_rate": percent(rate),
                        "size_class": size,
                        "relief_share": percent(share),
                        "due_before": due,
                        "relief": cents(due * share),
                        "deferred": None,
                        "refund": cents(due * share) if month == "2020-02" and rank % 19 == 4 else None,
                        "refund_date": day - timedelta(days=1) if month == "2020-02" and rank % 19 == 4 else None,
                    }
                )
        return rows

    @cached_property
    def refunds(self) -> list[Row]:
        """R06: every application as it stands at the end, with the day it was filed under `filed`."""
        rng = stream(self.district.seed, "refund")
        firms = [
            *self.district.of("B")[:52],
            *self.district.of("F")[:14],
            *self.district.of("E", "S")[:10],
            *self.district.of("U")[:12],
        ]
        rng.shuffle(firms)
        n_paid = len(firms) * 5 // 8
        paid_firms = firms[:n_paid]
        unit_slip = Decimal("3.60")
        weights = [float(f.headcount) for f in paid_firms[1:]]
        total = REFUND_TOTAL * self.district.scale - unit_slip
        paid = [unit_slip, *(Decimal(p) / 100 for p in shares(int(total * 100), weights))]
        laid_off = next(i for i, f in enumerate(paid_firms) if i > 1 and f.headcount > 100)
        rows = []
        for i, firm in enumerate(firms):
            filed = date(2020, 2, 14) + timedelta(days=rng.randint(0, 12) if i < n_paid else rng.randint(8, 30))
            notice = filed + timedelta(days=5)
            amount = paid[i] if i < n_paid else cents(firm.headcount * rng.randint(180, 320))
            premium = amount * 2
            start = firm.headcount + (rng.randint(0, firm.headcount // 40 + 1) if i % 3 else 0)
            layoff = Decimal(start - firm.headcount) / start if start > 30 else Decimal("0.04")
            if layoff > Decimal("0.05"):
                start, layoff = firm.headcount, Decimal(0)
            if i == 0:  # the clerk typed 万元 where the form asks for 元
                premium = Decimal(72000)
            if i == laid_off:  # paid in full although too many were laid off
                start, layoff = firm.headcount * 10 // 9 + 40, Decimal("0.13")
            if i == laid_off + 1:  # the first of two payments
                premium = amount * 2 + amount
            if i == n_paid + 2:
                layoff = Decimal("0.091")
            rows.append(
                {
                    "application_id": f"WG2020{i + 1:05d}",
                    "uscc": firm.uscc,
                    "batch": f"第{1 + i // 20}批",
                    "kind": "一般",
                    "prev_year_premium": premium,
                    "insured_start": start,
                    "insured_end": firm.headcount,
                    "layoff_rate": percent(round(layoff, 4)),
                    "ratio": "50%",
                    "approved": cents(premium / 2),
                    "notice_from": notice,
                    "notice_to": notice + timedelta(days=6),
                    "paid": amount if i < n_paid else None,
                    "paid_date": min(notice + timedelta(days=7 + i % 5), LAST_DAY - timedelta(days=1)) if i < n_paid else None,
                    "status": "拨付" if i < n_paid else "退回" if i == n_paid + 2 else "公示",
                    "filed": filed,
                }
            )
        return rows

    def stabilisation(self, day: date) -> list[Row]:
        """R06: the ledger as it stood on `day`."""
        seen = []
        for row in self.refunds:
            if row["filed"] > day:
                continue
            row = {k: v for k, v in row.items() if k != "filed"} | {"status": row["status"]}
            if row["paid_date"] is None or row["paid_date"] > day:
                row |= {"paid": None, "paid_date": None}
                if row["status"] != "退回":
                    row["status"] = "公示" if row["notice_from"] <= day else "审核"
            if row["notice_from"] > day:
                row |= {"notice_from": None, "notice_to": None, "approved": None}
                row["status"] = "受理" if row["status"] != "退回" else "退回"
            seen.append(row)
        return seen

    # --- R08 ------------------------------------------------------------------------------------------------------

    def water(self, day: date) -> list[Row]:
        """R08: the bills issued on `day`."""
        return self._water_by_day.get(day, [])

    @cached_property
    def _water_by_day(self) -> dict[date, list[Row]]:
        made: dict[date, list[Row]] = {}
        for row in self.water_bills:
            made.setdefault(row["read_to"], []).append(row)
        return made

    @cached_property
    def water_bills(self) -> list[Row]:
        """Every R08 bill; the eligible volume of 工商业 bills adds up exactly, bill by bill without rounding."""
        rng = stream(self.district.seed, "water")
        firms = [*self.district.of("B", "F", "E", "S", "C", "X"), *self.district.of("U")[: 70 * self.district.scale]]
        early, middle, late, last = (
            workdays(WATER_FROM, date(2020, 2, 27)),
            workdays(date(2020, 2, 28), date(2020, 3, 6)),
            workdays(date(2020, 3, 9), date(2020, 3, 12)),
            workdays(date(2020, 3, 13)),
        )
        start = RELIEF_FROM - timedelta(days=1)  # a reading covers the days after read_from
        periods: list[tuple[Firm, int, date, date]] = []
        for rank, firm in enumerate(firms):
            if rank % 3 == 0:
                read_to = early[rank // 3 % len(early)]
                periods.append((firm, rank, read_to - timedelta(days=31), read_to))
                periods.append((firm, rank, read_to, last[rank // 3 % len(last)]))
            else:
                group = middle if rank % 3 == 1 else late
                periods.append((firm, rank, start, group[rank // 3 % len(group)]))
        weights = [f.headcount * (3.0 if f.scale == "B" else 1.0) * rng.uniform(0.6, 1.4) for f, _, _, _ in periods]
        total = WATER_VOLUME * self.district.scale
        whole_weight = sum(weights)
        eligible = [max(1.0, total * w / whole_weight) for w in weights]
        # Bills that began in January: so many whole units of the period that days ÷ days leaves nothing over.
        units = {
            i: max(1, round(e / (to - start).days))
            for i, (e, (_, _, since, to)) in enumerate(zip(eligible, periods, strict=True))
            if since < start
        }
        spent = sum(k * (periods[i][3] - start).days for i, k in units.items())
        whole = [i for i in range(len(periods)) if i not in units]
        volumes = dict(zip(whole, shares(total - spent, [weights[i] for i in whole]), strict=True))
        rows = []
        for i, (firm, rank, since, to) in enumerate(periods):
            if i in units:
                quantity, volume = units[i] * (to - since).days, units[i] * (to - start).days
            else:
                quantity = volume = volumes[i]
            rows.append(self._water_row(f"0041{rank + 1:06d}", i, firm.uscc, "工商业", since, to, quantity, Decimal(volume) / 10))
        self._water_deviations(rows)
        rows += self._other_water(rng, early, last)
        return rows

    def _water_row(
        self, account: str, i: int, uscc: str | None, user_class: str, since: date, to: date, quantity: int, relief: Decimal
    ) -> Row:
        before = cents(quantity * Decimal("4.1"))
        return {
            "account_no": account,
            "bill_no": f"S{to:%Y%m%d}{i + 1:05d}",
            "uscc": uscc,
            "user_class": user_class,
            "read_from": since,
            "read_to": to,
            "quantity": quantity,
            "price_before": Decimal("4.1"),
            "price_after": Decimal("4.0") if relief else Decimal("4.1"),
            "bill_before": before,
            "bill_after": before - cents(relief),
            "relief_claimed": cents(relief),
            "arrears": before * 2 if i % 37 == 11 else None,
            "arrears_since": since if i % 37 == 11 else None,
            "cut_off": "否",
            "late_fee_waived": None,
            "reverses_id": None,
        }

    def _water_deviations(self, rows: list[Row]) -> None:
        """Claims that differ from the computed relief, one for each status; quantities stay as they are."""

        def claim(row: Row, relief: Decimal) -> None:
            row["relief_claimed"], row["bill_after"] = relief, row["bill_before"] - relief
            row["price_after"] = Decimal("4.0") if relief else Decimal("4.1")

        whole = [r for r in rows if r["read_from"] == RELIEF_FROM - timedelta(days=1)]
        for row in whole[10:70:10]:  # six firms got nothing: UNCLAIMED
            claim(row, Decimal("0.00"))
        by_account: dict[str, list[Row]] = {}
        for row in rows:
            by_account.setdefault(str(row["account_no"]), []).append(row)
        pairs = [pair for pair in by_account.values() if len(pair) == 2]
        for february, _ in pairs[4:6]:  # the whole period at the lower price, January's days too: UNRECONCILED
            claim(february, cents(Decimal(february["quantity"]) / 10))
        february, march = pairs[8]  # February's relief given with March's bill, on top of March's own: TIMING
        due = february["relief_claimed"]
        claim(february, Decimal("0.00"))
        claim(march, march["relief_claimed"] + due)
        for _, march in pairs[12:16]:  # the company left the code out; the account's earlier bill has it
            march["uscc"] = None

    def _other_water(self, rng: Random, early: list[date], last: list[date]) -> list[Row]:
        """特种 and 居民 users: not eligible; two car washes claim all the same."""
        rows = []
        firms = self.district.of("U")[70 * self.district.scale :]
        for j in range(14):
            to = (early + last)[j % (len(early) + len(last))]
            special = j % 2 == 0
            quantity = rng.randint(40, 900)
            relief = Decimal(quantity) / 10 if j in (2, 6) else Decimal(0)
            uscc = firms[j % len(firms)].uscc if special else None
            rows.append(
                self._water_row(
                    f"0048{j + 1:06d}",
                    90000 + j,
                    uscc,
                    "特种" if special else "居民",
                    to - timedelta(days=20),
                    to,
                    quantity,
                    relief,
                )
            )
        return rows

    # --- R10 ------------------------------------------------------------------------------------------------------

    @cached_property
    def _meters(self) -> list[tuple[str, Firm]]:
        return [(f"0410{i + 1:06d}", f) for i, f in enumerate(self.district.of("B", "F", "E", "S", "C"))]

    def power_daily(self, day: date) -> list[Row]:
        """R10 日电量: follows the people on post, but for one firm that reports resumption and draws nothing."""
        rng = stream(self.district.seed, f"power {day}")
        rows = []
        for i, (account, firm) in enumerate(self._meters):
            share = 0.08 + 0.9 * firm.on_post(day) / firm.headcount
            if i == 60 and date(2020, 2, 25) <= day <= date(2020, 3, 1):
                share = 0.06
            kwh = Decimal(str(round(firm.daily_kwh * share * rng.uniform(0.94, 1.06), 1)))
            rows.append({"account_no": account, "uscc": firm.uscc, "kwh_day": kwh})
        return rows

    def power_bills(self, day: date) -> list[Row]:
        """R10 电费账单: February's bills in the first week of March, half of March for the large users at the end."""
        return [row for row in self._power_bills if row["_issued"] == day]

    @cached_property
    def _power_bills(self) -> list[Row]:
        rows = []
        first, second = workdays(date(2020, 3, 2), date(2020, 3, 6)), workdays(date(2020, 3, 16))
        for i, (account, firm) in enumerate(self._meters):
            large = firm.scale == "B" and firm.headcount >= 150
            rows.append(self._power_row(account, i, firm, large, date(2020, 1, 31), date(2020, 2, 29), first[i % 5], len(rows)))
            if large:
                rows.append(
                    self._power_row(account, i, firm, large, date(2020, 2, 29), date(2020, 3, 15), second[i % 3], len(rows))
                )
        return rows

    def _power_row(self, account: str, i: int, firm: Firm, large: bool, since: date, to: date, issued: date, number: int) -> Row:
        price = Decimal("0.5432") if large else Decimal("0.6125")
        kwh = sum(
            firm.daily_kwh * (0.08 + 0.9 * firm.on_post(day) / firm.headcount) for day in days(since + timedelta(days=1), to)
        )
        quantity = int(kwh)
        before = cents(quantity * price)
        # High-energy industries are excluded; four claim all the same. Five others got nothing.
        claims = (not firm.is_high_energy or i % 29 == 0) and i % 31 != 7
        after = cents(before * Decimal("0.95")) if claims else before
        return {
            "account_no": account,
            "bill_no": f"D{issued:%Y%m%d}{number + 1:05d}",
            "uscc": None if i % 23 == 0 and since > RELIEF_FROM else firm.uscc,
            "user_class": "大工业" if large else "一般工商业",
            "read_from": since,
            "read_to": to,
            "quantity": quantity,
            "price_before": price,
            "price_after": price * Decimal("0.95") if claims else price,
            "bill_before": before,
            "bill_after": after,
            "relief_claimed": before - after,
            "arrears": before if i % 41 == 8 else None,
            "arrears_since": to if i % 41 == 8 else None,
            "cut_off": "否",
            "late_fee_waived": None,
            "industry_code": firm.industry,
            "high_energy_flag": yes(firm.is_high_energy),
            "bill_total": before,
            "capacity_relief": None,
            "settlement_ratio": "95%" if claims else "100%",
            "reverses_id": None,
            "_issued": issued,
        }

    # --- R11 ------------------------------------------------------------------------------------------------------

    def land_plan(self) -> list[Row]:
        """R11 计划: 4,260 mu for the year."""
        plan = {"工业": 1580, "商服": 640, "住宅": 1360, "公共": 680}
        rows = []
        for use, area in plan.items():
            months = [0, area // 20, area // 8, *[area // 12] * 8]
            months.append(area - sum(months))
            rows.append(
                {"plan_year": 2020, "use": use, "plan_mu": area} | {f"plan_mu_m{m:02d}": mu for m, mu in enumerate(months, 1)}
            )
        return rows

    def land_parcels(self, day: date) -> list[Row]:
        """R11 地块: as it stood on `day`; 313 mu were supplied in March."""
        supplied = [("58.4", 1, 8), ("74.25", 1, 16), ("41.6", 2, 20), ("36.15", 2, 27)]
        supplied += [("96.5", 3, 4), ("72.3", 3, 6), ("58.2", 3, 10), ("50", 3, 12), ("36", 3, 16)]
        uses, modes = ("工业", "住宅", "商服", "公共"), ("挂牌", "拍卖", "挂牌", "划拨")
        rows = []
        for i in range(20):
            use, mode = uses[i % 4], modes[i % 4]
            if i < len(supplied):
                area, on = Decimal(supplied[i][0]), date(2020, supplied[i][1], supplied[i][2])
            else:
                area, on = Decimal(35 + 7 * i) + Decimal("0.35"), None
            notice = (on or date(2020, 3, 2) + timedelta(days=i - 8)) - timedelta(days=38 if on else 0)
            planned = i >= 16
            row: Row = {
                "parcel_no": f"郑上出示例〔2020〕{i + 1:02d}号",
                "location": f"示例路{i + 1}号地块",
                "use": use,
                "area_mu": area,
                "supply_mode": mode,
                "notice_date": None,
                "start_price": None,
                "floor_price": None,
                "deposit": None,
                "deposit_ratio": None,
                "deal_date": None,
                "deal_price": None,
                "contract_no": None,
                "contract_date": None,
                "supply_date": None,
                "status": "计划",
            }
            if mode != "划拨" and not planned and notice <= day:
                ratio = (Decimal(20), Decimal(20), Decimal(30), Decimal(20), Decimal(50))[i % 5]
                price = Decimal(int(area * (38 if use == "工业" else 160))) * 10000
                row |= {
                    "notice_date": notice,
                    "start_price": price,
                    "floor_price": price,
                    "deposit_ratio": ratio,
                    "deposit": price * ratio / 100,
                }
                row["status"] = "公告"
                if on and on - timedelta(days=6) <= day:
                    row |= {
                        "deal_date": on - timedelta(days=6),
                        "deal_price": price + Decimal(100000 * (i + 1)),
                        "status": "成交",
                    }
                if on and on - timedelta(days=3) <= day:
                    row |= {"contract_no": f"SJCR-2020-{i + 1:03d}", "contract_date": on - timedelta(days=3)}
            if on and on <= day:
                row |= {"supply_date": on, "status": "供应"}
            if i == 10 and day >= date(2020, 3, 9):
                row["status"] = "流拍"
            rows.append(row)
        return rows

    def land_milestones(self) -> list[Row]:
        """R11 履约: deadlines of earlier contracts; some days of delay do not count."""
        rows = []
        for i in range(7):
            for j, milestone in enumerate(("交地", "动工", "竣工")):
                due = date(2020, 1, 20) + timedelta(days=9 * i + 150 * j)
                exempt = j < 2 and i in (1, 3, 4) and due < LAST_DAY
                rows.append(
                    {
                        "contract_no": f"SJCR-2019-{i + 11:03d}",
                        "milestone": milestone,
                        "due_date": due,
                        "actual_date": due - timedelta(days=2) if j == 0 and not exempt and due < date(2020, 2, 5) else None,
                        "exempt_from": date(2020, 1, 25) if exempt else None,
                        "exempt_to": None,
                        "approval_doc_no": f"郑上资规示例〔2020〕{i + 1}号" if exempt else None,
                    }
                )
        return rows

    # --- R12 ------------------------------------------------------------------------------------------------------

    def loans(self, day: date) -> list[Row]:
        """R12: the loans disbursed on `day`."""
        return [row for row in self.all_loans if row["disbursed_date"] == day]

    @cached_property
    def all_loans(self) -> list[Row]:
        """Every R12 row: 34 firms with new money, in total exactly 215 million; renewals in addition."""
        rng = stream(self.district.seed, "loan")
        k = self.district.scale
        borrowers = [
            *self.district.of("B")[: 22 * k],
            *self.district.of("F")[: 5 * k],
            *self.district.of("E")[: 4 * k],
            *self.district.of("U")[: 3 * k],
        ]
        renewing = [*borrowers[: 6 * k], *self.district.of("B")[60 * k : 69 * k]]
        dates = workdays(date(2020, 2, 11))
        new = [*borrowers, *(rng.choice(borrowers) for _ in range(18 * k))]
        amounts = shares(LOAN_TOTAL * k // 10000, [f.headcount + 40.0 for f in new])
        drawn = [(f, a * 10000, "新增") for f, a in zip(new, amounts, strict=True)]
        drawn += [(f, rng.randint(20, 300) * 50000, ("续贷", "展期", "无还本续贷")[i % 3]) for i, f in enumerate(renewing)]
        rng.shuffle(drawn)
        banks = ("示例甲银行", "示例乙银行", "示例丙银行", "示例丁农商行", "示例戊村镇银行")
        rows = []
        for i, (firm, amount, nature) in enumerate(drawn):
            day = dates[min(len(dates) - 1, int(len(dates) * ((i + 0.5) / len(drawn)) ** 0.8))]
            relending = firm.key_supply != "" and nature == "新增"
            rows.append(
                {
                    "loan_id": f"L{credit_code('91410106', 7000000 + i)[8:16]}",
                    "uscc": firm.uscc,
                    "bank_code": banks[(i * 3 + i // 7) % 5],
                    "product": "专项再贷款"
                    if relending
                    else ("流动资金", "固定资产", "税易贷", "贴现")[rng.choices(range(4), (6, 2, 2, 1))[0]],
                    "contract_amount": Decimal(amount),
                    "disbursed_date": day,
                    "disbursed": Decimal(amount),
                    "annual_rate": Decimal("3.15") if relending else Decimal(rng.choice(("4.35", "4.75", "5.22", "4.05"))),
                    "maturity_date": date(2021, day.month, min(day.day, 28)),
                    "nature": nature,
                    "guarantee_mode": ("保证", "抵押", "信用", "质押")[i % 4],
                    "is_relending": yes(relending),
                    "is_subsidised": yes(relending),
                    "credit_line": Decimal(amount) * 2,
                    "balance": Decimal(amount),
                    "reverses_id": None,
                }
            )
        return rows


def with_changes(rows: list[Row], changes: dict[int, Row]) -> list[Row]:
    """Copies of the rows with some cells as a clerk mistyped them."""
    return [row | changes[i] if i in changes else row for i, row in enumerate(rows)]
