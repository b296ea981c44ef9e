"""Coverage of one report table on a day: whether anything is known from it, how much was sent of what was due, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fugong.contracts.contract import Table
from fugong.core.bilingual import Bilingual
from fugong.figures.submissions import DueFiles, EffectivePart, Submissions

MAX_LEDGER_AGE_DAYS = 7
"""A ledger that is older gets a warning."""
SPANS: Mapping[str, Bilingual] = {
    "day": Bilingual("当日", "for the day"),
    "week": Bilingual("本周", "in the week so far"),
    "month": Bilingual("本月", "in the month so far"),
}
"""Spans of flows → their words."""


@dataclass(frozen=True)
class TableCoverage:
    """Coverage of one table.

    Attributes:
        value: a fraction for snapshots and increments, the age in days for ledgers; None where there is nothing to cover.
        is_age: whether the value is an age.
        warnings: what is missing, carried or old.
        unknown: why nothing is known from the table; None where something is.
        is_complete: whether everything that was due by the day has come.
    """

    value: Decimal | None
    is_age: bool
    warnings: tuple[Bilingual, ...]
    unknown: Bilingual | None
    is_complete: bool


def table_coverage(submissions: Submissions, table: Table, first: date | None = None, over: str = "") -> TableCoverage:
    """The coverage of a table on the day of the submissions.

    Args:
        first: of increments, the first report date that counts; None for all.
        over: the span that begins there: `day`, `week`, `month`, or "".
    """
    return _of_increments(submissions, table, first, over) if table.mode == "increment" else _in_force(submissions, table)


def _in_force(submissions: Submissions, table: Table) -> TableCoverage:
    parts = submissions.in_force.get(table.name, ())
    is_ledger = table.mode == "ledger"
    if not parts:
        nothing = Bilingual(f"没有可用的{table.titles.zh}。", f"No {table.titles.en} is in force.")
        return TableCoverage(None, is_ledger, (nothing,), nothing, False)
    warnings = tuple(warning for part in parts if (warning := _warning(table, part, submissions.name_of(part.unit))))
    current = [submissions.is_current(table, part) for part in parts]
    if is_ledger:
        return TableCoverage(Decimal(max(part.age_days for part in parts)), True, warnings, None, all(current))
    unknown = None
    if not any(current):
        unknown = Bilingual(f"{table.titles.zh}当日无一报送。", f"Nobody sent {table.titles.en} for the day.")
    gone = submissions.gone(table)
    warnings += tuple(
        Bilingual(
            f"没有{submissions.name_of(sender).zh}的{table.titles.zh}。",
            f"No {table.titles.en} of {submissions.name_of(sender).en} is in force.",
        )
        for sender in gone
    )
    covered = Decimal(sum(current)) / (len(parts) + len(gone))
    return TableCoverage(covered, False, warnings, unknown, all(current) and not gone)


def _warning(table: Table, part: EffectivePart, unit: Bilingual) -> Bilingual | None:
    day = part.report_date.isoformat()
    if part.is_carried:
        return Bilingual(
            f"{table.titles.zh}({unit.zh})沿用 {day} 的数据。", f"{table.titles.en} ({unit.en}) is carried from {day}."
        )
    if part.age_days > MAX_LEDGER_AGE_DAYS:
        return Bilingual(
            f"{table.titles.zh}({unit.zh})是 {day} 的,已 {part.age_days} 天。",
            f"{table.titles.en} ({unit.en}) is {part.age_days} days old.",
        )
    return None


def _of_increments(submissions: Submissions, table: Table, first: date | None, over: str) -> TableCoverage:
    files = submissions.due_files(table, first)
    if files is None:
        when = SPANS.get(over, Bilingual("", ""))
        nothing = Bilingual(f"{when.zh}没有收到{table.titles.zh}。", f"No {table.titles.en} has come{when.en and ' ' + when.en}.")
        return TableCoverage(None, False, (nothing,), nothing, False)
    if not files.n_due:
        return TableCoverage(None, False, (), None, True)
    n_missing = len(files.missing)
    warnings = (_missing_files(table, files),) if n_missing else ()
    return TableCoverage(Decimal(files.n_due - n_missing) / files.n_due, False, warnings, None, not n_missing)


def _missing_files(table: Table, files: DueFiles) -> Bilingual:
    examples = ", ".join(day.isoformat() for day in [*dict.fromkeys(files.missing)][-3:])
    return Bilingual(
        f"{table.titles.zh}应报 {files.n_due} 期,缺 {len(files.missing)} 期(如 {examples})。",
        f"{len(files.missing)} of {files.n_due} due files of {table.titles.en} are missing (such as {examples}).",
    )
