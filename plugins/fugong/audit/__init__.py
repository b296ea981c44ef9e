"""Audit: which number of a published text is which figure, and which numbers contradict each other.

In:   a text, the figures of a day.     Out: one line per number: figure, confirmed or contradicted, why.
Read: audit.compare → text → find_quantities → matching → checks.
Owns: nothing; it reads. (The schema `audit` of the warehouse is the log of who did what, not this package.)
"""
