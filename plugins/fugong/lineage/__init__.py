"""Lineage: from a figure to the lines behind it, from a submission to the figures that count it, what changed between two moments, and how figures are revised.

In:   a figure, a cell of a mart, a submission, or two moments.     Out: lines with file, sheet and number; cells; figures; causes; revisions.
Read: trace.trace → impact.impact → diff.diff; revisions.revisions → vintages → settlements.
Owns: nothing; it reads.
"""
