"""What a doubt is about: the same doubt about the same value is one question, on whatever day and in whatever file it comes up."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from fugong.core.vocabulary import QuestionKind


@dataclass(frozen=True)
class Question:
    """One doubt, and the sender who is asked about it.

    Attributes:
        department: who is asked; nobody else can answer.
        subject: the report table, or the report for a doubt about a whole file; empty for a check between reports.
        code: of the finding, or the number of the check.
        row_key: business key of the row, without the day; empty for a whole file.
        value: as stored, personal data masked; of a check what the sender itself said.
        item: what it is about, in Chinese, for people; it identifies nothing.
    """

    department: str
    kind: QuestionKind
    subject: str
    code: str
    column_name: str
    row_key: str
    value: str
    item: str = ""

    @cached_property
    def key_digest(self) -> str:
        """Equal for the same doubt, whatever the value."""
        return _digest(self.department, self.kind, self.subject, self.code, self.column_name, self.row_key)

    @cached_property
    def digest(self) -> str:
        """Equal for the same doubt about the same value."""
        return _digest(self.key_digest, self.value)


def _digest(*texts: str) -> str:
    return hashlib.sha256(json.dumps([str(text) for text in texts], ensure_ascii=False).encode()).hexdigest()
