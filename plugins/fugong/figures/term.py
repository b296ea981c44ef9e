"""Terms: what a figure is made of. `schemas/figures.schema.json` explains how definitions write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fugong.marts.cells import MartCells, read_cells

SETTING = "SETTING"
"""The policy that holds the district's own settings."""


@dataclass(frozen=True)
class Parameter:
    """A row of `ref.policy_param`: its value, or with `is_range` the days on which it is valid."""

    policy_id: str
    param: str
    size_class: str | None
    is_range: bool


@dataclass(frozen=True)
class FigureSum:
    """A sum of a part of other figures, each with its sign: of their values, or of the numerators or denominators of rates."""

    signed: tuple[tuple[int, str], ...]
    part: str = "value"


@dataclass(frozen=True)
class AsOf:
    """The day itself."""


@dataclass(frozen=True)
class DaysUntil:
    """How many units of `per` days there are from the day to a date parameter; negative after it."""

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


def read_term(given: Mapping[str, Any]) -> Term:
    """A term as a definition writes it, checked against the schema."""
    match given:
        case {"mart": str()}:
            return read_cells(given)
        case {"parameter": str()}:
            return read_parameter(given)
        case {"days_until": parameter}:
            return DaysUntil(read_parameter(parameter), Decimal(str(given.get("per", 1))))
        case {"is_open": parameter}:
            return IsOpen(read_parameter(parameter))
        case {"figure": name}:
            return FigureSum(((1, name),), given.get("part", "value"))
        case {"figures": names}:
            signed = tuple((-1 if name.startswith("-") else 1, name.lstrip("-+")) for name in names)
            return FigureSum(signed, given.get("part", "value"))
        case {"as_of": _}:
            return AsOf()
        case _:
            return Text(given["text"])


def read_parameter(given: Mapping[str, str]) -> Parameter:
    """A parameter as a definition names it: `{parameter: P21, param: price_after}`."""
    return Parameter(given["parameter"], given["param"], given.get("size_class"), "bound" in given)
