"""Contracts: what a report is, column by column, who sends it and when it is due.

In:   `include/contracts`, `include/reference/code_list.csv`.     Out: `Contract`, `Table`, `Column`, `CodeList`, due times, example rows.
Read: load.load_contracts → contract → code_list → schedule.
Owns: the grammar of contracts (`schemas/contract.schema.json`), credit codes (`uscc`), and how spellings are folded.
"""
