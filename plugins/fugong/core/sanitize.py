"""Makes untrusted text harmless, one function for each place it goes to: a spreadsheet, a line, a terminal, JSON, Markdown, a file name.

HTML and Word's XML are escaped by the templates themselves (Jinja's autoescape).
"""

from __future__ import annotations

import json
import re
import unicodedata

FORMULA_STARTS = frozenset("=+-@")
"""After NFKC, which maps the full-width, small, raised and lowered forms to these."""
NO_FORMULA = re.compile(r"[+-]?[\d\s,.\u00a5]*\d[\d\s,.]*(?:%|[eE][+-]?\d+)?|[-+/ ]*")
"""A plain number (`-12.5`, `+3`, `-1,379.88`, `-3%`) or strokes alone (`-`, `--`): no spreadsheet evaluates these."""
CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
BLANK = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Beside the categories of `BLANK`: what Unicode calls ignorable by default, fillers, and the empty pattern of Braille."""
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MARKUP = str.maketrans("<>[]`*_|", "\uff1c\uff1e\uff3b\uff3d\uff40\uff0a\uff3f\uff5c")
MARKDOWN = re.compile(r"[\\`*_\[\]<>&|#~$^{}]|={2,}|\+{2,}")
BY_BACKSLASH = frozenset("\\`*_[]#")
"""What every dialect of Markdown takes after a backslash; the rest is written as references to characters, as in HTML."""
LINKED = (
    (re.compile("://"), "\uff1a//"),
    (re.compile(r"(?<=\bwww)\.", re.IGNORECASE), "\uff0e"),
    (re.compile(r"(?<=[\w.+-])@(?=[\w-])"), "\uff20"),
)
"""What many readers of Markdown make a link of, without any markup: addresses of pages and of people."""
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|\s|$)", re.IGNORECASE)
FORBIDDEN = frozenset("<>:\"/\\|?*'")
SUFFIX = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,4}$")
MAX_STEM_BYTES = 120
"""Bytes of UTF-8; leaves room for our own endings within the 255 of most file systems."""


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could evaluate as a formula; numbers stay numbers.

    `restore` removes it when the sheet comes back.
    """
    if "\u4e00" <= text[:1] <= "\u9fff" or (text[:1].isascii() and text[:1].isalnum()):
        return text  # nearly all of them
    seen = without_unseen_head(text)
    plain = unicodedata.normalize("NFKC", seen).replace("\u2212", "-")
    is_cut = text[:1] in {"\t", "\r", "\n"}  # some programs begin another cell there, and read what follows by itself
    if (is_cut or plain[:1] in FORMULA_STARTS) and not NO_FORMULA.fullmatch(plain):
        return "'" + text
    return text


def without_unseen_head(text: str) -> str:
    """A text from the first character on that a reader sees."""
    for at, character in enumerate(text):
        if unicodedata.category(character) not in BLANK and not UNSEEN.match(character):
            return text[at:]
    return ""


def restore(text: str) -> str:
    """Undo `neutralise`."""
    return text[1:] if text[:1] == "'" and neutralise(text[1:]) == text else text


def one_line(text: str) -> str:
    """Put a text on one line: control characters become spaces; invisible ones that change the direction of writing are dropped."""
    shown = (" " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character for character in text)
    return "".join(character for character in shown if character not in BIDI and not "\ud800" <= character <= "\udfff")


def on_screen(text: str) -> str:
    """A text for a terminal: what would move the cursor, change colours or the direction of writing is shown as a sign instead."""
    return text if text.isprintable() else "".join(c if c in "\n\t" else with_sign(c) for c in text)


def with_sign(character: str) -> str:
    """A visible character for one that controls something; any other as it is."""
    if character.isprintable() or unicodedata.category(character) not in CONTROLS:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\u27e8{code:04X}\u27e9"


def as_json(document: object, *, indent: int | None = 2) -> str:
    """A document as JSON that a terminal may show: what controls something is written as an escape, Chinese as it is."""
    return escaped(json.dumps(document, ensure_ascii=False, indent=indent))


def escaped(written: str) -> str:
    """JSON that means the same, with what controls something written as escapes."""
    return (
        written
        if written.isprintable()
        else "".join(c if c == "\n" or with_sign(c) == c else json.dumps(c)[1:-1] for c in written)
    )


def page(text: str) -> str:
    """A text for a page or a document whose template escapes markup: lines stay, what else controls something goes. XML cannot hold it."""
    return text if text.isprintable() else "".join(c for c in text if c in "\n\t" or with_sign(c) == c)


def markdown(text: str) -> str:
    """Make a text mean itself in Markdown, within a line, a cell of a table or a heading: no markup, no HTML, no link, no picture.

    Nothing protects the beginning of a line: the text stands after words of ours.
    """
    shown = one_line(text)
    for pattern, full in LINKED:
        shown = pattern.sub(full, shown)
    return MARKDOWN.sub(lambda found: "".join(f"\\{c}" if c in BY_BACKSLASH else f"&#{ord(c)};" for c in found[0]), shown)


def markdown_code(text: str) -> str:
    """A text as code in Markdown: a file name, say. Nothing within it is markup, not even an address."""
    shown = one_line(text).strip() or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    gap = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def without_markup(text: str) -> str:
    """Make the characters full-width that pages and Markdown read as markup: a stranger's words are quoted there among ours."""
    return text.translate(MARKUP)


def file_stem(name: str) -> str:
    """Make a sender's file name, without its suffix, safe on any system: at most 120 bytes, never empty. Its head is kept: it is never a path."""
    stem = SUFFIX.sub("", one_line(name).strip())
    stem = "".join("_" if character in FORBIDDEN else character for character in stem)
    stem = re.sub(r"\.{2,}", ".", stem).strip(". ")
    if RESERVED.match(stem):
        stem = "_" + stem
    stem = stem.encode("utf-8")[:MAX_STEM_BYTES].decode("utf-8", errors="ignore").rstrip(". ")
    return stem or "_"
