"""Commands that read and compute in the warehouse: marts, figures, trace, missing, dictionary, findings."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from fugong.analysis import export
from fugong.cli.common import (
    AsJson,
    AsOf,
    From,
    KnownAt,
    Lang,
    Language,
    To,
    as_day,
    coverage_text,
    opened_warehouse,
    print_json,
    progress_bar,
    say,
    told_plainly,
)
from fugong.contracts.contract import load_contracts
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI, each_day, month_of
from fugong.documentation import dictionary
from fugong.figures.display import plain
from fugong.figures.figure import figures
from fugong.intake import obligations
from fugong.lineage import trace
from fugong.marts import asof, build
from fugong.marts.sql_files import load_sql_files


def register(app: typer.Typer) -> None:
    """Add the commands `marts`, `figures`, `trace`, `missing`, `dictionary`, `findings`."""
    app.command("marts", help="重算汇总表;或按某一时点写成 Parquet | Rebuild marts, or write them as known at a moment")(marts_)
    app.command("figures", help="某日的全部指标 | Every figure of a day")(figures_)
    app.command("trace", help="指标来自哪些文件的哪些行 | The lines behind a figure")(trace_)
    app.command("missing", help="某日谁还没有报 | Who owes what")(missing)
    app.command("dictionary", help="数据字典(Markdown)| The data dictionary, as Markdown")(dictionary_)
    app.command("findings", help="问题目录(Markdown)| The page of findings, as Markdown")(findings_)


def marts_(
    first: From = None,
    last: To = None,
    known_at: KnownAt = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Parquet 写到哪里 | Folder for Parquet")
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Build what is out of date, or the days given; with --known-at write every mart as it was known then."""
    if (known_at is None) != (output is None):
        raise typer.BadParameter("--known-at 和 -o 要一起用 | --known-at and -o go together", param_hint="--known-at")
    if first and last and first > last:
        raise typer.BadParameter(f"{first} > {last}", param_hint="--from")
    with opened_warehouse() as (settings, connection):
        if known_at is not None and output is not None:
            written = _write_parquet(connection, settings, first, last, known_at, output, lang)
            if as_json:
                print_json({"known_at": known_at.isoformat(), "rows": written})
            return
        days: list[date] | None = None
        if first or last:
            days = list(each_day(first or last or date.today(), last or first or date.today()))  # noqa: DTZ011
        with progress_bar(lang, is_shown=not as_json) as progress:
            task = progress.add_task(say(lang, "汇总", "marts"), total=None)

            def on_progress(mart: str, done: int, total: int) -> None:
                progress.update(task, description=mart or say(lang, "完成", "done"), completed=done, total=total)

            built = build.build(connection, settings.include, days=days, on_progress=on_progress)
    if as_json:
        print_json(
            {
                "marts": list(built.marts),
                "days": [day.isoformat() for day in built.days],
                "seconds": round(built.seconds, 3),
                "rows": dict(built.rows),
                "known_at": built.known_at.isoformat() if built.known_at else None,
            }
        )
        return
    console = Console()
    if not built.marts:
        console.print(say(lang, "没有需要重算的日期。", "Nothing is out of date."))
        return
    table = Table("mart", say(lang, "行数", "rows"))
    for mart, n_rows in built.rows.items():
        table.add_row(mart, str(n_rows))
    console.print(table)
    span = f"{built.days[0]} … {built.days[-1]}"
    console.print(
        say(
            lang,
            f"{len(built.days)} 天({span}),{built.seconds:.1f} 秒。",
            f"{len(built.days)} days ({span}), {built.seconds:.1f} s.",
        )
    )


def figures_(
    as_of: AsOf,
    names: Annotated[list[str] | None, typer.Argument(metavar="[FIGURE]...", help="只看这些指标 | Only these")] = None,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print every figure of a day."""
    with opened_warehouse() as (settings, connection):
        found = figures(connection, settings.include, as_of, known_at, ids=names or None)
    if as_json:
        print_json([figure.to_json(lang) for figure in found])
        return
    console = Console()
    if found:
        _print_moment(console, lang, as_of, found[0].known_at)
    table = Table(
        say(lang, "编号", "id"),
        say(lang, "指标", "figure"),
        say(lang, "写作", "display"),
        say(lang, "单位", "unit"),
        say(lang, "分子/分母", "of"),
        say(lang, "覆盖", "coverage"),
    )
    for figure in found:
        table.add_row(
            figure.id,
            figure.name_zh if lang is Lang.ZH else figure.name,
            figure.display or "[dim]–[/dim]",
            "" if figure.unit == "1" else figure.unit,
            "" if figure.denominator is None else f"{_short(figure.numerator)}/{_short(figure.denominator)}",
            coverage_text(figure, lang),
        )
    console.print(table)
    told: dict[str, list[str]] = {}
    for figure in found:
        for warning in figure.warnings:
            told.setdefault(warning.zh if lang is Lang.ZH else warning.en, []).append(figure.id)
    for sentence, ids in told.items():
        console.print(f"[yellow]※[/yellow] {' '.join(ids)} {sentence}", highlight=False)


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
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the lines behind a figure or behind a cell of a mart."""
    with opened_warehouse() as (settings, connection):
        if figure.startswith("mart."):
            cell = dict(_key_and_value(text) for text in keys or [])
            if as_of is not None:
                cell.setdefault("as_of", as_of.isoformat())
            lines = trace.trace_cell(connection, settings.include, figure, cell, known_at, columns=columns or ())
        elif as_of is None:
            raise typer.BadParameter("指标要写明日期 | a figure needs its day", param_hint="--as-of")
        else:
            lines = trace.trace(connection, settings.include, figure, as_of, known_at)
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
    )
    totals: dict[str, Decimal] = {}
    for line in lines:
        is_number = isinstance(line.value, Decimal)
        if isinstance(line.value, Decimal):
            totals[line.part] = totals.get(line.part, Decimal(0)) + line.value
        table.add_row(
            line.part,
            line.department_code,
            "" if line.submission_id is None else str(line.submission_id),
            line.file_name,
            line.sheet,
            "" if line.row_number is None else str(line.row_number),
            plain(line.value) if is_number and isinstance(line.value, Decimal) else str(line.value),
        )
    console = Console()
    console.print(table)
    for part, total in totals.items():
        console.print(say(lang, f"{part} 合计 {plain(total)}", f"{part}: {plain(total)} in all"))


def _key_and_value(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} 应写成 键=值 | should read key=value", param_hint="--key")
    return key, value


def missing(
    on: Annotated[date, typer.Option("--date", parser=as_day, metavar="DATE", help="统计日 | Report date")],
    everything: Annotated[bool, typer.Option("--all", help="已报的也列出 | Also what has come")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print who owes what about a day."""
    now = datetime.now(SHANGHAI)
    with opened_warehouse() as (settings, connection):
        owed = obligations.missing(connection, load_contracts(settings.include / "contracts"), on, now)
    shown = [one for one in owed if everything or one.received_at is None]
    if as_json:
        print_json(
            [
                {
                    "department_code": one.department_code,
                    "report": one.report,
                    "report_name": one.report_name,
                    "report_date": one.report_date.isoformat(),
                    "due_at": one.due_at.isoformat(),
                    "received_at": one.received_at.isoformat() if one.received_at else None,
                    "is_late": one.is_late,
                }
                for one in shown
            ]
        )
        return
    console = Console()
    table = Table(
        say(lang, "部门", "department"),
        say(lang, "报表", "report"),
        say(lang, "统计日", "report date"),
        say(lang, "应报时间", "due"),
        say(lang, "收到", "received"),
    )
    for one in shown:
        came = f"{one.received_at.astimezone(SHANGHAI):%m-%d %H:%M}" if one.received_at else say(lang, "未报", "not yet")
        style = "red" if one.is_late else "green" if one.received_at else ""
        name = one.report_name if lang is Lang.ZH else one.report
        table.add_row(one.department_code, name, str(one.report_date), f"{one.due_at:%m-%d %H:%M}", came, style=style)
    console.print(table)
    n_missing = sum(one.received_at is None for one in owed)
    console.print(say(lang, f"应报 {len(owed)} 份,未报 {n_missing} 份。", f"{len(owed)} due, {n_missing} not received."))


def dictionary_(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到文件 | File to write")] = None,
    picture: Annotated[bool, typer.Option("--picture", help="星型结构图(SVG)| The star schema, as SVG")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the data dictionary; needs no warehouse."""
    settings = Settings.load()
    with told_plainly():
        if picture:
            from fugong.documentation import star_schema

            text = star_schema.svg(settings.include)
        elif as_json:
            text = json.dumps(dictionary.describe(settings.include), ensure_ascii=False, indent=2) + "\n"
        else:
            text = dictionary.markdown(settings.include, lang)
    _print_or_write(text, output)


def findings_(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到文件 | File to write")] = None,
) -> None:
    """Print the page of findings; needs no warehouse."""
    settings = Settings.load()
    with told_plainly():
        from fugong.documentation import findings

        text = findings.markdown(settings.include, settings.expectations)
    _print_or_write(text, output)


def _print_or_write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        typer.echo(str(output))


def _write_parquet(
    connection: psycopg.Connection,
    settings: Settings,
    first: date | None,
    last: date | None,
    known_at: datetime,
    output: Path,
    lang: Lang,
) -> dict[str, int]:
    reported = sorted(asof.reported_days(connection))
    with asof.session_at(connection, None, known_at):
        earliest = connection.execute("SELECT MIN(business_from) FROM asof.part WHERE mode = 'increment'").fetchone()
    starts: list[date] = [*reported[:1], *([earliest[0]] if earliest and earliest[0] else [])]
    start = first or min(starts, default=None)
    end = last or (reported[-1] if reported else None)
    days = list(each_day(start, end)) if start and end else []
    output.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    known = set(reported)
    with progress_bar(lang, is_shown=True) as progress:
        for mart in progress.track(load_sql_files(settings.include / "sql").marts, description="Parquet"):
            wanted = [day for day in days if day in known or first] if mart.stale == "as_of" else days
            if mart.stale == "period":
                wanted = sorted(set(map(month_of, wanted)))
            with export.opened_as_known(connection, mart, wanted, (None, None), known_at, is_open=False) as table:
                written[mart.name] = export.write(table, output / f"{mart.name}.parquet", "parquet")
    Console(stderr=True).print(
        say(
            lang,
            f"知悉时点 {known_at.isoformat()},{len(written)} 张表写入 {output}",
            f"Known at {known_at.isoformat()}: {len(written)} marts in {output}",
        )
    )
    return written


def _print_moment(console: Console, lang: Lang, as_of: date, known_at: datetime | None) -> None:
    moment = known_at.astimezone(SHANGHAI).isoformat() if known_at else "–"
    console.print(say(lang, f"截至 {as_of} · 知悉时点 {moment}", f"As of {as_of} · known at {moment}"))


def _short(number: Decimal | None) -> str:
    return "–" if number is None else plain(round(number, 2))
