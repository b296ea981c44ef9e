"""From a submission to the cells and figures that it counts in: the way of a trace backwards."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import yaml

from fugong.figures.figure import figures
from fugong.lineage import impact, trace
from fugong.marts import build
from tests.fixtures.mini_district import SHANGHAI, Mini

Connection = psycopg.Connection[Any]
DAYS = [date(2020, 3, day) for day in (16, 17, 18)]


def numbers(connection: Connection) -> dict[str, int]:
    rows = connection.execute("SELECT file_name, MAX(submission_id) FROM intake.submission GROUP BY file_name").fetchall()
    return dict(rows)


def test_every_line_behind_a_figure_leads_back_to_it(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    ids = [figure.id for figure in figures(connection, mini.include, DAYS[-1], checks=False)]
    traced = {
        (line.submission_id, name, day)
        for day in DAYS
        for name in ids
        for line in trace.trace(connection, mini.include, name, day)
        if line.submission_id is not None
    }
    touched = {
        (number, figure.id, day)
        for number in numbers(connection).values()
        for figure in impact.impact(connection, mini.include, number).figures
        for day in figure.days
    }
    # Of a lowest value the trace has the first line that has it; the file that holds more lines is the same here.
    assert touched == traced
    assert {name for _, name, _ in traced} == {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T11", "T12", "T13"}


def test_cells_add_up_to_what_the_marts_hold(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    summed: dict[tuple[str, str, tuple[Any, ...]], Decimal] = {}
    for number in numbers(connection).values():
        for cell in impact.impact(connection, mini.include, number).cells:
            if cell.value is not None:
                key = (cell.mart, cell.column, tuple(cell.keys.values()))
                summed[key] = summed.get(key, Decimal(0)) + cell.value
    assert {mart for mart, _, _ in summed} == {"work_daily", "lease_daily", "loan_flow", "loan_monthly"}
    for (mart, column, keys), total in summed.items():
        names = {
            "work_daily": "as_of, dimension, member",
            "lease_daily": "as_of",
            "loan_flow": "business_date, report_date, nature",
            "loan_monthly": "period, report_date, nature",
        }[mart]
        row = connection.execute(
            f"SELECT {column} FROM mart.{mart} WHERE ({names}) = ({', '.join(['%s'] * len(keys))})".encode(), keys
        ).fetchone()
        assert row == (total,), (mart, column, keys)


def test_one_line_touches_its_own_cells(connection: Connection, mini: Mini) -> None:
    number = numbers(connection)["loan0316.xlsx"]
    found = impact.impact(connection, mini.include, number, row_number=6)  # the renewal
    assert {(cell.mart, cell.keys["nature"], cell.value) for cell in found.cells if cell.column == "paid"} == {
        ("loan_flow", "renewal", 7),
        ("loan_monthly", "renewal", 7),
    }
    assert [(figure.id, figure.days) for figure in found.figures] == [("T4", tuple(DAYS)), ("T12", tuple(DAYS))]


def test_what_is_superseded_counts_where_it_did(connection: Connection, mini: Mini) -> None:
    (first, second) = connection.execute(
        "SELECT MIN(submission_id), MAX(submission_id) FROM intake.submission WHERE file_name = 'work0318.xlsx'"
    ).fetchone() or (0, 0)
    build.build(connection, mini.include)
    assert impact.impact(connection, mini.include, first).n_parts == 0
    before = datetime(2020, 3, 19, 13, tzinfo=SHANGHAI)
    assert [figure.id for figure in impact.impact(connection, mini.include, first, before).figures] == ["T1", "T2", "T7"]
    assert impact.impact(connection, mini.include, second, before).n_parts == 0
    with pytest.raises(LookupError, match="No submission 999"):
        impact.impact(connection, mini.include, 999)


def test_any_cell_of_a_mart_can_be_traced(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    lines = trace.trace_cell(
        connection, mini.include, "mart.loan_monthly", {"period": "2020-03-01", "report_date": "2020-03-16", "nature": "new"}
    )
    assert [(line.part, str(line.value), line.row_number) for line in lines] == [("paid", "1000.50", 4)]
    keys = {"as_of": "2020-03-18", "dimension": "township", "member": "A"}
    lines = trace.trace_cell(connection, mini.include, "work_daily", keys)
    assert [(line.part, line.value, line.row_number) for line in lines] == [
        ("n_listed", 1, 4), ("n_listed", 1, 5), ("n_listed", 1, 6), ("n_resumed", 1, 4), ("n_resumed", 1, 5),
    ]  # fmt: skip
    assert {line.part for line in trace.trace_cell(connection, mini.include, "work_daily", keys, columns=["n_resumed"])} == {
        "n_resumed"
    }
    for wrong, message in (
        ({"as_of": "2020-03-18"}, "has the keys as_of, dimension, member"),
        (keys | {"member": "Z"}, "there is no such cell"),
        (keys | {"as_of": "18"}, "is not a date"),
    ):
        with pytest.raises(LookupError, match=message):
            trace.trace_cell(connection, mini.include, "work_daily", wrong)
    with pytest.raises(LookupError, match="no lines behind n_away; there are: n_listed, n_resumed"):
        trace.trace_cell(connection, mini.include, "work_daily", keys, columns=["n_away"])


def test_json_writes_keys_of_every_kind() -> None:
    keys = {"as_of": DAYS[0], "member": "A", "rank": 3, "is_social": False, "rate": Decimal("0.5"), "township": None}
    found = impact.Impact(1, None, 1, (impact.TouchedCell("mart", keys, DAYS[0], "paid", Decimal(7), 2),), ())
    [cell] = found.to_json()["cells"]
    assert cell["keys"] == {"as_of": "2020-03-16", "member": "A", "rank": 3, "is_social": False, "rate": 0.5, "township": None}
    assert (type(cell["keys"]["rank"]), type(cell["keys"]["is_social"])) == (int, bool)


def test_a_list_is_touched_by_the_lines_of_its_cells(connection: Connection, mini: Mini) -> None:
    term = {
        "mart": "work_daily",
        "column": "member",
        "keys": {"dimension": "township"},
        "aggregate": "list",
        "order": "n_resumed",
        "limit": 1,
    }
    entry = {"id": "N1", "name": "New", "name_zh": "新", "unit": "名", "value": term, "display": "list"}
    (mini.include / "briefing/figures/more.yaml").write_text(yaml.safe_dump([entry]))
    build.build(connection, mini.include)
    found = impact.impact(connection, mini.include, numbers(connection)["work0318.xlsx"])
    assert "N1" in {figure.id for figure in found.figures}
