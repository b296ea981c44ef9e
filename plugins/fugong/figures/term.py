"""Terms: what a figure is made of, as `include/briefing/figures/*.yaml` write it.

A term is a mapping that names cells of a mart, a parameter, other figures, days up to a date, or words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fugong.core.errors import ConfigurationError

OVER = ("to_date", "day", "week", "month")
AGGREGATES = ("sum", "least", "greatest", "list")
PARTS = ("value", "numerator", "denominator")
KINDS = ("mart", "parameter", "figure", "figures", "as_of", "days_until", "is_open", "text")
SETTING = "SETTING"
"""The policy that holds the district's own settings."""


@dataclass(frozen=True)
class MartCells:
    """Cells of a mart and what is made of them.

    Attributes:
        keys: key → the values it may have.
        without: key → the values it must not have.
        over: of flows, which days up to D: all `to_date`, the `day`, its ISO `week` or its `month` so far.
        since: a parameter (`SETTING`) that holds the first day to count.
        aggregate: `sum`, `least`, `greatest`, or `list` of texts.
    """

    mart: str
    column: str
    keys: Mapping[str, tuple[Any, ...]]
    over: str
    since: str | None
    aggregate: str
    order: str
    limit: int | None
    without: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])


@dataclass(frozen=True)
class Parameter:
    """A row of `ref.policy_param`: its value, or the days on which it is valid."""

    policy_id: str
    param: str
    size_class: str | None
    is_range: bool


@dataclass(frozen=True)
class FigureSum:
    """A sum of other figures, each with its sign; of rates that are referred to by `part`, their numerators or denominators."""

    signed: tuple[tuple[int, str], ...]
    part: str = "value"


@dataclass(frozen=True)
class AsOf:
    """The day itself."""


@dataclass(frozen=True)
class DaysUntil:
    """How many days there are from the day to a date parameter, in steps of so many days (7 for weeks); less than 0 after it."""

    parameter: Parameter
    per: Decimal


@dataclass(frozen=True)
class IsOpen:
    """1 while a parameter is open, else 0."""

    parameter: Parameter


@dataclass(frozen=True)
class Text:
    """Words."""

    text: str


Term = MartCells | Parameter | FigureSum | AsOf | DaysUntil | IsOpen | Text


def read_term(where: str, given: Any) -> Term:
    """A term as a definition writes it.

    Raises:
        ConfigurationError: it is not one.
    """
    if not isinstance(given, dict):
        raise ConfigurationError(f"{where}: wanted a mapping such as {{mart, column, keys}}, found {given!r}")
    if "mart" in given:
        return _cells(where, given)
    if "parameter" in given:
        return read_parameter(where, given)
    if "days_until" in given:
        only(where, given, {"days_until", "per"})
        return DaysUntil(read_parameter(where, given["days_until"]), Decimal(str(given.get("per", 1))))
    if "is_open" in given:
        only(where, given, {"is_open"})
        return IsOpen(read_parameter(where, given["is_open"]))
    if "figure" in given or "figures" in given:
        only(where, given, {"figure", "figures", "part"})
        names = [str(name) for name in given.get("figures", [given.get("figure")])]
        part = given.get("part", "value")
        if part not in PARTS:
            raise ConfigurationError(f"{where}: `part` should be one of {', '.join(PARTS)}, found {part!r}")
        return FigureSum(tuple((-1 if name.startswith("-") else 1, name.lstrip("-+")) for name in names), part)
    if given.get("as_of"):
        return AsOf()
    if "text" in given:
        return Text(str(given["text"]))
    raise ConfigurationError(f"{where}: a term has one of {', '.join(KINDS)}; found {', '.join(given)}")


def read_parameter(where: str, given: Any) -> Parameter:
    """A parameter as a definition names it: `{parameter: P21, param: price_after}`.

    Raises:
        ConfigurationError: it is not named so.
    """
    only(where, given, {"parameter", "param", "size_class", "bound"})
    if not {"parameter", "param"} <= set(given):
        raise ConfigurationError(f"{where}: wanted {{parameter, param}}, found {given!r}")
    return Parameter(str(given["parameter"]), str(given["param"]), given.get("size_class"), "bound" in given)


def _cells(where: str, given: Any) -> MartCells:
    only(where, given, {"mart", "column", "keys", "without", "over", "since", "aggregate", "order", "limit"})
    over, aggregate = given.get("over", "to_date"), given.get("aggregate", "sum")
    if over not in OVER or aggregate not in AGGREGATES or "column" not in given:
        raise ConfigurationError(
            f"{where}: wanted `column`, `over` one of {', '.join(OVER)} and `aggregate` one of {', '.join(AGGREGATES)}"
        )
    return MartCells(
        mart=str(given["mart"]).removeprefix("mart."),
        column=str(given["column"]),
        keys=_keys(given.get("keys")),
        over=over,
        since=given.get("since"),
        aggregate=aggregate,
        order=str(given.get("order", "")),
        limit=given.get("limit"),
        without=_keys(given.get("without")),
    )


def _keys(given: Any) -> dict[str, tuple[Any, ...]]:
    return {str(key): tuple(value) if isinstance(value, list) else (value,) for key, value in (given or {}).items()}


def only(where: str, given: Any, words: set[str]) -> None:
    """See that this is a mapping of these words.

    Raises:
        ConfigurationError: it is not, or has others.
    """
    if not isinstance(given, dict) or set(given) - words:
        raise ConfigurationError(f"{where}: wanted a mapping of {', '.join(sorted(words))}, found {given!r}")
