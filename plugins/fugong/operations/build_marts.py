"""Builds the stale days of all marts and writes the notes that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fugong.core.settings import Settings
from fugong.marts.build import Built, Progress, build
from fugong.operations import contradiction_notes
from fugong.warehouse.connection import connect_as_loader


def build_marts(settings: Settings, *, days: Iterable[date] | None = None, on_progress: Progress | None = None) -> Built:
    """Build the stale days of every mart (see `build`) on a connection of its own, then write the notes about contradictions."""
    with connect_as_loader(settings) as connection:
        built = build(connection, settings.include, days=days, on_progress=on_progress)
        connection.commit()
        contradiction_notes.write_notes(connection, settings)
    return built
