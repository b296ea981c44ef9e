"""Findings name the wrong cell of a row and what should stand there: intake.finding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the proposed value, the doubt, and the rules that a finding tells of."""
    op.add_column("finding", sa.Column("proposed", sa.Text()), schema="intake")
    op.add_column("finding", sa.Column("is_doubtful", sa.Boolean(), nullable=False, server_default=sa.false()), schema="intake")
    op.add_column("finding", sa.Column("rules", sa.ARRAY(sa.Text())), schema="intake")
