"""Traps of the file itself: workbooks that Excel opens, though their entries are written as few programs write them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from tests.fuzz.clerk.drafts import Draft
from tests.fuzz.clerk.picking import Pick

Entries = dict[str, bytes]


def packed_again(made: Draft, change: Callable[[Entries], Entries]) -> bool:
    """The same workbook with its entries changed. False where it is no .xlsx."""
    if made.container.extension != "xlsx":
        return False

    def changed(content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in change(entries).items():
                entry = zipfile.ZipInfo()
                entry.filename = name  # ZipInfo(name) would turn a backslash
                archive.writestr(entry, data)
        return out.getvalue()

    made.change = changed
    return True


def _sheets(entries: Entries, change: Callable[[str], str]) -> Entries:
    return {
        name: change(data.decode()).encode() if re.match(r"xl/worksheets/[^/]*\.xml$", name) else data
        for name, data in entries.items()
    }


def backslashes(pick: Pick, made: Draft) -> bool:
    """Entry names with backslashes, as some .NET libraries write them."""
    return packed_again(made, lambda entries: {name.replace("/", "\\"): data for name, data in entries.items()})


def other_folder(pick: Pick, made: Draft) -> bool:
    """The workbook stands in another folder than xl."""

    def change(entries: Entries) -> Entries:
        return {
            re.sub("^xl/", "book/", name): data.replace(b'"/xl/', b'"/book/').replace(b'"xl/', b'"book/')
            for name, data in entries.items()
        }

    return packed_again(made, change)


def blanks_in_values(pick: Pick, made: Draft) -> bool:
    """Blanks and line breaks around the numbers."""
    pad = pick.of(["\n", " ", "\n      "])
    return packed_again(
        made,
        lambda entries: _sheets(
            entries, lambda text: re.sub(r"<v>([^<]*)</v>", lambda found: f"<v>{pad}{found.group(1)}{pad}</v>", text)
        ),
    )


def no_places(pick: Pick, made: Draft) -> bool:
    """Cells that do not say where they stand: each follows the one before, and gaps are empty cells."""

    def change(text: str) -> str:
        def row(found: re.Match[str]) -> str:
            at = 0
            cells: list[str] = []
            for cell in re.finditer(r'<c r="([A-Z]+)\d+"([^>]*?)(/>|>.*?</c>)', found.group(2), re.DOTALL):
                column = 0
                for letter in cell.group(1):
                    column = column * 26 + ord(letter) - 64
                cells += ["<c/>"] * (column - at - 1)
                cells.append(f"<c{cell.group(2)}{cell.group(3)}")
                at = column
            return f"{found.group(1)}{''.join(cells)}</row>"

        return re.sub(r"(<row [^>]*[^/]>)(.*?)</row>", row, text, flags=re.DOTALL)

    return packed_again(made, lambda entries: _sheets(entries, change))


def names_in_capitals(pick: Pick, made: Draft) -> bool:
    """Entry names in capitals where their relations write them small."""
    return packed_again(
        made, lambda entries: {name.replace("worksheets/sheet", "Worksheets/Sheet"): data for name, data in entries.items()}
    )
