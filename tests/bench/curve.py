"""How costs grow with the district: one day of cities of several sizes, from files to the briefing. Writes its table into the docs."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg

from fugong.core.settings import PROJECT
from fugong.operations.build_marts import build_marts
from tests.bench import city
from tests.bench.installation import Installation, installation
from tests.bench.marked import PAGES, write_section
from tests.bench.measure import Cost, timed

SIZES = (220, 2_000, 20_000, 50_000, 200_000)
QUICK_SIZES = (220, 2_000)
STEPS = {"write": "写文件", "ingest": "收文", "marts": "汇总", "figures": "指标", "trace": "追溯", "briefing": "简报"}
HEADS = {"en": ("firms", "files", "rows", *STEPS), "zh": ("企业", "文件", "行", *STEPS.values())}
LOADS = {"en": "Load of the machine, size by size: {}.", "zh": "各档测量时机器的负载：{}。"}
PICTURE = PROJECT / "docs" / "images" / "curve.svg"
SHOWN = {
    "en": "![Processor seconds by firms, both on scales of powers of ten](images/curve.svg)",
    "zh": "![各步骤的处理器时间随企业数的变化，两轴都按十的幂](../images/curve.svg)",
}
POWERS = (0.1, 1, 10, 100, 1_000)


@dataclass(frozen=True)
class Point:
    """One size.

    Attributes:
        costs: per step of `STEPS`.
        load: of the machine, on an average over the minute before the end.
    """

    firms: int
    files: int
    rows: int
    costs: dict[str, Cost]
    load: float


def publish(*, quick: bool) -> None:
    """Measure, print, and write the table into the pages."""
    points: list[Point] = []
    for firms in QUICK_SIZES if quick else SIZES:
        points.append(measure(firms))
        print(table(points, "en"), flush=True)
    if not quick:
        write(points)


def measure(firms: int) -> Point:
    """One day of a city of so many firms, in an installation of its own."""
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        files: list[Path] = []
        costs = {"write": timed(lambda: files.extend(city.write_day(Path(folder), firms)))}
        city.drop(place, files)
        briefing = Path(folder) / "briefing.docx"
        steps: dict[str, Callable[[], object]] = {
            "ingest": lambda: place.fugong("ingest", "--no-marts"),
            "marts": lambda: build_marts(place.settings),
            "figures": lambda: place.fugong("figures", *city.AS_OF),
            "trace": lambda: place.fugong("trace", "S002", *city.AS_OF),
            "briefing": lambda: place.fugong("briefing", *city.AS_OF, "-o", briefing),
        }
        costs |= {name: timed(work, place.postmaster) for name, work in steps.items()}
        return Point(firms, len(files), _rows(place), costs, os.getloadavg()[0])


def _rows(place: Installation) -> int:
    """The rows that were accepted."""
    with psycopg.connect(place.url) as connection:
        [(n_rows,)] = connection.execute("SELECT SUM(rows_accepted)::bigint FROM intake.submission").fetchall()
    return n_rows


def slope(one: Point, other: Point, step: str) -> float:
    """The power of the number of rows by which a cost grows from one size to another: 1 is linear."""
    return math.log(other.costs[step].cpu / one.costs[step].cpu) / math.log(other.rows / one.rows)


def table(points: Sequence[Point], lang: str) -> str:
    """Processor time of client and server, the clock in brackets, and between two sizes the slope."""
    lines = [f"| {' | '.join(HEADS[lang])} |", f"| {' | '.join('---' for _ in HEADS[lang])} |"]
    for point in points:
        costs = [f"{point.costs[step].cpu:.1f} ({point.costs[step].wall:.1f})" for step in STEPS]
        lines.append(f"| {point.firms:,} | {point.files} | {point.rows:,} | {' | '.join(costs)} |")
    for one, other in pairwise(points):
        slopes = [f"{slope(one, other, step):.2f}" for step in STEPS]
        lines.append(f"| {one.firms:,} → {other.firms:,} | | | {' | '.join(slopes)} |")
    return "\n".join([*lines, "", LOADS[lang].format(", ".join(f"{point.load:.1f}" for point in points))])


def picture(points: Sequence[Point]) -> bytes:
    """The processor time of each step by the number of firms, both by powers of ten: a straight line at 45° is linear."""
    from pygal.graph.xy import XY  # late: pygal leaves a finder behind that breaks later imports of others

    costs = {step: [(math.log10(one.firms), math.log10(max(one.costs[step].cpu, POWERS[0]))) for one in points] for step in STEPS}
    highest = max(seconds for line in costs.values() for _, seconds in line)
    powers = [power for power in POWERS if math.log10(power) < highest + 1]
    chart = XY(
        title="One day of a district or city: processor time (s) by firms",
        x_title="firms",
        y_title="s",
        width=920,
        height=480,
        js=[],
        dots_size=3,
        disable_xml_declaration=True,
        range=(math.log10(powers[0]), math.log10(powers[-1])),
        x_labels=[{"value": math.log10(one.firms), "label": f"{one.firms:,}"} for one in points],
        y_labels=[{"value": math.log10(power), "label": f"{power:,}"} for power in powers],
    )
    for step, line in costs.items():
        chart.add(step, line)
    first, last = math.log10(points[0].firms), math.log10(points[-1].firms)
    chart.add("linear", [(first, -1), (last, last - first - 1)], stroke_style={"dasharray": "4,4"}, show_dots=False)
    return chart.render(is_unicode=True).encode()


def write(points: Sequence[Point]) -> None:
    """Write the picture, and the table into the pages, between its marks."""
    PICTURE.write_bytes(picture(points))
    for lang, page in PAGES.items():
        write_section(page, "curve", f"{SHOWN[lang]}\n\n{table(points, lang)}")
