"""What SQL files declare: facts, marts and checks; `model_of_tables` has the tables of the briefing, and questions.

`header` fills these classes from the head of a file; `plugins/fugong/schemas/sql-*.schema.json` explain every key.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.schema import Document
from fugong.core.vocabulary import CheckSeverity
from fugong.marts.cells import MartCells
from fugong.marts.parameters import TOKEN
from fugong.marts.relations import Rate, Relation


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
class FirmsBehind:
    """Which columns say how many firms stand behind some values of a mart, and how much of them one firm has.

    Attributes:
        count: the column that counts the firms; or two columns, the first less the second.
        largest: the column with the largest amount that one firm has in the first value; None where no firm can stand out.
        columns: the values; none for the whole row.
    """

    count: tuple[str, ...]
    largest: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Rollup:
    """What analysts see of a mart by firm: the sums of these columns over firms, by these keys."""

    keys: tuple[str, ...]
    sums: tuple[str, ...]


@dataclass(frozen=True)
class Window:
    """Columns of a mart of stocks that sum flows of the last days.

    Attributes:
        days: how many, the day itself included.
        sums: per column the fact columns that it sums.
    """

    days: int
    sums: Mapping[str, tuple[Contribution, ...]]


@dataclass(frozen=True)
class ToldBy:
    """Another mart whose sums tell sums of this mart's columns, month by month: what is published of it is known of this one.

    Attributes:
        mart: the other one, of flows.
        columns: its columns, with the column of this mart that each tells.
        where: values that its keys must have.
        keys: the values that the keys of this mart have then.
    """

    mart: str
    columns: Mapping[str, str]
    where: Mapping[str, tuple[Any, ...]]
    keys: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class SameAs:
    """Sums of a stock's cells on the last day of a month that another open mart shows, too: its flows up to the month.

    Attributes:
        cells: of this mart.
        by: keys: one sum for each of their values.
    """

    mart: str
    cells: MartCells
    by: tuple[str, ...]


@dataclass(frozen=True)
class Exclusion:
    """How rows of a fact take an entity out of a denominator.

    Attributes:
        flag: the column that is not zero where a row does so.
        entity: the column that names the entity.
    """

    flag: str
    entity: str


@dataclass(frozen=True, eq=False)
class SqlFile:
    """What all SQL files have in common.

    Attributes:
        head: the checked document of the leading comment; it knows the line of each key.
        name: without schema.
        reads: relations with their schemas.
        columns: of the SELECT, in its order.
        body: the SELECT, without head and closing semicolon.
    """

    file: Path
    head: Document
    name: str
    reads: tuple[str, ...]
    columns: Mapping[str, Bilingual]
    body: str

    @property
    def description(self) -> str:
        """What the head says about the SELECT; empty where it says nothing."""
        return self.head.content.get("description", "").strip()

    @cached_property
    def bare(self) -> str:
        """The SELECT without comments and with single blanks. Two texts that differ in it are different SELECTs."""
        return " ".join(TOKEN.sub(lambda found: " " if found[0].startswith(("--", "/*")) else found[0], self.body).split())


@dataclass(frozen=True, eq=False)
class Fact(SqlFile):
    """`fact.<name>`: a view that cleans, joins and classifies rows. A build computes a shared one once for several marts.

    Attributes:
        reports: column → value → the report tables that tell of rows with this value, where the fact reads others besides.
    """

    grain: str
    excludes: Exclusion | None
    is_shared: bool
    reports: Mapping[str, Mapping[str, tuple[str, ...]]]

    def reports_of_others(self, keys: Mapping[str, tuple[Any, ...]]) -> set[str]:
        """The report tables that tell of no row with these values; none where the head does not say."""
        found = set[str]()
        for column in self.reports.keys() & keys.keys():
            mine = {table for value in keys[column] for table in self.reports[column].get(str(value), ())}
            found |= {table for tables in self.reports[column].values() for table in tables if mine} - mine
        return found

    @property
    def relation(self) -> str:
        """The name with its schema."""
        return f"fact.{self.name}"


@dataclass(frozen=True, eq=False)
class Daily(SqlFile, ABC):
    """What is computed for days and kept: marts and checks.

    Attributes:
        keys: the columns that tell its rows apart.
        partition_by: the key by which days are deleted and inserted: `as_of`, `business_date` or `period`.
        lookback_days: the SELECT for a day also reads the days so many days before it.
        max_lag_days: an increment changes at most so many days after its business date; None for all later days. `as_of` only.
        is_latest_only: whether only the last day is kept.
    """

    keys: tuple[str, ...]
    partition_by: str
    lookback_days: tuple[int, ...]
    max_lag_days: int | None
    is_latest_only: bool

    @property
    def is_flow(self) -> bool:
        """Whether its rows belong to their own days, and add up; else each day has all that is so as of it."""
        return self.partition_by != "as_of"

    @property
    @abstractmethod
    def relation(self) -> str:
        """The name with its schema."""


@dataclass(frozen=True, eq=False)
class Mart(Daily):
    """`mart.<name>`: a table that sums columns of facts.

    Attributes:
        title: what people call it; its name where the head gives none.
        key_expressions: for keys that a fact has no column for, the SQL expression by which a fact row yields them.
        suppression: the firms behind its values: first those behind the whole row. Empty where there are no firms to protect.
        rounded: values that analysts see with two significant digits.
        hidden: columns that analysts do not see, those with the largest amount of one firm included.
        hidden_rows: per key the members whose rows analysts do not see.
        public_rollup: what analysts see instead of a mart by firm.
        totals: per kind of row that analysts see besides the mart's own, the keys that are `ALL` in it.
        names: per key, where the names of its codes stand: `ref.<table>.<column of the code>.<column of the name>`.
        rates: columns that are one column over another.
        relations: what a reader knows about the columns of a row.
        told_by: marts of flows whose published sums tell sums of this one.
        same_as: sums that another open mart shows, too.
        window: sums of flows of the last days, for which `sums` has no form; None for none.
    """

    title: Bilingual
    grain: str
    serves: str
    sums: Mapping[str, Sum]
    key_expressions: Mapping[str, str]
    suppression: tuple[FirmsBehind, ...]
    rounded: tuple[str, ...]
    hidden: tuple[str, ...]
    hidden_rows: Mapping[str, tuple[str, ...]]
    public_rollup: Rollup | None
    totals: tuple[tuple[str, ...], ...]
    names: Mapping[str, tuple[str, ...]]
    rates: Mapping[str, Rate]
    relations: tuple[Relation, ...]
    told_by: tuple[ToldBy, ...]
    same_as: tuple[SameAs, ...]
    window: Window | None

    @property
    def relation(self) -> str:
        """The name with its schema."""
        return f"mart.{self.name}"

    @property
    def is_of_firms(self) -> bool:
        """Whether its keys tell firms apart."""
        return any(map(is_of_firm, self.keys))

    @property
    def is_open(self) -> bool:
        """Whether analysts see it.

        A mart by firm only by its rollup; a mart by day of business never: the difference of two days can be the amount of one firm.
        """
        return self.public_rollup is not None if self.is_of_firms else self.partition_by != "business_date"


@dataclass(frozen=True)
class OtherReading:
    """What a cell of the line would hold if the line were wrong and what it contradicts were right.

    Attributes:
        column: of the report table; empty where `column_of` names it, or where the line would not be there.
        column_of: the column of the SELECT that holds the Chinese header of the cell.
        value: the column of the SELECT that holds the other value.
        instead_of: the column of the SELECT that holds the value contradicted, where that is a sum over several lines: the cell changes by
            the difference.
        opposite_of: the column of the SELECT whose opposite is the other value.
        constant: the other value itself.
        is_absent: whether the line would not be there.
    """

    column: str = ""
    column_of: str = ""
    value: str = ""
    instead_of: str = ""
    opposite_of: str = ""
    constant: str | float | bool | None = None
    is_absent: bool = False


@dataclass(frozen=True, eq=False)
class Check(Daily):
    """A rule of agreement between reports: its SELECT yields the rows that break it.

    Attributes:
        otherwise: what the line would hold if the other side is right; None where the check cannot say.
        touches: ids of the figures that it is shown with. `report` alone: its column `report` names report tables, and it is shown with
            the figures made from these.
        message: what follows from the rows; a `str.format` template over `n_rows`.
        said: columns with what the sender of a row itself reported.
        tells: other columns that the district lets the sender see.
        codes: columns that hold codes, and the lists that name them, besides those that are called as their columns.
    """

    severity: CheckSeverity
    touches: tuple[str, ...]
    message: Bilingual
    otherwise: OtherReading | None = None
    said: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def id(self) -> str:
        """Such as `X03`."""
        return self.name

    @property
    def relation(self) -> str:
        """The name with its schema."""
        return f"check.{self.name}"


AnyFile = TypeVar("AnyFile", bound=SqlFile)


@dataclass(frozen=True)
class SqlFiles:
    """The facts, marts and checks of an installation; facts in the order in which they can be created.

    Attributes:
        folder: that they were read from; the briefing that publishes sums of the marts lies beside it.
        faulty: what cannot be used, such as `mart.loan_daily`, and why; it is among none of the others.
    """

    folder: Path
    facts: tuple[Fact, ...]
    marts: tuple[Mart, ...]
    checks: tuple[Check, ...]
    faulty: Mapping[str, ConfigurationError] = field(default_factory=dict[str, ConfigurationError])

    @property
    def daily(self) -> tuple[Daily, ...]:
        """Marts and checks: all that is computed for days."""
        return (*self.marts, *self.checks)

    def fact(self, name: str) -> Fact:
        """The fact of that name, with or without its schema."""
        return self._find("fact", name, self.facts)

    def mart(self, name: str) -> Mart:
        """The mart of that name, with or without its schema."""
        return self._find("mart", name, self.marts)

    def is_divided(self, mart: Mart) -> bool:
        """Whether another mart divides sums that this one shows (`same_as`)."""
        return any(one.mart == mart.name for each in self.marts for one in each.same_as)

    def check(self, name: str) -> Check:
        """The check of that id."""
        return self._find("check", name, self.checks)

    def _find(self, kind: str, name: str, files: Sequence[AnyFile]) -> AnyFile:
        """The file of a name; raises where there is none, or it cannot be used."""
        bare = name.removeprefix(f"{kind}.")
        if found := next((file for file in files if file.name == bare), None):
            return found
        if fault := self.faulty.get(f"{kind}.{bare}"):
            raise ConfigurationError(str(fault)) from fault
        zh, there = {"fact": "明细表", "mart": "汇总表"}.get(kind, "核对"), ", ".join(file.name for file in files)
        raise NotFoundError(f"没有{zh} {bare},现有 {there} | no {kind} {bare!r}. There is: {there}")

    def read_by(self, file: SqlFile) -> frozenset[str]:
        """Everything that a file reads, directly or through facts, such as `fact.loan`, `report.loan` and `ref.policy_param`."""
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
        """A digest that changes when the SELECT of the file, its partition or the SELECT of a fact below it changes.

        Warehouses keep it: another text here makes every mart of every warehouse stale.
        """
        below = [self.fact(name).bare for name in sorted(self.read_by(file)) if name.startswith("fact.")]
        partition = " ".join([file.partition_by, *map(str, file.lookback_days)]) if isinstance(file, Daily) else ""
        if isinstance(file, Check):  # mart.check_row keeps the keys of a row as one text
            partition += " " + " ".join(file.keys)
        return hashlib.sha256("\n".join([file.bare, partition, *below]).encode()).hexdigest()


def is_of_firm(column: str) -> bool:
    """Whether a column holds the credit code of a firm."""
    return column == "uscc" or column.endswith("_uscc")
