"""Cells of a mart and their aggregate, as figures name them. `schemas/figures.schema.json` explains how definitions write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class MartCells:
    """Cells of a mart and their aggregate.

    Attributes:
        keys: key → the values that it may have.
        over: which days of a flow count: all `to_date`, the `day`, its ISO `week` or its `month` so far.
        since: a parameter of the policy `SETTING` that holds the first day to count.
        aggregate: `sum`, `least`, `greatest`, or `list` of names.
        order: the column by whose sum names are listed, largest first; empty for the order of `keys`, then of the alphabet.
        limit: how many names are listed at most.
        without: key → the values that it must not have.
        reports: the report tables that hold the rows of these cells; empty for all that their facts read.
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
    reports: tuple[str, ...] = ()


def read_cells(given: Mapping[str, Any]) -> MartCells:
    """Cells as a definition writes them, checked against the schema."""
    return MartCells(
        mart=given["mart"].removeprefix("mart."),
        column=given["column"],
        keys=read_keys(given.get("keys", {})),
        over=given.get("over", "to_date"),
        since=given.get("since"),
        aggregate=given.get("aggregate", "sum"),
        order=given.get("order", ""),
        limit=given.get("limit"),
        without=read_keys(given.get("without", {})),
        reports=tuple(given.get("reports", ())),
    )


def read_keys(given: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Keys with the values that each may have; a single value stands for a list of one."""
    return {str(key): tuple(value) if isinstance(value, list) else (value,) for key, value in given.items()}
