"""Figures over time, on the mini district: the value of every day is the figure of that day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.evaluate import open_evaluator
from fugong.figures.figure import figures
from fugong.figures.series import series
from fugong.marts import build
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
DAYS = [date(2020, 3, day) for day in (16, 17, 18)]
LAST = datetime(2020, 3, 20, 9, tzinfo=SHANGHAI)
NOT_IN_A = {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "township"}, "without": {"member": "A"}}
FOLLOWED = ("T1", "T2", "T3", "T5", "T7", "N1")


def define(mini: Mini, value: dict[str, Any]) -> None:
    entry = {"id": "N1", "name": "New", "name_zh": "新", "unit": "家", "value": value}
    (mini.include / "briefing/figures/more.yaml").write_text(yaml.safe_dump([entry]), encoding="utf-8")


def followed(connection: Connection, mini: Mini, known_at: datetime | None = None) -> dict[str, list[Decimal | None]]:
    with open_evaluator(connection, mini.include, DAYS[-1], known_at) as evaluator:
        return {name: series(evaluator, evaluator.moment.definitions[name], DAYS) for name in FOLLOWED}


def single(connection: Connection, mini: Mini, known_at: datetime | None = None) -> dict[str, list[Any]]:
    found = [figures(connection, mini.include, day, known_at, ids=FOLLOWED, checks=False) for day in DAYS]
    return {name: [one.value for one in values] for name, *values in zip(FOLLOWED, *found, strict=True)}


@pytest.mark.parametrize("known_at", [None, LAST])
@pytest.mark.parametrize("is_built", [True, False])
def test_a_series_is_the_figure_of_each_day(
    connection: Connection, mini: Mini, is_built: bool, known_at: datetime | None
) -> None:
    define(mini, NOT_IN_A)
    if is_built:
        build.build(connection, mini.include)
    found = followed(connection, mini, known_at)
    assert found == single(connection, mini, known_at)
    assert (found["T1"], found["N1"]) == ([0, None, Decimal("0.8")], [2, None, 2])  # nobody reported for the 17th
    assert found["T3"] == [Decimal("1500.50"), Decimal("1500.50"), Decimal("1520.50")]


def test_a_stale_day_before_the_two_days_is_replayed(connection: Connection, mini: Mini) -> None:
    define(mini, NOT_IN_A)
    build.build(connection, mini.include)
    settle(connection, "work", "snapshot", "2020-03-16", [(FIRMS[0], "A", True), (FIRMS[3], "B", True)], "2020-03-21T09:00:00")
    found = followed(connection, mini)
    assert found == single(connection, mini)
    assert found["T7"] == [2, None, 5]


def test_many_days_are_asked_for_before_two(connection: Connection, mini: Mini) -> None:
    with open_evaluator(connection, mini.include, DAYS[-1]) as evaluator:
        listed = evaluator.moment.definitions["T7"]
        assert evaluator.evaluate(listed).value == 5  # replays the mart for the 17th and 18th
        with pytest.raises(RuntimeError, match=r"mart\.work_daily has been replayed for 2 days only"):
            series(evaluator, listed, DAYS)


def test_a_fact_of_flows_is_read_once_for_all_days_that_it_was_asked_for(connection: Connection, mini: Mini) -> None:
    with open_evaluator(connection, mini.include, DAYS[-1]) as evaluator:
        loan = evaluator.moment.files.fact("fact.loan")

        def kept(days: list[date]) -> sql.Identifier | None:
            return evaluator.marts.kept_rows(loan, days, are_of_days=True)

        def rows(of: sql.Identifier) -> list[tuple[Any, ...]]:
            query = sql.SQL("SELECT part_id, business_date, row_number FROM {} WHERE business_date = ANY(%s) ORDER BY 1, 2, 3")
            return connection.execute(query.format(of), ([date(2020, 3, 15), *DAYS],)).fetchall()

        narrow = kept(DAYS[:1])
        assert narrow is not None
        assert kept(DAYS[:1]) == narrow
        table = kept(DAYS)
        assert table is not None
        assert table != narrow
        assert kept(DAYS[1:]) == kept(DAYS[:1]) == table
        wider = kept([date(2020, 3, 15)])
        assert wider is not None
        assert wider != table
        assert kept(DAYS) == wider
        assert rows(wider) == rows(sql.Identifier("fact", "loan")) != []


def test_the_tables_of_two_days_do_not_stand_in_the_way_of_many(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    connection.execute("DELETE FROM audit.mart_day WHERE mart = 'work_daily' AND day = '2020-03-16'")
    connection.execute("DELETE FROM mart.work_daily WHERE as_of = '2020-03-16'")
    with open_evaluator(connection, mini.include, DAYS[-1]) as evaluator:
        listed = evaluator.moment.definitions["T7"]
        assert evaluator.evaluate(listed).value == 5
        assert series(evaluator, listed, DAYS) == [5, None, 5]


@pytest.mark.parametrize("name", ["T4", "T6", "T8", "T12"])
def test_what_cannot_be_followed_is_refused(connection: Connection, mini: Mini, name: str) -> None:
    with (
        open_evaluator(connection, mini.include, DAYS[-1]) as evaluator,
        pytest.raises(ConfigurationError, match=f"figure {name}: "),
    ):
        series(evaluator, evaluator.moment.definitions[name], DAYS)
