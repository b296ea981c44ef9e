"""`Finding` and `FindingType`: one problem in a submission, and the type of problem that it is.

A sender's fault is recorded as a `Finding`; a fault of ours raises `ConfigurationError`.
"""

from __future__ import annotations

from dataclasses import dataclass

from fugong.core.errors import ConfigurationError
from fugong.core.vocabulary import Severity

MAX_SHOWN_LENGTH = 200
"""Characters of a cell that a sentence shows."""


@dataclass(frozen=True, slots=True)
class FindingType:
    """One type of finding. Its sentences are `str.format` templates that the details of a finding complete."""

    code: str
    severity: Severity
    zh: str
    en: str
    advice_zh: str = ""
    advice_en: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in a submission.

    Attributes:
        row_number: line of the sheet as the sender counts it (from 1); None for the whole file.
        cell: address such as `F45`, where the problem has one.
        column_name: the contract's name of the column (English), where the problem has one.
        value: as typed, masked where personal.
        n_same: how many findings this one stands for.
        proposed: what should stand in the cell, as its sender would type it; None where the rules do not say.
        is_doubtful: this cell or another one with such a finding in its row is wrong; the rules do not say which.
        rules: the rules that are told by it, each as `code column`; empty for the one rule that code and column name.
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
    proposed: str | None = None
    is_doubtful: bool = False
    rules: tuple[str, ...] = ()


def sentence(finding_type: FindingType, **details: object) -> tuple[str, str]:
    """Complete the Chinese and the English sentence of a finding, advice included.

    Raises:
        ConfigurationError: a template names a detail that is not given.
    """
    try:
        zh = finding_type.zh.format(**details) + finding_type.advice_zh.format(**details)
        english = (finding_type.en.format(**details), finding_type.advice_en.format(**details))
    except (KeyError, IndexError) as error:
        raise ConfigurationError(f"{finding_type.code}: a sentence names {error}, but the finding has no such detail") from error
    return zh.strip(), " ".join(filter(None, english)).strip()
