"""What a warehouse holds, in numbers that two warehouses can be compared by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.evidence import log
from fugong.figures.figure import figures
from fugong.warehouse import revision

EXAMPLES = 5


@dataclass(frozen=True)
class Facts:
    """What a warehouse held in one state.

    Attributes:
        head: the newest head of the log, `N:HEX`; empty where the log is.
        rows: report table → its rows.
        figures: `DAY FIGURE` → value and text, of the newest day that has marts.
    """

    revision: str
    head: str
    submissions: int
    rows: Mapping[str, int]
    figures: Mapping[str, str]


def read_facts(connection: psycopg.Connection, include: Path, *, with_figures: bool) -> Facts:
    """Count what the warehouse holds; the connection sees one state."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'report'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1"
    ).fetchall()
    rows: dict[str, int] = {}
    for (table,) in tables:
        [(n,)] = connection.execute(sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier("report", table))).fetchall()
        rows[table] = n
    [(submissions,)] = connection.execute("SELECT COUNT(*) FROM intake.submission").fetchall()
    newest = log.head(connection)
    return Facts(
        revision=revision.find(connection) or "",
        head=str(newest[0]) if newest else "",
        submissions=submissions,
        rows=rows,
        figures=_figures(connection, include) if with_figures else {},
    )


def _figures(connection: psycopg.Connection, include: Path) -> dict[str, str]:
    [(day,)] = connection.execute("SELECT MAX(day) FROM audit.mart_day").fetchall()
    if day is None:
        return {}
    found = figures(connection, include, day)
    return {f"{day} {one.id}": f"{one.value} {one.display}" for one in found}


def differences(here: Facts, there: Facts) -> list[str]:
    """What two states differ in, one short text each: `here` is the original."""
    found = [
        f"{name}: {mine} → {theirs}"
        for name, mine, theirs in (
            ("revision", here.revision, there.revision),
            ("head", here.head, there.head),
            ("submissions", here.submissions, there.submissions),
        )
        if mine != theirs
    ]
    for mine, theirs in ((here.rows, there.rows), (here.figures, there.figures)):
        names = sorted({*mine, *theirs})
        found += [f"{name}: {mine.get(name)} → {theirs.get(name)}" for name in names if mine.get(name) != theirs.get(name)]
    return found
