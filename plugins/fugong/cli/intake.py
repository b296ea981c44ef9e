"""Commands that judge files: `ingest` takes what lies in the inbox, `check` only says what would happen."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from fugong.cli import errors
from fugong.cli.common import (
    AsJson,
    Lang,
    Language,
    notes,
    progress_bar,
    say,
)
from fugong.cli.console import Console
from fugong.core import sanitize
from fugong.core.errors import NotFoundError
from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.privacy.detect import mask

if TYPE_CHECKING:
    from fugong.intake.collect import Collected
    from fugong.intake.types import Outcome

MARTS_EVERY_SECONDS = 60.0
"""Somebody's endless backlog keeps nobody's figures waiting for longer."""


def register(app: typer.Typer) -> None:
    """Add the commands `ingest` and `check`."""
    app.command("ingest")(ingest)
    app.command("check")(check)


def ingest(
    department: Annotated[str | None, typer.Option("--department", "-d", help="只处理这个部门 | This department only")] = None,
    history: Annotated[Path | None, typer.Option(help="历史清单 CSV(file,received_at)| Manifest of past files")] = None,
    marts: Annotated[bool, typer.Option("--marts/--no-marts", help="随后重算汇总 | Build the marts afterwards")] = True,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """收件、判读、入库、回执、汇总 | Take what lies in the inbox, answer it, and build the marts.

    退回的文件是结果,不是错误:命令仍以 0 结束。| Rejected files are outcomes: the exit code is still 0.
    """
    from fugong.intake import collect, pipeline
    from fugong.intake.folders import departments_of
    from fugong.intake.turns import Turns
    from fugong.operations.build_marts import build_marts, refuse_faulty
    from fugong.warehouse import connection

    settings = Settings.load()
    connection.address(settings)
    if department and department not in (found := departments_of(settings)):
        there = " ".join(found)
        raise NotFoundError(f"{department}: 没有这个收件夹,现有 {there} | no such inbox; there is {there}")
    outcomes: list[Outcome] = []
    faults: list[str] = []
    with progress_bar() as bar:
        if history is not None:
            arrivals = collect.read_manifest(history)
            if department:
                arrivals = [arrival for arrival in arrivals if arrival.department == department]
            task = bar.add_task("判读入库 | reading and loading", total=len(arrivals))

            def arrived(outcome: Outcome) -> None:
                outcomes.append(outcome)
                bar.advance(task)

            pipeline.ingest_history(settings, arrivals, on_outcome=arrived)
        else:
            if (manifest := settings.inbox / collect.MANIFEST).is_file():
                notes().print(
                    f"[yellow]收件夹旁有历史清单[/yellow] {manifest}:不写 --history,文件都算此刻到达,应报时刻更早的不判迟报;"
                    f"写 --history {manifest},则按清单里的到达时刻补录。清单谁都能写,所以不会自动采用 | a manifest of past arrivals lies "
                    "there: without --history files arrive now, and what was due before the first of them is not judged late; with it "
                    "they arrive at the moments that it names. Anybody could have written it, so it is never taken unasked",
                    highlight=False,
                )
            task = bar.add_task("判读入库 | reading and loading", total=None)
            turns = Turns(settings, department)
            last, n_tried, built_at, is_stale = collect.Collected(), 0, time.monotonic(), False
            for step in turns.run():
                if isinstance(step, collect.Collected):
                    last, n_tried = step, n_tried + step.dry_runs
                    continue
                outcomes.append(step)
                bar.update(task, advance=1)
                is_stale |= step.rows_accepted > 0
                if marts and is_stale and time.monotonic() - built_at > MARTS_EVERY_SECONDS:
                    build_marts(settings)  # the last build below says what was left out
                    built_at, is_stale = time.monotonic(), False
            faults = [*turns.faults.values()]
            tell_collected(last, n_tried)
        if marts:
            bar.add_task("重算汇总 | building marts", total=None)
            faults += map(str, build_marts(settings).faulty.values())
    if as_json:
        typer.echo(sanitize.as_json([_plain(asdict(outcome)) for outcome in outcomes], indent=1))
    else:
        print_outcomes(outcomes, lang)
    refuse_faulty(faults)


def tell_collected(last: Collected, n_tried: int) -> None:
    """Tell what was tried, and what the last look at the inbox left there."""
    from fugong.intake.quota_notes import NOTE

    for unusable in last.errors:
        notes().print(f"[red]收件夹读写不了[/red] {unusable} | this inbox cannot be used", highlight=False)
    for path in last.unfinished:
        notes().print(f"[yellow]还在写入,下次再收[/yellow] {mask(path.name)} | still being written, left for the next run")
    if n_tried:
        notes().print(f"试投 {n_tried} 份,回执在 outbox/<部门>/试投 | {n_tried} tried, nothing stored", highlight=False)
    for department, left in last.left.items():
        if left.limit.is_quota:
            notes().print(
                f"[yellow]超出限额,留在收件夹[/yellow] {escape(mask(department))}:{left.n_files:,} 份({left.limit}),见其发件夹的 {NOTE} | "
                f"{left.n_files:,} files stay in the inbox, beyond the quota; fugong waiting lists them",
                highlight=False,
            )


def print_outcomes(outcomes: Sequence[Outcome], lang: Lang) -> None:
    """Print what became of the files: those that need attention, and a count by state."""
    out = Console()
    counts = Counter(State(outcome.state) for outcome in outcomes)
    shown = [outcome for outcome in outcomes if State(outcome.state) is not State.ACCEPTED]
    if shown:
        table = Table(title=say(lang, "需要留意的报送", "Files to look at"), title_justify="left")
        for zh, en in (("编号", "id"), ("部门", "department"), ("文件", "file"), ("状态", "state")):
            table.add_column(say(lang, zh, en), overflow="fold")
        for zh, en in (("收到行", "read"), ("入库", "accepted"), ("退回", "set aside"), ("非数据", "not data")):
            table.add_column(say(lang, zh, en), justify="right")
        for item in shown:
            state = State(item.state)
            table.add_row(
                str(item.submission_id),
                item.department,
                escape(item.file_name),
                f"[{state.colour}]{state.name_in(lang)}[/{state.colour}]",
                *(f"{n:,}" for n in (item.rows_read, item.rows_accepted, item.rows_set_aside, item.rows_not_data)),
            )
        out.print(table)
    if not outcomes:
        out.print(say(lang, "收件夹里没有新文件。", "No new files in the inbox."))
        return
    by_state = say(lang, "、", ", ").join(f"{state.name_in(lang)} {n}" for state, n in counts.most_common())
    rows = sum(outcome.rows_accepted for outcome in outcomes)
    out.print(
        say(
            lang,
            f"共 {len(outcomes)} 份:{by_state};入库 {rows:,} 行。回执在各部门发件夹。",
            f"{len(outcomes)} files: {by_state}; {rows:,} rows loaded. Receipts are in the outbox.",
        ),
        highlight=False,
    )


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item.isoformat() if isinstance(item, date) else item for name, item in value.items()}


def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="要试投的文件 | File to judge")],
    department: Annotated[str, typer.Option("--department", "-d", help="部门代码 | Department code")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", file_okay=False, help="把回执写到这个目录 | Write the receipt into this folder"),
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """Print the receipt that the file would get; nothing is stored. Exit code 1 if anything of it would be returned (试投)."""
    from fugong.intake.pipeline import check_file
    from fugong.receipts.text import text

    document = check_file(Settings.load(), file.resolve(), department, output)
    typer.echo(sanitize.as_json(document, indent=1) if as_json else text(document, lang), nl=as_json)
    if output is not None:
        notes().print(f"回执已写到 {escape(str(output))} | The receipt is there", highlight=False)
    if document["state"] == State.REJECTED or document["rows_set_aside"]:
        raise typer.Exit(errors.REFUSED)
