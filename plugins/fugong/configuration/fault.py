"""`Fault`: one thing wrong in one file of a district."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from fugong.core.errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")
PLACE = re.compile(r"^(?P<file>[^\s:]+):(?:(?P<line>\d+):)?\s+(?P<sentence>.*)$", re.DOTALL)


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, and where.

    Attributes:
        file: from the district's folder.
        line: 0 where the fault is the file's as a whole, or lies in no line of it.
        sentence: what was wanted, what was found, and the nearest right word.
    """

    file: str
    line: int
    sentence: str

    @property
    def place(self) -> str:
        """File and line, as editors and terminals understand them."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        """The place and what is wrong there."""
        return f"{self.place}: {self.sentence}"


class Faults:
    """Collects what is found in a district."""

    def __init__(self, district: Path) -> None:
        """`district`: the folder that holds `include/` and `expectations/`."""
        self._district = district
        self.found: list[Fault] = []

    def add(self, file: Path, sentence: str, line: int = 0) -> None:
        """One more fault."""
        self.found.append(Fault(self._name(file), line, sentence))

    def add_error(self, file: Path, error: ConfigurationError) -> None:
        """The fault of which a reader tells. The place that it names is the file's, where it names one."""
        place = PLACE.match(str(error))
        is_of_file = place is not None and place["file"].rpartition("/")[2] == file.name
        if place is None or not is_of_file:
            self.add(file, str(error))
        else:
            self.add(file, place["sentence"], int(place["line"] or 0))

    def attempt(self, file: Path, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What a reader reads; None where it raises, which is added."""
        try:
            return read(*args, **kwargs)
        except ConfigurationError as error:
            self.add_error(file, error)
            return None

    def add_errors(self, files: Iterable[Path], error: ConfigurationError) -> None:
        """The fault of a reader of several files, of that one which it names; of the first where it names none."""
        there = list(files)
        place = PLACE.match(str(error))
        name = place["file"].rpartition("/")[2] if place else ""
        self.add_error(next((file for file in there if file.name == name), there[0]), error)

    def _name(self, file: Path) -> str:
        return file.relative_to(self._district).as_posix() if file.is_relative_to(self._district) else str(file)
