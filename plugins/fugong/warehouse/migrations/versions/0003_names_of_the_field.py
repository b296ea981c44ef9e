"""Names that say what they hold: reporting_unit, columns_present, n_only_cause."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Rename a table with its key, and two columns. Views above follow by themselves."""
    op.rename_table("speaker", "reporting_unit", schema="intake")
    op.execute("ALTER TABLE intake.reporting_unit RENAME CONSTRAINT speaker_pkey TO reporting_unit_pkey")
    op.alter_column("part", "present", new_column_name="columns_present", schema="intake")
    op.alter_column("shadow_finding", "n_alone", new_column_name="n_only_cause", schema="intake")
