"""Reads the text of one header: the name without units, hints, numbers and marks, and the unit that it declares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from fugong.contracts.code_list import fold
from fugong.contracts.unit import WORDS, Unit, parse_unit
from fugong.parsing.unit_text import BRACKETS, Declaration, in_brackets, in_header, plain, read_list

HINT = re.compile(
    r"^((?:必|选|非必)[填输录选](?:项|字段|列|栏)?|必须填.*|全称|填.*|请.*|如.*|例.*|格式.*|下拉.*|可选|保留.*位小数|精确.*|四舍五入|取整|\d+位.*|y{4}.*|年.?月.?日?|是/否|是或否|√.*"
    r"|单选|多选|数字|数值|文本|文字|日期|整数|小数|大写|小写|自动.*|公式.*|详?见.*|参.*|注.*|说明.*|备注.*|按.*填.*|没有.*|不详.*"
    r"|\d[=:、.]?[^\d\s]{1,4}(?:[\s,;/、]*\d[=:、.]?[^\d\s]{1,4})+|\d{1,2}(?:[=+*/×÷\-]\d{1,2})*|[a-z]|[甲乙丙丁戊己庚辛壬癸])$"
)
"""Words in brackets that explain how to fill a column in, or number it; they are no part of its name."""
SIGNS = "*★☆▲△▼▽▾▴↓↑↕⇩⇧※#●◆■□√\\s\"'“”‘’`=?!"
MARKS = re.compile(rf"^[{SIGNS}]+|[\s*]+[必选]填项?[{SIGNS}]*$|[{SIGNS}]+$")
CIRCLED = re.compile("[\u2460-\u2473\u2776-\u277f\u24eb-\u24f4]")
FOOTNOTE = re.compile(r"(?<=[一-鿿)\uff09])(?:[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]|\*\d)\s*$")
"""The sign of a footnote: 到岗人数¹, 到岗人数*1."""
NUMBER = r"(?:\d{1,3}(?:[.\-]\d{1,3})*|[一二三四五六七八九十]{1,3}|[a-z]{1,2}|[甲乙丙丁戊己庚辛壬癸]|[ivx]{1,4})"
NUMBERED = re.compile(rf"^(?:\({NUMBER}\)\s*|{NUMBER}\s*[.)、,:\-_]\s*|{NUMBER}\s+)(?=\S)", re.IGNORECASE)
GLUED_NUMBER = re.compile(r"^(?:\d{1,3}|[a-z]|[甲乙丙丁戊己庚辛壬癸])(?=[^\da-z.%])", re.IGNORECASE)
"""A number without a sign behind it."""
BETWEEN = "/_-—–:,、|"
ENGLISH = re.compile(r"(?<=[一-鿿)\s/|])\s*[A-Za-z]{3,}[A-Za-z.&/'\- ]*$|^[A-Za-z]{3,}[A-Za-z.&/'\- ]*(?=[一-鿿])")
"""The name once more in English, before or behind the Chinese one."""
WHOLE = re.compile(r"^\(([^()]+)\)$")
UNIT_WORD = re.compile(r"单位[:为]?$")
UNIT_WORDS = re.compile(r"(?:金额|计量)单位[:为]?$")
"""Of 放款金额单位:万元 the name is 放款金额, of 减免额计量单位:万元 it is 减免额."""
NOT_GLUED = frozenset("度 方 平方 立方 角 分 升 t l m g w".split())
"""Units that may be the end of a word (额度) where no sign stands before them."""
LONGEST_WORD = max(map(len, WORDS))
MAX_LENGTH = 80
"""A longer text is no header with a unit at its end."""


@dataclass(frozen=True)
class Reading:
    """One way to read a header.

    Attributes:
        name: folded.
        declared: the unit that stands at its end without brackets.
        is_numbered: a number was taken away (1.企业名称); believed only where its neighbours are numbered, too.
    """

    name: str
    declared: Declaration | None = None
    is_numbered: bool = False


@lru_cache(maxsize=8192)
def fold_header(text: str) -> str:
    """A header without units and hints in brackets, white space, marks of mandatory columns and `其中`."""
    return _tidy(_without_hints(plain(text)))


def remarks_of(text: str) -> tuple[str, ...]:
    """The words in brackets of a header that are no units and no hints."""
    return tuple(BRACKETS.findall(_without_hints(plain(text))))


def without_remarks(text: str) -> str:
    """`fold_header`, without the remarks."""
    return _tidy(BRACKETS.sub("", _without_hints(plain(text))))


def _without_hints(seen: str) -> str:
    return BRACKETS.sub(_keep_unless_hint, seen).strip()


def _keep_unless_hint(match: re.Match[str]) -> str:
    inside = fold(match.group(1))
    return "" if not inside or HINT.match(inside) or in_brackets(inside) is not None else match.group(0)


def _tidy(name: str) -> str:
    """Without white space, case, marks and 其中; signs between digits stay: 1、2月 is not 12月."""
    bare = re.sub(r"^其中:?", "", MARKS.sub("", name))
    return re.sub(r"[*:、,。·]", "", re.sub(r"(?<=\d)[:、,·](?=\d)", "\u2024", fold(bare)))


@lru_cache(maxsize=8192)
def readings(text: str) -> tuple[Reading, ...]:
    """The ways to read a header, the plainest first."""
    seen = _without_hints(WHOLE.sub(r"\1", plain(CIRCLED.sub(" ", FOOTNOTE.sub("", text))).strip()))
    out = [Reading(_tidy(seen)), *_with_tail(seen)]
    out += [Reading(_tidy(bare)) for bare in _plainer(seen) if bare and bare != seen]
    for pattern in (NUMBERED, GLUED_NUMBER):
        bare = pattern.sub("", MARKS.sub("", seen), count=1)
        if bare and bare != seen:
            out += [replace(one, is_numbered=True) for one in (Reading(_tidy(bare)), *_with_tail(bare))]
    return tuple(one for one in dict.fromkeys(out) if one.name)


def _plainer(seen: str) -> Iterator[str]:
    """A header without what often stands beside its name: hints on further lines, its English name."""
    first, *more = seen.strip().splitlines() or [""]
    if more and all(HINT.match(fold(line.strip())) for line in more if line.strip()):
        yield first
    yield ENGLISH.sub("", seen).strip(f"{BETWEEN} ")


def _with_tail(seen: str) -> list[Reading]:
    """Readings with a unit at the end: 减免税额/万元, 减免税额万元."""
    folded = fold(seen)
    if len(folded) > MAX_LENGTH:
        return []
    says_unit = "单位" in folded
    # Where nothing announces a unit, only a whole word for one can stand at the end.
    is_announced = says_unit or any(sign in folded for sign in BETWEEN)
    for start in range(1 if is_announced else max(1, len(folded) - LONGEST_WORD), len(folded)):
        word, before = folded[start:], folded[:start]
        has_sign = is_announced and (before[-1] in BETWEEN or (says_unit and UNIT_WORD.search(before) is not None))
        unit = parse_unit(word) if has_sign or word in WORDS or "/" in word else None
        if unit is not None and unit.per is not None and not has_sign and _ends_a_word(word, unit.per):
            unit = None
        units = read_list(word) if unit is None and has_sign else ((unit,),) if unit is not None else ()
        if units and (has_sign or (word not in NOT_GLUED and _is_measured(units[0][0]))):
            bare = before.rstrip(BETWEEN)
            names = dict.fromkeys(_tidy(word.sub("", bare).rstrip(BETWEEN)) for word in (UNIT_WORD, UNIT_WORDS))
            return [Reading(name, Declaration(units, seen)) for name in names if name]
    return []


def _ends_a_word(word: str, per: Unit) -> bool:
    """Whether what stands before the stroke is the end of a name: 度/千元 of 授信额度/千元."""
    return word.partition("/")[0] in NOT_GLUED or per.kind in ("money", "foreign", "currency", "scale")


def _is_measured(unit: Unit) -> bool:
    return unit.kind not in ("count", "time", "other", "scale")


def unit_of_header(text: str) -> str | None:
    """The one unit that a header declares in brackets; None if it declares none, several, or one that cannot be read."""
    declared = in_header(text)
    if declared is None or len(declared.groups) != 1:
        return None
    return "/".join(unit.name for unit in declared.groups[0])


def is_numbered(text: str) -> bool:
    """Whether a header begins with a number, as in 1.企业名称."""
    seen = plain(text).strip()
    return bool(NUMBERED.match(seen) or GLUED_NUMBER.match(seen) or CIRCLED.match(unicodedata.normalize("NFC", text).strip()))
