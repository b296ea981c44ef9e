"""Validation: the suite of a table decides which typed rows may be loaded, and records findings for the others.

In:   typed rows, `expectations/<table>.json`.     Out: blocks of accepted rows, findings, counts of rules in shadow.
Read: context.IntakeContext → suite.load_suites → run.accepted_blocks → first_pass.FirstPass.unproven → suite.Suite.check → expectation.
Owns: the meaning of `expectations/`. Writes no table.
"""
