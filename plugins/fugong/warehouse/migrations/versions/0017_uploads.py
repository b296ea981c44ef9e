"""Who sent a file on the pages: access.upload."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the table. Of files that were sent before nobody knows."""
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("session_id", sa.BigInteger()),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), sa.CheckConstraint("what IN ('file', 'rows', 'answers')"), nullable=False),
        sa.Column("about", sa.Integer()),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        schema="access",
    )
    op.create_index("upload_sha256", "upload", ["sha256"], schema="access")
