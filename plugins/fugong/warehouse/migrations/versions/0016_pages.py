"""Pages: passwords for them, tokens of programs, and the record of who looked at single firms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the tables. Nobody has a password for the pages yet."""
    op.create_table(
        "page_password",
        sa.Column("account", sa.Text(), sa.ForeignKey("access.account.account"), primary_key=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("is_initial", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        schema="access",
    )
    op.create_table(
        "api_token",
        sa.Column("token_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("account", sa.Text(), sa.ForeignKey("access.account.account"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        schema="access",
    )
    op.create_table(
        "firm_access",
        sa.Column("access_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("session_id", sa.BigInteger()),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        schema="access",
    )
