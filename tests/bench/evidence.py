"""What the log of digests costs: the same files with it and without it, in turn."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.csv as pa_csv

from fugong.core.settings import PROJECT, Settings
from fugong.intake import copy, load, submissions
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.bench.installation import installation
from tests.bench.measure import Cost, in_turn, middle, timed
from tests.bench.payments import write_payments
from tests.bench.whole_path import WholePath

WITH, WITHOUT = "with the log", "without"


@contextmanager
def without_log() -> Iterator[None]:
    """Rows are written as they were before there was a log, and nothing is entered."""

    def write_csv(rows: pa.RecordBatch, _: object) -> memoryview:
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(rows, sink, pa_csv.WriteOptions(include_header=False))
        return memoryview(sink.getvalue())

    def nothing(*_: Any, **__: Any) -> None:
        pass

    with (
        patch.object(copy, "write_csv", write_csv),
        patch.object(load, "record_settlement", nothing),
        patch.object(submissions, "record_reply", nothing),
    ):
        yield


def one_file(n: int, rounds: int) -> dict[str, Cost]:
    """A file of `n` rows, in a process that has worked before."""
    with installation() as place, tempfile.TemporaryDirectory(prefix="fugong-bench-") as folder:
        Path(folder).chmod(0o755)
        path = WholePath(place, write_payments(Path(folder) / "payments.csv", n), n)
        path.warm()()

        def bare() -> Callable[[], object]:
            run = path.warm()

            def work() -> None:
                with without_log():
                    run()

            return work

        return {
            name: middle(found) for name, found in in_turn({WITHOUT: bare, WITH: path.warm}, rounds, place.postmaster).items()
        }


def district(rounds: int) -> dict[str, Cost]:
    """The sample district, from an empty warehouse to its last receipt."""
    costs: dict[str, list[Cost]] = {WITHOUT: [], WITH: []}
    for _ in range(rounds):
        for name, found in costs.items():
            with tempfile.TemporaryDirectory(prefix="fugong-bench-", ignore_cleanup_errors=True) as folder:
                Path(folder).chmod(0o755)
                settings = Settings(Path(folder), PROJECT, None)
                try:
                    setup.init(settings)
                    write_district(settings.inbox)
                    manifest = read_manifest(settings.inbox / "history.csv")

                    def work(settings: Settings = settings, manifest: Any = manifest) -> object:
                        return ingest_history(settings, manifest, processes=1)  # another process would keep its log

                    if name == WITH:
                        found.append(timed(work))
                    else:
                        with without_log():
                            found.append(timed(work))
                finally:
                    if embedded.exists(settings.home):
                        embedded.remove(settings.home)
    return {name: middle(found) for name, found in costs.items()}
