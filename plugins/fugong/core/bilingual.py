"""A sentence or a name in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from fugong.core.vocabulary import Lang


@dataclass(frozen=True)
class Bilingual:
    """A text in both languages: a title, the meaning of a column, a warning, a reason."""

    zh: str
    en: str

    def text_in(self, lang: Lang | str) -> str:
        """The text in a language."""
        return self.zh if lang == Lang.ZH else self.en

    def __str__(self) -> str:
        """The form of comments in the warehouse: `中文 | English`."""
        return f"{self.zh} | {self.en}"
