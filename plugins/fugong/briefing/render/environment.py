"""The templates that the writers of the briefing share. Each format is a template, filled from the same document."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from fugong.briefing.tables import coverage_text
from fugong.briefing.wording import Citation
from fugong.core.bilingual import Bilingual
from fugong.core.sanitize import markdown, page
from fugong.figures.display import percent, plain
from fugong.figures.figure import Figure

PARTS = {
    "value": Bilingual("数值", "Value"),
    "numerator": Bilingual("分子", "Numerator"),
    "denominator": Bilingual("分母", "Denominator"),
}


@lru_cache
def environment(*, is_markup: bool) -> Environment:
    """The environment of templates that escape what they print as HTML and XML do, or as Markdown does."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=is_markup,  # noqa: S701  # of Markdown `finalize` escapes every value
        finalize=_page if is_markup else _markdown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Any] = {
        "set": _set,
        "told": _told,
        "number": _number,
        "coverage": _coverage,
        "percent": percent,
        "part": PARTS.__getitem__,
    }
    found.filters.update(filters)
    found.globals.update(say=cast(Any, _say))
    found.tests["citation"] = _is_citation
    return found


@pass_context
def _set(context: Context, text: str) -> str:
    """A text with the punctuation of the edition's language."""
    return context["briefing"].language.set(text)


@pass_context
def _told(context: Context, text: Bilingual) -> str:
    """A text in the edition's language."""
    return context["briefing"].language.set(context["briefing"].language.pick(text))


@pass_context
def _say(context: Context, zh: str, en: str) -> str:
    """Words of the layout in the edition's language."""
    return context["briefing"].language.say(zh, en)


@pass_context
def _coverage(context: Context, figure: Figure) -> str:
    return coverage_text(figure, context["briefing"].language)


def _is_citation(value: object) -> bool:
    return isinstance(value, Citation)


def _number(value: object) -> str:
    """Write a number in full, with separated thousands; leave anything else as it is."""
    if not isinstance(value, Decimal):
        return "" if value is None else str(value)
    whole, _, rest = plain(value).partition(".")
    return f"{int(whole):,}" + (f".{rest[:6]}" if rest else "")


def _page(value: object) -> object:
    """What a template prints, before it is escaped."""
    return page(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _markdown(value: object) -> object:
    """What a template prints, escaped, unless the template calls it safe: then it is markup of ours."""
    return (
        value
        if isinstance(value, Markup | Undefined)
        else markdown(" ".join(str(value).split()) if "\n" in str(value) else str(value))
    )
