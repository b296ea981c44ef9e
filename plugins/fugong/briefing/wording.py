"""The briefing's wording: what `include/briefing/briefing.yaml` says, read and checked; its sentences with figures put in.

A sentence holds placeholders such as `{{ figure("S028") }}`. It is left out where a figure that it prints has nothing to print,
or where its condition does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fugong.core.errors import ConfigurationError
from fugong.figures.display import plain
from fugong.figures.figure import Figure

FILE = "briefing.yaml"
PRINTING = ("figure", "numerator", "denominator", "difference")
"""Functions of a sentence that print something of a figure; the others only ask."""
ASKING = ("known", "value", "shown", "same", "denominator_of")
CITED = re.compile("\ue000([0-9]+)\ue001")
"""Stands for the n-th citation of a sentence, in characters that no text has."""

environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)  # text, not HTML


@dataclass(frozen=True)
class Citation:
    """A figure, or its numerator or denominator, as printed in a sentence."""

    figure: str
    shown: str


Written = tuple["str | Citation", ...]


@dataclass(frozen=True)
class Sentence:
    """One sentence of the template.

    Attributes:
        when: a condition besides that everything it prints is there; None for none.
        prints: the figures that it prints, in order.
        asks: the figures of its condition.
    """

    text: str
    when: str | None
    prints: tuple[str, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True)
class Paragraph:
    """Sentences under a heading; the heading of the lead is empty."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Section:
    """One of the numbered sections."""

    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Drawing:
    """Figures over time in one chart; `unit` is that of its axis: `%`, 万元, 亿元."""

    title: str
    unit: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """The briefing before figures are put in.

    Attributes:
        masthead: the name of the series, in red.
        basis: what kind of numbers these are.
        issuer: the figure that names who issues it.
        not_printed: figures that no sentence prints, each with the reason.
    """

    masthead: str
    title: str
    basis: str
    issuer: str
    lead: Paragraph
    sections: tuple[Section, ...]
    drawings: tuple[Drawing, ...]
    not_printed: Mapping[str, str]

    @property
    def sentences(self) -> Iterator[Sentence]:
        """All sentences in order."""
        yield from self.lead.sentences
        for section in self.sections:
            for paragraph in section.paragraphs:
                yield from paragraph.sentences

    @property
    def figures(self) -> tuple[str, ...]:
        """Every figure that is printed or asked for, in order, each once."""
        found = [one for sentence in self.sentences for one in (*sentence.prints, *sentence.asks)]
        found += [self.issuer, *(one for drawing in self.drawings for one in drawing.figures)]
        return tuple(dict.fromkeys(found))


def load_template(include: Path) -> Template:
    """The template of an installation.

    Raises:
        ConfigurationError: it is malformed.
    """
    file = include / "briefing" / FILE
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{FILE}: cannot be read: {error}") from error
    only(FILE, given, {"masthead", "title", "basis", "issuer", "lead", "sections", "charts", "not_printed"})
    return Template(
        masthead=_text(FILE, given, "masthead"),
        title=_text(FILE, given, "title"),
        basis=_text(FILE, given, "basis"),
        issuer=_text(FILE, given, "issuer"),
        lead=_paragraph(f"{FILE}: lead", {"heading": "", "sentences": given.get("lead")}),
        sections=tuple(_section(f"{FILE}: sections {number}", one) for number, one in enumerate(_list(given, "sections"), 1)),
        drawings=tuple(_drawing(f"{FILE}: charts {number}", one) for number, one in enumerate(_list(given, "charts"), 1)),
        not_printed={str(name): str(reason) for name, reason in (given.get("not_printed") or {}).items()},
    )


def _section(where: str, given: Any) -> Section:
    only(where, given, {"heading", "paragraphs"})
    heading = _text(where, given, "heading")
    return Section(heading, tuple(_paragraph(f"{where} {heading}", one) for one in _list(given, "paragraphs")))


def _paragraph(where: str, given: Any) -> Paragraph:
    only(where, given, {"heading", "sentences"})
    if not isinstance(given.get("heading"), str):
        raise ConfigurationError(f"{where}: heading should be given, as text")
    return Paragraph(given["heading"], tuple(_sentence(f"{where} {given['heading']}", one) for one in _list(given, "sentences")))


def _sentence(where: str, given: Any) -> Sentence:
    if isinstance(given, str):
        given = {"text": given}
    only(where, given, {"text", "when"})
    text, when = _text(where, given, "text"), given.get("when")
    prints, asks = _called(where, text), _called(where, f"{{{{ {when} }}}}") if when else ()
    return Sentence(text, when, tuple(prints), tuple(asks))


def _called(where: str, text: str) -> list[str]:
    """The figures that a text names, by calls such as `figure("S028")`."""
    try:
        calls = environment.parse(text).find_all(nodes.Call)
    except TemplateError as error:
        raise ConfigurationError(f"{where}: {text!r}: {error.message}") from error
    found: list[str] = []
    for call in calls:
        name = call.node.name if isinstance(call.node, nodes.Name) else "?"
        if name not in (*PRINTING, *ASKING):
            raise ConfigurationError(f"{where}: no function {name!r} here. There is: {', '.join((*PRINTING, *ASKING))}")
        for argument in call.args:
            if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
                raise ConfigurationError(f'{where}: {name} wants figure ids in quotes, such as {name}("S028")')
            found.append(argument.value)
    return found


def _drawing(where: str, given: Any) -> Drawing:
    only(where, given, {"title", "unit", "figures"})
    return Drawing(_text(where, given, "title"), _text(where, given, "unit"), tuple(map(str, _list(given, "figures"))))


def _list(given: Mapping[str, Any], word: str) -> list[Any]:
    found = given.get(word) or []
    if not isinstance(found, list):
        raise ConfigurationError(f"{FILE}: {word} should be a list, found {found!r}")
    return found


def _text(where: str, given: Mapping[str, Any], word: str) -> str:
    found = given.get(word)
    if not isinstance(found, str) or not found.strip():
        raise ConfigurationError(f"{where}: {word} should be given, as text")
    return " ".join(found.split())


# Sentences with figures put in


@dataclass(frozen=True)
class LeftOut:
    """A sentence that is not printed, and why."""

    sentence: Sentence
    reasons: tuple[str, ...]


def write(sentence: Sentence, figures: Mapping[str, Figure]) -> Written | LeftOut | None:
    """A sentence with its figures; None where its condition does not hold, `LeftOut` where a figure has nothing to print.

    Raises:
        ConfigurationError: the sentence or its condition cannot be evaluated.
    """
    cited: list[Citation] = []
    functions = _functions(figures, cited)
    try:
        if sentence.when and not environment.compile_expression(sentence.when, undefined_to_none=False)(**functions):
            return None
        reasons = tuple(_lacking(figures[one]) for one in dict.fromkeys(sentence.prints) if not is_printable(figures[one]))
        if reasons:
            return LeftOut(sentence, reasons)
        text = environment.from_string(sentence.text).render(**functions)
    except (TemplateError, TypeError, ArithmeticError) as error:
        raise ConfigurationError(f"{FILE}: {sentence.text!r} (when: {sentence.when}): {error}") from error
    pieces: list[str | Citation] = []
    end = 0
    for found in CITED.finditer(text):
        pieces += [text[end : found.start()], cited[int(found[1])]]
        end = found.end()
    return tuple(piece for piece in (*pieces, text[end:]) if piece)


def _functions(figures: Mapping[str, Figure], cited: list[Citation]) -> dict[str, Callable[..., Any]]:
    """What a sentence and its condition can call. What is printed of a figure is kept in `cited`."""

    def cite(name: str, shown: str) -> str:
        cited.append(Citation(name, shown))
        return f"\ue000{len(cited) - 1}\ue001"

    def number(found: Decimal | None) -> str:
        return "–" if found is None else plain(found)

    def difference(name: str, other: str) -> str:
        """The first figure's value less the other's denominator."""
        whole, rest = figures[name].value, figures[other].denominator
        return cite(other, number(whole - rest if isinstance(whole, Decimal) and rest is not None else None))

    return {
        "figure": lambda name: cite(name, figures[name].display),
        "numerator": lambda name: cite(name, number(figures[name].numerator)),
        "denominator": lambda name: cite(name, number(figures[name].denominator)),
        "difference": difference,
        "value": lambda name: figures[name].value,
        "denominator_of": lambda name: figures[name].denominator,
        "known": lambda name: is_printable(figures[name]),
        "shown": lambda name: figures[name].display,
        "same": lambda name, other: figures[name].display == figures[other].display,
    }


def is_printable(figure: Figure) -> bool:
    """Whether there is anything to print."""
    return figure.is_determinable and figure.value is not None and bool(figure.display)


def _lacking(figure: Figure) -> str:
    """Why a figure cannot be printed."""
    named = f"{figure.id}“{figure.name_zh}”"
    if not figure.is_determinable:
        return f"{named}{figure.display}"
    return f"{named}没有数据" if figure.value is None else f"{named}未达到用词的标准"


def only(where: str, given: Any, words: set[str]) -> None:
    """See that this is a mapping of these words.

    Raises:
        ConfigurationError: it is not, or has others.
    """
    if not isinstance(given, dict) or set(given) - words:
        raise ConfigurationError(f"{where}: wanted a mapping of {', '.join(sorted(words))}, found {given!r}")
