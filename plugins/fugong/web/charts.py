"""Charts, drawn by the server as SVG without script: the same numbers as the table beside them, legible on paper and in grey."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pygal
from fastapi.responses import Response
from pygal.style import Style

from fugong.core.sanitize import page as plain_text
from fugong.core.typesetting import width as text_width

sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]
"""Without the finder that pygal leaves for plug-ins of its own: it has no `find_spec`, which others call."""

Values = Sequence[float | Decimal | None]

COLOURS = ("#0b4f8a", "#a4161a", "#1a6b36", "#8a5a00", "#5b3a8e", "#3f4a55", "#00707a", "#9c2f6f")
"""Each differs from white by 4.5 : 1 and more, and they come with dashes of their own."""
DASHES = ("", "7,3", "2,3", "9,3,2,3", "12,4", "4,4", "1,2", "6,2,1,2,1,2")
FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',system-ui,sans-serif"
N_LABELS = 8
"""So many labels of an axis fit side by side."""
LONGEST_LABEL = 14
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
MOST_DOTS = 90
"""A line of more points has none."""
MARGIN, SPACING = 12, 12
LEGEND_FONT, LEGEND_ROW, SAMPLE, LEGEND_GAP = 14, 20, 28, 18
"""Of a legend, in pixels: its letters, a row, the piece of line before a name, and the room between two columns."""
LETTER = 0.55 * LEGEND_FONT
"""The width of a Latin letter, half a Chinese one, on any of the fonts."""


def line_chart(
    title: str, labels: Sequence[str], series: Mapping[str, Values], unit: str = "", *, is_narrow: bool = False
) -> bytes:
    """A line a series; where a value is missing, the line is interrupted.

    Args:
        labels: of the points, in order, such as days.
        series: the values by name; None for a missing one.
        unit: of the values; "%" shows fractions as percentages.
        is_narrow: for a phone.
    """
    chart = pygal.Line(
        **_look(title, series, unit, is_narrow=is_narrow),
        show_dots=len(labels) <= MOST_DOTS,
        dots_size=2.5,
        allow_interruptions=True,
        show_minor_x_labels=False,
    )
    chart.x_labels = [_short(one) for one in labels]
    chart.x_labels_major = [_short(one) for one in _some(labels, N_LABELS // 2 if is_narrow else N_LABELS)]
    for number, (name, values) in enumerate(series.items()):
        style = {"width": 2.4, "dasharray": DASHES[number % len(DASHES)]}
        chart.add(plain_text(name), _floats(values), stroke_style=style)
    return _drawn(chart, series, _width(is_narrow=is_narrow), is_of_lines=True)


def bar_chart(
    title: str, labels: Sequence[str], series: Mapping[str, Values], unit: str = "", *, is_narrow: bool = False
) -> bytes:
    """Bars beside each other, a group for each label. Many or long labels are listed from top to bottom.

    Args:
        labels: of the groups, in order.
        series: the values by name; None for a missing one.
        unit: of the values; "%" shows fractions as percentages.
        is_narrow: for a phone.
    """
    lies = len(labels) > N_LABELS or is_narrow or any(text_width(one) > LONGEST_LABEL for one in labels)
    look = _look(title, series, unit, is_narrow=is_narrow)
    if lies:
        look["height"] = 130 + len(labels) * max(22, 14 * len(series)) + _below(series, look["width"])
        look["show_y_guides"] = True
    chart = (pygal.HorizontalBar if lies else pygal.Bar)(**look)
    order = -1 if lies else 1
    chart.x_labels = [_short(one, 12 if is_narrow else 24) for one in labels][::order]
    for name, values in series.items():
        chart.add(plain_text(name), _floats(values)[::order])
    return _drawn(chart, series, _width(is_narrow=is_narrow))


def chart_response(drawing: bytes) -> Response:
    """A chart as the answer to a request: it can load nothing and run nothing."""
    return Response(drawing, media_type="image/svg+xml", headers={"Content-Security-Policy": POLICY})


def _look(title: str, series: Mapping[str, Values], unit: str, *, is_narrow: bool) -> dict[str, Any]:
    shown = f"{title}({unit})" if unit and unit not in title else title
    width = _width(is_narrow=is_narrow)
    below = _below(series, width)
    return {
        "title": plain_text(shown),
        "width": width,
        "height": (340 if is_narrow else 420) + below,
        "style": Style(
            background="#ffffff",
            plot_background="#ffffff",
            foreground="#1b1f24",
            foreground_strong="#1b1f24",
            foreground_subtle="#c3c9d0",
            guide_stroke_color="#d3d8de",
            major_guide_stroke_color="#d3d8de",
            font_family=FONT,
            title_font_size=15 if is_narrow else 18,
            label_font_size=13,
            major_label_font_size=13,
            legend_font_size=LEGEND_FONT,
            no_data_font_size=20,
            value_label_font_size=13,
            opacity="1",
            opacity_hover="1",
            colors=COLOURS,
        ),
        "js": (),
        "css": (
            "file://style.css",
            "file://graph.css",
            "inline:.line.reactive{stroke-width:inherit!important;stroke-opacity:1!important}",
        ),
        "show_legend": len(series) > 1,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": len(series) or 1,  # one row for pygal; `_set_legend` puts it into columns
        "legend_box_size": LEGEND_FONT,
        "truncate_legend": -1,
        "truncate_label": -1,
        "margin": MARGIN,
        "margin_right": 44,
        "margin_bottom": MARGIN + below,
        "spacing": SPACING,
        "no_data_text": "没有数据 No data",
        "value_formatter": _percent if unit == "%" else _plain,
        "max_scale": 8,
        "include_x_axis": _from_zero(series),
        **({"y_labels": list(range(most + 1))} if (most := _few(series)) else {}),
    }


def _width(*, is_narrow: bool) -> int:
    return 420 if is_narrow else 920


def _few(series: Mapping[str, Values]) -> int:
    """The largest of some small whole numbers, which have no fractions between them; 0 for other numbers."""
    values = [value for one in series.values() for value in _floats(one) if value is not None]
    return int(max(values)) if values and all(0 <= value <= 8 and value == int(value) for value in values) else 0


def _from_zero(series: Mapping[str, Values]) -> bool:
    """Whether the axis begins at zero: unless all values lie in its far half."""
    values = [value for one in series.values() for value in _floats(one) if value is not None]
    return not values or min(values) <= max(values) / 2


def _drawn(
    chart: pygal.Line | pygal.Bar | pygal.HorizontalBar, series: Mapping[str, Values], width: int, *, is_of_lines: bool = False
) -> bytes:
    chart.uuid = "chart"  # as selectors in its style; the same numbers give the same bytes
    chart.add_xml_filter(lambda tree: _set_legend(tree, list(series), width, is_of_lines=is_of_lines))
    chart.add_xml_filter(_without_script)
    return chart.render(is_unicode=True).encode()


def _without_script(tree: Any) -> Any:
    """What pygal adds for tooltips, and its comments with the time of day, taken out."""
    for parent in list(tree.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return tree


def _legend(names: Sequence[str], width: int) -> list[tuple[str, float, int]]:
    """The names of a legend as they fit, each with its place from the left and its row: as many columns as fit beside each other."""
    room = width - 2 * MARGIN
    shown = [_short(name, int((room - SAMPLE) / LETTER)) for name in names]
    widths = [SAMPLE + text_width(name) * LETTER + LEGEND_GAP for name in shown]
    for n_columns in range(len(shown), 0, -1):
        columns = [max(widths[at::n_columns]) for at in range(n_columns)]
        if sum(columns) - LEGEND_GAP <= room or n_columns == 1:
            return [(name, sum(columns[: at % n_columns]), at // n_columns) for at, name in enumerate(shown)]
    return []


def _below(series: Mapping[str, Values], width: int) -> int:
    """How much higher a chart is for the rows of its legend after the first: the drawing itself stays as high as without them."""
    return LEGEND_ROW * max((row for *_, row in _legend(list(series), width)), default=0)


def _set_legend(tree: Any, names: Sequence[str], width: int, *, is_of_lines: bool) -> Any:
    """The legend in rows and columns. That of lines shows dashes, too, for those who see or print in grey."""
    for legends in tree.findall(".//{*}g[@class='legends']"):
        _, _, top = legends.get("transform").rstrip(")").partition(",")
        legends.set("transform", f"translate({MARGIN},{top})")
        for number, (group, (name, left, row)) in enumerate(zip(legends.findall("{*}g"), _legend(names, width), strict=True)):
            middle = row * LEGEND_ROW + LEGEND_FONT / 2
            text, box = group.find("{*}text"), group.find("{*}rect")
            text.text = name
            text.set("x", f"{left + (SAMPLE if is_of_lines else LEGEND_FONT) + 5:g}")
            text.set("y", f"{middle + 0.35 * LEGEND_FONT:g}")
            if not is_of_lines:
                box.set("x", f"{left:g}")
                box.set("y", f"{row * LEGEND_ROW}")
                continue
            box.tag = box.tag.replace("rect", "path")
            for attribute in ("x", "y", "width", "height"):
                del box.attrib[attribute]
            box.set("d", f"M{left:g} {middle:g} H{left + SAMPLE:g}")
            box.set("class", f"{box.get('class')} line")
            group.set("stroke-width", "3")  # which `_look` lets lines inherit
            box.set("stroke-dasharray", DASHES[number % len(DASHES)] or "none")
    return tree


def _floats(values: Values) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _some(labels: Sequence[str], at_most: int) -> list[str]:
    """Labels evenly spread, the last among them."""
    step = -(-len(labels) // at_most) or 1
    return list(labels)[::-1][::step]


def _short(text: str, longest: int = LONGEST_LABEL) -> str:
    shown = plain_text(text)
    while text_width(shown) > longest:
        shown = shown.removesuffix("…")[:-1] + "…"
    return shown


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.4g}"


def _percent(value: float) -> str:
    return f"{value * 100:.4g}%"
