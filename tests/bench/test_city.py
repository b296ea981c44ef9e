"""The day of a city: every report once, its rows growing with the firms; and slopes of costs."""

from __future__ import annotations

import csv
from pathlib import Path

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from tests.bench.city import write_day
from tests.bench.curve import STEPS, Point, slope, table
from tests.bench.measure import Cost


def codes(folder: Path, file: str) -> list[str]:
    """The credit codes of a file."""
    [path] = folder.rglob(file)
    return [row[2] for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if row[0].isdigit()]


def test_a_day_has_every_report_once_and_twice_the_firms_have_twice_the_rows(tmp_path: Path) -> None:
    one, two = (write_day(tmp_path / str(firms), firms) for firms in (220, 440))
    assert len(one) == len({file.name for file in one}) == len(two)
    reports = {contract.report for contract in load_contracts(PROJECT / "include" / "contracts")}
    assert {file.name.split("_")[1] for file in one} == reports
    alone, both = (codes(tmp_path / firms, "*_R01_GXJ_R01.csv") for firms in ("220", "440"))
    assert (len(set(alone)), len(set(both))) == (118, 236)


def test_a_slope_of_one_is_linear() -> None:
    small, large = (
        Point(firms, 28, 10 * firms, {step: Cost(0.0, firms / 100, 0.0) for step in STEPS}, 0.5) for firms in (200, 2_000)
    )
    assert slope(small, large, "marts") == 1
    assert "| 200 → 2,000 | | | 1.00 |" in table([small, large], "en")
