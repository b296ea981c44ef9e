"""The command `fugong audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from fugong.audit.audit import Audit, AuditedNumber, audit
from fugong.audit.documents import read_document
from fugong.audit.judging import Status
from fugong.audit.page import STATUSES, write_page
from fugong.audit.remarks import AGREES, CONTRADICTION, Remark
from fugong.cli.common import AsJson, AsOf, KnownAt, Lang, Language, names_what_is_broken, opened_warehouse, print_json, say
from fugong.cli.console import Console
from fugong.figures.display import as_json

COLOURS = {
    Status.EQUAL: "green", Status.DIFFERENT: "red", Status.MAYBE: "yellow", Status.NO_VALUE: "yellow", Status.NOT_FOUND: "dim",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command `audit`."""
    app.command("audit")(names_what_is_broken(audit_))


def audit_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="TEXTFILE",
            exists=True,
            dir_okay=False,
            help="文稿:纯文本、.docx 或 .pdf | The text: plain text, .docx or .pdf",
        ),
    ],
    as_of: AsOf,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", dir_okay=False, help="写成一页 HTML | Write it as one HTML page"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print which numbers of a text are our figures, whether they are equal, and what contradicts itself."""
    document = read_document(file)
    with opened_warehouse() as (settings, connection):
        found = audit(connection, settings.include, document.text, as_of, known_at)
    if output is not None:
        output.write_bytes(write_page(found, file.name, lang, document.warnings))
    if as_json:
        print_json({**found.to_json(lang), "warnings": [warning.text_in(lang) for warning in document.warnings]})
        return
    console = Console()
    for warning in document.warnings:
        console.print(warning.text_in(lang), style="yellow")
    moment = found.known_at.isoformat() if found.known_at else "–"
    console.print(
        say(lang, f"{file.name} · 截至 {as_of} · 知悉时点 {moment}", f"{file.name} · as of {as_of} · known at {moment}")
    )
    console.print(_table(found, lang))
    for remark in found.remarks:
        _print_remark(console, found, remark, lang)
    counts = {status: found.count(status) for status in Status}
    console.print(
        say(lang, "共 ", "In all ")
        + ", ".join(f"{STATUSES[status].text_in(lang)} {n}" for status, n in counts.items())
        + say(lang, "。", ".")
    )
    for one in found.numbers:
        if one.status is Status.DIFFERENT and one.figure:
            console.print(f"  {one.figure.id}  {one.trace(as_of, known_at)}", style="dim", highlight=False)


def _table(found: Audit, lang: Lang) -> Table:
    table = Table()
    table.add_column(say(lang, "行", "line"))
    table.add_column(say(lang, "文中", "in the text"), no_wrap=True)
    table.add_column(say(lang, "指标", "figure"))
    table.add_column(say(lang, "我方", "ours"))
    table.add_column(say(lang, "结果", "result"), no_wrap=True)
    for one in found.numbers:
        table.add_row(
            str(one.line),
            one.text,
            _figure(one, lang),
            Text(_ours(one)),
            Text(STATUSES[one.status].text_in(lang), style=COLOURS[one.status]),
        )
    return table


def _figure(one: AuditedNumber, lang: Lang) -> Text:
    if one.figure is None:
        return Text(f"…{one.before}{one.text}{one.after}…", style="dim")
    name = one.figure.name_zh if lang is Lang.ZH else one.figure.name
    return Text(f"{one.figure.id} {name}" + (f" ({one.reason.text_in(lang)})" if one.reason else ""))


def _ours(one: AuditedNumber) -> str:
    """As the briefing prints it, and in full where that hides a difference."""
    if one.figure is None:
        return ""
    if one.status is Status.DIFFERENT and one.figure.display == one.text:
        return f"{one.figure.display} ({as_json(one.figure.value)})"
    return one.figure.display or str(as_json(one.figure.value) or "–")


def _print_remark(console: Console, found: Audit, remark: Remark, lang: Lang) -> None:
    sign, colour = (
        ("✓", "green") if remark.verdict == AGREES else ("✗", "red") if remark.verdict == CONTRADICTION else ("?", "yellow")
    )
    where = say(lang, f"第 {found.text.line(remark.at)} 行", f"line {found.text.line(remark.at)}")
    console.print(
        Text.assemble((f"{sign} ", colour), (f"{where} ", "dim"), remark.message.zh if lang is Lang.ZH else remark.message.en)
    )
