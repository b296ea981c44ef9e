"""Operations: set-up and upgrade, building marts, nightly maintenance, reminders and notes in outboxes.

In:   settings.     Out: a warehouse of the program's shape, notes, log lines of what was done.
Read: setup.init → build_marts → maintenance.
Owns: `intake.reminder`, the notes `催报.txt` and `核对提示.txt`.
"""
