"""Commands about figures: all of a day, and one with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from fugong.briefing.adjustment import Adjustment, adjustments, with_adjustments
from fugong.briefing.language import Language as Spoken
from fugong.briefing.language import language_of
from fugong.cli.common import (
    AsJson,
    AsOf,
    KnownAt,
    Lang,
    Language,
    coverage_text,
    names_what_is_broken,
    opened_warehouse,
    print_json,
    print_moment,
    say,
    short,
    value_text,
)
from fugong.cli.console import Console
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.figures.definition import load_sound_definitions
from fugong.figures.display import percent
from fugong.figures.figure import Figure, figures


def register(app: typer.Typer) -> None:
    """Add the commands `figures` and `figure`."""
    app.command("figures")(names_what_is_broken(figures_))
    app.command("figure")(names_what_is_broken(figure_))


def figures_(
    as_of: AsOf,
    names: Annotated[list[str] | None, typer.Argument(metavar="[FIGURE]...", help="只看这些指标 | Only these")] = None,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> Sequence[str]:
    """Print every figure of a day."""
    with opened_warehouse() as (settings, connection):
        found = figures(connection, settings.include, as_of, known_at, ids=names or None)
        adjusted = adjustments(connection, as_of, known_at)
    found = _in_words(settings, found, lang)
    if as_json:
        print_json([with_adjustments(figure, adjusted, lang) for figure in found])
    else:
        _print_figures(found, adjusted, as_of, language_of(settings.include, lang))
    return faults_of(found, lang)


def faults_of(found: Iterable[Figure], lang: Lang) -> Sequence[str]:
    """Why figures cannot be computed."""
    return [one.warnings[0].text_in(lang) for one in found if one.is_broken]


def _in_words(settings: Settings, found: Iterable[Figure], lang: Lang) -> Sequence[Figure]:
    """Figures as the language prints them."""
    language, definitions = language_of(settings.include, lang), load_sound_definitions(settings.include)
    return [language.figure(definitions[one.id], one) if one.id in definitions else one for one in found]


def _print_figures(found: Sequence[Figure], adjusted: Sequence[Adjustment], as_of: date, language: Spoken) -> None:
    lang = language.lang
    console = Console()
    if found:
        print_moment(console, lang, as_of, found[0].known_at)
    table = Table(
        Column(say(lang, "编号", "id"), no_wrap=True),
        say(lang, "指标", "figure"),
        say(lang, "写作", "display"),
        say(lang, "单位", "unit"),
        say(lang, "分子/分母", "of"),
        say(lang, "覆盖", "coverage"),
        padding=0,
    )
    for figure in found:
        table.add_row(
            figure.id,
            figure.name_zh if lang is Lang.ZH else figure.name,
            figure.display or "[dim]–[/dim]",
            language.unit(figure.unit),
            "" if figure.denominator is None else f"{short(figure.numerator)}/{short(figure.denominator)}",
            coverage_text(figure, lang),
        )
    console.print(table)
    told: dict[str, list[str]] = {}
    for figure in found:
        for warning in figure.warnings:
            told.setdefault(language.pick(warning), []).append(figure.id)
    for one in adjusted:
        if one.figure in {figure.id for figure in found}:
            console.print(f"[yellow]※[/yellow] {one.figure} {one.text.text_in(lang)}", highlight=False)
    for sentence, ids in told.items():
        console.print(f"[yellow]※[/yellow] {' '.join(ids)} {escape(sentence)}", highlight=False)


def figure_(
    name: Annotated[str, typer.Argument(metavar="FIGURE", help="指标编号,如 S039 | Figure, such as S039")],
    as_of: AsOf,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> Sequence[str]:
    """Print one figure: value, counts, the day before and why it changed, coverage, what is carried or unreconciled, warnings."""
    with opened_warehouse() as (settings, connection):
        (found,) = figures(connection, settings.include, as_of, known_at, ids=[name])
        adjusted = [one for one in adjustments(connection, as_of, known_at) if one.figure == found.id]
    (found,) = _in_words(settings, [found], lang)
    if as_json:
        print_json(with_adjustments(found, adjusted, lang))
        return faults_of([found], lang)
    language = language_of(settings.include, lang)
    console = Console()
    moment = found.known_at.astimezone(SHANGHAI).isoformat() if found.known_at else "–"
    console.print(f"[bold]{found.id} {found.name_zh if lang is Lang.ZH else found.name}[/bold]", highlight=False)
    table = Table(show_header=False, box=None)
    rows = [
        (say(lang, "截至", "as of"), f"{as_of} · {say(lang, '知悉时点', 'known at')} {moment}"),
        (say(lang, "写作", "display"), f"[bold]{found.display or '–'}[/bold]"),
        (say(lang, "数值", "value"), f"{value_text(found.value)} {language.unit(found.unit)}"),
        (
            say(lang, "分子/分母", "of"),
            "" if found.denominator is None else f"{value_text(found.numerator)}/{value_text(found.denominator)}",
        ),
        (say(lang, "区间", "interval"), _interval(found, lang)),
        (say(lang, "前一日", "day before"), found.previous_display),
        (say(lang, "覆盖", "coverage"), coverage_text(found, lang)),
        (say(lang, "沿用行数", "carried rows"), str(found.carried_rows) if found.carried_rows else ""),
        (say(lang, "未核对一致", "unreconciled"), "" if found.unreconciled is None else percent(found.unreconciled)),
    ]
    for label, text in rows:
        if text:
            table.add_row(f"[dim]{label}[/dim]", text)
    console.print(table)
    told = [*(one.text for one in adjusted), *found.warnings]
    for sign, sentences in (("△", found.why), ("[yellow]※[/yellow]", told)):
        for sentence in sentences:
            console.print(f"{sign} {escape(language.pick(sentence))}", highlight=False)
    return faults_of([found], lang)


def _interval(figure: Figure, lang: Lang) -> str:
    """The interval of a figure in words; empty where it has none."""
    if figure.interval is None:
        return ""
    if figure.interval.text:
        return say(lang, figure.interval.text.zh, figure.interval.text.en)
    return say(lang, "已报齐,两端相同", "everything has come: both ends are the same") if figure.interval.is_closed else ""
