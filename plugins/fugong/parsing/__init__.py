"""Parsing: cells as typed and a contract become typed rows and findings.

In:   cells of a sheet, a contract.     Out: Arrow record batches with the contract's types, findings, the lines that go back.
Read: locate.locate_all → header → rows.interpret → cells.
Owns: nothing; values in, values out.
"""
