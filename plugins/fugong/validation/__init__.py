"""Validation: typed rows and a suite become rows to set aside and findings.

In:   typed rows, `expectations/`.     Out: findings, and which rows go back.
Read: suite.load_suites → expectation.
Owns: the meaning of `expectations/`.
"""
