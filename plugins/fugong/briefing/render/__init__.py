"""Rendering: one composed briefing becomes Word, HTML or Markdown.

In:   a `document.Briefing`.     Out: bytes that are the same for the same briefing.
Read: environment → docx, html, markdown; chart draws the curves. The templates lie in `templates/`.
"""
