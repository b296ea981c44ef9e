"""`audit.schema_change`: what changed in the shape of the warehouse, when, from what to what, and by which contract."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

SCHEMA_CHANGE = sa.table(
    "schema_change",
    *(
        sa.column(name)
        for name in ("change_id", "relation", "column_name", "change", "value_before", "value_after", "contract_version")
    ),
    schema="audit",
)


class Change(StrEnum):
    """What a change did to a relation or column (`audit.schema_change.change`)."""

    MIGRATED = "migrated"
    CREATED = "created"
    ADDED = "added"
    WIDENED = "widened"
    LOOSENED = "loosened"
    """A column that had to be filled may be empty now."""
    RENAMED = "renamed"
    RETIRED = "retired"
    """The contract says so; the data stay."""
    KEPT = "kept"
    """The contract no longer names the column; the data stay."""
    RESUMED = "resumed"
    """A retired or kept column is in the contract again."""


def record(
    connection: sa.Connection,
    relation: str,
    change: Change,
    *,
    column: str | None = None,
    before: str | None = None,
    after: str | None = None,
    contract_version: str | None = None,
) -> None:
    """Write one change."""
    connection.execute(
        sa.insert(SCHEMA_CHANGE).values(
            relation=relation,
            column_name=column,
            change=change.value,
            value_before=before,
            value_after=after,
            contract_version=contract_version,
        )
    )


def states(connection: sa.Connection) -> dict[tuple[str, str | None], Change]:
    """(relation, column) → whether the column was last retired, kept or resumed. Other columns are not named. None: the table itself."""
    log = SCHEMA_CHANGE.c
    rows = connection.execute(
        sa.select(log.relation, log.column_name, log.change)
        .where(log.change.in_([Change.RETIRED.value, Change.KEPT.value, Change.RESUMED.value]))
        .order_by(log.change_id)
    )
    return {(relation, column): Change(change) for relation, column, change in rows}


def renames(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """(relation, former name) → the name that the column got last."""
    log = SCHEMA_CHANGE.c
    rows = connection.execute(
        sa.select(log.relation, log.value_before, log.value_after)
        .where(log.change == Change.RENAMED.value)
        .order_by(log.change_id)
    )
    return {(relation, before): after for relation, before, after in rows}
