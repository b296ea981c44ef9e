"""How a cell follows from others, in the words of a sender: `原应收 ÷ 原单价`."""

from __future__ import annotations

from collections.abc import Callable

from fugong.validation.localisation.amounts import Absolute, Amount, AtLeast, Cell, Constant, Product, Sum
from fugong.validation.localisation.constraints import columns_of

Name = Callable[[str], str]
"""Column → its header."""


def formula(identity: Amount, column: str, name: Name) -> str | None:
    """The right side of `column = …` where an identity is zero; None where it cannot be written on one line."""
    return _solved(identity, column, None, name)


def _solved(amount: Amount, column: str, equals: str | None, name: Name) -> str | None:
    """What the column is if an amount equals a text; None for zero."""
    match amount:
        case Cell():
            return equals if equals is not None else "0"
        case Sum(left=left, right=right, sign=sign):
            if column in columns_of(left):
                other = _text(right, name)
                if other is None:
                    return None
                if equals is None:
                    return _solved(left, column, other if sign < 0 else f"-{_bracketed(other)}", name)
                return _solved(left, column, f"{equals} {'+' if sign < 0 else '-'} {other}", name)
            other = _text(left, name)
            if other is None:
                return None
            if equals is None:
                return _solved(right, column, other if sign < 0 else f"-{_bracketed(other)}", name)
            return _solved(
                right, column, f"{other} - {_bracketed(equals)}" if sign < 0 else f"{equals} - {_bracketed(other)}", name
            )
        case Product(left=left, right=right):
            inside, outside = (left, right) if column in columns_of(left) else (right, left)
            other = _text(outside, name)
            return (
                None
                if other is None or equals is None
                else _solved(inside, column, f"{_bracketed(equals)} ÷ {_bracketed(other)}", name)
            )
        case _:
            return None


def _text(amount: Amount, name: Name) -> str | None:
    match amount:
        case Cell(column=column):
            return name(column)
        case Constant(number=number):
            return f"{number:g}"
        case Sum(left=left, right=right, sign=sign):
            one, other = _text(left, name), _text(right, name)
            return (
                None
                if one is None or other is None
                else f"{one} {'+' if sign > 0 else '-'} {other if sign > 0 else _bracketed(other)}"
            )
        case Product(left=left, right=right):
            one, other = _text(left, name), _text(right, name)
            return None if one is None or other is None else f"{_bracketed(one)} × {_bracketed(other)}"
        case Absolute() | AtLeast() | _:
            return None


def _bracketed(text: str) -> str:
    return f"({text})" if " + " in text or " - " in text else text
