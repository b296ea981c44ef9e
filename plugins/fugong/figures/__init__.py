"""Figures: marts and definitions become the numbers of the briefing, each with its coverage, warnings and reasons.

In:   `mart.*`, `include/briefing/figures`.     Out: `Figure`.
Read: figure.figures → definition → term.
Owns: nothing; it reads.
"""
