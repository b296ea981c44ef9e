"""The templates that the writers of the briefing share. Each format is a template, filled from the same document."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fugong.briefing.tables import coverage_text
from fugong.briefing.wording import Citation
from fugong.core.typesetting import set_chinese
from fugong.figures.display import percent, plain

PARTS = {"value": "数值", "numerator": "分子", "denominator": "分母"}


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
    found.filters |= {
        "zh": set_chinese,
        "number": _number,
        "cell": _cell,
        "coverage": coverage_text,
        "percent": percent,
        "part": PARTS.__getitem__,
    }
    found.tests["citation"] = _is_citation
    return found


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
