"""Operations: set-up and upgrade, building marts, nightly maintenance, reminders and notes in outboxes.

In:   settings.     Out: a warehouse of the newest revision, built marts, results of maintenance tasks, notes to departments.
Read: setup.init → build_marts → maintenance.run_all → reminders.remind → contradiction_notes.
Owns: rows of `ref`, `audit.reference_version` and `audit.chore`; the notes `催报.txt`, `核对提示.txt` and `核对提示.xlsx`.
"""
