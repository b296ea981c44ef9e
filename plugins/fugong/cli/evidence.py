"""Commands that prove records unchanged: verify, evidence head, evidence FIGURE."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from fugong.cli.common import AsJson, Lang, Language, opened_warehouse, print_json, progress_bar, say
from fugong.core.errors import NotFoundError
from fugong.evidence import log
from fugong.evidence.log import Head
from fugong.marts import gate

MAX_LISTED = 20
WITHOUT_HEAD = (
    (
        "没有给出存证首(--head):只能证明记录与本库自己的日志一致。谁能改写整个数据库,也能把日志一起重写;请用回执、简报末行或"
        "另存的存证首核对。"
    ),
    (
        "No head was given (--head): the records agree with the log of this database, and no more is certain. Whoever can rewrite the "
        "whole database can rewrite its log, too. Give a head from a receipt, from the last line of a briefing, or one that you exported."
    ),
)


def register(app: typer.Typer) -> None:
    """Add the commands `verify` and `evidence`."""
    app.command("verify")(verify_)
    app.command("evidence")(evidence)


def verify_(
    heads: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="N:HEX", help="存证首,可给多个 | A head from a receipt, a briefing or an export; repeatable"
        ),
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Verify archive, rows, findings, figures, publications, signatures and the log itself. Exit code 1 if anything was altered."""
    from fugong.evidence.verify import verify

    wanted = [Head.parse(text) for text in heads or ()]
    with (
        opened_warehouse() as (settings, connection),
        gate.one_state(connection, counts_rows=False),
        progress_bar() as bar,
    ):
        tasks: dict[str, int] = {}

        def tell(what: str, n: int, n_all: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=n_all)
            bar.update(tasks[what], completed=n, total=n_all)  # pyright: ignore[reportArgumentType]

        found = verify(connection, settings, wanted, on_progress=tell)
    if as_json:
        print_json(
            {
                "head": None if found.head is None else str(found.head),
                "heads": [str(head) for head in found.heads],
                "n_records": found.n_records,
                "n_rows": found.n_rows,
                "faults": [fault.to_json() for fault in found.faults],
                "cannot_promise": None if wanted else say(lang, *WITHOUT_HEAD),
            }
        )
    else:
        console = Console()
        for fault in found.faults[:MAX_LISTED]:
            console.print(f"[red]✗[/red] {escape(say(lang, fault.zh, fault.en))}", highlight=False)
        if (n_more := len(found.faults) - MAX_LISTED) > 0:
            console.print(say(lang, f"……另有 {n_more:,} 处,见 --json", f"… and {n_more:,} more, see --json"))
        counted = say(
            lang,
            f"核对了 {found.n_records:,} 项记录、{found.n_rows:,} 行明细,",
            f"{found.n_records:,} records and {found.n_rows:,} rows of reports verified: ",
        )
        what = (
            say(lang, f"{len(found.faults):,} 处不符。", f"{len(found.faults):,} faults.")
            if found.faults
            else say(lang, "全部原样。", "all as they were settled.")
        )
        console.print(counted + what, highlight=False)
        if wanted and not found.faults:
            console.print(
                say(lang, f"与给出的 {len(wanted)} 个存证首相符。", f"They agree with the {len(wanted)} heads given."),
                highlight=False,
            )
        console.print(say(lang, f"现在的存证首 {found.head}", f"Head now {found.head}"), highlight=False, soft_wrap=True)
        if not wanted:
            Console(stderr=True).print(f"[yellow]※[/yellow] {say(lang, *WITHOUT_HEAD)}", highlight=False)
    if found.faults:
        raise typer.Exit(1)


def evidence(
    what: Annotated[
        str, typer.Argument(metavar="head|FIGURE", help="head:存证首;或指标编号,如 S041 | head, or a figure such as S041")
    ],
    publication: Annotated[
        int | None, typer.Option("--publication", metavar="N", help="哪一次发布,见 published | Which publication, see published")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.zip", dir_okay=False, help="证据包写到哪里 | Where to write it")
    ] = None,
    role: Annotated[
        str,
        typer.Option("--role", help="给谁看:owner、taskforce、auditor、analyst | Who gets it: what they may not see is hidden"),
    ] = "owner",
    head: Annotated[
        str | None, typer.Option("--head", metavar="N:HEX", help="按这个存证首出证 | Prove it against this head")
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the head of the log, to be kept outside of the house; or write the evidence of a published figure."""
    if what == "head":
        _print_head(as_json=as_json)
        return
    if publication is None or output is None:
        raise typer.BadParameter(
            "指标的证据要写明 --publication 和 -o | the evidence of a figure needs --publication and -o",
            param_hint="--publication, -o",
        )
    from fugong.lineage import bundle

    with opened_warehouse() as (settings, connection):
        done = bundle.write(
            connection, settings.include, what, publication, output, role=role, head=None if head is None else Head.parse(head)
        )
    if done.salts:
        salts = output.with_name(f"{output.name}.salts.json")
        with os.fdopen(os.open(salts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(done.salts, file)
    if as_json:
        print_json(
            {
                "file": str(output),
                "head": str(done.head),
                "n_parts": done.n_parts,
                "n_lines": done.n_lines,
                "n_hidden": done.n_hidden,
            }
        )
        return
    console = Console()
    zh = f"{output}:{done.n_parts} 个部分、{done.n_lines} 行,其中 {done.n_hidden} 行只给加盐摘要。存证首 {done.head}"
    en = f"{output}: {done.n_parts} parts, {done.n_lines} lines, {done.n_hidden} of them as salted hashes. Head {done.head}"
    console.print(say(lang, zh, en), highlight=False, soft_wrap=True)


def _print_head(*, as_json: bool) -> None:
    with opened_warehouse() as (_, connection):
        found = log.head(connection)
    if found is None:
        raise NotFoundError("日志还没有开始,请先运行 fugong init | the log has not begun: run `fugong init`")
    head, day = found
    if as_json:
        print_json({"head": str(head), "size": head.size, "root": head.root.hex(), "day": day.isoformat()})
        return
    typer.echo(f"{head}  {day}")
