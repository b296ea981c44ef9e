"""Privacy: finds and masks personal data in texts and in columns of cells.

In:   a text, a column of cells.     Out: the kinds found with their positions, the masked text.
Read: detect.find, detect.mask → check_digits; detect_columns.find_in for whole columns.
Owns: nothing.
"""
