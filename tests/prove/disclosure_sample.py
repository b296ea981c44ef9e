"""The sample district, every month of every mart: no relation between open cells and no difference of days leads near a firm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.marts import asof
from fugong.marts.open_attack import attack_rows
from fugong.marts.open_rows import protections
from fugong.marts.sql_files import load_sql_files
from fugong.operations.build_marts import build_marts
from fugong.warehouse.connection import connect
from include.samples.fugong_samples import write_district
from tests.prove.disclosure import NEAR_OPTIMUM
from tests.prove.proof import Proof, Try
from tests.prove.warehouse import empty_warehouse

LAST_DAY = date(2020, 3, 18)
SEED = 7
"""Of the sample district that the documents tell of."""


@contextmanager
def open_sample(_: int) -> Iterator[Try]:
    """The sample district up to the briefing's day, its marts built. A case is one open mart."""
    files = load_sql_files(PROJECT / "include" / "sql")
    marts = [mart for mart in files.marts if mart.is_open]
    with empty_warehouse() as (home, url, _context):
        settings = Settings(home, PROJECT, f"{url}/fugong")
        write_district(settings.inbox, as_of=LAST_DAY, seed=SEED)
        ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
        build_marts(settings)
        with connect(settings) as connection:
            last_day = max(asof.reported_days(connection))

            def try_case(case: int) -> dict[str, Any]:
                mart = marts[case - 1]
                table = sql.Identifier("mart", mart.name)
                day = sql.Identifier(mart.partition_by)
                months = [
                    month
                    for (month,) in connection.execute(
                        sql.SQL("SELECT DISTINCT date_trunc('month', {})::date FROM {} ORDER BY 1").format(day, table)
                    )
                ]
                found = list(protections(connection, files, mart, table, months, last_day=last_day))
                attacked = list(attack_rows(found))
                near = [one for one in attacked if not one.is_safe and not one.is_told]
                assert not near, f"{mart.name}: {near[0]}"
                chosen = [one.choice for one in found if one.choice is not None]
                assert all(one.loss <= NEAR_OPTIMUM * one.least_loss + 1e-6 for one in chosen), f"{mart.name}: {chosen}"
                kept = [one.interval for one in attacked if not one.is_told]
                cells = [(one, *cell) for one in found for cell in one.cells()]
                hidden = [(id(one), key) for one, key, column in cells if one.is_hidden(key, column)]
                return {
                    "mart": mart.name,
                    "rows": sum(len(one.rows) for one in found),
                    "rows_hidden": len(set(hidden)),
                    "cells": len(cells),
                    "hidden": len(hidden),
                    "attacked": len(kept),
                    "told": len(attacked) - len(kept),
                    "least": min(kept, default=9.0),
                    "loss": max((one.loss / one.least_loss for one in chosen if one.least_loss), default=1.0),
                }

            yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    attacked, told, cells, hidden = (sum(one[word] for one in found) for word in ("attacked", "told", "cells", "hidden"))
    return (
        f"{attacked:,} amounts attacked in {len(found)} marts: least interval {min((one['least'] for one in found), default=0.0):.1%}, none below "
        f"20 %; {hidden:,} of {cells:,} cells hidden, at most {max((one['loss'] for one in found), default=0.0):.2f} × the optimum; publications "
        f"alone tell {told:,} more"
    )


HEADS = {
    "en": "| mart | rows | hide something | cells | hidden | loss ÷ optimum at most | attacked | least interval | told by publications |",
    "zh": "| 汇总 | 行 | 有隐去 | 格 | 隐去 | 损失 ÷ 最优，至多 | 攻击 | 最窄区间 | 刊物自己说出的 |",
}


def _table(found: Sequence[dict[str, Any]], lang: str) -> str:
    lines = [HEADS[lang], "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for one in sorted(found, key=lambda one: one["mart"]):
        if not one["rows"] or not (one["hidden"] or one["attacked"]):
            continue
        cells = (
            one["mart"], f"{one['rows']:,}", f"{one['rows_hidden'] / one['rows']:.0%}", f"{one['cells']:,}",
            f"{one['hidden'] / one['cells']:.0%}", f"{one['loss']:.2f}", f"{one['attacked']:,}",
            f"{one['least']:.1%}" if one["attacked"] else "-", f"{one['told']:,}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


N_MARTS = sum(mart.is_open for mart in load_sql_files(PROJECT / "include" / "sql").marts)
PROOF = Proof(
    name="disclosure-sample",
    claim="Of the sample district, all months: nothing that analysts see leads them within 20 % of a firm's amount",
    claim_zh="样例区，所有月份：分析人员由所见推算，离任何一家企业的金额都不会近于 20 %",
    n_cases=N_MARTS,
    open=open_sample,
    summary=_summary,
    table=_table,
    page="disclosure.md",
)
