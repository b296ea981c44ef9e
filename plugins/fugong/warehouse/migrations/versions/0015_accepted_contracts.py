"""The warehouse keeps the contracts that it was made by: ref.contract; a department's other names: ref.department.aliases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the table, which `fugong init` fills, and the column."""
    op.create_table(
        "contract",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        schema="ref",
    )
    op.add_column("department", sa.Column("aliases", sa.Text()), schema="ref")
