"""Contracts: what each report looks like, read from `include/contracts/*.odcs.yaml` (Open Data Contract Standard 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty

from fugong.core.errors import ConfigurationError

MODES = ("snapshot", "ledger", "increment")
LOGICAL_TYPES = ("string", "integer", "number", "date", "boolean")
MACROS = ("told", "refused")
FORMATS = (None, "uscc", "month")
NAME = re.compile(r"^[a-z][a-z0-9_]{0,54}$")
PHYSICAL_TYPE = re.compile(r"^(text|integer|bigint|date|boolean|numeric\(\d+,\s?\d+\))$")
MAX_TEXT_LENGTH = 1000
"""Characters of a text where the contract does not say."""
UNITS = {
    "money": {name: Decimal(n) for name, n in (("元", 1), ("千元", 10**3), ("万元", 10**4), ("百万元", 10**6), ("亿元", 10**8))},
    "area": {"亩": Decimal(1), "公顷": Decimal(15), "平方米": Decimal("0.0015")},
}
"""How many of the first unit one of each is. Anything else is stored as sent."""
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
"""What reading a cell of a column of any type (odd ones), or of this format or type, can find; any of it may be in shadow."""


@dataclass(frozen=True)
class Column:
    """One column of a report table.

    Attributes:
        header: the Chinese header, without a unit.
        aliases: other headers that mean the same.
        unit: what one stored value counts; `元`, `亩` and `%` are converted on reading. A price is `元/立方米`: the unit of money that a
            title declares is that of amounts, not of prices.
        default_unit: what a bare number counts where neither cell, header nor title names a unit.
        scale: decimals stored, None for what is not a decimal.
        old_number_of: the credit code column of the same table whose 15-digit predecessor this one holds.
        longest: characters of a text, `logicalTypeOptions.maxLength`.
        shadow: codes of the catalogue that are counted in this column, and neither told nor acted upon. A column that is
            mandatory in shadow (`missing-value`) is optional for everything else: `required` is False.
        known_oddities: sentences for people about what its cells have been seen to hold.
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
        """Whether a row without it goes back."""
        return self.required or self.key_position is not None

    @property
    def is_required_in_shadow(self) -> bool:
        """Whether the column would be mandatory if its rules were in force."""
        return MISSING in self.shadow

    @property
    def counted_in(self) -> str | None:
        """What a unit in a cell or header is converted to: `元` of `元/立方米`."""
        return self.unit.partition("/")[0] if self.unit else None

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which the column is accepted."""
        return (self.header, *self.aliases)

    @property
    def scale(self) -> int | None:
        """Decimals stored."""
        found = re.search(r",\s?(\d+)\)$", self.physical_type)
        return int(found.group(1)) if found else None

    @property
    def precision(self) -> int | None:
        """Digits stored in all."""
        found = re.match(r"numeric\((\d+),", self.physical_type)
        return int(found.group(1)) if found else None

    @property
    def comment(self) -> str:
        """The column's comment in the warehouse: Chinese header, then what it means."""
        return f"{self.header} | {self.description}"


@dataclass(frozen=True, eq=False)
class Table:
    """One table of a report: a sheet of the department's file and `report.<name>` in the warehouse.

    Attributes:
        columns: those that are sent. `all_columns` also has the retired ones.
        senders: who sends this table, where not every sender of the report does.
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
        """The columns that some index holds, so that their texts have to be short."""
        units = (self.unit_column,) if self.unit_column else ()
        return frozenset((*self.key, *(name for index in self.indexes for name in index), *units))

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        """Columns that hold numbers of the sender's own: keys, accounts, indexed references. None is a telephone or a card."""
        indexed = (name for index in self.indexes for name in index)
        return frozenset((*self.key, *indexed, *(self.fallback or {}).values(), *([self.reverses] if self.reverses else [])))

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The columns that tell rows of one part apart."""
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
    """Largest sheet that a report may have; None where only the reader's own limits hold."""

    rows: int | None = None
    columns: int | None = None
    cells: int | None = None


@dataclass(frozen=True, eq=False)
class Contract:
    """One report.

    Attributes:
        macros: of a workbook with macros: `told` in a warning, or `refused`. They are never run.
        limits: of each sheet that is taken.
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
        """The table of that name."""
        for table in self.tables:
            if table.name == name:
                return table
        raise ConfigurationError(f"{self.id}: no table {name!r}. It has: {', '.join(table.name for table in self.tables)}")

    def tables_of(self, department_code: str) -> tuple[Table, ...]:
        """The tables that make a department's file complete."""
        return tuple(table for table in self.tables if department_code in (table.senders or self.senders))

    def on(self, day: date) -> Contract:
        """The contract for a report date: columns that are required from a later day on are optional."""
        tables = tuple(table.on(day) for table in self.tables)
        return self if all(new is old for new, old in zip(tables, self.tables, strict=True)) else replace(self, tables=tables)

    def of_sender(self, department_code: str) -> Contract:
        """The contract as one department sees it: itself as the sender, and its own tables."""
        return replace(self, senders=(department_code,), tables=self.tables_of(department_code))


@dataclass(frozen=True, eq=False)
class Contracts:
    """All contracts of an installation."""

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
            LookupError: there is none; the message lists what there is.
        """
        for contract in self.all:
            if wanted.casefold() in {contract.id.casefold(), contract.report.casefold(), contract.name.casefold()}:
                return contract
        there = ", ".join(f"{contract.report} {contract.id}" for contract in self.all)
        raise LookupError(f"No report {wanted!r}. There is: {there}")

    def of_sender(self, department_code: str) -> tuple[Contract, ...]:
        """The reports that a department sends."""
        return tuple(contract for contract in self.all if department_code in contract.senders)


def load_contracts(folder: Path) -> Contracts:
    """Read every contract of a folder (`include/contracts`); kept as long as no file changes.

    Raises:
        ConfigurationError: a file is not a contract we can work by; the message names file and place.
    """
    files = tuple(sorted(folder.glob("*.odcs.yaml")))
    if not files:
        raise ConfigurationError(f"{folder}: no contracts (*.odcs.yaml) here")
    return _load(tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[Path, int], ...]) -> Contracts:
    contracts = sorted((_contract(file) for file, _ in files), key=lambda contract: contract.report)
    seen: dict[str, str] = {}
    for contract in contracts:
        for name in (contract.report, contract.id, *(t.name for t in contract.tables if t.name != contract.id)):
            if name in seen:
                raise ConfigurationError(f"{contract.id}: {name!r} is used by {seen[name]} already")
            seen[name] = contract.id
    return Contracts(tuple(contracts))


def _contract(file: Path) -> Contract:
    try:
        odcs = OpenDataContractStandard.from_file(str(file))
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{file.name}: not an Open Data Contract: {error}") from error
    where = file.name
    if not (odcs.id and odcs.name and odcs.version and odcs.schema_):
        raise ConfigurationError(f"{where}: id, name, version and schema must be given")
    if where != f"{odcs.id}.odcs.yaml":
        raise ConfigurationError(f"{where}: its id is {odcs.id!r}, so the file should be named {odcs.id}.odcs.yaml")
    custom = _custom(odcs.customProperties)
    sla = {item.property: item.value for item in odcs.slaProperties or []}
    for wanted in ("report", "nameEn", "senders", "fileNames", "cadence"):
        if wanted not in custom:
            raise ConfigurationError(f"{where}: customProperties lacks {wanted!r}")
    if "dueTime" not in sla:
        raise ConfigurationError(f"{where}: slaProperties lacks 'dueTime'")
    if custom.get("macros", "told") not in MACROS:
        raise ConfigurationError(f"{where}: macros should be one of {', '.join(MACROS)}, found {custom['macros']!r}")
    contract = Contract(
        id=odcs.id,
        report=str(custom["report"]),
        version=odcs.version,
        name=odcs.name,
        name_en=str(custom["nameEn"]),
        senders=_texts(custom["senders"]),
        file_names=_texts(custom["fileNames"]),
        due=Due(
            cadence=str(custom["cadence"]),
            days=int(str(sla.get("dueDays", 1))),
            time=str(sla["dueTime"]),
            weekday=int(str(sla["dueWeekday"])) if sla.get("dueWeekday") else None,
        ),
        tables=tuple(_table(f"{where}: {schema.name}", schema) for schema in odcs.schema_),
        macros=str(custom.get("macros", "told")),
        limits=_limits(where, custom.get("limits", {})),
    )
    for table in contract.tables:
        if unknown := set(table.senders) - set(contract.senders):
            raise ConfigurationError(
                f"{where}: {table.name}: {', '.join(sorted(unknown))} is not among the senders of the report"
            )
    if idle := [sender for sender in contract.senders if not contract.tables_of(sender)]:
        raise ConfigurationError(f"{where}: no table is sent by {', '.join(idle)}")
    return contract


def _limits(where: str, given: Any) -> SheetLimits:
    names = [field.name for field in fields(SheetLimits)]
    if not isinstance(given, dict):
        raise ConfigurationError(f"{where}: limits should be some of {', '.join(names)}, each with a number; found {given!r}")
    for name, value in cast("dict[str, object]", given).items():
        if name not in names or not isinstance(value, int) or value < 1:
            raise ConfigurationError(
                f"{where}: limits should be some of {', '.join(names)}, each with a number; found {name}: {value!r}"
            )
    return SheetLimits(**given)


def _table(where: str, schema: SchemaObject) -> Table:
    custom = _custom(schema.customProperties)
    if not schema.name or not NAME.match(schema.name):
        raise ConfigurationError(f"{where}: a table needs a name in lower_case")
    if custom.get("mode") not in MODES:
        raise ConfigurationError(f"{where}: mode should be one of {', '.join(MODES)}, found {custom.get('mode')!r}")
    columns = tuple(_column(f"{where}.{item.name}", item) for item in schema.properties or [])
    table = Table(
        name=schema.name,
        title=schema.businessName or schema.name,
        description=schema.description or "",
        mode=str(custom["mode"]),
        columns=tuple(column for column in columns if not column.retired),
        sheets=_texts(custom.get("sheets", [])),
        business_date=custom.get("businessDate"),
        unit_column=custom.get("unitColumn"),
        reverses=custom.get("reverses"),
        fallback=custom.get("fallback"),
        indexes=tuple(_texts(index) for index in custom.get("indexes", [])),
        first_of=custom.get("firstOf"),
        is_large=custom.get("size") == "large",
        senders=_texts(custom.get("senders", [])),
        retired=tuple(column for column in columns if column.retired),
    )
    columns = table.columns
    if not table.key:
        raise ConfigurationError(f"{where}: no column is marked primaryKey")
    fallback = table.fallback or {}
    named = [table.business_date, table.unit_column, table.reverses, table.first_of, *fallback.values()]
    named += [column.old_number_of for column in columns]
    for name in [name for name in named if name] + [name for index in table.indexes for name in index]:
        if name not in table.by_name:
            raise ConfigurationError(f"{where}: no column {name!r}. It has: {', '.join(table.by_name)}")
    headers: dict[str, str] = {}
    for column in columns:
        for header in column.headers:
            if headers.setdefault(header, column.name) != column.name:
                raise ConfigurationError(f"{where}: header {header!r} means both {headers[header]} and {column.name}")
    return table


def _column(where: str, item: SchemaProperty) -> Column:
    custom = _custom(item.customProperties)
    options = item.logicalTypeOptions or {}
    if not item.name or not NAME.match(item.name) or item.name in {"part_id", "sheet", "row_number"}:
        raise ConfigurationError(f"{where}: a column needs a name in lower_case other than part_id, sheet, row_number")
    if item.logicalType not in LOGICAL_TYPES:
        raise ConfigurationError(f"{where}: logicalType should be one of {', '.join(LOGICAL_TYPES)}, found {item.logicalType!r}")
    if not item.physicalType or not PHYSICAL_TYPE.match(item.physicalType):
        raise ConfigurationError(
            f"{where}: physicalType should be text, integer, bigint, date, boolean or numeric(p,s), found {item.physicalType!r}"
        )
    if options.get("format") not in FORMATS:
        raise ConfigurationError(f"{where}: format should be uscc or month, found {options.get('format')!r}")
    if not item.businessName:
        raise ConfigurationError(f"{where}: businessName (the Chinese header) is missing")
    shadow = frozenset(_texts(custom.get("shadow", ())))
    kind = options.get("format") or ("code" if custom.get("codeList") else item.logicalType)
    can_be = {*ODD_CODES, *CODES_OF_TYPE.get(kind, ()), *([MISSING] if item.required else [])}
    if item.primaryKey:  # rows are told apart by it: it can only be warned about
        can_be &= {"uscc-inner-check"}
    if shadow - can_be:
        raise ConfigurationError(
            f"{where}: {', '.join(sorted(shadow - can_be))} cannot be in shadow here. "
            + (f"It can be: {', '.join(sorted(can_be))}" if can_be else "No rule of this column can")
        )
    return Column(
        name=item.name,
        header=item.businessName,
        aliases=_texts(custom.get("aliases", [])),
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
        known_oddities=_texts(custom.get("known_oddities", [])),
        required_from=_required_from(where, item, custom),
        retired=_retired(where, item, custom),
        formerly=custom.get("formerly"),
    )


def _required_from(where: str, item: SchemaProperty, custom: Mapping[str, Any]) -> date | None:
    if (value := custom.get("requiredFrom")) is None:
        return None
    if not item.required or item.primaryKey:
        raise ConfigurationError(
            f"{where}: requiredFrom says from which day a column is required: it needs `required: true`, and no key"
        )
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ConfigurationError(f"{where}: requiredFrom should be a day such as 2020-03-18, found {value!r}") from None


def _retired(where: str, item: SchemaProperty, custom: Mapping[str, Any]) -> bool:
    value = custom.get("retired", False)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{where}: retired should be true or false, found {value!r}")
    if value and item.primaryKey:
        raise ConfigurationError(f"{where}: a column of the key cannot be retired")
    return value


def _custom(properties: Iterable[CustomProperty] | None) -> dict[str, Any]:
    return {item.property: item.value for item in properties or [] if item.property}


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)
