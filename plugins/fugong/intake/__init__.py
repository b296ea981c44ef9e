"""Intake: files of the inbox become submissions, parts and rows, and every submission gets a receipt.

In:   `inbox/<DEPT>/*`, contracts, suites.     Out: rows of `intake.*` and `report.*`, receipts in `outbox/<DEPT>`.
Read: collect.collect → pipeline.process_department → processor.SubmissionProcessor → identify → evaluate → load.
Owns: every write to `report.*` and `intake.*`, in `copy`, `versions`, `records`, `submissions`, `collect`, `obligations`, `questions`, `answers` and
      `stale_days`.
      One table is shared: `stale_days` marks `intake.stale_day`; `marts` marks it, too, when a mart, check or reference table
      changed, and clears it when the days are built.

An evaluation is not complete before COPY: `copy` pulls validated blocks while `validation.run` still records findings.
"""
