"""The cells of all figures on one mart are read with one query; a figure at fault spoils no other."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
import yaml

from fugong.figures import cell_sums
from fugong.figures.evaluate import open_evaluator
from fugong.marts import build
from fugong.marts.execute import rows_of
from tests.fixtures.mini_district import Mini

Connection = psycopg.Connection[Any]
AS_OF = date(2020, 3, 18)


def test_figures_of_a_mart_share_a_query_and_one_at_fault_spoils_no_other(
    connection: Connection, mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.build(connection, mini.include)
    asked: list[str] = []

    def counted(connection: Connection, query: Any, whose: str) -> list[tuple[Any, ...]]:
        asked.append(whose.split(".")[1])
        return rows_of(connection, query, whose)

    monkeypatch.setattr(cell_sums, "rows_of", counted)

    def values() -> dict[str, tuple[Any, bool]]:
        with open_evaluator(connection, mini.include, AS_OF) as evaluator:
            found = {one.id: evaluator.evaluate(one) for one in evaluator.moment.definitions.values()}
        return {name: (one.value, one.is_broken) for name, one in found.items()}

    before = values()
    assert sorted(asked) == ["lease_daily", "loan_flow", "loan_flow", "loan_monthly", "work_daily"]  # loans: to date, of the week

    asked.clear()
    wrong = {"mart": "work_daily", "column": "n_resumed", "keys": {"dimension": 5}}
    more = [{"id": "T99", "name": "T99", "name_zh": "T99", "unit": "家", "value": wrong}]
    (mini.include / "briefing/figures/more.yaml").write_text(yaml.safe_dump(more))
    after = values()
    assert after.pop("T99") == (None, True)
    assert after == before
    assert asked.count("work_daily") > 1
    assert asked.count("loan_flow") == 2
