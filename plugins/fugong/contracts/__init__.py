"""Contracts: what a report is, column by column, who sends it and when it is due.

In:   `include/contracts`, code lists.     Out: `Contract`, `Table`, `Column`, due times.
Read: contract.load_contracts → schedule.
Owns: the meaning of `include/contracts`.
"""
