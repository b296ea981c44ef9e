"""Configuration: what a district's files say wrong, before anybody is stopped by it.

In:   `include/` and `expectations/` of a district; no warehouse.     Out: `Fault`: file, line, sentence.
Read: lint.lint → contracts → reference → sql_files → briefing; each adds to `fault.Faults`.
Owns: nothing; it reads. The shapes of files are in `schemas/`, what one file says about another is checked here.
"""
