"""Table detection: finds the tables of any file without a contract, for `fugong read`.

In:   a file.     Out: `DetectedTable`: range, header and rows as typed; `LeftOut`: the rows that belong to none, and why.
Read: read.read_tables → find_tables.find_tables → grid (passes over a sheet), header.find_head.
Owns: nothing.
"""
