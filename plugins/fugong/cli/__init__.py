"""Command line: one module per group of commands; `app` puts them together, `common` holds what they share.

In:   arguments.     Out: tables or JSON on standard output, progress and errors on standard error, an exit code.
Read: app.main.
"""
