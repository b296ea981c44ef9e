"""Marts: SQL files become fact views and mart tables; stale days are computed again; the past is replayed.

In:   the heads and SELECTs of `include/sql/facts`, `marts` and `checks`.   Out: `fact.*`, `mart.*`, `open.*`, rows of checks.
Read: sql_files.load_sql_files → header → model; schema.create_marts; build.build → staleness → replay.
Owns: `fact.*`, `mart.*`, `open.*`, `audit.mart_version`, `audit.mart_day`. Clears `intake.stale_day`, which intake marks.
"""
