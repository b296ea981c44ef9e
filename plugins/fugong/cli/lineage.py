"""Commands that follow numbers: to their lines, between two moments, and from a file to its figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fugong.cli.common import (
    AsJson,
    AsOf,
    KnownAt,
    Lang,
    Language,
    as_day,
    as_moment,
    department_names,
    names_what_is_broken,
    opened_warehouse,
    print_json,
    say,
    value_text,
)
from fugong.cli.console import Console
from fugong.cli.naming import Naming, naming
from fugong.contracts.accepted import accepted_contracts
from fugong.core.time import SHANGHAI
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluated
from fugong.lineage import diff, impact, trace
from fugong.marts import asof

WHAT = {
    "arrived": ("报来", "arrived"),
    "corrected": ("更正", "corrected"),
    "repaired": ("补报", "repaired"),
    "superseded": ("被替换", "superseded"),
    "withdrawn": ("作废", "withdrawn"),
}


PARTS = {"value": ("数值", "value"), "numerator": ("分子", "numerator"), "denominator": ("分母", "denominator")}
N_LISTED = 100
"""Lines that `trace` lists without `--all`: a table of thousands takes longer to draw than to find."""


def register(app: typer.Typer) -> None:
    """Add the commands `trace`, `diff` and `impact`."""
    app.command("trace")(trace_)
    app.command("diff")(names_what_is_broken(diff_))
    app.command("impact")(impact_)


def trace_(
    figure: Annotated[
        str,
        typer.Argument(
            help="指标编号,如 S039;或汇总表,如 mart.loan_monthly | Figure, such as S039; or a mart, such as mart.loan_monthly"
        ),
    ],
    as_of: Annotated[
        date | None, typer.Option("--as-of", parser=as_day, metavar="DATE", help="截至哪一天(指标)| The day, of a figure")
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY=VALUE", help="汇总表的一格 | The cell of a mart: one for each of its keys"),
    ] = None,
    columns: Annotated[list[str] | None, typer.Option("--column", help="只看这些列 | Only these columns of the cell")] = None,
    known_at: KnownAt = None,
    is_whole: Annotated[
        bool, typer.Option("--all", help=f"列出全部行,不止前 {N_LISTED} 行 | List all lines, not only the first {N_LISTED}")
    ] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the lines behind a figure or behind a cell of a mart: how many there are, what they add up to, and the first of them.

    JSON 总是给出全部行。| JSON always has all lines.
    """
    with opened_warehouse() as (settings, connection):
        if figure.startswith("mart."):
            cell = dict(_key_and_value(text) for text in keys or [])
            if as_of is not None:
                cell.setdefault("as_of", as_of.isoformat())
            lines = trace.trace_cell(connection, settings.include, figure, cell, known_at, columns=columns or ())
        elif as_of is None:
            raise typer.BadParameter("指标要写明日期 | a figure needs its day", param_hint="--as-of")
        elif keys or columns:
            raise typer.BadParameter(
                "指标没有格,只有汇总表有 | only a mart has cells, a figure has none", param_hint="--key, --column"
            )
        else:
            lines = trace.trace(connection, settings.include, figure, as_of, known_at)
        departments = department_names(connection, lang)
    if as_json:
        print_json([line.to_json() for line in lines])
        return
    table = Table(
        say(lang, "部分", "part"),
        say(lang, "部门", "department"),
        say(lang, "报送", "submission"),
        say(lang, "文件", "file"),
        say(lang, "工作表", "sheet"),
        say(lang, "行", "line"),
        say(lang, "数值", "value"),
        padding=0,
    )
    totals: dict[str, Decimal] = {}
    for line in lines:
        if isinstance(line.value, Decimal):
            totals[line.part] = totals.get(line.part, Decimal(0)) + line.value
    for line in lines if is_whole else lines[:N_LISTED]:
        table.add_row(
            _part(line.part, lang),
            departments.get(line.department_code, line.department_code),
            "" if line.submission_id is None else str(line.submission_id),
            line.file_name,
            line.sheet,
            "" if line.row_number is None else str(line.row_number),
            plain(line.value) if isinstance(line.value, Decimal) else str(line.value),
        )
    console = Console()
    console.print(table)
    if len(lines) > table.row_count:
        told = say(
            lang,
            f"共 {len(lines):,} 行,以上是前 {table.row_count} 行;--all 列出全部",
            f"{len(lines):,} lines, of which these are the first {table.row_count}; --all lists all",
        )
        console.print(f"[yellow]{told}[/yellow]")
    for part, total in totals.items():
        console.print(say(lang, f"{_part(part, lang)} 合计 {plain(total)}", f"{_part(part, lang)}: {plain(total)} in all"))


def _part(part: str, lang: Lang) -> str:
    return say(lang, *PARTS.get(part, (part, part)))


def _key_and_value(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} 应写成 键=值 | should read key=value", param_hint="--key")
    return key, value


def diff_(
    as_of: AsOf,
    known_at: Annotated[
        list[str],
        typer.Option("--known-at", metavar="TIME", help="两个时点;只给一个则与现在比 | Two moments; one is compared with now"),
    ],
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the figures of a day that moved between two moments of knowledge."""
    if len(known_at) not in (1, 2):
        raise typer.BadParameter("要一个或两个时点 | one or two moments are wanted", param_hint="--known-at")
    moments = sorted(map(as_moment, known_at))
    with opened_warehouse() as (settings, connection):
        if len(moments) == 1:
            moments.append(asof.latest_load(connection)[1] or datetime.now(SHANGHAI))
        moved = diff.diff(connection, settings.include, as_of, moments[0], moments[1])
        # A fact calls an entity as the keys of reports do.
        entities = [cause.entity for one in moved for cause in one.causes if isinstance(cause, diff.ExemptionCause)]
        keys = {key for table in accepted_contracts(connection).tables.values() for key in table.key if entities}
        told = naming(
            connection,
            settings,
            lang,
            [{key: entity} for key in keys for entity in entities],
            day=as_of,
            known_at=moments[1],
        )
    if as_json:
        print_json([one.to_json(told.language.shown) for one in moved])
        return
    console = Console()
    before, after = (moment.astimezone(SHANGHAI).isoformat() for moment in moments)
    console.print(say(lang, f"截至 {as_of} · 知悉时点 {before} → {after}", f"As of {as_of} · known at {before} → {after}"))
    if not moved:
        console.print(say(lang, "没有指标变化。", "No figure moved."))
    for one in moved:
        name = one.name_zh if lang is Lang.ZH else one.name
        counts = "" if one.after.denominator is None else f" ({_ratio(one.before)} → {_ratio(one.after)})"
        console.print(
            f"[bold]{one.id}[/bold] {name}{say(lang, ':', ': ')}{_shown(one.before, told)} → {_shown(one.after, told)}{counts}",
            highlight=False,
        )
        for cause in one.causes:
            console.print(f"  {_cause(cause, told)}", highlight=False, markup=False)


def _ratio(evaluated: Evaluated) -> str:
    return f"{value_text(evaluated.numerator)}/{value_text(evaluated.denominator)}"


def _shown(evaluated: Evaluated, told: Naming) -> str:
    return told.language.shown(evaluated.display) or "–"


def _cause(cause: diff.Cause, told: Naming) -> str:
    lang = told.language.lang
    match cause:
        case diff.SubmissionCause():
            what = say(lang, *WHAT[cause.what])
            by = "" if cause.by is None else say(lang, f"(由 {cause.by})", f" (by {cause.by})")
            rows = say(lang, f"{cause.rows} 行", f"{cause.rows} rows")
            amounts = "" if cause.before is None or cause.after is None else f",{plain(cause.before)} → {plain(cause.after)}"
            who = told.department(cause.department_code)
            return f"{who} #{cause.submission_id} {cause.file_name} {what}{by}{say(lang, ':', ': ')}{rows}{amounts}"
        case diff.ExemptionCause():
            return f"{told.entity(cause.entity)} " + (
                say(lang, "不再计入分母", "is left out of the denominator")
                if cause.is_exempt
                else say(lang, "重新计入分母", "is in the denominator again")
            )
        case diff.ParameterCause():
            what = say(lang, "登记", "taken over") if cause.is_new else say(lang, "撤下", "given up")
            return (
                f"{say(lang, '参数', 'parameter')} {told.parameter(cause.policy_id, cause.param)} = {cause.value or '–'} {what}"
            )


def impact_(
    submission: Annotated[int, typer.Argument(help="报送编号 | Number of the submission")],
    row_number: Annotated[int | None, typer.Option("--row", help="只看这一行 | This line only")] = None,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the mart cells and figures that a submission counts in, and the days of these figures."""
    with opened_warehouse() as (settings, connection):
        found = impact.impact(connection, settings.include, submission, known_at, row_number=row_number)
    if as_json:
        print_json(found.to_json())
        return
    console = Console()
    if not found.n_parts:
        console.print(
            say(
                lang,
                "这份报送此刻不计入任何汇总(被替换、作废或退回)。",
                "Nothing of it counts at this moment: superseded, withdrawn or rejected.",
            )
        )
        return
    cells = Table(
        *(
            say(lang, *head)
            for head in (("汇总表", "mart"), ("列", "column"), ("格数", "cells"), ("首日", "from"), ("末日", "to"))
        )
    )
    by_column: dict[tuple[str, str], list[impact.TouchedCell]] = {}
    for cell in found.cells:
        by_column.setdefault((cell.mart, cell.column), []).append(cell)
    for (mart, column), touched in by_column.items():
        days = [cell.day for cell in touched]
        cells.add_row(
            f"{escape(found.marts[mart].text_in(lang))} [dim]{mart}[/dim]",
            f"{escape(found.columns[mart, column].text_in(lang))} [dim]{column}[/dim]",
            str(len(touched)),
            str(min(days)),
            str(max(days)),
        )
    console.print(cells)
    table = Table(
        *(say(lang, *head) for head in (("编号", "id"), ("指标", "figure"), ("首日", "from"), ("末日", "to"), ("天数", "days")))
    )
    for figure in found.figures:
        name = figure.name_zh if lang is Lang.ZH else figure.name
        table.add_row(figure.id, name, str(figure.days[0]), str(figure.days[-1]), str(len(figure.days)))
    console.print(table)
