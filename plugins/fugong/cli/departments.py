"""Commands for what departments get from us: the template of a report, the receipt of a submission."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fugong.contracts.contract import load_contracts
from fugong.core.settings import Settings
from fugong.warehouse.connection import connect


class Lang(StrEnum):
    """Languages of a receipt."""

    ZH = "zh"
    EN = "en"


def register(app: typer.Typer) -> None:
    """Add the commands `template` and `receipt`."""
    app.command("template", help="生成某张报表的填报模板 | The department's template of a report")(template)
    app.command("receipt", help="再看一份报送的回执 | The receipt of a past submission")(show_receipt)


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
    try:
        contract = contracts.find(report)
    except LookupError as error:
        raise typer.BadParameter(str(error), param_hint="REPORT") from error
    if department is not None and not contract.tables_of(department):
        there = ", ".join(contract.senders)
        raise typer.BadParameter(f"{department} 不报送这张报表 | does not send this report: {there}", param_hint="--department")
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
    lang: Annotated[Lang, typer.Option(help="语言 | Language")] = Lang.ZH,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON | Print JSON")] = False,
) -> None:
    """Print the receipt of a submission as it was given, and what has become of it since."""
    from fugong.receipts import receipt, text

    settings = Settings.load()
    contracts = load_contracts(settings.include / "contracts")
    try:
        with connect(settings) as connection:
            found = receipt.load(connection, contracts, submission_id)
    except LookupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(found.document, ensure_ascii=False, indent=2))
        return
    typer.echo(text.text(found.document, lang=lang), nl=False)
    if found.state_now != found.document["state"]:
        now = text.STATES_ZH[found.state_now] if lang is Lang.ZH else text.STATES_EN[found.state_now]
        typer.echo(f"(现在:{now})" if lang is Lang.ZH else f"(Now: {now}.)")
