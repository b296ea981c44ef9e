"""Reads number formats: what a cell shows instead of the number it holds, where the two do not mean the same.

Most formats only decide how many digits are shown; where a number has more of them, that is told. Five kinds do more: zeros that pad
(`0000000000`), units and scaling (`0!.0,"万"`), scaling alone (`#,##0,`), per cent, and formats that hide the number (`;;;`).
Words around the number (`0.00"元"`, `"豫税"0`) stay with the format: what they mean depends on the column, which the worker does not know.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

LONGEST = 255
"""Characters of a format; Excel writes no longer one."""
GENERAL = ("general", "g/通用格式")
"""What shows a number as it is, in English and in Chinese programs, folded."""
UNITS = {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
SAMPLES = (0.25, 0.123456789)
"""Numbers with decimals by which `NumberFormat.matters` judges."""
_UNIT = re.compile(r"\s*((?:十|百|千)?万|千|亿)元?\s*")
_KEY_PREFIX = re.compile(r"(?!RMB|CNY|USD|US)[A-Za-z][A-Za-z0-9_\-]*", re.IGNORECASE)
_CURRENCY = re.compile(r"[¥￥$€£(+]|RMB|CNY|USD", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_POWER = re.compile(r"(?:k?m|CO)[23]|10\^\d", re.IGNORECASE)
_MINUS = re.compile(r"[-−－(（△▲负]")
SHARE_SIGNS = ("%", "％", "‰", "﹪", "٪")
_NO_WORD = re.compile(r"[\s()（）\[\]【】<>《》+\-−－*×~:：,，.。;；、|'\"“”△▲负]*")
_RENMINBI = re.compile(r"(?:[¥￥]|RMB|CNY|人民币)+", re.IGNORECASE)
_COLOUR = re.compile(r"\[(?:red|红色?|color ?\d+|颜色 ?\d+|blue|蓝色?|green|绿色?)\]", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_TOKEN = re.compile(
    r'"([^"]*)"?|[\\!](.)|[_*].?|\[([^\]]*)\]|((?i:General|G/通用格式)|AM/PM|A/P|上午/下午)|(E[+-])|(.)', re.DOTALL
)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows where that is not simply its number.

    Attributes:
        text: the exact value as its format means it (`0001011608`, `0.5万`, `85.3%`); None where that is the number, or in doubt.
        kind: of the doubt: `scaled`, `hidden`, `other` (digits or a sign of the format's own) or `rounded`; "" where there is none.
        exponent: of `scaled`: the number shown is the one held, divided by ten to this power.
        decimals: of `rounded`: how many are shown.
    """

    text: str | None = None
    kind: str = ""
    exponent: int = 0
    decimals: int = 0


Words = tuple[str, str, int]
"""What is shown before and behind a number, and the power of ten that its digits are divided by."""
NO_WORDS: Words = ("", "", 0)


class _Section:
    """One of the parts of a format that semicolons separate.

    Attributes:
        decimals: how many it shows.
        words: around its numbers; `NO_WORDS` where none says anything.
    """

    def __init__(self, code: str) -> None:
        self.condition: tuple[str, float] | None = None
        self.is_plain = self._is_general = is_as_text = False
        self.n_percent = 0
        parts: list[str] = []  # "0" a digit, "." the point, "," a comma, anything longer a literal behind its mark
        for quoted, escaped, bracket, word, exponent, other in _TOKEN.findall(code):
            if quoted or escaped:
                parts.append("'" + (quoted or escaped))
            elif bracket:
                if found := _CONDITION.fullmatch(bracket.strip()):
                    self.condition = found[1], float(found[2])
                elif bracket.startswith("$"):
                    parts.append("'" + bracket[1:].partition("-")[0])
                elif re.fullmatch(r"[hmsHMS]+", bracket):
                    self.is_plain = True
            elif word.casefold() in GENERAL:
                self._is_general = True
                parts.append("#")
            elif other == "@":
                self.is_plain = is_as_text = True
                parts.append("@")
            elif word or exponent or other == "/":
                self.is_plain = True
            elif not other:
                continue  # a blank as wide as a character, a filling, or an empty text
            elif other in "0#?":
                parts.append("0" if other == "0" else "#")
            elif other in ".,":
                parts.append(other)
            elif other == "%":
                self.n_percent += 1
            elif other.lower() in "ymdhsbge":
                self.is_plain = True
            else:
                parts.append("'" + other)
        self._parts = parts
        self.has_digits = not self.is_plain and any(part in ("0", "#") for part in parts)
        # What each of a million cells needs is found once.
        self._places = places = [at for at, part in enumerate(parts) if part in ("0", "#")]
        self._exponent = self._find_exponent(places) if places else 0
        self._suffix = "".join(part[1:] for part in parts[places[-1] :] if part[0] == "'") if places else ""
        self._unit = _UNIT.fullmatch(self._suffix)
        before = "".join(part[1:] for part in parts[: places[0]] if part[0] == "'") if places else ""
        inside = "".join(part[1:] for part in parts[places[0] : places[-1]] if part[0] == "'") if places else ""
        is_of_key = _KEY_PREFIX.fullmatch(before) is not None or sum(parts[at] == "0" for at in places) > 1
        self._has_own_digits = bool(_DIGIT.search(inside + _POWER.sub("", self._suffix) + ("" if is_of_key else before)))
        literal = "".join(part[1:] for part in parts if part[0] == "'")
        self.says_minus = bool(_MINUS.search(literal)) or bool(_COLOUR.search(code))
        self.begins_with_minus = bool(_MINUS.fullmatch(before.strip()))
        point = next((at for at, part in enumerate(parts) if part == "." or (part == "'." and self._exponent)), len(parts))
        self.decimals = sum(at > point for at in places)
        self._rounded = Shown(kind="rounded", decimals=self.decimals)
        self.words = _words(parts, self._exponent) if places or is_as_text else NO_WORDS

    def shown(self, number: float, text: str) -> Shown | None:
        """What a number shows under this section; None where that is the number itself."""
        if self.is_plain:
            return None
        places = self._places
        if not places:
            literal = "".join(part[1:] for part in self._parts if part[0] == "'").strip()
            if literal and self.condition and self.condition[0] == "=":
                return Shown(literal)
            return Shown(kind="hidden") if number else None
        if self._has_own_digits:
            return Shown(kind="other")
        if self.n_percent:
            return Shown(_plain(Decimal(text).scaleb(2 * self.n_percent)) + "%" * self.n_percent) if _is_decimal(text) else None
        if self._suffix.strip() in SHARE_SIGNS and _is_decimal(text):
            return Shown(_plain(Decimal(text)) + self._suffix.strip())
        exponent, unit = self._exponent, self._unit
        if unit and _is_decimal(text) and exponent in (0, UNITS[unit[1]]):
            value = Decimal(text).scaleb(-exponent)
            kind = "rounded" if self._cuts(value) else ""
            return Shown(_plain(value) + self._suffix.strip(), kind, decimals=self.decimals if kind else 0)
        if exponent:
            return Shown(kind="scaled", exponent=exponent)
        if number != int(number):
            return self._rounded if self._has_more_decimals(text) else None
        return self._padded(number, places)

    def _has_more_decimals(self, text: str) -> bool:
        """Whether a number as text has more decimals than are shown."""
        if self._is_general or not _is_decimal(text):
            return False
        return self._cuts(Decimal(text)) if "E" in text else len(text.partition(".")[2]) > self.decimals

    def _cuts(self, value: Decimal) -> bool:
        """Whether a number has more decimals than are shown of it."""
        decimals = value.normalize().as_tuple().exponent
        return not self._is_general and isinstance(decimals, int) and -decimals > self.decimals

    def _find_exponent(self, places: list[int]) -> int:
        """The power of ten by which commas behind the digits, or a point among them that is a mere character, divide."""
        n_commas = sum(3 for at, part in enumerate(self._parts) if part == "," and self._ends_digits(at))
        points = [at for at, part in enumerate(self._parts) if part == "'." and places[0] < at < places[-1]]
        n_behind = sum(at > points[-1] for at in places) if points and "." not in self._parts else 0
        return n_commas + n_behind

    def _ends_digits(self, at: int) -> bool:
        """Whether a comma stands behind a digit and before none, up to the point or the end."""
        before = next((part for part in reversed(self._parts[:at]) if part != ","), "")
        for part in self._parts[at + 1 :]:
            if part in ("0", "#"):
                return False
            if part == ".":
                break
        return before in ("0", "#")

    def _padded(self, number: float, places: list[int]) -> Shown | None:
        """The text of a whole number whose format pads it with zeros, or sets the letters of a key before it."""
        inner = self._parts[places[0] : places[-1] + 1]
        if number < 0 or number >= 1e15 or any(part in ".," for part in inner):
            return None
        prefix = "".join(part[1:] for part in self._parts[: places[0]] if part[0] == "'")
        n_zeros = inner.count("0")
        if not _KEY_PREFIX.fullmatch(prefix) and (n_zeros < 2 or _CURRENCY.search(prefix)):
            return None
        digits = f"{int(number):0{n_zeros}d}"
        n_more = len(digits) - len(places)
        out = digits[: max(n_more, 0)]
        left = iter(digits[max(n_more, 0) :])
        n_missing = max(-n_more, 0)
        for part in inner:
            if part[0] == "'":
                out += part[1:]
            elif n_missing:
                n_missing -= 1
            else:
                out += next(left)
        return Shown((prefix + out + self._suffix).strip())


def _words(parts: list[str], exponent: int) -> Words:
    """The words of a section before and behind its number, without signs and the name of our own currency."""
    places = [at for at, part in enumerate(parts) if part in ("0", "#", "@")]
    found: list[str] = []
    for some in (parts[: places[0]], parts[places[-1] :]):
        text = "".join(part[1:] for part in some if part[0] == "'").strip()
        found.append("" if _NO_WORD.fullmatch(_RENMINBI.sub("", text)) or text in SHARE_SIGNS else text)
    return (found[0], found[1], exponent) if any(found) else NO_WORDS


def _is_decimal(text: str) -> bool:
    """Whether a number as text is one: all but `#NUM!`."""
    return not text.startswith("#")


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class NumberFormat:
    """A number format of a workbook."""

    def __init__(self, code: str) -> None:
        self.code = code[:LONGEST]

    @cached_property
    def _sections(self) -> list[_Section]:
        return [_Section(part) for part in _split(self.code)]

    def shown(self, number: float, text: str) -> Shown | None:
        """What a number shows; None where that is the number itself.

        Args:
            text: the number as text, as a sheet is read without its formats.
        """
        section = self._section_of(number)
        if section.has_digits and not any(one.condition for one in self._sections):
            # A section for negative numbers shows no sign but its own.
            is_unsigned = number < 0 and len(self._sections) > 1 and not section.says_minus
            if is_unsigned or (number > 0 and section.begins_with_minus):
                return Shown(kind="other")
        return section.shown(number, text)

    def _section_of(self, number: float) -> _Section:
        sections = self._sections
        if any(section.condition for section in sections):
            for section in sections:
                if section.condition is None or _COMPARE[section.condition[0]](number, section.condition[1]):
                    return section
            return sections[-1]
        if number < 0 and len(sections) > 1:
            return sections[1]
        return sections[2] if not number and len(sections) > 2 else sections[0]

    def words_around(self, number: float) -> Words:
        """The words around a number; `NO_WORDS` without any.

        Nothing is nothing in every unit: 0 has none.
        """
        return self._section_of(number).words if number else NO_WORDS

    @cached_property
    def has_words(self) -> bool:
        """Whether some numbers are shown with words around them."""
        return any(section.words != NO_WORDS for section in self._sections)

    @cached_property
    def matters(self) -> bool:
        """Whether some number shows anything else than itself."""
        return bool(self._kinds) or self.has_words

    @cached_property
    def only_rounds(self) -> bool:
        """Whether numbers show themselves, except for decimals that are cut, and for words around them."""
        return self._kinds == {"rounded"} or (self.has_words and not self._kinds)

    @cached_property
    def only_cuts(self) -> bool:
        """Whether numbers show themselves, except for decimals that are cut: a number without decimals needs no second look."""
        return self.only_rounds and not self.has_words

    @cached_property
    def fewest_decimals(self) -> int:
        """How many decimals are shown at least."""
        return min((section.decimals for section in self._sections), default=0)

    @cached_property
    def _kinds(self) -> set[str]:
        """What kinds of numbers show anything else than themselves: `rounded`, and anything else as "other"."""
        edges = [section.condition[1] for section in self._sections if section.condition]
        if not self.code.strip():
            return set()
        numbers = [
            0.0,
            1.0,
            *SAMPLES,
            1234.0,
            56789.0,
            5e6,
            5e8,
            *edges,
            *(edge + 1 for edge in edges),
            *(edge - 1 for edge in edges),
        ]
        each = (self.shown(n, f"{n:.10g}".upper()) for number in numbers for n in (number, -number))
        return {"rounded" if shown.kind == "rounded" and shown.text is None else "other" for shown in each if shown is not None}


def _split(code: str) -> Iterator[str]:
    """The parts of a format between semicolons that are no characters of a text."""
    part = ""
    for found in re.finditer(r'"[^"]*"?|\\.|!.|[_*].|\[[^\]]*\]|.', code, re.DOTALL):
        if found[0] == ";":
            yield part
            part = ""
        else:
            part += found[0]
    yield part


_MONEY = "#,##0_);(#,##0)"
_CENTS = "#,##0.00_);(#,##0.00)"
BUILT_IN = {
    **dict(enumerate(("0", "0.00", "#,##0", "#,##0.00"), 1)),
    **dict(enumerate(("0%", "0.00%"), 9)),
    **dict.fromkeys((5, 6, 37, 38, 41, 42), _MONEY),
    **dict.fromkeys((7, 8, 39, 40, 43, 44), _CENTS),
}
"""The formats that matter among those that a workbook names by number only."""
