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
        **_look(title, series, unit, is_narrow=is_narrow, legend_box=28),
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
    chart.add_xml_filter(_lines_in_legend)
    return _drawn(chart)


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
        look["height"] = 130 + len(labels) * max(22, 14 * len(series))
        look["show_y_guides"] = True
    chart = (pygal.HorizontalBar if lies else pygal.Bar)(**look)
    order = -1 if lies else 1
    chart.x_labels = [_short(one, 12 if is_narrow else 24) for one in labels][::order]
    for name, values in series.items():
        chart.add(plain_text(name), _floats(values)[::order])
    return _drawn(chart)


def chart_response(drawing: bytes) -> Response:
    """A chart as the answer to a request: it can load nothing and run nothing."""
    return Response(drawing, media_type="image/svg+xml", headers={"Content-Security-Policy": POLICY})


def _look(title: str, series: Mapping[str, Values], unit: str, *, is_narrow: bool, legend_box: int = 14) -> dict[str, Any]:
    shown = f"{title}({unit})" if unit and unit not in title else title
    widest = max((text_width(name) for name in series), default=1)
    columns = max(1, min(len(series) or 1, (40 if is_narrow else 100) // (widest + 6)))
    return {
        "title": plain_text(shown),
        "width": 420 if is_narrow else 920,
        "height": 340 if is_narrow else 420,
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
            legend_font_size=14,
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
        "legend_at_bottom_columns": columns,
        "legend_box_size": legend_box,
        "truncate_legend": -1,
        "truncate_label": -1,
        "margin": 12,
        "margin_right": 44,
        # pygal leaves no room for the last row of a legend where it is not full.
        "margin_bottom": 12 + (legend_box + 5 if len(series) % columns else 0),
        "spacing": 12,
        "no_data_text": "没有数据 No data",
        "value_formatter": _percent if unit == "%" else _plain,
        "max_scale": 8,
        "include_x_axis": _from_zero(series),
        **({"y_labels": list(range(most + 1))} if (most := _few(series)) else {}),
    }


def _few(series: Mapping[str, Values]) -> int:
    """The largest of some small whole numbers, which have no fractions between them; 0 for other numbers."""
    values = [value for one in series.values() for value in _floats(one) if value is not None]
    return int(max(values)) if values and all(0 <= value <= 8 and value == int(value) for value in values) else 0


def _from_zero(series: Mapping[str, Values]) -> bool:
    """Whether the axis begins at zero: unless all values lie in its far half."""
    values = [value for one in series.values() for value in _floats(one) if value is not None]
    return not values or min(values) <= max(values) / 2


def _drawn(chart: pygal.Line | pygal.Bar | pygal.HorizontalBar) -> bytes:
    chart.uuid = "chart"  # as selectors in its style; the same numbers give the same bytes
    chart.add_xml_filter(_without_script)
    return chart.render(is_unicode=True).encode()


def _without_script(tree: Any) -> Any:
    """What pygal adds for tooltips, and its comments with the time of day, taken out."""
    for parent in list(tree.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return tree


def _lines_in_legend(tree: Any) -> Any:
    """The legend shows dashes, too, for those who see or print in grey."""
    number = 0
    for group in tree.findall(".//{*}g"):
        if group.get("class", "").startswith("legend ") and (box := group.find("{*}rect")) is not None:
            middle = float(box.get("y")) + float(box.get("height")) / 2
            left = float(box.get("x"))
            right = left + float(box.get("width"))
            box.tag = box.tag.replace("rect", "path")
            for name in ("x", "y", "width", "height"):
                del box.attrib[name]
            box.set("d", f"M{left} {middle} H{right}")
            box.set("class", f"{box.get('class')} line")
            box.set("stroke-width", "3")
            box.set("stroke-dasharray", DASHES[number % len(DASHES)] or "none")
            number += 1
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
