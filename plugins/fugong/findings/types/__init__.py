"""Every type of finding, grouped by where the problem lies: file, submission, table, cell.

Data only. `catalogue` joins the groups; `docs/findings.md` shows them.
"""
