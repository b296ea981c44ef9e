"""Loads contracts from their files: checked against the JSON Schema, then for references that lead nowhere.

One contract that cannot be read leaves the others as they are: `load_contracts` raises, `load_sound_contracts` gives the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from fugong.contracts.contract import (
    CODES_OF_TYPE,
    MAX_TEXT_LENGTH,
    MISSING,
    ODD_CODES,
    Column,
    Contract,
    Contracts,
    Due,
    OtherUnits,
    SheetLimits,
    Table,
)
from fugong.contracts.odcs import NamedValue, SchemaObject, SchemaProperty, read_odcs
from fugong.contracts.unit import NAMES_OF_UNITS, parse_unit
from fugong.core.errors import ConfigurationError
from fugong.core.schema import Document, Position, nearest, parse_yaml, read_text, validate

STORED_AS = {
    "string": ("text",),
    "integer": ("integer", "bigint", "numeric", "text"),
    "number": ("numeric", "text"),
    "date": ("date", "text"),
    "boolean": ("boolean", "text"),
}
"""Logical type → the types of PostgreSQL that hold all its values."""


SENDERS = re.compile(r"\bsenders\b(.*?)(?=\bproperty\b|\bslaProperties\b|\bschema\b|\Z)", re.DOTALL)
DEPARTMENT = re.compile(r"\b[A-Z][A-Z0-9]*\b")


@dataclass(frozen=True)
class FaultyReport:
    """A report whose configuration cannot be used.

    Attributes:
        id: the contract's id, as its file is named.
        senders: the departments that send it, as far as its file says.
        fault: what is wrong, with file and line.
    """

    id: str
    senders: tuple[str, ...]
    fault: ConfigurationError


def load_contracts(folder: Path) -> Contracts:
    """Load every contract of a folder (`include/contracts`); each cached until its file changes.

    Raises:
        ConfigurationError: a file is no valid contract. The message names file, line and, for an unknown word, the nearest right one.
    """
    contracts, faulty = load_sound_contracts(folder)
    if faulty:
        raise faulty[0].fault
    return contracts


def load_sound_contracts(folder: Path, accepted: Mapping[str, str] | None = None) -> tuple[Contracts, tuple[FaultyReport, ...]]:
    """Load the contracts of a folder that are valid, and say what is wrong with the others.

    Args:
        accepted: id → text of the contracts that `fugong init` accepted: where two contracts use one name, the one that has not changed
            since keeps it. Without it neither does.

    Raises:
        ConfigurationError: there is no contract, or none that is valid.
    """
    files = sorted(folder.glob("*.odcs.yaml"))
    if not files:
        raise ConfigurationError(f"{folder}: no contracts (*.odcs.yaml) here")
    loaded: list[_Loaded] = []
    faulty: list[FaultyReport] = []
    for file in files:
        try:
            text = read_text(file)
        except ConfigurationError as error:
            faulty.append(FaultyReport(_id_of(file), (), error))
            continue
        try:
            loaded.append(_loaded(file.name, text))
        except ConfigurationError as error:
            faulty.append(FaultyReport(_id_of(file), _senders_in(text), error))
    if not loaded:  # then it is the folder that is wrong, not a report
        raise faulty[0].fault
    loaded.sort(key=lambda one: one.contract.report)
    kept = {one.contract.id for one in loaded if (accepted or {}).get(one.contract.id) == one.text}
    clashes = [(one, fault) for one, fault in _clashes(loaded) if one.contract.id not in kept]
    faulty += [FaultyReport(one.contract.id, one.contract.senders, fault) for one, fault in clashes]
    left_out = {one.id for one in faulty}
    return Contracts(tuple(one.contract for one in loaded if one.contract.id not in left_out)), tuple(faulty)


def read_contract(name: str, text: str) -> Contract:
    """Read one contract.

    Args:
        name: the name of its file.

    Raises:
        ConfigurationError: it is not valid.
    """
    return _loaded(name, text).contract


@dataclass(frozen=True, eq=False)
class _Loaded:
    contract: Contract
    document: Document
    text: str


@lru_cache(maxsize=256)
def _loaded(name: str, text: str) -> _Loaded:
    return _Loaded(*_contract(name, text), text)


def _id_of(file: Path) -> str:
    return file.name.removesuffix(".odcs.yaml")


def _senders_in(text: str) -> tuple[str, ...]:
    """The departments that a contract names as senders although it is not valid, or is half written."""
    return tuple(dict.fromkeys(code for found in SENDERS.finditer(text) for code in DEPARTMENT.findall(found[1])))


def _clashes(loaded: Sequence[_Loaded]) -> Iterator[tuple[_Loaded, ConfigurationError]]:
    """The contracts that use a name that another one uses, too: number, id, or name of a table. The later one first: it is the newer more often."""
    users: dict[str, list[_Loaded]] = {}
    for one in loaded:
        contract = one.contract
        for name in dict.fromkeys((contract.report, contract.id, *(table.name for table in contract.tables))):
            users.setdefault(name, []).append(one)
    for name, there in users.items():
        for one in there[1:]:
            yield one, one.document.fault((), f"{name!r} is used by {there[0].contract.id} already")
        if len(there) > 1:
            yield there[0], there[0].document.fault((), f"{name!r} is used by {there[1].contract.id}, too")


def _contract(name: str, text: str) -> tuple[Contract, Document]:
    document = parse_yaml(text, name)
    validate(document, "contract")
    odcs = read_odcs(document)
    if name != f"{odcs.id}.odcs.yaml":
        raise document.fault(("id",), f"the id is {odcs.id!r}, so the file should be named {odcs.id}.odcs.yaml")
    custom = _custom(document, (), odcs.customProperties)
    sla = {item.property: item.value for item in odcs.slaProperties}
    weekday: Any = sla.get("dueWeekday")
    if (custom["cadence"] == "weekly") != (weekday is not None):
        raise document.fault(
            ("slaProperties",), f"a weekly report needs dueWeekday, and no other has one; this one is {custom['cadence']}"
        )
    contract = Contract(
        id=odcs.id,
        report=custom["report"],
        version=odcs.version,
        name=odcs.name,
        name_en=custom["nameEn"],
        senders=tuple(custom["senders"]),
        file_names=tuple(custom["fileNames"]),
        due=Due(
            cadence=custom["cadence"],
            days=int(str(sla.get("dueDays", 1))),
            time=str(sla["dueTime"]),
            weekday=weekday,
            owed_from=_owed_from(document, sla.get("owedFrom")),
        ),
        tables=tuple(
            _table(document, ("schema", n), schema, custom["nameEn"] if len(odcs.tables) == 1 else "")
            for n, schema in enumerate(odcs.tables)
        ),
        macros=custom.get("macros", "told"),
        limits=SheetLimits(**custom.get("limits", {})),
        is_owed_by_each=custom.get("owedBy") == "each",
    )
    for n, table in enumerate(contract.tables):
        if unknown := set(table.senders) - set(contract.senders):
            at = ("schema", n, "customProperties")
            raise document.fault(at, f"{table.name}: {', '.join(sorted(unknown))} is not among the senders of the report")
    if idle := [sender for sender in contract.senders if not contract.tables_of(sender)]:
        raise document.fault(("schema",), f"no table is sent by {', '.join(idle)}")
    return contract, document


def _owed_from(document: Document, given: object) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise document.fault(("slaProperties",), f"owedFrom: {given} is no day of the calendar") from error


def _table(document: Document, at: Position, schema: SchemaObject, title_en: str) -> Table:
    custom = _custom(document, at, schema.customProperties)
    columns = tuple(_column(document, (*at, "properties", n), item) for n, item in enumerate(schema.properties))
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
        tells_other_columns=custom.get("otherColumns") != "ignored",
        title_en=title_en,
    )
    fallback = table.fallback or {}
    named = [table.business_date, table.unit_column, table.reverses, table.first_of, *fallback.values()]
    for name in [name for name in named if name] + [name for index in table.indexes for name in index]:
        if name not in table.by_name:
            raise document.fault((*at, "customProperties"), _no_column(table, name))
    _refuse_ambiguous_former_names(document, at, columns)
    _refuse_odd_key(document, at, columns)
    names: set[str] = set()
    headers: dict[str, str] = {}
    for n, column in enumerate(columns):
        if column.name in names:
            raise document.fault((*at, "properties", n, "name"), f"{table.name} has two columns {column.name!r}")
        names.add(column.name)
        if column.retired:
            continue
        if column.old_number_of and column.old_number_of not in table.by_name:
            raise document.fault((*at, "properties", n), f"{column.name}: {_no_column(table, column.old_number_of)}")
        _check_other_units(document, (*at, "properties", n), table, column)
        for header in column.headers:
            if headers.setdefault(header, column.name) != column.name:
                raise document.fault(
                    (*at, "properties", n), f"{table.name}: header {header!r} means both {headers[header]} and {column.name}"
                )
    return table


def _refuse_odd_key(document: Document, at: Position, columns: Sequence[Column]) -> None:
    """Refuse positions in the key that are not 1, 2, 3 …: a gap is a column that somebody forgot."""
    keyed = [(column.key_position, n, column) for n, column in enumerate(columns) if column.key_position is not None]
    keyed.sort(key=lambda one: one[:2])
    for wanted, (position, n, column) in enumerate(keyed, start=1):
        if position != wanted:
            raise document.fault(
                (*at, "properties", n, "primaryKeyPosition"),
                f"{column.name}: primaryKeyPosition is {position}, and should be {wanted}: the columns of a key are counted from 1",
            )


def _check_other_units(document: Document, at: Position, table: Table, column: Column) -> None:
    """Refuse other units that no reader could apply: of rows that no column of codes tells, or that are no units."""
    if column.other_units is None:
        return
    told_by = table.by_name.get(column.other_units.column)
    if told_by is None:
        raise document.fault(at, f"{column.name}: otherUnits: {_no_column(table, column.other_units.column)}")
    if told_by.code_list is None:
        raise document.fault(at, f"{column.name}: otherUnits: {told_by.name} has no code list: it cannot tell rows apart")
    for _, unit in column.other_units.units:
        found = parse_unit(unit)
        if found is None or found.per is not None:
            raise document.fault(at, f"{column.name}: otherUnits: {unit!r} is no unit")


def _refuse_ambiguous_former_names(document: Document, at: Position, columns: Sequence[Column]) -> None:
    """Refuse a former name that is a column's name now, or the former name of two columns: whose values are they?"""
    names = {column.name: column.name for column in columns}
    for n, column in enumerate(columns):
        if column.formerly and names.setdefault(column.formerly, column.name) != column.name:
            raise document.fault(
                (*at, "properties", n),
                f"{column.name}: formerly: {column.formerly!r} is the name, or the former name, of {names[column.formerly]}",
            )


def _no_column(table: Table, name: str) -> str:
    return f"{table.name} has no column {name!r}.{nearest(name, list(table.by_name))}"


def _column(document: Document, at: Position, item: SchemaProperty) -> Column:
    custom = _custom(document, at, item.customProperties)
    options = item.logicalTypeOptions
    if item.physicalType.partition("(")[0] not in (stored := STORED_AS[item.logicalType]):
        raise document.fault(
            (*at, "physicalType"),
            f"{item.name}: {'an' if item.logicalType == 'integer' else 'a'} {item.logicalType} is stored as {' or '.join(stored)}, found {item.physicalType!r}",
        )
    _check_limits(document, at, item, options)
    _check_units(document, at, item, custom)
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
        other_units=_other_units(custom),
        tells_doubtful_scale=custom.get("doubtfulScale") == "tell",
        from_sheet_name=_from_sheet_name(document, at, item, custom),
    )


def _check_limits(document: Document, at: Position, item: SchemaProperty, options: Mapping[str, Any]) -> None:
    """Refuse limits that no value can keep, or that the column's type does not have."""
    least, most = options.get("minimum"), options.get("maximum")
    if least is not None and most is not None and least > most:
        raise document.fault((*at, "logicalTypeOptions"), f"{item.name}: minimum {least} is above maximum {most}: no number fits")
    owners = {"minimum": ("integer", "number"), "maximum": ("integer", "number"), "maxLength": ("string",), "format": ("string",)}
    for option, types in owners.items():
        if option in options and item.logicalType not in types:
            raise document.fault(
                (*at, "logicalTypeOptions", option),
                f"{item.name}: a {item.logicalType} has no {option}; {' and '.join(types)} has",
            )


def _check_units(document: Document, at: Position, item: SchemaProperty, custom: Mapping[str, Any]) -> None:
    """Refuse a unit that no reader knows, and units of two kinds for one column."""
    units = {name: parse_unit(custom[name]) for name in ("unit", "defaultUnit") if name in custom}
    for name, unit in units.items():
        if unit is None:
            raise document.fault(
                (*at, "customProperties"),
                f"{item.name}: {name}: {custom[name]!r} is no unit.{nearest(custom[name], NAMES_OF_UNITS)}",
            )
        if item.logicalType not in ("integer", "number"):
            raise document.fault((*at, "customProperties"), f"{item.name}: {name}: a {item.logicalType} has no unit")
    kinds = {unit.kind for unit in units.values() if unit}
    if len(kinds) > 1:
        raise document.fault(
            (*at, "customProperties"),
            f"{item.name}: unit {custom['unit']!r} and defaultUnit {custom['defaultUnit']!r} measure different things",
        )


def _other_units(custom: Mapping[str, Any]) -> OtherUnits | None:
    found = custom.get("otherUnits")
    return OtherUnits(found["column"], tuple(found["units"].items())) if found else None


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


def _from_sheet_name(document: Document, at: Position, item: SchemaProperty, custom: Mapping[str, Any]) -> bool:
    is_given: bool = custom.get("fromSheetName", False)
    if is_given and "codeList" not in custom:
        raise document.fault(
            at, f"{item.name}: fromSheetName reads the name of a sheet by the column's codeList, and there is none"
        )
    return is_given


def _custom(document: Document, at: Position, properties: Sequence[NamedValue]) -> dict[str, Any]:
    """Custom properties as a mapping; the JSON Schema has checked their names and values."""
    found: dict[str, Any] = {}
    for n, item in enumerate(properties):
        if item.property in found:
            raise document.fault((*at, "customProperties", n), f"the property {item.property!r} stands here twice")
        found[item.property] = item.value
    return found
