"""A submission may have no file in the archive: intake.submission.sha256."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Allow submissions of which nothing was kept, and give those that are there no digest."""
    op.alter_column("submission", "sha256", nullable=True, schema="intake")
    op.execute(
        """
        UPDATE intake.submission SET sha256 = NULL
        WHERE submission_id IN (
            SELECT submission_id FROM intake.finding WHERE code IN ('a-folder', 'no-permission', 'not-a-file')
        )
        """
    )
