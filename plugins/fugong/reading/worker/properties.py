"""Collects the texts of an .xlsx besides its cells that may hold a personal number: properties, comments, headers and footers, shapes."""

from __future__ import annotations

import html
import re

from fugong.reading.worker.result import Result

MAX_TEXTS = 1000
MAX_CHARACTERS = 2000
MIN_DIGITS = 11
"""No personal number is shorter; most texts are left out."""
_PLACES = {
    "comments": re.compile(r"^xl/(?:comments|threadedcomments|persons)", re.IGNORECASE),
    "properties": re.compile(r"^docprops/.*\.xml$", re.IGNORECASE),
    "shapes": re.compile(r"^xl/(?:drawings|diagrams|charts)/[^/]*\.(?:xml|vml)$", re.IGNORECASE),
    "names": re.compile(r"^xl/workbook\.xml$", re.IGNORECASE),
}
"""Which parts of a workbook are searched, by the entry's name."""
_ENDS = re.compile(rb"</(?:\w+:)?(?:comment|text|threadedComment|p|property|definedName|div)>")
_NAMED = re.compile(rb"""\b(?:descr|title|displayName|name)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_TAG = re.compile(rb"<[^>]*>")
_PAGE_TEXT = re.compile(rb"<(?:\w+:)?((?:odd|even|first)(?:Header|Footer))\b[^>]*>([^<]+)<")
_MAY_BE_HEADER, _MAY_BE_FOOTER = (re.compile(end).search for end in (rb"Header>", rb"Footer>"))


def place_of(entry: str) -> str | None:
    """What an entry of a workbook holds besides cells: a key of `_PLACES`; None where it is not searched."""
    return next((place for place, pattern in _PLACES.items() if pattern.match(entry)), None)


def note_texts(result: Result, place: str, xml: bytes) -> None:
    """Note the texts in a piece of XML that cuts no text in two. The pieces of a formatted text are joined."""
    named = b"\n".join(first or second for first, second in _NAMED.findall(xml))
    _note(result, place, named)
    ends = b"\n" if place in ("comments", "shapes") else b""
    joined = _ENDS.sub(b"\n", xml) if ends else re.sub(rb"</[^>]*>", b"\n", xml)
    _note(result, place, _TAG.sub(b"", joined))


def note_page_texts(result: Result, xml: bytes) -> None:
    """Note the headers and footers of the printed pages in a piece of a sheet's XML."""
    if _MAY_BE_HEADER(xml) or _MAY_BE_FOOTER(xml):
        _note(result, "pages", b"\n".join(text for _, text in _PAGE_TEXT.findall(xml)))


def _note(result: Result, place: str, raw: bytes) -> None:
    for line in html.unescape(raw.decode("utf-8", "replace")).split("\n"):
        if sum(map(str.isdigit, line)) < MIN_DIGITS:
            continue
        # The pieces overlap, so that none cuts a number.
        for start in range(0, len(line), MAX_CHARACTERS):
            if len(result.texts) < MAX_TEXTS and [place, piece := line[start : start + MAX_CHARACTERS + 100]] not in result.texts:
                result.texts.append([place, piece])
