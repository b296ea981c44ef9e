"""Analysis: marts leave the warehouse as files, and analysts' questions get their answers.

In:   marts, `include/sql/questions`.     Out: CSV, Parquet and XLSX files, answers as tables.
Read: export.export_mart → questions.
Owns: nothing; it reads.
"""
