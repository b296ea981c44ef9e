"""Reads a small workbook of our own once, so that what a first reading costs is spent in the fork server and not in every child.

Most of it are patterns that are compiled, modules that Arrow imports, and memory that is touched for the first time.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from fugong.reading.limits import Limits
from fugong.reading.worker.one_file import read

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_N_ROWS = 80
"""Numbers enough to be written all at once."""
_ROWS = "".join(
    f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>某厂{row}</t></is></c><c r="B{row}" s="1"><v>{43900 + row}</v></c>'
    f'<c r="C{row}" s="2"><v>{row}.125</v></c><c r="D{row}"><v>{row}</v></c></row>'
    for row in range(1, _N_ROWS + 1)
)
_ENTRIES = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "docProps/app.xml": "<Properties><Application>Microsoft Excel</Application><AppVersion>16.0300</AppVersion></Properties>",
    "docProps/core.xml": "<coreProperties/>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00"/></numFmts><cellXfs count="3">'
    '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{_ROWS}</sheetData></worksheet>',
}


def warm_up(limits: Limits) -> None:
    """Read our workbook. The process has one thread before and after: it is one that forks."""
    with tempfile.TemporaryDirectory(prefix="fugong-") as folder:
        path = Path(folder) / "warm_up.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            for name, xml in _ENTRIES.items():
                book.writestr(name, xml)
        with path.open("rb") as file:
            result = read(file, path, Path(folder), limits)
    if result.refused or [sheet.n_rows for sheet in result.sheets] != [_N_ROWS]:
        raise AssertionError(f"our own workbook is not read: {result.refused} {result.details}")
