"""Rows as a page shows them: each value by the kind of its column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fugong.analysis.formats import Column
from fugong.core.bilingual import Bilingual
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.figures.display import percent, points
from fugong.web.page import number

NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float8"})


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    name: str
    title: str
    meaning: str
    is_number: bool


def heads(columns: Iterable[Column], lang: Lang) -> list[Head]:
    """The heads of columns: their Chinese names; in English, where a comment is a sentence, the names that they have in SQL."""
    return [
        Head(one.name, one.comment.zh if lang is Lang.ZH else one.name, one.comment.text_in(lang), one.kind in NUMBERS)
        for one in columns
    ]


def cells(columns: Sequence[Column], rows: Iterable[Sequence[Any]], lang: Lang) -> list[list[str]]:
    """The rows as text."""
    return [[text_of(value, column, lang) for value, column in zip(row, columns, strict=True)] for row in rows]


def text_of(value: Any, column: Column, lang: Lang) -> str:
    """A value as text: rates as percentages, amounts with two decimals, nothing as a dash."""
    match value:
        case None:
            return "–"
        case bool():
            return Bilingual("是" if value else "否", "yes" if value else "no").text_in(lang)
        case int() | float() | Decimal() if column.is_fraction:
            return (points if column.is_points else percent)(Decimal(str(value)))
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case Bilingual():
            return value.text_in(lang)
        case list():
            return "、".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return number(value)
