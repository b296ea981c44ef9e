"""Core: words that everybody may use: settings, errors, time, bilingual text, addresses of cells. Imports no other package.

In:   the environment.     Out: `Settings` and small values.
Read: settings → errors → time.
"""
