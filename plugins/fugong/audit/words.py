"""Words of a district's texts by which a number is told from a figure: `include/briefing/audit.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fugong.audit.pattern import one_of
from fugong.core.bilingual import Bilingual
from fugong.core.paths import where
from fugong.core.schema import parse_yaml, read_text, validate

PLACE = re.compile(
    r"(?<![一-鿿])(?!全|我|本|该|各|在|新|社|园|地|小|城|辖|开发|高新|示范)[一-鿿]{2,3}(?:省|市|县|区)(?![场政民域级委直内外镇])"
)
"""A name right after a mark, before 省, 市, 县 or 区."""


@dataclass(frozen=True)
class Kind:
    """Words that narrow a number in one way.

    Attributes:
        names_projects: whether they are mostly part of a project's name, so that they narrow no figure that counts projects.
    """

    name: Bilingual
    words: tuple[str, ...]
    names_projects: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the words, the longest first."""
        return re.compile(one_of(self.words))


@dataclass(frozen=True)
class Words:
    """All words.

    Attributes:
        common: words of any such text, which narrow nothing.
        elsewhere: words that show that a text may be of another place.
        own: names of the district itself.
    """

    narrower: tuple[Kind, ...] = ()
    common: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def are_elsewhere(self, text: str) -> bool:
        """Whether a text names another place or a larger area."""
        if re.search(one_of(self.elsewhere) or r"(?!)", text):
            return True
        return any(
            not any(found[0].endswith(name) or name.endswith(found[0]) for name in self.own) for found in PLACE.finditer(text)
        )

    def without_common(self, said: str) -> str:
        """What is left of a label without its common words."""
        return self._common.sub("", said)

    @cached_property
    def _common(self) -> re.Pattern[str]:
        return re.compile(one_of(self.common) or r"(?!)")


def load_words(include: Path) -> Words:
    """The words of `briefing/audit.yaml`; none where there is no such file.

    Raises:
        ConfigurationError: the file is malformed. The message names file and line.
    """
    file = include / "briefing" / "audit.yaml"
    if not file.exists():
        return Words()
    document = parse_yaml(read_text(file), where(file))
    validate(document, "audit-words")
    given: Mapping[str, Any] = document.content or {}
    names = ("common", "elsewhere", "own")
    return Words(tuple(map(_kind, given.get("narrower", ()))), *(tuple(given.get(name, ())) for name in names))


def _kind(given: Mapping[str, Any]) -> Kind:
    return Kind(Bilingual(given["zh"], given["en"]), tuple(given["words"]), given.get("names_projects", False))
