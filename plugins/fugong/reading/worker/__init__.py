"""The process that opens untrusted bytes: sandboxed, one child per file. Imports only `fugong.reading.limits`.

In:   a path on its standard input.     Out: Arrow files of cells, a JSON answer.
Read: zygote.main → one_file → the reader of the format.
"""
