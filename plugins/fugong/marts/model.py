"""What SQL files declare: facts, marts, checks, annexes and questions."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.marts.parameters import TOKEN


@dataclass(frozen=True)
class Contribution:
    """A fact column that a mart column sums."""

    fact: str
    column: str


@dataclass(frozen=True)
class Sum:
    """Where a mart column comes from.

    Attributes:
        aggregate: `sum`, `least` or `greatest` of the contributions.
    """

    column: str
    aggregate: str
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class Cell:
    """How many firms stand behind values of a mart.

    Attributes:
        count: a column, or one column less another: of those that a part of the firms is left out of.
        largest: the column with the largest amount that one firm has in the first value; None where no firm can stand out.
        columns: the values; none for the whole row.
    """

    count: tuple[str, ...]
    largest: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SqlFile:
    """What facts, marts and checks have in common."""

    file: Path
    name: str
    reads: tuple[str, ...]
    columns: Mapping[str, Bilingual]
    body: str

    @cached_property
    def bare(self) -> str:
        """The SELECT without comments and with single blanks: what makes it another SELECT."""
        return " ".join(TOKEN.sub(lambda found: " " if found[0].startswith(("--", "/*")) else found[0], self.body).split())


@dataclass(frozen=True, eq=False)
class Fact(SqlFile):
    """`fact.<name>`: a view that cleans, joins and classifies rows.

    Attributes:
        exempt: the column that says that a row takes its entity out of a denominator, and the column that names the entity.
    """

    grain: str
    exempt: tuple[str, str] | None

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"fact.{self.name}"


@dataclass(frozen=True, eq=False)
class Daily(SqlFile, ABC):
    """What is computed for days and kept: marts and checks.

    Attributes:
        keys: the columns that tell its rows apart.
        stale: the key by which days are deleted and inserted.
        before: how many days before a day the SELECT reads, too.
        reach: for how many days after a business date the SELECT reads it; None for ever. Of `as_of` files that read increments.
        is_newest_only: whether only the last day is kept.
    """

    keys: tuple[str, ...]
    stale: str
    before: tuple[int, ...]
    reach: int | None
    is_newest_only: bool

    @property
    @abstractmethod
    def relation(self) -> str:
        """Its full name."""


@dataclass(frozen=True, eq=False)
class Mart(Daily):
    """`mart.<name>`: a table that sums columns of facts.

    Attributes:
        key_of_row: for keys that a fact has no column for, the expression that a fact row yields them by.
        cells: the firms behind its values; that of the whole row first, none where there are no firms to protect.
        rounded: values that analysts see roughly.
        closed: columns that analysts do not see.
        open_keys: of a mart that tells firms apart, the keys of what analysts see instead: sums over its firms.
        open_sums: the columns summed there.
    """

    grain: str
    serves: str
    sums: Mapping[str, Sum]
    key_of_row: Mapping[str, str]
    cells: tuple[Cell, ...]
    rounded: tuple[str, ...]
    closed: tuple[str, ...]
    open_keys: tuple[str, ...]
    open_sums: tuple[str, ...]

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"mart.{self.name}"

    @property
    def is_of_firms(self) -> bool:
        """Whether its keys tell firms apart."""
        return any(key == "uscc" or key.endswith("_uscc") for key in self.keys)

    @property
    def is_open(self) -> bool:
        """Whether analysts see it. Not by firm, and not by day of business: of two days one firm's amount is the difference."""
        return bool(self.open_keys) if self.is_of_firms else self.stale != "business_date"


@dataclass(frozen=True, eq=False)
class Check(Daily):
    """A rule of agreement between reports: its SELECT yields the rows that break it.

    Attributes:
        severity: `error`, `warning` or `review`.
        touches: ids of the figures that it is shown beside; or `report`, a column of names of report tables: beside the figures of these.
        says: what follows; a `str.format` template over `n_rows`.
    """

    severity: str
    touches: tuple[str, ...]
    says: Bilingual

    @property
    def id(self) -> str:
        """Such as `X03`."""
        return self.name

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"check.{self.name}"


@dataclass(frozen=True, eq=False)
class Annex(SqlFile):
    """A table of the briefing's annex: its SELECT yields the rows to print, for the day `:as_of`.

    Attributes:
        draft: heads what its column `draft` names on page one of a draft; None where nothing is.
    """

    title: Bilingual
    draft: Bilingual | None


@dataclass(frozen=True)
class Parameter:
    """What the one who asks may choose.

    Attributes:
        default: an SQL expression; None where the warehouse says it: the last day that there is.
    """

    default: str | None
    says: Bilingual


@dataclass(frozen=True, eq=False)
class Question(SqlFile):
    """A question that analysts ask, and the SELECT that answers it.

    Attributes:
        role: the role that may read what it reads, without `fugong_`.
        before: how many days before the day asked about its facts are read, too.
    """

    number: int
    asks: Bilingual
    role: str
    before: int
    params: Mapping[str, Parameter]


@dataclass(frozen=True)
class SqlFiles:
    """The facts, marts and checks of an installation; facts in the order in which they can be created."""

    facts: tuple[Fact, ...]
    marts: tuple[Mart, ...]
    checks: tuple[Check, ...]

    @property
    def daily(self) -> tuple[Daily, ...]:
        """All that is computed for days."""
        return (*self.marts, *self.checks)

    def fact(self, name: str) -> Fact:
        """The fact of that name, with or without its schema."""
        return _find("fact", name, self.facts)

    def mart(self, name: str) -> Mart:
        """The mart of that name, with or without its schema."""
        return _find("mart", name, self.marts)

    def check(self, name: str) -> Check:
        """The check of that id."""
        return _find("check", name, self.checks)

    def read_by(self, file: SqlFile) -> frozenset[str]:
        """Everything that a file reads, through however many facts, such as `asof.loan` and `ref.policy_param`."""
        found: set[str] = set()
        ahead = list(file.reads)
        while ahead:
            relation = ahead.pop()
            if relation not in found:
                found.add(relation)
                if relation.startswith("fact."):
                    ahead += self.fact(relation).reads
        return frozenset(found)

    def hash_of(self, file: SqlFile) -> str:
        """Changes when the SELECT of the file, or of a fact below it, means something else."""
        below = [self.fact(name).bare for name in sorted(self.read_by(file)) if name.startswith("fact.")]
        stale = ""
        if isinstance(file, Daily):
            stale = " ".join([file.stale, *map(str, file.before)])
        if isinstance(file, Check):  # the key of a row is kept as one text
            stale += " " + " ".join(file.keys)
        return hashlib.sha256("\n".join([file.bare, stale, *below]).encode()).hexdigest()


AnyFile = TypeVar("AnyFile", bound=SqlFile)


def _find(kind: str, name: str, files: Sequence[AnyFile]) -> AnyFile:
    bare = name.removeprefix(f"{kind}.")
    for file in files:
        if file.name == bare:
            return file
    raise ConfigurationError(f"no {kind} {bare!r}. There is: {', '.join(file.name for file in files)}")
