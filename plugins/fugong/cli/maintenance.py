"""The command `maintenance`: what the DAG `keep_house` does every night, now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Column, Table

from fugong.cli.common import AsJson, Lang, Language, names_what_is_broken, print_json, say
from fugong.cli.console import Console
from fugong.core.settings import Settings

if TYPE_CHECKING:
    from fugong.operations.task_result import TaskResult

SIGNS = {"well": "[green]✓[/green]", "notice": "[yellow]※[/yellow]", "bad": "[red]✗[/red]"}


def register(app: typer.Typer) -> None:
    """Add the command `maintenance`."""
    app.command("maintenance")(names_what_is_broken(maintenance))


def maintenance(lang: Language = Lang.ZH, as_json: AsJson = False) -> None:
    """Run every maintenance task. Exit code 1 if somebody has to act."""
    from fugong.operations.maintenance import run_all

    results = run_all(Settings.load())
    print_results(results, lang, as_json=as_json)


def print_results(results: Sequence[TaskResult], lang: Lang, *, as_json: bool) -> None:
    """Print results of maintenance.

    Raises:
        typer.Exit: with exit code 1, if somebody has to act.
    """
    if as_json:
        print_json([one.to_json() for one in results])
    else:
        table = Table("", say(lang, "事项", "chore"), Column(say(lang, "数量", "n"), justify="right"), say(lang, "说明", "said"))
        for one in results:
            table.add_row(SIGNS[one.outcome], one.task, f"{one.n:,}", escape(one.zh if lang is Lang.ZH else one.en))
        Console().print(table)
    if any(one.outcome == "bad" for one in results):
        raise typer.Exit(1)
