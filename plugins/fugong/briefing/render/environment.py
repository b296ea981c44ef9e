"""The templates that the writers of the briefing share. Each format is a template, filled from the same document."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from fugong.briefing.tables import coverage_text
from fugong.briefing.wording import Citation
from fugong.core.bilingual import Bilingual
from fugong.figures.display import percent, plain
from fugong.figures.figure import Figure

PARTS = {
    "value": Bilingual("数值", "Value"),
    "numerator": Bilingual("分子", "Numerator"),
    "denominator": Bilingual("分母", "Denominator"),
}


@lru_cache
def environment(*, is_markup: bool) -> Environment:
    """The environment of templates that escape what they print (HTML, XML), or of those that do not (Markdown)."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=is_markup,  # noqa: S701  # Markdown is text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Any] = {
        "set": _set,
        "told": _told,
        "reason": _reason,
        "number": _number,
        "cell": _cell,
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
def _reason(context: Context, text: Bilingual) -> str:
    """Why a figure moved, in the edition's language."""
    return context["briefing"].language.set(context["briefing"].language.reason(text))


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


def _cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
