"""Finds what the briefing of an installation cannot use: such a part is left out of it, and the engineers are told."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from fugong.briefing.annex import annex_files
from fugong.briefing.wording import load_template
from fugong.core.errors import ConfigurationError
from fugong.figures.rules import load_figure_rules
from fugong.marts.header import read_annex


def briefing_faults(include: Path, figures: Collection[str]) -> Iterator[ConfigurationError]:
    """The fault of each file of the briefing, and of each figure that it names and nobody defines.

    Args:
        figures: the ids of those that are defined.
    """
    for file in (*annex_files(include, "front"), *annex_files(include)):
        try:
            read_annex(file)
        except ConfigurationError as fault:
            yield fault
    try:
        load_figure_rules(include)
    except ConfigurationError as fault:
        yield fault
    try:
        template = load_template(include)
    except ConfigurationError as fault:
        yield fault
        return
    for one in template.absent(figures).values():
        if one.fault:
            yield one.fault
