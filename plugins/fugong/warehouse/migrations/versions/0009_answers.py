"""Senders answer doubts: intake.question, intake.answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables, and tie findings to them."""
    op.create_table(
        "question",
        sa.Column("question_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind IN ('finding', 'check')", name="question_kind_check"),
        sa.CheckConstraint("last_day >= first_day", name="question_days_check"),
        sa.UniqueConstraint("digest", name="question_digest_key"),
        schema="intake",
    )
    op.create_index("question_key_digest", "question", ["key_digest"], schema="intake")
    op.create_table(
        "answer",
        sa.Column("answer_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.Column("superseded_by", sa.BigInteger()),
        sa.CheckConstraint("verdict IN ('confirmed', 'corrected', 'definition', 'pending')", name="answer_verdict_check"),
        sa.CheckConstraint("char_length(reason) <= 200", name="answer_reason_check"),
        sa.ForeignKeyConstraint(["question_id"], ["intake.question.question_id"], name="answer_question_id_fkey"),
        sa.ForeignKeyConstraint(["submission_id"], ["intake.submission.submission_id"], name="answer_submission_id_fkey"),
        sa.ForeignKeyConstraint(["superseded_by"], ["intake.answer.answer_id"], name="answer_superseded_by_fkey"),
        schema="intake",
    )
    op.create_index("answer_question", "answer", ["question_id"], schema="intake")
    op.create_index("answer_submission", "answer", ["submission_id"], schema="intake")
    op.add_column("finding", sa.Column("question_id", sa.BigInteger()), schema="intake")
    op.add_column("finding", sa.Column("answer_id", sa.BigInteger()), schema="intake")
    op.create_foreign_key(
        "finding_question_id_fkey",
        "finding",
        "question",
        ["question_id"],
        ["question_id"],
        source_schema="intake",
        referent_schema="intake",
    )
    op.create_foreign_key(
        "finding_answer_id_fkey",
        "finding",
        "answer",
        ["answer_id"],
        ["answer_id"],
        source_schema="intake",
        referent_schema="intake",
    )
    op.create_index(
        "finding_question", "finding", ["question_id"], schema="intake", postgresql_where=sa.text("question_id IS NOT NULL")
    )
