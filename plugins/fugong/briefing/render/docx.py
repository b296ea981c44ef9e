"""Writes the briefing as a Word document in the form of an official text (GB/T 9704): A4, 3号仿宋, 22 lines of 28 characters.

The parts of the package are files and templates in `templates/docx`. The same briefing gives the same bytes: nothing is compressed,
because compressors differ, and no clock is read.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from fugong.briefing.annex import Table
from fugong.briefing.document import Briefing
from fugong.briefing.language import Language
from fugong.briefing.render.environment import environment
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import width
from fugong.figures.display import day

FOLDER = "docx"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can hold; stands for no moment."""
TEXT_WIDTH = 8844
"""Width of the text area in twentieths of a point: 156 mm."""
CHARACTER = 108
"""Width of a half-width character in a cell, in twentieths of a point."""
LETTER = 1.3
"""Width of a wide Latin letter, in half-width characters: fonts differ."""
HALF_WIDTH = 4330
"""Width of one of the two columns of tables on page one."""
SMALL_CHARACTER = 90
"""The same of a cell on page one."""
SMALL_MARGIN = 250
"""Both margins of such a cell, with what stands between Chinese and digits."""
ROWS_OF_HEADS = 3
"""Height of a title and the heads of columns, in rows."""
CELL_MARGIN = 420
"""Both margins of a cell, and four times the quarter of a character that Word puts between Chinese and digits."""


@dataclass(frozen=True)
class SetTable:
    """A table of the annex with the widths of its columns."""

    title: object
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    widths: tuple[int, ...]


def write(briefing: Briefing) -> bytes:
    """The bytes of the document."""
    signature = briefing.signature
    footnotes: dict[str, list[int]] = {}
    for note in briefing.notes:
        footnotes.setdefault(note.figures[0], []).append(note.number)
    filled = environment(is_markup=True)
    language = briefing.language

    def page(name: str, **given: object) -> str:
        return filled.get_template(f"{FOLDER}/{name}").render(briefing=briefing, **given)

    parts = {
        "[Content_Types].xml": page("content_types.xml"),
        "_rels/.rels": page("rels.xml"),
        "docProps/core.xml": page(
            "core.xml.jinja",
            written_at=(signature.signed_at if signature else briefing.known_at).astimezone(SHANGHAI).isoformat("T", "seconds"),
        ),
        "word/document.xml": page(
            "document.xml.jinja",
            footnotes=footnotes,
            last=next((section.texts[-1] for section in reversed(briefing.sections)), None),
            signed_on=language.words(day(signature.signed_at.astimezone(SHANGHAI).date()))
            if signature and not signature.is_provisional
            else "",
            columns=_columns([_set(table, language, HALF_WIDTH, SMALL_CHARACTER, SMALL_MARGIN) for table in briefing.front]),
            tables=[_set(table, language) for table in briefing.tables if table.rows],
        ),
        "word/_rels/document.xml.rels": page("document_rels.xml"),
        "word/styles.xml": page("styles.xml"),
        "word/settings.xml": page("settings.xml"),
        "word/fontTable.xml": page("font_table.xml"),
        "word/footnotes.xml": page("footnotes.xml.jinja"),
        "word/footer_odd.xml": page("footer.xml.jinja", side="right"),
        "word/footer_even.xml": page("footer.xml.jinja", side="left"),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, text)
    return file.getvalue()


def _columns(tables: Sequence[SetTable]) -> tuple[list[SetTable], list[SetTable]]:
    """The tables of page one in two columns of about the same height, in their order."""
    height = sum(len(table.rows) + ROWS_OF_HEADS for table in tables)
    left: list[SetTable] = []
    for table in tables:
        if 2 * sum(len(one.rows) + ROWS_OF_HEADS for one in left) >= height - len(table.rows):
            break
        left.append(table)
    return left, list(tables[len(left) :])


def _set(
    table: Table, language: Language, room: int = TEXT_WIDTH, character: int = CHARACTER, margin: int = CELL_MARGIN
) -> SetTable:
    heads = tuple(language.pick(column) for column in table.columns)
    wanted = [margin + character * max(_of_head(head), *(width(row[at]) for row in table.rows)) for at, head in enumerate(heads)]
    least = [
        margin + round(character * max(_longest_word(text) for text in (head, *(row[at] for row in table.rows))))
        for at, head in enumerate(heads)
    ]
    return SetTable(table.title, heads, table.rows, table.numeric, _fit(wanted, least, room))


def _of_head(head: str) -> int:
    """Characters that a heading wants: one of several words may take two lines."""
    return width(head) if " " not in head else max(math.ceil(_longest_word(head)), -(-width(head) // 2))


def _longest_word(text: str) -> float:
    """Half-width characters of the longest word that is not broken. Chinese breaks anywhere."""
    return max((len(word) * (LETTER if word[0].isalpha() else 1) for word in text.split() if word.isascii()), default=0)


def _fit(wanted: Sequence[int], least: Sequence[int], room: int) -> tuple[int, ...]:
    """Widths that fill the room: a column gets what it wants up to a fair share; wider ones share the rest by the root of their width.

    No column is narrower than its longest word, as long as others have room to give.
    """
    found = list(wanted)
    wide: list[int] = sorted(range(len(wanted)), key=lambda at: wanted[at])
    left = room
    while wide and wanted[wide[0]] <= left // len(wide):
        left -= wanted[wide.pop(0)]
    roots = {at: math.isqrt(wanted[at]) for at in wide}
    for at, root in roots.items():
        found[at] = left * root // sum(roots.values())
    found[max(range(len(found)), key=lambda at: wanted[at])] += room - sum(found)
    for at, narrowest in enumerate(least):
        while found[at] < narrowest:
            giver = max(range(len(found)), key=lambda one: found[one] - least[one])
            given = min(narrowest - found[at], found[giver] - least[giver])
            if given <= 0:
                break
            found[at], found[giver] = found[at] + given, found[giver] - given
    return tuple(found)
