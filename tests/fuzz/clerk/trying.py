"""Tries files of a clerk, as many as wanted, and keeps those that were read wrong or went back without need."""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.fuzz.clerk.judging import Judge, Verdict, Written
from tests.fuzz.clerk.layouts import draft
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.traps import with_trap

FOUND = Path(tempfile.gettempdir()) / "fugong_fuzz"
FILES_A_ROUND = 50


Writer = Callable[[Pick], Written | None]
"""Writes a file; None where the trap that is wanted has no place in it."""


def writer(judge: Judge, trap: str | None = None, report: str = "") -> Writer:
    """A writer of files: without a trap if None, with any if empty, else with this one. `report`: of this report only."""
    contracts = [contract for contract in judge.context.contracts if report in ("", contract.report)]

    def write(pick: Pick) -> Written | None:
        if trap is None:
            return Written.of(draft(pick, contracts, judge.context.code_lists))
        made = with_trap(pick, contracts, judge.context.code_lists, trap)
        return Written.of(made) if made.trap else None

    return write


@dataclass
class Trial:
    """What came of the files tried.

    Attributes:
        tried: by trap, files that differ from each other; "" for those without one.
        outcomes: by outcome.
        faults: what was wrong, shortened → the smallest such file, its number, and all that was wrong with it.
        times: how often.
    """

    judge: Judge
    tried: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])
    faults: dict[str, tuple[Written, int, list[str]]] = field(default_factory=dict[str, tuple[Written, int, list[str]]])
    times: Counter[str] = field(default_factory=Counter[str])
    _seen: set[bytes] = field(default_factory=set[bytes])

    def judge_one(self, written: Written) -> list[str]:
        """What is wrong with the answer to a file: values, rows, and returns that nobody needed."""
        digest = hashlib.sha256(written.file_name.encode() + written.content).digest()
        verdict: Verdict = self.judge.verdict(written)
        wrong = verdict.wrong + ([] if written.may_go_back else verdict.returned)
        if digest not in self._seen:
            self._seen.add(digest)
            self.tried[written.trap] += 1
            self.outcomes[verdict.outcome] += 1
        return wrong

    def run(self, write: Writer, first_seed: int, n: int | None = None, seconds: float | None = None) -> None:
        """Try files of Hypothesis until `n` different ones were tried, or the time is over.

        Raises:
            AssertionError: a file was answered wrongly. It was made smaller and is kept in `FOUND`.
        """
        last: list[Written] = []

        @st.composite
        def files(draw: DrawFn) -> Written | None:
            return write(Pick.drawn(draw))

        def check(written: Written | None) -> None:
            if written and (wrong := self.judge_one(written)):
                last[:] = [written]
                raise AssertionError(f"{written}\n" + "\n".join(wrong))

        ends = time.monotonic() + (seconds or float("inf"))
        already = self.n_tried
        for number in count(first_seed):
            if time.monotonic() > ends or (n is not None and self.n_tried >= already + n):
                return
            wanted = settings(
                max_examples=FILES_A_ROUND if n is None else min(FILES_A_ROUND, n + already - self.n_tried),
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
            )
            try:
                seed(number)(wanted(given(files())(check)))()
            except AssertionError as error:
                error.add_note(f"The file is kept: {keep(last[0])}")
                raise

    def survey(
        self, write: Writer, first_seed: int, n: int | None = None, seconds: float | None = None, *, is_rare: bool = True
    ) -> None:
        """Try files, each with the choices of a number, and collect all faults."""
        ends = time.monotonic() + (seconds or float("inf"))
        already = self.n_tried
        for number in count(first_seed):
            if time.monotonic() > ends or (n is not None and self.n_tried >= already + n):
                return
            written = write(Pick.numbered(number, is_rare=is_rare))
            wrong = self.judge_one(written) if written else []
            for fault in wrong:
                assert written
                name = f"{written.trap}: {shortened(fault)}"
                known = self.faults.get(name)
                if known is None or len(written.content) < len(known[0].content):
                    self.faults[name] = (written, number, wrong)
                self.times[name] += 1

    def described(self) -> str:
        """The faults with their files, which are kept."""
        return "\n".join(
            f"\n{name} ({self.times[name]} times; alone by --seed {number})\n  {keep(written)}\n  " + "\n  ".join(wrong[:6])
            for name, (written, number, wrong) in sorted(self.faults.items())
        )

    @property
    def n_tried(self) -> int:
        """Files tried, each once."""
        return sum(self.tried.values())


def keep(written: Written) -> Path:
    """Write a file where people find it."""
    FOUND.mkdir(exist_ok=True)
    kept = (
        FOUND / f"{hashlib.sha256(written.content).hexdigest()[:12]}_{written.department}_{written.file_name.replace(' ', '_')}"
    )
    kept.write_bytes(written.content)
    return kept


def shortened(fault: str) -> str:
    """A fault without the numbers and texts of one file."""
    return re.sub(r"[\d.]+|“[^”]*”|'[^']*'|:.*", "", fault)[:80]
