"""Thirty files of one department, closed at once under a running Airflow: the seconds to the first and to the last receipt.

Measured on a quiet machine, so `make test` does not collect it: `.venv/bin/python -m pytest -s tests/end_to_end/measure_thirty_files.py`.
"""

from __future__ import annotations

import time

from tests.end_to_end.conftest import RunningAirflow, sample_files

RECEIPT_SECONDS = 20.0
N_FILES = 30
N_ROUNDS = 3


def test_thirty_files_at_once_are_answered_within_20_seconds(airflow: RunningAirflow) -> None:
    files = list(sample_files("GXJ", "*.xlsx").items())
    assert len(files) >= N_ROUNDS * N_FILES
    for turn in range(N_ROUNDS):
        dropped = files[turn * N_FILES : (turn + 1) * N_FILES]
        closed = [airflow.drop("GXJ", name, content) for name, content in dropped]
        waited: list[float] = []
        for (name, _), at in zip(dropped, closed, strict=True):
            airflow.receipt("GXJ", name, within=6 * RECEIPT_SECONDS)
            waited.append(time.monotonic() - at)
        print(
            f"seconds to the receipts of {len(dropped)} files: the first {min(waited):.1f}, the last {max(waited):.1f}",
            flush=True,
        )
        assert max(waited) <= RECEIPT_SECONDS
        time.sleep(30)
