"""Doubts: which cells of a day may be wrong, what figures would be printed if they were, and whom to call first.

In:   findings with a proposal, contradictions, values that jump; `include/doubts.yaml`; the archive.     Out: `Calls`: ranked calls, a stop rule.
Read: calls.ask → contradicted, proposed, ratios (where doubts come from) → what_if (the figures with another line) → ranking.
Owns: nothing. A line is changed in a savepoint that is rolled back.
"""
