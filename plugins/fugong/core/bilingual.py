"""A sentence or a name in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bilingual:
    """A text in both languages: a title, the meaning of a column, a warning, a reason."""

    zh: str
    en: str

    def __str__(self) -> str:
        """The form of comments in the warehouse: `中文 | English`."""
        return f"{self.zh} | {self.en}"
