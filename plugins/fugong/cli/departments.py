"""Commands for what departments get from us: the template of a report, the receipt of a submission."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fugong.cli.common import AsJson, Language, as_day, department_names, opened_warehouse, print_json, say
from fugong.cli.console import Console
from fugong.contracts.accepted import known_contracts
from fugong.contracts.load import load_contracts
from fugong.core.errors import NotFoundError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang, State
from fugong.intake import obligations


def register(app: typer.Typer) -> None:
    """Add the commands `template`, `receipt` and `missing`."""
    app.command("template")(template)
    app.command("receipt")(show_receipt)
    app.command("missing")(missing)


def template(
    report: Annotated[str, typer.Argument(help="报表编号、英文名或中文名,如 R04 | Report number, id or name")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到哪个 .xlsx 文件 | File to write")] = None,
    department: Annotated[
        str | None, typer.Option(help="只要这个部门报送的表 | Only the tables that this department sends")
    ] = None,
) -> None:
    """Write the template of a report."""
    from fugong.contracts.code_list import load_code_lists
    from fugong.core.sanitize import file_stem
    from fugong.documentation.template import write_template
    from fugong.validation.suite import load_suites

    settings = Settings.load()
    contracts = load_contracts(settings.include / "contracts")
    contract = contracts.find(report)
    if department is not None and not contract.tables_of(department):
        there = ", ".join(contract.senders)
        raise NotFoundError(f"{department} 不报送这张报表 | does not send this report: {there}")
    if department is not None:
        contract = contract.of_sender(department)
    path = output or Path(f"{contract.report}_{file_stem(contract.name)}_模板.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{path.name}: 模板是 .xlsx 文件 | The template is an .xlsx file", param_hint="-o")
    code_lists = load_code_lists(settings.include / "reference" / "code_list.csv")
    write_template(contract, code_lists, load_suites(settings.expectations, contracts.tables), path)
    typer.echo(f"{path}: {contract.report} {contract.name} {contract.version}")


def show_receipt(
    submission_id: Annotated[int, typer.Argument(help="报送编号 | Submission number")],
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the receipt of a submission as it was given, and what has become of it since."""
    from fugong.receipts import receipt
    from fugong.receipts.text import text

    with opened_warehouse() as (settings, connection):
        found = receipt.load(connection, known_contracts(connection, settings.include / "contracts"), submission_id)
    if as_json:
        print_json(found.document)
        return
    typer.echo(text(found.document, lang=lang), nl=False)
    if found.state_now != found.document["state"]:
        now = State(found.state_now).name_in(lang)
        typer.echo(say(lang, f"(现在:{now})", f"(Now: {now}.)"))


def missing(
    on: Annotated[date, typer.Option("--date", parser=as_day, metavar="DATE", help="统计日 | Report date")],
    everything: Annotated[bool, typer.Option("--all", help="已报的也列出 | Also what has come")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print who owes what about a day."""
    now = datetime.now(SHANGHAI)
    with opened_warehouse() as (settings, connection):
        contracts = known_contracts(connection, settings.include / "contracts")
        owed = obligations.missing(connection, contracts, on, now)
        names = department_names(connection, lang)
    reports = {one.id: one.name_en for one in contracts}
    shown = [one for one in owed if everything or one.received_at is None]
    if as_json:
        print_json(
            [
                {
                    "department_code": one.department_code,
                    "report": one.report,
                    "report_name": one.report_name,
                    "report_date": one.report_date.isoformat(),
                    "due_at": one.due_at.isoformat(),
                    "received_at": one.received_at.isoformat() if one.received_at else None,
                    "is_late": one.is_late,
                }
                for one in shown
            ]
        )
        return
    console = Console()
    table = Table(
        say(lang, "部门", "department"),
        say(lang, "报表", "report"),
        say(lang, "统计日", "report date"),
        say(lang, "应报时间", "due"),
        say(lang, "收到", "received"),
    )
    for one in shown:
        came = f"{one.received_at.astimezone(SHANGHAI):%m-%d %H:%M}" if one.received_at else say(lang, "未报", "not yet")
        style = "red" if one.is_late else "green" if one.received_at else ""
        name = say(lang, one.report_name, reports.get(one.report) or one.report)
        sender = f"{one.department_code} {names.get(one.department_code, '')}".rstrip()
        table.add_row(sender, name, str(one.report_date), f"{one.due_at:%m-%d %H:%M}", came, style=style)
    console.print(table)
    n_missing = sum(one.received_at is None for one in owed)
    console.print(say(lang, f"应报 {len(owed)} 份,未报 {n_missing} 份。", f"{len(owed)} due, {n_missing} not received."))
