"""Charts as drawings: what is in them, and what is not."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

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
