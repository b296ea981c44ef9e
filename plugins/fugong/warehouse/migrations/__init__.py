"""Migrations of the tables of `intake`, `audit` and `ref` (and `mart.check_row`), by Alembic.

In:   a connection inside the transaction of `init`.     Out: the tables of the newest revision.
Read: versions/0001_baseline.sql (the shape before the first migration) → the later revisions by number → env.
Owns: `audit.alembic_version`. A released revision never changes.

No `alembic.ini`: `warehouse.migrate` runs the revisions. Report tables follow the contracts (`warehouse.report_schema`); views and
functions are derived (`warehouse/sql/views`). docs/decisions/0060 says why.
"""
