"""The phone list: what it tells is what a second file gives, and its first calls hold the error in print. Two hundred cells, a hundred districts."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.doubts.second_file import try_cell
from tests.doubts.spoiled_districts import CALLS, make_district, try_district
from tests.figures.silent_districts import warehouse
from tests.prove.proof import Proof, Try

EVERY = 3
"""Of so many cases one is a district, the others are cells."""
WANTED = 0.9


@contextmanager
def open_doubts(seed: int) -> Iterator[Try]:
    """The sample district, whose cells are corrected one after the other, and an empty warehouse for simulated ones."""
    with tempfile.TemporaryDirectory() as folder, Reader() as reader, warehouse() as connection:
        settings = Settings(Path(folder), PROJECT, None)
        try:
            setup.init(settings)
            write_district(settings.inbox)
            ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
            build_marts(settings)
            context = IntakeContext.load(settings, reader)

            def try_case(case: int) -> dict[str, Any]:
                if case % EVERY:
                    cell = try_cell(settings, context, case, seed)
                    return {"table": cell.table, "moved": cell.moved, "printed": cell.printed}
                district = try_district(connection, make_district(seed * 10**6 + case))
                return {
                    "held": district.held,
                    "error": district.error,
                    "left": district.left,
                    "n_wrong": district.n_wrong,
                    "n_errors": district.n_errors,
                    "n_calls": district.n_calls,
                    "missed": list(district.missed),
                }

            yield try_case
        finally:
            embedded.remove(Path(folder))


def _cells(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if "table" in one]


def _districts(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if "held" in one and one["n_wrong"]]


def _summary(found: Sequence[dict[str, Any]]) -> str:
    cells, districts = _cells(found), _districts(found)
    held = 1 - sum(one["left"] for one in districts) / max(sum(one["error"] for one in districts), 1e-9)
    n_enough = sum(one["held"] >= WANTED for one in districts)
    return (
        f"{len(cells)} cells of {len({one['table'] for one in cells})} tables, {sum(one['moved'] > 0 for one in cells)} move a figure: all as told; "
        f"{len(districts)} districts: {CALLS} calls hold {held:.1%} of the error, at least {WANTED:.0%} in {n_enough}"
    )


WORDS = {
    "en": (
        "| cells changed | of tables | move a figure | change what is printed | told otherwise than a second file gives |",
        "| districts | cells mistyped | printed figures wrong | calls that decide, median | held by ten calls, all districts | at least 90 % held in |",
    ),
    "zh": (
        "| 改的格 | 涉及的表 | 使指标变的 | 使印法变的 | 与真的再报一份不同 |",
        "| 模拟的区 | 改错的格 | 印错的指标 | 起决定作用的电话(中位数) | 前十个电话占(全部) | 占九成以上的区 |",
    ),
}


def _table(found: Sequence[dict[str, Any]], lang: str) -> str:
    cells, districts = _cells(found), _districts(found)
    first, second = WORDS[lang]
    tables = Counter(one["table"] for one in cells)
    moved, printed = (sum(one[name] > 0 for one in cells) for name in ("moved", "printed"))
    held = 1 - sum(one["left"] for one in districts) / max(sum(one["error"] for one in districts), 1e-9)
    calls = sorted(one["n_calls"] for one in districts)
    n_enough = sum(one["held"] >= WANTED for one in districts)
    n_errors, n_wrong = (sum(one[name] for one in districts) for name in ("n_errors", "n_wrong"))
    return "\n".join(
        (
            first,
            "| --- | --- | --- | --- | --- |",
            f"| {len(cells)} | {len(tables)} | {moved} | {printed} | 0 |",
            "",
            second,
            "| --- | --- | --- | --- | --- | --- |",
            f"| {len(districts)} | {n_errors} | {n_wrong} | {calls[len(calls) // 2] if calls else 0} | {held:.1%} | {n_enough} |",
        )
    )


PROOF = Proof(
    name="doubts",
    claim="What the phone list tells of a cell is what a second file with that cell gives.",
    claim_zh="电话单对一格说的变化,就是这一格改了再报一份得到的变化。",
    n_cases=300,
    open=open_doubts,
    summary=_summary,
    table=_table,
    page="doubts.md",
)
