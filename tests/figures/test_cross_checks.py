"""Every check between reports finds the fault that is seeded for it, and finds nothing on a sound district."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fugong.contracts.load import load_contracts
from fugong.core.errors import NotFoundError
from fugong.core.settings import PROJECT, Settings
from fugong.figures import cross_checks
from fugong.figures.definition import load_definitions
from fugong.marts import build
from fugong.marts.sql_files import load_sql_files
from fugong.operations import contradiction_notes
from fugong.storage.modes import make_folders
from tests.fixtures.databases import copy_database
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle
from tests.marts.test_sentences import give

Row = dict[str, Any]
Parts = dict[tuple[str, str], dict[str, Any]]
AS_OF = date(2020, 3, 18)
KNOWN_AT = datetime(2020, 4, 1, tzinfo=SHANGHAI)
WEEK = [f"2020-03-{day}" for day in range(10, 19)]
PLANT, MILL, SHOP, OFFICE, SMALL = (f"91410106Y0000000{number}X" for number in range(1, 6))
CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
SENDERS = {table.name: contract.senders[0] for contract in CONTRACTS for table in contract.tables}
FILES = load_sql_files(PROJECT / "include" / "sql")
PROCEDURES = ("FILING", "LAND", "PLAN_LAND", "PLAN_PROJ", "EIA", "PERMIT")
BILL = {"read_from": "2020-02-10", "read_to": "2020-03-10", "cut_off": False, "arrears": 0}


def firm(uscc: str, scale: str, **more: Any) -> Row:
    row = {"uscc": uscc, "scale_code": scale, "scale_from": "2019-01-01", "size_class": "M", "industry_code": "3311"}
    return row | {"baseline_headcount": 100, "baseline_daily_kwh": 1000, "high_energy_flag": False} | more


def answer(uscc: str, **more: Any) -> Row:
    return {"uscc": uscc, "name": "甲", "should_resume": True, "resumed": True, "on_post": 90} | more


def sound() -> Parts:
    """A district in which no report contradicts another: table and report date → part."""
    parts: Parts = {}

    def part(table: str, day: str, *rows: Row, **more: Any) -> None:
        parts[table, day] = {"table": table, "date": day, "department": SENDERS[table], "rows": list(rows)} | more

    firms = (firm(PLANT, "B"), firm(MILL, "B"), firm(SHOP, "E"), firm(OFFICE, "F"), firm(SMALL, "U", key_supply_level="市"))
    part("enterprise", "2020-03-02", *firms)
    for number, day in enumerate(WEEK):
        part("industry_resumption", day, *(answer(uscc, output_value=50000 + number * 100) for uscc in (PLANT, MILL)))
        part("service_resumption", day, *(answer(uscc, revenue=8000 + number * 10) for uscc in (SHOP, OFFICE)))
        site = {"site_id": "G1", "site_name": "一期", "project_code": "P1", "should_resume": True, "resumed": True, "on_site": 40}
        part("site_resumption", day, site)
        meters = ({"account_no": f"E{uscc[16]}", "uscc": uscc, "kwh_day": 900 + number} for uscc in (PLANT, MILL))
        part("power_daily", day, *meters)
        line = {
            "line_id": "L1",
            "uscc": SMALL,
            "item": "口罩",
            "daily_capacity": 1000,
            "output": 1100,
            "start_date": "2020-02-20",
        }
        part("supply_line", day, line)
    insured = {"premium_month": "2020-02", "insurance": "PEN", "insured": 100, "relief": 1600, "size_class": "M"}
    part("social_insurance_relief", "2020-03-10", *(insured | {"uscc": uscc} for uscc in (PLANT, SHOP)))
    document = {"doc_id": "T1", "uscc": PLANT, "levy_item": "养老", "relief_kind": "EXEMPT", "amt_relief": 1600}
    part("tax_relief", "2020-03-11", document | {"period_from": "2020-02-01", "post_date": "2020-03-11"})
    for day, paid in (("2020-03-09", 4000), ("2020-03-16", 5000)):
        part("stabilisation_refund", day, {"application_id": "A1", "uscc": PLANT, "paid": paid, "paid_date": "2020-03-05"})
        award = {"payment_id": "B1", "uscc": SMALL, "item": "防疫物资", "paid": 8000, "paid_date": "2020-03-06"}
        part("award", day, award)
        project = {"project_code": "P1", "project_name": "一号", "level": "省市", "phase": "新开工", "is_prov_city": True}
        part("project", day, project | {"status": "已开工", "total_investment": 200_000_000, "invested_total": 5_000_000 + paid})
        done = {"project_code": "P1", "is_required": True, "status": "已办结"}
        part("approval_item", day, *(done | {"procedure": procedure} for procedure in PROCEDURES))
    water = {"account_no": "W1", "bill_no": "W1", "uscc": PLANT, "user_class": "工商业", "quantity": 1000}
    part("water_bill", "2020-03-10", BILL | water | {"price_before": 4.1, "price_after": 4, "relief_claimed": 100})
    part("gas_bill", "2020-03-10", BILL | {"account_no": "Q1", "bill_no": "Q1", "uscc": PLANT, "user_class": "非居民"})
    power = {"account_no": "E1", "bill_no": "E1", "uscc": PLANT, "user_class": "大工业", "relief_claimed": 50}
    part("power_bill", "2020-03-10", BILL | power | {"industry_code": "3311", "high_energy_flag": False})
    part(
        "loan",
        "2020-03-12",
        {"loan_id": "D1", "uscc": MILL, "nature": "新增", "disbursed_date": "2020-03-12", "disbursed": 1_000_000},
    )
    parcel = {"parcel_no": "Z1", "supply_mode": "挂牌", "floor_price": 1_000_000, "deposit": 200_000, "deposit_ratio": 0.2}
    part("land_parcel", "2020-03-16", parcel)
    lease = {
        "lease_id": "R1",
        "lessor_type": "区属国企",
        "lessor_uscc": OFFICE,
        "tenant_uscc": SHOP,
        "relief_claimed": 7000,
        "tenant_kind": "中小微",
    }
    part("rent_relief", "2020-03-16", lease | {"free_months": "2020-02;2020-03", "half_months": "2020-04;2020-05;2020-06"})
    deal = {"deal_id": "S1", "kind": "正式合同", "total_investment": 200_000_000, "amount_scope": "OWN", "project_code": "P1"}
    part("investment_deal", "2020-03-16", deal)
    problems = (
        {"problem_id": "N1", "resolution": "现场解决", "status": "现场解决"},
        {"problem_id": "N2", "resolution": "交办", "status": "已办结", "closed_date": "2020-03-10"},
        {"problem_id": "N3", "resolution": "交办", "status": "办理中", "owner_dept": "GXJ", "due_date": "2020-03-31"},
    )
    part("problem", "2020-03-16", *(row | {"raised_date": "2020-03-04"} for row in problems))
    events = (("V1", "2020-03-11", False), ("V2", "2020-03-12", False), ("V3", "2020-03-12", True))
    inspections = ({"event_id": one, "event_date": day, "is_exempt_inspection": is_exempt} for one, day, is_exempt in events)
    part("service_event", "2020-03-12", *(row | {"kind": "涉企检查", "uscc": PLANT} for row in inspections))
    return parts


def told(code: str) -> Row:
    return {"code": code, "severity": "warning"}


# What is changed for each check: table, day (of None every day), number of the row (None: a new one), cells; then the key that is found.
FAULTS: dict[str, tuple[list[tuple[str, str | None, int | None, Row]], str]] = {
    "X01": ([("enterprise", None, 1, {"scale_to": "2020-03-15"})], f"industry_resumption {MILL}"),
    "X02": ([("industry_resumption", None, 1, {})], "industry_resumption"),
    "X03": ([("power_daily", day, 0, {"kwh_day": 250}) for day in WEEK[-3:]], PLANT),
    "X04": ([("social_insurance_relief", None, 1, {"insured": 59})], SHOP),
    "X05": ([("project", None, 0, {"status": "未开工"})], "G1"),
    "X06": ([("approval_item", None, 5, {"status": "容缺受理"})], "P1"),
    "X07": ([("tax_relief", None, 0, {"amt_relief": 1500})], f"{PLANT} PEN"),
    "X08": ([("award", None, None, {"payment_id": "B2", "uscc": PLANT, "item": "其他", "paid": 5000, "paid_date": "2020-03-05"})], "B2"),
    "X09": ([("award", None, 0, {"uscc": SHOP})], "B1"),
    "X10": ([("loan", None, 0, {"uscc": FIRMS[6]})], "D1"),
    "X11": ([("water_bill", None, 0, {"relief_claimed": 100.02})], "W1 W1"),
    "X12": ([("enterprise", None, 0, {"high_energy_flag": True}), ("power_bill", None, 0, {"high_energy_flag": True})], "E1 E1"),
    "X13": ([("gas_bill", None, 0, {"cut_off": True, "arrears": 300})], "gas Q1 Q1"),
    "X14": ([("enterprise", None, 2, {"size_class": "L"}), ("rent_relief", None, 0, {"tenant_kind": "其他"}),
             ("social_insurance_relief", None, 1, {"size_class": "L"})], "R1"),
    "X15": ([("land_parcel", None, 0, {"deposit": 190_000})], "Z1"),
    "X16": ([("project", None, 0, {"level": "区"})], "P1 级别与列入省市重点不符"),
    "X17": ([("problem", None, 2, {"due_date": None})], "N3"),
    "X18": ([("service_event", None, 0, {"event_date": "2020-03-12"})], "V1"),
    "X19": ([("supply_line", "2020-03-18", 0, {"output": 1201})], "L1"),
    "X20": ([("investment_deal", None, 0, {"total_investment": 150_000_000})], "S1"),
    "X21": ([("stabilisation_refund", "2020-03-16", 0, {"paid": 3000})], "stabilisation_refund A1"),
    "X22": ([("service_resumption", "2020-03-18", 0, {"revenue": 80_700_000 + 0}), ("service_resumption", "2020-03-17", 0, {"revenue": 8070})],
            f"service_resumption 当日营业收入 {SHOP}"),
    "X23": ([("site_resumption", "2020-03-18", None, told("stale-copy"))], ""),
    "X24": ([("problem", None, None, told("control-total"))], ""),
    "X25": ([("social_insurance_relief", None, 1, {"size_class": "W"})], f"social_insurance_relief {SHOP} W"),
}  # fmt: skip


@pytest.fixture(scope="module")
def own_empty(empty_warehouse: tuple[Path, str]) -> str:
    """An empty warehouse of this module's own: what is rolled back uses up numbers that other tests count from 1."""
    home, template = empty_warehouse
    copy_database(home, "empty", "empty_checks")
    return template.rpartition("/")[0] + "/empty_checks"


@pytest.fixture
def empty(own_empty: str) -> Iterator[psycopg.Connection[Any]]:
    """An empty warehouse, in a transaction that comes to nothing."""
    with psycopg.connect(own_empty) as connection, connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL TIME ZONE 'Asia/Shanghai'")
        yield connection


def found(connection: psycopg.Connection[Any], parts: Parts) -> list[cross_checks.Contradiction]:
    give(connection, CONTRACTS, {"parts": list(parts.values())})
    return cross_checks.contradictions(connection, PROJECT / "include", AS_OF, KNOWN_AT)


def spoilt(check: str) -> Parts:
    parts = copy.deepcopy(sound())
    for table, day, number, cells in FAULTS[check][0]:
        for (name, when), part in parts.items():
            if name == table and day in (None, when):
                if "code" in cells:
                    part["findings"] = [cells]
                elif number is None:
                    part["rows"].append(cells)
                elif cells:
                    part["rows"][number].update(cells)
                else:
                    del part["rows"][number]
    return parts


def test_there_is_a_fault_for_every_check() -> None:
    assert FAULTS.keys() == {check.id for check in FILES.checks}
    assert FAULTS.keys() >= {f"X{number:02}" for number in range(1, 26)}


def test_the_sound_district_has_every_report_that_a_check_reads() -> None:
    read = {relation.partition(".")[2] for check in FILES.checks for relation in FILES.read_by(check)}
    assert {table for table, _ in sound()} == read & SENDERS.keys()


def test_every_check_says_which_values_are_its_senders_own() -> None:
    assert {check.id for check in FILES.checks if not check.said} == set()
    assert {check.id for check in FILES.checks if set(check.said) & set(check.tells)} == set()


def test_a_sender_reads_its_own_values_and_not_what_another_department_said(empty: psycopg.Connection[Any]) -> None:
    [one] = found(empty, spoilt("X03"))
    assert (one.department_code, "当日用电量(千瓦时)" in one.text("zh")) == ("GXJ", True)
    told = one.text_for_sender("zh")
    assert "已复工 是" in told
    assert one.key in told
    assert "千瓦时" not in told
    assert "千瓦时" not in one.question.value


def test_checks_touch_figures_that_there_are() -> None:
    touched = {one for check in FILES.checks for one in check.touches}
    assert touched - load_definitions(PROJECT / "include").keys() == {"report"}


def test_a_sound_district_contradicts_nothing(empty: psycopg.Connection[Any]) -> None:
    assert [(one.check.id, one.key, one.details) for one in found(empty, sound())] == []


@pytest.mark.parametrize("check", sorted(FAULTS))
def test_a_check_finds_its_fault_and_no_other_does(empty: psycopg.Connection[Any], check: str) -> None:
    rows = found(empty, spoilt(check))
    assert {one.check.id for one in rows} == {check}
    key = FAULTS[check][1]
    one = next(one for one in rows if not key or one.key == key)
    assert one.first_day <= one.last_day <= AS_OF
    assert one.department_code in SENDERS.values()
    assert one.file_name == "given"
    assert one.text("zh") and one.text("en")


def test_a_refund_for_key_suppliers_is_held_against_the_list(empty: psycopg.Connection[Any]) -> None:
    empty.execute("INSERT INTO ref.levy_policy (relief_code, policy_id, recorded_at) VALUES ('0001129999', 'P11', '2020-03-01')")
    parts = sound()
    refund = {
        "relief_code": "0001129999",
        "levy_item": "增值税",
        "relief_kind": "REFUND",
        "base_amount": 0,
        "amt_relief": 0,
        "amt_refund": 700,
    }
    for part in (part for (name, _), part in parts.items() if name == "tax_relief"):
        part["rows"] += [
            dict(part["rows"][0], **refund, doc_id=f"N{number}", uscc=firm) for number, firm in enumerate((MILL, PLANT))
        ]
    for part in (part for (name, _), part in parts.items() if name == "enterprise"):
        for row in part["rows"]:
            row["key_supply_level"] = "省" if row["uscc"] == PLANT else "市"
    rows = [one for one in found(empty, parts) if one.check.id == "X25"]
    assert [(one.key, one.details["class_registered"], one.details["claimed"]) for one in rows] == [
        (f"tax_relief {MILL} 国家;省", "市", 700)
    ]


# On the mini district: what is kept, and who is told


def kept(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    query = "SELECT row_number, first_day, last_day, n_days, department_code, details FROM mart.check_result ORDER BY part_id, row_number"
    return connection.execute(query).fetchall()


def test_what_a_check_found_is_kept_with_its_first_and_last_day(connection: psycopg.Connection[Any], mini: Mini) -> None:
    built = build.build(connection, mini.include)
    # The list of the 16th is carried to the 17th; on the 18th one firm is left.
    assert built.checks == {"T9": 11}
    assert kept(connection) == [
        *(
            (line, date(2020, 3, 16), date(2020, 3, 17), 2, "GXJ", {"township": town})
            for line, town in enumerate("AAABC", start=4)
        ),
        (6, AS_OF, AS_OF, 1, "GXJ", {"township": "A"}),
    ]
    before = kept(connection)
    build.build(connection, mini.include, days=[date(2020, 3, 17), AS_OF])
    assert kept(connection) == before
    settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-21T09:00:00")
    assert build.build(connection, mini.include).checks == {"T9": 0}
    assert kept(connection) == before[:5]


def test_a_past_moment_is_found_by_the_same_select(connection: psycopg.Connection[Any], mini: Mini) -> None:
    build.build(connection, mini.include)

    def lines(known_at: datetime | None) -> list[int | None]:
        return [one.row_number for one in cross_checks.contradictions(connection, mini.include, AS_OF, known_at)]

    assert lines(None) == lines(datetime(2020, 3, 20, 9, tzinfo=SHANGHAI)) == [6]
    assert lines(datetime(2020, 3, 19, 12, tzinfo=SHANGHAI)) == [6, 8]
    connection.execute("UPDATE mart.check_row SET row_number = 99")  # what is kept is read where it is up to date
    assert lines(None) == [99]
    settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", False)], "2020-03-21T09:00:00")
    assert lines(None) == [4]
    with pytest.raises(NotFoundError, match=r"no check 'T8'\. There is: T9"):
        cross_checks.contradictions(connection, mini.include, AS_OF, ids=["T8"])


def test_the_sender_is_told_until_nothing_contradicts(connection: psycopg.Connection[Any], mini: Mini, tmp_path: Path) -> None:
    settings = Settings(tmp_path, mini.settings.district, mini.url)
    make_folders(settings, ["GXJ"])
    note = tmp_path / "outbox" / "GXJ" / contradiction_notes.NOTE
    build.build(connection, mini.include)
    contradiction_notes.write_notes(connection, settings)
    text = note.read_text(encoding="utf-8-sig")
    assert "T9 有 1 家没有复工:\n  work0318.xlsx 表 第 6 行(2020-03-18):镇办 A\n" in text
    written = note.stat().st_mtime_ns
    contradiction_notes.write_notes(connection, settings)
    assert note.stat().st_mtime_ns == written
    settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-21T09:00:00")
    build.build(connection, mini.include)
    contradiction_notes.write_notes(connection, settings)
    assert not note.exists()
