"""A report is owed from a day on: ref.report_due.owed_from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; `init` fills it from the contracts."""
    op.add_column("report_due", sa.Column("owed_from", sa.Date()), schema="ref")
