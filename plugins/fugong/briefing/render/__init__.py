"""Rendering: writes a composed briefing as Word, HTML or Markdown.

In:   a `document.Briefing`.     Out: bytes that are the same for the same briefing.
Read: environment → docx, html, markdown; chart draws the curves.
Owns: the templates in `templates/`.
"""
