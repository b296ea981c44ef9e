"""Looks through all files of a district: `fugong lint`, and the first thing that `fugong init` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fugong.configuration import briefing, contracts, english, reference, sql_files
from fugong.configuration.fault import Fault, Faults
from fugong.core.settings import Settings

Progress = Callable[[str], None]


def remarks(settings: Settings) -> list[Fault]:
    """What has no English in a district's files, by file and line. It is no fault: people who read English see Chinese there."""
    found = Faults(settings.district)
    english.lint(found, settings.include, reference.lint(Faults(settings.district), settings.include / "reference"))
    return sorted(set(found.found))


def lint(
    settings: Settings,
    *,
    tries_rules: bool = True,
    needs_suites: bool = True,
    has_briefing: bool = True,
    on_progress: Progress | None = None,
) -> list[Fault]:
    """What is wrong in the contracts, suites, reference files, SQL files, figures and other files of a district.

    Args:
        tries_rules: run each suite on its example row, which imports Great Expectations: some seconds more.
        needs_suites: False where the district takes no files: a table without a suite is no fault then.
        has_briefing: False leaves the wording of the briefing and the settings beside it out.
        on_progress: called with the name of what is looked at next.

    Returns:
        By file and line. A file that cannot be read has one fault; what others say about it is not judged.
    """

    def begin(what: str) -> None:
        if on_progress:
            on_progress(what)

    faults = Faults(settings.district)
    include: Path = settings.include
    begin("reference")
    files = reference.lint(faults, include / "reference")
    begin("contracts")
    loaded = contracts.lint(faults, settings, files, needs_suites=needs_suites)
    if tries_rules:
        begin("suites")
        contracts.try_rules(faults, settings, loaded)
    begin("sql")
    relations = sql_files.lint(faults, include, loaded)
    begin("briefing")
    briefing.lint(faults, include, loaded, relations, files, has_briefing=has_briefing)
    return sorted(set(faults.found))
