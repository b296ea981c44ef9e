"""Reads the text of a condition into a tree of `conditions` and `amounts`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from fugong.validation.localisation.amounts import (
    EPOCH,
    Absolute,
    Amount,
    AtLeast,
    Cell,
    Constant,
    Product,
    Sum,
    UnreadableCondition,
)
from fugong.validation.localisation.conditions import (
    COMPARE,
    All,
    Comparison,
    Condition,
    IsMissing,
    IsText,
    IsTrue,
    MonthOrder,
    Not,
    Same,
    SameText,
    Some,
)

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Kind(StrEnum):
    """What a column holds, as rules see it."""

    NUMBER = "number"
    DAY = "day"
    TEXT = "text"
    BOOLEAN = "boolean"


def parse_condition(text: str, kinds: Mapping[str, Kind]) -> Condition:
    """Read a condition of `expect_row_to_satisfy`.

    Args:
        kinds: what each column holds.

    Raises:
        UnreadableCondition: a part of it is not understood; the message names it.
    """
    return _Reader(kinds).condition(ast.parse(text.strip(), mode="eval").body)


class _Reader:
    """Reads the nodes of one condition."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return All(tuple(map(self.condition, values)))
            case ast.BoolOp(op=ast.Or(), values=values):
                return Some(tuple(map(self.condition, values)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand))
            case ast.Name(id=name) if self._kinds.get(name) is Kind.BOOLEAN:
                return IsTrue(name, True)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="notna"), args=[], keywords=[]):
                return Not(IsMissing(name))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="isna"), args=[], keywords=[]):
                return IsMissing(name)
            case ast.Compare(left=left, ops=ops, comparators=others):
                pairs = zip((left, *others), ops, others, strict=False)
                found = [self._comparison(one, type(op), other) for one, op, other in pairs]
                return found[0] if len(found) == 1 else All(tuple(found))
            case _:
                raise _unreadable(node)

    def _comparison(self, left: ast.expr, kind: type[ast.cmpop], right: ast.expr) -> Condition:
        if kind in (ast.In, ast.NotIn):
            return self._membership(left, kind, right)
        if kind not in COMPARE:
            raise _unreadable(right)
        match left, right:
            case ast.Name(id=name), ast.Constant(value=bool(wanted)) if self._kinds.get(name) is Kind.BOOLEAN:
                same = IsTrue(name, wanted)
                return same if kind is ast.Eq else Not(same)
            case ast.Name(id=name), ast.Constant(value=str(text)) if self._kinds.get(name) is Kind.TEXT:
                return IsText(name, (text,), kind)
            case ast.Name(id=one), ast.Name(id=other) if self._kinds.get(one) is self._kinds.get(other) is Kind.TEXT:
                return SameText(one, other, kind)
            case (
                ast.Name(id=name),
                ast.Call(
                    func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=day), attr="dt"), attr="strftime"),
                    args=[ast.Constant(value="%Y-%m")],
                ),
            ) if self._kinds.get(name) is Kind.TEXT and self._kinds.get(day) is Kind.DAY:
                return MonthOrder(name, day, kind)
            case ast.Compare(), ast.Compare() if kind in (ast.Eq, ast.NotEq):
                return Same(self.condition(left), self.condition(right), kind)
            case _:
                return self._numbers_or_days(left, kind, right)

    def _numbers_or_days(self, left: ast.expr, kind: type[ast.cmpop], right: ast.expr) -> Condition:
        """Two numbers, or two days: pandas compares no day with a number. One of them has to come from the row."""
        is_day = self._is_day(left), self._is_day(right)
        if is_day[0] is not is_day[1]:
            raise _unreadable(right)
        if kind in (ast.Eq, ast.NotEq) and any(isinstance(side, ast.Constant) and is_day[0] for side in (left, right)):
            # pandas looks for the text among the days, and never finds it (seen 2026-11-30).
            raise _unreadable(right)
        if not any(isinstance(node, ast.Name) for side in (left, right) for node in ast.walk(side)):
            raise _unreadable(left)
        read = self._day if is_day[0] else self.amount
        return Comparison(read(left), read(right), kind)

    def _is_day(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return self._kinds.get(name) is Kind.DAY
            case ast.Constant(value=str(text)):
                return ISO_DAY.fullmatch(text) is not None
            case _:
                return False

    def _day(self, node: ast.expr) -> Amount:
        match node:
            case ast.Name(id=name):
                return Cell(name)
            case ast.Constant(value=str(text)):
                try:
                    return Constant(float((date.fromisoformat(text) - EPOCH).days))
                except ValueError as error:
                    raise _unreadable(node) from error
            case _:
                raise _unreadable(node)

    def _membership(self, left: ast.expr, kind: type[ast.cmpop], right: ast.expr) -> Condition:
        if not isinstance(right, ast.List):
            raise _unreadable(right)
        try:
            values = tuple(ast.literal_eval(right))
        except (ValueError, TypeError) as error:
            raise _unreadable(right) from error
        texts = tuple(value for value in values if isinstance(value, str))
        match left:
            case ast.Name(id=name) if self._kinds.get(name) is Kind.TEXT and len(texts) == len(values):
                return IsText(name, texts, kind)
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr="str"), attr="slice"),
                args=[ast.Constant(value=int(start)), ast.Constant(value=int(stop))],
            ) if len(texts) == len(values):
                return IsText(name, texts, kind, lambda text: text[start:stop])
            case _ if all(type(value) in (int, float) for value in values):
                some = Some(tuple(Comparison(self.amount(left), Constant(float(value)), ast.Eq) for value in values))
                return some if kind is ast.In else Not(some)
            case _:
                raise _unreadable(left)

    def amount(self, node: ast.expr) -> Amount:
        match node:
            case ast.Name(id=name) if self._kinds.get(name) is Kind.NUMBER:
                return Cell(name)
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return Constant(float(number))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Product(Constant(-1.0), self.amount(operand))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return Sum(self.amount(left), self.amount(right), 1.0)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return Sum(self.amount(left), self.amount(right), -1.0)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return Product(self.amount(left), self.amount(right))
            case ast.Call(func=ast.Attribute(value=inner, attr="abs"), args=[], keywords=[]):
                return Absolute(self.amount(inner))
            case ast.Call(
                func=ast.Attribute(value=inner, attr="clip"),
                args=[],
                keywords=[ast.keyword("lower", ast.Constant(value=int() | float() as bound))],
            ):
                return AtLeast(self.amount(inner), float(bound))
            case _:
                raise _unreadable(node)


def _unreadable(node: ast.AST) -> UnreadableCondition:
    return UnreadableCondition(ast.unparse(node))
