"""One table in an archive, and archives that are refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests.corpus.building import TAX, Case, Made, Sheet, by_csv, by_hand, by_openpyxl, by_xlwt, case, dropped, taxes

SHEET = Sheet(TAX, taxes(3))


def packed(entries: Mapping[str, bytes]) -> Made:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 3, 19, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return by_hand(out.getvalue())


def with_raw_names(entries: Mapping[str, bytes]) -> Made:
    """An archive with names in GBK that does not say so, as Chinese Windows writes it; entries are stored."""
    body, directory = b"", b""
    for name, content in entries.items():
        raw, check = name.encode("gb18030"), zlib.crc32(content)
        common = struct.pack("<5H3I2H", 20, 0, 0, 0x4800, 0x5073, check, len(content), len(content), len(raw), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\3\4" + common + raw + content
    n = len(entries)
    return by_hand(body + directory + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, n, n, len(directory), len(body), 0))


def refused(made: Made, code: str) -> Case:
    return Case(made, [], "20200318_R04_TAX_V1.zip", findings=[("rejected", code, "", None)], is_readable=False)


BOOK = by_openpyxl(SHEET).write()
TEXT = by_csv(SHEET, encoding="gb18030").write()


@case("archives/one_workbook.zip", "An archive of one workbook.")
def _() -> Case:
    return dropped(packed({"税费减免退日报.xlsx": BOOK}), SHEET, extension="zip")


@case("archives/one_xls.zip", "An archive of one Excel 97 workbook.")
def _() -> Case:
    return dropped(packed({"R04.xls": by_xlwt(SHEET).write()}), SHEET, extension="zip")


@case(
    "archives/name_in_gbk.zip",
    "A text whose name in the archive is GBK, as Chinese Windows writes; name and day are read from it.",
)
def _() -> Case:
    return dropped(with_raw_names({"税费减免退日报3月18日.csv": TEXT}), SHEET, file_name="压缩文件.zip")


@case("archives/what_a_mac_adds.zip", "The folder that a Mac adds beside the table says nothing.")
def _() -> Case:
    return dropped(
        packed({"R04.csv": TEXT, "__MACOSX/._R04.csv": b"\0\5\x16\7", ".DS_Store": b"\0\0\0\1Bud1"}), SHEET, extension="zip"
    )


@case("archives/a_picture_beside.zip", "A picture lies beside the table: told, not read.")
def _() -> Case:
    made = packed({"R04.xlsx": BOOK, "公章.png": b"\x89PNG\r\n\x1a\n" + bytes(60)})
    return dropped(made, SHEET, extension="zip", findings=[("warning", "others-in-archive", "", None)])


@case("archives/two_tables.zip", "Two tables in one archive: which is meant cannot be told.")
def _() -> Case:
    return refused(packed({"3月17日.xlsx": BOOK, "3月18日.xlsx": BOOK}), "several-files")


@case("archives/archive_in_archive.zip", "An archive in an archive.")
def _() -> Case:
    return refused(packed({"内层.zip": packed({"R04.csv": TEXT}).write()}), "nested-archive")


@case("archives/rar_in_archive.zip", "An archive of another kind in an archive.")
def _() -> Case:
    return refused(packed({"内层.rar": b"Rar!\x1a\x07\x01\x00" + bytes(40)}), "nested-archive")


@case("archives/name_that_leads_elsewhere.zip", "An entry is called ../../R04.xlsx.")
def _() -> Case:
    return refused(packed({"../../R04.xlsx": BOOK}), "unsafe-name-in-archive")


@case("archives/name_turned_around.zip", "An entry whose name hides its end behind a mark of direction.")
def _() -> Case:
    return refused(packed({"R04\u202excod.xlsx": BOOK}), "unsafe-name-in-archive")


@case("archives/same_name_twice.zip", "Two entries have one name: which one a program opens is chance.")
def _() -> Case:
    content = packed({"a.csv": TEXT, "b.csv": TEXT}).write()
    return refused(by_hand(content.replace(b"b.csv", b"a.csv")), "unsound-archive")


@case("archives/letter_only.zip", "An archive without a table.")
def _() -> Case:
    return refused(packed({"说明.pdf": b"%PDF-1.7\n"}), "not-a-table")


@case("archives/bomb.zip", "Forty megabytes of zeros, packed a thousand times smaller.")
def _() -> Case:
    return refused(packed({"R04.csv": bytes(40 << 20)}), "too-large")


@case("archives/size_that_lies.zip", "An entry inflates to more than the directory says.")
def _() -> Case:
    content = bytearray(packed({"R04.csv": TEXT}).write())
    at = content.rindex(b"PK\1\2") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    return refused(by_hand(bytes(content)), "unsound-archive")


@case("archives/directory_that_lies.zip", "The end of the archive says that its directory lies further on than it does.")
def _() -> Case:
    content = packed({"R04.csv": TEXT}).write()
    at = content.rindex(b"PK\5\6") + 16
    (offset,) = struct.unpack_from("<I", content, at)
    return refused(by_hand(content[:at] + struct.pack("<I", offset + 5) + content[at + 4 :]), "unsound-archive")


@case("archives/rar_named.zip", "Another kind of archive.")
def _() -> Case:
    return refused(by_hand(b"Rar!\x1a\x07\x01\x00" + bytes(60)), "archive-of-another-program")
