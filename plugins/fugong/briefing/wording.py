"""Reads the briefing's wording, `include/briefing/briefing.yaml`, and puts figures into its sentences.

A sentence holds placeholders such as `{{ figure("S028") }}`. It is left out where a figure that it prints has nothing to print,
or where its condition does not hold. `schemas/briefing.schema.json` explains the words of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.environment import Template as CompiledText
from jinja2.environment import TemplateExpression
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.core.schema import Document, Position, nearest, parse_yaml, read_text, validate
from fugong.core.vocabulary import Lang
from fugong.figures.definition import Definition, absent
from fugong.figures.display import plain
from fugong.figures.figure import Figure

FILE = "briefing.yaml"
PRINTING = ("figure", "numerator", "denominator", "difference")
"""Functions of a sentence that print something of a figure; the others only ask."""
ASKING = ("known", "value", "shown", "same", "denominator_of")
CITED = re.compile("\ue000([0-9]+)\ue001")
"""Stands for the n-th citation of a sentence, in characters that no text has."""

environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)  # text, not HTML
KEPT_TEMPLATES = 16
KEPT_SENTENCES = 1024
"""A process that composes many briefings, or serves the board, reads a wording once; whoever changes the file has another text."""


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
        text: in Chinese, with placeholders.
        en: in English, printing the same figures; empty where nobody has written it.
        when: a condition besides that everything it prints is there; None for none.
        prints: the figures that it prints, in order.
        asks: the figures of its condition.
        at: where it is written in the document.
    """

    text: str
    en: str
    when: str | None
    prints: tuple[str, ...]
    asks: tuple[str, ...]
    document: Document = field(repr=False, compare=False)
    at: Position

    @property
    def source(self) -> str:
        """File and line, for messages: whoever prints it without a fault needs no lines."""
        return f"{self.document.file}:{self.document.line_of(self.at)}"


@dataclass(frozen=True)
class Paragraph:
    """Sentences under a heading; the heading of the lead is empty."""

    heading: Bilingual
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Section:
    """One of the numbered sections."""

    heading: Bilingual
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Drawing:
    """Figures over time in one chart; `unit` is that of its axis: `%`, 万元, 亿元."""

    title: Bilingual
    unit: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Jump:
    """How far a headline figure may move from the day before: in its unit, or as a share of the value of that day."""

    by: Decimal
    is_absolute: bool


@dataclass(frozen=True)
class Bounds:
    """What a briefing has to meet before it is signed.

    Attributes:
        least_coverage: a fraction; 0 where none is stated.
        oldest_ledger_days: None where none is stated.
        jumps: by figure.
        may_drafter_sign: whether who drafted it may sign it, too; it is told then.
    """

    least_coverage: Decimal
    oldest_ledger_days: int | None
    jumps: Mapping[str, Jump]
    may_drafter_sign: bool = True


@dataclass(frozen=True)
class Template:
    """The briefing before figures are put in.

    Attributes:
        masthead: the name of the series, in red.
        basis: what kind of numbers these are.
        issuer: the figure that names the department that issues it.
        bounds: what it has to meet before it is signed.
        not_printed: figures that no sentence prints, each with the reason.
        terms: English words for Chinese values of figures.
        source: the parsed file.
        named_at: for every figure that the file names, the position where it first does.
    """

    masthead: Bilingual
    title: Bilingual
    basis: Bilingual
    issuer: str
    lead: Paragraph
    sections: tuple[Section, ...]
    drawings: tuple[Drawing, ...]
    bounds: Bounds
    not_printed: Mapping[str, str]
    terms: Mapping[str, str]
    source: Document
    named_at: Mapping[str, Position]

    @property
    def sentences(self) -> Iterator[Sentence]:
        """All sentences in order."""
        yield from self.lead.sentences
        for section in self.sections:
            for paragraph in section.paragraphs:
                yield from paragraph.sentences

    @property
    def printed(self) -> tuple[str, ...]:
        """Every figure that a sentence prints, in order, each once."""
        return tuple(dict.fromkeys(one for sentence in self.sentences for one in sentence.prints))

    @property
    def figures(self) -> tuple[str, ...]:
        """Every figure that is printed or asked for, in order, each once."""
        found = [one for sentence in self.sentences for one in (*sentence.prints, *sentence.asks)]
        found += [self.issuer, *(one for drawing in self.drawings for one in drawing.figures)]
        return tuple(dict.fromkeys(found))

    def refuse_untranslated(self, lang: Lang) -> None:
        """Make sure that titles and headings have words in the language; `write` makes sure of sentences.

        Raises:
            ConfigurationError: one has none; the message names it.
        """
        headings = [one.heading for section in self.sections for one in (section, *section.paragraphs) if one.heading.zh]
        for text in (self.masthead, self.title, self.basis, *headings, *(drawing.title for drawing in self.drawings)):
            if not text.text_in(lang):
                raise ConfigurationError(f"{self.source.file}: {text.zh!r} has no English; write it behind a bar: 中文 | English")

    def absent(self, figures: Collection[str]) -> Mapping[str, Definition]:
        """A figure without value for every one that the file names and none defines; its fault names file, line and the nearest id."""
        return {
            name: absent(name, self.source.fault(position, f"there is no figure {name!r}.{nearest(name, sorted(figures))}"))
            for name, position in self.named_at.items()
            if name not in figures
        }

    def refuse_unknown(self, figures: Collection[str]) -> None:
        """Make sure that every figure of the file is defined.

        Raises:
            ConfigurationError: one is not.
        """
        for one in self.absent(figures).values():
            if one.fault:
                raise one.fault


def load_template(include: Path) -> Template:
    """The wording of an installation.

    Raises:
        ConfigurationError: there is no such file, it does not fit its schema, or a placeholder in it is malformed.
    """
    file = include / "briefing" / FILE
    if not file.exists():
        raise ConfigurationError(f"{where(file)}: there is no such file")
    return _template_of(read_text(file), where(file))


@lru_cache(KEPT_TEMPLATES)
def _template_of(text: str, file: str) -> Template:
    document = parse_yaml(text, file)
    validate(document, "briefing")
    return _Reader(document).template()


class _Reader:
    """Reads a document that fits the schema, noting where it names figures."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.named_at: dict[str, Position] = {}

    def template(self) -> Template:
        content = self.document.content
        self._name(content["issuer"], ("issuer",))
        lead = Paragraph(Bilingual("", ""), self._sentences(content["lead"], ("lead",)))
        sections = tuple(self._section(one, ("sections", at)) for at, one in enumerate(content.get("sections", ())))
        drawings = tuple(self._drawing(one, ("charts", at)) for at, one in enumerate(content.get("charts", ())))
        bounds = self._bounds(content.get("publishing", {}))
        not_printed: Mapping[str, str] = content.get("not_printed", {})
        for name in not_printed:
            self._name(name, ("not_printed", name))
        return Template(
            masthead=_pair(content["masthead"]),
            title=_pair(content["title"]),
            basis=_pair(content["basis"]),
            issuer=content["issuer"],
            lead=lead,
            sections=sections,
            drawings=drawings,
            bounds=bounds,
            not_printed=not_printed,
            terms=content.get("terms", {}),
            source=self.document,
            named_at=self.named_at,
        )

    def _name(self, figure: str, position: Position) -> None:
        self.named_at.setdefault(figure, position)

    def _section(self, given: Mapping[str, Any], at: Position) -> Section:
        paragraphs = enumerate(given["paragraphs"])
        return Section(_pair(given["heading"]), tuple(self._paragraph(one, (*at, "paragraphs", n)) for n, one in paragraphs))

    def _paragraph(self, given: Mapping[str, Any], at: Position) -> Paragraph:
        return Paragraph(_pair(given["heading"]), self._sentences(given["sentences"], (*at, "sentences")))

    def _sentences(self, given: list[Any], at: Position) -> tuple[Sentence, ...]:
        return tuple(self._sentence(one, (*at, n)) for n, one in enumerate(given))

    def _sentence(self, given: str | Mapping[str, str], at: Position) -> Sentence:
        text = _one_line(given if isinstance(given, str) else given["text"])
        when = None if isinstance(given, str) else given.get("when")
        en = "" if isinstance(given, str) else _one_line(given.get("en", ""))
        prints = self._figures_of(text, at)
        if en and sorted(self._figures_of(en, (*at, "en"))) != sorted(prints):
            raise self.document.fault(
                (*at, "en"), f"the English sentence prints other figures than {', '.join(prints) or 'none'}"
            )
        asks = self._figures_of(f"{{{{ {when} }}}}", (*at, "when")) if when else ()
        return Sentence(text, en, when, prints, asks, self.document, at)

    def _figures_of(self, text: str, at: Position) -> tuple[str, ...]:
        """The figures that a text names, by calls such as `figure("S028")`."""
        try:
            calls = environment.parse(text).find_all(nodes.Call)
        except TemplateError as error:
            raise self.document.fault(at, f"{text!r}: {error.message}") from error
        known = (*PRINTING, *ASKING)
        found: list[str] = []
        for call in calls:
            name = call.node.name if isinstance(call.node, nodes.Name) else "?"
            if name not in known:
                raise self.document.fault(at, f"there is no function {name!r} here.{nearest(name, known)}")
            for argument in call.args:
                if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
                    raise self.document.fault(at, f'{name} wants figure ids in quotes, such as {name}("S028")')
                found.append(argument.value)
                self._name(argument.value, at)
        return tuple(found)

    def _bounds(self, given: Mapping[str, Any]) -> Bounds:
        jumps: Mapping[str, Mapping[str, float]] = given.get("jumps", {})
        for name in jumps:
            self._name(name, ("publishing", "jumps", name))
        return Bounds(
            Decimal(str(given.get("least_coverage", 0))),
            given.get("oldest_ledger_days"),
            {name: Jump(Decimal(str(next(iter(bound.values())))), "by" in bound) for name, bound in jumps.items()},
            given.get("may_drafter_sign", True),
        )

    def _drawing(self, given: Mapping[str, Any], at: Position) -> Drawing:
        for n, name in enumerate(given["figures"]):
            self._name(name, (*at, "figures", n))
        return Drawing(_pair(given["title"]), _one_line(given["unit"]), tuple(given["figures"]))


def _pair(text: str) -> Bilingual:
    """A Chinese text, a bar and the English one; without a bar there is none in English."""
    zh, _, en = _one_line(text).partition("|")
    return Bilingual(zh.strip(), en.strip())


def _one_line(text: str) -> str:
    return " ".join(text.split())


# Sentences with figures put in


@dataclass(frozen=True)
class LeftOut:
    """A sentence that is not printed, and why."""

    sentence: Sentence
    reasons: tuple[Bilingual, ...]


def write(
    sentence: Sentence, figures: Mapping[str, Figure], lang: Lang = Lang.ZH, shown: Mapping[str, str] | None = None
) -> Written | LeftOut | None:
    """Put figures into a sentence.

    Args:
        shown: how each figure is printed in the language; None for its own display. Conditions compare the figures' own displays.

    Returns:
        None where its condition does not hold; `LeftOut` where a figure has nothing to print.

    Raises:
        ConfigurationError: the sentence or its condition cannot be evaluated, or it has no words in the language.
    """
    cited: list[Citation] = []
    functions = _functions(figures, cited, shown or {name: one.display for name, one in figures.items()})
    words = sentence.text if lang is Lang.ZH else sentence.en
    try:
        if unknown := tuple(_lacking(figures[one]) for one in dict.fromkeys(sentence.asks) if figures[one].is_broken):
            return LeftOut(sentence, unknown)
        if sentence.when and not _condition(sentence.when)(**functions):
            return None
        reasons = tuple(_lacking(figures[one]) for one in dict.fromkeys(sentence.prints) if not is_printable(figures[one]))
        if reasons:
            return LeftOut(sentence, reasons)
        if not words:
            raise ConfigurationError(f"{sentence.source}: {sentence.text!r} has no sentence in English (`en`)")
        text = _compiled(words).render(**functions)
    except (TemplateError, TypeError, ArithmeticError) as error:
        raise ConfigurationError(f"{sentence.source}: {sentence.text!r} (when: {sentence.when}): {error}") from error
    pieces: list[str | Citation] = []
    end = 0
    for found in CITED.finditer(text):
        pieces += [text[end : found.start()], cited[int(found[1])]]
        end = found.end()
    written = [piece for piece in (*pieces, text[end:]) if piece]
    if lang is not Lang.ZH and written and isinstance(first := written[0], Citation):
        written[0] = replace(first, shown=first.shown[:1].upper() + first.shown[1:])  # a sentence begins with a capital
    return tuple(written)


@lru_cache(KEPT_SENTENCES)
def _compiled(words: str) -> CompiledText:
    return environment.from_string(words)


@lru_cache(KEPT_SENTENCES)
def _condition(when: str) -> TemplateExpression:
    return environment.compile_expression(when, undefined_to_none=False)


def _functions(figures: Mapping[str, Figure], cited: list[Citation], shown: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    """The functions that a sentence and its condition can call. Those that print append to `cited`."""

    def cite(name: str, shown: str) -> str:
        cited.append(Citation(name, shown))
        return f"\ue000{len(cited) - 1}\ue001"

    def number(found: Decimal | None) -> str:
        return "–" if found is None else plain(found)

    def difference(name: str, other: str) -> str:
        """The value of the first figure less the denominator of the other."""
        whole, rest = figures[name].value, figures[other].denominator
        return cite(other, number(whole - rest if isinstance(whole, Decimal) and rest is not None else None))

    return {
        "figure": lambda name: cite(name, shown[name]),
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
    """Whether a figure has anything to print."""
    return figure.is_determinable and figure.is_known and figure.value is not None and bool(figure.display)


def _lacking(figure: Figure) -> Bilingual:
    """The reason why a figure cannot be printed."""
    zh, en = f"“{figure.name_zh}”", f'"{figure.name}"'
    if not figure.is_determinable:
        return Bilingual(f"{zh}{figure.display}", f"{en} cannot be determined yet")
    if not figure.is_known:
        why = figure.warnings[0]
        return Bilingual(f"{zh}{figure.display}:{why.zh}", f"{en} is unknown: {why.en}")
    if figure.value is None:
        return Bilingual(f"{zh}没有数据", f"{en} has no data")
    return Bilingual(f"{zh}未达到用词的标准", f"{en} does not reach the standard of its words")


def only(where: str, given: Any, words: set[str]) -> None:
    """See that this is a mapping of these words.

    Raises:
        ConfigurationError: it is not, or has others.
    """
    if not isinstance(given, dict) or set(given) - words:
        raise ConfigurationError(f"{where}: wanted a mapping of {', '.join(sorted(words))}, found {given!r}")
