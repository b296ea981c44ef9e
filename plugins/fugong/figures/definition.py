"""Definitions of figures: loads `include/briefing/figures/*.yaml`, checked against `schemas/figures.schema.json`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.paths import where
from fugong.core.schema import Document, Position, parse_yaml, read_text, template_fault, validate
from fugong.figures.display import Display, read_display
from fugong.figures.term import SETTING, DaysUntil, FigureSum, MartCells, Parameter, Term, read_parameter, read_term

BRIDGE = Bilingual(
    "分母是 {denominator},不是{name_zh} {other}:其中 {less} 个不计入分母。",
    "The denominator is {denominator}, not {other} ({name}): {less} are left out of it.",
)
"""The sentence of a bridge that has none of its own."""
_ID = re.compile(r"^\s*-\s*\{?\s*id:\s*([A-Z][A-Za-z0-9]*)", re.MULTILINE)
"""The ids in a file that is not YAML at the moment."""
KEPT_TEXTS = 256
"""Texts of files whose figures stay in memory: a page asks for them at each request."""
PLACES_OF_INTERVAL = frozenset({"least", "most", "silent"})
PLACES_OF_BRIDGE = frozenset({"denominator", "other", "less", "name", "name_zh"})


@dataclass(frozen=True)
class Source:
    """The place where something is defined."""

    document: Document
    position: Position

    def fault(self, position: Position, sentence: str) -> ConfigurationError:
        """The error to raise for a position within: file, line and a sentence."""
        return self.document.fault((*self.position, *position), sentence)


@dataclass(frozen=True)
class Bridge:
    """Explains a denominator by another figure: the denominator is that figure less a term."""

    figure: str
    less: Term
    text: Bilingual


@dataclass(frozen=True)
class Condition:
    """A sentence that is shown while a term is above a number."""

    when: Term
    above: Decimal
    text: Bilingual


@dataclass(frozen=True)
class WordRule:
    """The figure is printed only while a term is at least a number. The text names what the term counts."""

    when: Term
    at_least: Decimal
    text: Bilingual


class IntervalKind(StrEnum):
    """How a figure can move while something that was due has not come.

    at_least: it only grows. share: a part of a whole, between none and all of it. either: it may grow or fall.
    """

    AT_LEAST = "at_least"
    SHARE = "share"
    EITHER = "either"


@dataclass(frozen=True)
class Ends:
    """The terms of the two ends of an interval."""

    least: Term
    most: Term


@dataclass(frozen=True)
class Reported:
    """An interval whose ends a mart computes from those that have not reported.

    Attributes:
        denominator: what the ends are divided by; None where they are amounts.
        silent: how many have not reported.
        text: names `{least}`, `{most}` and `{silent}`.
        estimate: narrower ends, where other reports speak for those that are silent; `estimate_name` says which.
        decimals: decimal places of the ends as they are printed, the lower one rounded down and the upper one up; None for those of the
            figure.
        largest: the largest amount of one firm between the ends: they are printed more coarsely where they would tell it; None for counts.
    """

    ends: Ends
    denominator: Term | None
    silent: Term
    text: Bilingual
    estimate: Ends | None
    estimate_name: Bilingual | None
    decimals: int | None = None
    largest: Term | None = None


@dataclass(frozen=True)
class Definition:
    """One figure, as defined.

    Attributes:
        coverage: what was reported and what should have been.
        interval: how it can move while not everything has come; None where that follows from the figures that it is made of, or it is
            no sum or rate.
        undetermined: terms that count rows that came and cannot be computed; empty where every row can.
        unreconciled: the amount that its own account does not confirm, and the amount that it is a share of.
        band: the least and the greatest usual value.
        of: what the denominator counts, where no other figure says it.
        cap: the greatest value; a greater one is cut.
        needs: parameters that must not be open, besides those that the terms name.
        rule: what must hold for the figure to be printed.
        phrases: how a published text may name the figure, for `fugong audit`.
        note: for those who maintain it.
        fault: why it cannot be used; it is made of nothing then, and has no value. None where it can.
        source: where it is defined.
    """

    id: str
    name: str
    name_zh: str
    unit: str
    display: Display
    value: Term | None
    numerator: Term | None
    denominator: Term | None
    coverage: tuple[Term, Term] | None
    interval: IntervalKind | Reported | None
    undetermined: Sequence[Term]
    unreconciled: tuple[Term, Term] | None
    band: tuple[Decimal, Decimal] | None
    of: Bilingual | None
    cap: Decimal | None
    bridge: Bridge | None
    conditions: tuple[Condition, ...]
    needs: tuple[Parameter, ...]
    rule: WordRule | None
    phrases: tuple[str, ...]
    note: str
    source: Source = field(repr=False, compare=False)
    fault: ConfigurationError | None = field(default=None, compare=False)

    def broken(self, fault: ConfigurationError) -> Definition:
        """The same figure, made of nothing: names, unit and display are kept."""
        return replace(
            self, fault=fault, value=None, numerator=None, denominator=None, coverage=None, interval=None, undetermined=(),
            unreconciled=None, band=None, cap=None, bridge=None, conditions=(), needs=(), rule=None,
        )  # fmt: skip

    @property
    def terms(self) -> Mapping[str, Term]:
        """The terms that make the figure, by part."""
        parts = {"value": self.value, "numerator": self.numerator, "denominator": self.denominator}
        return {part: term for part, term in parts.items() if term is not None}


def load_definitions(include: Path) -> dict[str, Definition]:
    """The figures defined in `briefing/figures/*.yaml`, by id, in the order of the files.

    Raises:
        ConfigurationError: a definition is malformed, or an id is used twice. The message names file and line.
    """
    found: dict[str, Definition] = {}
    for file in figure_files(include):
        for definition in read_definitions(file):
            if definition.id in found:
                raise definition.source.fault(("id",), f"the id {definition.id} is defined twice")
            found[definition.id] = definition
    return found


def load_sound_definitions(include: Path) -> dict[str, Definition]:
    """The figures as `load_definitions` reads them; one that cannot be read stands there with its `fault`, as far as its id can be read."""
    found: dict[str, Definition] = {}
    for file in figure_files(include):
        for definition in _sound(file):
            twice = ConfigurationError(f"{where(file)}: the id {definition.id} is defined twice")
            found[definition.id] = definition.broken(twice) if definition.id in found else definition
    return found


def _sound(file: Path) -> Sequence[Definition]:
    """The figures of a file, those that cannot be used with their fault."""
    try:
        text = read_text(file)
    except ConfigurationError as error:
        return list(_named(file.read_bytes().decode(errors="replace"), Document(where(file), None, {}), error))
    return _sound_of(text, where(file))


@lru_cache(KEPT_TEXTS)
def _sound_of(text: str, file: str) -> Sequence[Definition]:
    try:
        return _definitions(text, file)
    except ConfigurationError as error:
        fault = error
    try:
        document = parse_yaml(text, file)
    except ConfigurationError as error:
        return list(_named(text, Document(file, None, {}), error))
    if not isinstance(document.content, list):
        return list(_named(text, document, fault))
    found: list[Definition] = []
    for index, entry in enumerate(document.content):
        alone = Document(
            document.file, [entry], {(0, *at[1:]): line for at, line in document.lines.items() if at[:1] == (index,)}
        )
        try:
            validate(alone, "figures")
            found.append(_definition(entry, Source(document, (index,))))
        except ConfigurationError as error:
            if isinstance(entry, Mapping) and isinstance(entry.get("id"), str):
                found.append(_unreadable(entry, document, (index,), error))
    return found


def _named(text: str, document: Document, fault: ConfigurationError) -> Iterator[Definition]:
    """The figures whose ids stand in a text of which no more can be read."""
    for name in dict.fromkeys(_ID.findall(text)):
        yield _unreadable({"id": name}, document, (), fault)


def _unreadable(entry: Mapping[str, Any], document: Document, position: Position, fault: ConfigurationError) -> Definition:
    """What is known of a figure whose definition does not fit."""
    texts = {word: str(entry.get(word) or entry["id"]) for word in ("id", "name", "name_zh")}
    plain = {**texts, "unit": str(entry.get("unit", "")), "value": {"as_of": True}}
    return _definition(plain, Source(document, position)).broken(fault)


def absent(name: str, fault: ConfigurationError) -> Definition:
    """Stands for a figure that is named and not defined: it has no value, and says why."""
    return _unreadable({"id": name}, Document(str(fault).partition(":")[0], None, {}), (), fault)


def figure_files(include: Path) -> tuple[Path, ...]:
    """The files of figures, in the order of their names."""
    return tuple(sorted((include / "briefing" / "figures").glob("*.yaml")))


def read_definitions(file: Path) -> Sequence[Definition]:
    """The figures of one file.

    Raises:
        ConfigurationError: a definition is malformed.
    """
    return _definitions(read_text(file), where(file))


@lru_cache(KEPT_TEXTS)
def _definitions(text: str, file: str) -> Sequence[Definition]:
    document = parse_yaml(text, file)
    validate(document, "figures")
    return tuple(_definition(entry, Source(document, (index,))) for index, entry in enumerate(document.content or ()))


def find_definition(definitions: Mapping[str, Definition], wanted: str) -> Definition:
    """The definition of this id, in any case.

    Raises:
        NotFoundError: there is none; the message names near ones.
    """
    by_id = {name.casefold(): definition for name, definition in definitions.items()}
    if wanted.casefold() in by_id:
        return by_id[wanted.casefold()]
    by_name = {text: one.id for one in definitions.values() for text in (one.id, one.name.casefold(), one.name_zh)}
    near = [by_name[text] for text in by_name if wanted.casefold() in text.casefold()]
    near += [by_name[text] for text in difflib.get_close_matches(wanted, by_name, n=8, cutoff=0.5)]
    there = ", ".join(f"{one} {definitions[one].name_zh}" for one in dict.fromkeys(near)) or ", ".join(definitions)
    raise NotFoundError(f"没有指标 {wanted!r}。相近的有:{there} | No figure {wanted!r}. Near ones: {there}")


def parameters_of(definitions: Mapping[str, Definition], definition: Definition) -> Iterator[Parameter]:
    """The parameters that a figure, or a figure that it is made of, names."""
    yield from definition.needs
    for term in definition.terms.values():
        match term:
            case Parameter():
                yield term
            case DaysUntil():
                yield term.parameter
            case MartCells(since=str(since)):
                yield Parameter(SETTING, since, None, False)
            case FigureSum():
                for _, name in term.signed:
                    yield from parameters_of(definitions, definitions[name])
            case _:
                pass


def cells_behind(definitions: Mapping[str, Definition], definition: Definition) -> Iterator[MartCells]:
    """The cells that a figure is made of, directly and through other figures."""
    for term in definition.terms.values():
        if isinstance(term, MartCells):
            yield term
        elif isinstance(term, FigureSum):
            for _, name in term.signed:
                yield from cells_behind(definitions, definitions[name])


# From YAML


def _definition(entry: Mapping[str, Any], source: Source) -> Definition:
    def term(word: str) -> Term | None:
        return read_term(entry[word]) if word in entry else None

    return Definition(
        id=entry["id"],
        name=entry["name"],
        name_zh=entry["name_zh"],
        unit=entry["unit"],
        display=read_display(entry.get("display", "count")),
        value=term("value"),
        numerator=term("numerator"),
        denominator=term("denominator"),
        coverage=_share(entry["coverage"]) if "coverage" in entry else None,
        interval=_interval(entry["interval"], source) if "interval" in entry else None,
        undetermined=tuple(map(read_term, _listed(entry.get("undetermined", ())))),
        unreconciled=_share(entry["unreconciled"]) if "unreconciled" in entry else None,
        band=_band(entry["band"], source) if "band" in entry else None,
        of=_text(entry["of"]) if "of" in entry else None,
        cap=_number(entry["cap"]) if "cap" in entry else None,
        bridge=_bridge(entry["bridge"], source) if "bridge" in entry else None,
        conditions=tuple(
            Condition(read_term(one["when"]), _number(one.get("above", 0)), _template(one, {"value"}, source, ("warnings", at)))
            for at, one in enumerate(entry.get("warnings", ()))
        ),
        needs=tuple(map(read_parameter, entry.get("needs", ()))),
        rule=_rule(entry["rule"]) if "rule" in entry else None,
        phrases=tuple(entry.get("phrases", ())),
        note=entry.get("note", ""),
        source=source,
    )


def _listed(given: Any) -> Sequence[Any]:
    """One term, or a list of them, as a list."""
    return given if isinstance(given, (list, tuple)) else [given]


def _share(given: Mapping[str, Any]) -> tuple[Term, Term]:
    return read_term(given["numerator"]), read_term(given["denominator"])


def _interval(given: str | Mapping[str, Any], source: Source) -> IntervalKind | Reported:
    if isinstance(given, str):
        return IntervalKind(given)
    estimate = given.get("estimate")
    return Reported(
        ends=_ends(given),
        denominator=read_term(given["denominator"]) if "denominator" in given else None,
        silent=read_term(given["silent"]),
        text=_template(given, PLACES_OF_INTERVAL, source, ("interval",)),
        estimate=_ends(estimate) if estimate else None,
        estimate_name=_text(estimate) if estimate else None,
        decimals=given.get("decimals"),
        largest=read_term(given["largest"]) if "largest" in given else None,
    )


def _ends(given: Mapping[str, Any]) -> Ends:
    return Ends(read_term(given["least"]), read_term(given["most"]))


def _band(given: list[float], source: Source) -> tuple[Decimal, Decimal]:
    least, greatest = map(_number, given)
    if least > greatest:
        raise source.fault(("band",), f"`band` should be [least, greatest], found {given!r}")
    return least, greatest


def _bridge(given: Mapping[str, Any], source: Source) -> Bridge:
    text = _template({"zh": BRIDGE.zh, "en": BRIDGE.en, **given}, PLACES_OF_BRIDGE, source, ("bridge",))
    return Bridge(given["figure"], read_term(given["less"]), text)


def _rule(given: Mapping[str, Any]) -> WordRule:
    return WordRule(read_term(given["when"]), _number(given["at_least"]), _text(given))


def _template(given: Mapping[str, Any], places: Collection[str], source: Source, position: Position) -> Bilingual:
    """A text with places in braces, which are filled in where it is shown."""
    for lang in ("zh", "en"):
        if wrong := template_fault(given[lang], places):
            raise source.fault((*position, lang), f"`{lang}` {wrong}")
    return Bilingual(given["zh"], given["en"])


def _text(given: Mapping[str, str]) -> Bilingual:
    return Bilingual(given["zh"], given["en"])


def _number(given: float) -> Decimal:
    return Decimal(str(given))
