"""What the rows of a report mean: values of every type, unit and code list of its contract, such that its suite accepts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Table
from include.samples.fugong_samples.district import credit_code
from tests.fuzz.clerk.picking import Pick

Value = str | int | Decimal | date | bool | None
Values = dict[str, Value]

DAY = date(2020, 3, 18)
"""The report date of every file."""
CENT = Decimal("0.01")
FIRMS = [
    "示例企业{}有限公司", "示例合计软件{}有限公司", "全区示例物资{}有限公司", "示例{}设备（上街）有限公司", "总计示例{}仪表厂", "示例万元户{}超市",
    "注册示例{}咨询中心", "示例作废物资回收{}站",
]  # fmt: skip
KEYS = ["D{:05d}", "{:07d}", "2020-{:04d}", "示{:03d}", "A{}B", "9{:06d}"]
DOCUMENTS = ["财税〔2020〕13号", "财政部 税务总局公告2020年第13号", "示例财预〔2020〕1号", "豫政〔2020〕9号"]
TEXTS = ["示例甲", "示例路南", "网站", "熟练工人不足，3月底前解决", "V2型口罩机缺料", "一次性", "同意"]
SHARES = {
    "capacity_rate": ["0.852", "0.5", "1", "0.333", "1.05", "0.08", "0.005"],
    "annual_rate": ["0.0435", "0.0315", "0.05", "0.0205", "0.0085"],
    "employer_rate": ["0.16", "0.07", "0.1", "0.005"],
    "relief_share": ["1", "0.5"],
    "layoff_rate": ["0.02", "0", "0.055", "0.0123"],
    "ratio": ["0.5", "1", "0.7"],
    "subsidy_ratio": ["0.2", "0.25", "0.1"],
    "deposit_ratio": ["0.2", "0.5", "1"],
    "settlement_ratio": ["0.95", "1", "0.9"],
}
"""Shares that are normal for a column."""
RATES_OF_TAX = [("0.03", "0.01"), ("0.13", "0.09"), ("0.03", "0"), ("0.25", "0.2"), ("0.012", "0.006")]


REVERSED = ["amt_relief", "amt_refund", "amt_defer", "disbursed", "quantity", "bill_before", "bill_after", "relief_claimed"]
"""Amounts that are negative in a row that reverses another."""


def code(number: int) -> str:
    """A credit code of no firm."""
    return credit_code("91410106", number)


def days_before(pick: Pick, last: date = DAY, most: int = 45) -> date:
    """A day not long before another, or that day."""
    return last - timedelta(days=pick.integer(0, most))


def rows_of(pick: Pick, table: Table, lists: Mapping[str, CodeList], most: int = 6, first: int = 1) -> list[Values]:
    """Rows of a table: keys occur once, and no rule of the suite is broken. `first` is the number in the first key."""
    if table.name == "land_plan":
        most = min(most, len(lists["land_use"].codes))
    key = pick.of(KEYS)
    left_out = {column.name for column in table.columns if not column.is_mandatory and pick.chance(3)}
    rows: list[Values] = []
    for number in range(first, first + pick.integer(1, most)):
        row: Values = {
            column.name: None if column.name in left_out else _value(pick, table, column, lists, number, key)
            for column in table.columns
        }
        if table.name in RULES:
            RULES[table.name](pick, row, number, lists)
        if table.reverses:
            row[table.reverses] = None
            if pick.chance(8):
                _reverse(table, row, key.format(number + 500))
        rows.append(row)
    return rows


def _reverse(table: Table, row: Values, earlier: str) -> None:
    """Make a row that takes an earlier one back: its amounts are negative."""
    assert table.reverses
    row[table.reverses] = earlier
    for name in REVERSED:
        value = row.get(name)
        if isinstance(value, Decimal):
            row[name] = -value
    for name in ("arrears", "arrears_since", "late_fee_waived", "bill_total", "capacity_relief"):
        if name in row:
            row[name] = None


def _value(pick: Pick, table: Table, column: Column, lists: Mapping[str, CodeList], number: int, key: str) -> Value:
    """A value of the column, seen alone."""
    if not column.is_mandatory and pick.chance(4):
        return None
    if column.logical_type == "boolean":
        return pick.of([True, False])
    if column.code_list:
        return pick.of(lists[column.code_list].codes).code
    if column.logical_type == "date":
        return days_before(pick)
    if column.logical_type == "integer":
        return pick.integer(0, 2000)
    if column.logical_type == "number":
        if column.unit == "%":
            return Decimal(pick.of(SHARES[column.name])) if column.name in SHARES else None
        if column.unit in ("亩", "公顷", "平方米"):
            return Decimal("1.5") * pick.integer(1, 2000)
        if column.default_unit == "亿元":
            return Decimal(1000000) * pick.integer(1, 9000)
        return pick.number(1, pick.of([9, 90000, 900000]), min(column.scale or 0, 3))
    if column.format == "uscc":
        return code(number * 10 + len(column.name))
    if column.format == "month":
        return pick.of(["2020-02", "2019-12", "2020-03"])
    if column.key_position is not None or column.name in ("project_code", "contract_no"):
        return key.format(number)
    if column.name in ("name", "firm_name", "site_name", "project_name", "investor", "bank_code", "former_name"):
        return pick.of(FIRMS).format(number)
    return pick.of(DOCUMENTS if column.name.endswith("doc_no") else TEXTS)


def cents(amount: Decimal) -> Decimal:
    """Rounded to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def money(pick: Pick, low: int = 1, high: int = 90000) -> Decimal:
    """An amount in yuan."""
    return pick.number(low, high, 2)


# --- what one column says of another --------------------------------------------------------------------------------

Rule = Callable[[Pick, Values, int, Mapping[str, CodeList]], None]


def _resumption(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    staff = pick.integer(1, 2000)
    should, resumed = not pick.chance(5), pick.chance(2)
    row |= {
        "name": pick.of(FIRMS).format(number), "should_resume": should, "resumed": resumed,
        "exempt_code": None if should else pick.of(lists["exempt_code"].codes).code,
        "resume_date": date(2020, 2, 10) + timedelta(days=pick.integer(0, 30)) if resumed else None,
        "normal_headcount": staff, "on_post": pick.integer(1, staff) if resumed else 0,
        "not_returned_outside": pick.of([None, 0, min(3, staff)]), "stop_reason": None if resumed else pick.of(lists["stop_reason"].codes).code,
    }  # fmt: skip
    if row.get("revenue") is not None:
        row["normal_revenue"] = row["revenue"]


def _site(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    should, resumed, workers = not pick.chance(5), pick.chance(2), pick.integer(1, 900)
    day = date(2020, 2, 10) + timedelta(days=pick.integer(0, 30))
    row |= {
        "should_resume": should, "resumed": resumed, "exempt_code": None if should else pick.of(["X07", "X08"]),
        "resume_date": day if resumed else None, "acceptance_date": day - timedelta(days=1) if resumed else None,
        "planned_workers": workers, "on_site": pick.integer(0, workers), "builder_uscc": code(number * 10 + 7),
    }  # fmt: skip


def _bill(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    quantity, before = pick.number(1, 90000, 3), pick.number(1, 5, 4)
    after = (before * Decimal("0.95")).quantize(Decimal("0.0001"))
    bill, paid = cents(quantity * before), cents(quantity * after)
    last = days_before(pick, most=20)
    row |= {
        "bill_no": f"B{number:04d}", "read_from": last - timedelta(days=30), "read_to": last, "quantity": quantity, "price_before": before,
        "price_after": after, "bill_before": bill, "bill_after": paid, "relief_claimed": bill - paid,
        "arrears_since": days_before(pick) if row["arrears"] else None,
    }  # fmt: skip
    if row.get("industry_code") is not None:
        row["industry_code"] = "3412"


def _tax(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    base = money(pick, 1000, 900000)
    standard, actual = map(Decimal, pick.of(RATES_OF_TAX))
    amount = cents(base * (standard - actual))
    kind = row["relief_kind"]
    # Of land use tax the base is an area: a declared unit of money does not hold for it. That is a trap of its own.
    row["levy_item"] = "增值税" if row["levy_item"] == "城镇土地使用税" else row["levy_item"]
    has_rates = row["rate_std"] is not None or pick.chance(2)
    row |= {
        "relief_code": pick.of(["0001011608", "0001129917", "1011608"]), "doc_no": pick.of(DOCUMENTS), "base_amount": base,
        "rate_std": standard if has_rates else None, "rate_act": actual if has_rates else None,
        "amt_relief": amount if kind in ("REDUCE", "EXEMPT") else None, "amt_refund": amount if kind == "REFUND" else None,
        "amt_defer": amount if kind == "DEFER" else None, "period_from": date(2020, 2, 1), "period_to": date(2020, 2, 29),
    }  # fmt: skip


def _insurance(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    n, rate, share = pick.integer(1, 500), Decimal(pick.of(SHARES["employer_rate"])), Decimal(pick.of(SHARES["relief_share"]))
    base = Decimal(n) * pick.integer(3000, 9000)
    row |= {
        "insured": n, "wage_base": base, "employer_rate": rate, "relief_share": share, "due_before": cents(base * rate),
        "relief": cents(base * rate * share), "deferred": pick.of([None, Decimal(0)]),
    }  # fmt: skip


def _stabilisation(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    premium, ratio = money(pick, 1000), Decimal(pick.of(SHARES["ratio"]))
    approved, is_paid = cents(premium * ratio), pick.chance(2)
    row |= {
        "prev_year_premium": premium, "ratio": ratio, "approved": approved, "paid": approved if is_paid else None,
        "notice_from": date(2020, 3, 1), "notice_to": date(2020, 3, 7), "paid_date": date(2020, 3, 10) if is_paid else None,
        "status": "拨付" if is_paid else "公示",
    }  # fmt: skip


def _award(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    investment, ratio = money(pick, 1000, 900000), Decimal(pick.of(SHARES["subsidy_ratio"]))
    approved, is_paid = cents(investment * ratio), pick.chance(2)
    row |= {
        "clause_id": pick.of(["第12条", "示例第3条"]), "recognised_investment": investment, "subsidy_ratio": ratio, "approved": approved,
        "paid": approved if is_paid else None, "paid_date": days_before(pick) if is_paid else None,
    }  # fmt: skip


def _loan(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    amount = money(pick, 1000, 900000)
    row |= {
        "disbursed": amount,
        "contract_amount": amount + 1000,
        "bank_code": "示例银行上街支行",
        "maturity_date": date(2021, 3, 16),
    }


def _enterprise(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    row |= {
        "industry_code": pick.of(["3216", "0312", "5171", "8299"]), "baseline_headcount": pick.integer(0, 5000), "reg_no_15": None,
        "scale_from": pick.of([None, date(2018, 1, 1)]), "scale_to": None, "reg_status": "存续",
    }  # fmt: skip


def _parcel(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    price, sold = Decimal(10000) * pick.integer(100, 90000), days_before(pick, most=20)
    row |= {
        "area_mu": Decimal("1.5") * pick.integer(1, 900), "notice_date": sold - timedelta(days=30), "deal_date": sold, "contract_date": sold,
        "supply_date": sold, "start_price": price, "floor_price": price, "deposit": price / 5, "deal_price": price + 10000,
    }  # fmt: skip
    row["deal_price"] = min(price + 10000, Decimal(10**8) * Decimal(str(row["area_mu"])))
    if price > Decimal(10**8) * Decimal(str(row["area_mu"])):
        row |= {"area_mu": Decimal(150), "deal_price": price}


def _plan(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    row |= {"plan_year": 2020, "use": lists["land_use"].codes[(number - 1) % len(lists["land_use"].codes)].code}


def _milestone(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    row |= {"exempt_from": date(2020, 1, 25), "exempt_to": date(2020, 3, 8)}


def _project(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    total = Decimal(1000000) * pick.integer(1, 9000)
    row |= {
        "total_investment": total, "year_plan": total / 2, "invested_total": total / 4, "invested_year": total / 4,
        "exempt_code": pick.of([None, "X07", "X08"]),
    }  # fmt: skip


def _deal(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    row["signed_date"] = days_before(pick)


def _approval(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    done = days_before(pick, most=10)
    row |= {"accepted_date": done - timedelta(days=pick.integer(0, 9)), "done_date": done if row["status"] == "已办结" else None}


def _post(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    n = pick.integer(0, 90)
    row |= {"issue_no": "2020-1", "post": "操作工", "intents": n, "signed": pick.integer(0, n), "started": 0}


def _rent(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    rent = money(pick, 100)
    row |= {
        "lease_from": date(2019, 1, 1), "lease_to": date(2021, 12, 31), "monthly_rent": rent, "free_months": pick.of([None, "2020-02;2020-03"]),
        "half_months": pick.of([None, "2020-04;2020-05;2020-06"]), "relief_claimed": rent * 2, "tenant_reg_no": None,
    }  # fmt: skip


def _problem(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    raised = days_before(pick, most=20)
    is_spot = pick.chance(3)
    row |= {
        "raised_date": raised, "assigned_date": None if is_spot else raised, "closed_date": raised if is_spot else None,
        "resolution": "现场解决" if is_spot else "交办", "status": "现场解决" if is_spot else "已交办", "due_date": date(2020, 3, 30),
    }  # fmt: skip


def _event(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    row |= {"qty": pick.integer(0, 900), "uscc": code(number), "post_code": "XCJ-01"}


def _lot(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    item, unit = pick.of([("口罩", "只"), ("温度计", "支"), ("测温枪", "台"), ("消毒液", "升"), ("防护服", "套")])
    row |= {"item": item, "qty_unit": unit, "unit_price": pick.number(1, 9000, 3)}


def _line(pick: Pick, row: Values, number: int, lists: Mapping[str, CodeList]) -> None:
    n = pick.integer(0, 90000)
    row |= {"daily_capacity": n, "output": pick.integer(0, n)}


RULES: Mapping[str, Rule] = {
    "approval_item": _approval, "award": _award, "enterprise": _enterprise, "gas_bill": _bill, "industry_resumption": _resumption,
    "investment_deal": _deal, "land_milestone": _milestone, "land_parcel": _parcel, "land_plan": _plan, "loan": _loan, "power_bill": _bill,
    "problem": _problem, "project": _project, "recruitment_post": _post, "rent_relief": _rent, "service_event": _event,
    "service_resumption": _resumption, "site_resumption": _site, "social_insurance_relief": _insurance,
    "stabilisation_refund": _stabilisation, "supply_line": _line, "supply_lot": _lot, "tax_relief": _tax, "water_bill": _bill,
}  # fmt: skip
