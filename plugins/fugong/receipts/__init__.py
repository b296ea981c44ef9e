"""Receipts: a settled submission becomes the answer that its sender can act on; what comes back is recognised.

In:   `intake.*`, the archived file.     Out: .json, .txt and .xlsx in `outbox/<DEPT>`.
Read: receipt.write → text, workbook → resubmission.
Owns: the files of receipts.
"""
