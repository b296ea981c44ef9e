"""Audit: finds out which number of a published text is which figure, and which numbers contradict each other.

In:   a text, the figures of a day.     Out: `Audit`: each number with its figure and whether it agrees, and remarks.
Read: audit.compare → text.read_text → find_quantities → matching.match → checks.check_text (labels → shares, share_lists, sums, changes → verify).
Owns: nothing; it only reads. The schema `audit` of the warehouse is the log of who did what, not this package.
"""
