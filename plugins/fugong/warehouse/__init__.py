"""Warehouse: the server, connections, and the structure of the database.

In:   settings, contracts.     Out: connections; tables, views, comments and roles of the newest revision.
Read: connection.connect → revision (is the warehouse of this program?) → embedded.server; for `init`: migrate → report_schema → views
      → asof_view → roles.
Owns: the embedded server's data; the structure of `intake`, `audit`, `ref` (migrations), of `report` (contracts) and of `asof`;
      `audit.alembic_version`, `audit.schema_change`; `sql/` (views, comments, roles), among them `open.warehouse_revision`, `open.mart_day` and
      `mart.check_result`.
"""
