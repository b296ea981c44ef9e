"""Beside what one department piles up, another's report has its receipt within 30 seconds, under a running Airflow.

Takes some minutes, so `make test` does not collect it. Alone: `.venv/bin/python -m pytest -s tests/end_to_end/measure_backlogs.py`.
"""

from __future__ import annotations

import time
from random import Random

from tests.end_to_end.conftest import RunningAirflow
from tests.fixtures.backlogs import busy_workbook, note
from tests.fixtures.inbox import TAX_HEADER, as_csv, tax_row

RECEIPT_SECONDS = 30.0
N_REPORTS = 5


def receipts_meanwhile(airflow: RunningAirflow, month: int) -> list[float]:
    """Drop reports of TAX at random moments; the seconds to each receipt."""
    random, waited = Random(month), list[float]()
    for number in range(1, N_REPORTS + 1):
        time.sleep(random.uniform(2, 20))
        day = f"2020-{month:02d}-{number:02d}"
        name = f"R04 {day}.csv"
        closed = airflow.drop("TAX", name, as_csv(TAX_HEADER, [tax_row(one, day=day) for one in range(1, 21)]))
        airflow.receipt("TAX", name, within=4 * RECEIPT_SECONDS)
        waited.append(round(time.monotonic() - closed, 1))
        print("receipt after", waited[-1], flush=True)
    return waited


def test_fifty_files_of_40_seconds_hold_up_nobody_else(airflow: RunningAirflow) -> None:
    airflow.tool("down")
    airflow.environment["FUGONG_LIMIT_SECONDS"] = "40"
    print(airflow.up())
    busy = busy_workbook()
    for number in range(50):
        airflow.drop("GXJ", f"busy{number:02d}.xlsx", busy)
    waited = receipts_meanwhile(airflow, 3)
    [(answered, slowest)] = airflow.rows(
        "SELECT COUNT(replied_at), EXTRACT(epoch FROM MAX(settled_at) - MIN(settled_at)) FROM intake.submission WHERE department_code = 'GXJ'"
    )
    print(f"seconds to the receipts of TAX: {waited}; {answered} busy files answered, within {slowest} s")
    assert max(waited) <= RECEIPT_SECONDS
    assert answered > 0


def test_20_000_files_hold_up_nobody_else_and_none_is_lost(airflow: RunningAirflow) -> None:
    inbox = airflow.home / "inbox" / "RSJ"
    for number in range(20_000):
        (inbox / f"n{number:05d}.csv").write_bytes(note(number))
    waited = receipts_meanwhile(airflow, 2)
    [(recorded, answered)] = airflow.rows(
        "SELECT COUNT(*), COUNT(replied_at) FROM intake.submission WHERE department_code = 'RSJ'"
    )
    print(f"seconds to the receipts of TAX: {waited}; {recorded} of 20,000 recorded, {answered} answered")
    assert max(waited) <= RECEIPT_SECONDS
    assert answered > 0
    airflow.tool("down")
    [(recorded,)] = airflow.rows("SELECT COUNT(*) FROM intake.submission WHERE department_code = 'RSJ'")
    taken = sum(1 for _ in (airflow.home / "inbox" / ".work" / "RSJ").glob("*/*.csv"))
    assert sum(1 for _ in inbox.glob("*.csv")) + taken + recorded == 20_000
