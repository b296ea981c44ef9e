"""Recognises personal numbers and credit codes by what they must contain: a province, a date, a length, check digits."""

from __future__ import annotations

import re
from datetime import date

from fugong.core.credit_code import ALPHABET, LENGTH, check_character

PROVINCES = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, *range(81, 84)),
    )
)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
CARD_LENGTHS = {"62": range(16, 20), "9558": range(19, 20), "60": range(19, 20)} | dict.fromkeys(
    (*(f"4{digit}" for digit in "023456789"), "51", "52", "53", "54", "55", "35"), range(16, 17)
)
"""First digits → lengths of cards issued in China. By Luhn's digit alone one document number in ten would count as a card, and
numbers that begin with a division of Henan (41) are common here."""


def is_id_number(text: str) -> bool:
    """Whether 18 characters are a resident ID number: a province, a date of birth and the right check digit (GB 11643)."""
    if not re.fullmatch(r"\d{17}[\dXx]", text) or text[:2] not in PROVINCES:
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year <= 2099:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], ID_WEIGHTS, strict=True))
    return ID_CHECKS[total % 11] == text[17].upper()


def is_old_id_number(digits: str) -> bool:
    """Whether 15 digits are an ID number of the kind issued until 1999: a province and a date of birth. It has no check digit."""
    try:
        date(1900 + int(digits[6:8]), int(digits[8:10]), int(digits[10:12]))
    except ValueError:
        return False
    return digits[:2] in PROVINCES


def is_credit_code(text: str) -> bool:
    """Whether 18 characters are a unified social credit code: a division of China and the right check character.

    The division matters: one ID number in 31 has the right check character by chance, but its 3rd and 4th digit rarely name a province.
    """
    code = text.upper()
    if len(code) != LENGTH or any(symbol not in ALPHABET for symbol in code):
        return False
    if code[2:4] not in PROVINCES and code[2:8] != "100000":
        return False
    return check_character(code) == code[17]


def is_organisation_code(text: str) -> bool:
    """Whether 9 characters are an organisation code with the right check character (GB 11714), as places 9 to 17 of a credit code are."""
    if not re.fullmatch(r"[0-9A-Za-z]{8}[0-9Xx]", text):
        return False
    total = sum(int(symbol, 36) * weight for symbol, weight in zip(text[:8], ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11] == text[8].upper()


def is_bank_card(digits: str) -> bool:
    """Whether digits are a bank card number: first digits and length of a card issued in China, and Luhn's check digit."""
    if not any(digits.startswith(first) and len(digits) in lengths for first, lengths in CARD_LENGTHS.items()):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
