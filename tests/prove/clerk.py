"""Files of a clerk by program (`tests.fuzz.clerk`), fifty a case: correct ones, and ones with a trap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from fugong.reading.reader import Reader
from tests.fuzz.clerk.judging import Judge
from tests.fuzz.clerk.trying import Trial, writer
from tests.prove.proof import Proof, Try

FILES_A_CASE = 50


def _open(trap: str | None) -> Callable[[int], AbstractContextManager[Try]]:
    @contextmanager
    def open_clerk(seed: int) -> Iterator[Try]:
        with Reader() as reader:
            judge = Judge(reader)

            def try_case(case: int) -> dict[str, Any]:
                trial = Trial(judge)
                trial.survey(writer(judge, trap), seed * 10**6 + case * 1000, n=FILES_A_CASE)
                assert not trial.faults, trial.described()
                return {"tried": sum(trial.tried.values()), "outcomes": dict(trial.outcomes), "traps": dict(trial.tried)}

            yield try_case

    return open_clerk


def _summary(found: Sequence[dict[str, Any]]) -> str:
    outcomes = sum((Counter[str](one["outcomes"]) for one in found), Counter[str]())
    told = ", ".join(f"{outcome} {times:,}" for outcome, times in outcomes.most_common())
    return f"{sum(one['tried'] for one in found):,} different files: {told}"


CORRECT = Proof(
    name="clerk-correct",
    claim="Of files filled in correctly, in any legal spelling, every value is read and nothing goes back.",
    claim_zh="正确填写的文件,无论何种合法写法,每个数都读对,一行也不退回。",
    n_cases=20,
    open=_open(None),
    summary=_summary,
)
TRAPS = Proof(
    name="clerk-traps",
    claim="Of files with one trap, every loaded value is the true one, or the row or the file went back.",
    claim_zh="带一个陷阱的文件,入库的每个数都是真值,否则该行或该文件退回。",
    n_cases=20,
    open=_open(""),
    summary=_summary,
)
