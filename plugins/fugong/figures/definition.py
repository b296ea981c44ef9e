"""Definitions of figures: what `include/briefing/figures/*.yaml` says about each, read and checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.figures.display import Display, read_display
from fugong.figures.term import SETTING, DaysUntil, FigureSum, IsOpen, MartCells, Parameter, Term, only, read_parameter, read_term
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.parameters import with_values
from fugong.marts.sql_files import load_sql_files


@dataclass(frozen=True)
class Bridge:
    """From another figure to this figure's denominator: what is taken off."""

    figure: str
    less: Term
    text: Bilingual


@dataclass(frozen=True)
class Condition:
    """A sentence told when a term is above a number."""

    when: Term
    above: Decimal
    text: Bilingual


@dataclass(frozen=True)
class WordRule:
    """What must be so for the figure to be written at all: a term that is at least a number."""

    when: Term
    at_least: Decimal
    text: Bilingual


@dataclass(frozen=True)
class Definition:
    """One figure, as defined.

    Attributes:
        coverage: what was reported and what should have been.
        unreconciled: of an amount, what its own account does not confirm, and what it is a share of.
        band: the least and the most that is likely; outside it the unit is in doubt.
        of: what the denominator counts, where no other figure says it.
        needs: open parameters among these make the figure not determinable, besides those that it is made of.
        rule: words such as 基本满足 stand for something: without it they are left out.
        phrases: how a published text may name the figure, for `fugong audit`.
        note: for those who maintain it.
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

    @property
    def terms(self) -> Mapping[str, Term]:
        """What the figure is made of, by part."""
        parts = {"value": self.value, "numerator": self.numerator, "denominator": self.denominator}
        return {part: term for part, term in parts.items() if term is not None}


def load_definitions(include: Path) -> dict[str, Definition]:
    """The figures defined in `briefing/figures/*.yaml`, by id, in the order of the files.

    Raises:
        ConfigurationError: a definition is malformed, or an id is used twice.
    """
    found: dict[str, Definition] = {}
    for file in sorted((include / "briefing" / "figures").glob("*.yaml")):
        try:
            entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
        except yaml.YAMLError as error:
            raise ConfigurationError(f"{file.name}: not YAML: {error}") from error
        if not isinstance(entries, list):
            raise ConfigurationError(f"{file.name}: there should be a list of figures")
        for entry in entries:
            where = f"figures/{file.name}: {entry.get('id') if isinstance(entry, dict) else entry!r}"
            definition = _definition(where, entry)
            if definition.id in found:
                raise ConfigurationError(f"{where}: this id is defined twice")
            found[definition.id] = definition
    return found


def find_definition(definitions: Mapping[str, Definition], wanted: str) -> Definition:
    """The definition of this id, in any case.

    Raises:
        LookupError: there is none; the message names near ones.
    """
    by_id = {name.casefold(): definition for name, definition in definitions.items()}
    if wanted.casefold() in by_id:
        return by_id[wanted.casefold()]
    by_name = {text: one.id for one in definitions.values() for text in (one.id, one.name.casefold(), one.name_zh)}
    near = [by_name[text] for text in by_name if wanted.casefold() in text.casefold()]
    near += [by_name[text] for text in difflib.get_close_matches(wanted, by_name, n=8, cutoff=0.5)]
    there = ", ".join(f"{one} {definitions[one].name_zh}" for one in dict.fromkeys(near)) or ", ".join(definitions)
    raise LookupError(f"没有指标 {wanted!r}。相近的有:{there} | No figure {wanted!r}. Near ones: {there}")


def parameters_of(definitions: Mapping[str, Definition], definition: Definition) -> Iterator[Parameter]:
    """The parameters that a figure, or one that it is made of, names."""
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


def check_definitions(connection: psycopg.Connection, include: Path) -> list[str]:
    """See that every definition can be read and traced: marts, columns, keys and other figures exist.

    Returns:
        Nothing: definitions change nothing in the warehouse.

    Raises:
        ConfigurationError: one cannot; the message says what there is.
    """
    files = load_sql_files(include / "sql")
    definitions = load_definitions(include)
    params = set(connection.execute("SELECT policy_id, param FROM ref.policy_param").fetchall())
    for definition in definitions.values():
        for term in _all_terms(definition):
            _check_term(definition, term, files, definitions, params)
        for term in definition.terms.values():
            if isinstance(term, MartCells):
                _check_trace(definition, term, files)
        _refuse_circle(definition, definitions, ())
    return []


def _all_terms(definition: Definition) -> Iterator[Term]:
    yield from definition.terms.values()
    yield from definition.coverage or ()
    yield from definition.unreconciled or ()
    if definition.bridge:
        yield FigureSum(((1, definition.bridge.figure),))
        yield definition.bridge.less
    for condition in definition.conditions:
        yield condition.when
    yield from definition.needs
    if definition.rule:
        yield definition.rule.when


def _check_term(
    definition: Definition, term: Term, files: SqlFiles, definitions: Mapping[str, Definition], params: set[tuple[str, str]]
) -> None:
    where = f"figure {definition.id}"
    if isinstance(term, MartCells):
        mart = files.mart(term.mart)
        there = tuple(mart.columns)
        for name, kind in (
            *((key, "key") for key in (*term.keys, *term.without)),
            (term.column, "column"),
            *([(term.order, "column")] if term.order else []),
        ):
            if name not in there:
                raise ConfigurationError(f"{where}: {mart.relation} has no {kind} {name!r}. It has: {', '.join(there)}")
        if term.since and (SETTING, term.since) not in params:
            raise ConfigurationError(f"{where}: no parameter {SETTING} {term.since!r} in ref.policy_param")
    elif isinstance(term, Parameter | DaysUntil | IsOpen):
        named = term if isinstance(term, Parameter) else term.parameter
        if (named.policy_id, named.param) not in params:
            there = ", ".join(sorted(param for policy, param in params if policy == named.policy_id)) or "nothing"
            raise ConfigurationError(f"{where}: no parameter {named.policy_id} {named.param!r}. There is: {there}")
    elif isinstance(term, FigureSum):
        for _, other in term.signed:
            if other not in definitions:
                raise ConfigurationError(f"{where}: no figure {other!r}. There is: {', '.join(definitions)}")
            if term.part == "value" and term in definition.terms.values() and definitions[other].value is None:
                raise ConfigurationError(f"{where}: {other} is a ratio and cannot be part of a sum")
            if term.part != "value" and definitions[other].value is not None:
                raise ConfigurationError(f"{where}: {other} is no ratio and has no {term.part}")


def _check_trace(definition: Definition, term: MartCells, files: SqlFiles) -> None:
    """See that the lines behind the figure's own cells can be found."""
    where = f"figure {definition.id}"
    mart = files.mart(term.mart)
    for key in (*term.keys, *term.without):
        if key not in mart.keys:
            raise ConfigurationError(f"{where}: {mart.relation} has no key {key!r}. It has: {', '.join(mart.keys)}")
    if term.column not in mart.sums and not (term.aggregate == "list" and term.column in mart.keys and mart.sums):
        raise ConfigurationError(f"{where}: {mart.relation}.{term.column} has no `sums` line, so its lines cannot be found")
    made_by = mart.sums[term.column].aggregate if term.column in mart.sums else "list"
    if term.aggregate not in {made_by, "list"}:
        raise ConfigurationError(
            f"{where}: {mart.relation}.{term.column} is the {made_by} of its rows, not their {term.aggregate}"
        )
    row_condition(mart, term)


def _refuse_circle(definition: Definition, definitions: Mapping[str, Definition], above: tuple[str, ...]) -> None:
    if definition.id in above:
        raise ConfigurationError(f"figure {definition.id}: figures made of each other: {' → '.join((*above, definition.id))}")
    for term in _all_terms(definition):
        for _, other in term.signed if isinstance(term, FigureSum) else ():
            _refuse_circle(definitions[other], definitions, (*above, definition.id))


def row_condition(mart: Mart, term: MartCells) -> dict[str, str | None]:
    """For each key that the term names, the SQL expression by which a fact row yields it; None for the fact's own column.

    Raises:
        ConfigurationError: an expression needs another key that the term leaves open.
    """
    return {key: row_expression(mart, term, key) for key in (*term.keys, *term.without)}


def row_expression(mart: Mart, term: MartCells, key: str) -> str | None:
    """The SQL expression by which a fact row yields a key; None for the fact's own column."""
    known = {name: _literal(values[0]) for name, values in term.keys.items() if len(values) == 1}
    expression = mart.key_of_row.get(key)
    try:
        return with_values(expression, known) if expression else None
    except ConfigurationError as fault:
        raise ConfigurationError(
            f"{mart.relation}: key {key}: {fault}; the figure must give each of its keys one value"
        ) from fault


def _literal(value: Any) -> str:
    return sql.Literal(value).as_string(None)


# From YAML


def _definition(where: str, entry: Any) -> Definition:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{where}: a figure should be a mapping")
    known = {"id", "name", "name_zh", "unit", "display", "value", "numerator", "denominator"}
    known |= {"coverage", "cap", "bridge", "warnings", "needs", "rule", "phrases", "note", "unreconciled", "band", "of"}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ConfigurationError(f"{where}: no word {', '.join(unknown)} here. There is: {', '.join(sorted(known))}")
    for word in ("id", "name", "name_zh", "unit"):
        if not isinstance(entry.get(word), str):
            raise ConfigurationError(f"{where}: {word} should be given, as text")
    if ("value" in entry) == ("numerator" in entry) or ("numerator" in entry) != ("denominator" in entry):
        raise ConfigurationError(f"{where}: a figure has either `value`, or `numerator` and `denominator`")

    def term(word: str) -> Term | None:
        return read_term(f"{where}: {word}", entry[word]) if word in entry else None

    bridge = entry.get("bridge")
    return Definition(
        id=entry["id"],
        name=entry["name"],
        name_zh=entry["name_zh"],
        unit=entry["unit"],
        display=read_display(where, entry.get("display")),
        value=term("value"),
        numerator=term("numerator"),
        denominator=term("denominator"),
        coverage=_share(f"{where}: coverage", entry["coverage"]) if "coverage" in entry else None,
        unreconciled=_share(f"{where}: unreconciled", entry["unreconciled"]) if "unreconciled" in entry else None,
        band=_band(where, entry["band"]) if "band" in entry else None,
        of=_comment(f"{where}: of", entry["of"]) if "of" in entry else None,
        cap=Decimal(str(entry["cap"])) if "cap" in entry else None,
        bridge=_bridge(f"{where}: bridge", bridge) if bridge else None,
        conditions=tuple(_condition(f"{where}: warnings", one) for one in entry.get("warnings", [])),
        needs=tuple(read_parameter(f"{where}: needs", one) for one in entry.get("needs", [])),
        rule=_rule(f"{where}: rule", entry["rule"]) if "rule" in entry else None,
        phrases=_phrases(where, entry.get("phrases", [])),
        note=str(entry.get("note", "")),
    )


def _bridge(where: str, given: Any) -> Bridge:
    only(where, given, {"figure", "less", "zh", "en"})
    return Bridge(
        figure=str(given["figure"]),
        less=read_term(where, given.get("less")),
        text=Bilingual(
            str(given.get("zh", "分母是 {denominator},不是{name_zh} {other}:其中 {less} 个不计入分母。")),
            str(given.get("en", "The denominator is {denominator}, not {other} ({name}): {less} are left out of it.")),
        ),
    )


def _share(where: str, given: Any) -> tuple[Term, Term]:
    only(where, given, {"numerator", "denominator"})
    return read_term(where, given.get("numerator")), read_term(where, given.get("denominator"))


def _band(where: str, given: Any) -> tuple[Decimal, Decimal]:
    if not isinstance(given, list) or len(given) != 2 or not all(isinstance(end, int | float) for end in given):
        raise ConfigurationError(f"{where}: `band` should be [least, most], found {given!r}")
    least, most = (Decimal(str(end)) for end in given)
    if least > most:
        raise ConfigurationError(f"{where}: `band` should be [least, most], found {given!r}")
    return least, most


def _comment(where: str, given: Any) -> Bilingual:
    only(where, given, {"zh", "en"})
    if not all(isinstance(given.get(lang), str) for lang in ("zh", "en")):
        raise ConfigurationError(f"{where}: wanted {{zh, en}}, found {given!r}")
    return Bilingual(given["zh"], given["en"])


def _rule(where: str, given: Any) -> WordRule:
    only(where, given, {"when", "at_least", "zh", "en"})
    if not {"when", "at_least", "zh", "en"} <= set(given):
        raise ConfigurationError(f"{where}: wanted {{when, at_least, zh, en}}, found {given!r}")
    return WordRule(read_term(where, given["when"]), Decimal(str(given["at_least"])), Bilingual(given["zh"], given["en"]))


def _phrases(where: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(phrase, str) and phrase for phrase in given):
        raise ConfigurationError(f"{where}: `phrases` should be a list of words as a text would say them, found {given!r}")
    return tuple(given)


def _condition(where: str, given: Any) -> Condition:
    only(where, given, {"when", "above", "zh", "en"})
    return Condition(
        when=read_term(where, given.get("when")),
        above=Decimal(str(given.get("above", 0))),
        text=Bilingual(str(given.get("zh", "")), str(given.get("en", ""))),
    )
