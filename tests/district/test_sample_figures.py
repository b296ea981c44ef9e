"""Every figure of the sample district: to its lines and back, at any moment, and through a correction."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from psycopg import sql

from fugong.core.settings import Settings
from fugong.figures.definition import load_definitions
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.figure import figures
from fugong.figures.term import AsOf, MartCells, Text
from fugong.lineage import diff, impact, trace
from fugong.lineage.diff import SubmissionCause
from fugong.marts.model import Mart
from fugong.warehouse.connection import connect

D = date(2020, 3, 18)


def test_the_lines_behind_every_figure_add_up_and_lead_back_to_it(sample_district: Settings) -> None:
    include = sample_district.include
    traced: set[str] = set()
    by_submission: dict[int, set[str]] = defaultdict(set)
    with connect(sample_district) as connection:
        with open_evaluator(connection, include, D) as evaluator:
            for definition in evaluator.moment.definitions.values():
                evaluated = evaluator.evaluate(definition)
                lines = list(trace.lines_behind(evaluator, definition))
                for part, wanted in (
                    ("value", evaluated.value),
                    ("numerator", evaluated.numerator),
                    ("denominator", evaluated.denominator),
                ):
                    values = [line.value for line in lines if line.part == part and isinstance(line.value, Decimal)]
                    is_sum = isinstance(wanted, Decimal) and (part != "value" or definition.denominator is None)
                    is_days = any(type(term).__name__ == "DaysUntil" for term in definition.terms.values())
                    if is_sum and values and not is_days:
                        assert sum(values) == wanted, (definition.id, part)
                    assert bool(values) or not is_sum or wanted == 0 or is_days, (definition.id, part)
                for line in lines:
                    if line.submission_id is not None:
                        by_submission[line.submission_id].add(definition.id)
                if (
                    lines
                    or all(isinstance(term, AsOf | Text) for term in definition.terms.values())
                    or evaluated.value in (None, 0)
                ):
                    traced.add(definition.id)
        assert traced == set(load_definitions(include))
        # Back again, from the newest file of each report.
        newest = dict(
            connection.execute(
                "SELECT report, MAX(submission_id) FROM intake.submission WHERE submission_id = ANY(%s) GROUP BY report",
                (list(by_submission),),
            ).fetchall()
        )
        assert newest.keys() >= {
            "tax_relief",
            "loan",
            "enterprise",
            "industry_resumption",
            "land",
            "key_project",
            "service_ledger",
        }
        for number in newest.values():
            found = {figure.id for figure in impact.impact(connection, include, number).figures if D in figure.days}
            assert found == by_submission[number], number


def test_a_mart_has_no_number_where_no_report_is_in_force(sample_district: Settings) -> None:
    counts_of_members_and_reports = {
        "resumption_change": {"n_register", "n_should"},
        "resumption_daily": {
            *("n_register", "n_exempt", "n_should", "normal_headcount", "n_with_headcount"),
            *("n_reported", "n_carried", "n_power", "n_with_output"),
            *(
                "on_post_at_least",
                "on_post_at_most",
                "headcount_at_most",
            ),  # the ends of what is possible: nobody, and everybody's headcount
        },
    }
    for day in (date(2020, 3, 22), date(2021, 1, 5)):
        filled: dict[str, set[str]] = defaultdict(set)
        n_looked_at = 0
        with connect(sample_district) as connection, open_evaluator(connection, sample_district.include, day) as evaluator:
            for mart in evaluator.moment.files.marts:
                silent = [name for name in mart.sums if mart.partition_by == "as_of" and not _is_told(evaluator, mart, name)]
                n_looked_at += len(silent)
                if silent:
                    table = evaluator.table(mart)
                    [counts] = connection.execute(
                        sql.SQL("SELECT {} FROM {} WHERE as_of = {}").format(
                            sql.SQL(", ").join(sql.SQL("COUNT({})").format(sql.Identifier(name)) for name in silent), table, day
                        )
                    ).fetchall()
                    filled[mart.name] |= {name for name, n in zip(silent, counts, strict=True) if n}
        assert n_looked_at > 30
        assert {name: columns for name, columns in filled.items() if columns} == counts_of_members_and_reports


def _is_told(evaluator: Evaluator, mart: Mart, column: str) -> bool:
    """Whether any of the report tables that hold the rows of a column has data for the day."""
    term = MartCells(mart.name, column, {}, "to_date", None, "sum", "", None)
    return any(table.name in evaluator.submissions.reported for table in evaluator.submissions.tables_read(term))


def test_a_replay_is_what_the_tables_hold(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        found = figures(connection, sample_district.include, D)
        assert figures(connection, sample_district.include, D, found[0].known_at) == found


def test_a_corrected_tax_file_moves_what_it_touches_and_explains_the_whole_change(sample_district: Settings) -> None:
    day = date(2020, 3, 11)
    with connect(sample_district) as connection:
        (number, settled_at) = connection.execute(
            "SELECT submission_id, settled_at FROM intake.part WHERE table_name = 'tax_relief' AND report_date = %s AND version = 2",
            (day,),
        ).fetchone() or (0, None)
        assert settled_at is not None
        moved = diff.diff(connection, sample_district.include, day, settled_at - timedelta(seconds=1), settled_at)
        touched = {one.id for one in impact.impact(connection, sample_district.include, number).figures if day in one.days}
    assert {one.id for one in moved} == touched
    (tax,) = (one for one in moved if one.id == "S041")
    changes = [cause for cause in tax.causes if isinstance(cause, SubmissionCause)]
    assert [cause.what for cause in changes] == ["superseded", "corrected"]
    assert isinstance(tax.before.value, Decimal)
    assert isinstance(tax.after.value, Decimal)
    assert sum((cause.after or 0) - (cause.before or 0) for cause in changes) == tax.after.value - tax.before.value
