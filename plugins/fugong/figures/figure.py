"""Figures: the numbers of the briefing, evaluated by the definitions in `include/briefing/figures/*.yaml`.

A figure for now is read from the mart tables where they are up to date. For another moment of knowledge, for a day that no
mart holds, or while a day is stale, the marts' own SELECTs are replayed: both ways give the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.figures.change import carried_rows, explain
from fugong.figures.coverage import coverage
from fugong.figures.cross_checks import check_warnings
from fugong.figures.definition import Definition, find_definition
from fugong.figures.display import Value, as_json, plain
from fugong.figures.evaluate import Evaluated, Evaluator, open_evaluator
from fugong.figures.evaluate import broken as broken_figure
from fugong.figures.interval import Interval, interval
from fugong.figures.rules import Broken, broken_rules


@dataclass(frozen=True)
class Figure:
    """One figure, evaluated and explained.

    Attributes:
        value: in `unit`; a fraction for rates; None where nothing is known.
        display: as the briefing prints it; empty where there is nothing to print.
        coverage: a fraction for snapshots and increments, the age in days for ledgers; None where there is nothing to cover.
        gaps: those of its warnings that say what was not reported, or is old.
        is_determinable: False while a parameter that it needs is open. It has no value then, and the display says so.
        is_known: False where nothing was reported that it could be made of, or it cannot be computed. It has no value then, and the display says so.
        is_broken: whether a file of ours is at fault: its definition, or a mart that it is made of.
        bridge: how the denominator comes from another figure. The briefing prints the figure only together with it.
        previous: the value of the day before at the same moment of knowledge.
        why: the reasons why the value changed since the day before.
        carried_rows: rows behind it that are carried from an earlier day.
        interval: between which ends it lies, whatever those who are silent would have said; None where it is no sum or rate.
        unreconciled: share of the amount that its own account does not confirm; None where there is nothing to reconcile.
    """

    id: str
    name: str
    name_zh: str
    as_of: date
    known_at: datetime | None
    value: Value | None
    unit: str
    display: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    coverage: Decimal | None = None
    is_coverage_age: bool = False
    warnings: tuple[Bilingual, ...] = field(default=())
    gaps: tuple[Bilingual, ...] = field(default=())
    is_determinable: bool = True
    is_known: bool = True
    is_broken: bool = False
    bridge: Bilingual | None = None
    previous: Value | None = None
    previous_display: str = ""
    why: tuple[Bilingual, ...] = field(default=())
    carried_rows: int = 0
    unreconciled: Decimal | None = None
    interval: Interval | None = None

    def to_json(self, lang: str = "zh") -> dict[str, Any]:
        """As `fugong figures --json` prints it."""

        def text(sentence: Bilingual) -> str:
            return sentence.zh if lang == "zh" else sentence.en

        return {
            "id": self.id,
            "name": self.name,
            "name_zh": self.name_zh,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "value": as_json(self.value),
            "unit": self.unit,
            "display": self.display,
            "numerator": as_json(self.numerator),
            "denominator": as_json(self.denominator),
            "coverage": as_json(self.coverage),
            "warnings": [text(warning) for warning in self.warnings],
            "is_determinable": self.is_determinable,
            "is_known": self.is_known,
            "is_broken": self.is_broken,
            "bridge": text(self.bridge) if self.bridge else None,
            "previous": as_json(self.previous),
            "previous_display": self.previous_display,
            "why": [text(reason) for reason in self.why],
            "carried_rows": self.carried_rows,
            "unreconciled": as_json(self.unreconciled),
            "interval": self.interval.to_json(lang) if self.interval else None,
        }


def figures(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    *,
    policy_known_at: date | None = None,
    ids: Iterable[str] | None = None,
    checks: bool = True,
) -> list[Figure]:
    """Every figure of a day.

    Args:
        known_at: the moment of knowledge; None for now, which is the moment of the last settlement.
        policy_known_at: the day whose decrees count; None for each day's own.
        ids: only these.
        checks: whether to evaluate the rules over figures and between reports, for the warnings.

    Raises:
        NotFoundError: there is no figure of an id.
        ConfigurationError: a definition cannot be evaluated.
    """
    with open_evaluator(connection, include, as_of, known_at, policy_known_at) as evaluator:
        definitions = evaluator.moment.definitions
        wanted = list(definitions.values()) if ids is None else [find_definition(definitions, one) for one in ids]
        warnings = rule_warnings(evaluator, wanted) if checks else {}
        return [describe(evaluator, definition, warnings.get(definition.id, ())) for definition in wanted]


def rule_warnings(evaluator: Evaluator, definitions: Iterable[Definition]) -> dict[str, tuple[Broken, ...]]:
    """The rules over figures and the checks between reports that do not hold on the day, by figure."""
    wanted = {definition.id: definition for definition in definitions}
    found = {name: warnings for name, warnings in broken_rules(evaluator).items() if name in wanted}
    for name, warnings in check_warnings(evaluator, wanted.values()).items():
        found[name] = (*found.get(name, ()), *warnings)
    return found


def describe(evaluator: Evaluator, definition: Definition, broken: Sequence[Broken] = (), *, is_coded: bool = True) -> Figure:
    """A figure with its coverage, its warnings, its bridge and the reasons for its change; of one that cannot be computed, why not.

    Args:
        broken: the figure's own among `rule_warnings()`; they join its warnings.
        is_coded: whether these begin with their codes, for those who look rules up.
    """
    now = evaluator.evaluate(definition)
    warned = [one.coded if is_coded else one.text for one in broken]
    try:
        return _without_value(evaluator, definition, now) if now.is_broken else _describe(evaluator, definition, warned)
    except ConfigurationError as fault:  # of what stands beside the value: coverage, interval, the day before
        return _without_value(evaluator, definition, broken_figure(fault))


def _without_value(evaluator: Evaluator, definition: Definition, now: Evaluated) -> Figure:
    return Figure(
        id=definition.id,
        name=definition.name,
        name_zh=definition.name_zh,
        as_of=evaluator.moment.as_of,
        known_at=evaluator.moment.known_at,
        value=None,
        unit=definition.unit,
        display=now.display,
        warnings=now.notes,
        is_known=False,
        is_broken=True,
    )


def _describe(evaluator: Evaluator, definition: Definition, warned: Sequence[Bilingual]) -> Figure:
    now, before = evaluator.evaluate(definition), evaluator.yesterday.evaluate(definition)
    bridge = list(_bridge(evaluator, definition, now.denominator))
    covered = coverage(evaluator, definition)
    warnings = [
        *now.notes,
        *bridge,
        *_conditions(evaluator, definition),
        *covered.warnings,
        *warned,
    ]
    return Figure(
        id=definition.id,
        name=definition.name,
        name_zh=definition.name_zh,
        as_of=evaluator.moment.as_of,
        known_at=evaluator.moment.known_at,
        value=now.value,
        unit=definition.unit,
        display=now.display,
        numerator=now.numerator,
        denominator=now.denominator,
        coverage=covered.value,
        is_coverage_age=covered.is_age,
        warnings=tuple(dict.fromkeys(warnings)),
        gaps=covered.warnings,
        is_determinable=now.is_determinable,
        is_known=now.is_known,
        bridge=Bilingual(" ".join(one.zh for one in bridge), " ".join(one.en for one in bridge)) if bridge else None,
        previous=before.value,
        previous_display=before.display,
        why=_why(evaluator, definition, now, before),
        carried_rows=carried_rows(evaluator, definition),
        unreconciled=_unreconciled(evaluator, definition),
        interval=interval(evaluator, definition),
    )


def _why(evaluator: Evaluator, definition: Definition, now: Evaluated, before: Evaluated) -> tuple[Bilingual, ...]:
    """Why the value is another one than on the day before; of one that is not known any more, why not."""
    if now.value == before.value:
        return ()
    return explain(evaluator, definition) if now.is_known else now.notes[:1]


def _bridge(evaluator: Evaluator, definition: Definition, denominator: Decimal | None) -> Iterator[Bilingual]:
    bridge = definition.bridge
    if bridge is None or denominator is None:
        return
    other = evaluator.moment.definitions[bridge.figure]
    whole = evaluator.evaluate(other).value
    if not isinstance(whole, Decimal) or whole == denominator:
        return
    less = evaluator.number(bridge.less) or Decimal(0)
    words = {
        "denominator": plain(denominator),
        "other": plain(whole),
        "less": plain(less),
        "name": other.name,
        "name_zh": other.name_zh,
    }
    yield Bilingual(bridge.text.zh.format(**words), bridge.text.en.format(**words))
    if whole - less != denominator:
        rest = plain(whole - less - denominator)
        yield Bilingual(
            f"分母与“{other.name_zh}”之间还差 {rest},没有解释。",
            f'{rest} more are missing against "{other.name}", unexplained.',
        )


def _conditions(evaluator: Evaluator, definition: Definition) -> Iterator[Bilingual]:
    for condition in definition.conditions:
        value = evaluator.value(condition.when)
        if isinstance(value, Decimal) and value > condition.above:
            yield Bilingual(condition.text.zh.format(value=plain(value)), condition.text.en.format(value=plain(value)))


def _unreconciled(evaluator: Evaluator, definition: Definition) -> Decimal | None:
    if definition.unreconciled is None:
        return None
    doubtful, whole = (evaluator.number(term) for term in definition.unreconciled)
    return (doubtful or Decimal(0)) / whole if whole else None
