"""Simulated districts in which departments and firms fall silent: the interval of a figure holds the truth and only narrows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.figures.silent_districts import FIGURES, faults, make_district, warehouse
from tests.prove.proof import Proof, Try

STEPWISE = 5
"""Of so many districts one is looked at after each arrival."""


@contextmanager
def open_districts(seed: int) -> Iterator[Try]:
    """A warehouse of its own; what a district sends is taken back after it."""
    with warehouse() as connection:

        def try_case(case: int) -> dict[str, Any]:
            district = make_district(seed * 10**6 + case)
            wrong = faults(connection, district, is_stepwise=case % STEPWISE == 0)
            assert not wrong, "; ".join(wrong)
            return {"silent": any(district.is_silent.values())}

        yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return f"{len(FIGURES)} figures each; {sum(one['silent'] for one in found)} districts with somebody silent"


PROOF = Proof(
    name="silent-districts",
    claim="A figure's interval holds the truth, narrows as reports arrive, and closes when all have come.",
    claim_zh="指标的区间包含真值,随报表到来只会收窄,到齐后闭合。",
    n_cases=100,
    open=open_districts,
    summary=_summary,
)
