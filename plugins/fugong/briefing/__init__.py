"""Briefing: figures and wording become a document; drafts are signed and published.

In:   figures, `include/briefing`.     Out: .docx, .html and .md documents, rows of `audit.publication*`.
Read: document.compose → wording → render; signing → publishing.
Owns: `audit.publication`, signatures and adjustments.
"""
