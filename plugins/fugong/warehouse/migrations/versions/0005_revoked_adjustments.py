"""Adjustments of figures can be revoked: audit.adjustment_end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "adjustment_end",
        sa.Column("adjustment_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["adjustment_id"], ["audit.adjustment.adjustment_id"], name="adjustment_end_adjustment_id_fkey"),
        schema="audit",
    )
