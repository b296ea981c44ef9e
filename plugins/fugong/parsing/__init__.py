"""Parsing: the cells of a sheet and a contract become typed rows and findings.

In:   cells as typed, a contract.     Out: Arrow record batches with the contract's types; findings; rows set aside.
Read: locate.locate_all → header → rows.interpret → fill_down → line_kinds → cells → cell_findings, control_totals.
Owns: nothing. It reads and writes working files only.
"""
