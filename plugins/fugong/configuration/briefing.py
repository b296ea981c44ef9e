"""Looks through `include/briefing` and the settings beside it: figures, rules, wording, tables, doubts, quotas, messages."""

from __future__ import annotations

from pathlib import Path

from fugong.audit.words import load_words
from fugong.briefing.wording import FILE, load_template
from fugong.configuration.fault import Faults
from fugong.configuration.reference import Rows
from fugong.contracts.contract import Contracts
from fugong.core.errors import ConfigurationError
from fugong.doubts.district import load_district
from fugong.figures.definition import Definition, figure_files, load_definitions, read_definitions
from fugong.figures.references import reference_faults
from fugong.figures.rules import load_figure_rules
from fugong.figures.sound import Known
from fugong.intake.quotas import load_quotas
from fugong.marts.header import read_annex
from fugong.marts.model import SqlFiles
from fugong.messages.rules import load_rules


def lint(faults: Faults, include: Path, contracts: Contracts, files: SqlFiles | None, rows: Rows, *, has_briefing: bool) -> None:
    """Look through the files.

    Args:
        files: facts, marts and checks; None where they cannot be read: nothing is judged by them then.
        has_briefing: False looks at figures and their rules only.
    """
    folder = include / "briefing"
    definitions = _definitions(faults, include)
    rules = faults.attempt(folder / "rules.yaml", load_figure_rules, include)
    has_params = "policy_param" in rows or not (include / "reference" / "policy_param.csv").exists()
    if definitions is not None and files is not None and has_params:
        params = frozenset((row["policy_id"], row["param"]) for row in rows.get("policy_param", ()))
        for error in reference_faults(Known(files, definitions, params), rules or ()):
            faults.add_errors([*figure_files(include), folder / "rules.yaml"], error)
    if not has_briefing:
        return
    for name in ("annex", "front"):
        for file in sorted((folder / name).glob("*.sql")):
            faults.attempt(file, read_annex, file)
    if (folder / FILE).exists():
        template = faults.attempt(folder / FILE, load_template, include)
        if template is not None and definitions is not None:
            faults.attempt(folder / FILE, template.refuse_unknown, definitions)
    faults.attempt(folder / "audit.yaml", load_words, include)
    if contracts.all:
        faults.attempt(include / "doubts.yaml", load_district, include, contracts)
    if "department" in rows:
        faults.attempt(include / "quotas.yaml", load_quotas, include)
    faults.attempt(include / "messages.yaml", load_rules, include)


def _definitions(faults: Faults, include: Path) -> dict[str, Definition] | None:
    """The figures; None where one cannot be read."""
    files = figure_files(include)
    read = [faults.attempt(file, lambda of: list(read_definitions(of)), file) for file in files]
    if None in read:
        return None
    try:
        return load_definitions(include)
    except ConfigurationError as error:
        faults.add_errors(files, error)
        return None
