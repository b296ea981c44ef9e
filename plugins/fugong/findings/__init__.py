"""Findings: what can be wrong with a submission, and what was found wrong in one.

In:   a code and its details.     Out: `Finding` with a Chinese and an English sentence and advice; a bounded collector.
Read: finding → catalogue → collector.
Owns: the catalogue of codes.
"""
