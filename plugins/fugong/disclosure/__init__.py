"""Keeps amounts of single firms out of what analysts see, and attacks it to prove that.

- `system`: cells, what a reader knows of each, and the linear relations between them.
- `attack`: the least and the greatest value that a reader can derive for a secret, by linear programming.
- `suppress`: which further cells to hide so that no secret can be derived closely, at least loss, by integer programming.
- `rounding`: how coarsely to round a series of values so that no change from day to day tells what one firm did.

The package knows numbers alone: no mart, no firm and no database.
"""
