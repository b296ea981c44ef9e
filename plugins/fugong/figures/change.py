"""Why a figure changed since the day before, by the same knowledge; and how much of it stands in for a silent day.

The reasons are what came to speak for the day and did not for the day before: new report dates, corrected versions, carries that
ended, parameters, another week or month; and the counts and exemptions that moved with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from psycopg import sql

from fugong.contracts.contract import Table
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition
from fugong.figures.display import month_day, plain
from fugong.figures.lines import contributions, source_rows
from fugong.figures.term import SETTING, AsOf, DaysUntil, FigureSum, MartCells, Parameter, Term
from fugong.marts.model import Mart, SqlFile, SqlFiles

if TYPE_CHECKING:
    from fugong.figures.figure import EffectivePart, Reader

MAX_REASONS = 6
LITERAL = re.compile(r"'([^']*)'")
POLICY = re.compile(rf"P\d+|{SETTING}")


def why(reading: Reader, definition: Definition) -> tuple[Bilingual, ...]:
    """The reasons why a figure is another one than the day before."""
    found = list(dict.fromkeys(_reasons(reading, definition)))
    if not found:
        return (Bilingual("报送没有变化,随日期推移而变。", "No report changed: it moves with the days."),)
    left = len(found) - MAX_REASONS
    if left > 0:
        found = [*found[:MAX_REASONS], Bilingual(f"另有 {left} 条原因。", f"{left} more reasons.")]
    return tuple(found)


def _reasons(reading: Reader, definition: Definition) -> Iterator[Bilingual]:
    yield from _counts(reading, definition)
    for condition in definition.conditions:
        if not _is_beside(reading, definition, condition.when):
            continue
        before, after = reading.yesterday.number(condition.when), reading.number(condition.when)
        if before != after and after is not None:
            was = "–" if before is None else plain(before)
            zh, en = condition.says.zh.format(value=plain(after)), condition.says.en.format(value=plain(after))
            yield Bilingual(f"{zh.rstrip('。')}(前一日 {was})。", f"{en.rstrip('.')} (the day before {was}).")
    for term in definition.terms.values():
        yield from _of_term(reading, term)
    for table in _tables_with_rows(reading, definition):
        yield from _of_increments(reading, table) if table.mode == "increment" else _in_force(reading, table)
    marts = {term.mart for term in cells_behind(reading, definition)}
    yield from (
        change.told(reading.as_of)
        for change in reading.parameter_changes
        if any(concerns(reading.files, reading.files.mart(mart), change) for mart in marts)
    )


def _is_beside(reading: Reader, definition: Definition, told: Term) -> bool:
    """Whether a term counts in the very cells of the figure: exempt firms beside the firms that should resume, say."""
    return (
        isinstance(told, MartCells)
        and reading.files.mart(told.mart).stale == "as_of"
        and any(
            isinstance(term, MartCells) and (term.mart, term.keys) == (told.mart, told.keys) for term in definition.terms.values()
        )
    )


def _tables_with_rows(reading: Reader, definition: Definition) -> tuple[Table, ...]:
    """The report tables behind a figure. Where a fact reads several, those that brought rows, today or the day before."""
    tables = {table.name: table for table in reading.tables_behind(definition)}
    found: set[str] = set()
    for term in cells_behind(reading, definition):
        mine = {table.name for table in reading.tables_of(term)}
        mart = reading.files.mart(term.mart)
        facts = [reading.files.fact(source.fact) for source in contributions(mart, term)]
        if len(mine) < 2 or mart.stale != "as_of" or not all("as_of" in fact.columns for fact in facts):
            found |= mine
            continue
        for day in (reading, reading.yesterday):
            if (wanted := day.value(term)) is not None:
                for source in source_rows(day, term, wanted, fact_as=reading.rows_of_two_days):
                    query = sql.SQL(
                        "SELECT DISTINCT part.table_name FROM ({}) AS line INNER JOIN intake.part AS part USING (part_id)"
                    ).format(source.query)
                    found |= {row[0] for row in reading.connection.execute(query)}
    return tuple(table for name, table in tables.items() if name in found)


def cells_behind(reading: Reader, definition: Definition) -> Iterator[MartCells]:
    """The cells that a figure is made of, directly and through other figures."""
    for term in definition.terms.values():
        if isinstance(term, MartCells):
            yield term
        elif isinstance(term, FigureSum):
            for _, name in term.signed:
                yield from cells_behind(reading, reading.definitions[name])


def _counts(reading: Reader, definition: Definition) -> Iterator[Bilingual]:
    if definition.denominator is None:
        return
    now, before = reading.amount(definition), reading.yesterday.amount(definition)
    moved = [
        (zh, en, "–" if was is None else plain(round(was, 2)), "–" if count is None else plain(round(count, 2)))
        for zh, en, was, count in (
            ("分子", "numerator", before.numerator, now.numerator),
            ("分母", "denominator", before.denominator, now.denominator),
        )
        if was != count
    ]
    if moved:
        yield Bilingual(
            ",".join(f"{zh} {was} → {count}" for zh, _, was, count in moved) + "。",
            ", ".join(f"{en} {was} → {count}" for _, en, was, count in moved) + ".",
        )


def _of_term(reading: Reader, term: Term) -> Iterator[Bilingual]:
    match term:
        case AsOf():
            yield Bilingual("统计截止日推移。", "The day itself.")
        case DaysUntil():
            yield from _parameter(reading, term.parameter)
            yield Bilingual("离期限近了一天。", "The date has come nearer by a day.")
        case Parameter():
            yield from _parameter(reading, term)
        case MartCells(over="week" | "month" as over) if reading.window(term)[0] != reading.yesterday.window(term)[0]:
            zh, en = ("周", "week") if over == "week" else ("月", "month")
            yield Bilingual(f"按{zh}计,从新的一{zh}起重新累计。", f"A new {en} begins.")
        case MartCells(since=str(since)):
            yield from _parameter(reading, Parameter(SETTING, since, None, False))
        case FigureSum():
            for _, name in term.signed:
                part = reading.definitions[name]
                if reading.amount(part).value != reading.yesterday.amount(part).value:
                    yield from _reasons(reading, part)
        case _:
            pass


def _parameter(reading: Reader, term: Parameter) -> Iterator[Bilingual]:
    before, after = reading.yesterday.parameter(term), reading.parameter(term)
    if before != after:
        name = f"{term.policy_id} {term.param}"
        was, now = ("–" if value is None else str(value) for value in (before, after))
        yield Bilingual(f"参数 {name}:{was} → {now}。", f"Parameter {name}: {was} → {now}.")


# Parts


def _in_force(reading: Reader, table: Table) -> Iterator[Bilingual]:
    before = _by_unit(reading.yesterday.in_force.get(table.name, ()))
    after = _by_unit(reading.in_force.get(table.name, ()))
    for unit in sorted(before.keys() | after.keys()):
        old, new = before.get(unit, ()), after.get(unit, ())
        if {part.part_id for part in old} == {part.part_id for part in new}:
            continue
        if not new:
            yield Bilingual(f"《{table.title}》({unit})沿用期满,当日没有数据。", f"{table.name} ({unit}) is carried no longer.")
            continue
        n_rows, n_before = (sum(part.n_rows for part in parts) for parts in (new, old))
        yield _sent(reading, table, new[0], unit, n_rows, n_rows - n_before)


def _by_unit(parts: Iterable[EffectivePart]) -> Mapping[str, tuple[EffectivePart, ...]]:
    found: dict[str, tuple[EffectivePart, ...]] = {}
    for part in parts:
        found[part.unit] = (*found.get(part.unit, ()), part)
    return found


def _sent(reading: Reader, table: Table, part: EffectivePart, unit: str, n_rows: int, n_more: int) -> Bilingual:
    name = reading.department_names.get(part.department_code, part.department_code)
    whose = "" if unit == part.department_code else f"({unit})"
    day = part.report_date
    zh, en = f"{n_rows:,} 行", f"{n_rows:,} rows"
    if n_more:
        zh, en = f"{n_more:+,} 行(共 {zh})", f"{n_more:+,} rows ({n_rows:,} in all)"
    return Bilingual(
        f"{name}{'重报' if part.is_resent else '报来'}{month_day(day)}《{table.title}》{whose}:{zh}。",
        f"{part.department_code} {'re-sent' if part.is_resent else 'sent'} {table.name}{whose and ' ' + whose} of "
        f"{day.isoformat()}: {en}.",
    )


def _of_increments(reading: Reader, table: Table) -> Iterator[Bilingual]:
    for department_code, unit, is_resent, n_rows in reading.increments_of_day.get(table.name, ()):
        name = reading.department_names.get(department_code, department_code)
        whose = "" if unit == department_code else f"({unit})"
        yield Bilingual(
            f"{name}{'重报' if is_resent else '报来'}{month_day(reading.as_of)}《{table.title}》{whose}:+{n_rows:,} 行。",
            f"{department_code} {'re-sent' if is_resent else 'sent'} {table.name}{whose and ' ' + whose} of "
            f"{reading.as_of.isoformat()}: +{n_rows:,} rows.",
        )


# Parameters that facts read


@dataclass(frozen=True)
class ParameterChange:
    """A row of `ref.policy_param` that begins or ceases to be known or to hold on a day."""

    policy_id: str
    param: str
    clause: str | None
    value: str | None
    valid_from: date | None
    valid_to: date | None
    known_from: date
    known_to: date | None

    def told(self, day: date) -> Bilingual:
        """What happens to it on the day."""
        name, value = f"{self.policy_id} {self.param}", self.value or "–"
        what = f"参数 {name}({self.clause})" if self.clause else f"参数 {name}"
        if day in {self.known_from, self.valid_from}:
            zh, en = ("知悉", "known") if day == self.known_from else ("有效", "valid")
            return Bilingual(f"{what}自当日起{zh}:{value}。", f"Parameter {name} is {en} from this day on: {value}.")
        return Bilingual(f"{what}不再适用。", f"Parameter {name} does not hold any more.")


def parameter_changes(reading: Reader) -> tuple[ParameterChange, ...]:
    """The parameters that begin or cease to be known or to hold on the day."""
    rows = reading.connection.execute(
        """
        SELECT policy_id, param, clause, value, valid_from, valid_to, known_from, known_to
        FROM ref.policy_param
        WHERE
            %(day)s IN (known_from, known_to, valid_from, valid_to + 1)
            AND counts_from <= %(moment)s AND (counts_to = 'infinity' OR counts_to > %(moment)s)
        ORDER BY policy_id, param
        """,
        {"day": reading.as_of, "moment": reading.known_at},
    ).fetchall()
    return tuple(ParameterChange(*row) for row in rows)


def concerns(files: SqlFiles, mart: Mart, change: ParameterChange) -> bool:
    """Whether the mart's SELECT, or a fact below it, reads the parameter: it names the policy or the parameter as a literal."""
    read = files.read_by(mart)
    if read.isdisjoint({"ref.policy_param", "ref.param_version"}):
        return False
    return any(_names(file, change) for file in (mart, *(files.fact(name) for name in read if name.startswith("fact."))))


def _names(file: SqlFile, change: ParameterChange) -> bool:
    literals = set(LITERAL.findall(file.bare))
    if any(change.param.startswith(text.removesuffix("%")) for text in literals if text.endswith(".%")):
        return True
    policies = {text for text in literals if POLICY.fullmatch(text)}
    return change.param in literals and (change.policy_id in policies or not policies - {SETTING})


# Carried rows


def carried_rows(reading: Reader, definition: Definition) -> int:
    """How many rows behind a figure stand in for a later silent day."""
    carried = {
        table.name: [part.part_id for part in reading.in_force.get(table.name, ()) if part.is_carried]
        for table in reading.tables_behind(definition)
    }
    parts = [part_id for ids in carried.values() for part_id in ids]
    if not parts:
        return 0
    found: set[tuple[int, str, int]] = set()
    for term in cells_behind(reading, definition):
        wanted = reading.value(term)
        if wanted is None:
            continue
        for source in source_rows(reading, term, wanted, fact_as=reading.rows_of_two_days):
            query = sql.SQL("SELECT part_id, sheet, row_number FROM ({}) AS line WHERE part_id = ANY({})").format(
                source.query, sql.Literal(parts)
            )
            with source.session_at(reading.connection):
                found.update(reading.connection.execute(query))
    return len(found)
