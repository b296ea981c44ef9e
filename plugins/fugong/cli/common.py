"""What the commands share: options, the opened warehouse, progress bars, and how values are printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from fugong.cli.console import Console
from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.sanitize import as_json
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI, day_from, moment_from
from fugong.core.vocabulary import Lang
from fugong.figures.display import percent, plain

if TYPE_CHECKING:
    import psycopg
    from rich.progress import Progress

    from fugong.figures.figure import Figure

P = ParamSpec("P")


def as_moment(text: str) -> datetime:
    """A moment as typed: ISO 8601, Asia/Shanghai where no offset is given; of a day its end."""
    try:
        return moment_from(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} 不是时刻,请写成 2020-03-19T10:30 | not a moment; write it like 2020-03-19T10:30"
        ) from None


def as_day(text: str) -> date:
    """A day as typed: ISO 8601."""
    try:
        return day_from(text)
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
    """The settings and a connection of the flow, or of the person whose login it is."""
    from fugong.warehouse.connection import connect_as_loader

    settings = Settings.load()
    with connect_as_loader(settings) as connection:
        yield settings, connection


def names_what_is_broken(command: Callable[P, Iterable[str] | None]) -> Callable[P, None]:
    """A command that does what it can, then ends with the faults of SQL files and figures that it had to leave out.

    The command returns what else it found broken, if it looks.
    """

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            found = command(*args, **kwargs)
        except (typer.Exit, NotFoundError):  # what it found, or did not find, may be so because of them
            _refuse_broken()
            raise
        _refuse_broken(found or ())

    return told


def _refuse_broken(found: Iterable[str] = ()) -> None:
    from fugong.figures.definition import load_sound_definitions
    from fugong.marts.sql_files import load_sound_sql_files

    include = Settings.load().include
    faults = [*load_sound_sql_files(include / "sql").faulty.values()]
    faults += [one.fault for one in load_sound_definitions(include).values() if one.fault is not None]
    texts = [*dict.fromkeys(map(str, faults))]
    texts += [one for one in dict.fromkeys(found) if not any(text in one for text in texts)]
    if texts:
        raise ConfigurationError("\n".join(texts))


def department_names(connection: psycopg.Connection, lang: Lang) -> Mapping[str, str]:
    """The names of the departments, by code."""
    rows = connection.execute("SELECT department_code, name_zh, name_en FROM ref.department").fetchall()
    return {code: say(lang, zh, en or zh) for code, zh, en in rows}


def notes() -> Console:
    """Where progress and remarks go, so that standard output stays clean for pipes."""
    return Console(stderr=True)


def progress_bar(*, is_shown: bool | None = None) -> Progress:
    """A progress bar on standard error.

    Args:
        is_shown: None shows it where standard error is a terminal.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=notes(),
        transient=True,
        disable=not (sys.stderr.isatty() if is_shown is None else is_shown),
    )


def print_moment(console: Console, lang: Lang, as_of: date, known_at: datetime | None) -> None:
    """Print which day the figures are about, and the moment of knowledge."""
    moment = known_at.astimezone(SHANGHAI).isoformat() if known_at else "–"
    console.print(say(lang, f"截至 {as_of} · 知悉时点 {moment}", f"As of {as_of} · known at {moment}"))


def short(number: Decimal | None) -> str:
    """A number with two digits after the point, for a table."""
    return "–" if number is None else plain(round(number, 2))


def value_text(value: object) -> str:
    """The value of a figure, numbers with up to six digits after the point."""
    if value is None:
        return "–"
    return plain(round(value, 6)) if isinstance(value, Decimal) else str(value)


def coverage_text(figure: Figure, lang: Lang) -> str:
    """The coverage of a figure as printed: a share, or the age of a ledger."""
    if figure.coverage is None:
        return ""
    if figure.is_coverage_age and not figure.coverage:
        return say(lang, "当日", "of the day")
    if figure.is_coverage_age:
        return say(lang, f"{plain(figure.coverage)} 天前", f"{plain(figure.coverage)} d old")
    return percent(figure.coverage)


def say(lang: Lang, zh: str, en: str) -> str:
    """The sentence in the language asked for."""
    return zh if lang is Lang.ZH else en


def print_json(document: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Print a document as JSON."""
    typer.echo(as_json(document))
