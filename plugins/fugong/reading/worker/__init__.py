"""The worker: opens untrusted bytes in a sandbox, in one child process per file. Imports only `fugong.reading.limits`.

In:   a JSON request with a path on its standard input.     Out: an Arrow stream per sheet, `reading.json`, a JSON answer.
Read: fork_server.main → one_file.read → the module of the format (xlsx, ole, ods, html_tables, delimited, free_text).
Owns: nothing but the folder that the request names.
"""
