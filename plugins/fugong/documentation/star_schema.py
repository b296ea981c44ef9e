"""Draws the warehouse for analysts: which reports feed which facts, and which facts feed which marts, from the headers of the SQL files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from fugong.contracts.load import load_contracts
from fugong.core.typesetting import width
from fugong.marts import open_cells
from fugong.marts.model import Fact, Mart, SqlFiles
from fugong.marts.sql_files import load_sound_sql_files

COLUMN_X = (30, 470, 930)
BOX_WIDTH = (330, 350, 470)
BOX_HEIGHT, GAP, TOP = 46, 12, 96
PALETTE = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#ff7f0e")
FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
MAX_LENGTH = 56
"""Width of the text that fits into a line of a box, in half-width characters."""


@dataclass(frozen=True)
class Box:
    """A relation in the picture: its name, two lines of text and its colour."""

    name: str
    title: str
    below: str
    fill: str


def svg(include: Path) -> str:
    """The picture as SVG; the same files give the same bytes."""
    files = load_sound_sql_files(include / "sql")
    contracts = load_contracts(include / "contracts")
    feeds: dict[str, tuple[str, ...]] = {fact.relation: _sources(files, fact) for fact in files.facts}
    reads = {mart.relation: tuple(one for one in mart.reads if one.startswith("fact.")) for mart in files.marts}
    used = {fact for facts in reads.values() for fact in facts}
    tables = {f"report.{table.name}": table for contract in contracts for table in contract.tables}
    sources = [name for name in tables if any(name in of for of in feeds.values())]
    facts = _near(sorted(feeds), feeds, sources)
    marts = _near(sorted(reads), reads, facts)
    boxes = (
        [Box(name, name, f"{tables[name].title} · {tables[name].mode}", "#eef3f8") for name in sources],
        [Box(name, name, _short(files.fact(name).grain), "#fff7e6" if name in used else "#fbfbfb") for name in facts],
        [_mart_box(files.mart(name)) for name in marts],
    )
    place = {box.name: _middle(column, row) for column, each in enumerate(boxes) for row, box in enumerate(each)}
    height = TOP + max(map(len, boxes)) * (BOX_HEIGHT + GAP) + 20
    full = COLUMN_X[2] + BOX_WIDTH[2] + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {height}" width="{full}" height="{height}" font-family="{escape(FONT)}">',
        "<title>复工 Fugong: 报表 → 明细 → 汇总 | reports, facts, marts</title>",
        f'<rect width="{full}" height="{height}" fill="#ffffff"/>',
    ]
    heads = ("报表 report", "明细 fact:一行一项,可溯源到文件的行", "汇总 mart:按键相加 · ● 分析员可见(open)")
    for column, head in enumerate(heads):
        lines.append(
            f'<text x="{COLUMN_X[column]}" y="40" font-size="20" font-weight="bold" fill="#1F4E79">{escape(head)}</text>'
        )
    second = (
        "as sent, immutable",
        "one row per line; every row keeps part, sheet and line",
        "sums by key; ● what the role analyst sees",
    )
    for column, head in enumerate(second):
        lines.append(f'<text x="{COLUMN_X[column]}" y="64" font-size="14" fill="#555555">{escape(head)}</text>')
    colour = {name: PALETTE[number % len(PALETTE)] for number, name in enumerate(facts)}
    lines += [_edge(place[source], place[fact], 0, colour[fact]) for fact in facts for source in feeds[fact] if source in place]
    lines += [_edge(place[fact], place[mart], 1, colour[fact]) for mart in marts for fact in reads[mart]]
    for column, each in enumerate(boxes):
        for row, box in enumerate(each):
            lines += _drawn(box, column, row)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _sources(files: SqlFiles, fact: Fact) -> tuple[str, ...]:
    """The report tables that a fact reads, directly or through other facts."""
    return tuple(sorted(one for one in files.read_by(fact) if one.startswith("report.") and one in _own(files, fact)))


def _own(files: SqlFiles, fact: Fact) -> frozenset[str]:
    """The report tables that a fact reads directly; where it reads none, all those behind the facts that it reads."""
    direct = frozenset(one for one in fact.reads if one.startswith("report."))
    return direct or files.read_by(fact)


def _near(names: Sequence[str], above: Mapping[str, tuple[str, ...]], order: Sequence[str]) -> list[str]:
    """Order names by the mean place of what they read, so that few lines cross."""

    def mean(name: str) -> tuple[float, str]:
        places = [order.index(one) for one in above[name] if one in order]
        return (sum(places) / len(places) if places else float(len(order)), name)

    return sorted(names, key=mean)


def _mart_box(mart: Mart) -> Box:
    sign = "● " if mart.is_open else ""
    keys = ", ".join(open_cells.keys_of(mart) if mart.is_open else mart.keys)
    return Box(mart.relation, f"{sign}{mart.relation}", _short(keys), "#eaf6ea" if mart.is_open else "#f4f4f4")


def _short(text: str) -> str:
    if width(text) <= MAX_LENGTH:
        return text
    while width(text) > MAX_LENGTH - 1:
        text = text[:-1]
    return text.rstrip(" ,") + "…"


def _middle(column: int, row: int) -> tuple[int, int]:
    return column, TOP + row * (BOX_HEIGHT + GAP) + BOX_HEIGHT // 2


def _edge(start: tuple[int, int], end: tuple[int, int], column: int, colour: str) -> str:
    from_x, to_x = COLUMN_X[column] + BOX_WIDTH[column], COLUMN_X[column + 1]
    half = (to_x - from_x) // 2
    curve = f"M {from_x} {start[1]} C {from_x + half} {start[1]}, {to_x - half} {end[1]}, {to_x} {end[1]}"
    return f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="1.6" opacity="0.65"/>'


def _drawn(box: Box, column: int, row: int) -> list[str]:
    x, y = COLUMN_X[column], TOP + row * (BOX_HEIGHT + GAP)
    return [
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH[column]}" height="{BOX_HEIGHT}" rx="6" fill="{box.fill}" stroke="#9aa7b4"/>',
        f'<text x="{x + 10}" y="{y + 19}" font-size="14" font-weight="bold" fill="#222222">{escape(box.title)}</text>',
        f'<text x="{x + 10}" y="{y + 37}" font-size="11" fill="#555555">{escape(box.below)}</text>',
    ]
