"""A publication may hold the English edition, too: audit.published.format."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Allow the formats of the English edition."""
    op.drop_constraint("published_format_check", "published", schema="audit", type_="check")
    op.create_check_constraint(
        "published_format_check", "published", "format IN ('docx', 'html', 'md', 'en.docx', 'en.html', 'en.md')", schema="audit"
    )
