"""Thirty files of one department, closed at once under a running Airflow: the seconds to the first and to the last receipt.

Measured on a quiet machine, so `make test` does not collect it: `.venv/bin/python -m pytest -s tests/end_to_end/measure_thirty_files.py`.
"""

from __future__ import annotations

import time

from tests.end_to_end.conftest import RunningAirflow, sample_files

RECEIPT_SECONDS = 20.0
N_FILES = 30
DEPARTMENTS = ("GXJ", "RSJ")
"""One after the other."""


def test_thirty_files_at_once_are_answered_within_20_seconds(airflow: RunningAirflow) -> None:
    slowest: list[float] = []
    for department in DEPARTMENTS:
        dropped = list(sample_files(department, "*.xlsx").items())[:N_FILES]
        assert len(dropped) == N_FILES
        closed = [airflow.drop(department, name, content) for name, content in dropped]
        waited: list[float] = []
        for (name, _), at in zip(dropped, closed, strict=True):
            airflow.receipt(department, name, within=6 * RECEIPT_SECONDS)
            waited.append(time.monotonic() - at)
        slowest.append(max(waited))
        print(
            f"{department}: {N_FILES} files, the first receipt after {min(waited):.1f} s, the last after {max(waited):.1f} s",
            flush=True,
        )
        time.sleep(30)
    assert max(slowest) <= RECEIPT_SECONDS
