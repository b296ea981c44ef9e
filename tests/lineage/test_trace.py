"""From figures of the mini district to the lines of its files."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import yaml

from fugong.core.errors import ConfigurationError
from fugong.figures.figure import figures
from fugong.lineage import trace
from fugong.marts import build, schema
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
MARCH_18 = date(2020, 3, 18)


def lines(
    connection: Connection, mini: Mini, figure: str, known_at: datetime | None = None, as_of: date = MARCH_18
) -> list[trace.Line]:
    return trace.trace(connection, mini.include, figure, as_of, known_at)


def places(found: list[trace.Line]) -> list[tuple[str, int | None, str]]:
    return [(line.file_name, line.row_number, str(line.value)) for line in found]


@pytest.mark.parametrize("is_built", [True, False])
@pytest.mark.parametrize(
    "known_at", [None, datetime(2020, 3, 19, 10, tzinfo=SHANGHAI), datetime(2020, 3, 20, 9, tzinfo=SHANGHAI)]
)
@pytest.mark.parametrize("as_of", [date(2020, 3, 17), MARCH_18])
def test_the_lines_add_up_to_every_figure(
    connection: Connection, mini: Mini, is_built: bool, known_at: datetime | None, as_of: date
) -> None:
    if is_built:
        build.build(connection, mini.include)
    summed: Counter[str] = Counter()
    for figure in figures(connection, mini.include, as_of, known_at):
        found = lines(connection, mini, figure.id, known_at, as_of)
        for part in ("value", "numerator", "denominator"):
            wanted = getattr(figure, part) if part != "value" or figure.denominator is None else None
            values = [line.value for line in found if line.part == part]
            if isinstance(wanted, Decimal):
                assert sum(values) == wanted, (figure.id, part)  # pyright: ignore[reportArgumentType, reportCallIssue]
                summed[figure.id] += len(values)
    # On the 17th the firms are carried from the day before: nothing is known of the day itself.
    of_firms = {"T1", "T2", "T7"} if as_of == MARCH_18 else set[str]()
    assert set(summed) == {"T3", "T4", "T5", "T6", "T8", "T11", "T12", "T13"} | of_firms


def test_a_stock_leads_to_the_lines_of_the_part_in_force(connection: Connection, mini: Mini) -> None:
    found = lines(connection, mini, "T2")
    assert places(found) == [("work0318.xlsx", 4, "1"), ("work0318.xlsx", 5, "1")]
    assert {(line.department_code, line.sheet, line.part) for line in found} == {("GXJ", "表", "value")}
    before = lines(connection, mini, "T2", datetime(2020, 3, 19, 10, tzinfo=SHANGHAI))
    assert places(before) == places(found)
    assert {line.submission_id for line in before} != {line.submission_id for line in found}


def test_a_cumulative_figure_leads_to_the_lines_of_every_file(connection: Connection, mini: Mini) -> None:
    assert places(lines(connection, mini, "T3")) == [
        ("loan0316.xlsx", 4, "1000.50"),
        ("loan0316.xlsx", 5, "500.00"),
        ("loan0318.xlsx", 4, "20.00"),
    ]


def test_a_lowest_value_leads_to_the_line_that_has_it(connection: Connection, mini: Mini) -> None:
    assert places(lines(connection, mini, "T6")) == [("lease0316.xlsx", 5, "0.2500")]


def test_a_rate_has_two_parts(connection: Connection, mini: Mini) -> None:
    assert Counter(line.part for line in lines(connection, mini, "T1")) == {"numerator": 4, "denominator": 5}


def test_what_is_subtracted_has_its_sign(connection: Connection, mini: Mini) -> None:
    found = lines(connection, mini, "T11")
    assert [str(line.value) for line in found if line.file_name == "lease0316.xlsx"] == ["-100.10", "-50.00"]


def test_a_parameter_leads_to_its_line_in_the_reference_data(connection: Connection, mini: Mini) -> None:
    (line,) = lines(connection, mini, "T8")
    assert (line.submission_id, line.file_name) == (None, "include/reference/policy_param.csv")
    file = mini.include / "reference" / "policy_param.csv"
    assert line.row_number is not None
    (record,) = csv.reader([file.read_text(encoding="utf-8").splitlines()[line.row_number - 1]])
    assert (record[0], record[3], Decimal(record[4])) == ("P21", "price_after", line.value)
    (days,) = lines(connection, mini, "T10")
    assert (days.value, days.row_number) == ("2020-02-01/2020-06-30", line.row_number)


def test_a_list_leads_to_the_lines_that_it_names(connection: Connection, mini: Mini) -> None:
    term = {
        "mart": "work_daily",
        "column": "member",
        "keys": {"dimension": "township"},
        "aggregate": "list",
        "limit": 1,
        "order": "n_resumed",
    }
    entry = {"id": "N1", "name": "New", "name_zh": "新", "unit": "名", "value": term, "display": "list"}
    (mini.include / "briefing/figures/more.yaml").write_text(yaml.safe_dump([entry]))
    assert [(line.row_number, line.value) for line in lines(connection, mini, "N1")] == [(4, "A"), (5, "A"), (6, "A")]


def test_json_has_the_promised_names(connection: Connection, mini: Mini) -> None:
    document = lines(connection, mini, "T3")[0].to_json()
    assert list(document) == ["submission_id", "department_code", "file_name", "sheet", "row_number", "value", "part"]
    assert document["value"] == 1000.5


def test_a_mart_that_sums_something_else_than_its_head_says_is_our_fault(connection: Connection, mini: Mini) -> None:
    file = mini.include / "sql/marts/loan_flow.sql"
    file.write_text(file.read_text().replace("SUM(paid) AS paid", "SUM(paid) * 2 AS paid"))
    schema.create_marts(connection, mini.include)
    with pytest.raises(ConfigurationError, match=r"mart.loan_flow.paid: the lines add up to 1520.5, the figure is 3041"):
        lines(connection, mini, "T3")


def test_a_key_without_a_column_needs_its_expression(connection: Connection, mini: Mini) -> None:
    file = mini.include / "sql/marts/work_daily.sql"
    file.write_text(file.read_text().replace("--   member: CASE", "--   # member: CASE"))
    with pytest.raises(ConfigurationError, match=r"fact\.work has no column 'member'; the head needs it below `key_expressions`"):
        lines(connection, mini, "T2")


def test_an_unknown_figure_is_said_to_be_unknown(connection: Connection, mini: Mini) -> None:
    with pytest.raises(LookupError, match="No figure 'S999'"):
        lines(connection, mini, "S999")


def test_a_trace_reads_the_parts_of_days_with_cells_and_not_the_history(connection: Connection, mini: Mini) -> None:
    for number in range(40):
        when = date.fromordinal(MARCH_18.toordinal() - 60 + number).isoformat()
        loans = [(f"x{number}-{line}", FIRMS[0], "old", when, 1) for line in range(25)]
        settle(connection, "loan", "increment", when, loans, "2020-03-21T09:00:00")
    build.build(connection, mini.include)
    read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE schemaname = 'report' AND relname = 'loan'"
    with connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        (before,) = connection.execute(read).fetchone() or (0,)
        assert len(lines(connection, mini, "T3")) == 3
        (after,) = connection.execute(read).fetchone() or (0,)
    assert 3 <= after - before < 100  # of 1,004
