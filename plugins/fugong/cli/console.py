"""The terminal: colours and tables of ours, and nothing that a sender's text could do to it."""

from __future__ import annotations

from collections.abc import Iterable

from rich import console
from rich.segment import Segment
from rich.table import Table

from fugong.core.sanitize import on_screen


class Console(console.Console):
    """Rich's console, which shows control characters in texts as signs instead of passing them on."""

    def render(self, renderable: console.RenderableType, options: console.ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is printed, text by text; whatever it stands in, it comes through here.

        Words that are wider than their column of a table go on in the next line, so that nothing is cut: names may differ at their ends.
        """
        if isinstance(renderable, Table):
            for column in renderable.columns:
                column.overflow = column.overflow if column.no_wrap else "fold"
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(on_screen(segment.text), segment.style)
