"""Random small districts: no relation between open cells, no end beside a rate, no difference of days or of vintages leads near a firm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fugong.core.settings import PROJECT
from fugong.marts import open_table
from fugong.marts.sql_files import load_sql_files
from tests.fixtures.random_districts import try_district
from tests.fixtures.vintages import attack_vintages
from tests.prove.proof import Proof, Try

NEAR_OPTIMUM = 1.3


@contextmanager
def open_districts(seed: int) -> Iterator[Try]:
    """Every protected mart with amounts of firms, over one district of 30 firms and 5 days."""
    files = load_sql_files(PROJECT / "include" / "sql")
    marts = [
        mart
        for mart in files.marts
        if mart.is_open and open_table.is_protected(mart) and mart.rounded and (mart.sums or mart.public_rollup or mart.window)
    ]

    def try_case(case: int) -> dict[str, Any]:
        found: dict[str, Any] = {
            "attacked": 0,
            "told": 0,
            "ends": 0,
            "vintages": 0,
            "least": 9.0,
            "cells": 0,
            "hidden": 0,
            "marts": {},
        }
        for mart in marts:
            tried = try_district(mart, seed * 10**6 + case)
            near = [one for one in tried.attacked if not one.is_safe and not one.is_told]
            assert not near, f"{mart.name}: {near[0]}"
            ends = [one for one in tried.attacked if "_at_" in one.column]
            told = [one for one in ends if one.is_told]
            assert not told, f"{mart.name}: the ends of a rate tell {told[0]}"
            vintages = attack_vintages(mart, tried.vintages)
            of_vintages = [one for one in vintages if not one.is_safe]
            assert not of_vintages, f"{mart.name}: two vintages tell {of_vintages[0]}"
            found["ends"] += len(ends)
            found["vintages"] += len(vintages)
            choice = tried.protection.choice
            assert choice is None or choice.loss <= NEAR_OPTIMUM * choice.least_loss + 1e-6, f"{mart.name}: {choice}"
            cells = tried.protection.cells()
            kept = [one for one in tried.attacked if not one.is_told]
            of_mart = {
                "cells": len(cells),
                "hidden": sum(tried.protection.is_hidden(*cell) for cell in cells),
                "attacked": len(kept),
                "told": len(tried.attacked) - len(kept),
                "least": min((one.interval for one in kept), default=9.0),
                "loss": choice.loss / choice.least_loss if choice and choice.least_loss else 1.0,
            }
            found["marts"][mart.name] = of_mart
            for word in ("cells", "hidden", "attacked", "told"):
                found[word] += of_mart[word]
            found["least"] = min(found["least"], of_mart["least"])
        return found

    assert len(marts) > 5
    yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    attacked, ends, vintages, told, cells, hidden = (
        sum(one[word] for one in found) for word in ("attacked", "ends", "vintages", "told", "cells", "hidden")
    )
    least = min((one["least"] for one in found), default=0.0)
    loss = max((of_mart["loss"] for one in found for of_mart in one["marts"].values()), default=0.0)
    return (
        f"{attacked:,} amounts attacked, {ends:,} of them between the ends of rates, and {vintages:,} corrections between two vintages: "
        f"least interval {least:.1%}, none below 20 %; {hidden:,} of {cells:,} cells hidden, at most {loss:.2f} × the optimum; "
        f"publications alone tell {told:,} more"
    )


HEADS = {
    "en": "| mart | districts | cells | hidden | loss ÷ optimum at most | attacked | least interval | told by publications |",
    "zh": "| 汇总 | 小区 | 格 | 隐去 | 损失 ÷ 最优，至多 | 攻击 | 最窄区间 | 刊物自己说出的 |",
}


def _table(found: Sequence[dict[str, Any]], lang: str) -> str:
    lines = [HEADS[lang], "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for mart in sorted({name for one in found for name in one["marts"]}):
        of_mart = [one["marts"][mart] for one in found]
        cells, hidden, attacked, told = (sum(one[word] for one in of_mart) for word in ("cells", "hidden", "attacked", "told"))
        least = min(one["least"] for one in of_mart)
        cells_of_row = (
            mart, f"{len(of_mart)}", f"{cells:,}", f"{hidden / cells:.0%}", f"{max(one['loss'] for one in of_mart):.2f}", f"{attacked:,}",
            f"{least:.1%}", f"{told:,}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells_of_row)} |")
    return "\n".join(lines)


PROOF = Proof(
    name="disclosure",
    claim="Nothing that analysts see leads them within 20 % of a firm's amount",
    claim_zh="分析人员由所见推算，离任何一家企业的金额都不会近于 20 %",
    n_cases=50,
    open=open_districts,
    summary=_summary,
    table=_table,
    page="disclosure.md",
)
