"""Commands of the briefing: briefing, publish, published, withdraw, adjust, approve, adjustments, revoke."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from fugong.access.account import Role, person_of
from fugong.briefing import adjustment, document, ending, publishing
from fugong.briefing.annex import TASKFORCE
from fugong.briefing.ending import ends
from fugong.briefing.render import pdf
from fugong.cli.common import (
    AsJson,
    AsOf,
    KnownAt,
    Lang,
    Language,
    as_day,
    names_what_is_broken,
    opened_warehouse,
    print_json,
    say,
)
from fugong.cli.console import Console
from fugong.core.time import SHANGHAI

OUTPUT = "写到哪里:.docx、.html、.md 或 .pdf | Where to write: .docx, .html, .md or .pdf"
PDF = "pdf"
"""Made from the Word document when it is asked for; never kept."""
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help=OUTPUT)]


def register(app: typer.Typer) -> None:
    """Add the commands `briefing`, `publish`, `published`, `withdraw`, `adjust`, `approve`, `adjustments`, `revoke`."""
    app.command("briefing")(names_what_is_broken(briefing_))
    app.command("publish")(publish)
    app.command("published")(published)
    app.command("withdraw")(withdraw)
    app.command("adjust")(adjust)
    app.command("approve")(approve)
    app.command("adjustments")(adjustments)
    app.command("revoke")(revoke)


def briefing_(
    as_of: AsOf,
    output: Output,
    known_at: KnownAt = None,
    taskforce: Annotated[
        bool, typer.Option("--taskforce", help="专班版:首页点名落后的 | The task force's edition, which names who is behind")
    ] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Write the briefing of a day."""
    form = format_of(output)
    with opened_warehouse() as (settings, connection):
        edition = TASKFORCE if taskforce else ""
        found = document.compose(connection, settings.include, as_of, known_at, lang=lang, edition=edition)
        content = in_form(form, lambda kept: publishing.write(found, kept))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    if as_json:
        print_json(
            {
                "file": str(output),
                "as_of": as_of.isoformat(),
                "known_at": found.known_at.isoformat(),
                "missing": list(found.missing),
                "printed": [name for name, one in found.figures.items() if one.is_printed],
            }
        )
        return
    console = Console()
    console.print(say(lang, f"草稿 {output}", f"Draft {output}"), highlight=False)
    moment = found.known_at.astimezone(SHANGHAI).isoformat()
    console.print(say(lang, f"截至 {as_of} · 知悉时点 {moment}", f"As of {as_of} · known at {moment}"), highlight=False)
    for line in found.missing:
        console.print(f"[yellow]※[/yellow] {line}", highlight=False)


def publish(
    as_of: AsOf,
    known_at: KnownAt = None,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="到期未签发,临时发布 | Unsigned at the deadline: provisional")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="主要指标变动较大的理由 | Why a headline figure jumped")] = "",
    english: Annotated[bool, typer.Option("--english", help="同时存档英文版 | Keep the English edition, too")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Sign the briefing of a day as the person that is logged in, and keep it."""
    with opened_warehouse() as (settings, connection):
        person = person_of(connection, Role.SIGNER, *([Role.OPERATOR] if provisional else []))
        done = publishing.publish(
            connection,
            settings,
            as_of,
            known_at,
            signer=person.printed,
            account=person.account,
            is_provisional=provisional,
            reason=reason,
            with_english=english,
        )
    if as_json:
        print_json(done.to_json())
        return
    _print_publications([done], lang)
    for text in done.firms:
        Console(stderr=True).print(f"[yellow]※[/yellow] {text.text_in(lang)}", highlight=False)


def published(
    publication_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="发布编号 | Publication")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help=OUTPUT)] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List what was published, or write one of it as it was; with `--lang en` the English edition, if one was kept."""
    if (publication_id is None) != (output is None):
        raise typer.BadParameter("编号和 -o 要一起用 | ID and -o go together", param_hint="-o")
    with opened_warehouse() as (_, connection):
        if publication_id is not None and output is not None:
            content = in_form(
                format_of(output), lambda kept: publishing.fetch(connection, publication_id, publishing.kept_as(kept, lang))
            )
            output.write_bytes(content)
            typer.echo(str(output))
            if end := ends(connection).get(publication_id):
                Console(stderr=True).print(f"[yellow]※[/yellow] {say(lang, end.text.zh, end.text.en)}", highlight=False)
            return
        found = publishing.publications(connection)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    if not found:
        Console().print(say(lang, "还没有发布过简报。", "No briefing was published yet."))
        return
    _print_publications(found, lang)


def withdraw(
    publication_id: Annotated[int, typer.Argument(metavar="ID", help="发布编号 | Publication")],
    reason: Annotated[str, typer.Option("--reason", help="理由 | Reason")],
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Withdraw a publication. Its files stay as they are; lists and copies mark it."""
    with opened_warehouse() as (settings, connection):
        person = person_of(connection, Role.SIGNER)
        end = ending.withdraw(connection, publication_id, person=person.printed, account=person.account, reason=reason)
        ending.mark_copies(settings, connection, publication_id)
    if as_json:
        print_json({"publication_id": publication_id, **end.to_json()})
        return
    Console().print(
        say(lang, f"第 {publication_id} 号{end.text.zh}。", f"Number {publication_id}: {end.text.en}."), highlight=False
    )


def adjust(
    figure: Annotated[str, typer.Argument(help="指标编号,如 S039 | Figure, such as S039")],
    as_of: AsOf,
    value: Annotated[str, typer.Option("--value", help="调整为,原样写入 | To be read as, in words")],
    reason: Annotated[str, typer.Option("--reason", help="理由 | Reason")],
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Propose that a figure is to be read otherwise. It counts once somebody else has approved it."""
    with opened_warehouse() as (settings, connection):
        person = person_of(connection, Role.OPERATOR, Role.TASKFORCE, Role.SIGNER)
        done = adjustment.adjust(
            connection, settings.include, figure, as_of, value, reason=reason, proposer=person.printed, account=person.account
        )
    if as_json:
        print_json(done.to_json())
        return
    Console().print(
        say(
            lang,
            f"已登记第 {done.adjustment_id} 号:{done.figure} 按 {done.value_text} 掌握;待另一人批准:fugong approve {done.adjustment_id}",
            f"Proposed as {done.adjustment_id}: {done.figure} is to be read as {done.value_text}, once somebody else has approved it: "
            f"fugong approve {done.adjustment_id}",
        ),
        highlight=False,
    )


def approve(
    adjustment_id: Annotated[int, typer.Argument(metavar="ID", help="编号,见 adjustments | Its number, see adjustments")],
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Approve an adjustment that somebody else proposed."""
    with opened_warehouse() as (_, connection):
        person = person_of(connection, Role.SIGNER)
        done = adjustment.approve(connection, adjustment_id, approver=person.printed, account=person.account)
    if as_json:
        print_json(done.to_json())
        return
    Console().print(
        say(
            lang,
            f"已批准第 {adjustment_id} 号:{done.figure} 按 {done.value_text} 掌握。",
            f"Approved {adjustment_id}: {done.figure} is to be read as {done.value_text}.",
        ),
        highlight=False,
    )


def adjustments(
    as_of: Annotated[
        date | None, typer.Option("--as-of", parser=as_day, metavar="DATE", help="只看这一天的 | Of this day only")
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List the adjustments, revoked ones included."""
    with opened_warehouse() as (_, connection):
        found = [one for one in adjustment.every_adjustment(connection) if as_of in (None, one.as_of)]
    if as_json:
        print_json([one.to_json() for one in found])
        return
    heads = (("号", "no."), ("指标", "figure"), ("截至", "as of"), ("按", "read as"), ("理由", "reason"), ("状态", "state"))
    table = Table(*(Column(say(lang, *head), overflow="fold") for head in heads))
    for one in found:
        counts = say(lang, "有效", "counts") if one.approver else say(lang, "待批准", "to be approved")
        state = counts if one.revoked_at is None else say(lang, "已撤销:", "revoked: ") + one.revoked
        table.add_row(str(one.adjustment_id), one.figure, str(one.as_of), one.value_text, one.reason, state)
    Console().print(table)


def revoke(
    adjustment_id: Annotated[int, typer.Argument(metavar="ID", help="编号,见 adjustments | Its number, see adjustments")],
    reason: Annotated[str, typer.Option("--reason", help="理由 | Reason")],
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Revoke an adjustment; the row stays."""
    with opened_warehouse() as (_, connection):
        person = person_of(connection, Role.SIGNER)
        done = adjustment.revoke(connection, adjustment_id, person=person.printed, account=person.account, reason=reason)
    if as_json:
        print_json(done.to_json())
        return
    Console().print(say(lang, f"已撤销第 {adjustment_id} 号。", f"Revoked: {adjustment_id}."), highlight=False)


def format_of(output: Path) -> str:
    """The format that a file's name asks for."""
    form = output.suffix.removeprefix(".").lower()
    if form not in {*publishing.WRITERS, PDF}:
        raise typer.BadParameter(
            f"{output.name}:请以 .docx、.html、.md 或 .pdf 结尾 | should end in .docx, .html, .md or .pdf", param_hint="-o"
        )
    return form


def in_form(form: str, read: Callable[[str], bytes]) -> bytes:
    """A briefing in a format. A PDF is made from the Word document."""
    return pdf.convert(read("docx")) if form == PDF else read(form)


def _print_publications(found: list[publishing.Published], lang: Lang) -> None:
    table = Table()
    for zh, en in (
        ("编号", "id"),
        ("截至", "as of"),
        ("知悉时点", "known at"),
        ("签发", "signed"),
        ("签发时间", "at"),
        ("效力", "in force"),
    ):
        table.add_column(say(lang, zh, en), no_wrap=zh not in {"签发", "效力"})
    for one in found:
        provisional = say(lang, "(临时)", " (provisional)") if one.is_provisional else ""
        table.add_row(
            str(one.publication_id),
            one.as_of.isoformat(),
            f"{one.known_at.astimezone(SHANGHAI):%m-%d %H:%M:%S}",
            one.signer + provisional,
            f"{one.signed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            say(lang, one.end.text.zh, one.end.text.en) if one.end else say(lang, "有效", "yes"),
        )
    Console().print(table)
