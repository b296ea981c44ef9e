"""Loads contracts: what each report looks like, from `include/contracts/*.odcs.yaml` (Open Data Contract Standard 3.1).

`schemas/contract.schema.json` checks the shape of a file. What one part of a file says about another is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty

from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.schema import Document, Position, nearest, parse_yaml, validate

MAX_TEXT_LENGTH = 1000
"""Longest text, in characters, where the contract sets no length."""
UNITS = {
    "money": {name: Decimal(n) for name, n in (("元", 1), ("千元", 10**3), ("万元", 10**4), ("百万元", 10**6), ("亿元", 10**8))},
    "area": {"亩": Decimal(1), "公顷": Decimal(15), "平方米": Decimal("0.0015")},
}
"""Factor from each unit to the one that is stored, the first. Values in other units are stored as sent."""
MISSING = "missing-value"
ODD_CODES = ("as-above", "error-cell", "no-value")
CODES_OF_TYPE = {
    "uscc": (
        "uscc-scientific", "uscc-old-number", "uscc-organisation-code", "uscc-malformed", "uscc-check-digit", "uscc-inner-check",
    ),
    "month": ("not-a-month",),
    "code": ("unknown-code",),
    "integer": ("approximate-number", "merged-number", "not-a-number", "not-a-whole-number", "number-too-large"),
    "number": ("approximate-number", "merged-number", "not-a-number", "number-too-large"),
    "date": ("ambiguous-date", "not-a-date", "zero-date"),
    "string": (),
}  # fmt: skip
"""Findings that a cell of this format or type can have, besides `ODD_CODES`, which a cell of any type can have. Each may be in shadow."""


@dataclass(frozen=True)
class Column:
    """One column of a report table.

    Attributes:
        header: the Chinese header, without a unit.
        aliases: other headers that mean the same.
        unit: the unit of the stored value; values in `元`, `亩` and `%` are converted on reading. A price has a unit such as
            `元/立方米`: a unit of money in the title applies to amounts, not to prices.
        default_unit: the unit of a bare number where neither cell, header nor title names one.
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

    @property
    def is_mandatory(self) -> bool:
        """Whether a row without a value in this column is returned."""
        return self.required or self.key_position is not None

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
        columns: those that are sent. `all_columns` also has the retired ones.
        senders: the departments that send this table; empty where every sender of the report does.
        retired: columns that are no longer sent; only the warehouse knows them.
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
    """When a report is due: `days` after the report date at `time`; weekly ones on `weekday` (1 = Monday)."""

    cadence: str
    days: int
    time: str
    weekday: int | None


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


def load_contracts(folder: Path) -> Contracts:
    """Load every contract of a folder (`include/contracts`); cached until a file changes.

    Raises:
        ConfigurationError: a file is no valid contract. The message names file, line and, for an unknown word, the nearest right one.
    """
    files = tuple(sorted(folder.glob("*.odcs.yaml")))
    if not files:
        raise ConfigurationError(f"{folder}: no contracts (*.odcs.yaml) here")
    return _load(tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[Path, int], ...]) -> Contracts:
    loaded = sorted((_contract(file) for file, _ in files), key=lambda pair: pair[0].report)
    seen: dict[str, str] = {}
    for contract, document in loaded:
        for name in (contract.report, contract.id, *(t.name for t in contract.tables if t.name != contract.id)):
            if name in seen:
                raise document.fault((), f"{name!r} is used by {seen[name]} already")
            seen[name] = contract.id
    return Contracts(tuple(contract for contract, _ in loaded))


def _contract(file: Path) -> tuple[Contract, Document]:
    document = parse_yaml(file.read_text(encoding="utf-8"), file.name)
    validate(document, "contract")
    try:
        odcs = OpenDataContractStandard.model_validate(document.content)
    except ValueError as error:
        raise ConfigurationError(f"{file.name}: not an Open Data Contract: {error}") from error
    assert odcs.id and odcs.name and odcs.version and odcs.schema_  # the JSON Schema requires them
    if file.name != f"{odcs.id}.odcs.yaml":
        raise document.fault(("id",), f"the id is {odcs.id!r}, so the file should be named {odcs.id}.odcs.yaml")
    custom = _custom(document, (), odcs.customProperties)
    sla = {item.property: item.value for item in odcs.slaProperties or []}
    weekday: Any = sla.get("dueWeekday")
    contract = Contract(
        id=odcs.id,
        report=custom["report"],
        version=odcs.version,
        name=odcs.name,
        name_en=custom["nameEn"],
        senders=tuple(custom["senders"]),
        file_names=tuple(custom["fileNames"]),
        due=Due(cadence=custom["cadence"], days=int(str(sla.get("dueDays", 1))), time=str(sla["dueTime"]), weekday=weekday),
        tables=tuple(_table(document, ("schema", n), schema) for n, schema in enumerate(odcs.schema_)),
        macros=custom.get("macros", "told"),
        limits=SheetLimits(**custom.get("limits", {})),
    )
    for n, table in enumerate(contract.tables):
        if unknown := set(table.senders) - set(contract.senders):
            at = ("schema", n, "customProperties")
            raise document.fault(at, f"{table.name}: {', '.join(sorted(unknown))} is not among the senders of the report")
    if idle := [sender for sender in contract.senders if not contract.tables_of(sender)]:
        raise document.fault(("schema",), f"no table is sent by {', '.join(idle)}")
    return contract, document


def _table(document: Document, at: Position, schema: SchemaObject) -> Table:
    assert schema.name  # the JSON Schema requires it
    custom = _custom(document, at, schema.customProperties)
    columns = tuple(_column(document, (*at, "properties", n), item) for n, item in enumerate(schema.properties or []))
    table = Table(
        name=schema.name,
        title=schema.businessName or schema.name,
        description=schema.description or "",
        mode=custom["mode"],
        columns=tuple(column for column in columns if not column.retired),
        sheets=tuple(custom.get("sheets", ())),
        business_date=custom.get("businessDate"),
        unit_column=custom.get("unitColumn"),
        reverses=custom.get("reverses"),
        fallback=custom.get("fallback"),
        indexes=tuple(tuple(index) for index in custom.get("indexes", ())),
        first_of=custom.get("firstOf"),
        is_large=custom.get("size") == "large",
        senders=tuple(custom.get("senders", ())),
        retired=tuple(column for column in columns if column.retired),
    )
    fallback = table.fallback or {}
    named = [table.business_date, table.unit_column, table.reverses, table.first_of, *fallback.values()]
    for name in [name for name in named if name] + [name for index in table.indexes for name in index]:
        if name not in table.by_name:
            raise document.fault((*at, "customProperties"), _no_column(table, name))
    headers: dict[str, str] = {}
    for n, column in enumerate(columns):
        if column.retired:
            continue
        if column.old_number_of and column.old_number_of not in table.by_name:
            raise document.fault((*at, "properties", n), f"{column.name}: {_no_column(table, column.old_number_of)}")
        for header in column.headers:
            if headers.setdefault(header, column.name) != column.name:
                raise document.fault(
                    (*at, "properties", n), f"{table.name}: header {header!r} means both {headers[header]} and {column.name}"
                )
    return table


def _no_column(table: Table, name: str) -> str:
    return f"{table.name} has no column {name!r}.{nearest(name, list(table.by_name))}"


def _column(document: Document, at: Position, item: SchemaProperty) -> Column:
    assert item.name and item.businessName and item.logicalType and item.physicalType  # the JSON Schema requires them
    custom = _custom(document, at, item.customProperties)
    options = item.logicalTypeOptions or {}
    shadow = frozenset[str](custom.get("shadow", ()))
    kind = options.get("format") or ("code" if custom.get("codeList") else item.logicalType)
    can_be = {*ODD_CODES, *CODES_OF_TYPE.get(kind, ()), *([MISSING] if item.required else [])}
    if item.primaryKey:  # it identifies rows: a finding about it can only be a warning
        can_be &= {"uscc-inner-check"}
    if shadow - can_be:
        raise document.fault(
            at,
            f"{item.name}: {', '.join(sorted(shadow - can_be))} cannot be in shadow here. "
            + (f"It can be: {', '.join(sorted(can_be))}" if can_be else "No rule of this column can"),
        )
    return Column(
        name=item.name,
        header=item.businessName,
        aliases=tuple(custom.get("aliases", ())),
        logical_type=item.logicalType,
        physical_type=item.physicalType,
        format=options.get("format"),
        required=bool(item.required) and MISSING not in shadow,
        key_position=(item.primaryKeyPosition or 1) if item.primaryKey else None,
        unit=custom.get("unit"),
        default_unit=custom.get("defaultUnit") or custom.get("unit"),
        code_list=custom.get("codeList"),
        description=item.description or "",
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        old_number_of=custom.get("oldNumberOf"),
        longest=int(options.get("maxLength") or MAX_TEXT_LENGTH),
        shadow=shadow,
        known_oddities=tuple(custom.get("known_oddities", ())),
        required_from=_required_from(document, at, item, custom),
        retired=_retired(document, at, item, custom),
        formerly=custom.get("formerly"),
    )


def _required_from(document: Document, at: Position, item: SchemaProperty, custom: Mapping[str, Any]) -> date | None:
    if "requiredFrom" not in custom:
        return None
    if not item.required or item.primaryKey:
        raise document.fault(
            at, f"{item.name}: requiredFrom says from which day a column is required: it needs `required: true`, and no key"
        )
    try:
        return date.fromisoformat(custom["requiredFrom"])
    except ValueError:
        raise document.fault(at, f"{item.name}: requiredFrom: there is no day {custom['requiredFrom']}") from None


def _retired(document: Document, at: Position, item: SchemaProperty, custom: Mapping[str, Any]) -> bool:
    is_retired: bool = custom.get("retired", False)
    if is_retired and item.primaryKey:
        raise document.fault(at, f"{item.name}: a column of the key cannot be retired")
    return is_retired


def _custom(document: Document, at: Position, properties: Sequence[CustomProperty] | None) -> dict[str, Any]:
    """Custom properties as a mapping; the JSON Schema has checked their names and values."""
    found: dict[str, Any] = {}
    for n, item in enumerate(properties or ()):
        assert item.property  # the JSON Schema requires it
        if item.property in found:
            raise document.fault((*at, "customProperties", n), f"the property {item.property!r} stands here twice")
        found[item.property] = item.value
    return found
