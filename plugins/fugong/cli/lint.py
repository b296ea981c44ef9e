"""The command `lint`: what is wrong in a district's files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fugong.cli import errors
from fugong.cli.common import AsJson, Lang, Language, notes, print_json, progress_bar, say
from fugong.cli.console import Console
from fugong.core.errors import NotFoundError
from fugong.core.settings import MARK_OF_DISTRICT, Settings

STEPS = {
    "reference": "代码表、日历 | reference files",
    "contracts": "契约、规则 | contracts, suites",
    "suites": "试算规则 | trying the rules",
    "sql": "SQL | SQL files",
    "briefing": "指标、简报 | figures, briefing",
}


def register(app: typer.Typer) -> None:
    """Add the command `lint`."""
    app.command("lint")(lint_)


def lint_(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", file_okay=False, help="辖区文件夹;默认当前辖区 | The district; the current one without it"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="不试算规则,快几秒 | Do not run the rules: some seconds faster")] = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """Print every fault with file, line and the nearest right word. Exit code 2 if there is one; nothing is changed, no warehouse is asked.

    没有英文的名称只提醒。| Names without English are told beside, and are no fault.
    """
    from dataclasses import asdict

    from fugong.configuration.lint import lint, remarks

    if folder is not None and not (folder / MARK_OF_DISTRICT).is_dir():
        raise NotFoundError(f"{folder}: 不是辖区,没有 {MARK_OF_DISTRICT} | it is no district: it has no {MARK_OF_DISTRICT}")
    settings = Settings.load() if folder is None else Settings.load({"FUGONG_DISTRICT": str(folder.resolve())})
    with progress_bar() as bar:
        task = bar.add_task(STEPS["reference"], total=len(STEPS))

        def step(name: str) -> None:
            bar.update(task, description=STEPS[name], advance=1)

        found = lint(settings, tries_rules=not quick, on_progress=step)
        asked = [] if as_json else remarks(settings)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        out = Console(soft_wrap=True)
        for one in found:
            out.print(f"[bold]{escape(one.place)}[/bold]: {escape(one.sentence)}", highlight=False)
    for one in asked:
        notes().print(f"[dim]{escape(str(one))}[/dim]", highlight=False, soft_wrap=True)
    if asked:
        notes().print(
            say(
                lang,
                f"{len(asked)} 处没有英文,英文页面照样显示中文;不算错误。",
                f"No English in {len(asked)} places: Chinese stands there. That is no fault.",
            )
        )
    if found:
        n_files = len({one.file for one in found})
        notes().print(say(lang, f"{n_files} 个文件有 {len(found)} 处错误。", f"{len(found)} faults in {n_files} files."))
        raise typer.Exit(errors.CONFIGURATION)
    if not as_json:
        notes().print(say(lang, "没有发现错误。", "No fault found."))
