"""Every fault that the sample district plants is named, and nothing else is: the tables of its README against the warehouse.

What names a fault is a finding, the state of a file, a row of a check or a reconciliation status. These are counted over the whole
district, so a fault that loses its name and a name without a fault both fail. What has none of them is asked for by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI, each_day
from fugong.intake.obligations import missing
from fugong.marts.asof import session_at
from fugong.warehouse.connection import connect

README = PROJECT / "include" / "samples" / "README.md"

# The two columns of the README that tell a row apart → what names the fault, and how often.
NAMED: dict[tuple[str, str], dict[str, int]] = {
    ("3 Feb", "a notice"): {"finding unknown-report FGW": 1, "state rejected FGW": 1},
    ("11 Feb", "many firms start on one day"): {"check X22": 1},
    ("11 Feb – 18 Mar", "the tax bureau lists relief of premiums that differs from the insurance bureau's"): {"check X07": 38},
    ("12 Feb", "a check digit"): {"finding uscc-check-digit GXJ": 1, "state partly_accepted GXJ": 1},
    ("14 Feb", "one amount lacks its last digit"): {"state superseded JRB": 1, "finding mark-not-taken JRB": 1},
    ("19 Feb", "约90 and — as numbers"): {
        "finding approximate-number GXJ": 1,
        "finding no-value GXJ": 1,
        "state partly_accepted GXJ": 1,
    },
    ("20 Feb", "a code in lower case with a blank"): {"finding uscc-repaired SWJ": 1},
    ("21 Feb", "9.14101E+17 as a code"): {"finding uscc-scientific ZJJ": 1, "state partly_accepted ZJJ": 1},
    ("26 Feb", "full-width digits; lower case"): {
        "finding number-repaired GXJ": 1,
        "finding uscc-repaired GXJ": 1,
        "finding control-total GXJ": 1,
        "check X24": 1,
    },
    ("29 Feb", "a firm leaves the register"): {"check X02": 1},
    ("25 Feb – 1 Mar", "a firm reported as running draws 6 % of its electricity"): {"check X03": 1},
    ("28 Feb – 17 Mar", "firms resume with fewer than half of the people they insure"): {"check X04": 27},
    ("3 Mar", "in the neighbour's folder"): {"finding wrong-department GXJ": 1, "state rejected GXJ": 1},
    ("4 Mar", "one firm twice"): {"finding duplicate-key SWJ": 2, "state partly_accepted SWJ": 1},
    ("5 Mar", "three lines wrong"): {"state superseded GXJ": 1, "finding mark-not-taken GXJ": 1},
    ("6 Mar", "the same bytes on the 9th"): {"state duplicate JRB": 1},
    ("10 Mar", "a code in scientific notation"): {
        "finding uscc-scientific JRB": 1,
        "state superseded JRB": 1,
        "finding mark-not-taken JRB": 1,
    },
    ("10 Mar", "amounts as text, 79,800.00"): {
        "finding number-repaired SWJ": 12,
        "finding control-total SWJ": 1,
        "check X24": 1,
    },
    ("11 Mar", "one amount × 10,000"): {
        "finding implausible-size TAX": 1,
        "state superseded TAX": 1,
        "finding mark-not-taken TAX": 1,
    },
    ("12 Mar", "three firms that are back reported as not"): {"state superseded SWJ": 1, "finding mark-not-taken SWJ": 1},
    ("12 Mar", "约3500 as a volume"): {"finding approximate-number GSGS": 1},
    ("25 Feb – 18 Mar", "bills without a code"): {
        "finding uscc-from-account GSGS": 4,
        "finding uscc-from-account GDGS": 3,
        "finding uscc-from-account RQGS": 2,
        "finding uscc-unknown GSGS": 7,
    },
    (
        "17–28 Feb",
        "a new start whose site is in scope from 1 February; its ledger says 未开工 until the 28th, although it began on the 24th",
    ): {"check X05": 1},
    ("20–24 Feb", "two open problems without post, day or department"): {"check X17": 2},
    ("25 Feb", "one firm inspected twice"): {"check X18": 2},
    ("26 Feb", "a listed project with level 区"): {"check X16": 1},
    ("2 Mar", "a contract with 0.05 亿元 more than the key project it became"): {"check X20": 1},
    ("3–4 Mar", "a new start begins on the 3rd, its construction permit comes on the 5th"): {"check X06": 1},
    ("7–8 Mar", "the exemption of a site ends on the 6th, its project begins on the 9th"): {"check X05": 1},
    ("10 Mar", "a total investment × 10"): {"state superseded FGW": 1, "finding mark-not-taken FGW": 1},
    ("24 Feb – 9 Mar", "an award for epidemic supplies in the name of a firm on no list; put right on the 16th"): {
        "check X09": 1
    },
    ("2 Mar", "a stabilisation refund among the awards; gone on the 9th"): {"check X08": 1, "check X21": 1},
    ("2–18 Mar", "a firm in arrears is cut off until its next bill"): {"check X13": 1},
    ("9, 16 Mar", "a large firm listed as a small one"): {"check X14": 1, "check X25": 1, "status P23 ELIGIBILITY": 2},
    ("9, 16 Mar", "two leases that name no month; a tenant with its old number only"): {
        "check X25": 1,
        "status P23 BASE_UNKNOWN": 2,
    },
    ("16 Mar", "125,000 masks from a line of 100,000"): {"check X19": 1},
    ("R05", "two large firms listed as small ones"): {"status P02 ELIGIBILITY": 4, "check X25": 2},
    ("R05", "two firms got nothing"): {"status P01 UNCLAIMED": 3},
    ("R05", "37 small firms without a line for February"): {"status P01 UNCLAIMED": 37},
    ("R06", "one firm laid off too many"): {"status P07 ELIGIBILITY": 1},
    ("R06", "one firm was paid in part"): {"status P07 UNRECONCILED": 1},
    ("R06", "one payment is typed in 万元"): {"status P07 UNIT": 1},
    ("R08", "six firms got nothing"): {"status P21 UNCLAIMED": 6, "check X11": 6},
    ("R08", "two firms were relieved for January's days, too"): {"status P21 UNRECONCILED": 2, "check X11": 2},
    ("R08", "one firm got February's relief with March's bill"): {"status P21 TIMING": 2, "check X11": 2},
    ("R08", "two car washes claim"): {"status P21 ELIGIBILITY": 2, "check X11": 2},
    ("R09", "three firms got nothing"): {"status P20 UNCLAIMED": 3},
    ("R09", "one firm was relieved for all of February"): {"status P20 UNRECONCILED": 1},
    ("R09", "one firm got February's relief with March's bill"): {"status P20 TIMING": 2},
    ("R09", "one user claims for heating"): {"status P20 ELIGIBILITY": 1},
    ("R10", "two high-energy firms claim"): {"status P17 ELIGIBILITY": 3, "check X12": 3},
    ("R10", "four eligible firms got nothing"): {"status P17 UNCLAIMED": 5},
    ("R14", "three agreements without relief yet"): {"status P23 UNCLAIMED": 6},
    ("R14", "one tenant is of another kind"): {"status P23 ELIGIBILITY": 2, "check X25": 1},
    ("R14", "one claim is a fifth too high"): {"status P23 UNRECONCILED": 2},
    ("R14", "one claim is typed in 万元"): {"status P23 UNIT": 2},
}

# What none of these names: a day by its mart, with what stands there.
TOLD: dict[tuple[str, str], tuple[str, Any]] = {
    ("10 Feb", "a header without rows"): (
        """
        SELECT COUNT(*) FROM mart.reporting_compliance
        WHERE as_of = '2020-02-10' AND report IN ('loan', 'tax_relief') AND is_received AND n_rows = 0
        """,
        2,
    ),
    ("16 Feb", "never sent"): (
        "SELECT is_received FROM mart.reporting_compliance WHERE as_of = '2020-02-16' AND report = 'service_resumption' AND is_expected",
        False,
    ),
    ("24–26 Feb", "arrive on the 27th"): (
        """
        SELECT COUNT(*) FROM mart.reporting_compliance
        WHERE as_of BETWEEN '2020-02-24' AND '2020-02-26' AND report = 'service_resumption' AND lateness_minutes > 600
        """,
        3,
    ),
    ("25 Feb", "arrives on the 28th"): (
        """
        SELECT lateness_minutes BETWEEN 2 * 24 * 60 AND 3 * 24 * 60 FROM mart.reporting_compliance
        WHERE as_of = '2020-02-25' AND report = 'tax_relief'
        """,
        True,
    ),
    ("7 Mar", "arrives on Monday the 9th"): (
        "SELECT lateness_minutes > 22 * 60 FROM mart.reporting_compliance WHERE as_of = '2020-03-07' AND report = 'site_resumption'",
        True,
    ),
    ("2–6 Mar", "a firm stops again for want of raw material"): (
        "SELECT SUM(n_relapses) FROM mart.resumption_daily WHERE as_of = '2020-03-02' AND scope = 'industry' AND dimension = 'total'",
        1,
    ),
    ("4 Mar", "two documents of 3 March once more"): (
        "SELECT rows_not_data FROM intake.submission WHERE file_name = '20200304_R04_TAX_V1.xlsx'",
        5,  # the two, the total, a note and the signatures
    ),
    ("5 Mar", "three firms that SWJ lists, too"): ("SELECT COUNT(*) FROM fact.resumption_report WHERE NOT is_counted", 3),
    ("5 Mar", "红冲 of a February document"): ("SELECT COUNT(*) FROM report.tax_relief WHERE reverses_id <> ''", 1),
    ("6 Mar", "exemptions end"): (
        "SELECT expired_exempt FROM mart.denominator_bridge WHERE as_of = '2020-03-07' AND scope = 'site'",
        3,
    ),
    ("24–28 Feb", "one joint approval meeting instead of two"): (
        "SELECT SUM(n_meetings) FROM mart.service_compliance WHERE week = '2020-02-24' AND kind = '联审联批会'",
        1,
    ),
    ("2–6 Mar", "post XCJ-07 is in the field on one day only"): (
        "SELECT COUNT(DISTINCT event_date) FROM report.service_event WHERE event_date BETWEEN '2020-03-02' AND '2020-03-06' AND post_code = 'XCJ-07'",
        1,
    ),
    ("6 Mar", "a second inspection on the same day, after a complaint"): (
        """
        SELECT SUM(n_inspections) - 2 + SUM(n_excess_inspections) FROM mart.service_compliance
        WHERE business_date = '2020-03-06' AND unit = 'Z04'
        """,
        0,
    ),
    ("11 Mar", "arrives the next morning"): (
        """
        SELECT COUNT(*) FROM mart.reporting_compliance
        WHERE as_of = '2020-03-11' AND report = 'service_ledger' AND department_code = 'Z05' AND lateness_minutes > 600
        """,
        1,
    ),
    ("12 Mar", "a problem closed, open again on the 13th"): (
        "SELECT SUM(n_reopened) FROM mart.problem_closure WHERE as_of = '2020-03-13' AND dimension = 'total'",
        1,
    ),
    ("9, 16 Mar", "two leases that name no month; a tenant with its old number only"): (
        "SELECT SUM(n_undetermined) FROM mart.rent_relief_daily WHERE as_of = '2020-03-18'",
        3,
    ),
    ("16 Mar", "never sent"): (
        """
        SELECT is_received FROM mart.reporting_compliance
        WHERE as_of = '2020-03-16' AND report = 'rent_relief' AND department_code = 'Z05' AND is_expected
        """,
        False,
    ),
}


def planted() -> list[tuple[str, str]]:
    """The rows of the README's two tables of faults, by what tells them apart."""
    text = README.read_text(encoding="utf-8").partition("## What goes wrong")[2]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row] for row in rows if row[0].strip() not in ("day", "report", "---")]
    return [(row[0], row[2] if len(row) == 4 else row[1]) for row in cells]


def span(fault: tuple[str, str]) -> tuple[date, date]:
    """The days on which a fault may be named: those of its row, the day after, and those that its text adds; all, for a claim."""
    first, last = date(2020, 1, 1), date(2020, 12, 31)
    parts = re.findall(r"(\d+)(?: (Feb|Mar))?", fault[0]) if not fault[0].startswith("R") else []
    if parts:
        named_months = [month for _, month in parts if month]
        months = [month or named_months[min(nth, len(named_months) - 1)] for nth, (_, month) in enumerate(parts)]
        days = [date(2020, 2 if month == "Feb" else 3, int(day)) for (day, _), month in zip(parts, months, strict=True)]
        days += [days[-1].replace(day=int(day)) for day in re.findall(r"the (\d+)(?:st|nd|rd|th)\b", fault[1])]
        first, last = min(days), max(days) + timedelta(days=1)
    return first, last


def named(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, date | None, date | None]]:
    """Every name that the warehouse gives to anything, as often as it does, with the first and the last day that it speaks of."""
    for statement in (
        """
        SELECT concat_ws(' ', 'finding', code, department_code), report_date, report_date
        FROM intake.finding INNER JOIN intake.submission USING (submission_id)
        """,
        "SELECT concat_ws(' ', 'state', state, department_code), report_date, report_date FROM intake.submission WHERE state <> 'accepted'",
        "SELECT concat_ws(' ', 'check', check_id), first_day, last_day FROM mart.check_result",
        """
        SELECT concat_ws(' ', 'status', policy_id, status), NULL::date, NULL::date FROM mart.fee_reduction
        WHERE status NOT IN ('MATCH', 'NOT_COMPUTABLE')
        """,
    ):
        yield from connection.execute(statement.encode())


def strangers(found: list[tuple[str, date | None, date | None]]) -> dict[str, list[str]]:
    """Names that no fault explains and faults without their names: by what is wrong.

    Args:
        found: what the warehouse names, with the days that it speaks of.
    """
    wanted: Counter[str] = Counter()
    for names in NAMED.values():
        wanted.update(names)
    counted = Counter(name for name, _, _ in found)
    wrong = {
        "how often": sorted(
            f"{name}: {counted[name]}, planted {wanted[name]}" for name in wanted | counted if counted[name] != wanted[name]
        )
    }
    days = {name: [span(fault) for fault, names in NAMED.items() if name in names] for name in wanted}
    wrong["on a day on which none is planted"] = sorted(
        f"{name} {first} to {last}"
        for name, first, last in found
        if first and last and not any(first <= end and last >= begin for begin, end in days.get(name, []))
    )
    wrong["planted and not named on its days"] = sorted(
        f"{name}: {fault[1]}"
        for fault, names in NAMED.items()
        for name, times in names.items()
        if times
        > sum(
            one == name and (first is None or last is None or (first <= span(fault)[1] and last >= span(fault)[0]))
            for one, first, last in found
        )
    )
    return {kind: texts for kind, texts in wrong.items() if texts}


def test_every_fault_of_the_readme_has_a_name_and_every_name_a_fault() -> None:
    rows = planted()
    assert len(rows) == len(set(rows)) == 72
    assert set(rows) == NAMED.keys() | TOLD.keys()


def test_what_is_named_is_what_is_planted(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        found = list(named(connection))
    assert len(found) > 200
    assert strangers(found) == {}
    # Another fault of the same kind on another day does not hide one that lost its name; nor does one more, or one fewer.
    lost = next(one for one in found if one[0] == "finding uscc-check-digit GXJ")
    others = [one for one in found if one is not lost]
    moved = (lost[0], date(2020, 3, 12), date(2020, 3, 12))
    assert set(strangers(others)) == {"how often", "planted and not named on its days"}
    assert set(strangers([*others, moved])) == {"on a day on which none is planted", "planted and not named on its days"}
    assert set(strangers([*found, ("check X99", date(2020, 3, 1), date(2020, 3, 1))])) == {
        "how often",
        "on a day on which none is planted",
    }


@pytest.mark.parametrize("fault", sorted(TOLD))
def test_what_has_no_name_stands_in_its_mart(sample_district: Settings, fault: tuple[str, str]) -> None:
    statement, wanted = TOLD[fault]
    with connect(sample_district) as connection, session_at(connection, [date(2020, 3, 5)]):
        assert connection.execute(statement.encode()).fetchall() == [(wanted,)]


def test_what_is_owed_comes_but_for_what_is_planted(sample_district: Settings) -> None:
    contracts = load_contracts(sample_district.include / "contracts")
    now = datetime(2020, 3, 19, 12, tzinfo=SHANGHAI)
    with connect(sample_district) as connection:
        found = {
            (one.department_code, one.report, one.report_date): one
            for day in each_day(date(2020, 2, 1), date(2020, 3, 18))
            for one in missing(connection, contracts, day, now)
            if one.due_at <= now
        }
    assert len(found) > 500
    assert {key for key, one in found.items() if one.received_at is None} == {
        ("SWJ", "service_resumption", date(2020, 2, 16)),
        ("Z05", "rent_relief", date(2020, 3, 16)),
    }
    assert {key for key, one in found.items() if one.received_at is not None and one.is_late} == {
        *(("SWJ", "service_resumption", date(2020, 2, day)) for day in (24, 25, 26)),
        ("TAX", "tax_relief", date(2020, 2, 25)),
        ("ZJJ", "site_resumption", date(2020, 3, 7)),
        ("Z05", "service_ledger", date(2020, 3, 11)),
    }
    # One stray report of the 5th makes no habit.
    assert {day for department, report, day in found if (department, report) == ("FGW", "service_resumption")} == {
        date(2020, 3, 5)
    }


def test_two_large_firms_claim_as_small_ones(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        rows = connection.execute(
            """
            SELECT COUNT(DISTINCT uscc), SUM(round(diff, 2)) FROM mart.fee_reduction
            WHERE status = 'ELIGIBILITY' AND class_stated = 'S' AND class_registered = 'L'
            """
        ).fetchall()
        small = connection.execute(
            "SELECT COUNT(DISTINCT uscc) FROM fact.firm_class WHERE size_class <> 'L' AND last_month >= '2020-02-01'"
        ).fetchall()
    assert rows == [(2, Decimal("2451468.52"))]
    assert small == [(313,)]
