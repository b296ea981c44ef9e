"""Receipts: a settled submission becomes the answer that its sender can act on; a workbook that comes back is recognised.

In:   `intake.*`, the archived file.     Out: .json, .txt and .xlsx in `outbox/<DEPT>`.
Read: receipt.write → text, phrases → workbook → returned_rows, to_verify, annotated_sheets; resubmission and answers for what comes back.
Owns: the files of receipts.
"""
