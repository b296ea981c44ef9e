"""Spoiled cells of every report: whether the right one is called wrong, and whether the right value is proposed."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.validation.localisation.constraints import Constraints, constraints_of
from fugong.validation.suite import load_suites
from tests.fixtures.spoiled_rows import good_rows, judge, other_good_row, spoil, totals_of
from tests.fixtures.typed_samples import TypedSample, typed_samples
from tests.prove.proof import Proof, Try

AS_OF = date(2020, 3, 18)
N_ROWS = 2
"""Rows of a column that are spoiled in every way, a case."""
N_PAIRS = 6
COUNTS = ("spoiled", "silent", "one_column", "told", "unique", "unique_exact", "exact", "unsure", "unfound", "accused")
VALUES = ("proposed", "right", "certain", "certain_wrong", "stays_broken")


@contextmanager
def open_samples(seed: int) -> Iterator[Try]:
    """The typed rows of a sample district; each case spoils other rows of every report."""
    contracts = load_contracts(PROJECT / "include" / "contracts")
    code_lists = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
    suites = load_suites(PROJECT / "expectations", contracts.tables)
    with tempfile.TemporaryDirectory() as folder:
        samples = typed_samples(Path(folder), seed)
    read = {name: constraints_of(suites[name], contracts.tables[name], code_lists) for name in samples}

    def try_case(case: int) -> dict[str, Any]:
        random = Random(seed * 10**6 + case)
        found: dict[str, Any] = {}
        for name, sample in samples.items():
            one, informed, columns = _one_cell(sample, read[name], random)
            two = _two_cells(sample.frame, read[name], random)
            found[name] = {
                "one": dict(one),
                "informed": dict(informed),
                "two": dict(two),
                "silent": {key: list(value) for key, value in columns.items()},
            }
        told = sum((Counter(one["informed"]) for one in found.values()), Counter[str]())
        assert not told["certain_wrong"], f"{told['certain_wrong']} wrong values are certain beside totals and the report before"
        assert told["accused"] <= max(0.01 * told["told"], 1), (
            f"{told['accused']} of {told['told']} rows: a right cell is accused beside totals and the report before"
        )
        total = sum((Counter(one["one"]) for one in found.values()), Counter[str]())
        assert not total["certain_wrong"], f"{total['certain_wrong']} wrong values are proposed as certain"
        assert not total["stays_broken"], f"{total['stays_broken']} rows stay broken with what is proposed"
        assert not total["sound_accused"], f"{total['sound_accused']} cells of sound rows are accused"
        assert total["accused"] <= max(0.01 * total["told"], 1), (
            f"{total['accused']} of {total['told']} rows: a right cell is accused"
        )
        assert total["unique_exact"] >= 0.95 * total["unique"], (
            f"{total['unique_exact']} exact of {total['unique']} with one answer"
        )
        assert total["right"] >= 0.95 * total["proposed"], f"{total['right']} right of {total['proposed']} proposed"
        return found

    yield try_case


def _one_cell(
    sample: TypedSample, constraints: Constraints, random: Random
) -> tuple[Counter[str], Counter[str], dict[str, tuple[int, int]]]:
    """Counts over cells spoiled one at a time: by the row alone, and with total lines and the report before.

    Every second row is made another good one before. Returns also, per column, how many were spoiled and how many of them no rule sees.
    """
    good = good_rows(sample.frame, constraints)
    alone, informed, columns = Counter[str](), Counter[str](), dict[str, tuple[int, int]]()
    for column in constraints.columns:
        for n, at in enumerate(random.sample(good, min(N_ROWS, len(good)))):
            frame = other_good_row(sample.frame, constraints, at, random) if n % 2 else sample.frame
            totals = totals_of(frame, constraints.table)
            before = sample.before.get(sample.keys[at], {})
            for cell in spoil(frame, constraints, column, at, random):
                count = judge(frame, constraints, [cell], AS_OF, random)
                alone += count
                if count["told"]:
                    informed += judge(frame, constraints, [cell], AS_OF, random, totals, before)
                n_so_far, silent = columns.get(column, (0, 0))
                columns[column] = (n_so_far + 1, silent + count["silent"])
    return alone, informed, columns


def _two_cells(frame: pd.DataFrame, constraints: Constraints, random: Random) -> Counter[str]:
    good = good_rows(frame, constraints)
    total = Counter[str]()
    for _ in range(N_PAIRS if good and len(constraints.columns) > 1 else 0):
        at = random.choice(good)
        ways = [list(spoil(frame, constraints, column, at, random)) for column in random.sample(constraints.columns, 2)]
        if all(ways):
            total += judge(frame, constraints, [random.choice(cells) for cells in ways], AS_OF, random)
    return total


def _total(found: Sequence[dict[str, Any]], which: str) -> Counter[str]:
    return sum((Counter(table[which]) for one in found for table in one.values()), Counter[str]())


def _summary(found: Sequence[dict[str, Any]]) -> str:
    one, informed = _total(found, "one"), _total(found, "informed")
    return (
        f"{one['spoiled']:,} cells spoiled: {one['told']:,} told by rules over several cells, of these {one['unique']:,} with one answer, "
        f"{one['unique_exact']:,} of them exact; right cells accused {one['accused']:,}; values proposed {one['proposed']:,}, "
        f"right {one['right']:,}, wrong and certain {one['certain_wrong']:,}. Cells named by the row alone {one['exact']:,}, "
        f"with totals and the report before {informed['exact']:,}, right cells accused then {informed['accused']:,}"
    )


def table(found: Sequence[dict[str, Any]], lang: str) -> str:
    """The counts of every report, as Markdown."""
    heads = {
        "en": "| table | spoiled | no rule sees it | its own rule | told | one answer | of these exact | cell named | several named | none named "
        "| right cell accused | proposed | right | certain | certain and wrong | with totals and the report before: cell named | right cell accused "
        "| right of proposed | two cells: told | both named | seen by no rule |",
        "zh": "| 表 | 改错 | 没有规则能发现 | 本列规则发现 | 多列规则发现 | 答案唯一 | 其中指对 | 指对一格 | 指出几格 | 没指出 "
        "| 冤枉了对的格 | 给出建议值 | 建议值对 | 说“应为” | 说“应为”而错 | 有合计和上一期:指对一格 | 冤枉了对的格 | 建议值对 "
        "| 改错两格:发现 | 两格都指对 | 没有规则能发现的列 |",
    }
    lines = [heads[lang], "|" + " --- |" * 21]
    for name in sorted(found[0]):
        one = sum((Counter(case[name]["one"]) for case in found), Counter[str]())
        informed = sum((Counter(case[name]["informed"]) for case in found), Counter[str]())
        two = sum((Counter(case[name]["two"]) for case in found), Counter[str]())
        seen: dict[str, list[int]] = {}
        for case in found:
            for column, (n, silent) in case[name]["silent"].items():
                seen.setdefault(column, [0, 0])
                seen[column][0] += n
                seen[column][1] += silent
        blind = ", ".join(f"`{column}`" for column, (n, silent) in seen.items() if n == silent)
        numbers = [one[key] for key in (*COUNTS, *VALUES[:4])] + [informed["exact"], informed["accused"]]
        cells = [f"{number:,}" for number in numbers] + [f"{informed['right']:,} of {informed['proposed']:,}"]
        if lang == "zh":
            cells[-1] = f"{informed['proposed']:,} 中 {informed['right']:,}"
        lines.append(f"| `{name}` | " + " | ".join([*cells, f"{two['told']:,}", f"{two['exact']:,}", blind]) + " |")
    return "\n".join(lines)


PROOF = Proof(
    name="localisation",
    claim="The cell that somebody spoiled is called wrong, no right one is, and no wrong value is proposed as certain.",
    claim_zh="改错的格被指出来,对的格不被冤枉,说“应为”的值没有一个错。",
    n_cases=10,
    open=open_samples,
    summary=_summary,
    table=table,
    page="localisation.md",
)
