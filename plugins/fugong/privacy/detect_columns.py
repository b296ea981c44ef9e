"""Finds personal data in the columns of a table: excludes most cells many at a time, examines few one by one."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute

from fugong.core.column_bytes import bytes_of
from fugong.privacy.detect import FEWEST_DIGITS_AMONG_LETTERS, MIN_DIGITS, PHONE_WORDS, SHORTEST_NAME, find
from fugong.privacy.spelling import NUMERALS, ONES, ZEROS, fold

pc: Any = pa_compute  # its functions are made at import; no checker sees them
ID_LENGTH = 18
MIN_DIGITS_OF_ID = 17
CENTURY_AT = 6
"""Digits of an ID number before those of the year of birth."""
BYTES_OF_NUMERALS = 3 * 11
NUMERALS_FOR_ONE = tuple(one.encode() for one in "一幺壹")
MAX_DIGIT_DISTANCE = 10
"""Bytes from one digit to the next of a number, where all characters can be seen: three signs of three bytes between them."""
FIRST_OF_WORDS = range(0xE4, 0xEA)
"""The first bytes of Chinese characters, none of which stands within a number."""
PLAIN_NUMBER = re.compile(r"\s*[¥$]?\s*[-+]?(?:[\d,]+|\d{1,3}(?: \d{3})+)(?:\.\d+)?(?:E\+?\d+)?\s*", re.IGNORECASE)
LIKE = "OoIl|"
"""What looks like 0 or 1 in ASCII."""
WIDE_LIKE = tuple(sign.encode() for sign in f"{ZEROS}{ONES}\uff2f\uff4f\uff29\uff4c\uff5c" if not sign.isascii())
"""What else looks like 0 or 1."""
WIDE_DIGITS = frozenset(sign.encode() for sign in "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
ENDS_WIDE = np.isin(np.arange(1 << 16), [int.from_bytes(sign[1:]) for sign in (*WIDE_LIKE, *WIDE_DIGITS) if len(sign) == 3])
FIRST_OF_WIDE = (*range(0xCE, 0xD4), 0xE2, 0xE3, 0xEF)
"""The first bytes of what `_wide_signs` finds."""
MANY, MANY_UNSEEN = 100, 1_000
"""More cells than these are searched by a pattern first. Arrow compiles it at each call (`UNSEEN` in 40 ms), which costs as much as examining so many."""
NOWHERE = np.empty(0, np.int64)
MAX_DISTANCE = 6
"""Bytes from one sign of a mistyped number to the next: those of a wide sign, and of a blank or an unseen character."""


def _pattern(digit: str, between: str, old: str) -> str:
    """Wider than the patterns of `detect`, in the regular expressions of Arrow: a cell that does not match needs no examination."""

    def digits(start: str, n: int, among: str = digit) -> str:
        return rf"{start}(?:{between}*{among}){{{n}}}"

    like = rf"(?:{digit}|[OoIl\x{{41e}}\x{{43e}}\x{{39f}}\x{{3bf}}\x{{ff2f}}\x{{ff4f}}\x{{ff29}}\x{{ff4c}}])"
    is_ascii = digit == "[0-9]"
    mobile = digits(rf"1{between}*[3-9]", 9) if is_ascii else digits(digit, 10)
    card = digits(rf"(?:4|35|5{between}*[1-5]|6{between}*[02]|9{between}*5)", 14) if is_ascii else mobile
    year = rf"{between}*(?:[1Il]{between}*9|2{between}*[0Oo])" if is_ascii else rf"(?:{between}*{like}){{2}}"
    id_number = digits("[1-8OoIl]" if is_ascii else like, 5, like) + year + digits("", 9, like)
    id_number += rf"{between}*(?:{like}|[Xx\x{{ff38}}\x{{ff58}}])"
    # A number begins no later than at a group's first digit; from every digit on, the search would keep too many states.
    words = f"(?i:{'|'.join(sorted(PHONE_WORDS))})|[A-Za-z]{{{SHORTEST_NAME}}}" if is_ascii else "[^0-9]"
    phone = rf"(?:86|(?:^|[^0-9A-Za-z]|{words})0?){mobile}|[A-Za-z]{mobile}@"
    return rf"{phone}|(?:86|^|[^0-9])(?:{card}|{id_number})|{old}{digits(digit, 14)}"


DELETE = 0x7F
SOFT_HYPHEN = "\u00ad".encode()
_SIGN = (
    r"[ \t\r\n._/\\,;:|+*~()\x{3001}\x{ff0c}\x{ff1b}\x{ff1a}\x{ff5c}\x{ff0b}\x{ff0a}\x{ff5e}\x{ff08}\x{ff09}\p{Z}\p{Pd}\x{2043}\x{2212}\x{30fc}\x{2d7}\x{b7}\x{2022}\x{2027}\x{2219}\x{22c5}\x{30fb}\x{ff65}\x{3002}"
    r"\x{ff61}\x{fe52}\x{2024}\x{ff0e}\x{ff0f}\x{ff3f}\x{ff3c}]"
)
SEEN = _pattern("[0-9]", _SIGN, r"(?:身份|公民|居民|证件|[Dd\x{ff24}\x{ff44}]|[Zz\x{ff3a}\x{ff5a}])(?s:.{0,40})")
UNSEEN = _pattern(r"[\p{Nd}\p{No}]", r"(?:[^\p{L}\p{Nd}\p{No}]|\x{30fc})", r"[\p{Nd}\p{No}]")
"""For columns with digits that are not those of ASCII, or with characters that nobody sees."""
ID_OF_CODE = rf"(?:^|[^0-9])[1-8](?:{_SIGN}*[0-9]){{5}}{_SIGN}*(?:1{_SIGN}*9|2{_SIGN}*0)(?:{_SIGN}*[0-9]){{9}}{_SIGN}*[0-9Xx\x{{ff38}}\x{{ff58}}]"


def find_in(cells: pa.Array, kind: str = "text") -> list[tuple[int, str]]:
    """Find the cells of a column that hold personal data: the position of each, and the kind of the first piece in it.

    The bytes of a column exclude most cells, many at a time; the few that remain are examined one by one.

    Args:
        kind: `text`; `id`, a text under a header that says ID number; `code`, as `is_code` of `find`; `number`, where a cell that holds
            only a number counts as a code; `uscc`.
    """
    among = np.arange(len(cells))
    if kind in ("code", "uscc"):
        among = np.flatnonzero(~_can_be_no_id_number(cells) if kind == "code" else ~_is_like_a_firms_code(cells))
        cells = cells.take(pa.array(among))
    least = MIN_DIGITS_OF_ID if kind == "code" else MIN_DIGITS
    if (pc.max(pc.binary_length(cells)).as_py() or 0) < least:
        return []
    positions, is_plain = _with_digits(cells, least)
    if kind != "code" and len(numerals := _with_numerals(cells)):
        positions, is_plain = np.union1d(positions, numerals), False
    pattern = UNSEEN if not is_plain or kind == "id" else ID_OF_CODE if kind == "code" else SEEN
    if len(positions) > (MANY_UNSEEN if pattern is UNSEEN else MANY):
        texts = cells.take(pa.array(positions))
        maybe = pc.fill_null(pc.match_substring_regex(texts, f"{pattern}|{NUMERALS}"), False)
        positions = positions[np.asarray(maybe)]
    if kind != "code":
        positions = np.union1d(positions, _with_letters(cells))
    out: list[tuple[int, str]] = []
    for at in positions.tolist():
        text = cells[at].as_py()
        is_code = kind == "code" or (kind == "number" and PLAIN_NUMBER.fullmatch(fold(text)[0]) is not None)
        hits = find(text, is_code=is_code, is_labelled=kind == "id")
        if hits:
            out.append((int(among[at]), hits[0].kind))
    return out


def _with_numerals(cells: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The positions of cells with eleven Chinese numerals in a row, of which one is a 1: a mobile number begins with it, an ID number has it in its year."""
    places, text = bytes_of(cells)
    if np.diff(places).max(initial=0) < BYTES_OF_NUMERALS or not any(_holds(text, one) for one in NUMERALS_FOR_ONE):
        return NOWHERE
    return np.flatnonzero(np.asarray(pc.fill_null(pc.match_substring_regex(cells, NUMERALS), False)))


def _with_letters(cells: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The positions of cells with a run of digits and signs that look like 0 or 1, long enough for a number, or with one such as 1.38E+10."""
    places, text = bytes_of(cells)
    touched = np.zeros(len(cells), dtype=bool)
    held = text.tobytes()  # searched for single bytes, which most columns lack: many times as fast as comparing all of them
    exponents = np.flatnonzero(text[: max(len(text) - 2, 0)] == ord("+")) if b"+" in held else NOWHERE
    exponents = exponents[(text[exponents + 1] == ord("1")) & (text[exponents + 2] == ord("0"))]
    touched[np.searchsorted(places, exponents, "right") - 1] = True
    letters = NOWHERE
    if held_letters := [letter for letter in LIKE.encode() if letter in held]:
        letters = np.flatnonzero(functools.reduce(np.bitwise_or, [text == letter for letter in held_letters]))
    wide, is_wide_digit = _wide_signs(text) if any(lead in held for lead in FIRST_OF_WIDE) else (NOWHERE, NOWHERE == 0)
    if len(wide) or _is_beside_digit(text, letters).any():
        narrow = np.flatnonzero(text - np.uint8(ord("0")) < 10)
        starts = np.concatenate([narrow, letters, wide])
        is_digit = np.concatenate([np.ones(len(narrow), dtype=bool), np.zeros(len(letters), dtype=bool), is_wide_digit])
        order = np.argsort(starts, kind="stable")
        starts, is_digit = starts[order], is_digit[order]
        cell = np.searchsorted(places, starts, "right") - 1
        breaks = np.flatnonzero((np.diff(cell) > 0) | ~_are_of_one_number(text, starts))
        first, last = np.append(0, breaks + 1), np.append(breaks, len(starts) - 1)
        n_digits = np.append(0, np.cumsum(is_digit))
        n_digits, n = n_digits[last + 1] - n_digits[first], last + 1 - first
        touched[cell[first[(n >= MIN_DIGITS) & (n_digits < n) & (n_digits >= FEWEST_DIGITS_AMONG_LETTERS)]]] = True
    return np.flatnonzero(touched)


def _is_beside_digit(text: np.ndarray[Any, np.dtype[np.uint8]], at: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether a digit of ASCII stands near some bytes."""
    is_near = np.zeros(len(at), dtype=bool)
    for distance in range(1, MAX_DISTANCE + 1):
        for there in (np.maximum(at - distance, 0), np.minimum(at + distance, len(text) - 1)):
            is_near |= text[there] - np.uint8(ord("0")) < 10
    return is_near


def _are_of_one_number(
    text: np.ndarray[Any, np.dtype[np.uint8]], starts: np.ndarray[Any, Any]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether each of some signs and the next may belong to one number: near each other, and no letter between them."""
    gaps = np.diff(starts)
    are = gaps <= MAX_DISTANCE
    for distance in range(1, MAX_DISTANCE):
        between = np.flatnonzero(are & (gaps > distance))
        are[between] = (text[starts[between] + distance] | np.uint8(0x20)) - np.uint8(ord("a")) >= 26
    return are


def _wide_signs(text: np.ndarray[Any, np.dtype[np.uint8]]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Where wide digits and other signs of several bytes that look like 0 or 1 begin, and which of them are digits."""
    at = np.flatnonzero((text - np.uint8(0xCE) < 6) | (text - np.uint8(0xE2) < 2) | (text == 0xEF))
    if not len(at):
        return at, at == 0
    second, third = text[np.minimum(at + 1, len(text) - 1)], text[np.minimum(at + 2, len(text) - 1)]
    at = at[(text[at] < 0xE0) | ENDS_WIDE[second.astype(np.uint16) << 8 | third]]
    signs = [text[one : one + 3].tobytes() for one in at.tolist()]
    is_digit = np.array([sign in WIDE_DIGITS for sign in signs], dtype=bool)
    is_like = is_digit | np.array([sign.startswith(WIDE_LIKE) for sign in signs], dtype=bool)
    return at[is_like], is_digit[is_like]


def _holds(text: np.ndarray[Any, np.dtype[np.uint8]], sign: bytes) -> bool:
    """Whether a column has a character of three bytes. Its last byte is the one that few others have."""
    at = np.flatnonzero(text[2:] == sign[2])
    return bool(((text[at] == sign[0]) & (text[at + 1] == sign[1])).any())


def _lengths_and_first_bytes(cells: pa.Array) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    places, text = bytes_of(cells)
    return np.diff(places), np.append(text, np.uint8(0))[places[:-1]]


def _can_be_no_id_number(cells: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which codes cannot be ID numbers: shorter ones, and those of the same length whose first digit is that of no province.

    Of the same length, neither can those be whose digits of the year do not begin with 19 or 20.
    """
    lengths, first = _lengths_and_first_bytes(cells)
    out = lengths < ID_LENGTH
    places, text = bytes_of(cells)
    at = np.flatnonzero(lengths == ID_LENGTH)
    century, next_digit = text[places[at] + CENTURY_AT], text[places[at] + CENTURY_AT + 1]
    has_year = ((century == ord("1")) & (next_digit == ord("9"))) | ((century == ord("2")) & (next_digit == ord("0")))
    out[at] = (first[at] < ord("1")) | (first[at] > ord("8")) | ~has_year
    return out


def _is_like_a_firms_code(cells: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which credit codes look like those of firms, by length and first digit; no number of a person does."""
    lengths, first = _lengths_and_first_bytes(cells)
    return (lengths == ID_LENGTH) & (first == ord("9"))


def _with_digits(cells: pa.Array, least: int) -> tuple[np.ndarray[Any, np.dtype[np.int64]], bool]:
    """The positions of cells that may hold so many digits, and whether the column has only digits of ASCII and characters that are seen."""
    places, text = bytes_of(cells)
    digits = np.flatnonzero(text - np.uint8(ord("0")) < 10)
    wide, unusual = _unusual_characters(text)
    is_plain = not len(wide) and not len(unusual) and not _has_unseen(text)
    if len(wide):
        digits = np.sort(np.concatenate([digits, wide]), kind="stable")  # merges two sorted runs
    has_digits = np.diff(np.searchsorted(digits, places)) >= least
    if is_plain:
        if not has_digits.any():
            return NOWHERE, True
        # Numbers in names of firms are short and words stand between them: this settles most columns.
        is_before_word = text[digits[:-1] + 1] - np.uint8(FIRST_OF_WORDS[0]) < len(FIRST_OF_WORDS)
        breaks = np.flatnonzero(is_before_word | (np.diff(digits) > MAX_DIGIT_DISTANCE))
        first, last = np.append(0, breaks + 1), np.append(breaks, len(digits) - 1)
        is_long = last - first + 1 >= least
        if not is_long.any():
            return NOWHERE, True
        has_digits &= _touched(places, digits[first[is_long]], digits[last[is_long]])
    has_digits[np.searchsorted(places, unusual, "right") - 1] = True
    return np.flatnonzero(has_digits), is_plain


def _touched(
    places: np.ndarray[Any, Any], first: np.ndarray[Any, Any], last: np.ndarray[Any, Any]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cells hold a byte of some spans, given by the positions of their first and last bytes."""
    steps = np.zeros(len(places), np.int64)
    np.add.at(steps, np.searchsorted(places, first, "right") - 1, 1)
    np.add.at(steps, np.searchsorted(places, last, "right"), -1)
    return np.cumsum(steps[:-1]) > 0


def _unusual_characters(text: np.ndarray[Any, np.dtype[np.uint8]]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Where full-width digits begin, and other characters that may be digits or unseen. Those of Chinese, Latin and Greek texts are neither."""
    at = np.flatnonzero((text - np.uint8(0xCC) < 23) | (text >= 0xEA))  # the first bytes of few characters of a Chinese text
    if not len(at):
        return at, at
    padded = np.append(text, np.zeros(2, np.uint8)) if at[-1] + 2 >= len(text) else text
    lead, second, third = padded[at], padded[at + 1], padded[at + 2]
    is_wide = (lead == 0xEF) & (second == 0xBC) & (third >= 0x90) & (third <= 0x99)
    is_seen = (lead == 0xE2) & (second == 0x80) & (((third >= 0x90) & (third <= 0xA7)) | (third >= 0xAF))
    is_seen |= (lead == 0xE2) & (((second >= 0x84) & (second <= 0x90)) | (second >= 0x94)) & (second != 0x9D) & (second != 0xA0)
    is_seen |= (lead >= 0xCE) & (lead <= 0xD1)
    is_seen |= (lead == 0xEF) & ((second == 0xBC) | (second == 0xBD))
    return at[is_wide], at[~is_seen]


def _has_unseen(text: np.ndarray[Any, np.dtype[np.uint8]]) -> bool:
    """Whether a column has a control character or a soft hyphen."""
    if not len(text):
        return False
    if text.min() < ord(" ") or (text == DELETE).any():
        controls = text[(text < ord(" ")) | (text == DELETE)]
        if not np.isin(controls, (ord("\t"), ord("\n"), ord("\r"))).all():
            return True
    return bool((text == SOFT_HYPHEN[0]).any()) and SOFT_HYPHEN in text.tobytes()
