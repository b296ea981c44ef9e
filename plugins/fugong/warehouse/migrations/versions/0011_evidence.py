"""Records prove themselves: audit.log_entry, audit.log_head, audit.sealed_part, audit.published_figure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the tables. `init` opens the log and seals what is there."""
    op.create_table(
        "log_entry",
        sa.Column("entry_number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True)),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("leaf", BYTEA(), nullable=False),
        sa.Column("head", BYTEA(), nullable=False),
        sa.CheckConstraint("algorithm IN ('sha256', 'sm3')", name="log_entry_algorithm_check"),
        schema="audit",
    )
    op.create_index("log_entry_subject", "log_entry", ["kind", "subject"], schema="audit")
    op.create_table(
        "log_head",
        sa.Column("is_only", sa.Boolean(), primary_key=True, server_default=sa.true()),
        sa.Column("size", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("frontier", sa.ARRAY(BYTEA()), nullable=False, server_default="{}"),
        sa.Column("algorithm", sa.Text(), nullable=False, server_default="sha256"),
        sa.Column("day", sa.Date()),
        sa.Column("recorded_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("is_only", name="log_head_is_only_check"),
        sa.CheckConstraint("algorithm IN ('sha256', 'sm3')", name="log_head_algorithm_check"),
        schema="audit",
    )
    op.execute("INSERT INTO audit.log_head DEFAULT VALUES")
    op.create_table(
        "sealed_part",
        sa.Column("part_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("root", BYTEA(), nullable=False),
        sa.Column("sheets", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("blocks", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("digests", sa.ARRAY(BYTEA()), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["intake.part.part_id"], name="sealed_part_part_id_fkey"),
        schema="audit",
    )
    op.create_table(
        "published_figure",
        sa.Column("publication_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("figure", sa.Text(), primary_key=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("numerator", sa.Text()),
        sa.Column("denominator", sa.Text()),
        sa.Column("coverage", sa.Text()),
        sa.Column("is_printed", sa.Boolean(), nullable=False),
        schema="audit",
    )
