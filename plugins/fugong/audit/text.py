"""Normalises running Chinese text and splits it into sentences, each with the headings above it.

The plain text differs from the typed one (no line breaks inside a sentence, half-width digits, no spaces around numbers), so every
character keeps its position in the text as typed.
"""

from __future__ import annotations

import bisect
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from fugong.core.typesetting import width

SENTENCE_END = "。！？；\n"
FULL_WIDTH = str.maketrans(",;:∶!?()", "，；：：！？（）")
SAME = {
    "．": ".",
    "﹪": "%",
    "—": "—",
    "―": "—",
    "–": "—",
    "－": "—",
    "‐": "—",
    "~": "～",
    "〜": "～",
    "・": "·",
    "㎡": "平方米",
    "㎥": "立方米",
    "³": "³",
    "²": "²",
}
QUOTES = dict.fromkeys('"”“„‟「」『』＂', '"')
OPEN_LINE = ("，", ",", "、")
GOES_ON = re.compile(r"[，。、；,;）)]|(?:亿|万)?[个家户项件人名次元条台套宗起笔辆亩吨][，。、；,;]")
"""Begins a line that goes on with the one before: a mark, or the unit of a number that ends that line."""
COMPLETE_LINE = re.compile(r"[。！？；：.!?;:]['\"”’」』）)]*\s*$")
MARKER = re.compile(
    r"\s*(?:(?P<section>[一二三四五六七八九十]{1,3}、|【|#{1,6}\s)|(?P<part>[（(][一二三四五六七八九十]{1,3}[)）])"
    r"|(?P<number>[（(]?\d{1,2}(?:[)）、]|[.．](?!\d)))|(?P<item>[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十]{1,2}[，,、])|(?P<bullet>[-*•●◆■]\s))"
)
LEVELS = ("section", "part", "number", "item", "bullet")
MAX_HEADING_LENGTH = 40
FULL, MIN_FULL = 0.93, 3
"""A line of a page is full from this part of the widest on, and so many such lines tell that there is a page."""
WIDE_THOUSANDS, MIN_WIDE = (
    re.compile(r"(?<![\d，.])[1-9]\d{0,2}(?:，\d{3})+(?:\.\d+)?(?=[万亿]?[吨人元亩台辆个件家户项米公匹])"),
    5,
)
"""A text with so many numbers like 10，444万人 parts thousands by full-width commas."""
MIN_WIDTH = 30
"""No page is narrower than fifteen Chinese characters: shorter lines do not come from a width."""


@dataclass(frozen=True)
class Sentence:
    """One sentence, or a part of it between semicolons.

    Attributes:
        paragraph: its index; sentences of one paragraph are about one subject.
        headings: the texts of the headings above it, the nearest last.
    """

    start: int
    end: int
    paragraph: int
    headings: tuple[str, ...]


@dataclass(frozen=True)
class RunningText:
    """A normalised text.

    Attributes:
        plain: the normalised text: full-width punctuation, half-width digits and letters, no blanks but between Latin words, one line
            a paragraph. A full-width comma in it separates clauses, a half-width one thousands.
        places: the position in `typed` of each character of `plain`.
    """

    typed: str
    plain: str
    places: Sequence[int] = field(repr=False)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences in order."""
        return tuple(_sentences(self.plain))

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", self.typed))]

    def place(self, at: int) -> int:
        """The position of a character of `plain` in the text as typed."""
        return self.places[at] if at < len(self.places) else len(self.typed)

    def line(self, at: int) -> int:
        """The line of a character of `plain` in the text as typed, from 1."""
        return bisect.bisect_right(self._line_starts, self.place(at))


def read_text(typed: str) -> RunningText:
    """Normalise a text."""
    characters: list[str] = []
    places: list[int] = []
    for character, place in _with_breaks(typed):
        for one in _plain(character):
            characters.append(one)
            places.append(place)
    return _without_blanks(typed, characters, places)


def _plain(character: str) -> str:
    if character in SAME:
        return SAME[character]
    if character in QUOTES:
        return '"'
    return unicodedata.normalize("NFKC", character).translate(FULL_WIDTH) if character != "…" else "…"


def _with_breaks(typed: str) -> Iterator[tuple[str, int]]:
    """Yield characters with their positions; keep a line break only where a paragraph ends."""
    lines = list(re.finditer(r"[^\r\n]+", typed))
    full = _full_line([width(line.group().strip()) for line in lines])
    full = full or _typeset_line([line.group().strip() for line in lines])
    for line, following in itertools.zip_longest(lines, lines[1:]):
        for place in range(line.start(), line.end()):
            yield typed[place], place
        if following is None:
            return
        typed_line = line.group().strip()
        is_full = not COMPLETE_LINE.search(typed_line) and width(typed_line) >= full > 0
        goes_on = GOES_ON.match(following.group().lstrip())
        is_cut = goes_on is not None and (len(goes_on[0]) == 1 or typed_line[-1:].isdigit())
        is_broken_inside = (is_full or typed_line.endswith(OPEN_LINE) or is_cut) and not MARKER.match(following.group())
        yield ("" if is_broken_inside else "\n"), line.end()


def _full_line(widths: Sequence[int]) -> float:
    """The least width of a line that was broken because it was full; 0 in a text whose lines were not broken to a width."""
    if len(widths) < 4:
        return 0
    usual = sorted(widths)[len(widths) // 2]
    n_usual = sum(0.8 * usual <= one <= 1.25 * usual for one in widths)
    return 0.8 * usual if usual >= MIN_WIDTH and n_usual >= 0.6 * len(widths) else 0


def _typeset_line(lines: Sequence[str]) -> float:
    """The least width of a full line of a page with many headings and short paragraphs; 0 where too few lines end within a sentence."""
    widest = max(map(width, lines), default=0)
    n_full = sum(width(line) >= FULL * widest and not COMPLETE_LINE.search(line) for line in lines)
    return FULL * widest if widest >= 2 * MIN_WIDTH and n_full >= MIN_FULL else 0


def _without_blanks(typed: str, characters: Sequence[str], places: Sequence[int]) -> RunningText:
    kept: list[str] = []
    where: list[int] = []
    for at, character in enumerate(characters):
        if character.isspace() and character != "\n":
            before = kept[-1] if kept else "\n"
            after = next((one for one in characters[at + 1 :] if not one.isspace()), "\n") if before.isascii() else "\n"
            if not (before.isalpha() and before.isascii() and after.isascii() and after.isalpha()):
                continue
            character = " "
        kept.append(character)
        where.append(places[at])
    plain = "".join(kept)
    # A comma between digits separates thousands where it was typed half-width and exactly three digits follow.
    thousands = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
    is_wide = len(WIDE_THOUSANDS.findall(plain)) >= MIN_WIDE
    plain = thousands.sub(lambda found: "," if is_wide or typed[where[found.start()]] == "," else "，", plain)
    return RunningText(typed, plain, where)


def _sentences(plain: str) -> Iterator[Sentence]:
    headings: dict[str, str] = {}
    paragraph = 0
    start = 0
    for end in _ends(plain):
        text = plain[start:end]
        if text.strip():
            marker = MARKER.match(text)
            if marker and marker.lastgroup:
                level = LEVELS.index(marker.lastgroup)
                headings = {name: words for name, words in headings.items() if LEVELS.index(name) < level}
                if level < LEVELS.index("item"):
                    paragraph += 1
            yield Sentence(start, end, paragraph, tuple(headings.values()))
            if marker and marker.lastgroup and len(text) <= MAX_HEADING_LENGTH:
                headings[marker.lastgroup] = text.strip()
        if end < len(plain) and plain[end] == "\n":
            paragraph += 1
        start = end + 1


def _ends(plain: str) -> Iterator[int]:
    yield from (at for at, character in enumerate(plain) if character in SENTENCE_END)
    yield len(plain)
