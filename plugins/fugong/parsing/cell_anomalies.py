"""Cells that hold no value: placeholders (—, 无), "same as above", spreadsheet errors, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.core.column_bytes import Bytes, Places, bytes_of
from fugong.parsing.text_marks import HAN, ODD, QUOTATION_MARKS, ZERO, is_lost, unmarked

NOTHING = frozenset(
    "- -- --- — —— – ―― ─ / // \\ 无 暂无 空 不适用 n/a na nil null none nan (null) <null> \\n ¥- $- ¥— (空) (无) #".split()
)
"""Placeholders, folded: what people write where there is nothing to write."""
AS_ABOVE = frozenset({"同上", "〃", "″", '"', "''", "′′", "同上行", "同前"})
"""Placeholders for the value of the cell above, folded."""
ERRORS = frozenset(
    {"#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data", "#err!"}
)
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control characters, zero-width characters, marks of writing direction. Tabs and line ends are visible."""
APPROXIMATE = re.compile(
    r"^(?:(?:大?约|近|将近|超过?|不足|不到|大于|小于|至少|[>≥<≤~≈])+\d[\d,.]*(?:余|多|左右|以上|以下|上下|[+])?"
    r"|\d[\d,.]*(?:余|多|左右|以上|以下|上下|许|[+])|\d[\d,.]*(?:-|~|—|–|至|到)\d[\d,.]*)[^\d]{0,3}$"
)
"""A number that its writer did not know exactly."""
MAX_PLACEHOLDER_BYTES = 9
"""Bytes of the longest of `NOTHING` and `AS_ABOVE`; a longer cell of a text column is no placeholder."""


def fold_placeholder(text: str) -> str:
    """A cell folded, for the lookup in `NOTHING`, `AS_ABOVE` and `ERRORS`."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def is_nothing(text: str | None) -> bool:
    """Whether a cell is empty or holds a placeholder for nothing."""
    return not text or fold_placeholder(text) in NOTHING


@dataclass(frozen=True)
class CleanedCells:
    """Cells of a column without invisible characters, and why some hold no value.

    Attributes:
        cells: the cleaned text; null where the cell holds no value.
        is_nothing, is_as_above, is_error, is_approximate, is_lost: masks of the cells without a value.
        was_cleaned: mask of the values that differ from what was typed.
    """

    cells: pa.Array
    is_nothing: np.ndarray
    is_as_above: np.ndarray
    is_error: np.ndarray
    is_approximate: np.ndarray
    is_lost: np.ndarray
    was_cleaned: np.ndarray


def clean_cells(
    cells: pa.Array, *, is_number: bool, is_text: bool, is_reference: bool = False, zero_is_nothing: bool = False
) -> CleanedCells:
    """Remove invisible characters and classify the cells without a value, each distinct text once.

    Args:
        is_number: the column holds numbers, which may be approximate.
        is_text: the column holds free text or codes: wide letters and digits are narrowed and marks of text removed, too.
        is_reference: the column holds numbers that somebody assigns to things.
        zero_is_nothing: the column refers to something, and nothing is called 0.
    """
    encoded = cells.dictionary_encode()
    texts: list[str | None] = encoded.dictionary.to_pylist()
    clean = [None if text is None else _clean(text, is_text=is_text, is_reference=is_reference) for text in texts]
    kinds = [_kind(text, is_number=is_number, is_text=is_text, zero_is_nothing=zero_is_nothing) for text in clean]
    kept = [text if kind == "" else None for text, kind in zip(clean, kinds, strict=True)]
    codes = np.asarray(pc.fill_null(encoded.indices, len(texts)))

    def mask(flags: Sequence[bool]) -> np.ndarray:
        return np.array([*flags, False], dtype=bool)[codes]

    return CleanedCells(
        pa.array(kept, pa.string()).take(encoded.indices),
        mask([kind == "nothing" for kind in kinds]),
        mask([kind == "as above" for kind in kinds]),
        mask([kind == "error" for kind in kinds]),
        mask([kind == "approximate" for kind in kinds]),
        mask([kind == "lost" for kind in kinds]),
        mask([kind == "" and before != after for kind, before, after in zip(kinds, texts, clean, strict=True)]),
    )


def _clean(text: str, *, is_text: bool, is_reference: bool) -> str:
    """A text without invisible characters and marks. Wide letters are narrowed in a text without Chinese characters."""
    seen = INVISIBLE.sub("", text).strip()
    if not is_text:
        return unmarked(seen, keeps_quotations=False) if seen[:1] in "='\"`´‘’＇" else seen
    narrow = unicodedata.normalize("NFKC", seen).strip() if WIDE.search(seen) and not HAN.search(seen) else seen
    return unmarked(narrow, is_code=is_reference)


WIDE = re.compile("[\uff01-\uff5e]")


def _kind(text: str | None, *, is_number: bool, is_text: bool, zero_is_nothing: bool) -> str:
    folded = fold_placeholder(text or "")
    if not folded or folded in NOTHING:
        return "nothing"
    if folded in AS_ABOVE or text in AS_ABOVE:
        return "as above"
    if folded in ERRORS:
        return "error"
    if is_text and is_lost(folded):
        return "lost"
    if zero_is_nothing and ZERO.match(folded):
        return "nothing"
    return "approximate" if is_number and APPROXIMATE.match(folded) else ""


def find_odd_texts(cells: pa.Array) -> np.ndarray:
    """Positions of texts that may hold no value or another one: placeholders, errors, marks of text, invisible characters.

    Searches the bytes of the whole column first, so that a clean column costs next to nothing.
    """
    odd = np.zeros(len(cells), dtype=bool)
    lengths = pc.binary_length(cells)
    shortest = pc.min(lengths).as_py()
    if shortest is None:
        return np.flatnonzero(odd)
    if shortest <= MAX_PLACEHOLDER_BYTES:
        odd |= is_placeholder(cells, lengths)
    places, held = bytes_of(cells)
    raw = held.tobytes()
    marked = _may_be_marked(places, held, raw)
    if len(marked):
        odd[marked] |= np.asarray(pc.fill_null(pc.match_substring_regex(cells.take(pa.array(marked)), ODD), False))
    if b"#" in raw:
        odd |= np.asarray(pc.fill_null(pc.starts_with(cells, "#"), False))
    if len(held) and (held.min() < 0x20 or b"\x7f" in raw or any(_holds_invisible(held, raw, lead) for lead in _BYTES_AFTER)):
        odd |= np.asarray(pc.fill_null(pc.match_substring_regex(cells, INVISIBLE_OR_WIDE), False))
    return np.flatnonzero(odd)


MARK_FIRST, NUMBER_FIRST = (
    np.isin(np.arange(256), [sign.encode()[0] for sign in signs]) for signs in (f"={QUOTATION_MARKS}", "+-0123456789")
)
"""By first byte: cells that may begin with a mark of text, and cells that may begin with a number."""
ODD_IN_NUMBER = tuple(sign.encode() for sign in (",", ".0", "e", "E", "*", "x", "×"))
"""At least one of these is in every number that matches `ODD`."""


def _may_be_marked(places: Places, held: Bytes, raw: bytes) -> np.ndarray:
    """Positions of the cells that may match `ODD`, by their first bytes. Most columns have none."""
    if not len(held):
        return np.empty(0, np.int64)
    first = held[np.minimum(places[:-1], len(held) - 1)]
    maybe = MARK_FIRST[first]
    numbers = NUMBER_FIRST[first]
    if numbers.any() and any(sign in raw for sign in ODD_IN_NUMBER):
        maybe |= numbers
    return np.flatnonzero(maybe)


INVISIBLE_OR_WIDE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}"
    r"\x{feff}\x{fff9}-\x{fffb}\x{ff0d}\x{ff10}-\x{ff19}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]"
)
"""`INVISIBLE`, and wide letters and digits, as RE2 writes it."""
_BYTES_AFTER: dict[int, tuple[tuple[range, range | None], ...]] = {
    0xC2: ((range(0x80, 0xA0), None), (range(0xAD, 0xAE), None)),
    0xE2: (
        (range(0x80, 0x81), range(0x8B, 0x90)),
        (range(0x80, 0x81), range(0xAA, 0xAF)),
        (range(0x81, 0x82), range(0xA0, 0xAA)),
    ),
    0xEF: (
        (range(0xBB, 0xBC), range(0xBF, 0xC0)),
        (range(0xBF, 0xC0), range(0xB9, 0xBC)),
        (range(0xBC, 0xBD), range(0x8D, 0x8E)),
        (range(0xBC, 0xBD), range(0x90, 0x9A)),
        (range(0xBC, 0xBD), range(0xA1, 0xBB)),
        (range(0xBD, 0xBE), range(0x81, 0x9B)),
    ),
}
"""First byte in UTF-8 → second and third bytes of the characters of `INVISIBLE_OR_WIDE` that are not ASCII."""


def _holds_invisible(held: np.ndarray, raw: bytes, lead: int) -> bool:
    """Whether a column has a character of `INVISIBLE_OR_WIDE` whose first byte is `lead`."""
    if lead not in raw:
        return False
    at = np.flatnonzero(held[:-1] == lead)
    second = held[at + 1]
    third = held[np.minimum(at + 2, len(held) - 1)]
    return any(
        bool(
            (
                (second >= seconds.start)
                & (second < seconds.stop)
                & (True if thirds is None else (third >= thirds.start) & (third < thirds.stop))
            ).any()
        )
        for seconds, thirds in _BYTES_AFTER[lead]
    )


PLACEHOLDERS = pa.array(
    sorted(
        {
            "NaN",
            "- -",
            "¥ -",
            "\uffe5-",
            "\uffe5 -",
            "$ -",
            "\uff08空\uff09",
            "\uff08无\uff09",
            "同 上",
            "\uff0d",
            "\uff0f",
            *(form for sign in NOTHING | AS_ABOVE for form in (sign, sign.upper(), sign.title())),
        }
    )
)
AS_ABOVE_PLACEHOLDERS = pa.array(
    sorted(
        {
            f"{before}{sign}{after}"
            for sign in {"同 上", *AS_ABOVE}
            for before in ("", " ")
            for after in ("", " ", "\u3000", "\u00a0")
        }
    )
)


def is_placeholder(cells: pa.Array, lengths: pa.Array | None = None) -> np.ndarray:
    """Mask of the cells that are written exactly like one of `NOTHING` or `AS_ABOVE`."""
    short = np.asarray(
        pc.fill_null(pc.less_equal(pc.binary_length(cells) if lengths is None else lengths, MAX_PLACEHOLDER_BYTES), False)
    )
    out = np.zeros(len(cells), dtype=bool)
    at = np.flatnonzero(short)
    if len(at):
        some = cells if len(at) == len(cells) else cells.take(pa.array(at))
        out[at] = np.asarray(pc.is_in(some, PLACEHOLDERS))
    return out


def may_be_as_above(cells: pa.Array) -> bool:
    """Whether a column has a cell that is written like one of `AS_ABOVE`, also with a blank beside it."""
    lengths = pc.binary_length(cells)
    span = pc.min_max(lengths).as_py()
    if span["min"] is None or span["min"] > MAX_PLACEHOLDER_BYTES:
        return False
    short = cells if span["max"] <= MAX_PLACEHOLDER_BYTES else cells.filter(pc.less_equal(lengths, MAX_PLACEHOLDER_BYTES))
    return bool(pc.any(pc.is_in(pc.utf8_trim_whitespace(short), AS_ABOVE_PLACEHOLDERS)).as_py())


def is_as_above(text: str | None) -> bool:
    """Whether a cell means the same as the cell above."""
    return text is not None and (text.strip() in AS_ABOVE or fold_placeholder(text) in AS_ABOVE)
