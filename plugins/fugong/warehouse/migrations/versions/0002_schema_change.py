"""A log of changes to the shape of the warehouse: audit.schema_change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES = ("migrated", "created", "added", "widened", "loosened", "renamed", "retired", "kept", "resumed")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "schema_change",
        sa.Column("change_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text()),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("value_before", sa.Text()),
        sa.Column("value_after", sa.Text()),
        sa.Column("contract_version", sa.Text()),
        sa.CheckConstraint(sa.column("change").in_(CHANGES), name="schema_change_change_check"),
        schema="audit",
    )
    op.create_index("schema_change_relation", "schema_change", ["relation", "column_name", "change_id"], schema="audit")
