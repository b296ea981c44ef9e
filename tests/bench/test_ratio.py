"""A coarse guard of speed: reading by contract may cost so many times what a plain typed reading of the same text costs.

Both are processor time of this process, in turn, the least of three: a busy machine lengthens both. The limit is twice what was measured when
this was written, so that only a slip of that size fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.intake.evaluate import evaluate
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.bench.installation import copy_project
from tests.bench.payments import HEADER, write_payments
from tests.bench.whole_path import FILE_NAME

N = 60_000
LIMIT = 9.0


def least(work: Callable[[], object]) -> float:
    found: list[float] = []
    for _ in range(3):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def test_reading_by_contract_costs_a_few_times_a_plain_reading(tmp_path: Path) -> None:
    file = write_payments(tmp_path / "payments.csv", N)
    kinds = dict(zip(HEADER.split(","), [*[pa.string()] * 5, pa.date32(), *[pa.decimal128(18, 2)] * 3, pa.int32(), pa.decimal128(7, 5), pa.string()], strict=True))  # fmt: skip
    settings = Settings(tmp_path / "home", copy_project(tmp_path / "project"), None)
    numbers = iter(range(3))
    with Reader() as reader:
        context = IntakeContext.load(settings, reader)

        def by_contract() -> None:
            work = tmp_path / f"work-{next(numbers)}"
            work.mkdir()
            found = evaluate(
                context,
                file,
                file_name=FILE_NAME,
                department="CZJ",
                received_at=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI),
                work=work,
            )
            assert (found.n_data, found.findings.findings) == (N, [])

        ours = least(by_contract)
    plain = least(lambda: pa_csv.read_csv(file, convert_options=pa_csv.ConvertOptions(column_types=kinds)))
    print(f"by contract {ours:.3f} s, plain {plain:.3f} s: {ours / plain:.1f} ×")
    assert ours / plain < LIMIT
