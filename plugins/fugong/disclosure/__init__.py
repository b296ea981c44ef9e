"""Disclosure: keeps the amounts of single firms out of what analysts see, and attacks it to prove that.

In:   cells with their true values, what is shown of each, the sums between them, the amounts to protect.
                                 Out: which further cells to hide, how coarsely to round, the interval that a reader derives.
Read: suppress.suppress → attack.find_unsafe; attack.attack; plain; system; rounding.base_for_changes.
Owns: nothing. It knows numbers alone: no mart, no firm and no database.
"""
