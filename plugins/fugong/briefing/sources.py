"""Summarises the source rows of a figure: its files with their lines, and the first lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fugong.lineage.trace import Line

FIRST_LINES = 5
MAX_SOURCES = 12


@dataclass(frozen=True)
class Source:
    """A file behind a figure: the number of its lines, and their sum or None where they are no numbers."""

    department_code: str
    file_name: str
    n_lines: int
    total: Decimal | None


@dataclass(frozen=True)
class SourceSummary:
    """The source rows of one part of a figure: `value`, `numerator` or `denominator`.

    Attributes:
        sources: the files with the most lines.
        n_sources: the number of all files.
        first_lines: the first few lines.
    """

    part: str
    n_lines: int
    total: Decimal | None
    sources: tuple[Source, ...]
    n_sources: int
    first_lines: tuple[Line, ...]


def summarise(lines: Iterable[Line]) -> tuple[SourceSummary, ...]:
    """Summarise the lines of a figure by part and file."""
    parts: dict[str, list[Line]] = {}
    for line in lines:
        parts.setdefault(line.part, []).append(line)
    return tuple(_summary(part, found) for part, found in parts.items())


def _summary(part: str, lines: list[Line]) -> SourceSummary:
    files: dict[tuple[int | None, str, str], list[Line]] = {}
    for line in lines:
        files.setdefault((line.submission_id, line.department_code, line.file_name), []).append(line)
    sources = [Source(code, name, len(found), _sum(found)) for (_, code, name), found in files.items()]
    sources.sort(key=lambda source: -source.n_lines)
    return SourceSummary(part, len(lines), _sum(lines), tuple(sources[:MAX_SOURCES]), len(sources), tuple(lines[:FIRST_LINES]))


def _sum(lines: list[Line]) -> Decimal | None:
    values = [line.value for line in lines if isinstance(line.value, Decimal)]
    return sum(values, Decimal(0)) if len(values) == len(lines) else None
