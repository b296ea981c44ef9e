"""Makes untrusted text harmless for a spreadsheet, for a line on a screen and for a file name."""

from __future__ import annotations

import re
import unicodedata

FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""The last four are the full-width forms, which Chinese and Japanese spreadsheets treat alike."""
NO_FORMULA = re.compile(r"[+-]?[\d\s,.\u00a5]*\d[\d\s,.]*(?:%|[eE][+-]?\d+)?|[-+/ ]*")
"""A plain number (`-12.5`, `+3`, `-1,379.88`, `-3%`) or strokes alone (`-`, `--`): no spreadsheet evaluates these."""
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MARKUP = str.maketrans("<>[]`*_|", "\uff1c\uff1e\uff3b\uff3d\uff40\uff0a\uff3f\uff5c")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|\s|$)", re.IGNORECASE)
FORBIDDEN = frozenset("<>:\"/\\|?*'")
SUFFIX = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,4}$")
MAX_STEM_BYTES = 120
"""Bytes of UTF-8; leaves room for our own endings within the 255 of most file systems."""


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could evaluate as a formula; numbers stay numbers.

    `restore` removes it when the sheet comes back.
    """
    head = text.lstrip(" \u00a0\u3000\ufeff\u200b")[:1]
    if head and head in FORMULA_STARTS and not NO_FORMULA.fullmatch(unicodedata.normalize("NFKC", text)):
        return "'" + text
    return text


def restore(text: str) -> str:
    """Undo `neutralise`."""
    return text[1:] if text[:1] == "'" and neutralise(text[1:]) == text else text


def one_line(text: str) -> str:
    """Put a text on one line: control characters become spaces; invisible ones that change the direction of writing are dropped."""
    shown = (" " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character for character in text)
    return "".join(character for character in shown if character not in BIDI and not "\ud800" <= character <= "\udfff")


def without_markup(text: str) -> str:
    """Make the characters full-width that pages and Markdown read as markup: a stranger's words are quoted there among ours."""
    return text.translate(MARKUP)


def file_stem(name: str) -> str:
    """Make a sender's file name, without its suffix, safe on any system: at most 120 bytes, never empty."""
    base = one_line(name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    stem = SUFFIX.sub("", base)
    stem = "".join("_" if character in FORBIDDEN else character for character in stem)
    stem = re.sub(r"\.{2,}", ".", stem).strip(". ")
    if RESERVED.match(stem):
        stem = "_" + stem
    stem = stem.encode("utf-8")[:MAX_STEM_BYTES].decode("utf-8", errors="ignore").rstrip(". ")
    return stem or "_"
