"""Rules over figures (`include/briefing/rules.yaml`): identities, floors, doubtful units, denominators. What breaks one is told beside.

`equal` and `at_least` compare two sums of terms. `same_digits`, `denominators` and `full` look at every figure that is printed.
Bands stand with the figures themselves (`band: [least, most]`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.figures.definition import Definition, load_definitions
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.term import FigureSum, MartCells, Term, only, read_term
from fugong.marts.sql_files import load_sql_files

KINDS = ("equal", "at_least", "same_digits", "denominators", "full", "band")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class FigureRule:
    """One rule.

    Attributes:
        kind: one of `KINDS`.
        sides: of `equal` and `at_least`, the terms that are summed on either side.
        touches: the figures that it is told beside; of the other kinds, whichever break it.
        digits: of `same_digits`, how many significant digits are no accident.
        apart: of `same_digits`, pairs that have the same digits of necessity.
    """

    id: str
    kind: str
    text: Bilingual
    sides: tuple[tuple[Term, ...], ...]
    touches: tuple[str, ...]
    digits: int
    apart: frozenset[frozenset[str]]


def load_figure_rules(include: Path) -> tuple[FigureRule, ...]:
    """The rules of `briefing/rules.yaml`; none where there is no such file.

    Raises:
        ConfigurationError: one is malformed.
    """
    file = include / "briefing" / "rules.yaml"
    if not file.exists():
        return ()
    return tuple(_rule(f"rules.yaml: {one.get('id', one)}", one) for one in yaml.safe_load(file.read_text(encoding="utf-8")))


def check_figure_rules(include: Path) -> None:
    """See that every rule can be evaluated: its figures, marts and columns exist.

    Raises:
        ConfigurationError: one cannot.
    """
    files, definitions = load_sql_files(include / "sql"), load_definitions(include)
    for rule in load_figure_rules(include):
        terms = [term for side in rule.sides for term in side]
        named = [
            *rule.touches,
            *(name for pair in rule.apart for name in sorted(pair)),
            *(name for term in terms if isinstance(term, FigureSum) for _, name in term.signed),
        ]
        if unknown := [name for name in named if name not in definitions]:
            raise ConfigurationError(f"rules.yaml: {rule.id}: no figure {unknown[0]!r}. There is: {', '.join(definitions)}")
        for term in terms:
            if isinstance(term, MartCells):
                mart = files.mart(term.mart)
                if unknown := [name for name in (term.column, *term.keys, *term.without) if name not in mart.columns]:
                    raise ConfigurationError(
                        f"rules.yaml: {rule.id}: {mart.relation} has no column {unknown[0]!r}. It has: {', '.join(mart.columns)}"
                    )


def _rule(where: str, given: dict[str, Any]) -> FigureRule:
    only(where, given, {"id", "zh", "en", "touches", "apart", *KINDS})
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1 or not {"id", "zh", "en"} <= set(given):
        raise ConfigurationError(f"{where}: wanted id, zh, en and one of {', '.join(KINDS)}, found {', '.join(given)}")
    (kind,) = kinds
    sides: tuple[tuple[Term, ...], ...] = ()
    if kind in {"equal", "at_least"}:
        if not isinstance(given[kind], list) or len(given[kind]) != 2 or not given.get("touches"):
            raise ConfigurationError(f"{where}: {kind} should be two terms (or lists of terms), with `touches`")
        sides = tuple(
            tuple(read_term(where, term) for term in (side if isinstance(side, list) else [side])) for side in given[kind]
        )
    return FigureRule(
        id=given["id"],
        kind=kind,
        text=Bilingual(given["zh"], given["en"]),
        sides=sides,
        touches=tuple(given.get("touches", ())),
        digits=given[kind] if kind == "same_digits" else 0,
        apart=frozenset(map(frozenset[str], given.get("apart", ()))),
    )


def broken_rules(evaluator: Evaluator) -> dict[str, tuple[Bilingual, ...]]:
    """The warnings of the rules that do not hold on the day, by figure."""
    found: dict[str, tuple[Bilingual, ...]] = {}
    for rule in load_figure_rules(evaluator.moment.include):
        for name, words in _broken(evaluator, rule):
            zh, en = rule.text.zh.format(**words), rule.text.en.format(**words)
            found[name] = (*found.get(name, ()), Bilingual(f"{rule.id}:{zh}", f"{rule.id}: {en}"))
    return found


def _broken(evaluator: Evaluator, rule: FigureRule) -> Iterator[tuple[str, dict[str, str]]]:
    match rule.kind:
        case "equal" | "at_least":
            left, right = (_sum(evaluator, side) for side in rule.sides)
            if left is not None and right is not None and (left != right if rule.kind == "equal" else left < right):
                words = {"left": plain(left), "right": plain(right), "rest": plain(left - right)}
                yield from ((name, words) for name in rule.touches)
        case "same_digits":
            yield from _same_digits(evaluator, rule)
        case "denominators":
            yield from _denominators(evaluator)
        case "full":
            for definition in evaluator.moment.definitions.values():
                evaluated = evaluator.evaluate(definition)
                if definition.display.kind == "percent" and evaluated.value == 1 and evaluated.denominator is not None:
                    assert evaluated.numerator is not None  # a rate with a value has both
                    yield definition.id, {"numerator": plain(evaluated.numerator), "denominator": plain(evaluated.denominator)}
        case _:
            for definition in evaluator.moment.definitions.values():
                value = evaluator.evaluate(definition).value
                if (
                    definition.band
                    and isinstance(value, Decimal)
                    and value
                    and not definition.band[0] <= value <= definition.band[1]
                ):
                    least, most = map(plain, definition.band)
                    yield definition.id, {"value": plain(value), "least": least, "most": most, "unit": definition.unit}


def _sum(evaluator: Evaluator, terms: tuple[Term, ...]) -> Decimal | None:
    values = [evaluator.number(term) for term in terms]
    numbers = [value for value in values if value is not None]
    return sum(numbers, Decimal(0)) if len(numbers) == len(values) else None


def _same_digits(evaluator: Evaluator, rule: FigureRule) -> Iterator[tuple[str, dict[str, str]]]:
    """Pairs of printed numbers with the same significant digits and different units. Sources apart clear the suspicion."""
    printed: dict[str, list[tuple[Definition, str]]] = {}
    for definition in evaluator.moment.definitions.values():
        evaluated = evaluator.evaluate(definition)
        number = NUMBER.search(evaluated.display) if isinstance(evaluated.value, Decimal) else None
        digits = number[0].replace(".", "").strip("0") if number else ""
        if number and len(digits) >= rule.digits:
            unit = evaluated.display[number.end() :] or definition.unit
            printed.setdefault(digits, []).append((definition, unit))
    for same in printed.values():
        for one, unit in same:
            for other, other_unit in same:
                if unit != other_unit and frozenset({one.id, other.id}) not in rule.apart:
                    mine, theirs = (
                        {table.name for table in evaluator.submissions.tables_behind(figure)} for figure in (one, other)
                    )
                    is_cleared = bool(mine and theirs) and mine.isdisjoint(theirs)
                    yield (
                        one.id,
                        {
                            "other": other.id,
                            "name_zh": other.name_zh,
                            "name": other.name,
                            "display": evaluator.evaluate(other).display,
                            "verdict_zh": "两者来自不同的报表,并非误写" if is_cleared else "请核对单位",
                            "verdict": "they come from different reports" if is_cleared else "the unit is to be looked at",
                        },
                    )


def _denominators(evaluator: Evaluator) -> Iterator[tuple[str, dict[str, str]]]:
    """Rates whose denominator is no figure, is not bridged to one, and has no name."""
    published = {
        value
        for definition in evaluator.moment.definitions.values()
        if definition.denominator is None and isinstance(value := evaluator.evaluate(definition).value, Decimal)
    }
    for definition in evaluator.moment.definitions.values():
        denominator = evaluator.evaluate(definition).denominator
        if denominator is None or definition.display.kind != "percent" or definition.of is not None or denominator in published:
            continue
        if definition.bridge is not None:
            other = evaluator.evaluate(evaluator.moment.definitions[definition.bridge.figure]).value
            if isinstance(other, Decimal) and other - (evaluator.number(definition.bridge.less) or 0) == denominator:
                continue
        yield definition.id, {"denominator": plain(denominator)}
