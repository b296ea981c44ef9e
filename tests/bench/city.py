"""A day of a city: every report once, as CSV, of so many times the firms of the sample district; and days before it.

Firms, sites, meters and documents are the sample's own, multiplied. Reports that are not about firms (land, projects, deals, services, supplies) stay as large as
they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from fugong.contracts.load import load_contracts
from fugong.core.settings import Settings
from fugong.warehouse.connection import connect
from include.samples.fugong_samples.district import LAST_DAY, make_district
from include.samples.fugong_samples.files import csv_bytes
from include.samples.fugong_samples.layout import form
from include.samples.fugong_samples.money import Money
from include.samples.fugong_samples.projects import Services
from include.samples.fugong_samples.reports import Reports, Row
from tests.bench import history
from tests.bench.installation import Installation

FIRMS_OF_SAMPLE = 220
"""Above-scale firms of the sample district; it has 96 small ones besides."""
DAY = LAST_DAY
AS_OF = ("--as-of", DAY.isoformat())
PREMIUMS = "social_insurance_relief"


def write_day(into: Path, firms: int, day: date = DAY) -> list[Path]:
    """Write the files of a day, `into/<department>/<name>.csv`, of about so many above-scale firms."""
    reports = Reports(make_district(1, max(1, round(firms / FIRMS_OF_SAMPLE))))
    written: list[Path] = []
    for department, report, table, rows in _tables(reports, day):
        file = into / department / f"{day:%Y%m%d}_{report}_{department}_{table.replace(' ', '_')}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(csv_bytes(form(table, rows, day, unit_in_header=True), encoding="utf-8"))
        written.append(file)
    return written


def _tables(reports: Reports, day: date) -> Iterator[tuple[str, str, str, Sequence[Row]]]:
    """Department, report, layout and rows of every table."""
    money, services = Money(reports), Services(reports.district)
    yield "TJJ", "R00", "R00", reports.register(day, "TJJ")
    yield "SCJ", "R00", "R00", reports.register(day, "SCJ")
    yield "GXJ", "R01", "R01", reports.industry(day)
    yield "SWJ", "R02", "R02", reports.services(day)
    yield "ZJJ", "R03", "R03", reports.sites(day)
    yield "TAX", "R04", "R04", reports.tax(day)
    yield "RSJ", "R05", "R05", reports.social_insurance(day)
    yield "RSJ", "R06", "R06", reports.stabilisation(day)
    yield "RSJ", "R07", "R07 issues", money.issues(day)
    yield "RSJ", "R07", "R07 posts", money.posts(day)
    yield "GSGS", "R08", "R08", reports.water(day)
    yield "RQGS", "R09", "R09", money.gas(day)
    yield "GDGS", "R10", "R10", reports.power_daily(day)
    yield "GDGS", "R10", "R10 bills", reports.power_bills(day)
    yield "ZRZY", "R11", "R11 plan", reports.land_plan()
    yield "ZRZY", "R11", "R11 parcels", reports.land_parcels(day)
    yield "ZRZY", "R11", "R11 milestones", reports.land_milestones()
    yield "JRB", "R12", "R12", reports.loans(day)
    yield "CZJ", "R13", "R13", money.awards(day)
    yield "GZB", "R14", "R14", money.leases("GZB", day)
    yield "FGW", "R15", "R15 projects", services.project_rows(day)
    yield "ZWJ", "R15", "R15 approvals", services.approval_rows(day)
    yield "SWJ", "R16", "R16", services.deal_rows(day)
    yield "DCS", "R17", "R17 visits", services.visits.get(("DCS", day), [])
    yield "DCS", "R17", "R17 problems", services.problem_rows("DCS", day)
    yield "DCS", "R17", "R17 events", services.events.get(("DCS", day), [])
    yield "GXJ", "R18", "R18 lots", money.lots(day)
    yield "GXJ", "R18", "R18 lines", money.lines(day)


def drop(place: Installation, files: Iterable[Path]) -> None:
    """Put the files of a day into the inbox; they have settled."""
    for file in files:
        place.drop(file.parent.name, file.name, file)


def days_before(settings: Settings, days: int, day: date = DAY) -> int:
    """Give reports to so many days before a day: a part a day to snapshots and flows, one for the first of them to ledgers.

    Premiums come in three files in seven weeks, as in the sample. Returns the rows written.
    """
    first = date.fromordinal(day.toordinal() - days + 1)
    n_rows = 0
    with connect(settings) as connection:
        for table in load_contracts(settings.include / "contracts").tables.values():
            if table.mode == "ledger":
                spans = [(1, first)]
            elif table.name == PREMIUMS:
                spans = [(1, first), (1, date.fromordinal((first.toordinal() + day.toordinal()) // 2))]
            else:
                spans = [(days, day)]
            n_rows += sum(history.grow(connection, table, n_days, before) for n_days, before in spans)
        connection.execute("UPDATE intake.settle_clock SET settled_serial = settled_serial + 1")
    with connect(settings, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return n_rows
