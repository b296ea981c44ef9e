"""Commands that print generated pages; they need no warehouse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fugong.cli.common import (
    AsJson,
    Lang,
    Language,
)
from fugong.core.settings import Settings
from fugong.documentation import dictionary


def register(app: typer.Typer) -> None:
    """Add the commands `dictionary` and `findings`."""
    app.command("dictionary")(dictionary_)
    app.command("findings")(findings_)


def dictionary_(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到文件 | File to write")] = None,
    picture: Annotated[bool, typer.Option("--picture", help="星型结构图(SVG)| The star schema, as SVG")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the data dictionary; needs no warehouse."""
    include = Settings.load().include
    if picture:
        from fugong.documentation import star_schema

        text = star_schema.svg(include)
    elif as_json:
        text = json.dumps(dictionary.describe(include), ensure_ascii=False, indent=2) + "\n"
    else:
        text = dictionary.markdown(include, lang)
    _print_or_write(text, output)


def findings_(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到文件 | File to write")] = None,
) -> None:
    """Print the page of findings; needs no warehouse."""
    from fugong.documentation import findings

    settings = Settings.load()
    text = findings.markdown(settings.include, settings.expectations)
    _print_or_write(text, output)


def _print_or_write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        typer.echo(str(output))
