"""Simulated districts in which departments mistype cells: how much of the error in print the first calls hold.

`make prove ARGS=doubts` tries a hundred; the tests try one.

Of each district there are a register, three days of resumption reports, sites, energy, production lines, projects and awards, and two months of
water bills and of social insurance. Firms differ in size by two orders of magnitude, and everything moves a little from day to day. That is the
truth. Then some cells of the last day are mistyped: a digit too many or too few, 元 for 万元 and back, 是 for 否, a claim that the rule does
not give.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.doubts.calls import Calls, calls
from fugong.doubts.effect import FigureChange
from fugong.figures.definition import load_definitions
from fugong.figures.evaluate import Evaluated, open_evaluator
from tests.fixtures.given_parts import give

DAY = date(2020, 3, 18)
KNOWN_AT = datetime(2020, 4, 1, tzinfo=SHANGHAI)
CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
DEFINITIONS = load_definitions(PROJECT / "include")
SETTINGS = Settings(home=PROJECT / "var", district=PROJECT, warehouse_url=None)
CALLS = 10

Row = dict[str, Any]
Part = dict[str, Any]


@dataclass(frozen=True)
class Error:
    """A cell that was mistyped.

    Attributes:
        part, row: positions in the district's parts.
        kind: how.
    """

    part: int
    row: int
    column: str
    kind: str
    value: Any


@dataclass(frozen=True)
class District:
    """One district: what was so, and what is mistyped of it."""

    seed: int
    parts: tuple[Part, ...]
    errors: tuple[Error, ...]

    def sent(self, *, without: Sequence[Error] = ()) -> list[Part]:
        """What is sent, as mistyped.

        Args:
            without: errors that have been corrected.
        """
        parts = copy.deepcopy(list(self.parts))
        for error in self.errors:
            if error not in without:
                parts[error.part]["rows"][error.row][error.column] = error.value
        return parts


@dataclass(frozen=True)
class Tried:
    """What came of one district.

    Attributes:
        error: the sum of relative errors of the printed figures that are wrong.
        left: of this, what is left once the mistyped cells among the first calls are corrected.
        n_wrong, n_wrong_left: printed figures that are wrong, before and after.
        n_errors, n_listed, n_first: mistyped cells, those among all calls, and those among the first ones.
        n_calls: all calls that decide.
        missed: kind and cell of errors that no call is about.
    """

    error: float
    left: float
    n_wrong: int
    n_wrong_left: int
    n_errors: int
    n_listed: int
    n_first: int
    n_calls: int
    missed: tuple[str, ...]

    @property
    def held(self) -> float:
        """The share of the error that the first calls hold."""
        return 1 - self.left / self.error if self.error else 1.0


def make_district(seed: int) -> District:
    """A district; the same seed gives the same one."""
    dice = random.Random(seed)
    firms = {scale: [_firm(dice, f"{scale}{n:02d}", scale) for n in range(dice.randint(*span))] for scale, span in SCALES.items()}
    parts = [_part("enterprise", DAY - timedelta(9), "TJJ", [firm["register"] for some in firms.values() for firm in some])]
    sites = [_site(dice, n) for n in range(dice.randint(8, 16))]
    lines = [_line(dice, n) for n in range(dice.randint(5, 9))]
    for back in (2, 1, 0):
        day = DAY - timedelta(back)
        parts += [
            _part("industry_resumption", day, "GXJ", [_resumption(dice, firm, "output_value") for firm in firms["B"]]),
            _part("service_resumption", day, "SWJ", [_resumption(dice, firm, "revenue") for firm in [*firms["F"], *firms["E"]]]),
            _part("power_daily", day, "GDGS", [_energy(dice, firm) for some in firms.values() for firm in some]),
            _part(
                "site_resumption", day, "ZJJ", [site | {"on_site": _near(dice, site["planned_workers"] * 0.8)} for site in sites]
            ),
            _part("supply_line", day, "GXJ", [line | {"output": _near(dice, line["daily_capacity"] * 0.85)} for line in lines]),
        ]
    awards = [_award(dice, n) for n in range(dice.randint(15, 30))]
    projects = [_project(dice, n) for n in range(dice.randint(10, 20))]
    for back in (2, 0):
        day = DAY - timedelta(back)
        paid = Decimal("1") if back == 0 else Decimal("0.9")
        parts += [
            _part(
                "award", day, "CZJ", [award | {"paid": round(award["approved"] * paid * Decimal("0.9"), 2)} for award in awards]
            ),
            _part(
                "project",
                day,
                "FGW",
                [project | {"invested_total": round(project["total_investment"] * paid / 5, 2)} for project in projects],
            ),
        ]
    everybody = [firm for some in firms.values() for firm in some]
    for month, (first, last, sent) in {
        "2020-02": (date(2020, 2, 10), date(2020, 2, 29), 12),
        "2020-03": (date(2020, 3, 1), DAY, 0),
    }.items():
        day = DAY - timedelta(sent)
        parts.append(_part("water_bill", day, "GSGS", [_bill(dice, firm, month, first, last) for firm in everybody]))
        parts.append(_part("social_insurance_relief", day, "RSJ", [_insured(dice, firm, month) for firm in everybody]))
    wanted = dice.randint(4, 12)
    errors: dict[tuple[int, int], Error] = {}
    while len(errors) < wanted:
        error = _mistype(dice, parts)
        errors.setdefault((error.part, error.row), error)
    return District(seed, tuple(parts), tuple(errors.values()))


def try_district(connection: psycopg.Connection[Any], district: District) -> Tried:
    """Print the figures of a district as they should be, as mistyped, and after the first calls. Nothing is kept."""
    truth, _ = _evaluated(connection, district.parts, has_calls=False)
    wrong, found = _evaluated(connection, district.sent(), has_calls=True)
    assert found is not None  # asked for
    numbers = {(error.part, error.row, error.column): error for error in district.errors}
    listed = [error for call in found.calls if (error := numbers.get(_cell(district, call.line.table, call)))]
    first = [error for call in found.calls[:CALLS] if (error := numbers.get(_cell(district, call.line.table, call)))]
    mended, _ = _evaluated(connection, district.sent(without=first), has_calls=False)
    before, after = _errors(truth, wrong), _errors(truth, mended)
    missed = tuple(
        f"{error.kind} {district.parts[error.part]['table']}.{error.column}" for error in district.errors if error not in listed
    )
    return Tried(
        sum(before.values()), sum(after.values()), len(before), len(after),
        len(district.errors), len(listed), len(first), found.n_deciding, missed,
    )  # fmt: skip


def _errors(truth: Mapping[str, Evaluated], said: Mapping[str, Evaluated]) -> dict[str, float]:
    """The relative error of each figure that is printed otherwise than it should be."""
    changes = (FigureChange(DEFINITIONS[name], truth[name], said[name]) for name in truth)
    return {one.definition.id: one.share for one in changes if one.is_printed}


def _evaluated(
    connection: psycopg.Connection[Any], parts: Sequence[Part], *, has_calls: bool
) -> tuple[dict[str, Evaluated], Calls | None]:
    with _given(connection, parts):
        with open_evaluator(connection, PROJECT / "include", DAY, KNOWN_AT) as evaluator:
            values = {one.id: evaluator.evaluate(one) for one in evaluator.moment.definitions.values()}
        found = calls(connection, SETTINGS, DAY, KNOWN_AT) if has_calls else None
    return values, found


@contextmanager
def _given(connection: psycopg.Connection[Any], parts: Sequence[Part]) -> Iterator[None]:
    with connection.transaction(force_rollback=True):
        give(connection, CONTRACTS, {"parts": list(parts)})
        yield


def _cell(district: District, table: str, call: Any) -> tuple[int, int, str]:
    """Where the cell of a call stands in the district: `give` writes rows from line 2 on."""
    part = next(
        at
        for at, one in enumerate(district.parts)
        if one["table"] == table and one["date"] == call.origin.report_date.isoformat()
    )
    return part, call.line.row_number - 2, call.column


# What is so

SCALES = {"B": (30, 60), "F": (10, 25), "E": (10, 20)}


def _firm(dice: random.Random, uscc: str, scale: str) -> dict[str, Any]:
    headcount = round(10 ** dice.uniform(1.3, 3))
    is_resumed = dice.random() < 0.88
    register = {
        "uscc": uscc, "name": uscc, "scale_code": scale, "scale_from": "2019-01-01", "size_class": dice.choice("LMSW"),
        "industry_code": "3311", "high_energy_flag": False, "baseline_headcount": headcount,
        "baseline_daily_kwh": headcount * 20, "baseline_daily_output": headcount * 1500,
    }  # fmt: skip
    return {
        "register": register, "is_resumed": is_resumed, "headcount": headcount, "share": dice.uniform(0.6, 1.0) if is_resumed else 0.0,
        "quantity": headcount * dice.uniform(5, 15), "insured": max(1, round(headcount * dice.uniform(0.8, 1.1))),
    }  # fmt: skip


def _near(dice: random.Random, value: float, spread: float = 0.04) -> int:
    return max(0, round(value * dice.gauss(1, spread)))


def _resumption(dice: random.Random, firm: Mapping[str, Any], column: str) -> Row:
    n = firm["headcount"]
    row = {
        "uscc": firm["register"]["uscc"],
        "name": firm["register"]["uscc"],
        "should_resume": True,
        "resumed": firm["is_resumed"],
    }
    row |= {"normal_headcount": n, "on_post": min(n, _near(dice, n * firm["share"], 0.02)), "resume_date": "2020-02-20"}
    return row | {column: _near(dice, n * 1500 * firm["share"], 0.06)}


def _energy(dice: random.Random, firm: Mapping[str, Any]) -> Row:
    uscc = firm["register"]["uscc"]
    kwh = _near(dice, firm["headcount"] * 20 * (firm["share"] if firm["is_resumed"] else 0.08))
    return {"account_no": f"E{uscc}", "uscc": uscc, "kwh_day": kwh}


def _site(dice: random.Random, n: int) -> Row:
    return {
        "site_id": f"G{n:02d}", "site_name": f"G{n:02d}", "should_resume": True, "resumed": True, "planned_workers": dice.randint(20, 300),
        "owner_uscc": "",
    }  # fmt: skip


def _line(dice: random.Random, n: int) -> Row:
    capacity = round(10 ** dice.uniform(3, 5))
    item = dice.choice(["口罩", "消毒液", "防护服"])
    return {
        "line_id": f"L{n}",
        "uscc": f"B{n:02d}",
        "item": item,
        "daily_capacity": capacity,
        "start_date": "2020-02-10",
        "stock": capacity,
    }


def _award(dice: random.Random, n: int) -> Row:
    amount = Decimal(round(10 ** dice.uniform(4, 6.5)))
    return {
        "payment_id": f"A{n:02d}", "uscc": f"B{n:02d}", "clause_id": "第20条", "item": "其他", "fund_source": "区级", "approved": amount,
        "paid_date": "2020-03-10",
    }  # fmt: skip


def _project(dice: random.Random, n: int) -> Row:
    amount = Decimal(round(10 ** dice.uniform(7.5, 9.5)))
    return {
        "project_code": f"P{n:02d}", "project_name": f"P{n:02d}", "level": "省市", "phase": "续建", "is_prov_city": True,
        "total_investment": amount, "year_plan": round(amount / 3, 2), "status": "已复工", "on_site": dice.randint(20, 300),
    }  # fmt: skip


def _bill(dice: random.Random, firm: Mapping[str, Any], month: str, first: date, last: date) -> Row:
    uscc, quantity = firm["register"]["uscc"], _near(dice, firm["quantity"], 0.1)
    return {
        "account_no": f"W{uscc}", "bill_no": f"W{uscc}{month}", "uscc": uscc, "user_class": "工商业", "read_from": first, "read_to": last,
        "quantity": quantity, "price_before": Decimal("4.1"), "price_after": Decimal(4), "bill_before": quantity * Decimal("4.1"),
        "bill_after": quantity * Decimal(4), "relief_claimed": quantity * Decimal("0.1"), "cut_off": False, "arrears": 0,
    }  # fmt: skip


def _insured(dice: random.Random, firm: Mapping[str, Any], month: str) -> Row:
    register, n = firm["register"], firm["insured"]
    share = Decimal("0.5") if register["size_class"] == "L" else Decimal(1)
    base = n * Decimal(3500 + dice.randint(-50, 50))
    due = round(base * Decimal("0.16"), 2)
    return {
        "premium_month": month, "uscc": register["uscc"], "insurance": "PEN", "insured": n, "wage_base": base, "employer_rate": Decimal("0.16"),
        "size_class": register["size_class"], "relief_share": share, "due_before": due, "relief": round(due * share, 2),
    }  # fmt: skip


def _part(table: str, day: date, department: str, rows: Sequence[Row]) -> Part:
    return {"table": table, "date": day.isoformat(), "department": department, "rows": list(rows)}


# What is mistyped

Mistype = Callable[[Any], Any]
SLIPS: Mapping[str, Mistype] = {
    "a digit too many": lambda value: value * 10,
    "a digit too few": lambda value: value / 10 if isinstance(value, Decimal) else value // 10,
    "万元 for 元": lambda value: value * 10_000,
    "元 for 万元": lambda value: round(value / Decimal(10_000), 2),
}
MISTYPED: Sequence[tuple[str, str, Sequence[str]]] = (
    ("industry_resumption", "on_post", ("a digit too many", "a digit too few")),
    ("industry_resumption", "output_value", ("a digit too many", "a digit too few", "万元 for 元", "元 for 万元")),
    ("industry_resumption", "resumed", ("是 for 否",)),
    ("service_resumption", "on_post", ("a digit too many", "a digit too few")),
    ("service_resumption", "revenue", ("a digit too many", "a digit too few", "万元 for 元")),
    ("site_resumption", "on_site", ("a digit too many", "a digit too few")),
    ("power_daily", "kwh_day", ("a digit too many", "a digit too few")),
    ("supply_line", "output", ("a digit too many", "a digit too few")),
    ("award", "paid", ("a digit too many", "万元 for 元", "元 for 万元")),
    ("project", "total_investment", ("a digit too many", "万元 for 元")),
    ("project", "invested_total", ("a digit too many", "a digit too few")),
    ("water_bill", "quantity", ("a digit too many", "a digit too few")),
    ("water_bill", "relief_claimed", ("a digit too many", "no relief")),
    ("social_insurance_relief", "relief", ("a digit too many", "a digit too few")),
    ("social_insurance_relief", "wage_base", ("a digit too many", "a digit too few")),
)  # fmt: skip


def _mistype(dice: random.Random, parts: Sequence[Part]) -> Error:
    """Mistype a random cell of the last report of a random table."""
    while True:
        table, column, kinds = dice.choice(MISTYPED)
        at = max(n for n, part in enumerate(parts) if part["table"] == table)
        row = dice.randrange(len(parts[at]["rows"]))
        now = parts[at]["rows"][row][column]
        kind = dice.choice(kinds)
        value = (not now) if kind == "是 for 否" else 0 if kind == "no relief" else SLIPS[kind](now) if now else now
        if value != now:
            return Error(at, row, column, kind, value)
