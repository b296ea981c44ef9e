"""Long proofs: what `make test` tries on a few cases is tried here on many (`make prove`).

A proof is a list of numbered cases; its seed and the case's number decide all of a case. What was found is kept after every case, so that a
run that was stopped goes on where it was. Start reading in `proof`.
"""
