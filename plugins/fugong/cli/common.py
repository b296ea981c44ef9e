"""What the commands share: options, the opened warehouse, progress bars, and how values are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fugong.core.errors import ConfigurationError, EmbeddedServerError, WarehouseError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.figures.display import percent, plain
from fugong.figures.figure import Figure
from fugong.warehouse.connection import connect


class Lang(StrEnum):
    """Languages of what is printed."""

    ZH = "zh"
    EN = "en"


def as_moment(text: str) -> datetime:
    """A moment as typed: ISO 8601, Asia/Shanghai where no offset is given; of a day its end."""
    try:
        if len(text) == len("2020-03-18"):
            return datetime.combine(date.fromisoformat(text), time.max, SHANGHAI)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} 不是时刻,请写成 2020-03-19T10:30 | not a moment; write it like 2020-03-19T10:30"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def as_day(text: str) -> date:
    """A day as typed: ISO 8601."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} 不是日期,请写成 2020-03-18 | not a date; write it like 2020-03-18") from None


AsOf = Annotated[date, typer.Option("--as-of", parser=as_day, metavar="DATE", help="截至哪一天 | The day the figures are about")]


KnownAt = Annotated[
    datetime | None,
    typer.Option(
        "--known-at", parser=as_moment, metavar="TIME", help="按当时已知的数据 | As known at that moment; now if left out"
    ),
]


Language = Annotated[Lang, typer.Option("--lang", help="语言 | Language")]


AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON | Print JSON")]


From = Annotated[date | None, typer.Option("--from", parser=as_day, metavar="DATE", help="起始日 | First day")]


To = Annotated[date | None, typer.Option("--to", parser=as_day, metavar="DATE", help="截止日 | Last day")]


@contextmanager
def opened_warehouse() -> Iterator[tuple[Settings, psycopg.Connection]]:
    """The settings and a connection; what is wrong is said plainly."""
    settings = Settings.load()
    with told_plainly(), connect(settings) as connection:
        yield settings, connection


@contextmanager
def told_plainly() -> Iterator[None]:
    """Say in one sentence what is wrong, without a traceback, where a sentence says all."""
    try:
        yield
    except LookupError as error:
        typer.secho(str(error.args[0] if error.args else error), fg="red", err=True)
        raise typer.Exit(2) from error
    except (ConfigurationError, WarehouseError, EmbeddedServerError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        text = f"仓库比程序旧,请先运行 fugong init | The warehouse is older than the program, run `fugong init`: {error.diag.message_primary}"
        typer.secho(text, fg="red", err=True)
        raise typer.Exit(1) from error
    except psycopg.OperationalError as error:
        typer.secho(f"仓库连不上 | The warehouse does not answer: {error}", fg="red", err=True)
        raise typer.Exit(1) from error


def progress_bar(lang: Lang, *, is_shown: bool) -> Progress:
    """A progress bar on standard error."""
    del lang
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not is_shown,
    )


def coverage_text(figure: Figure, lang: Lang) -> str:
    """The coverage of a figure as printed: a share, or the age of a ledger."""
    if figure.coverage is None:
        return ""
    if figure.is_coverage_age:
        return say(lang, f"{plain(figure.coverage)} 天前", f"{plain(figure.coverage)} d old")
    return percent(figure.coverage)


def say(lang: Lang, zh: str, en: str) -> str:
    """The sentence in the language asked for."""
    return zh if lang is Lang.ZH else en


def print_json(document: dict[str, Any] | Sequence[dict[str, Any]]) -> None:
    """Print a document as JSON."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
