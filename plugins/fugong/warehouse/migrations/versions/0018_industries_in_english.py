"""Industries have English names: ref.industry.name_en."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the column. `init` fills it from the district's file, which need not have it."""
    op.add_column("industry", sa.Column("name_en", sa.Text()), schema="ref")
