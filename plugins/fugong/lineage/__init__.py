"""Lineage: from a figure to the lines behind it, from a submission to the figures that count it, and what changed between two moments.

In:   a figure, a cell of a mart, a submission, or two moments.     Out: lines with file, sheet and number; cells; figures; causes.
Read: trace.trace → impact.impact → diff.diff.
Owns: nothing; it reads.
"""
