"""What publications say about cells of marts: figures and tables of the briefing, as precisely as they print them.

A reader of open rows has the briefing, too. So the attack counts on both, and so does the protection.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.money import UNITS
from fugong.core.paths import where
from fugong.core.schema import parse_yaml, read_text, validate
from fugong.disclosure import rounding
from fugong.marts import printed_ends
from fugong.marts.cells import MartCells, read_cells
from fugong.marts.firms_behind import ALL, Key, amount_columns
from fugong.marts.header import read_annex
from fugong.marts.model import Mart
from fugong.marts.open_cells import Row, keys_of
from fugong.marts.printed_ends import PrintedEnds

TABLES = ("front", "annex")
"""Folders of the briefing's tables."""
DIGITS_OF_MONTHS = 3
"""Significant digits of what open marts of months show."""
TOTAL = "total"
"""The dimension whose rows hold everything once."""
Terms = Mapping[tuple[Key, str], float]
"""Factors of cells."""
_Part = tuple[tuple[str, ...], dict[Key, Row]]
"""The values of some keys, and the rows that have them."""


@dataclass(frozen=True)
class Precision:
    """How closely a printed number tells the value.

    Attributes:
        step: the number is a multiple of it; 0 where every digit is printed.
        is_floor: whether it is counted down, not rounded.
        words: the least values of the words that stand for the number; none where it is printed.
        is_share: whether one is printed only for exactly one.
        cap: a greater value is printed as this one.
    """

    step: float = 0.0
    is_floor: bool = False
    words: tuple[float, ...] = ()
    is_share: bool = False
    cap: float | None = None

    def interval(self, value: float) -> tuple[float, float]:
        """The least and the greatest value that are printed like this one."""
        if self.cap is not None and value >= self.cap:
            return self.cap, math.inf
        if self.words:
            return (
                max((one for one in self.words if one <= value), default=-math.inf),
                min((one for one in self.words if one > value), default=math.inf),
            )
        if not self.step or (self.is_share and value == 1):
            return value, value
        if self.is_floor:
            low = math.floor(value / self.step) * self.step
            return (low, low + self.step) if 0 < low < value else (value, value)
        nearest = math.floor(abs(value) / self.step + 0.5) * self.step * (1 if value >= 0 else -1)
        low, high = nearest - self.step / 2, nearest + self.step / 2
        if self.is_share and abs(nearest - 1) < 1.5 * self.step:  # 100 % is printed for one alone
            return (1 - 1.5 * self.step, 1.0) if value < 1 else (1.0, 1 + 1.5 * self.step)
        return (max(low, 0.0) if value >= 0 else low), high


@dataclass(frozen=True)
class Published:
    """A number that publications print: a sum of cells, or one sum over another.

    Attributes:
        source: the figure, or the table that prints one number for each value of `by`.
        above: cells with their signs.
        below: what they are divided by; none where the sum itself is printed.
        title: of the table; None for a figure.
        fewest: a share over fewer than these is left out (`Publishes`).
    """

    source: str
    above: tuple[tuple[int, MartCells], ...]
    below: tuple[tuple[int, MartCells], ...]
    precision: Precision
    by: tuple[str, ...] = ()
    title: Bilingual | None = None
    fewest: int = 0


@dataclass(frozen=True)
class Stated:
    """A relation between cells of a mart that a publication states: their sum lies between two values."""

    source: str
    terms: Terms
    between: tuple[float, float]


Publication = Published | PrintedEnds


def load_published(include: Path) -> tuple[Publication, ...]:
    """What the figures and tables of an installation print of marts, and the ends beside rates.

    Raises:
        ConfigurationError: a definition or a head is malformed. The message names file and line.
    """
    entries: dict[str, Mapping[str, Any]] = {}
    for file in sorted((include / "briefing" / "figures").glob("*.yaml")):
        entries |= {entry["id"]: entry for entry in _entries(file, read_text(file))}
    try:
        figures = [_of_figure(name, entry, entries) for name, entry in entries.items()]
    except KeyError as error:
        folder = where(include / "briefing" / "figures")
        raise ConfigurationError(f"{folder}: a figure is made of {error.args[0]}, which no file defines") from error
    tables = (
        one for folder in TABLES for file in sorted((include / "briefing" / folder).glob("*.sql")) for one in _of_table(file)
    )
    ends = (_ends_of_figure(name, entry) for name, entry in entries.items())
    return (*(one for one in figures if one), *tables, *(one for one in ends if one))


@cache
def _entries(file: Path, text: str) -> Sequence[Mapping[str, Any]]:
    document = parse_yaml(text, where(file))
    validate(document, "figures")
    return document.content or ()


def _of_figure(name: str, entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> Published | None:
    """What a figure prints; None where it prints no number made of cells alone."""
    precision = precision_of(entry.get("display", "count"), entry.get("cap"))
    above = _cells(entry.get("value") or entry.get("numerator"), entries)
    below = _cells(entry["denominator"], entries) if "denominator" in entry else ()
    return Published(name, above, below, precision) if precision and above and below is not None else None


def _ends_of_figure(name: str, entry: Mapping[str, Any]) -> PrintedEnds | None:
    """The ends that a figure prints; None where it prints none that a mart computes."""
    told = entry.get("interval")
    if not isinstance(told, Mapping) or not all("mart" in told.get(word, {}) for word in ("least", "most", "denominator")):
        return None
    least, most, whole = (read_cells(told[word]) for word in ("least", "most", "denominator"))
    precision = precision_of({"kind": "percent", "decimals": told.get("decimals", 1)})
    largest = read_cells(told["largest"]) if "largest" in told else None
    return PrintedEnds(name, least, most, whole, largest, precision.step if precision else 0.0, entry.get("cap"))


def precision_of(display: str | Mapping[str, Any], cap: float | None = None) -> Precision | None:
    """The precision of a display as a definition writes it; None where it prints no number."""
    given: Mapping[str, Any] = {"kind": display} if isinstance(display, str) else display
    decimals = given.get("decimals")
    match given["kind"]:
        case "percent":
            return Precision(10.0 ** -((1 if decimals is None else decimals) + 2), is_share=True, cap=cap)
        case "余":
            return Precision(float(given.get("step", 1)), is_floor=True)
        case "words":
            return Precision(words=tuple(sorted(float(least) for least, _ in given["words"])))
        case "count" | "numeral":
            return Precision(0.0 if decimals is None else 10.0**-decimals)
        case unit if unit in UNITS:
            return Precision(UNITS[unit] * 10.0 ** -(decimals or 0))
        case _:
            return None


def _cells(term: Mapping[str, Any] | None, entries: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[int, MartCells], ...] | None:
    """The cells of a term, those of other figures included; None where it is made of something else."""
    match term:
        case {"mart": str()}:
            cells = read_cells(term)
            return ((1, cells),) if cells.aggregate == "sum" else None
        case {"figure": name}:
            return _cells(entries[name].get(term.get("part", "value")), entries)
        case {"figures": names}:
            found: list[tuple[int, MartCells]] = []
            for name in names:
                sign = -1 if name.startswith("-") else 1
                part = _cells(entries[name.lstrip("-+")].get(term.get("part", "value")), entries)
                if part is None:
                    return None
                found += ((sign * each, cells) for each, cells in part)
            return tuple(found)
        case _:
            return None


def _of_table(file: Path) -> Iterator[Published]:
    table = read_annex(file)
    for told in table.publishes:
        below = ((1, replace(told.cells, column=told.over)),) if told.over else ()
        precision = Precision(told.step, is_share=bool(told.over))
        source = f"{file.parent.name}/{file.stem}"
        yield Published(source, ((1, told.cells),), below, precision, told.by, table.title, told.fewest)


@dataclass(frozen=True)
class _Selected:
    """The cells of a mart's rows that a publication sums."""

    sign: int
    column: str
    keys: Mapping[str, tuple[Any, ...]]
    without: Mapping[str, tuple[Any, ...]]

    def has(self, row: Row) -> bool:
        return all(row[key] in values for key, values in self.keys.items()) and not any(
            row[key] in values for key, values in self.without.items()
        )


def stated(published: Sequence[Publication], mart: Mart, rows: Mapping[Key, Row]) -> Iterator[Stated]:
    """What publications state about the rows of one day or month.

    Args:
        rows: totals included.
    """
    for one in published:
        if isinstance(one, PrintedEnds):
            yield from _stated_ends(one, mart, rows)
            continue
        above, below = ([_selected(mart, sign, cells) for sign, cells in part] for part in (one.above, one.below))
        if None in above or None in below:
            continue
        parts = list(_parts(mart, rows, one.by))
        if one.fewest:
            parts = list(_without_few(parts, below, one.fewest))
        for name, chosen in parts:
            source = " ".join([one.source, *name])
            yield from _relations(source, _terms(above, chosen), _terms(below, chosen), one, chosen)


def _stated_ends(ends: PrintedEnds, mart: Mart, rows: Mapping[Key, Row]) -> Iterator[Stated]:
    """Where the lower and the upper end of a rate lie: each within the step that it was rounded by. A lower end of nothing is exact."""
    for key, found in printed_ends.of_rows(ends, mart, rows):
        is_capped = ends.cap is not None and found.most >= ends.cap
        spans = (
            (ends.least, found.least, found.least + found.step if rows[key][ends.least.column] else found.least),
            (ends.most, found.most - found.step, math.inf if is_capped else found.most),
        )
        for cells, low, high in spans:
            amount, whole = (key, cells.column), (key, ends.whole.column)
            yield Stated(ends.source, {amount: 1.0, whole: -low}, (0.0, math.inf))
            if math.isfinite(high):
                yield Stated(ends.source, {amount: 1.0, whole: -high}, (-math.inf, 0.0))


def shown_elsewhere(mart: Mart, rows: Mapping[Key, Row]) -> Iterator[Stated]:
    """What another open mart shows about the rows of the last day of a month, with `DIGITS_OF_MONTHS`.

    Args:
        rows: of one day, totals included.
    """
    at = keys_of(mart).index(mart.partition_by)
    if not mart.same_as or any((key[at] + timedelta(1)).day != 1 for key in rows):
        return
    for one in mart.same_as:
        selected = _selected(mart, 1, one.cells)
        for name, chosen in _parts(mart, rows, one.by):
            terms = _terms([selected], chosen)
            value = _sum(terms, chosen)
            if terms and value:
                base = rounding.base_of_digits(value, DIGITS_OF_MONTHS)
                yield Stated(" ".join([one.mart, *name]), terms, Precision(base).interval(value))


def _parts(mart: Mart, rows: Mapping[Key, Row], by: Sequence[str]) -> Iterator[_Part]:
    """The mart's own rows, totals left out, for each of the values of some keys."""
    totals = {key for names in mart.totals for key in names}
    own = {key: row for key, row in rows.items() if not any(row[name] == ALL for name in totals)}
    for values in sorted({tuple(row[key] for key in by) for row in own.values()}, key=str):
        yield tuple(map(str, values)), {key: row for key, row in own.items() if tuple(row[name] for name in by) == values}


def _without_few(parts: Iterable[_Part], below: Sequence[_Selected | None], fewest: int) -> Iterator[_Part]:
    """The parts of a table that it prints: per column those over at least so many, and without the least two where one is over fewer."""
    columns: dict[tuple[str, ...], list[tuple[float, str, _Part]]] = {}
    for name, chosen in parts:
        if whole := _sum(_terms(below, chosen), chosen):
            columns.setdefault(name[:-1], []).append((whole, name[-1], (name, chosen)))
    for column in columns.values():
        in_order = sorted(column, key=lambda each: each[:2])
        kept = [part for part in in_order[2:] if part[0] >= fewest] if in_order[0][0] < fewest else in_order
        yield from (part for _, _, part in kept)


def _relations(source: str, above: Terms, below: Terms, one: Published, rows: Mapping[Key, Row]) -> Iterator[Stated]:
    value = _sum(above, rows)
    if not one.below:
        if above:
            yield Stated(source, above, one.precision.interval(value))
        return
    whole = _sum(below, rows)
    if not above or whole <= 0:
        return
    low, high = one.precision.interval(value / whole)
    if math.isfinite(low):
        yield Stated(source, _less(above, low, below), (0.0, math.inf))
    if math.isfinite(high):
        yield Stated(source, _less(above, high, below), (-math.inf, 0.0))


def _less(above: Terms, factor: float, below: Terms) -> Terms:
    return {cell: above.get(cell, 0.0) - factor * below.get(cell, 0.0) for cell in (*above, *(below.keys() - above.keys()))}


def _terms(selected: Sequence[_Selected | None], rows: Mapping[Key, Row]) -> Terms:
    found: dict[tuple[Key, str], float] = {}
    for one in selected:
        if one:
            for key, row in rows.items():
                if one.has(row):
                    found[key, one.column] = found.get((key, one.column), 0.0) + one.sign
    return found


def _sum(terms: Terms, rows: Mapping[Key, Row]) -> float:
    return math.fsum(factor * float(rows[key].get(column) or 0) for (key, column), factor in terms.items())


def _selected(mart: Mart, sign: int, cells: MartCells) -> _Selected | None:
    """The cells of a mart that a sum over its own cells, or over those of another mart, tells; None where it tells none."""
    column, keys = cells.column, dict(cells.keys)
    if cells.mart != mart.name or mart.partition_by != "as_of":
        told = next((one for one in mart.told_by if one.mart == cells.mart and column in one.columns), None)
        if (
            told is None
            or cells.over not in {"to_date", "month"}
            or any(keys.get(name) != values for name, values in told.where.items())
        ):
            return None
        column = told.columns[column]
        keys = {name: values for name, values in keys.items() if name not in told.where} | dict(told.keys)
    if column not in amount_columns(mart) or not {*keys, *cells.without} <= {*keys_of(mart)}:
        return None
    if "dimension" in keys_of(mart):
        keys.setdefault("dimension", (TOTAL,))
    return _Selected(sign, column, keys, cells.without)
