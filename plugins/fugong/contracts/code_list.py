"""Loads code lists: from the spellings that departments use to the code that is stored (`include/reference/code_list.csv`)."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fugong.core.errors import ConfigurationError


@dataclass(frozen=True)
class Code:
    """One entry of a list."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class CodeList:
    """A list of codes.

    Attributes:
        spellings: every accepted spelling, folded by `fold`, → code.
    """

    name: str
    codes: tuple[Code, ...]
    spellings: Mapping[str, str]

    @property
    def names_zh(self) -> tuple[str, ...]:
        """The names to choose from, as a clerk knows them."""
        return tuple(code.name_zh or code.code for code in self.codes)

    def name_of(self, code: str) -> str:
        """The Chinese name of a code; the text itself where it is no code of the list."""
        return next((member.name_zh for member in self.codes if member.code == code and member.name_zh), code)


def fold(text: str) -> str:
    """Fold a spelling: full-width to half-width, without white space, without case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def load_code_lists(file: Path) -> Mapping[str, CodeList]:
    """Load `include/reference/code_list.csv`; cached until the file changes.

    Raises:
        ConfigurationError: the file is missing, or one spelling stands for two codes of a list.
    """
    if not file.is_file():
        raise ConfigurationError(f"{file}: the code lists are missing")
    return _load(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load(file: Path, _mtime: int) -> Mapping[str, CodeList]:
    codes: dict[str, list[Code]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            aliases = tuple(alias for alias in (row["aliases"] or "").split(";") if alias)
            codes.setdefault(row["list"], []).append(Code(row["code"], row["name_zh"], row["name_en"], aliases))
    lists: dict[str, CodeList] = {}
    for name, members in codes.items():
        spellings: dict[str, str] = {}
        for member in members:
            for spelling in (member.code, member.name_zh, *member.aliases):
                if spelling and spellings.setdefault(fold(spelling), member.code) != member.code:
                    raise ConfigurationError(
                        f"{file.name}: {name}: {spelling!r} stands for {spellings[fold(spelling)]} and {member.code}"
                    )
        lists[name] = CodeList(name, tuple(members), spellings)
    return lists
