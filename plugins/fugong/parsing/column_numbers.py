"""Recognises a line that numbers the columns of a table: 甲 乙 1 2 3, 栏次 （1） （2）, 第1列 第2列, 一 二 三, 1 2 3=1+2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from fugong.contracts.code_list import fold
from fugong.parsing.unit_text import plain

LABELS = frozenset(
    "栏次 行次 列次 项次 目次 序号 序列 栏目 栏目号 列号 栏号 列数 栏 列 代码 编码 代号 编号 指标代码 指标 项目 字段".split()
)
"""The first cell of such a line may say what it is."""
NUMBER = re.compile(
    r"[(\[{<【〔〈]?(?:第|(?:[栏列]次?|项|字段|column|col|field|no\.?|[cfv])(?=\d))?(\d{1,3}|[a-z]|[甲乙丙丁戊己庚辛壬癸]|[一二三四五六七八九十]{1,3}|[-—/])(?:[列栏][次号]?)?[)\]}>】〕〉.、]?(?:=[^=]{1,20})?"
)
"""Matches a whole folded cell."""
DIGITS = "一二三四五六七八九"
NUMERALS = {
    f"{DIGITS[tens - 2] if tens > 1 else ''}{'十' if tens else ''}{DIGITS[ones - 1] if ones else ''}": str(10 * tens + ones)
    for tens in range(5)
    for ones in range(10)
    if tens or ones
}
BLANKS = r"[\s\x{A0}\x{3000}]*"
MAY_BE_LABEL = (
    rf"^{BLANKS}[(\x{{FF08}}\[{{<【〔〈]?{BLANKS}(?:第|[栏列]次?|项|字段|(?i:column|col|field|no\.?|[cfv]))?{BLANKS}(?:[\d\x{{FF10}}-\x{{FF19}}]{{1,3}}|[A-Za-z\x{{FF21}}-\x{{FF3A}}]|[甲乙丙丁戊己庚辛壬癸]"
    rf"|[一二三四五六七八九十]{{1,3}}|[\x{{2460}}-\x{{249B}}\x{{3251}}-\x{{325F}}\x{{32B1}}-\x{{32BF}}]|[-—/])"
    rf"{BLANKS}(?:[列栏][次号]?)?{BLANKS}[)\x{{FF09}}\]}}>】〕〉.、]?{BLANKS}(?:[=\x{{FF1D}}].*)?$|^{BLANKS}(?:{'|'.join(sorted(LABELS))}){BLANKS}$"
)
"""Matches a cell as typed that may be such a label, in Arrow's expressions."""
LONGEST_ASCII_LABEL = 11
"""`(Column123)`, where nothing follows a `=` and no blanks stand in it."""
MIN_CELLS = 3
NOTHING = "-—/"


@lru_cache(maxsize=8192)
def label_of(cell: str) -> str | None:
    """The label by which a cell numbers its column: digits, a letter, a word of `LABELS`, or a sign for nothing; None if it does not."""
    text = fold(plain(cell))
    if text in LABELS:
        return text
    found = NUMBER.fullmatch(text)
    return None if found is None else NUMERALS.get(found.group(1), found.group(1))


def labels_of(row: Sequence[str | None], fewest: int = MIN_CELLS) -> list[str] | None:
    """The labels of a row that may number the columns; None if a cell has none, or there are too few."""
    labels = [label_of(cell) for cell in row if cell]
    known = [label for label in labels if label is not None]
    return known if len(known) == len(labels) >= fewest else None


def is_line_of_numbers(row: Sequence[str | None]) -> bool:
    """Whether a row may number the columns."""
    return labels_of(row) is not None
