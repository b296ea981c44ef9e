"""Intake: files of the inbox become submissions, parts and rows, and get a receipt.

In:   `inbox/<DEPT>/*`, contracts, suites.     Out: `intake.*`, `report.*`, `outbox/<DEPT>/*`.
Read: pipeline.process_department → processor → evaluate → load.
Owns: every INSERT and UPDATE on `intake.*` and `report.*`.
"""
