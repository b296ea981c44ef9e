"""Table detection: the tables of any file, guessed without a contract (`fugong read`).

In:   a `Reading`.     Out: tables with headers, units and types, and what was left out.
Read: read.read_tables → tables → header.
Owns: nothing; values in, values out.
"""
