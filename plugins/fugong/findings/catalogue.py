"""The catalogue: every type of finding that reading, parsing and loading can report, by code.

The types themselves are data in `types`. Rules about the content of one report live in its suite (`expectations/`).
"""

from __future__ import annotations

from fugong.findings.finding import MAX_SHOWN_LENGTH, Finding, FindingType, sentence
from fugong.findings.types import cell, file, submission, table

MAX_VALUE_LENGTH = 500
"""Characters of a cell that a finding keeps."""

CATALOGUE: dict[str, FindingType] = {
    each.code: each
    for each in (
        *file.INBOX,
        *submission.IDENTITY,
        *table.STRUCTURE,
        *submission.VERSIONS,
        *file.CONTENT,
        *cell.VALUES,
        *table.LAYOUT,
        *cell.SUBSTITUTES,
        *submission.UNCHANGED,
        *submission.ANSWERS,
    )
}
"""In the order of `docs/findings.md`."""


def finding(
    code: str,
    *,
    sheet: str = "",
    row_number: int | None = None,
    cell: str | None = None,
    column_name: str | None = None,
    **details: object,
) -> Finding:
    """Make a finding of a type of the catalogue.

    Args:
        details: what the type's sentences name; `value` is also kept in the finding, as typed.

    Raises:
        KeyError: the catalogue has no such code.
        ConfigurationError: a sentence names a detail that is not given.
    """
    found = CATALOGUE[code]
    value = details.get("value")
    if value is not None and len(str(value)) > MAX_SHOWN_LENGTH:
        details["value"] = f"{str(value)[:MAX_SHOWN_LENGTH]}……"
    zh, en = sentence(found, sheet=sheet, cell=cell, **details)
    kept = None if value is None else str(value)[:MAX_VALUE_LENGTH]
    return Finding(code, found.severity, zh, en, sheet, row_number, cell, column_name, kept)
