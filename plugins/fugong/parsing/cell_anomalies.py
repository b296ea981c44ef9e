"""What a cell may hold instead of a value: signs for nothing, "as above", errors of the spreadsheet, and characters nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NOTHING = frozenset(
    {"-", "--", "---", "—", "——", "–", "――", "─", "/", "//", "\\", "无", "暂无", "空", "n/a", "na", "nil", "null", "none", "nan"}
)
"""Folded. What people write where there is nothing to write."""
AS_ABOVE = frozenset({"同上", "〃", "″", '"', "''", "′′", "同上行", "同前"})
ERRORS = frozenset(
    {"#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data", "#err!"}
)
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control characters, zero widths, marks of writing direction. Tabs and line ends are seen."""
ABOUT = re.compile(
    r"^(?:(?:大?约|近|将近|超过?|不足|不到|大于|小于|至少|[>≥<≤~≈])+\d[\d,.]*(?:余|多|左右|以上|以下|上下|[+])?"
    r"|\d[\d,.]*(?:余|多|左右|以上|以下|上下|许|[+])|\d[\d,.]*(?:-|~|—|–|至|到)\d[\d,.]*)[^\d]{0,3}$"
)
"""A number that its writer did not know exactly."""
MAX_PLACEHOLDER_BYTES = 9
"""Bytes of the longest of `NOTHING` and `AS_ABOVE`; a longer cell of a text is no such sign."""


def fold_sign(text: str) -> str:
    """A cell as it is looked up in `NOTHING`, `AS_ABOVE` and `ERRORS`."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def is_nothing(text: str | None) -> bool:
    """Whether a cell is empty or says so."""
    return not text or fold_sign(text) in NOTHING


@dataclass(frozen=True)
class Swept:
    """Odd cells of a column, told apart.

    Attributes:
        cells: as typed without invisible characters; null where they hold nothing or cannot be a value.
        is_nothing, is_as_above, is_error, is_about, was_cleaned: masks.
    """

    cells: pa.Array
    is_nothing: np.ndarray
    is_as_above: np.ndarray
    is_error: np.ndarray
    is_about: np.ndarray
    was_cleaned: np.ndarray


def sweep(cells: pa.Array, *, is_number: bool, is_text: bool) -> Swept:
    """Tell odd cells apart, each distinct text once.

    Args:
        is_number: whether the column holds numbers, which may be approximate.
        is_text: whether it holds free text, in which a quotation mark may be a text.
    """
    encoded = cells.dictionary_encode()
    texts: list[str | None] = encoded.dictionary.to_pylist()
    clean = [None if text is None else _clean(text, narrow=is_text) for text in texts]
    kinds = [_kind(text, is_number=is_number) for text in clean]
    kept = [text if kind == "" else None for text, kind in zip(clean, kinds, strict=True)]
    codes = np.asarray(pc.fill_null(encoded.indices, len(texts)))

    def mask(flags: Sequence[bool]) -> np.ndarray:
        return np.array([*flags, False], dtype=bool)[codes]

    return Swept(
        pa.array(kept, pa.string()).take(encoded.indices),
        mask([kind == "nothing" for kind in kinds]),
        mask([kind == "as above" for kind in kinds]),
        mask([kind == "error" for kind in kinds]),
        mask([kind == "about" for kind in kinds]),
        mask([kind == "" and before != after for kind, before, after in zip(kinds, texts, clean, strict=True)]),
    )


def _clean(text: str, *, narrow: bool) -> str:
    """A text without what nobody sees; a code of wide letters and digits in narrow ones."""
    seen = INVISIBLE.sub("", text).strip()
    return unicodedata.normalize("NFKC", seen) if narrow and WIDE.search(seen) and not HAN.search(seen) else seen


WIDE = re.compile("[\uff01-\uff5e]")
HAN = re.compile("[\u3400-\u9fff]")


def _kind(text: str | None, *, is_number: bool) -> str:
    folded = fold_sign(text or "")
    if not folded or folded in NOTHING:
        return "nothing"
    if folded in AS_ABOVE or text in AS_ABOVE:
        return "as above"
    if folded in ERRORS:
        return "error"
    return "about" if is_number and ABOUT.match(folded) else ""


def find_odd_texts(cells: pa.Array) -> np.ndarray:
    """Positions of texts worth a second look: short ones that are signs, errors, and those with characters nobody sees.

    Looks at bytes of the whole column first, so that a clean one costs next to nothing.
    """
    odd = np.zeros(len(cells), dtype=bool)
    lengths = pc.binary_length(cells)
    shortest = pc.min(lengths).as_py()
    if shortest is None:
        return np.flatnonzero(odd)
    if shortest <= MAX_PLACEHOLDER_BYTES:
        odd |= is_sign(cells, lengths)
    held = _bytes_of(cells)
    raw = held.tobytes()
    if b"#" in raw:
        odd |= np.asarray(pc.fill_null(pc.starts_with(cells, "#"), False))
    if len(held) and (held.min() < 0x20 or b"\x7f" in raw or any(_holds_unseen(held, raw, lead) for lead in _UNSEEN_AFTER)):
        odd |= np.asarray(pc.fill_null(pc.match_substring_regex(cells, UNSEEN), False))
    return np.flatnonzero(odd)


UNSEEN = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}"
    r"\x{feff}\x{fff9}-\x{fffb}\x{ff10}-\x{ff19}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]"
)
"""`INVISIBLE`, and wide letters and digits."""
_UNSEEN_AFTER: dict[int, tuple[tuple[range, range | None], ...]] = {
    0xC2: ((range(0x80, 0xA0), None), (range(0xAD, 0xAE), None)),
    0xE2: (
        (range(0x80, 0x81), range(0x8B, 0x90)),
        (range(0x80, 0x81), range(0xAA, 0xAF)),
        (range(0x81, 0x82), range(0xA0, 0xAA)),
    ),
    0xEF: (
        (range(0xBB, 0xBC), range(0xBF, 0xC0)),
        (range(0xBF, 0xC0), range(0xB9, 0xBC)),
        (range(0xBC, 0xBD), range(0x90, 0x9A)),
        (range(0xBC, 0xBD), range(0xA1, 0xBB)),
        (range(0xBD, 0xBE), range(0x81, 0x9B)),
    ),
}
"""First byte in UTF-8 → second and third bytes of the characters of `UNSEEN` that are not ASCII."""


def _holds_unseen(held: np.ndarray, raw: bytes, lead: int) -> bool:
    """Whether a column has a character of `UNSEEN` that begins with a byte."""
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
        for seconds, thirds in _UNSEEN_AFTER[lead]
    )


SIGNS = pa.array(
    sorted(
        {
            "NaN",
            "同 上",
            "\uff0d",
            "\uff0f",
            *(form for sign in NOTHING | AS_ABOVE for form in (sign, sign.upper(), sign.title())),
        }
    )
)
AS_ABOVE_SIGNS = pa.array(sorted({"同 上", *AS_ABOVE}))


def is_sign(cells: pa.Array, lengths: pa.Array | None = None) -> np.ndarray:
    """Which cells are written exactly like one of `NOTHING` or `AS_ABOVE`."""
    short = np.asarray(
        pc.fill_null(pc.less_equal(pc.binary_length(cells) if lengths is None else lengths, MAX_PLACEHOLDER_BYTES), False)
    )
    out = np.zeros(len(cells), dtype=bool)
    at = np.flatnonzero(short)
    if len(at):
        some = cells if len(at) == len(cells) else cells.take(pa.array(at))
        out[at] = np.asarray(pc.is_in(some, SIGNS))
    return out


def may_be_as_above(cells: pa.Array) -> bool:
    """Whether a column has a cell that is written like one of `AS_ABOVE`."""
    lengths = pc.binary_length(cells)
    span = pc.min_max(lengths).as_py()
    if span["min"] is None or span["min"] > MAX_PLACEHOLDER_BYTES:
        return False
    short = cells if span["max"] <= MAX_PLACEHOLDER_BYTES else cells.filter(pc.less_equal(lengths, MAX_PLACEHOLDER_BYTES))
    return bool(pc.any(pc.is_in(short, AS_ABOVE_SIGNS)).as_py())


def is_as_above(text: str | None) -> bool:
    """Whether a cell says that it is like the one above."""
    return text is not None and (text.strip() in AS_ABOVE or fold_sign(text) in AS_ABOVE)


def has_byte(cells: pa.Array, byte: bytes) -> bool:
    """Whether any text of a column has a byte."""
    return byte in _bytes_of(cells).tobytes()


def _bytes_of(cells: pa.Array) -> np.ndarray:
    _, offsets, texts = cells.buffers()
    if texts is None:
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32, count=len(cells) + 1, offset=4 * cells.offset)
    return np.frombuffer(texts, np.uint8, count=int(ends[-1] - ends[0]), offset=int(ends[0]))
