"""Three districts of different firms and their city: its figures are their sums, and its traces go on in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.fixtures.city import DISTRICTS, District, compare, lay_city
from tests.prove.proof import Proof, Try


@contextmanager
def open_city(seed: int) -> Iterator[Try]:
    """Nothing is shared: each case has its own districts."""

    def try_case(case: int) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="fugong-city-", ignore_cleanup_errors=True) as folder:
            root = Path(folder)
            homes = [root / code for code in DISTRICTS]
            try:
                districts: dict[str, District] = {}
                for number, (code, home) in enumerate(zip(DISTRICTS, homes, strict=True)):
                    settings = Settings(home, PROJECT, None)
                    setup.init(settings)
                    write_district(settings.inbox, seed=seed * 10**6 + case * 10 + number)
                    ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
                    build_marts(settings)
                    districts[code] = District(settings)
                return compare(lay_city(root / "project", root / "city", None), districts)
            finally:
                for home in (*homes, root / "city"):
                    embedded.remove(home)

    yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    names = ("districts", "should", "resumed", "lines")
    districts, should, resumed, lines = (sum(one[name] for one in found) for name in names)
    return f"{districts} districts: {resumed} of {should} units, as they say; {lines} lines of firms behind the rows of the city"


PROOF = Proof(
    name="city",
    claim="A city's figures are the sums of its districts', one that has not sent is named, and a trace goes on in the district.",
    claim_zh="市里的指标等于各区之和,哪个区没有报写得明白,追溯到了区里还能往下追。",
    n_cases=1,
    open=open_city,
    summary=_summary,
)
