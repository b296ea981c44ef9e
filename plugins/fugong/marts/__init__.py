"""Marts: SQL files become fact views and mart tables; stale days are computed again; the past is replayed.

In:   `include/sql/facts`, `marts`, `checks`.     Out: `fact.*`, `mart.*`, `open.*`, rows of checks.
Read: sql_files.load_sql_files → build.build → staleness → replay.
Owns: `fact.*`, `mart.*`, `open.*`, `audit.mart_version`, `audit.mart_day`. Clears `intake.stale_day`, which intake marks.
"""
