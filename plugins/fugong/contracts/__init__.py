"""Contracts: what a report is, column by column, who sends it and when it is due.

In:   `include/contracts`, `include/reference/code_list.csv`, the calendar in `ref`.     Out: `Contract`, `Table`, `Column`, `CodeList`, due times, example rows.
Read: load.load_contracts → contract → code_list → schedule.
Owns: the grammar of contracts (`schemas/contract.schema.json`), credit codes a column at a time (`uscc`; their constants are in `core.credit_code`), and how spellings are folded.
"""
