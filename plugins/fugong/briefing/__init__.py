"""Briefing: composes figures and wording into a document, drafts it, waits for a signature and publishes it.

In:   figures, `include/briefing`.     Out: .docx, .html and .md files, rows of `audit.published`.
Read: document.compose → wording.load_template, wording.write → render; signing.draft → signing.conclude → publishing.publish.
Owns: `audit.published`, `audit.signing`, `audit.adjustment`, and the copies for people in `briefings/`.
"""
