"""Findings: the catalogue of what can be wrong with a submission, and one thing found wrong.

Their fault is recorded (a `Finding`); ours raises (`ConfigurationError`). The sentences are in `catalogue`; the rules
of a good report live in the suites (`expectations/`), with their sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fugong.core.errors import ConfigurationError

MAX_SHOWN_LENGTH = 200
"""Characters of a cell that a sentence shows."""


class Severity(StrEnum):
    """What a finding does."""

    REJECTED = "rejected"
    """The whole file goes back."""
    SET_ASIDE = "set_aside"
    """The row goes back."""
    WARNING = "warning"
    """Told; the value is loaded."""
    REPAIRED = "repaired"
    """Told; the value was mended, before and after are shown."""


@dataclass(frozen=True, slots=True)
class FindingType:
    """One kind of finding. Sentences are `str.format` templates over the finding's details."""

    code: str
    severity: Severity
    zh: str
    en: str
    advice_zh: str = ""
    advice_en: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a submission.

    Attributes:
        row_number: line in the sheet as the sender sees it (1-based), None for the whole file.
        cell: address such as `F45`, where there is one.
        column_name: the contract's column name (English), where there is one.
        value: as typed, masked where personal.
        n_same: how many findings this one stands for.
    """

    code: str
    severity: Severity
    message_zh: str
    message_en: str
    sheet: str = ""
    row_number: int | None = None
    cell: str | None = None
    column_name: str | None = None
    value: str | None = None
    n_same: int = 1


def sentence(rule: FindingType, **details: object) -> tuple[str, str]:
    """The Chinese and English sentence of a finding, advice included.

    Raises:
        ConfigurationError: a template names a detail that was not given.
    """
    try:
        zh = rule.zh.format(**details) + rule.advice_zh.format(**details)
        en = " ".join(part for part in (rule.en.format(**details), rule.advice_en.format(**details)) if part)
    except (KeyError, IndexError) as error:
        raise ConfigurationError(f"{rule.code}: the sentence needs {error}, which is not given") from error
    return zh.strip(), en.strip()
