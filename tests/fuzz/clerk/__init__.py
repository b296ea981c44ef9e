"""A clerk who fills in every report rightly, in any legal spelling and layout, and now and then steps into one trap.

`values` decides what the rows mean, `spellings` how a cell may be written, `layouts` how a sheet is built around them, `containers` which program
saves it, `traps` what goes wrong, `judging` what must hold. None of them asks the parser: the truth is known before there is a file.
"""
