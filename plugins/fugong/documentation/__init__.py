"""Documentation: pages and templates that are generated from contracts, suites, SQL headers and the catalogue of findings.

In:   `include/`, `expectations/`.     Out: data dictionary, page of findings, star schema, template workbooks.
Read: dictionary.describe, template.write_template.
Owns: nothing in the warehouse; it needs none.
"""
