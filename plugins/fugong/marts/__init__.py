"""Marts: SQL files become fact views and mart tables; stale days are computed again; the past is replayed.

In:   the heads and SELECTs of `include/sql/facts`, `marts` and `checks`.   Out: `fact.*`, `mart.*`, `open.*`, rows of checks.
Read: sql_files.load_sql_files → header → model; schema.create_marts; build.build → staleness → portions → compute → shared_facts; replay;
      what analysts see: open_rows.refresh → kept_firms → protected → reader, firms_behind; open_attack attacks it.
Owns: `fact.*`, the tables of `mart` and what analysts see of them in `open` (not the system views that `warehouse` makes there),
      `audit.mart_version`, `audit.mart_day`. Marks `intake.stale_day` when a mart, check or reference table changed, and clears it.
"""
