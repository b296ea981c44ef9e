"""Loads code lists: from the spellings that departments use to the code that is stored (`include/reference/code_list.csv`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fugong.core.csv_file import Row, read_csv
from fugong.core.errors import ConfigurationError
from fugong.core.paths import where


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
    """Load `include/reference/code_list.csv`, and the reference files beside it that are lists; cached until a file changes.

    A file with the columns `<its name>_code`, `name_zh`, `name_en` and `aliases`, such as `department.csv`, is the list of its name.

    Raises:
        ConfigurationError: the file is missing or malformed, or one spelling stands for two codes of a list.
    """
    lists, faulty = load_sound_code_lists(file)
    if faulty:
        raise next(iter(faulty.values()))
    return lists


def load_sound_code_lists(file: Path) -> tuple[Mapping[str, CodeList], Mapping[str, ConfigurationError]]:
    """The lists that are valid, and by name what is wrong with the others.

    Raises:
        ConfigurationError: a file is missing or malformed, so that its lists cannot be told apart.
    """
    if not file.is_file():
        raise ConfigurationError(f"{where(file)}: the code lists are missing")
    files = (file, *(other for other in sorted(file.parent.glob("*.csv")) if other != file))
    return _load(tuple((one, one.stat().st_mtime_ns) for one in files))


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[Path, int], ...]) -> tuple[Mapping[str, CodeList], Mapping[str, ConfigurationError]]:
    (main, _), *others = files
    codes: dict[str, list[_Entry]] = {}
    for row in read_csv(main, ("list", "code", "name_zh", "name_en", "aliases")):
        codes.setdefault(row["list"], []).append(_Entry(main, row, row["code"]))
    for file, _ in others:
        code = f"{file.stem}_code"
        rows = read_csv(file, ())
        if rows and {code, "name_zh", "name_en", "aliases"} <= rows[0].keys():
            codes.setdefault(file.stem, []).extend(_Entry(file, row, row[code]) for row in rows)
    lists: dict[str, CodeList] = {}
    faulty: dict[str, ConfigurationError] = {}
    for name, entries in codes.items():
        try:
            lists[name] = _list(name, entries)
        except ConfigurationError as error:
            faulty[name] = error
    return lists, faulty


@dataclass(frozen=True)
class _Entry:
    file: Path
    row: Row
    code: str

    def fault(self, sentence: str) -> ConfigurationError:
        return ConfigurationError(f"{where(self.file)}:{self.row.line}: {sentence}")


def _list(name: str, entries: Sequence[_Entry]) -> CodeList:
    spellings: dict[str, str] = {}
    members: dict[str, Code] = {}
    for entry in entries:
        row = entry.row
        if entry.file != entries[0].file:
            raise entries[0].fault(f"the list {name} is {entry.file.name}; its codes are written there, and not here")
        if not entry.code:
            raise entry.fault(f"{name}: an entry needs a code")
        if entry.code in members:
            raise entry.fault(f"{name}: the code {entry.code!r} stands here twice")
        aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
        members[entry.code] = Code(entry.code, row["name_zh"], row["name_en"], aliases)
        for spelling in (entry.code, row["name_zh"], *aliases):
            if spelling and (other := spellings.setdefault(fold(spelling), entry.code)) != entry.code:
                raise entry.fault(f"{name}: {spelling!r} stands for {other} and {entry.code}")
    return CodeList(name, tuple(members.values()), spellings)
