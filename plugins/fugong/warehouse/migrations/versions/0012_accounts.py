"""People have accounts: access.account, and who signed, proposed and approved by account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables, and the columns that name an account."""
    op.create_table(
        "account",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("department_code", sa.Text()),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("account ~ '^[a-z][a-z0-9._-]{1,39}$' AND account !~ '^(pg|fugong)_'", name="account_account_check"),
        sa.CheckConstraint("name <> '' AND post <> ''", name="account_person_check"),
        sa.CheckConstraint(
            "roles <@ ARRAY['viewer', 'operator', 'signer', 'admin', 'analyst', 'taskforce', 'auditor', 'department']"
            " AND ('department' = ANY(roles)) = (department_code IS NOT NULL)",
            name="account_roles_check",
        ),
        schema="access",
        if_not_exists=True,
    )
    op.create_table(
        "account_change",
        sa.Column("change_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("session_user"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "change IN ('added', 'changed', 'disabled', 'enabled', 'password')", name="account_change_change_check"
        ),
        schema="access",
        if_not_exists=True,
    )
    op.create_table(
        "supposition",
        sa.Column("supposed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        schema="access",
        if_not_exists=True,
    )
    for table in ("published", "publication_end", "signing", "adjustment", "adjustment_end"):
        op.add_column(table, sa.Column("account", sa.Text()), schema="audit")
    op.add_column("signing", sa.Column("digest", sa.Text()), schema="audit")
    op.alter_column("adjustment", "approver", nullable=True, schema="audit")
    op.create_table(
        "adjustment_approval",
        sa.Column("adjustment_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("account", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["audit.adjustment.adjustment_id"], name="adjustment_approval_adjustment_id_fkey"
        ),
        schema="audit",
    )
