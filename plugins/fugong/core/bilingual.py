"""A text in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bilingual:
    """What a column means, in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """As kept in the warehouse."""
        return f"{self.zh} | {self.en}"
