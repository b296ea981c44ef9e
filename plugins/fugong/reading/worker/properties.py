"""Collects the texts of a workbook besides its cells that may hold a personal number, format by format.

Properties, comments, headers and footers, shapes, links, input hints, formulas, names, and what a workbook keeps of other tables.
"""

from __future__ import annotations

import html
import re

from fugong.reading.worker.result import Result

MAX_TEXTS = 1000
MAX_CHARACTERS = 2000
MIN_DIGITS = 11
"""No personal number is shorter; most texts are left out."""
_PLACES = {
    "comments": re.compile(r"comment|persons?/", re.IGNORECASE),
    "properties": re.compile(r"^docprops/|^customxml/|^meta\.xml$", re.IGNORECASE),
    "shapes": re.compile(r"/(?:drawings|diagrams|charts|chartsheets)/|\.vml$|^object [^/]*/content\.xml$", re.IGNORECASE),
}
"""Which parts of a workbook are searched, by the entry's name; `others` are those that none of these and of `_NO_TEXTS` fits."""
_NO_TEXTS = re.compile(
    r"^\[content_types\]\.xml$|(?:^|/)(?:styles|sharedstrings|calcchain|settings)\.xml$|/theme/|^meta-inf/|^configurations2/|^basic/"
    r"|/printersettings/|\.rels$",
    re.IGNORECASE,
)
_ENDS = re.compile(rb"</(?:\w+:)?(?:comment|text|threadedComment|p|property|definedName|div)>")
_NAMED = re.compile(
    rb"""\b(?:descr|title|displayName|name|prompt|promptTitle|error|errorTitle|tooltip|display|location|Target|href|v)"""
    rb"""\s*=\s*(?:"([^"<]*)"|'([^'<]*)')"""
)
_TAG = re.compile(rb"<[^>]*>")
_PAGE_TEXT = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^>]*>([^<]+)")
_FORMULA = re.compile(rb"<(?:\w+:)?(?:f|formula\d?)(?:\s[^>]*)?>([^<]{11,})")
_HINT = re.compile(rb"<(?:\w+:)?(?:dataValidation|hyperlink)\s[^>]*>")
_DIGIT = rb"(?:[0-9]|\xef\xbc[\x90-\x99])"
_LONG = re.compile(rb"(?:" + _DIGIT + rb"[^0-9A-Za-z$(),:!*+<>\n]{0,9}){10}" + _DIGIT)
_PAGE_CODE = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|[A-Za-z])')
"""Font, colour and place in the header or footer of a page; the number may follow at once."""
_MAY_BE_HEADER, _MAY_BE_FOOTER, _MAY_BE_VALIDATION, _MAY_BE_LINK, _MAY_BE_CELL_FORMULA, _MAY_BE_FORMULA = (
    re.compile(start).search for start in (rb"Header>", rb"Footer>", rb"dataValidation", rb"hyperlink ", rb"f>", rb"formula")
)
_NUMERAL = "[〇零○一幺壹二贰两三叁四肆五伍六陆七柒八捌九玖]"
_SPELT = re.compile(
    rf"{_NUMERAL}(?:[ \t\-－—–·.、]{{0,3}}{_NUMERAL}){{10}}|[1Il][3-9][0-9OoIl][ -]?[0-9OoIl]{{4}}[ -]?[0-9OoIl]{{4}}|1\.[3-9][0-9]{{6,9}}[Ee]\+?10"
)
"""A number in Chinese numerals, and a mobile number with letters for 0 and 1 or as a spreadsheet shows it; as `privacy.spelling` finds them."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]+")


def place_of(entry: str) -> str | None:
    """What an entry of a workbook holds besides cells: comments, properties, shapes, links or others; None where it is not searched."""
    if entry.casefold().endswith(".rels"):
        return "links"
    if _NO_TEXTS.search(entry):
        return None
    return next((place for place, pattern in _PLACES.items() if pattern.search(entry)), "others")


def note_texts(result: Result, place: str, xml: bytes) -> None:
    """Note the texts in a piece of XML that cuts no text in two. The pieces of a formatted text are joined."""
    note_text(result, place, _decoded(b"\n".join(first or second for first, second in _NAMED.findall(xml))))
    joined = _ENDS.sub(b"\n", xml) if place in ("comments", "shapes") else re.sub(rb"</[^>]*>", b"\n", xml)
    note_text(result, place, _decoded(_TAG.sub(b"", joined)))


def note_sheet_texts(result: Result, xml: bytes) -> None:
    """Note what a piece of a sheet's XML holds besides cells: headers and footers of its pages, input hints, links, formulas."""
    # A single byte is found ten times as fast as a word, and most pieces lack it.
    if (b"H" in xml and _MAY_BE_HEADER(xml)) or (b"F" in xml and _MAY_BE_FOOTER(xml)):
        note_text(result, "pages", _decoded(b"\n".join(_PAGE_TEXT.findall(xml))))
    if (b"V" in xml and _MAY_BE_VALIDATION(xml)) or (b"y" in xml and _MAY_BE_LINK(xml)):
        for tag in _HINT.findall(xml):
            place = "links" if b"hyperlink " in tag[:20] else "hints"
            note_text(result, place, _decoded(b"\n".join(first or second for first, second in _NAMED.findall(tag))))
    if b"f" in xml and (_MAY_BE_CELL_FORMULA(xml) or _MAY_BE_FORMULA(xml)):
        formulas = b"\n".join(_FORMULA.findall(xml))
        if _LONG.search(formulas):
            note_text(result, "formulas", _decoded(b"\n".join(one for one in formulas.split(b"\n") if _LONG.search(one))))


def note_text(result: Result, place: str, text: str) -> None:
    """Note the lines of a text that have digits enough."""
    if place == "pages":
        text = _PAGE_CODE.sub("\n", text)
    for line in text.split("\n"):
        if sum(map(str.isdigit, line)) < MIN_DIGITS and not _SPELT.search(line):
            continue
        # The pieces overlap, so that none cuts a number.
        for start in range(0, len(line), MAX_CHARACTERS):
            if len(result.texts) < MAX_TEXTS and [place, piece := line[start : start + MAX_CHARACTERS + 100]] not in result.texts:
                result.texts.append([place, piece])


def note_binary(result: Result, place: str, raw: bytes) -> None:
    """Note the texts in bytes of an old workbook, which may be UTF-16 from any byte on, or a code page with ASCII digits."""
    for text in (
        raw.decode("utf-16-le", "replace"),
        raw[1:].decode("utf-16-le", "replace"),
        raw.decode("gb18030", "replace"),
    ):
        note_text(result, place, _CONTROLS.sub("\n", text))


def _decoded(raw: bytes) -> str:
    return html.unescape(raw.decode("utf-8", "replace"))
