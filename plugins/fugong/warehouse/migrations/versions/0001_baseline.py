"""The tables as the last release without migrations made them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from fugong.warehouse.engine import driver

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables. A warehouse that has them already is compared with them and stamped (`warehouse.migrate`)."""
    # By psycopg: the file holds many statements, and SQLAlchemy would read the % and : in them as parameters.
    driver(op.get_bind()).execute(Path(__file__).with_suffix(".sql").read_bytes())
