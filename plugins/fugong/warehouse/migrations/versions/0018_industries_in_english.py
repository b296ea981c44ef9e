"""Industries have English names: ref.industry.name_en. Marts are computed again, also on days on which nobody reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

STALE = """
    INSERT INTO intake.stale_day (table_name, day, settled_serial)
    SELECT DISTINCT 'mart.' || mart_day.mart, mart_day.day, settle_clock.settled_serial
    FROM audit.mart_day
    CROSS JOIN intake.settle_clock
    ON CONFLICT (table_name, day) DO NOTHING
"""


def upgrade() -> None:
    """Add the column. `init` fills it from the district's file, which need not have it.

    Until now a changed reference table, contract or SQL file made those days stale on which somebody had reported, and no other that a mart held.
    """
    op.add_column("industry", sa.Column("name_en", sa.Text()), schema="ref")
    op.execute(STALE)
