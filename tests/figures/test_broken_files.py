"""A SQL file or a figure that is broken, or half written, leaves out itself and what is made of it: no value, never zero, never yesterday's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fugong.configuration.lint import lint
from fugong.core.errors import ConfigurationError
from fugong.figures.display import BROKEN
from fugong.figures.figure import Figure, figures
from fugong.figures.rules import NOT_CHECKED
from fugong.lineage.trace import trace
from fugong.marts import build
from fugong.marts.schema import create_marts
from tests.fixtures.mini_district import Mini, rows, settle

AS_OF = date(2020, 3, 18)
Connection = psycopg.Connection[Any]
Change = Callable[[Path], object]
ALL = {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T10", "T11", "T12", "T13"}
OF_LEASES = {"T5", "T6", "T11"}
LEASES = "SELECT as_of, relief::text FROM mart.lease_daily ORDER BY as_of"
NEW = [("L1", "100.10", "0.3"), ("L2", "50", "0.25"), ("L3", "7", "0.1")]


def edit(before: str, after: str) -> Change:
    def change(file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    return change


def half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:60])


@dataclass(frozen=True)
class Case:
    """A change to a file, and what it costs."""

    file: str
    change: Change
    figures: set[str] = field(default_factory=lambda: set(OF_LEASES))
    left_out: set[str] = field(default_factory=lambda: {"mart.lease_daily"})


CASES = {
    "half a mart": Case("sql/marts/lease_daily.sql", half),
    "a mart in another encoding": Case("sql/marts/lease_daily.sql", lambda file: file.write_bytes("-- 减免".encode("gb18030"))),
    "a mart that changed since init": Case("sql/marts/lease_daily.sql", edit("SUM(relief) AS", "SUM(relief) + 1 AS")),
    "a mart that sums what is not there": Case("sql/marts/lease_daily.sql", edit("fact.lease.relief", "fact.lease.releif")),
    "half a fact": Case("sql/facts/lease.sql", half),
    "a fact that is gone": Case("sql/facts/lease.sql", Path.unlink),
    "a mart that is gone": Case("sql/marts/lease_daily.sql", Path.unlink),
    "half a check": Case("sql/checks/T9.sql", half, set(), {"check.T9"}),
    "a figure of another mart": Case("briefing/figures/figures.yaml", edit("column: relief}", "column: releif}"), {"T5", "T11"}, set()),
    "a figure that does not fit": Case("briefing/figures/figures.yaml", edit("name: Relief,", "nome: Relief,"), {"T5", "T11"}, set()),
    "figures that are no YAML": Case("briefing/figures/figures.yaml", edit("value: {figures: [T3, -T5]}}", "value: {figures: [T3"), ALL, set()),
}  # fmt: skip


def by_id(connection: Connection, mini: Mini) -> dict[str, Figure]:
    return {one.id: one for one in figures(connection, mini.include, AS_OF)}


def settle_more(connection: psycopg.Connection[Any]) -> None:
    """A ledger of leases and a loan that make days stale."""
    settle(connection, "lease", "ledger", "2020-03-18", NEW, "2020-03-21T10:00:00", department="GZB")
    settle(
        connection,
        "loan",
        "increment",
        "2020-03-18",
        [("9", "x", "new", "2020-03-18", "5")],
        "2020-03-21T11:00:00",
        department="JRB",
    )


@pytest.mark.parametrize("name", CASES)
def test_it_leaves_out_what_is_made_of_it_and_says_so(connection: Connection, mini: Mini, name: str) -> None:
    case = CASES[name]
    build.build(connection, mini.include)
    before = by_id(connection, mini)
    assert before.keys() == ALL
    file = mini.include / case.file
    good = file.read_bytes()
    settle_more(connection)
    case.change(file)
    built = build.build(connection, mini.include)
    assert {one for one in built.faulty if not one.startswith("fact.")} == case.left_out
    assert {"loan_flow", "loan_monthly"} <= {*built.marts}
    found = by_id(connection, mini)
    assert found.keys() == ALL
    assert {one.id for one in found.values() if one.is_broken} == case.figures
    for one in found.values():
        if one.is_broken:
            assert (one.value, one.previous, one.display, one.is_known, one.coverage) == (None, None, BROKEN, False, None)
            assert Path(case.file).name in one.warnings[0].zh or "lease_daily" in one.warnings[0].zh
            with pytest.raises(ConfigurationError):
                trace(connection, mini.include, one.id, AS_OF)
    if "T3" not in case.figures:  # the others go on with what came meanwhile
        assert str(found["T3"].value) == "1525.50"
    if case.left_out == {"check.T9"}:
        assert any(NOT_CHECKED.zh in warning.zh for warning in found["T1"].warnings)
    if case.left_out == {"mart.lease_daily"}:
        assert lint(mini.settings, tries_rules=False, needs_suites=False, has_briefing=False) or "init" in name

    file.write_bytes(good)
    again = build.build(connection, mini.include)
    assert again.faulty == {}
    assert str(by_id(connection, mini)["T5"].value) == "157.10"
    assert rows(connection, LEASES)[-1][1] == "157.10"
    assert rows(connection, "SELECT COUNT(*) FROM intake.stale_day") == [(0,)]


def test_what_analysts_see_is_withheld_while_nobody_knows_what_is_published(connection: Connection, mini: Mini) -> None:
    shown = "SELECT as_of, dimension, member, n_listed, n_resumed FROM open.work_daily ORDER BY 1, 2, 3"
    build.build(connection, mini.include)
    assert rows(connection, shown)
    file = mini.include / "briefing/figures/figures.yaml"
    good = file.read_bytes()
    half(file)
    work = [("x", "A", True), ("y", "A", True), ("z", "B", False)]
    settle(connection, "work", "snapshot", "2020-03-19", work, "2020-03-21T10:00:00")
    built = build.build(connection, mini.include)
    assert [*built.faulty] == ["open.work_daily"]
    assert built.rows["work_daily"] > 0
    assert rows(connection, shown) == []
    file.write_bytes(good)
    assert build.build(connection, mini.include).faulty == {}
    mended = rows(connection, shown)
    connection.execute("DELETE FROM open.work_daily")
    build.build(connection, mini.include, days=[date(2020, 3, number) for number in range(1, 32)])
    assert rows(connection, shown) == mended != []


def test_a_select_that_fails_on_the_data_stops_nobody_else(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    edit("SUM(relief) AS", "SUM(relief) / (COUNT(*) - 3) AS")(mini.include / "sql/marts/lease_daily.sql")
    create_marts(connection, mini.include)
    assert build.build(connection, mini.include).faulty == {}
    settle_more(connection)
    built = build.build(connection, mini.include)
    assert {name: "division by zero" in str(fault) for name, fault in built.faulty.items()} == {"mart.lease_daily": True}
    found = by_id(connection, mini)
    assert {one.id for one in found.values() if one.is_broken} == {"T5", "T6", "T11"}
    assert found["T11"].value is None
    assert str(found["T3"].value) == "1525.50"
