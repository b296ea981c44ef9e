"""The command `revisions`: how figures moved after they were due, and through what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.cells import cell_len
from rich.table import Table

from fugong.cli.common import (
    AsJson,
    From,
    KnownAt,
    Lang,
    Language,
    To,
    names_what_is_broken,
    opened_warehouse,
    print_json,
    progress_bar,
    say,
    value_text,
)
from fugong.cli.console import Console
from fugong.figures.display import as_json, percent, plain
from fugong.lineage.revisions import DepartmentRevisions, FigureRevisions, Record, Revision, by_kind, revisions
from fugong.lineage.settlements import Kind
from fugong.lineage.vintages import DayVintages, Vintage

DAYS_SINCE = (0, 1, 2, 3, 7, 14, 28)
FORMS = (".txt", ".csv", ".json")
WIDTH = 80
FIGURE_WIDTH, DEPARTMENT_WIDTH = 20, 24
"""Columns of the screen for a name; the rest of it is cut."""
LONGEST_CELL = 14
SHORT = {
    Kind.CORRECTION: ("更正", "corr."),
    Kind.REPAIR: ("补报", "mended"),
    Kind.LATE: ("迟报", "late"),
    Kind.NEWER: ("后报", "newer"),
    Kind.RULE: ("规则", "rule"),
    Kind.PARAMETER: ("参数", "param."),
}
"""Kinds of causes in a narrow column."""
COLUMNS = ("figure", "as_of", "due_on", "known_on", "days_since", "value", "display", "numerator", "denominator")


def register(app: typer.Typer) -> None:
    """Add the command `revisions`."""
    app.command("revisions")(names_what_is_broken(revisions_))


def revisions_(
    names: Annotated[list[str] | None, typer.Argument(metavar="[FIGURE]...", help="只看这些指标 | Only these")] = None,
    first: From = None,
    last: To = None,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="写到 .txt、.csv(每个时点一行)或 .json | Write to .txt, .csv (a line for each vintage) or .json",
        ),
    ] = None,
) -> None:
    """Print the vintages of figures, what moved them, and how often departments correct."""
    if output is not None and output.suffix.lower() not in FORMS:
        raise typer.BadParameter(f"{output.name}: {', '.join(FORMS)}", param_hint="--output")
    days = None if first is None and last is None else (first or date.min, last or date.max)
    with opened_warehouse() as (settings, connection), progress_bar() as bar:
        task = bar.add_task(say(lang, "重演各知悉日", "replaying days of knowledge"), total=None)
        record = revisions(
            connection,
            settings.include,
            days,
            known_at,
            ids=names or None,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(record.to_json())
    elif output is None:
        _print(Console(), record, lang, are_named=bool(names))
    if output is not None:
        output.write_text(_as_file(record, lang, output.suffix.lower(), are_named=bool(names)), encoding="utf-8", newline="")


def _as_file(record: Record, lang: Lang, form: str, *, are_named: bool) -> str:
    if form == ".json":
        return json.dumps(record.to_json(), ensure_ascii=False, indent=2) + "\n"
    out = io.StringIO()
    if form == ".csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_lines(record))
    else:
        _print(Console(file=out, width=WIDTH), record, lang, are_named=are_named)
    return out.getvalue()


def _lines(record: Record) -> Iterator[Sequence[object]]:
    """One line for each vintage."""
    for figure in record.figures:
        for row in figure.rows:
            for one in row.vintages:
                numbers = (as_json(one.numerator), as_json(one.denominator))
                since = (one.known_on - row.due_on).days
                yield row.figure, row.as_of, row.due_on, one.known_on, since, as_json(one.value), one.display, *numbers


def _print(console: Console, record: Record, lang: Lang, *, are_named: bool) -> None:
    if not record.days:
        console.print(say(lang, "这些日子没有报表。", "No report is about these days."))
        return
    span = f"{record.days[0]} … {record.days[-1]}"
    console.print(
        say(
            lang,
            f"统计日 {span},所知截至 {record.last}。首报:到期当日日终所知。",
            f"Days {span}, as known on {record.last}. First vintage: known at the end of the due day.",
        ),
        highlight=False,
    )
    if are_named:
        for figure in record.figures:
            _print_triangle(console, figure, record.last, lang)
    _print_figures(console, record, lang, are_named=are_named)
    moving = [one for one in record.departments if one.steps or not are_named]
    if moving:
        _print_departments(console, moving, lang)


# One figure


def _print_triangle(console: Console, figure: FigureRevisions, last: date, lang: Lang) -> None:
    definition = figure.definition
    name = definition.name_zh if lang is Lang.ZH else definition.name
    console.print(f"\n[bold]{definition.id}[/bold] {name}({definition.unit})", highlight=False)
    if not figure.rows:
        console.print(say(lang, "  这些日子的报表还没有到期。", "  The reports of these days are not due yet."))
        return
    furthest = max((one.known_on - row.due_on).days for row in figure.rows for one in row.vintages)
    shown = [n for n in DAYS_SINCE if n <= max(furthest, 3)]
    heads = (say(lang, "统计日", "day"), say(lang, "到期", "due"), *(f"+{n}" for n in shown), say(lang, "最近", "latest"))
    lines: list[Sequence[str]] = []
    quiet: list[DayVintages] = []
    for row in figure.rows:
        if len(row.vintages) == 1:
            quiet.append(row)
            continue
        lines += _quiet(quiet, len(shown), lang)
        quiet = []
        cells: list[str] = []
        before: Vintage | None = None
        for n_days in shown:
            now = row.after(n_days)
            cells.append(_cell(before, now) if (last - row.due_on).days >= n_days else "")
            before = now
        lines.append((row.as_of.isoformat(), f"{row.due_on:%m-%d}", *cells, _text(row.vintages[-1])))
    console.print(_table(heads, [*lines, *_quiet(quiet, len(shown), lang)]))
    for one in figure.steps:
        console.print(f"  {_step(one, figure, lang)}", highlight=False, markup=False)


def _quiet(quiet: Sequence[DayVintages], n_columns: int, lang: Lang) -> Iterator[Sequence[str]]:
    """Days without a revision: one by one where they are few, else as a run."""
    if len(quiet) <= 2:
        for row in quiet:
            text = _text(row.vintages[0])
            yield row.as_of.isoformat(), f"{row.due_on:%m-%d}", text, *[""] * (n_columns - 1), text
        return
    n_unknown = sum(row.vintages[0].value is None for row in quiet)
    unknown = say(lang, f",{n_unknown} 天未知", f", {n_unknown} unknown") if n_unknown else ""
    same = say(lang, f"{len(quiet)} 天未修订", f"{len(quiet)} days same") + unknown
    yield f"{quiet[0].as_of} … {quiet[-1].as_of:%m-%d}", "", same, *[""] * n_columns


def _cell(before: Vintage | None, now: Vintage) -> str:
    if before is now:
        return "·"
    text = _text(now)
    return value_text(now.value) if before is not None and text == _text(before) and now.value is not None else text


def _text(vintage: Vintage) -> str:
    return vintage.display or value_text(vintage.value)


def _step(one: Revision, figure: FigureRevisions, lang: Lang) -> str:
    since = (one.after.known_on - one.due_on).days
    size = _moved(one.moved, figure) + (
        f" ({_percent(one.relative)})" if one.relative is not None and not figure.is_share else ""
    )
    causes = "; ".join(
        f"{cause.kind.names.text_in(lang)} {cause.department_code} #{cause.submission_id} {cause.file_name}"
        if cause.submission_id is not None
        else f"{cause.kind.names.text_in(lang)} {cause.parameter}"
        for cause in one.causes
    )
    is_finer = _text(one.before) == _text(one.after)
    before, after = (value_text(side.value) if is_finer else _text(side) for side in (one.before, one.after))
    return f"{one.as_of} +{since}: {before} → {after} {size} {causes}".replace("  ", " ")


# All figures


def _print_figures(console: Console, record: Record, lang: Lang, *, are_named: bool) -> None:
    shown = [one for one in record.figures if are_named or one.n_revised or one.n_known_late]
    console.print()
    if shown:
        heads = (
            say(lang, "编号", "id"),
            say(lang, "指标", "figure"),
            say(lang, "天", "days"),
            say(lang, "修订", "rev."),
            say(lang, "迟知", "late"),
            say(lang, "偏差", "bias"),
            say(lang, "中位", "median"),
            "90%",
            say(lang, "最大", "most"),
            say(lang, "原因", "causes"),
        )
        rows = [
            (
                one.definition.id,
                one.definition.name_zh if lang is Lang.ZH else one.definition.name,
                str(one.n_known),
                str(one.n_revised),
                str(one.n_known_late or ""),
                *_sizes(one),
                " ".join(f"{_count(n)} {say(lang, *SHORT[kind])}" for kind, n in one.by_kind.items()),
            )
            for one in shown
        ]
        console.print(_table(heads, rows, name_width=FIGURE_WIDTH))
    _print_rest(console, record, len(shown), lang)


def _sizes(figure: FigureRevisions) -> Sequence[str]:
    """Bias, median, 90 % and greatest: percentage points of a share, shares of the value of any other number."""
    spread = figure.spread if figure.is_share else figure.relative
    if spread is None:
        return "–", "–", "–", "–"
    sizes = (spread.median, spread.nine_tenths, spread.greatest)
    if figure.is_share:
        return _moved(spread.bias, figure), *(_points(size) for size in sizes)
    return _percent(spread.bias), *(_percent(size).removeprefix("+") for size in sizes)


def _print_rest(console: Console, record: Record, n_shown: int, lang: Lang) -> None:
    never = [one for one in record.figures if not one.n_known]
    same = len(record.figures) - n_shown - sum(not one.n_known for one in record.figures if not one.n_known_late)
    steps = record.steps
    counts = by_kind(steps)
    if steps:
        shares = say(lang, ",", ", ").join(
            f"{kind.names.text_in(lang)} {percent(n / len(steps), 0)}"
            for kind, n in sorted(counts.items(), key=lambda one: -one[1])
        )
        console.print(
            say(lang, f"修订 {len(steps)} 次:{shares}。", f"{len(steps)} revision{'s' * (len(steps) > 1)}: {shares}."),
            highlight=False,
        )
    else:
        console.print(say(lang, "没有修订。", "Nothing was revised."))
    if same > 0:
        console.print(say(lang, f"另有 {same} 项指标从未修订。", f"Never revised: {same} more."), highlight=False)
    if never:
        console.print(
            say(
                lang,
                f"{len(never)} 项指标这些日子一直未知,不计。",
                f"Unknown on all of these days, and not counted: {len(never)}.",
            ),
            highlight=False,
        )
    console.print(
        say(
            lang,
            "偏差:末次−首次的平均;中位、90%:|末次−首次|。比率为百分点,其余为占首次值的比例。",
            "Bias: mean of last − first; median, 90%: of |last − first|. Points (pp) of rates, shares of the first value of others.",
        ),
        style="dim",
        highlight=False,
    )


# Departments


def _print_departments(console: Console, departments: Sequence[DepartmentRevisions], lang: Lang) -> None:
    heads = (
        say(lang, "部门", "dept"),
        say(lang, "名称", "name"),
        say(lang, "报送", "sent"),
        say(lang, "更正", "corr."),
        say(lang, "占比", "rate"),
        say(lang, "补报", "mended"),
        say(lang, "迟到", "late"),
        say(lang, "修订", "rev."),
        say(lang, "中位", "median"),
        say(lang, "最大", "most"),
    )
    rows = [
        (
            one.department_code,
            one.name_zh if lang is Lang.ZH else one.name_en,
            str(one.n_submissions),
            str(one.n_corrections or ""),
            percent(one.correction_rate) if one.n_corrections and one.correction_rate is not None else "",
            str(one.n_repairs or ""),
            str(one.n_late or ""),
            str(len(one.steps) or ""),
            _percent(one.moves.median).removeprefix("+") if one.moves else "",
            _percent(one.moves.greatest).removeprefix("+") if one.moves else "",
        )
        for one in departments
    ]
    console.print()
    console.print(_table(heads, rows, name_width=DEPARTMENT_WIDTH))


# Texts


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], name_width: int | None = None) -> Table:
    """A table of numbers between texts in its first and last columns. Numbers are never cut.

    Args:
        name_width: the width of the second column, which holds names.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for place, head in enumerate(heads):
        is_name = place == 1 and name_width is not None
        is_text = is_name or place in (0, len(heads) - 1)
        widest = max(cell_len(text) for text in (head, *(row[place] for row in rows)))
        table.add_column(
            head,
            no_wrap=True,
            overflow="ellipsis",
            justify="left" if is_text else "right",
            min_width=None if is_name else min(widest, LONGEST_CELL),
            max_width=name_width if is_name else None,
        )
    for row in rows:
        table.add_row(*row)
    return table


def _moved(moved: Decimal | None, figure: FigureRevisions) -> str:
    if moved is None:
        return "–"
    sign = "+" if moved > 0 else ""
    return f"{sign}{_points(moved)}" if figure.is_share else f"{sign}{round(moved, 4).normalize():,f}"


def _points(share: Decimal) -> str:
    return f"{plain(round(share * 100, 2))}pp"


def _percent(share: Decimal | None) -> str:
    if share is None:
        return "–"
    return f"{'+' if share > 0 else ''}{plain(round(share * 100, 2))}%"


def _count(n: Decimal) -> str:
    return plain(round(n, 1))
