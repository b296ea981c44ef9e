"""Builds SQL conditions from values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, cast

from psycopg import sql


def as_sql(text: str) -> sql.Composed:
    """An SQL expression from the head of a mart, in brackets."""
    return sql.Composed([sql.SQL(cast(LiteralString, f"({text})"))])


def is_one_of(expression: sql.Composable, values: Sequence[Any]) -> sql.Composed:
    """The condition that an expression has one of these values; None stands for NULL."""
    given = [value for value in values if value is not None]
    conditions: list[sql.Composable] = []
    if given:
        conditions.append(sql.SQL("{} IN ({})").format(expression, sql.SQL(", ").join(sql.Literal(value) for value in given)))
    if len(given) < len(values):
        conditions.append(sql.SQL("{} IS NULL").format(expression))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(conditions))


def is_none_of(expression: sql.Composable, values: Sequence[Any]) -> sql.Composed:
    """The condition that an expression has none of these values."""
    return sql.SQL("({}) IS NOT TRUE").format(is_one_of(expression, values))
