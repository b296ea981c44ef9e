"""Which day a text is about, as far as it says so."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from fugong.audit.find_quantities import find_quantities
from fugong.audit.text import read_text

UNTIL = re.compile(r"(截至|截止到?|截止至)(目前)?[,，、:：]?$")


def day_of_text(typed: str, days: Collection[date]) -> date | None:
    """The day of a text among those that there are: the last one that 截至 stands before, else the last that it names; None for neither."""
    if not days:
        return None
    text = read_text(typed)
    named = [
        (one.value, bool(UNTIL.search(text.plain[: one.start])))
        for one in find_quantities(text.plain, max(days).year)
        if isinstance(one.value, date) and one.days == (one.value, one.value) and one.value in days
    ]
    until = [day for day, is_until in named if is_until]
    return max(until or [day for day, _ in named], default=None)
