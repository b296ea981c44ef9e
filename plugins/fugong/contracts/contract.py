"""Loads contracts: what each report looks like, from `include/contracts/*.odcs.yaml` (Open Data Contract Standard 3.1).

`schemas/contract.schema.json` checks the shape of a file. What one part of a file says about another is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, NotFoundError

MAX_TEXT_LENGTH = 1000
"""Longest text, in characters, where the contract sets no length."""
MISSING = "missing-value"
ODD_CODES = ("as-above", "error-cell", "no-value")
CODES_OF_TYPE = {
    "uscc": (
        "uscc-scientific", "uscc-old-number", "uscc-organisation-code", "uscc-malformed", "uscc-check-digit", "uscc-inner-check",
    ),
    "month": ("not-a-month",),
    "code": ("unknown-code",),
    "integer": (
        "approximate-number", "date-for-number", "merged-number", "not-a-number", "not-a-whole-number", "number-too-large",
    ),
    "number": (
        "approximate-number", "date-for-number", "doubtful-share", "merged-number", "not-a-number", "number-too-large",
    ),
    "date": ("ambiguous-date", "not-a-date", "several-days", "zero-date"),
    "string": ("digits-lost",),
}  # fmt: skip
"""Findings that a cell of this format or type can have, besides `ODD_CODES`, which a cell of any type can have. Each may be in shadow."""


@dataclass(frozen=True)
class OtherUnits:
    """Rows of a column that are counted in another unit than the column's own.

    Attributes:
        column: the column of codes that tells these rows.
        units: pairs of a code and the unit of its rows.
    """

    column: str
    units: tuple[tuple[str, str], ...]


REFERENCE = re.compile(r"_(?:id|no|code)(?:_|$)")
"""Names of columns with numbers or codes of things."""


@dataclass(frozen=True)
class Column:
    """One column of a report table.

    Attributes:
        header: the Chinese header, without a unit.
        aliases: other headers that mean the same.
        unit: the unit of the stored value; values in `元`, `亩` and `%` are converted on reading. A price has a unit such as
            `元/立方米`: a unit of money in the title applies to amounts, not to prices.
        default_unit: the unit of a bare number where neither cell, header nor title names one.
        other_units: rows whose numbers are counted in another unit and stored in that: no unit of the column applies to them.
        tells_doubtful_scale: a whole column of shares that may be percents or fractions is read as its header says, and told;
            else it is asked about. For columns that no figure uses.
        scale: decimals stored; None for types without decimals.
        old_number_of: the credit code column of the same table; this column holds its 15-digit predecessor.
        longest: longest text in characters, `logicalTypeOptions.maxLength`.
        shadow: codes of the catalogue that are counted in this column, and neither reported nor acted upon. A column that is
            mandatory in shadow (`missing-value`) is optional everywhere else: `required` is False.
        known_oddities: sentences for people about odd values that the column has held.
        required_from: the first report date on which a required column is required; None for always. The warehouse keeps older rows
            without it.
        retired: the column is no longer sent: it is in no template, header or drift, and the warehouse keeps its values.
        formerly: the column's name before it was renamed; the warehouse keeps its values under the new one.
        from_sheet_name: the name of a sheet gives the value where column or cell is left out; only with a code list.
    """

    name: str
    header: str
    aliases: tuple[str, ...]
    logical_type: str
    physical_type: str
    format: str | None
    required: bool
    key_position: int | None
    unit: str | None
    default_unit: str | None
    code_list: str | None
    description: str
    minimum: float | None
    maximum: float | None
    old_number_of: str | None = None
    longest: int = MAX_TEXT_LENGTH
    shadow: frozenset[str] = frozenset()
    known_oddities: tuple[str, ...] = ()
    required_from: date | None = None
    retired: bool = False
    formerly: str | None = None
    other_units: OtherUnits | None = None
    tells_doubtful_scale: bool = False
    from_sheet_name: bool = False

    def counted_in_other(self, unit: str) -> Column:
        """The column as the rows see it that are counted in one of its other units."""
        return replace(self, name=f"{self.name} in {unit}", unit=unit, default_unit=unit, other_units=None)

    @property
    def in_other_units(self) -> tuple[Column, ...]:
        """`counted_in_other`, for each other unit."""
        units = dict.fromkeys(unit for _, unit in self.other_units.units) if self.other_units else ()
        return tuple(self.counted_in_other(unit) for unit in units)

    @property
    def is_mandatory(self) -> bool:
        """Whether a row without a value in this column is returned."""
        return self.required or self.key_position is not None

    @property
    def may_refer(self) -> bool:
        """Whether the column holds the number or code of something, by its name: nothing has the number 0."""
        return self.logical_type == "string" and self.code_list is None and REFERENCE.search(self.name) is not None

    @property
    def is_required_in_shadow(self) -> bool:
        """Whether the column would be mandatory if its rules were in force."""
        return MISSING in self.shadow

    @property
    def counted_in(self) -> str | None:
        """The unit to which a unit in a cell or header is converted: `元` of `元/立方米`."""
        return self.unit.partition("/")[0] if self.unit else None

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that names the column."""
        return (self.header, *self.aliases)

    @property
    def scale(self) -> int | None:
        """Decimals stored."""
        found = re.search(r",\s?(\d+)\)$", self.physical_type)
        return int(found.group(1)) if found else None

    @property
    def precision(self) -> int | None:
        """Digits stored, before and after the point."""
        found = re.match(r"numeric\((\d+),", self.physical_type)
        return int(found.group(1)) if found else None

    @property
    def comment(self) -> str:
        """The column's comment in the warehouse: Chinese header, then its description."""
        return f"{self.header} | {self.description}"


@dataclass(frozen=True, eq=False)
class Table:
    """One table of a report: a sheet of the department's file and `report.<name>` in the warehouse.

    Attributes:
        title_en: the English title: that of a report with one table, else the words of the table's name.
        columns: those that are sent. `all_columns` also has the retired ones.
        senders: the departments that send this table; empty where every sender of the report does.
        retired: columns that are no longer sent; only the warehouse knows them.
        tells_other_columns: whether a column of a file that is none of these gets a warning.
    """

    name: str
    title: str
    description: str
    mode: str
    columns: tuple[Column, ...]
    sheets: tuple[str, ...]
    business_date: str | None
    unit_column: str | None
    reverses: str | None
    fallback: Mapping[str, str] | None
    indexes: tuple[tuple[str, ...], ...]
    first_of: str | None
    is_large: bool
    senders: tuple[str, ...] = ()
    retired: tuple[Column, ...] = ()
    tells_other_columns: bool = True
    title_en: str = ""

    @property
    def titles(self) -> Bilingual:
        """The title in both languages, as sentences quote it."""
        return Bilingual(f"《{self.title}》", f'"{self.title_en or self.name.replace("_", " ")}"')

    def on(self, day: date) -> Table:
        """The table for a report date: a column that is required from a later day on is optional."""
        later = {column.name for column in self.columns if column.required_from is not None and column.required_from > day}
        if not later:
            return self
        return replace(
            self,
            columns=tuple(replace(column, required=False) if column.name in later else column for column in self.columns),
        )

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns of the table in the warehouse: retired ones last."""
        return (*self.columns, *self.retired)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by their name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def indexed(self) -> frozenset[str]:
        """Columns in an index; their texts have to be short."""
        units = (self.unit_column,) if self.unit_column else ()
        return frozenset((*self.key, *(name for index in self.indexes for name in index), *units))

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        """Columns with numbers that the sender assigns: keys, accounts, indexed references. They hold no telephone or card numbers."""
        indexed = (name for index in self.indexes for name in index)
        return frozenset((*self.key, *indexed, *(self.fallback or {}).values(), *([self.reverses] if self.reverses else [])))

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row within a part."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(column.name for column in sorted(keyed, key=lambda column: column.key_position or 0))


@dataclass(frozen=True)
class Due:
    """When a report is due: `days` after the report date at `time`; weekly ones on `weekday` (1 = Monday).

    Attributes:
        owed_from: the first report date that is owed; None where it always was.
    """

    cadence: str
    days: int
    time: str
    weekday: int | None
    owed_from: date | None = None


@dataclass(frozen=True)
class SheetLimits:
    """The largest sheet that a report may have; None where only the reader's own limits apply."""

    rows: int | None = None
    columns: int | None = None
    cells: int | None = None


@dataclass(frozen=True, eq=False)
class Contract:
    """One report.

    Attributes:
        macros: `told` warns about a workbook with macros, `refused` rejects it. Macros are never run.
        limits: for each sheet that is read.
        is_owed_by_each: every sender owes it for itself; else the first does, and others by habit.
    """

    id: str
    report: str
    version: str
    name: str
    name_en: str
    senders: tuple[str, ...]
    file_names: tuple[str, ...]
    due: Due
    tables: tuple[Table, ...]
    macros: str = "told"
    limits: SheetLimits = SheetLimits()
    is_owed_by_each: bool = False

    def ranks(self, senders: Sequence[str] = ()) -> Iterator[tuple[int, str]]:
        """Some senders, or all, with their ranks from 1: whose row counts where two list the same, and who owes the report."""
        for rank, sender in enumerate(senders or self.senders, start=1):
            yield 1 if self.is_owed_by_each else rank, sender

    def table(self, name: str) -> Table:
        """The table of this name."""
        for table in self.tables:
            if table.name == name:
                return table
        raise ConfigurationError(f"{self.id}: no table {name!r}. It has: {', '.join(table.name for table in self.tables)}")

    def tables_of(self, department_code: str) -> tuple[Table, ...]:
        """The tables that a department's file has to hold."""
        return tuple(table for table in self.tables if department_code in (table.senders or self.senders))

    def on(self, day: date) -> Contract:
        """The contract for a report date: columns that are required from a later day on are optional."""
        tables = tuple(table.on(day) for table in self.tables)
        return self if all(new is old for new, old in zip(tables, self.tables, strict=True)) else replace(self, tables=tables)

    def of_sender(self, department_code: str) -> Contract:
        """The contract for one department: itself as the only sender, and the tables that it sends."""
        return replace(self, senders=(department_code,), tables=self.tables_of(department_code))


@dataclass(frozen=True, eq=False)
class Contracts:
    """All contracts of a district."""

    all: tuple[Contract, ...]

    def __iter__(self):
        """The contracts, by report number."""
        return iter(self.all)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Every report table by name."""
        return {table.name: table for contract in self.all for table in contract.tables}

    @cached_property
    def by_id(self) -> Mapping[str, Contract]:
        """Contracts by id."""
        return {contract.id: contract for contract in self.all}

    def find(self, wanted: str) -> Contract:
        """The contract with this id (`tax_relief`), report number (`R04`) or Chinese name.

        Raises:
            NotFoundError: there is none; the message lists what there is.
        """
        for contract in self.all:
            if wanted.casefold() in {contract.id.casefold(), contract.report.casefold(), contract.name.casefold()}:
                return contract
        there = ", ".join(f"{contract.report} {contract.id}" for contract in self.all)
        raise NotFoundError(f"No report {wanted!r}. There is: {there}")

    def of_sender(self, department_code: str) -> tuple[Contract, ...]:
        """The reports that a department sends."""
        return tuple(contract for contract in self.all if department_code in contract.senders)
