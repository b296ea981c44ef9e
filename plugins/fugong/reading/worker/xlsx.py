"""Reads .xlsx workbooks; checks and scans their XML before calamine opens them."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from xml.etree import ElementTree

from fugong.reading.limits import Limits
from fugong.reading.worker.archive import Archive
from fugong.reading.worker.cell_places import n_unplaced, placed
from fugong.reading.worker.cell_text import column_number
from fugong.reading.worker.clean_copy import is_plain, relations_of, write_clean_copy
from fugong.reading.worker.formula_cells import FormulaCells, SavedBy, saved_by
from fugong.reading.worker.properties import note_sheet_texts, note_texts, place_of
from fugong.reading.worker.result import FileRefused, Result
from fugong.reading.worker.styled_cells import Styles, styles_of_xlsx
from fugong.reading.worker.workbook import REMEMBERED_ROWS, SheetScan, read_workbook

_WIDE = re.compile(rb"""r=["']([A-Za-z]{2,3})[0-9]""")
_DEEP = re.compile(rb"""r=["'][A-Za-z]{1,3}([0-9]{6,7})""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*\s)?r\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["'](?:[^>]*[^>/])?>""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s([^>]*hidden=["'](?:1|true)[^>]*)""")
_ROW_NUMBER = re.compile(rb"""\br=["'](\d{1,7})["']""")
_COLUMNS = re.compile(rb"""<(?:\w+:)?col\s([^>]*)>""")
_ATTRIBUTE = re.compile(rb"""(\w+)=["']([^"']*)["']""")
_CELL = re.compile(rb"""<(?:\w+:)?c\s([^>]*)>""")
_STYLED = re.compile(rb"""<(?:\w+:)?c\s([^>]*\bs=["'][1-9][^>]*)>""")
_WITH_DECIMALS = (
    rb"""<(?:\w+:)?c\s([^>]*\bs=["'][1-9][^>]*)>(?:<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"""
    rb"""<(?:\w+:)?v>\s*-?[0-9]*(?:\.[0-9]{%d}|(?:\.[0-9]*)?[eE]-)"""
)
"""Attributes of cells with numbers of at least so many decimals."""
_USUAL = re.compile(rb'r="([A-Z]{1,3})([0-9]{1,7})" s="([0-9]{1,6})"(?: t="n")?')
_STYLE = re.compile(rb"""\bs=["']([0-9]{1,6})["']""")
_PLACE = re.compile(rb"""\br=["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_NUMERIC = re.compile(rb"""\bt=["']n["']""")
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?=(?:[^>]*\s)?r=["']([A-Za-z]{1,3})([0-9]{1,7}))(?=[^>]*\bt=["']e)[^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,40})<""",
    re.DOTALL,
)
_FORMULA_CELLS = tuple(
    re.compile(
        rb"""<%bc(\s[^>]*+)>\s*<%bf(\s[^>]*?)?(?:/>|>([^<]*)</%bf>)\s*(?:<%bv(?:\s[^>]*)?>([^<]*)<)?""".replace(b"%b", prefix)
    )
    for prefix in (b"", rb"(?:\w+:)?")
)
"""Attributes of the cell and of its formula, its text, and the saved result; the first takes a third of the time, where no tag has a prefix."""
_SHARED = re.compile(rb"""\bsi=["'](\d{1,9})["']""")
_AREA = re.compile(rb"""\bref=["'][A-Z]{1,3}[0-9]{1,7}:([A-Z]{1,3})([0-9]{1,7})["']""")
_KIND = re.compile(rb"""\bt=["'](\w+)["']""")
_MAY_HIDE = re.compile(rb"hidden=").search
_MAY_BE_COLUMN = re.compile(rb"col ").search
_MAY_BE_ERROR = re.compile(rb't="e').search
_MAY_BE_FORMULA = tuple(re.compile(start).search for start in (rb"f>", rb"<f ", rb":f "))
_MAY_BE_PADDED = tuple(re.compile(start).search for start in (rb"v>\s", rb" </v"))
"""A search for a literal start takes half the time of `in`. Most pieces of XML hold none of them."""
_LINE_SIGNS = (b"\n", b"\r", b"\t")
_PADDED = re.compile(rb"<(?:\w+:)?v>\s|\s</(?:\w+:)?v>")


def _tree(archive: Archive, name: str) -> ElementTree.Element:
    xml = b"".join(archive.xml(name))
    try:
        return ElementTree.fromstring(xml)  # noqa: S314 (`archive.xml` refuses DTDs, and the limits hold)
    except ElementTree.ParseError as error:
        raise FileRefused("truncated-file") from error


def find_workbook(archive: Archive) -> str | None:
    """The entry of the workbook, wherever it stands; None where the archive is no .xlsx.

    The relations of the archive name it. Without them the usual place counts.
    """
    if relations := archive.find("_rels/.rels"):
        for kind, target in _targets(archive, relations, "").values():
            entry = archive.find(target)
            if kind == "officeDocument" and entry and b"workbook" in archive.start(entry, 4096):
                return entry if entry.casefold().endswith(".xml") else None
    return archive.find("xl/workbook.xml")


def _targets(archive: Archive, relations: str, folder: str) -> dict[str, tuple[str, str]]:
    """The kind and the entry of each relation, by its identifier."""
    found: dict[str, tuple[str, str]] = {}
    for relation in _tree(archive, relations):
        target = relation.get("Target", "").replace("\\", "/")
        entry = normpath(target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/"))
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], entry)
    return found


def read_xlsx(archive: Archive, workbook: str, path: Path, into: Path, result: Result, limits: Limits) -> None:
    """Read a workbook. Its macros are never run and its links never followed.

    Args:
        workbook: the entry of the workbook itself (`find_workbook`).
    """
    result.kind = "xlsx"
    sheets = _sheet_entries(archive, workbook, result)
    scans: dict[str, SheetScan] = {}
    is_clean = is_plain(archive, workbook)
    styles = _styles(archive, workbook)
    program = _saved_by(archive, workbook)
    folded = [name.casefold() for name in archive.entries]
    if any(name.startswith("xl/macrosheets/") or name.endswith("vbaproject.bin") for name in folded):
        result.note("macros")
    for name in archive.entries:
        suffix = name.casefold().rpartition(".")[2]
        if name in sheets:
            scan = scans[sheets[name]] = scan_sheet(archive, name, sheets[name], limits, styles, result)
            scan.formulas.saved_by = program
            is_clean &= not scan.has_padded_values
        elif suffix in ("xml", "rels", "vml"):
            place = "names" if name == workbook else place_of(name)
            for xml in archive.xml(name):
                if place:
                    note_texts(result, place, xml)
                if b"ddeLink" in xml and "externallinks/" in name.casefold():
                    result.note("dde-links")
        else:
            deque(archive.inflate(name), maxlen=0)  # only to count its size
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in folded):
        result.note("external-links")
    if not is_clean:
        path = write_clean_copy(archive, workbook, set(sheets), into)
    read_workbook(path, into, result, limits, lambda _, name: scans.get(name, SheetScan()), styles)


def _sheet_entries(archive: Archive, workbook: str, result: Result) -> dict[str, str]:
    """Return the name of each worksheet by its archive entry; set `is_1904` on the way."""
    relations = archive.find(relations_of(workbook))
    targets = _targets(archive, relations, workbook.rpartition("/")[0]) if relations else {}
    entries: dict[str, str] = {}
    for element in _tree(archive, workbook).iter():
        if _local(element.tag) == "sheet":
            relation_id = next((v for k, v in element.attrib.items() if _local(k) == "id"), "")
            kind, target = targets.get(relation_id, ("", ""))
            if kind == "worksheet" and (entry := archive.find(target)):
                entries[entry] = element.get("name", "")
        elif _local(element.tag) == "workbookPr":
            result.is_1904 = element.get("date1904") in ("1", "true")
    return entries


def _styles(archive: Archive, workbook: str) -> Styles:
    relations = archive.find(relations_of(workbook))
    targets = _targets(archive, relations, workbook.rpartition("/")[0]) if relations else {}
    entry = archive.find(next((target for kind, target in targets.values() if kind == "styles"), "xl/styles.xml"))
    return styles_of_xlsx(archive.xml(entry)) if entry else {}


def _saved_by(archive: Archive, workbook: str) -> SavedBy:
    """What the workbook says of the program that saved it.

    A program that leaves all computing to Excel says so (`fullCalcOnLoad`); many such programs call themselves Microsoft Excel.
    """
    xml = b"".join(archive.xml(workbook))
    if re.search(rb"""<(?:\w+:)?calcPr\s[^>]*\bfullCalcOnLoad=["'](?:1|true)""", xml):
        return SavedBy.NOT_COMPUTING
    if archive.find("xl/calcChain.xml"):
        return SavedBy.COMPUTING  # the order in which they were computed
    application = archive.find("docProps/app.xml")
    named = re.search(rb"<(?:\w+:)?Application>([^<]*)<", b"".join(archive.xml(application))) if application else None
    name = named[1].decode("utf-8", "replace") if named else ""
    return SavedBy.UNKNOWN if name.startswith("Microsoft") else saved_by(name)  # Excel itself writes that order


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def scan_sheet(archive: Archive, entry: str, sheet_name: str, limits: Limits, styles: Styles, result: Result) -> SheetScan:
    """Scan a sheet's XML before calamine reads it, which allocates the whole area up to the last cell, even 512 GiB of it.

    Args:
        styles: the number formats that matter.
        result: gets the sheet's texts besides its cells.
    """
    found = _scan(archive.xml(entry), limits, styles, result)
    if found.n_unplaced > 0:
        found = _scan(placed(archive.xml(entry)), limits, styles, result)
    if found.n_columns * found.n_rows > limits.cells or found.n_columns > limits.columns:
        _refuse_far_cell(archive, entry, sheet_name, limits)
    return found.scan


@dataclass(slots=True)
class _Scanned:
    """A scan, how far the sheet reaches at most, and how many more cells and rows it has than places are written."""

    scan: SheetScan
    n_columns: int = 0
    n_rows: int = 0
    n_unplaced: int = 0


def _scan(blocks: Iterable[bytes], limits: Limits, styles: Styles, result: Result) -> _Scanned:
    out = _Scanned(scan := SheetScan())
    wide: set[bytes] = set()
    deep: set[bytes] = set()
    for xml in blocks:
        out.n_unplaced += n_unplaced(xml)
        wide.update(_WIDE.findall(xml))
        deep.update(_DEEP.findall(xml))
        note_sheet_texts(result, xml)
        if _MAY_HIDE(xml):
            for attributes in _HIDDEN_ROW.findall(xml):
                number = _ROW_NUMBER.search(attributes)
                scan.hide_rows(int(number[1]) - 1 if number else REMEMBERED_ROWS)
        if _MAY_BE_COLUMN(xml):
            scan.hidden_columns.update(column for columns in _COLUMNS.findall(xml) for column in _hidden(columns, limits))
        if styles:
            for style, column, row in _styled(xml, styles):
                scan.styled.add(row, column, style)
        if _MAY_BE_ERROR(xml) or (b"'" in xml and b"t='e" in xml):
            for column, row, text in _ERROR_CELL.findall(xml):
                scan.errors.setdefault(int(row) - 1, {})[column_number(column)] = text.decode("utf-8", "replace")
        if not scan.has_padded_values and _may_be_padded(xml):
            scan.has_padded_values = _PADDED.search(xml) is not None
        if b"f" in xml and any(start(xml) for start in _MAY_BE_FORMULA):  # a single byte is found ten times as fast
            _add_formulas(xml, scan.formulas, limits)
    out.n_columns = max(map(column_number, wide), default=25) + 1
    out.n_rows = max(map(int, deep), default=99_999)
    return out


def _add_formulas(xml: bytes, formulas: FormulaCells, limits: Limits) -> None:
    """Note the formulas in a piece of XML. Those of arrays hold for an area, and are told in braces, as Excel shows them."""
    columns: dict[bytes, int] = {}
    for of_cell, of_formula, raw, saved in _FORMULA_CELLS[b"<c " not in xml].findall(xml):
        place, kind = _PLACE.search(of_cell), _KIND.search(of_cell)
        if not place or (kind and kind[1] == b"e"):
            continue
        letters, row = place[1], int(place[2]) - 1
        if letters not in columns:
            columns[letters] = column_number(letters)
        column = columns[letters]
        # An empty text is a result, an empty number is none.
        has_result = saved.strip() != b"" or (kind is not None and kind[1] != b"n")
        text, kind = html.unescape(raw.decode("utf-8", "replace")), _KIND.search(of_formula)
        if not kind or kind[1] not in (b"shared", b"array"):
            formulas.add(row, column, text, has_result=has_result)
        elif kind[1] == b"shared" and (number := _SHARED.search(of_formula)):
            formulas.add(row, column, text, has_result=has_result, shared=int(number[1]))
        elif area := _AREA.search(of_formula):
            right, bottom = column_number(area[1]), int(area[2]) - 1
            if (right - column + 1) * (bottom - row + 1) > limits.cells:
                raise FileRefused("too-large", what="area", found=(right - column + 1) * (bottom - row + 1), limit=limits.cells)
            for at in range(row, bottom + 1):
                for across in range(column, right + 1):
                    formulas.add(at, across, f"{{{text}}}", has_result=has_result)


def _may_be_padded(xml: bytes) -> bool:
    """Whether white space may stand beside a value."""
    return any(start(xml) for start in _MAY_BE_PADDED) or any(sign in xml and sign + b"</v" in xml for sign in _LINE_SIGNS)


def _styled(xml: bytes, styles: Styles) -> Iterator[tuple[int, int, int]]:
    """The style, column and row (0-based) of each numeric cell that has one of these styles, and decimals where its format only rounds."""
    rounding = {style for style, number_format in styles.items() if number_format.only_cuts and style}
    if len(rounding) < len(styles):
        # A cell that names no style has style 0.
        yield from _of_styles((_CELL if 0 in styles else _STYLED).findall(xml), styles.keys() - rounding)
    if rounding:
        fewest = min(styles[style].fewest_decimals for style in rounding)
        yield from _of_styles(re.findall(_WITH_DECIMALS % (fewest + 1), xml), rounding)


def _of_styles(cells: Iterable[bytes], styles: Collection[int]) -> Iterator[tuple[int, int, int]]:
    """The style, column and row (0-based) of the numeric cells among these that have one of the styles."""
    columns: dict[bytes, int] = {}
    for attributes in cells:
        if usual := _USUAL.fullmatch(attributes):
            letters, row, number = usual.groups()
            style = int(number)
        else:
            named, place = _STYLE.search(attributes), _PLACE.search(attributes)
            if not place or (b"t=" in attributes and not _NUMERIC.search(attributes)):
                continue
            (letters, row), style = place.groups(), int(named[1]) if named else 0
        if style in styles:
            if letters not in columns:
                columns[letters] = column_number(letters)
            yield style, columns[letters], int(row) - 1


def _hidden(columns: bytes, limits: Limits) -> range:
    """Return the hidden columns of a `col` element, 0-based."""
    attributes = dict(_ATTRIBUTE.findall(columns))
    if attributes.get(b"hidden") not in (b"1", b"true") and attributes.get(b"width") != b"0":
        return range(0)
    first, last = (int(attributes[name]) if attributes.get(name, b"").isdigit() else 0 for name in (b"min", b"max"))
    return range(max(first, 1) - 1, min(last, limits.columns))


def _refuse_far_cell(archive: Archive, entry: str, sheet_name: str, limits: Limits) -> None:
    """Measure the area again by filled cells only; refuse the sheet where it is too large, naming the far cell that makes it so."""
    widest, deepest, at_widest, at_deepest = 0, 0, "", ""
    for xml in archive.xml(entry):
        for match in _FILLED.finditer(xml):
            column, row = column_number(match[1]) + 1, int(match[2])
            if column > widest:
                widest, at_widest = column, f"{match[1].decode()}{row}"
            if row > deepest:
                deepest, at_deepest = row, f"{match[1].decode()}{row}"
    if widest > limits.columns:
        raise FileRefused(
            "too-large", what="far-cell", sheet=sheet_name, cell=at_widest, found=widest * deepest, limit=limits.cells
        )
    if widest * deepest > limits.cells:
        # Name the cell that is further beyond what a table needs; a table rarely reaches column ZZ (702).
        cell = at_widest if widest > 702 else at_deepest
        raise FileRefused("too-large", what="far-cell", sheet=sheet_name, cell=cell, found=widest * deepest, limit=limits.cells)
