"""Publications end: audit.publication_end; and why one may go out although a figure jumped: audit.published.reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KINDS = ("withdrawn", "superseded")


def upgrade() -> None:
    """Create the table and add the column."""
    op.add_column("published", sa.Column("reason", sa.Text(), server_default="", nullable=False), schema="audit")
    op.create_table(
        "publication_end",
        sa.Column("publication_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("successor_id", sa.BigInteger()),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(sa.column("kind").in_(KINDS), name="publication_end_kind_check"),
        sa.CheckConstraint("(kind = 'superseded') = (successor_id IS NOT NULL)", name="publication_end_successor_check"),
        schema="audit",
    )
