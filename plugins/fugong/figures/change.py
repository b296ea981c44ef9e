"""Explains a figure's change from the previous day (both evaluated at the same `known_at`), and counts rows carried forward.

A figure changes by what is effective on the day and was not on the day before: new report dates, corrected versions, carries that
ended, parameters, another week or month; and by the counts and exemptions that moved with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from psycopg import sql

from fugong.contracts.contract import Table
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition, cells_behind
from fugong.figures.display import month_day, plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.parameters import concerns
from fugong.figures.source_rows import contributions, source_rows
from fugong.figures.submissions import DayIncrement, EffectivePart
from fugong.figures.term import SETTING, AsOf, DaysUntil, FigureSum, MartCells, Parameter, Term

MAX_REASONS = 6


def explain(evaluator: Evaluator, definition: Definition) -> tuple[Bilingual, ...]:
    """The reasons for a figure's change from the previous day, at most `MAX_REASONS` and a count of the others."""
    found = list(dict.fromkeys(_reasons(evaluator, definition)))
    if not found:
        return (Bilingual("报送没有变化,随日期推移而变。", "No report changed: it moves with the days."),)
    left = len(found) - MAX_REASONS
    if left > 0:
        found = [*found[:MAX_REASONS], Bilingual(f"另有 {left} 条原因。", f"{left} more reasons.")]
    return tuple(found)


def _reasons(evaluator: Evaluator, definition: Definition) -> Iterator[Bilingual]:
    yield from _by_counts(evaluator, definition)
    for condition in definition.conditions:
        if not _is_of_same_cells(evaluator, definition, condition.when):
            continue
        before, after = evaluator.yesterday.number(condition.when), evaluator.number(condition.when)
        if before != after and after is not None:
            was = "–" if before is None else plain(before)
            zh, en = condition.text.zh.format(value=plain(after)), condition.text.en.format(value=plain(after))
            yield Bilingual(f"{zh.rstrip('。')}(前一日 {was})。", f"{en.rstrip('.')} (the day before {was}).")
    for term in definition.terms.values():
        yield from _by_term(evaluator, term)
    for table in _tables_with_rows(evaluator, definition):
        yield from _by_increments(evaluator, table) if table.mode == "increment" else _by_parts(evaluator, table)
    files, as_of = evaluator.moment.files, evaluator.moment.as_of
    marts = {term.mart for term in cells_behind(evaluator.moment.definitions, definition)}
    yield from (
        change.text(as_of, evaluator.parameters.name(change.policy_id, change.param, change.clause))
        for change in evaluator.parameters.changes
        if any(concerns(files, files.mart(mart), change) for mart in marts)
    )


def _is_of_same_cells(evaluator: Evaluator, definition: Definition, other: Term) -> bool:
    """Whether a term reads another column of the figure's own cells: exempt firms beside the firms that should resume, say."""
    return (
        isinstance(other, MartCells)
        and evaluator.moment.files.mart(other.mart).partition_by == "as_of"
        and any(
            isinstance(term, MartCells) and (term.mart, term.keys) == (other.mart, other.keys)
            for term in definition.terms.values()
        )
    )


def _tables_with_rows(evaluator: Evaluator, definition: Definition) -> tuple[Table, ...]:
    """The report tables behind a figure. Where its facts read several, only those with rows behind it on either day."""
    tables = {table.name: table for table in evaluator.submissions.tables_behind(definition)}
    found: set[str] = set()
    for term in cells_behind(evaluator.moment.definitions, definition):
        mine = {table.name for table in evaluator.submissions.tables_of(term)}
        mart = evaluator.moment.files.mart(term.mart)
        facts = [evaluator.moment.files.fact(source.fact) for source in contributions(mart, term)]
        if len(mine) < 2 or mart.partition_by != "as_of" or not all("as_of" in fact.columns for fact in facts):
            found |= mine
            continue
        for day in (evaluator, evaluator.yesterday):
            if (wanted := day.value(term)) is not None:
                for source in source_rows(day, term, wanted, are_kept=True):
                    query = sql.SQL(
                        "SELECT DISTINCT part.table_name FROM ({}) AS line INNER JOIN intake.part AS part USING (part_id)"
                    ).format(source.query)
                    found |= {row[0] for row in evaluator.moment.connection.execute(query)}
    return tuple(table for name, table in tables.items() if name in found)


def _by_counts(evaluator: Evaluator, definition: Definition) -> Iterator[Bilingual]:
    if definition.denominator is None:
        return
    now, before = evaluator.evaluate(definition), evaluator.yesterday.evaluate(definition)
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


def _by_term(evaluator: Evaluator, term: Term) -> Iterator[Bilingual]:
    match term:
        case AsOf():
            yield Bilingual("统计截止日推移。", "The day itself.")
        case DaysUntil():
            yield from _by_parameter(evaluator, term.parameter)
            yield Bilingual("离期限近了一天。", "The date has come nearer by a day.")
        case Parameter():
            yield from _by_parameter(evaluator, term)
        case MartCells(over="week" | "month" as over) if evaluator.window(term)[0] != evaluator.yesterday.window(term)[0]:
            zh, en = ("周", "week") if over == "week" else ("月", "month")
            yield Bilingual(f"按{zh}计,从新的一{zh}起重新累计。", f"A new {en} begins.")
        case MartCells(since=str(since)):
            yield from _by_parameter(evaluator, Parameter(SETTING, since, None, False))
        case FigureSum():
            for _, name in term.signed:
                part = evaluator.moment.definitions[name]
                if evaluator.evaluate(part).value != evaluator.yesterday.evaluate(part).value:
                    yield from _reasons(evaluator, part)
        case _:
            pass


def _by_parameter(evaluator: Evaluator, term: Parameter) -> Iterator[Bilingual]:
    before, after = evaluator.yesterday.parameters.value(term), evaluator.parameters.value(term)
    if before != after:
        row = evaluator.parameters.row(term) or evaluator.yesterday.parameters.row(term)
        name = evaluator.parameters.name(term.policy_id, term.param, row.clause if row else None)
        was, now = ("–" if value is None else str(value) for value in (before, after))
        yield Bilingual(f"{name.zh}:{was} → {now}。", f"{name.en}: {was} → {now}.")


# Parts


def _by_parts(evaluator: Evaluator, table: Table) -> Iterator[Bilingual]:
    before = _by_unit(evaluator.yesterday.submissions.in_force.get(table.name, ()))
    after = _by_unit(evaluator.submissions.in_force.get(table.name, ()))
    for unit in sorted(before.keys() | after.keys()):
        old, new = before.get(unit, ()), after.get(unit, ())
        if {part.part_id for part in old} == {part.part_id for part in new}:
            continue
        if not new:
            whose = evaluator.submissions.name_of(unit)
            yield Bilingual(
                f"{table.titles.zh}({whose.zh})沿用期满,当日没有数据。", f"{table.titles.en} ({whose.en}) is carried no longer."
            )
            continue
        n_rows, n_before = (sum(part.n_rows for part in parts) for parts in (new, old))
        yield _sent(evaluator, table, new[0], unit, n_rows, n_rows - n_before)


def _by_unit(parts: Iterable[EffectivePart]) -> Mapping[str, tuple[EffectivePart, ...]]:
    found: dict[str, tuple[EffectivePart, ...]] = {}
    for part in parts:
        found[part.unit] = (*found.get(part.unit, ()), part)
    return found


def _sent(evaluator: Evaluator, table: Table, part: EffectivePart, unit: str, n_rows: int, n_more: int) -> Bilingual:
    rows = Bilingual(f"{n_rows:,} 行", f"{n_rows:,} rows")
    if n_more:
        rows = Bilingual(f"{n_more:+,} 行(共 {rows.zh})", f"{n_more:+,} rows ({n_rows:,} in all)")
    return _came(evaluator, table, part, unit, part.report_date, rows)


def _came(
    evaluator: Evaluator, table: Table, part: EffectivePart | DayIncrement, unit: str, day: date, rows: Bilingual
) -> Bilingual:
    """Who sent what about which day."""
    name = evaluator.submissions.name_of(part.department_code)
    whose = Bilingual("", "") if unit == part.department_code else evaluator.submissions.name_of(unit)
    return Bilingual(
        f"{name.zh}{'重报' if part.is_resent else '报来'}{month_day(day)}{table.titles.zh}{whose.zh and f'({whose.zh})'}:{rows.zh}。",
        f"{name.en} {'re-sent' if part.is_resent else 'sent'} {table.titles.en}{whose.en and f' ({whose.en})'} of "
        f"{day.isoformat()}: {rows.en}.",
    )


def _by_increments(evaluator: Evaluator, table: Table) -> Iterator[Bilingual]:
    day = evaluator.moment.as_of
    for part in evaluator.submissions.increments_of_day.get(table.name, ()):
        rows = Bilingual(f"+{part.n_rows:,} 行", f"+{part.n_rows:,} rows")
        yield _came(evaluator, table, part, part.unit, day, rows)


# Carried rows


def carried_rows(evaluator: Evaluator, definition: Definition) -> int:
    """The number of rows behind a figure that are carried from an earlier day."""
    carried = {
        table.name: [part.part_id for part in evaluator.submissions.in_force.get(table.name, ()) if part.is_carried]
        for table in evaluator.submissions.tables_behind(definition)
    }
    parts = [part_id for ids in carried.values() for part_id in ids]
    if not parts:
        return 0
    found: set[tuple[int, str, int]] = set()
    for term in cells_behind(evaluator.moment.definitions, definition):
        wanted = evaluator.value(term)
        if wanted is None:
            continue
        for source in source_rows(evaluator, term, wanted, are_kept=True):
            query = sql.SQL("SELECT part_id, sheet, row_number FROM ({}) AS line WHERE part_id = ANY({})").format(
                source.query, sql.Literal(parts)
            )
            with source.session_at(evaluator.moment.connection):
                found.update(evaluator.moment.connection.execute(query))
    return len(found)
