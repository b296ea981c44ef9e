"""The record of revisions: vintages, bias and quantiles counted by hand, and what moved each figure."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from fugong.core.settings import Settings
from fugong.figures.evaluate import open_evaluator
from fugong.lineage.revisions import FigureRevisions, Record, quantile, revisions
from fugong.lineage.settlements import Kind
from fugong.lineage.vintages import Triangle, triangle
from fugong.operations import setup
from fugong.warehouse.connection import connect
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
MARCH_16, MARCH_17, MARCH_18 = (date(2020, 3, day) for day in (16, 17, 18))
LATE = "2020-03-26T09:00:00"


def record(connection: Connection, mini: Mini, known_at: datetime | None = None, **given: Any) -> Record:
    return revisions(connection, mini.include, known_at=known_at, **given)


def figure(found: Record, name: str) -> FigureRevisions:
    return next(one for one in found.figures if one.definition.id == name)


def displays(one: FigureRevisions) -> dict[tuple[int, int], list[tuple[int, str]]]:
    """Day and due day of March → the days of its vintages and what they say."""
    return {
        (row.as_of.day, row.due_on.day): [(vintage.known_on.day, vintage.display) for vintage in row.vintages] for row in one.rows
    }


def late_loan(connection: Connection, *, paid: object = "30", at: str = LATE) -> int:
    rows = [("7", FIRMS[0], "new", "2020-03-17", paid)]
    return settle(connection, "loan", "increment", "2020-03-17", rows, at, department="JRB")


def test_a_correction_is_the_second_vintage(connection: Connection, mini: Mini) -> None:
    found = record(connection, mini)
    rate = figure(found, "T1")
    # Nobody reported for the 17th; the report of the 18th was due on the 19th and is corrected on the 20th.
    assert displays(rate) == {
        (16, 17): [(17, "0%")],
        (17, 18): [(18, "无法确定")],
        (18, 19): [(19, "60%"), (20, "80%")],
    }
    [step] = rate.steps
    assert (step.as_of, step.before.numerator, step.after.numerator, step.moved) == (MARCH_18, 3, 4, Decimal("0.2"))
    assert step.kinds == (Kind.CORRECTION,)
    assert [(cause.department_code, cause.file_name) for cause in step.causes] == [("GXJ", "work0318.xlsx")]
    assert (rate.n_known, rate.n_known_late, rate.n_revised) == (2, 0, 1)
    # |last − first| is 0 and 0.2: nine tenths of the way from the one to the other is 0.18.
    spread = rate.spread
    assert spread is not None
    assert (spread.n_days, spread.bias, spread.median, spread.nine_tenths, spread.greatest) == (
        2,
        Decimal("0.1"),
        Decimal("0.1"),
        Decimal("0.18"),
        Decimal("0.2"),
    )


def test_a_late_file_moves_the_days_that_count_it(connection: Connection, mini: Mini) -> None:
    late_loan(connection)
    loans = figure(record(connection, mini), "T3")
    values = [[(vintage.known_on.day, vintage.value) for vintage in row.vintages] for row in loans.rows]
    assert values == [
        [(17, Decimal("1500.50"))],
        [(18, Decimal("1500.50")), (26, Decimal("1530.50"))],
        [(19, Decimal("1520.50")), (26, Decimal("1550.50"))],
    ]
    assert [step.kinds for step in loans.steps] == [(Kind.LATE,), (Kind.LATE,)]
    spread, relative = loans.spread, loans.relative
    assert spread is not None
    assert relative is not None
    assert (spread.bias, spread.median, spread.nine_tenths) == (20, 30, 30)
    assert relative.greatest == Decimal(30) / Decimal("1500.50")
    assert loans.rows[1].after(7).value == Decimal("1500.50")
    assert loans.rows[1].after(8).value == Decimal("1530.50")


def test_a_figure_unknown_when_due_was_not_revised(connection: Connection, mini: Mini) -> None:
    work = [(firm, "A", True) for firm in FIRMS[:5]]
    settle(connection, "work", "snapshot", "2020-03-17", work, LATE)
    rate = figure(record(connection, mini), "T1")
    assert displays(rate)[17, 18] == [(18, "无法确定"), (26, "100%")]
    assert (rate.n_known, rate.n_known_late, rate.n_revised) == (3, 1, 1)
    assert [step.as_of for step in rate.steps] == [MARCH_18]
    assert rate.spread is not None
    assert rate.spread.n_days == 3  # its first known value counts, which did not move


def test_a_withdrawal_leaves_nothing_to_compare(connection: Connection, mini: Mini) -> None:
    settle(connection, "lease", "ledger", "2020-03-16", [], LATE, department="GZB")
    connection.execute("UPDATE intake.part SET kind = 'withdrawal' WHERE settled_at = %s", (LATE + "+08",))
    relief = figure(record(connection, mini), "T5")
    assert {row.vintages[-1].value for row in relief.rows} == {None}
    assert [(step.kinds, step.moved) for step in relief.steps] == [((Kind.CORRECTION,), None)] * 3
    assert relief.spread is None


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE intake.part SET version = 2 WHERE submission_id = %s", Kind.CORRECTION),
        (
            "UPDATE intake.part SET kind = 'repair', repairs_part = (SELECT MIN(part_id) FROM intake.part WHERE table_name = 'loan') WHERE submission_id = %s",
            Kind.REPAIR,
        ),
        ("UPDATE intake.submission SET replays = 1 WHERE submission_id = %s", Kind.RULE),
        ("SELECT %s", Kind.LATE),
    ],
)
def test_each_kind_of_submission_has_its_name(connection: Connection, mini: Mini, statement: str, kind: Kind) -> None:
    submission_id = late_loan(connection)
    connection.execute(statement.encode(), (submission_id,))
    steps = figure(record(connection, mini), "T3").steps
    assert steps
    assert {cause.kind for step in steps for cause in step.causes} == {kind}
    assert {cause.submission_id for step in steps for cause in step.causes} == {submission_id}


def test_a_parameter_recorded_later_is_a_cause(connection: Connection, mini: Mini) -> None:
    file = mini.include / "reference" / "policy_param.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",price_after,4,", ",price_after,3.9,"), encoding="utf-8")
    setup.load_reference(connection, mini.include / "reference")
    price = figure(record(connection, mini), "T8")
    assert [step.kinds for step in price.steps] == [(Kind.PARAMETER,)] * 3
    assert {cause.parameter for step in price.steps for cause in step.causes} == {"P21 price_after"}
    assert price.spread is not None
    assert (price.spread.bias, price.spread.median) == (Decimal("-0.1"), Decimal("0.1"))
    assert price.by_kind == {Kind.PARAMETER: 3}


def test_a_revision_of_two_kinds_counts_in_halves(connection: Connection, mini: Mini) -> None:
    late_loan(connection)
    corrected = late_loan(connection, paid="5", at="2020-03-26T10:00:00")
    connection.execute("UPDATE intake.part SET version = 2 WHERE submission_id = %s", (corrected,))
    loans = figure(record(connection, mini), "T3")
    assert len(loans.steps) == 2
    assert loans.by_kind == {Kind.CORRECTION: 1, Kind.LATE: 1}
    assert loans.to_json()["share_by_cause"] == {"correction": 0.5, "late": 0.5}


def test_a_file_without_rows_behind_the_figure_is_no_cause(connection: Connection, mini: Mini) -> None:
    late_loan(connection)
    nothing_new = [("8", FIRMS[0], "renewal", "2020-03-17", "9")]
    settle(connection, "loan", "increment", "2020-03-17", nothing_new, "2020-03-26T11:00:00", department="GXJ")
    steps = figure(record(connection, mini), "T3").steps
    assert {cause.department_code for step in steps for cause in step.causes} == {"JRB"}


def test_departments_correct_and_move_figures(connection: Connection, mini: Mini) -> None:
    late_loan(connection)
    found = {one.department_code: one for one in record(connection, mini).departments}
    assert {code: (one.n_submissions, one.n_corrections, one.n_repairs) for code, one in found.items()} == {
        "GXJ": (3, 1, 0),
        "GZB": (1, 0, 0),
        "JRB": (3, 0, 0),
    }
    assert found["GXJ"].correction_rate == Decimal(1) / 3
    assert {step.figure for step in found["GXJ"].steps} == {"T1"}
    assert {step.figure for step in found["JRB"].steps} == {"T3", "T4", "T11", "T12", "T13"}
    assert found["GZB"].steps == ()
    assert found["GZB"].moves is None


def test_a_district_without_revisions_says_so(connection: Connection, mini: Mini) -> None:
    found = record(connection, mini, datetime(2020, 3, 19, 23, tzinfo=SHANGHAI))
    assert found.steps == []
    assert {one.definition.id: len(one.rows) for one in found.figures} == {f"T{n}": 3 for n in range(1, 14) if n != 9}
    spread = figure(found, "T1").spread
    assert spread is not None
    assert (spread.bias, spread.greatest) == (0, 0)


def test_a_day_whose_reports_are_not_due_has_no_vintage(connection: Connection, mini: Mini) -> None:
    found = record(connection, mini, datetime(2020, 3, 18, 12, tzinfo=SHANGHAI), days=(MARCH_17, MARCH_18), ids=["t1"])
    assert [row.as_of for row in figure(found, "T1").rows] == [MARCH_17]
    assert [one.definition.id for one in found.figures] == ["T1"]


def test_an_empty_warehouse_has_nothing_to_revise(connection: Connection, mini: Mini) -> None:
    connection.execute("TRUNCATE intake.submission, report.work, report.lease, report.loan CASCADE")
    found = record(connection, mini)
    assert (found.days, found.steps, found.departments) == ((), [], ())


def test_quantiles_lie_between_neighbours() -> None:
    sizes = [Decimal(n) for n in (1, 2, 4)]
    assert [quantile(sizes, Decimal(share)) for share in ("0", "0.5", "0.75", "0.9", "1")] == [
        1,
        2,
        3,
        Decimal("3.6"),
        4,
    ]
    assert quantile([Decimal(7)], Decimal("0.9")) == 7


EVENTS: list[Callable[[Connection, random.Random, str], object]] = [
    lambda connection, chance, at: settle(
        connection,
        "work",
        "snapshot",
        f"2020-03-{chance.choice((16, 17, 18))}",
        [(firm, chance.choice("ABC"), chance.random() < 0.5) for firm in FIRMS[: chance.randint(1, 6)]],
        at,
    ),
    lambda connection, chance, at: settle(
        connection,
        "lease",
        "ledger",
        f"2020-03-{chance.choice((16, 17, 18))}",
        [(f"L{n}", str(chance.randint(1, 99)), "0.5") for n in range(chance.randint(1, 3))],
        at,
        department="GZB",
    ),
    lambda connection, chance, at: settle(
        connection,
        "loan",
        "increment",
        f"2020-03-{chance.choice((16, 17, 18))}",
        [(f"N{at}", FIRMS[0], "new", f"2020-03-{chance.choice((14, 15, 16))}", str(chance.randint(1, 99)))],
        at,
        department="JRB",
    ),
]


@pytest.mark.parametrize("seed", range(4))
def test_vintages_are_what_figures_are_at_the_end_of_each_day(connection: Connection, mini: Mini, seed: int) -> None:
    chance = random.Random(seed)
    for day in sorted(chance.sample(range(20, 31), 6)):
        chance.choice(EVENTS)(connection, chance, f"2020-03-{day}T09:00:00")
    found = triangle(connection, mini.include)
    assert sum(len(row.vintages) > 1 for rows in found.rows.values() for row in rows) > 3
    assert_is_replayed(
        connection, mini.settings, found, [(day, n) for day in (MARCH_16, MARCH_17, MARCH_18) for n in range(1, 14)]
    )


def test_vintages_of_the_sample_are_what_figures_are(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        found = triangle(connection, sample_district.include, (date(2020, 3, 9), date(2020, 3, 12)))
        assert len(found.rows) > 80
        assert_is_replayed(connection, sample_district, found, [(date(2020, 3, 10), 1), (date(2020, 3, 11), 8)])


def assert_is_replayed(connection: Connection, settings: Settings, found: Triangle, asked: list[tuple[date, int]]) -> None:
    """Compare vintages with figures, for days and numbers of days after them."""
    n_compared = 0
    for as_of, n_days in asked:
        known_on = as_of + timedelta(n_days)
        with open_evaluator(connection, settings.include, as_of, datetime.combine(known_on, time.max, SHANGHAI)) as evaluator:
            for name, rows in found.rows.items():
                [row] = [row for row in rows if row.as_of == as_of]
                if known_on < row.due_on:
                    continue
                vintage, now = row.after((known_on - row.due_on).days), evaluator.evaluate(found.definitions[name])
                assert (vintage.value, vintage.display, vintage.numerator, vintage.denominator) == (
                    now.value,
                    now.display,
                    now.numerator,
                    now.denominator,
                ), (name, as_of, known_on)
                n_compared += 1
    assert n_compared > 100
