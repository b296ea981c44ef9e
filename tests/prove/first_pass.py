"""The first pass against Great Expectations: over random rows of every report, by its own rules and by random ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa

from fugong.contracts.code_list import CodeList, load_code_lists
from fugong.contracts.contract import Table
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.validation.first_pass import FirstPass
from fugong.validation.frame import FileDays, frame_of
from fugong.validation.localisation.constraints import Constraint, kinds_of, read_rule, rows_of
from fugong.validation.suite import Suite, load_suites
from tests.fixtures.random_blocks import ARRIVAL_DATE, REPORT_DATE, Pools, in_shadow, pools_of, random_blocks, random_suite
from tests.prove.proof import Proof, Try

DAYS = FileDays(REPORT_DATE, ARRIVAL_DATE)
CALLS = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 90)
"""Blocks that each call of Great Expectations judges: a call costs the same however few rows it sees."""
N_RULES = 10


@dataclass(frozen=True)
class Judges:
    """Those that judge the rules of a suite: the first pass, localisation row by row, and Great Expectations."""

    suite: Suite
    first: FirstPass
    rows: Sequence[Constraint]
    shadowed: Suite

    @classmethod
    def of(cls, suite: Suite, table: Table) -> Judges:
        """All, for a suite."""
        kinds = kinds_of(table)
        first = FirstPass.of(suite, table)
        rows = [read_rule(n, rule, kinds) for n, rule in enumerate(suite.rules) if n not in first.unread]
        return cls(suite, first, rows, in_shadow(suite))

    def compare(self, frames: Sequence[Sequence[pa.RecordBatch]]) -> Counter[str]:
        """Judge blocks of rows by the first pass one by one, by localisation, and all in one call of Great Expectations.

        Returns:
            counts: rules `judged`, `failing`, and `left` to Great Expectations although it finds nothing.

        Raises:
            AssertionError: a rule passes in the first pass, and fails or cannot be evaluated in Great Expectations, or a row by
                localisation only, or there only.
        """
        together = [block for blocks in frames for block in blocks]
        frame = frame_of(together, self.shadowed, DAYS)
        checked = self.shadowed.check(frame)
        found = list(zip(checked.shadow.column("rule").to_pylist(), checked.shadow.column("row").to_pylist(), strict=True))
        counts = Counter[str]()
        start = 0
        for blocks in frames:
            end = start + sum(block.num_rows for block in blocks)
            unproven = set(self.first.unproven(blocks, DAYS))
            failing = {rule for rule, row in found if start <= row < end} | (checked.broken.keys() if end > start else set())
            for number in sorted(failing - unproven):
                rule = self.suite.rules[number]
                rows = pa.Table.from_batches(together).select([one for one in rule.columns if one in together[0].schema.names])
                where = [rows.slice(row, 1).to_pylist() for n, row in found if n == number and start <= row < end][:3]
                raise AssertionError(
                    f"{self.suite.name}: {rule.type} {dict(rule.kwargs)} is taken as passed, and Great Expectations finds "
                    f"{checked.broken.get(number) or where}"
                )
            start = end
            counts += Counter(judged=len(self.suite.rules), failing=len(failing), left=len(unproven - failing))
        self._compare_rows(frame, found)
        return counts

    def _compare_rows(self, frame: Any, found: Sequence[tuple[int, int]]) -> None:
        rows = rows_of(frame, self.first.kinds)
        for one in self.rows if len(frame) else ():
            with np.errstate(all="ignore"):
                here = np.flatnonzero(~np.broadcast_to(one.holds(rows), len(frame))).tolist()
            there = sorted(row for rule, row in found if rule == one.number)
            assert here == there, (
                f"{self.suite.name}: {one.rule.type} {dict(one.rule.kwargs)}: rows {here[:5]} fail by localisation, {there[:5]} by Great "
                f"Expectations: {frame[list(one.rule.columns)].iloc[sorted({*here} ^ {*there})[:3]].to_dict('records')}"
            )


@dataclass(frozen=True)
class Reports:
    """The suites of all reports, and what their cells may hold."""

    tables: Mapping[str, Table]
    code_lists: Mapping[str, CodeList]
    judges: Mapping[str, Judges]
    pools: Mapping[str, Mapping[str, Pools]]

    @classmethod
    def load(cls) -> Reports:
        """Those of the project."""
        tables = load_contracts(PROJECT / "include" / "contracts").tables
        lists = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
        codes = {name: [code.code for code in one.codes] for name, one in lists.items()}
        suites = load_suites(PROJECT / "expectations", tables)
        judges = {name: Judges.of(suites[name], table) for name, table in tables.items()}
        return cls(tables, lists, judges, {name: pools_of(suites[name], table, codes) for name, table in tables.items()})

    def compare(self, name: str, random: Random, calls: Sequence[int], *, is_random: bool) -> Counter[str]:
        """Judge random rows of a report twice, by its rules or by random ones; the counts of `Judges.compare`, added.

        Args:
            calls: how many blocks each call of Great Expectations judges.
        """
        table, pools = self.tables[name], self.pools[name]
        judges = Judges.of(random_suite(random, table, pools, N_RULES), table) if is_random else self.judges[name]
        counts = Counter[str]()
        for n in calls:
            counts += judges.compare([random_blocks(random, table, pools) for _ in range(n)]) + Counter(blocks=n)
        return counts


@contextmanager
def open_frames(seed: int) -> Iterator[Try]:
    """The suites of the project; each case takes one report and draws rows and rules."""
    reports = Reports.load()
    names = sorted(reports.tables)

    def try_case(case: int) -> dict[str, Any]:
        random = Random(seed * 10**6 + case)
        name = names[case % len(names)]
        own, drawn = (reports.compare(name, random, CALLS, is_random=one) for one in (False, True))
        return {"report": name, **(own + drawn)}

    yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    total = {what: sum(one.get(what, 0) for one in found) for what in ("blocks", "judged", "failing", "left")}
    return (
        f"{total['blocks']:,} blocks of {len({one['report'] for one in found})} reports, half by their rules and half by random ones: "
        f"{total['judged']:,} rules judged twice, {total['failing']:,} failing, {total['left']:,} left to Great Expectations that it finds passed"
    )


PROOF = Proof(
    name="first-pass",
    claim="A rule that the first pass takes as passed is passed in Great Expectations.",
    claim_zh="初筛认定通过的规则,Great Expectations 也判通过。",
    n_cases=54,
    open=open_frames,
    summary=_summary,
)
