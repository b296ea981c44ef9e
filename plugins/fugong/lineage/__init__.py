"""Lineage: from a figure to the lines it was made of, from a submission to the figures it counts in, and what moved between two moments.

In:   a figure, a cell of a mart or a submission.     Out: lines with file, sheet and number; differences.
Read: trace.trace → impact → diff.
Owns: nothing; it reads.
"""
