"""How a trap changes a draft, and what the truth says where nobody can know."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from tests.corpus.truth import canonical
from tests.fuzz.clerk.drafts import Block, Draft, Line
from tests.fuzz.clerk.layouts import is_money
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import in_unit, plain

DOUBTFUL = "\N{REPLACEMENT CHARACTER} nobody knows"
"""Stands in the truth for a value that cannot be known: whatever is loaded in its place is wrong."""


class Trap(Protocol):
    """Changes a draft; False where the draft has no place for it."""

    __name__: str

    def __call__(self, pick: Pick, made: Draft, /) -> bool:
        """Spring it."""
        ...


def data(block: Block) -> list[Line]:
    """The lines that hold data."""
    return [line for line in block.lines if line.means is not None]


def set_cell(line: Line, name: str, cell: object, means: object = None) -> None:
    """Write a cell; `means` is its meaning, None for nothing."""
    assert isinstance(line.cells, dict)
    line.cells[name] = cell  # pyright: ignore[reportArgumentType]
    known = {key: value for key, value in (line.means or {}).items() if key != name}
    line.means = known if means is None else known | {name: canonical(means)}


def doubt(block: Block, names: Sequence[str]) -> bool:
    """Nobody knows what these columns hold, where they hold anything but zeros; False where they do not."""
    hit = False
    for line in data(block):
        for name in names:
            if line.means and line.means.get(name) not in (None, "0") and name in block.order:
                line.means = {**line.means, name: DOUBTFUL}
                hit = True
    return hit


def bare_money(block: Block) -> list[str]:
    """Columns of money that no header declares: the table's unit rules them. Cells with a unit of their own are made plain."""
    names = [
        name for name, hand in block.hands.items()
        if is_money(hand.column) and name not in block.unit_line and "元" not in block.texts[name] and not (block.group and "元" in block.group[0])
    ]  # fmt: skip
    for line in data(block):
        for name in names:
            if line.means and name in line.means:
                plain_cell(block, line, name)
    return names


def plain_cell(block: Block, line: Line, name: str, unit: str | None = None) -> None:
    """Write a cell as a bare number, counted in the column's unit or in another."""
    hand = block.hands[name]
    number = in_unit(Decimal(str((line.means or {})[name])), hand.column, unit or hand.unit)
    if number is not None:
        assert isinstance(line.cells, dict)
        line.cells[name] = plain(number) if hand.is_text else number


def filled(block: Block, names: Sequence[str]) -> list[tuple[Line, str]]:
    """Cells of these columns that hold a value."""
    return [(line, name) for line in data(block) for name in names if name in block.order and line.means and name in line.means]


def of_type(block: Block, *types: str) -> list[str]:
    """Columns of these types."""
    return [name for name, hand in block.hands.items() if hand.column.logical_type in types and not hand.codes]


def keys_of(block: Block) -> list[str]:
    """Columns of free text that are keys."""
    return [
        name for name, hand in block.hands.items()
        if hand.column.key_position and hand.column.logical_type == "string" and not hand.column.format and not hand.codes
    ]  # fmt: skip
