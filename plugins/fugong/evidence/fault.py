"""What verifying finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was settled.

    Attributes:
        kind: `head`, `log`, `rows`, `archive`, or a kind of record.
        key: which: a number, a part and its lines, a file.
    """

    kind: str
    key: str
    zh: str
    en: str

    def to_json(self) -> dict[str, Any]:
        """As `fugong verify --json` prints it."""
        return {"kind": self.kind, "key": self.key, "message_zh": self.zh, "message_en": self.en}
