"""Puts what a briefing prints into the language of the edition: names, amounts, days and words of figures.

Sentences have their English in `briefing.yaml`, figures and tables in their own definitions. The values in them are Chinese in the
warehouse: names get the English of the reference tables, and of `terms` in `briefing.yaml`. A name that has none stays as it is.
"""

from __future__ import annotations

import calendar
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path

from fugong.contracts.load import load_sound_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.csv_file import Row, read_csv
from fugong.core.errors import ConfigurationError
from fugong.core.money import UNITS
from fugong.core.paths import where
from fugong.core.schema import parse_yaml, read_text
from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import Lang
from fugong.figures.definition import Definition
from fugong.figures.display import NOT_DETERMINABLE, UNKNOWN, Value, plain
from fugong.figures.figure import Figure

LOG = logging.getLogger(__name__)
UNITS_LIST = "unit"
"""The list of `code_list.csv` with units. They are no names: they stand behind numbers."""
HAN = "\u4e00-\u9fff"
AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ?(亿元|万元|万|元)")
DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
ISO_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?![\d-])")
TABLE_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
"""The name of a table of reports, which English sentences use."""
CLOSE_TO_BRACKET = re.compile(r"(?<=[A-Za-z0-9%'\"])\(")
AND_MORE = re.compile(r"(\d+)余")
BILLION, MILLION = Decimal(10) ** 9, Decimal(10) ** 6
PUNCTUATION = str.maketrans(
    {
        "、": ", ",
        "，": ", ",
        "；": "; ",
        "：": ": ",
        "。": ".",
        "（": " (",
        "）": ")",
        "《": " '",
        "》": "'",
        "“": '"',
        "”": '"',
        "至": " to ",
    }
)
NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
STANDING = {NOT_DETERMINABLE: "not yet determinable", UNKNOWN: "unknown"}
"""What stands for a figure that has no value, in English."""


@dataclass(frozen=True)
class Language:
    """The language of an edition.

    Attributes:
        names: English by Chinese names; empty in the Chinese edition.
        units: English by Chinese units, such as those of figures; empty in the Chinese edition.
    """

    lang: Lang = Lang.ZH
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    units: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def joint(self) -> str:
        """What stands between two sentences."""
        return "" if self.lang is Lang.ZH else " "

    @property
    def comma(self) -> str:
        """What stands between the items of a list."""
        return "、" if self.lang is Lang.ZH else ", "

    def pick(self, text: Bilingual) -> str:
        """A text in this language, with the values in it."""
        return text.zh if self.lang is Lang.ZH else self.words(text.en)

    def say(self, zh: str, en: str) -> str:
        """Words of the layout, set in this language."""
        return self.set(zh) if self.lang is Lang.ZH else en

    def set(self, text: str) -> str:
        """A text with the punctuation of this language."""
        return set_chinese(text) if self.lang is Lang.ZH else text

    def words(self, text: str) -> str:
        """A value of the warehouse in this language: a name, an amount, a day, or a text that holds some."""
        if self.lang is Lang.ZH:
            return text
        if self.names:
            text = self._known.sub(lambda found: self.names[found[0]], text)
        text = DAY.sub(_day, text)
        text = ISO_DAY.sub(_day, text)
        text = TABLE_NAME.sub(lambda found: found[0].replace("_", " "), text)
        text = AMOUNT.sub(_amount, text)
        text = AND_MORE.sub(lambda found: f"more than {int(found[1]):,}", text)
        text = CLOSE_TO_BRACKET.sub(" (", text.translate(PUNCTUATION))
        return " ".join(re.sub(r";(?=\S)", "; ", text).split())

    def unit(self, unit: str) -> str:
        """A unit in this language; empty for numbers without one. One that has no English stays Chinese."""
        return "" if unit == "1" else self.units.get(unit, unit)

    def cell(self, text: str) -> str:
        """A value of the warehouse as the words of a cell."""
        found = self.words(text)
        return found if self.lang is Lang.ZH else found[:1].upper() + found[1:]

    def display(self, definition: Definition, value: Value | None, shown: str) -> str:
        """A figure as this edition prints it.

        Args:
            shown: as the Chinese edition prints it.
        """
        if self.lang is Lang.ZH:
            return shown
        if shown in STANDING:
            return STANDING[shown]
        display = definition.display
        if isinstance(value, Decimal) and display.kind == "numeral":
            return NUMERALS[int(value)] if value == int(value) and 0 < value < len(NUMERALS) else plain(value)
        if isinstance(value, Decimal) and display.kind in {"count", "text"}:
            whole, _, rest = shown.partition(".")
            return f"{int(whole):,}" + (f".{rest}" if rest else "")
        if display.more and shown.endswith(display.more):
            return f"{self.words(shown.removesuffix(display.more))} and others"
        return self.words(shown)

    def shown(self, display: str) -> str:
        """What the Chinese edition prints of a figure, in this language; `display` knows more, where its definition is at hand."""
        return display if self.lang is Lang.ZH else STANDING.get(display) or self.words(display)

    def figure(self, definition: Definition, figure: Figure) -> Figure:
        """A figure whose displays are in this language."""
        return replace(
            figure,
            display=self.display(definition, figure.value, figure.display),
            previous_display=self.display(definition, figure.previous, figure.previous_display),
        )

    @cached_property
    def _known(self) -> re.Pattern[str]:
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        return re.compile(rf"(?<![{HAN}])(?:{'|'.join(map(re.escape, longest_first))})(?![{HAN}])")


def language_of(include: Path, lang: Lang) -> Language:
    """The language with the district's own words: the names of reference files and reports, and `terms` of `briefing.yaml`, which win.

    A file that cannot be read gives no names: they stay Chinese, and `fugong lint` names the file.
    """
    if lang is Lang.ZH:
        return Language()
    try:
        contracts, _ = load_sound_contracts(include / "contracts")
    except ConfigurationError:  # none can be read
        contracts = ()
    files = (include / "briefing" / "briefing.yaml", *sorted((include / "reference").glob("*.csv")))
    stamped = tuple((file, file.stat().st_mtime_ns) for file in files if file.is_file())
    return _english(stamped, tuple((one.name, one.name_en) for one in contracts))


@lru_cache(maxsize=8)
def _english(files: tuple[tuple[Path, int], ...], reports: tuple[tuple[str, str], ...]) -> Language:
    rows: list[Row] = []
    terms: Mapping[str, str] = {}
    for file, _ in files:
        try:
            if file.suffix == ".csv":
                rows += [row for row in read_csv(file, ()) if row.get("name_zh") and row.get("name_en")]
            else:
                terms = (parse_yaml(read_text(file), where(file)).content or {}).get("terms", {})
        except ConfigurationError as fault:
            LOG.error("%s", fault)
    names = {(row["name_zh"], row["name_en"]) for row in rows if row.get("list") != UNITS_LIST}
    units = {row["name_zh"]: row["name_en"] for row in rows if row.get("list") == UNITS_LIST}
    return Language(Lang.EN, {zh: en for zh, en in sorted({*names, *reports}) if zh != en} | dict(terms), units)


def _day(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{int(day)} {calendar.month_name[int(month)]}" + (f" {year}" if year else "")


def _amount(found: re.Match[str]) -> str:
    value = Decimal(found[1]) * UNITS[found[2]]
    if not found[2].endswith("元"):
        return _grouped(value)
    for size, word in ((BILLION, "billion"), (MILLION, "million")):
        if abs(value) >= size:
            return f"{plain(value / size)} {word} yuan"
    return f"{_grouped(value)} yuan"


def _grouped(value: Decimal) -> str:
    whole, _, rest = plain(value).partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")
