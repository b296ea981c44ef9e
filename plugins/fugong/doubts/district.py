"""What the district says about doubts: whom to call, which lines follow one another, when a ratio stands out. Loads `include/doubts.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fugong.contracts.contract import Contracts
from fugong.core.bilingual import Bilingual
from fugong.core.paths import listed, where
from fugong.core.schema import parse_yaml, read_text, validate
from fugong.core.vocabulary import Mode


@dataclass(frozen=True)
class Bounds:
    """When a ratio to the line before stands out (Hidiroglou and Berthelot 1986).

    Attributes:
        size_exponent: U, how much the size of a line counts.
        least_spread: A, the spread is at least this share of what a line of median size has.
        bound: C, how many spreads from the median.
        days: lines of increments are asked about for so many days after their report date.
    """

    size_exponent: float = 0.5
    least_spread: float = 0.05
    bound: float = 10
    days: int = 31


@dataclass(frozen=True)
class Series:
    """Which lines of an increment table follow one another: those that share `by`, in the order of `order`."""

    by: tuple[str, ...]
    order: str


@dataclass(frozen=True)
class District:
    """What a district says about doubts; without the file nobody is named and no increment is compared."""

    contacts: Mapping[str, Bilingual] = field(default_factory=dict[str, Bilingual])
    bounds: Bounds = Bounds()
    series: Mapping[str, Series] = field(default_factory=dict[str, Series])


def load_district(include: Path, contracts: Contracts) -> District:
    """Read `include/doubts.yaml`.

    Raises:
        ConfigurationError: it does not fit its schema, or names a table or column that no contract has. The message names file and line.
    """
    file = include / "doubts.yaml"
    if not file.exists():
        return District()
    document = parse_yaml(read_text(file), where(file))
    validate(document, "doubts")
    content = document.content or {}
    series = {name: Series(tuple(given["by"]), given["order"]) for name, given in content.get("series", {}).items()}
    for name, one in series.items():
        table = contracts.tables.get(name)
        if table is None or table.mode != Mode.INCREMENT:
            there = listed(other.name for other in contracts.tables.values() if other.mode == Mode.INCREMENT)
            raise document.fault(("series", name), f"no increment table {name!r}. There is: {there}")
        for column in (*one.by, one.order):
            if column not in table.by_name:
                raise document.fault(("series", name), f"{name}: no column {column!r}. It has: {listed(table.by_name)}")
    return District(
        contacts={code: _pair(text) for code, text in content.get("contacts", {}).items()},
        bounds=Bounds(**content.get("ratios", {})),
        series=series,
    )


def _pair(text: str) -> Bilingual:
    zh, _, en = text.partition("|")
    return Bilingual(zh.strip(), en.strip())
