"""Core: what every package may use: settings, errors, vocabulary, documents checked by schema, time, texts, addresses of cells.

It imports no other package of ours.

In:   the environment, YAML and JSON documents.     Out: `Settings`, `Document`, small values.
Owns: nothing.
Read: vocabulary → settings → errors → schema.
"""
