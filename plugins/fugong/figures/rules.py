"""Rules over figures: identities, floors, doubtful units, denominators. A rule that does not hold puts a warning beside figures.

`include/briefing/rules.yaml` holds the rules; `schemas/figure-rules.schema.json` explains their kinds.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.core.schema import parse_yaml, read_text, template_fault, validate
from fugong.figures.definition import Definition, Source
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.term import Term, read_term

LOG = logging.getLogger(__name__)
OF_SIDES = frozenset({"left", "right", "rest"})
KINDS: Mapping[str, frozenset[str]] = {
    "equal": OF_SIDES,
    "at_least": OF_SIDES,
    "same_digits": frozenset({"other", "name_zh", "name", "display", "verdict_zh", "verdict"}),
    "denominators": frozenset({"denominator"}),
    "full": frozenset({"numerator", "denominator"}),
    "band": frozenset({"value", "least", "most", "unit"}),
}
"""Kinds of rules → the places that their texts may have."""
NOT_CHECKED = Bilingual("配置有误,没有核对。", "Not checked: its configuration is broken.")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class FigureRule:
    """One rule.

    Attributes:
        kind: one of `KINDS`.
        sides: for `equal` and `at_least`, the terms to add on either side.
        touches: for `equal` and `at_least`, the figures that get the warning. The other kinds warn beside the figures that break them.
        digits: for `same_digits`, how many equal significant digits are suspect.
        apart: for `same_digits`, pairs of figures that have the same digits of necessity.
        source: where it is defined.
    """

    id: str
    kind: str
    text: Bilingual
    sides: tuple[tuple[Term, ...], ...]
    touches: tuple[str, ...]
    digits: int
    apart: frozenset[frozenset[str]]
    source: Source = field(repr=False, compare=False)


@dataclass(frozen=True)
class Broken:
    """A rule or a check that does not hold, by its code, and what it says. A reader of the briefing is told the text alone."""

    code: str
    text: Bilingual

    @property
    def coded(self) -> Bilingual:
        """The text behind the code, for those who look the rule up."""
        return Bilingual(f"{self.code}:{self.text.zh}", f"{self.code}: {self.text.en}")


def load_figure_rules(include: Path) -> tuple[FigureRule, ...]:
    """The rules of `briefing/rules.yaml`; none where there is no such file.

    Raises:
        ConfigurationError: a rule is malformed. The message names file and line.
    """
    file = include / "briefing" / "rules.yaml"
    if not file.exists():
        return ()
    document = parse_yaml(read_text(file), where(file))
    validate(document, "figure-rules")
    return tuple(_rule(entry, Source(document, (index,))) for index, entry in enumerate(document.content or ()))


def _rule(given: Mapping[str, Any], source: Source) -> FigureRule:
    kind = next(kind for kind in KINDS if kind in given)
    for lang in ("zh", "en"):
        if wrong := template_fault(given[lang], KINDS[kind]):
            raise source.fault((lang,), f"`{lang}` {wrong}")
    sides: tuple[tuple[Term, ...], ...] = ()
    if kind in {"equal", "at_least"}:
        sides = tuple(tuple(map(read_term, side if isinstance(side, list) else [side])) for side in given[kind])
    return FigureRule(
        id=given["id"],
        kind=kind,
        text=Bilingual(given["zh"], given["en"]),
        sides=sides,
        touches=tuple(given.get("touches", ())),
        digits=given.get("same_digits", 0),
        apart=frozenset(map(frozenset[str], given.get("apart", ()))),
        source=source,
    )


def broken_rules(evaluator: Evaluator) -> dict[str, tuple[Broken, ...]]:
    """The rules that do not hold on the day, by figure."""
    found: dict[str, tuple[Broken, ...]] = {}
    try:
        rules = load_figure_rules(evaluator.moment.include)
    except ConfigurationError as fault:
        LOG.error("%s", fault)
        return {name: (Broken("rules.yaml", NOT_CHECKED),) for name in evaluator.moment.definitions}
    for rule in rules:
        try:
            breaking = [*_broken(evaluator, rule)]
        except ConfigurationError:  # a mart that it names cannot be used; build_marts tells the engineers
            for name in rule.touches:
                found[name] = (*found.get(name, ()), Broken(rule.id, NOT_CHECKED))
            continue
        for name, words in breaking:
            zh, en = rule.text.zh.format(**words), rule.text.en.format(**words)
            found[name] = (*found.get(name, ()), Broken(rule.id, Bilingual(zh, en)))
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
    """Pairs of printed numbers with the same significant digits and different units. Different source reports clear the suspicion."""
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
    """Rates whose denominator is no figure, has no bridge to a figure, and has no name."""
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
