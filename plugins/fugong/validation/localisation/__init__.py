"""Localisation: which cell of a row that breaks rules is wrong, and what should stand there.

In:   rows that break rules over several cells, and the rules of the suite.     Out: for each row its explanations.
Read: localise.localise → constraints.constraints_of → search → explanation.Explanation.
Owns: how the text of a rule is read as a constraint. No rule is written twice. Nothing is ever mended: the clerk decides.
Source: I. P. Fellegi, D. Holt, A Systematic Approach to Automatic Edit and Imputation, JASA 71 (1976).
"""
