"""Logins are recorded: access.login_event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "login_event",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("session_id", sa.BigInteger()),
        sa.Column("address", sa.Text()),
        sa.Column("recorded_by", sa.Text(), server_default=sa.text("session_user"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "event IN ('login', 'failed', 'locked', 'refused', 'unavailable', 'logout', 'unlocked')",
            name="login_event_event_check",
        ),
        sa.Index("login_event_account_idx", "account", "event_id"),
        schema="access",
        if_not_exists=True,
    )
