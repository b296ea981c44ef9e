"""Builds the stale days of all marts and writes the notes that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from fugong.briefing.configuration import briefing_faults
from fugong.briefing.wording import FILE
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.figures.sound import sound_definitions
from fugong.marts.build import Built, Progress, build
from fugong.marts.schema import sound_files
from fugong.operations import contradiction_notes
from fugong.warehouse.connection import connect_as_loader


def build_marts(settings: Settings, *, days: Iterable[date] | None = None, on_progress: Progress | None = None) -> Built:
    """Build the stale days of every mart (see `build`) on a connection of its own, then write the notes about contradictions.

    While a check cannot be used, the notes stay as they are: what it asked is neither asked again nor closed.

    Returns:
        What was built, and in `faulty` what was not, the figures that cannot be computed, and what the briefing leaves out.
    """
    with connect_as_loader(settings) as connection:
        built = build(
            connection, settings.include, days=days, on_progress=on_progress, connect=lambda: connect_as_loader(settings)
        )
        connection.commit()
        files = sound_files(connection, settings.include)
        definitions = sound_definitions(connection, settings.include, files)
        figures = {f"figure.{one.id}": one.fault for one in definitions.values() if one.fault}
        if (settings.include / "briefing" / FILE).exists():
            figures |= {f"briefing.{at}": fault for at, fault in enumerate(briefing_faults(settings.include, definitions))}
        connection.commit()
        if not any(name.startswith("check.") for name in (*built.faulty, *files.faulty)):
            contradiction_notes.write_notes(connection, settings)
    return replace(built, faulty={**built.faulty, **figures})


def refuse_faulty(faulty: Iterable[str]) -> None:
    """Say what was left out, once all others are built.

    Raises:
        ConfigurationError: something was.
    """
    if sentences := list(dict.fromkeys(faulty)):
        raise ConfigurationError("\n".join(sentences))
