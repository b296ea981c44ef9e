"""Writes the briefing as one HTML page without external files, where every figure opens its sources."""

from __future__ import annotations

from fugong.briefing.document import Briefing
from fugong.briefing.render.chart import svg
from fugong.briefing.render.environment import environment


def write(briefing: Briefing) -> bytes:
    """The page in UTF-8."""
    page = environment(is_markup=True).get_template("briefing.html.jinja")
    return page.render(briefing=briefing, svg=svg).encode("utf-8")
