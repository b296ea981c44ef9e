"""The command `waiting`: what waits of each department, in its inbox and with us, beside its quota."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from fugong.cli.common import AsJson, Lang, Language, opened_warehouse, print_json, say
from fugong.cli.console import Console
from fugong.core.time import SHANGHAI
from fugong.privacy.detect import mask


def register(app: typer.Typer) -> None:
    """Add the command `waiting`."""
    app.command("waiting")(waiting)


def waiting(
    everything: Annotated[bool, typer.Option("--all", help="没有积压的部门也列出 | Also departments without a backlog")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print what waits of each department. Quotas: `include/quotas.yaml`."""
    from fugong.intake.backlog import backlogs

    with opened_warehouse() as (settings, connection):
        found = backlogs(connection, settings, datetime.now(SHANGHAI))
    shown = [one for one in found if everything or one.n_inbox or one.load.n_waiting]
    if as_json:
        print_json([one.to_json() for one in shown])
        return
    table = Table(
        say(lang, "部门", "department"),
        Column(say(lang, "收件夹里", "in the inbox"), justify="right"),
        say(lang, "最早的", "oldest"),
        Column(say(lang, "在办 / 限额", "waiting / quota"), justify="right"),
        Column(say(lang, "MB / 限额", "MB / quota"), justify="right"),
        Column(say(lang, "今天 / 限额", "today / quota"), justify="right"),
    )
    for one in shown:
        load, quota = one.load, one.quota
        megabytes = load.bytes_waiting / (1 << 20)
        is_full = load.n_today >= quota.files_a_day or load.n_waiting >= quota.files_waiting
        table.add_row(
            escape(mask(f"{one.name_zh} {one.department}" if one.name_zh != one.department else one.department)),
            f"{one.n_inbox:,}",
            f"{one.oldest_at:%m-%d %H:%M}" if one.oldest_at else "",
            f"{load.n_waiting:,} / {quota.files_waiting:,}",
            f"{megabytes:,.1f} / {quota.megabytes_waiting:,}",
            f"{load.n_today:,} / {quota.files_a_day:,}",
            style="yellow" if one.n_inbox and is_full else "",
        )
    console = Console()
    if shown:
        console.print(table)
    n_inbox, n_waiting = sum(one.n_inbox for one in found), sum(one.load.n_waiting for one in found)
    console.print(
        say(lang, f"收件夹里 {n_inbox:,} 份,在办 {n_waiting:,} 份。", f"{n_inbox:,} in inboxes, {n_waiting:,} waiting."),
        highlight=False,
    )
