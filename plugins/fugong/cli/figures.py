"""`fugong figure`, `fugong diff`, `fugong impact`: one figure with all that is known of it, what moved, and what a file counts in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fugong.cli.common import AsJson, AsOf, KnownAt, Lang, Language, as_moment, coverage_text, opened_warehouse, print_json, say
from fugong.cli.marts import SHANGHAI
from fugong.figures.display import percent, plain
from fugong.figures.evaluate import Evaluated
from fugong.figures.figure import figures
from fugong.lineage import diff, impact
from fugong.marts import asof

WHAT = {
    "arrived": ("报来", "arrived"),
    "corrected": ("更正", "corrected"),
    "repaired": ("补报", "repaired"),
    "superseded": ("被替换", "superseded"),
    "withdrawn": ("作废", "withdrawn"),
}


def register(app: typer.Typer) -> None:
    """Add the commands `figure`, `diff`, `impact`."""
    app.command("figure", help="一个指标的全部情况 | One figure with all that is known of it")(figure_)
    app.command(
        "diff", help="两个知悉时点之间哪些指标变了、因何而变 | Which figures moved between two moments, and through what"
    )(diff_)
    app.command("impact", help="一份报送(或其中一行)影响哪些汇总和指标 | The mart cells and figures that a submission counts in")(
        impact_
    )


def figure_(
    name: Annotated[str, typer.Argument(metavar="FIGURE", help="指标编号,如 S039 | Figure, such as S039")],
    as_of: AsOf,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print one figure: value, counts, the day before and why it changed, coverage, what is carried or unreconciled, warnings."""
    with opened_warehouse() as (settings, connection):
        (found,) = figures(connection, settings.include, as_of, known_at, ids=[name])
    if as_json:
        print_json(found.to_json(lang))
        return
    console = Console()
    moment = found.known_at.astimezone(SHANGHAI).isoformat() if found.known_at else "–"
    console.print(f"[bold]{found.id} {found.name_zh if lang is Lang.ZH else found.name}[/bold]", highlight=False)
    table = Table(show_header=False, box=None)
    rows = [
        (say(lang, "截至", "as of"), f"{as_of} · {say(lang, '知悉时点', 'known at')} {moment}"),
        (say(lang, "写作", "display"), f"[bold]{found.display or '–'}[/bold]"),
        (say(lang, "数值", "value"), f"{_text(found.value)} {'' if found.unit == '1' else found.unit}"),
        (
            say(lang, "分子/分母", "of"),
            "" if found.denominator is None else f"{_text(found.numerator)}/{_text(found.denominator)}",
        ),
        (say(lang, "前一日", "day before"), found.previous_display),
        (say(lang, "覆盖", "coverage"), coverage_text(found, lang)),
        (say(lang, "沿用行数", "carried rows"), str(found.carried_rows) if found.carried_rows else ""),
        (say(lang, "未核对一致", "unreconciled"), "" if found.unreconciled is None else percent(found.unreconciled)),
    ]
    for label, text in rows:
        if text:
            table.add_row(f"[dim]{label}[/dim]", text)
    console.print(table)
    for sign, sentences in (("△", found.why), ("[yellow]※[/yellow]", found.warnings)):
        for sentence in sentences:
            console.print(f"{sign} {sentence.zh if lang is Lang.ZH else sentence.en}", highlight=False)


def _text(value: object) -> str:
    if value is None:
        return "–"
    return plain(round(value, 6)) if isinstance(value, Decimal) else str(value)


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
            moments.append(asof.current(connection)[1] or datetime.now(SHANGHAI))
        moved = diff.diff(connection, settings.include, as_of, moments[0], moments[1])
    if as_json:
        print_json([one.to_json() for one in moved])
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
            f"[bold]{one.id}[/bold] {name}:{one.before.display or '–'} → {one.after.display or '–'}{counts}", highlight=False
        )
        for cause in one.causes:
            console.print(f"  {_cause(cause, lang)}", highlight=False)


def _ratio(evaluated: Evaluated) -> str:
    return f"{_text(evaluated.numerator)}/{_text(evaluated.denominator)}"


def _cause(cause: diff.Cause, lang: Lang) -> str:
    match cause:
        case diff.SubmissionCause():
            what = say(lang, *WHAT[cause.what])
            by = "" if cause.by is None else say(lang, f"(由 {cause.by})", f" (by {cause.by})")
            rows = say(lang, f"{cause.rows} 行", f"{cause.rows} rows")
            amounts = "" if cause.before is None or cause.after is None else f",{plain(cause.before)} → {plain(cause.after)}"
            return f"{cause.department_code} #{cause.submission_id} {cause.file_name} {what}{by}:{rows}{amounts}"
        case diff.ExemptionCause():
            return f"{cause.entity} " + (
                say(lang, "不再计入分母", "is left out of the denominator")
                if cause.is_exempt
                else say(lang, "重新计入分母", "is in the denominator again")
            )
        case diff.ParameterCause():
            what = say(lang, "登记", "taken over") if cause.is_new else say(lang, "撤下", "given up")
            return f"{say(lang, '参数', 'parameter')} {cause.policy_id} {cause.param} = {cause.value or '–'} {what}"


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
        cells.add_row(mart, column, str(len(touched)), str(min(days)), str(max(days)))
    console.print(cells)
    table = Table(
        *(say(lang, *head) for head in (("编号", "id"), ("指标", "figure"), ("首日", "from"), ("末日", "to"), ("天数", "days")))
    )
    for figure in found.figures:
        name = figure.name_zh if lang is Lang.ZH else figure.name
        table.add_row(figure.id, name, str(figure.days[0]), str(figure.days[-1]), str(len(figure.days)))
    console.print(table)
