"""Privacy: personal data in texts and columns are found and masked.

In:   text, columns of cells.     Out: the kinds found, masked text.
Read: detect → detect_columns.
Owns: nothing; values in, values out.
"""
