"""The shape of tables as SQLAlchemy's inspector sees it, and how two shapes differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

DIALECT = postgresql.dialect()
Shape = Mapping[str, str]
"""What there is (`intake.part`, `intake.part.kind`, `intake.part: CHECK (…)`) → how it is defined."""


def type_name(kind: sa.types.TypeEngine[Any]) -> str:
    """A type as PostgreSQL writes it, such as `numeric(18,2)`."""
    return kind.compile(dialect=DIALECT).lower().replace(", ", ",")


def read_shape(connection: sa.Connection, schemas: Iterable[str]) -> dict[str, str]:
    """Tables, columns, types, defaults, keys, checks, foreign keys and indexes of these schemas.

    Names that PostgreSQL gives to constraints are left out: they depend on the order in which they were added.
    """
    shape: dict[str, str] = {}
    inspector = sa.inspect(connection)
    for schema in schemas:
        for (_, table), columns in inspector.get_multi_columns(schema).items():
            shape[f"{schema}.{table}"] = "table"
            for column in columns:
                shape[f"{schema}.{table}.{column['name']}"] = _column(column)
        for (_, table), key in inspector.get_multi_pk_constraint(schema).items():
            shape[f"{schema}.{table}: PRIMARY KEY ({', '.join(key['constrained_columns'])})"] = "key"
        for (_, table), checks in inspector.get_multi_check_constraints(schema).items():
            for check in checks:
                shape[f"{schema}.{table}: CHECK ({check['sqltext']})"] = "constraint"
        for (_, table), uniques in inspector.get_multi_unique_constraints(schema).items():
            for unique in uniques:
                shape[f"{schema}.{table}: UNIQUE ({', '.join(map(str, unique['column_names']))})"] = str(
                    unique.get("dialect_options") or ""
                )
        for (_, table), keys in inspector.get_multi_foreign_keys(schema).items():
            for key in keys:
                there = f"{key['referred_schema']}.{key['referred_table']} ({', '.join(key['referred_columns'])})"
                shape[f"{schema}.{table}: ({', '.join(key['constrained_columns'])}) REFERENCES {there}"] = "constraint"
        for (_, table), indexes in inspector.get_multi_indexes(schema).items():
            for index in indexes:
                options = index.get("dialect_options", {})
                where = options.get("postgresql_where")
                shape[f"{schema}.{table}: index {index['name']}"] = (
                    f"{'unique ' if index['unique'] else ''}({', '.join(map(str, index['column_names']))})"
                    f"{f' WHERE {where}' if where else ''}"
                    f"{' NULLS NOT DISTINCT' if options.get('postgresql_nulls_not_distinct') else ''}"
                )
    return shape


def _column(column: Any) -> str:
    words = [type_name(column["type"])]
    if not column["nullable"]:
        words.append("not null")
    if identity := column.get("identity"):
        words.append("identity always" if identity["always"] else "identity")
    elif computed := column.get("computed"):
        words.append(f"generated {computed['sqltext']}")
    elif column["default"] is not None:
        words.append(f"default {column['default']}")
    return " ".join(words)


def differences(found: Shape, wanted: Shape) -> list[str]:
    """How a shape differs from the wanted one, a few words each. More tables and more indexes than wanted do no harm."""
    told = [
        f"{name} is missing" if name not in found else f"{name} is {found[name]}, should be {wanted[name]}"
        for name in wanted
        if found.get(name) != wanted[name]
    ]
    tables = {name for name, definition in wanted.items() if definition == "table"}
    for name in found.keys() - wanted.keys():
        table = name.partition(":")[0] if ":" in name else name.rpartition(".")[0]
        if table in tables and ": index " not in name:
            told.append(f"{name} is not expected")
    return sorted(told)
