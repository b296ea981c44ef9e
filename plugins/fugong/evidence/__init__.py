"""Evidence: an append-only log of digests, by which every settled record can be proved unchanged.

In:   records as they are settled, published and signed; a head that left the house.     Out: heads `n:hex`, faults.
Read: digest → merkle → log → records, rows (canonical texts) → settlement, tombstones (entries) → claims → verify.
Owns: `audit.log_entry`, `audit.log_head`, `audit.sealed_part`. (`lineage.bundle` makes the evidence of one figure from it.)
"""
