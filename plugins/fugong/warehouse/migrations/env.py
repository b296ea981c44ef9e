"""Runs revisions on the connection that `warehouse.migrate` hands over, within its transaction."""

from __future__ import annotations

from alembic import context

from fugong.warehouse.revision import VERSION_SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], version_table=VERSION_TABLE, version_table_schema=VERSION_SCHEMA
)
with context.begin_transaction():
    context.run_migrations()
