"""The words of the Open Data Contract Standard that a contract uses.

Each document is held against the standard's own model once (`core.known_valid`): to import the model takes a tenth of a second, more than all
else that is done with the contracts of a district. Its shape is certain afterwards, and is read from the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fugong.core.errors import ConfigurationError
from fugong.core.known_valid import digest_of, known_valid
from fugong.core.schema import SCHEMAS, Document

STANDARD = "open-data-contract-standard"


@dataclass(frozen=True)
class NamedValue:
    """A custom property, or a property of the service level."""

    property: str
    value: Any


@dataclass(frozen=True)
class SchemaProperty:
    """A column."""

    name: str
    businessName: str
    logicalType: str
    physicalType: str
    description: str | None
    required: bool
    primaryKey: bool
    primaryKeyPosition: int | None
    logicalTypeOptions: Mapping[str, Any]
    customProperties: Sequence[NamedValue]


@dataclass(frozen=True)
class SchemaObject:
    """A table."""

    name: str
    businessName: str | None
    description: str | None
    properties: Sequence[SchemaProperty]
    customProperties: Sequence[NamedValue]


@dataclass(frozen=True)
class DataContract:
    """A contract."""

    id: str
    name: str
    version: str
    tables: Sequence[SchemaObject]
    slaProperties: Sequence[NamedValue]
    customProperties: Sequence[NamedValue]


def read_odcs(document: Document) -> DataContract:
    """The contract of a document that fits our own schema (`core.schema.validate`).

    Raises:
        ConfigurationError: it is no Open Data Contract.
    """
    known, digest = known_valid(SCHEMAS), digest_of(STANDARD, document.content)
    if digest not in known:
        from open_data_contract_standard.model import OpenDataContractStandard

        try:
            OpenDataContractStandard.model_validate(document.content)
        except ValueError as error:
            raise ConfigurationError(f"{document.file}: not an Open Data Contract: {error}") from error
        known.add(digest)
    content = document.content
    return DataContract(
        id=content["id"],
        name=content["name"],
        version=content["version"],
        tables=[_table(table) for table in content["schema"]],
        slaProperties=_values(content.get("slaProperties")),
        customProperties=_values(content.get("customProperties")),
    )


def _table(given: Mapping[str, Any]) -> SchemaObject:
    return SchemaObject(
        name=given["name"],
        businessName=given.get("businessName"),
        description=given.get("description"),
        properties=[_column(column) for column in given.get("properties") or ()],
        customProperties=_values(given.get("customProperties")),
    )


def _column(given: Mapping[str, Any]) -> SchemaProperty:
    return SchemaProperty(
        name=given["name"],
        businessName=given["businessName"],
        logicalType=given["logicalType"],
        physicalType=given["physicalType"],
        description=given.get("description"),
        required=bool(given.get("required")),
        primaryKey=bool(given.get("primaryKey")),
        primaryKeyPosition=given.get("primaryKeyPosition"),
        logicalTypeOptions=given.get("logicalTypeOptions") or {},
        customProperties=_values(given.get("customProperties")),
    )


def _values(given: Sequence[Mapping[str, Any]] | None) -> list[NamedValue]:
    return [NamedValue(one["property"], one.get("value")) for one in given or ()]
