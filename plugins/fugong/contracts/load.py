"""Loads contracts from their files: checked against the JSON Schema, then for references that lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty

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
from fugong.contracts.unit import parse_unit
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
    document = parse_yaml(read_text(file), file.name)
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
        due=Due(
            cadence=custom["cadence"],
            days=int(str(sla.get("dueDays", 1))),
            time=str(sla["dueTime"]),
            weekday=weekday,
            owed_from=_owed_from(document, sla.get("owedFrom")),
        ),
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


def _owed_from(document: Document, given: object) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise document.fault(("slaProperties",), f"owedFrom: {given} is no day of the calendar") from error


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
    _refuse_ambiguous_former_names(document, at, columns)
    headers: dict[str, str] = {}
    for n, column in enumerate(columns):
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
    assert item.name and item.businessName and item.logicalType and item.physicalType  # the JSON Schema requires them
    custom = _custom(document, at, item.customProperties)
    options = item.logicalTypeOptions or {}
    if item.physicalType.partition("(")[0] not in (stored := STORED_AS[item.logicalType]):
        raise document.fault(
            (*at, "physicalType"),
            f"{item.name}: a {item.logicalType} is stored as {' or '.join(stored)}, found {item.physicalType!r}",
        )
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


def _custom(document: Document, at: Position, properties: Sequence[CustomProperty] | None) -> dict[str, Any]:
    """Custom properties as a mapping; the JSON Schema has checked their names and values."""
    found: dict[str, Any] = {}
    for n, item in enumerate(properties or ()):
        assert item.property  # the JSON Schema requires it
        if item.property in found:
            raise document.fault((*at, "customProperties", n), f"the property {item.property!r} stands here twice")
        found[item.property] = item.value
    return found
