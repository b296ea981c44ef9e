"""Coverage of a figure: how much of what should have been reported stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fugong.contracts.contract import Table
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.submissions import Submissions

MAX_LEDGER_AGE_DAYS = 7
"""A ledger that is older gets a warning."""


@dataclass(frozen=True)
class Coverage:
    """Coverage of one table or figure.

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
    tables = [
        (_of_increments if table.mode == "increment" else _in_force)(evaluator.submissions, table)
        for table in evaluator.submissions.tables_behind(definition)
    ]
    warnings = [warning for table in tables for warning in table.warnings]
    if definition.coverage is not None:
        reported, expected = (evaluator.number(term) for term in definition.coverage)
        if reported is not None and expected:
            if reported < expected:
                warnings.append(
                    Bilingual(
                        f"应报 {plain(expected)},当日已报 {plain(reported)}。",
                        f"{plain(reported)} of {plain(expected)} reported for the day.",
                    )
                )
            return Coverage(reported / expected, False, tuple(warnings))
    shares = [table.value for table in tables if table.value is not None and not table.is_age]
    if shares:
        return Coverage(min(shares), False, tuple(warnings))
    ages = [table.value for table in tables if table.value is not None and table.is_age]
    return Coverage(max(ages, default=None), bool(ages), tuple(warnings))


def _in_force(submissions: Submissions, table: Table) -> Coverage:
    parts = submissions.in_force.get(table.name, ())
    is_ledger = table.mode == "ledger"
    if not parts:
        return Coverage(None, is_ledger, (Bilingual(f"没有可用的《{table.title}》。", f"No {table.name} is in force."),))
    warnings: list[Bilingual] = []
    for part in parts:
        day = part.report_date.isoformat()
        if part.is_carried:
            warnings.append(
                Bilingual(
                    f"《{table.title}》({part.unit})沿用 {day} 的数据。",
                    f"{table.name} ({part.unit}) is carried from {day}.",
                )
            )
        elif part.age_days > MAX_LEDGER_AGE_DAYS:
            warnings.append(
                Bilingual(
                    f"《{table.title}》({part.unit})是 {day} 的,已 {part.age_days} 天。",
                    f"{table.name} ({part.unit}) is {part.age_days} days old.",
                )
            )
    if is_ledger:
        return Coverage(Decimal(max(part.age_days for part in parts)), True, tuple(warnings))
    return Coverage(Decimal(sum(not part.is_carried for part in parts)) / len(parts), False, tuple(warnings))


def _of_increments(submissions: Submissions, table: Table) -> Coverage:
    files = submissions.due_files(table)
    if files is None:
        return Coverage(None, False, (Bilingual(f"没有收到《{table.title}》。", f"No {table.name} has come."),))
    if not files.n_due:
        return Coverage(None, False, ())
    n_missing = len(files.missing)
    warnings: tuple[Bilingual, ...] = ()
    if n_missing:
        examples = ", ".join(day.isoformat() for day in files.missing[-3:])
        warnings = (
            Bilingual(
                f"《{table.title}》应报 {files.n_due} 期,缺 {n_missing} 期(如 {examples})。",
                f"{n_missing} of {files.n_due} due files of {table.name} are missing (such as {examples}).",
            ),
        )
    return Coverage(Decimal(files.n_due - n_missing) / files.n_due, False, warnings)
