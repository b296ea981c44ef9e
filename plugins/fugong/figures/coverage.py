"""Coverage of a figure: how much of what should have been reported stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.table_coverage import table_coverage
from fugong.figures.term import MartCells


@dataclass(frozen=True)
class Coverage:
    """Coverage of one figure.

    Attributes:
        value: a fraction for snapshots and increments, the age in days for ledgers; None where there is nothing to cover.
        is_age: whether the value is an age.
        warnings: what is missing, carried or old.
    """

    value: Decimal | None
    is_age: bool
    warnings: tuple[Bilingual, ...]


def coverage(evaluator: Evaluator, definition: Definition) -> Coverage:
    """The coverage that the definition names; else the lowest share of its tables; else the age of its oldest ledger."""
    spans = {
        table.name: (evaluator.since(term), term.over)
        for term in definition.terms.values()
        if isinstance(term, MartCells)
        for table in evaluator.submissions.tables_read(term)
    }
    narrowed = {name for term in definition.terms.values() if isinstance(term, MartCells) for name in term.reports}
    tables = [
        table_coverage(evaluator.submissions, table, *spans.get(table.name, (None, "")))
        for table in evaluator.submissions.tables_behind(definition)
        if not narrowed or table.name in narrowed
    ]
    warnings = [warning for table in tables for warning in table.warnings]
    warnings += _returned(evaluator, definition)
    if definition.coverage is not None:
        reported, expected = (evaluator.number(term) for term in definition.coverage)
        if not expected:
            return Coverage(Decimal(0), False, tuple(warnings))
        if reported is not None:
            if 0 < reported < expected:  # of none the figure says itself that it is not known
                warnings.append(
                    Bilingual(
                        f"应报 {plain(expected)},当日已报 {plain(reported)}。",
                        f"{plain(reported)} of {plain(expected)} reported for the day.",
                    )
                )
            return Coverage(reported / expected, False, tuple(warnings))
    shares = [table.value for table in tables if table.value is not None and not table.is_age]
    if not evaluator.evaluate(definition).is_known:
        shares.append(Decimal(0))
    if shares:
        return Coverage(min(shares), False, tuple(warnings))
    ages = [table.value for table in tables if table.value is not None and table.is_age]
    return Coverage(max(ages, default=None), bool(ages), tuple(warnings))


def _returned(evaluator: Evaluator, definition: Definition) -> Iterator[Bilingual]:
    """A sentence for each table of the figure's own cells with rows that were returned and have not come back."""
    submissions = evaluator.submissions
    terms = [term for term in definition.terms.values() if isinstance(term, MartCells)]
    tables = {table.name: table for term in terms for table in submissions.tables_read(term)}
    for table in tables.values():
        n_rows = submissions.n_returned.get(table.name, 0)
        if n_rows:
            yield Bilingual(
                f"{table.titles.zh}有 {n_rows} 行退回未补。", f"Rows of {table.titles.en} returned and not mended: {n_rows}."
            )
