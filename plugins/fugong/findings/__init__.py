"""Findings: what can be wrong with a submission, and the problems found in one file.

In:   a code and its details.     Out: `Finding` with a Chinese and an English sentence and advice; a bounded collector.
Read: finding → types (data) → catalogue → collector; shadow for rules on trial.
Owns: the catalogue of codes and sentences.
"""
