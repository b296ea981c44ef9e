"""Analysis: exports marts to files, and answers analysts' questions.

In:   `open.*` and `mart.*`, `include/sql/questions`.     Out: Parquet, CSV and XLSX files; answers as tables.
Read: export.open_mart → formats.write; questions.ask.
Owns: nothing; it reads.
"""
