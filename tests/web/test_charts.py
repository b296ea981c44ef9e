"""Charts as drawings: what is in them, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from fugong.core.typesetting import width as text_width
from fugong.web.charts import bar_chart, chart_response, line_chart

DAYS = [f"2020-03-{day:02}" for day in range(1, 21)]


def texts(drawing: bytes) -> list[str]:
    return [text for one in ElementTree.fromstring(drawing).iterfind(".//{*}text") if (text := "".join(one.itertext()).strip())]


def test_a_chart_loads_and_runs_nothing() -> None:
    drawing = line_chart("<b>率</b>", DAYS, {"a<script>": [Decimal(day) for day in range(20)]}, "%")
    ElementTree.fromstring(drawing)
    assert b"<script" not in drawing
    assert b"http://" not in drawing.replace(b"http://www.w3.org/", b"")
    assert "sandbox" in chart_response(drawing).headers["content-security-policy"]


def test_a_missing_value_interrupts_the_line() -> None:
    whole = line_chart("率", DAYS, {"a": [1.0] * 20}).count(b'class="line')
    broken = line_chart("率", DAYS, {"a": [1.0] * 9 + [None] + [1.0] * 10}).count(b'class="line')
    assert broken == whole + 1


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert bar_chart("家", ["东", "西"], {"a": [1, 2]}) == bar_chart("家", ["东", "西"], {"a": [1, 2]})


def test_bars_are_listed_from_top_to_bottom_in_the_order_given() -> None:
    shown = texts(bar_chart("家", [f"部门{n}" for n in range(12)], {"a": list(range(12))}, "家"))
    assert "家(家)" not in shown  # the title says the unit already
    places = [shown.index(f"部门{n}") for n in range(12)]
    assert places == sorted(places, reverse=True)  # the first is the uppermost, drawn last


def test_fractions_are_shown_as_percentages() -> None:
    assert "50%" in texts(line_chart("率", ["a", "b"], {"a": [Decimal("0.1"), Decimal("0.5")]}, "%"))


def test_nothing_at_all_is_said_in_words() -> None:
    assert any("No data" in text for text in texts(line_chart("率", [], {}, "家")))


EIGHT = {
    "zh": (
        "税务局",
        "人力资源和社会保障局",
        "工业和信息化局",
        "统计局",
        "自然资源和规划局",
        "住房和城乡建设局",
        "市场监督管理局",
        "供电公司",
    ),
    "en": (
        "Taxation Bureau",
        "Human Resources and Social Security Bureau",
        "Industry and Information Technology Bureau",
        "Statistics Bureau",
        "Natural Resources and Planning Bureau",
        "Housing and Construction Bureau",
        "Market Supervision Bureau",
        "Power Supply Company",
    ),
}


def height_of_plot(drawing: bytes) -> float:
    (background,) = ElementTree.fromstring(drawing).iterfind(".//{*}g[@class='plot']/{*}rect")
    return float(background.get("height", ""))


@pytest.mark.parametrize("is_narrow", [False, True])
@pytest.mark.parametrize("names", EIGHT.values(), ids=EIGHT)
@pytest.mark.parametrize("draw", [line_chart, bar_chart])
def test_a_legend_of_eight_takes_nothing_from_the_drawing(
    draw: Callable[..., bytes], names: tuple[str, ...], is_narrow: bool
) -> None:
    series = {name: [float(at), 2.0, 3.0] for at, name in enumerate(names)}
    drawing = draw("t", ["a", "b", "c"], series, is_narrow=is_narrow)
    tree = ElementTree.fromstring(drawing)
    _, _, width, height = map(float, tree.get("viewBox", "").split())
    (legends,) = tree.iterfind(".//{*}g[@class='legends']")
    left, top = map(float, legends.get("transform", "").removeprefix("translate(").rstrip(")").split(","))
    texts_of = [*legends.iterfind(".//{*}text")]
    places = [(float(one.get("x", "")), float(one.get("y", ""))) for one in texts_of]
    assert [one.text for one in texts_of] == list(names)
    rows = sorted({y for _, y in places})
    assert all(below - above >= 18 for above, below in pairwise(rows))  # as high as the letters and more
    for (x, y), name in zip(places, names, strict=True):
        ends = x + 7 * text_width(name)
        assert left + ends <= width
        assert all(ends < other for other, row in places if row == y and other > x)
    assert rows[-1] + 4 < height - top
    if draw is line_chart:  # bars on a phone are as high as there are many
        alone = height_of_plot(draw("t", ["a", "b", "c"], dict([*series.items()][:2]), is_narrow=is_narrow))
        assert height_of_plot(drawing) == pytest.approx(alone, abs=1)
        assert len(rows) * 20 < alone
