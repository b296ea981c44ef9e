"""Keeps how coarsely series are shown after corrections: shown more finely on a later evening, they would tell what a firm corrected.

`mart.kept_base` has one row per mart, month and series; no base where the series is hidden. `schema` creates it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date

import psycopg

from fugong.marts.model import Mart
from fugong.marts.open_cells import Series, series_of, tells
from fugong.marts.protection import Protection


def read(connection: psycopg.Connection, mart: Mart, month: date) -> dict[str, float]:
    """What series of a month are rounded to at least, by their names; infinite where they are hidden."""
    rows = connection.execute(
        "SELECT series, base FROM mart.kept_base WHERE mart = %s AND month = %s", (mart.name, month)
    ).fetchall()
    return {series: math.inf if base is None else base for series, base in rows}


def least(kept: Mapping[str, float], series: Series) -> float:
    """What a series is rounded to at least; 0 where nothing is kept of it."""
    return kept.get(_name(series), 0.0)


def keep(connection: psycopg.Connection, protection: Protection, month: date) -> None:
    """Keep the bases of the series that few firms corrected since analysts last saw them."""
    mart = protection.mart
    bases: dict[str, float | None] = {}
    for key, by_column in protection.guarded.behind.corrected.items():
        for column, parts in by_column.items():
            if key in protection.rows and column in mart.rounded and tells(parts):
                series = series_of(mart, key, column)
                bases[_name(series)] = None if series in protection.series else protection.guarded.base.get(series, 0.0)
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO mart.kept_base (mart, month, series, base) VALUES (%s, %s, %s, %s)
            ON CONFLICT (mart, month, series) DO UPDATE SET base = CASE
                WHEN kept_base.base IS NOT NULL AND excluded.base IS NOT NULL THEN GREATEST(kept_base.base, excluded.base)
            END
            """,
            [(mart.name, month, name, base) for name, base in sorted(bases.items())],
        )


def _name(series: Series) -> str:
    key, column = series
    return json.dumps([*map(str, key), column], ensure_ascii=False)
