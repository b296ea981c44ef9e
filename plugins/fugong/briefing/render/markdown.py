"""Writes the briefing as Markdown."""

from __future__ import annotations

from fugong.briefing.document import Briefing
from fugong.briefing.render.environment import environment


def write(briefing: Briefing) -> bytes:
    """The text in UTF-8."""
    return environment(is_markup=False).get_template("briefing.md.jinja").render(briefing=briefing).encode("utf-8")
