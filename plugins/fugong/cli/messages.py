"""The command `messages`: what people are told, what waits, what could not be delivered; a trial; sending without Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from fugong.cli.common import AsJson, Lang, Language, notes, opened_warehouse, print_json, say
from fugong.cli.console import Console
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI

SHOWN = 50
STATES: Mapping[str, tuple[str, str, str]] = {
    "waiting": ("等待", "waiting", "yellow"),
    "sent": ("已发", "sent", "green"),
    "given_up": ("未送达", "given up", "red"),
}


def register(app: typer.Typer) -> None:
    """Add the command `messages`."""
    app.command("messages")(messages)


def messages(
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="AUDIENCE", help="向 engineers、signers 或一个部门试发 | Send a trial to an audience"),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="现在就发(没有 Airflow 时)| Send what is due now, without Airflow")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="已发的也列出 | List what was sent, too")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List the messages that wait or were given up. Settings: docs/messages.md. Exit code 1 if a trial was not delivered."""
    from fugong.messages import outbox
    from fugong.messages.channels import load_channels
    from fugong.messages.event import Event
    from fugong.messages.rules import load_rules
    from fugong.messages.send import send_due, send_trial, take_up

    if test is not None:
        settings = Settings.load()
        faults = send_trial(settings, test)
        for channel, fault in faults.items():
            sign, said = ("[green]✓[/green]", "") if fault is None else ("[red]✗[/red]", f" {fault}")
            notes().print(f"{sign} {escape(test)} {escape(channel)}{said}", highlight=False)
        if any(faults.values()):
            raise typer.Exit(1)
        return
    if send:
        if not load_channels(Settings.load()).addresses:
            raise RefusedError("没有通道,见 docs/zh/messages.md | there is no channel; see docs/messages.md")
        done = send_due(Settings.load())
        notes().print(
            f"发出 {done['sent']} 条,没有送达 {done['failed'] + done['given_up']} 条 | {done['sent']} sent, "
            f"{done['failed'] + done['given_up']} not delivered",
            highlight=False,
        )
    with opened_warehouse() as (settings, connection):
        given = load_channels(settings)
        if given.addresses:  # whoever has no file of channels here does not speak for the installation
            take_up(connection, load_rules(settings.include), given)
            connection.commit()
        counted = outbox.counts(connection)
        shown = outbox.messages(connection, [*STATES] if everything else ["waiting", "given_up"], SHOWN)
    if as_json:
        print_json([one.to_json() for one in shown])
        given.refuse_faults()
        return
    table = Table(
        Column("#", justify="right"),
        say(lang, "时间", "when"),
        say(lang, "对象", "audience"),
        say(lang, "通道", "channel"),
        say(lang, "事件", "event"),
        say(lang, "状态", "state"),
        Column(say(lang, "试过", "tries"), justify="right"),
        say(lang, "原因", "why"),
    )
    for one in shown:
        zh, en, style = STATES[one.state]
        table.add_row(
            str(one.message_id),
            f"{one.recorded_at.astimezone(SHANGHAI):%m-%d %H:%M}",
            escape(one.audience),
            escape(one.channel),
            Event(one.event).name_in(lang),
            f"[{style}]{say(lang, zh, en)}[/{style}]",
            str(one.n_tries),
            one.fault or "",
        )
    console = Console()
    if shown:
        console.print(table)
    audiences = {one.audience for one in given.addresses}
    numbers = " · ".join(f"{say(lang, zh, en)} {counted[state]:,}" for state, (zh, en, _) in STATES.items())
    console.print(
        say(
            lang,
            f"{len(given.addresses)} 个通道,{len(audiences)} 个对象。",
            f"{len(given.addresses)} channels for {len(audiences)} audiences.",
        )
        + f" {numbers}",
        highlight=False,
    )
    given.refuse_faults()
