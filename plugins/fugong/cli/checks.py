"""The command `checks`: what contradicts what between the reports of a day."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Annotated

import typer
from rich.markup import escape

from fugong.cli.common import AsJson, KnownAt, Lang, Language, as_day, names_what_is_broken, opened_warehouse, print_json, say
from fugong.cli.console import Console
from fugong.cli.naming import naming
from fugong.core.vocabulary import CheckSeverity
from fugong.figures import cross_checks
from fugong.figures.answers import words
from fugong.marts import asof

SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command `checks`."""
    app.command("checks")(names_what_is_broken(checks_))


def checks_(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[CHECK]...", help="只看这些核对,如 X03 | Only these, such as X03")
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of", parser=as_day, metavar="DATE", help="截至哪一天,默认最近统计日 | Day; the last reported one if left out"
        ),
    ] = None,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print what the checks found as of a day; of each contradiction the line, and the first and last day it was seen."""
    with opened_warehouse() as (settings, connection):
        day = as_of or max(asof.reported_days(connection), default=None)
        found = [] if day is None else cross_checks.contradictions(connection, settings.include, day, known_at, ids=names or None)
        # Only what is printed is named.
        shown = [one for _, same in groupby(found, key=lambda one: one.check) for one in [*same][: None if names else SHOWN]]
        told = naming(connection, settings, lang, [one.details for one in shown], day=day, known_at=known_at)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    console = Console()
    if not found:
        console.print(say(lang, f"截至 {day},没有发现不一致。", f"As of {day} nothing is contradicted."))
        return
    for check, group in groupby(found, key=lambda one: one.check):
        same = list(group)
        severity = CheckSeverity(check.severity)
        says = check.message.text_in(lang).format(n_rows=sum(one.n_rows for one in same))
        console.print(
            f"[bold]{check.id}[/bold] [{severity.colour}]{severity.name_in(lang)}[/{severity.colour}] {says}", highlight=False
        )
        rows = same if names else same[:SHOWN]
        for one in rows:
            span = str(one.first_day) if one.first_day == one.last_day else f"{one.first_day} … {one.last_day}"
            place = " ".join(filter(None, (told.department(one.department_code), one.place)))
            console.print(f"  [dim]{span}[/dim] {escape(place)}", highlight=False)
            details = told.details(one.details, check.codes)
            console.print(f"      {words(details, check.columns, lang)}", highlight=False, markup=False)
            if one.answer is not None:
                answered = say(lang, f"核实:{one.answer.text.zh}", f"answered: {one.answer.text.en}")
                console.print(f"      {answered}", highlight=False, markup=False)
        if len(rows) < len(same):
            more = len(same) - len(rows)
            console.print(
                say(lang, f"  ……另有 {more} 处:fugong checks {check.id}", f"  … and {more} more: fugong checks {check.id}")
            )
