"""Names that are going: the old ones work until a version, and say what to use instead (docs/releases.md)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Deprecation:
    """An old name.

    Attributes:
        old: as it is typed: `fugong house`, `fugong ask --param`, `FUGONG_PROJECT`.
        new: what does the same, typed in the same way.
        until: the first version that does not know the old name any more.
    """

    old: str
    new: str
    until: str

    def __str__(self) -> str:
        """What whoever uses the old name reads."""
        return f"{self.old} 已改名,请改用 {self.new};{self.until} 版起不再能用 | {self.old} is now {self.new}; it stops working in version {self.until}"


COMMANDS = (Deprecation("fugong house", "fugong maintenance", "0.2.0"),)
"""Commands (`fugong NAME`) and options of commands (`fugong NAME --option`), also of groups of commands."""
VARIABLES = (Deprecation("FUGONG_PROJECT", "FUGONG_DISTRICT", "0.2.0"),)
"""Variables of the environment; the code that reads them reads both."""


def renamed(words: Sequence[str], known: Sequence[Deprecation] = COMMANDS) -> tuple[list[str], list[Deprecation]]:
    """The words of a command line, old names replaced by new ones; and which were old."""
    found, used = list(words), list[Deprecation]()
    for one in known:
        *old, last = one.old.split()[1:]
        new = one.new.split()[1:]
        if not last.startswith("-"):
            old.append(last)
            if found[: len(old)] == old:
                found[: len(old)] = new
                used.append(one)
        elif found[: len(old)] == old:
            options = [n for n, word in enumerate(found[len(old) :], len(old)) if word.partition("=")[0] == last]
            end = found.index("--") if "--" in found else len(found)
            for n in options:
                if n < end:
                    found[n] = new[-1] + found[n].removeprefix(last)
                    used += [one] * (one not in used)
    return found, used


def variables_used(environ: Mapping[str, str] = os.environ, known: Sequence[Deprecation] = VARIABLES) -> list[Deprecation]:
    """Variables that are set under their old name alone."""
    return [one for one in known if environ.get(one.old) and not environ.get(one.new)]
