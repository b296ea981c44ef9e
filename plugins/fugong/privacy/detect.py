"""Finds ID numbers, mobile numbers and bank cards in a text, by their check digits where they have one, and masks them.

Fugong needs no data on persons. A file with such data in a cell of its table goes back whole (`detect_columns`).
Receipts and returned rows pass through `mask`, so that Fugong never shows again what a department typed by mistake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from fugong.privacy.check_digits import is_bank_card, is_credit_code, is_id_number

ELEVEN_DIGITS = re.compile(r"\d(?:[ -]?\d){10}")
"""No personal number is shorter; this settles most cells."""
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![0-9A-Za-z])")
CREDIT_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<![\d.A-Za-z])(?:\+?86[ -]?)?(?P<number>1[3-9]\d(?P<gap>[ -]?)\d{4}(?P=gap)\d{4})(?!\d|\.\d|[A-Za-z])")
BANK_CARD = re.compile(
    r"(?<![\d.A-Za-z])\d{4}(?P<gap>[ -]?)\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,3})?(?!\d|\.\d|[A-Za-z])"
)

KINDS = {
    "id_number": ("身份证号", "an ID number"),
    "mobile": ("手机号", "a mobile number"),
    "bank_card": ("银行卡号", "a bank card"),
}
YOUNGEST = 2005
"""Nobody in a report was born in this year or later; a number with such a date is that of a document."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece of personal data in a text.

    Attributes:
        kind: `id_number`, `mobile` or `bank_card`.
        start: first position in the text.
        end: position after its last character.
    """

    kind: str
    start: int
    end: int


def find(text: str, *, is_code: bool = False) -> list[Hit]:
    """Find the personal data in a text, from left to right.

    Args:
        is_code: the text is a key or account number of the sender's own numbering. Eleven digits are no telephone number there and
            sixteen no card, and masking them would break the row's key. ID numbers are found there, too.
    """
    if not ELEVEN_DIGITS.search(text):
        return []
    plain = _half_width(text)
    # If a number is valid both as an ID number and as a credit code, treat it as an ID number.
    hits = [Hit("id_number", *match.span()) for match in ID_NUMBER.finditer(plain) if is_id_number(_digits(match.group()))]
    if is_code:
        # A project number holds a division, a date and a serial: one in eleven has the check digit of a person born on that date.
        return [hit for hit in hits if int(_digits(plain[hit.start : hit.end])[6:10]) < YOUNGEST]
    taken = [(hit.start, hit.end) for hit in hits]
    taken += [match.span() for match in CREDIT_CODE.finditer(plain) if is_credit_code(match.group())]
    for kind, start, end in _cards_and_phones(plain):
        if all(end <= first or last <= start for first, last in taken):
            taken.append((start, end))
            hits.append(Hit(kind, start, end))
    return sorted(hits, key=lambda hit: hit.start)


def mask(text: str, *, is_code: bool = False) -> str:
    """Replace personal data by asterisks, except their first and last characters, so that the sender finds the place.

    Credit codes stay as typed, unless they are valid ID numbers, too. `is_code` as in `find`.
    """
    masked = text
    for hit in reversed(find(text, is_code=is_code)):
        found = text[hit.start : hit.end]
        masked = masked[: hit.start] + found[:3] + "*" * (len(found) - 7) + found[-4:] + masked[hit.end :]
    return masked


def _digits(text: str) -> str:
    return re.sub(r"[ -]", "", text)


def _cards_and_phones(plain: str) -> Iterator[tuple[str, int, int]]:
    for match in BANK_CARD.finditer(plain):
        if is_bank_card(_digits(match.group())):
            yield "bank_card", *match.span()
    for match in MOBILE.finditer(plain):
        yield "mobile", *match.span("number")


def _half_width(text: str) -> str:
    """Make full-width digits and letters half-width, one by one, so that positions stay."""
    if text.isascii():
        return text
    return "".join(half if len(half := unicodedata.normalize("NFKC", character)) == 1 else character for character in text)
