"""People are told what happens: audit.message, audit.message_channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the outbox and the list of channels. Nobody is told of what happened before."""
    op.create_table(
        "message_channel",
        sa.Column("audience", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        schema="audit",
    )
    op.create_table(
        "message",
        sa.Column("message_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("n_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("fault", sa.Text()),
        sa.UniqueConstraint("event", "event_key", "audience", "channel", name="message_event_key"),
        sa.CheckConstraint(
            "event IN ('receipt_out', 'report_due', 'report_overdue', 'draft_waits', 'signature_lost', 'check_failed', 'task_failed',"
            " 'configuration_refused', 'given_up')",
            name="message_event_check",
        ),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name="message_state_check"),
        schema="audit",
    )
    op.create_index("message_waiting", "message", ["not_before"], schema="audit", postgresql_where=sa.text("state = 'waiting'"))
