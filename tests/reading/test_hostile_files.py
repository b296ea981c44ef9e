"""Files made to do harm: refused before a reader of workbooks sees them, or the child dies of them; never a stuck run.

Each limit has a test. What is hostile to people (formulas, personal data) is in `test_receipt*` and `test_quarantine`.
"""

from __future__ import annotations

import io
import re
import socket
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from fugong.intake.quotas import Quota
from fugong.reading.limits import MIB, Limits
from fugong.reading.model import Reading
from fugong.reading.reader import Reader
from tests.fixtures.files import (
    AFTER,
    BEFORE,
    BEFORE_STRINGS,
    LONG_TEXT,
    SHEET,
    STRINGS,
    ReadBytes,
    bomb,
    code,
    ods,
    packed,
    rows,
    small_xlsx,
    with_entry,
    xlsx,
)

pytestmark = pytest.mark.attack


def too_large(reading: Reading) -> str:
    assert code(reading) == "too-large"
    assert reading.refused is not None
    return str(reading.refused.details["what"])


# --- archives -----------------------------------------------------------------------------------------------------


def empty_entries(n: int) -> bytes:
    """An archive of so many empty files; beyond 65,534 its end says 65,535, as if more were declared elsewhere."""
    names = [b"%06d" % i for i in range(n)]
    local = b"".join(struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 6, 0) + name for name in names)
    lines = (
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, i * 36) + name
        for i, name in enumerate(names)
    )
    directory = b"".join(lines)
    n_declared = min(n, 0xFFFF)
    return local + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, n_declared, n_declared, len(directory), len(local), 0)


@pytest.mark.parametrize("n", [1_001, 70_000])
def test_more_entries_than_allowed_are_refused_by_the_directory(read: ReadBytes, n: int) -> None:
    content = empty_entries(n)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.infolist()) == n
    reading = read(content)
    assert too_large(reading) == "entries"
    assert reading.max_rss < 300 * MIB


def test_as_many_entries_as_allowed_are_read(read: ReadBytes) -> None:
    assert code(read(empty_entries(1_000))) == "several-files"


def test_bytes_are_counted_while_they_are_inflated_whatever_the_directory_says(read: ReadBytes) -> None:
    declared = zlib.crc32((BEFORE + LONG_TEXT * 50)[:1000])
    content = bomb(SHEET, BEFORE, LONG_TEXT * 50, 600, AFTER, file_size=1000, CRC=declared)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None  # who believes the directory finds nothing wrong
    reading = read(content)
    assert code(reading) == "unsound-archive"
    assert reading.seconds < 2


def test_an_entry_shorter_than_the_directory_says_is_refused(read: ReadBytes) -> None:
    assert code(read(bomb(SHEET, BEFORE, b"<row/>", 10, AFTER, file_size=1000))) == "unsound-archive"


def test_the_sum_of_all_entries_is_limited(read: ReadBytes) -> None:
    with Reader(Limits(inflated_bytes=3 * MIB)) as strict:
        one, two = (bomb("docProps/thumbnail.jpeg", b"", LONG_TEXT * 50, n, b"") for n in (2, 4))
        assert rows(read(one, strict))
        assert too_large(read(two, strict)) == "inflated"


def test_a_ratio_beyond_one_hundred_is_refused_from_16_mib_on(read: ReadBytes) -> None:
    filled, empty = BEFORE + b'<row><c t="inlineStr"><is><t>x</t></is></c></row>', b"<row></row>" * 100_000
    assert rows(read(bomb(SHEET, filled, empty, 14, AFTER))) == [["x"]]
    reading = read(bomb(SHEET, filled, empty, 20, AFTER))
    assert too_large(reading) == "inflated"
    with Reader(Limits(inflation=100_000)) as lenient:
        assert read(bomb(SHEET, filled, empty, 20, AFTER), lenient).refused is None


def test_an_archive_whose_entries_overlap_is_refused(read: ReadBytes) -> None:
    content = bytearray(packed({"a.csv": b"1,2\n" * 100, "b.csv": b"1,2\n" * 100}))
    second = content.index(b"PK\1\2", content.index(b"PK\1\2") + 1)
    struct.pack_into("<I", content, second + 42, 0)  # both lie at the beginning
    assert code(read(bytes(content))) == "unsound-archive"


def unusual(name: str, **fields: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ({unusual("a.csv", external_attr=(stat.S_IFLNK | 0o777) << 16, create_system=3): b"/etc/passwd"}, "link"),
        ({"a.csv": b"1,2", "A.CSV": b"3,4"}, "same name"),
    ],
)
def test_an_archive_that_no_program_for_people_writes_is_refused(
    read: ReadBytes, entries: dict[str | zipfile.ZipInfo, bytes], why: str
) -> None:
    reading = read(packed(entries))
    assert code(reading) == "unsound-archive"
    assert reading.refused is not None
    assert reading.refused.details["why"] == why


def test_an_entry_packed_by_an_unusual_method_is_refused(read: ReadBytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.csv", b"1,2\n" * 100)
    assert code(read(file.getvalue())) == "unsound-archive"


def test_an_entry_of_another_name_than_the_directory_tells_is_refused(read: ReadBytes) -> None:
    content = packed({"a.csv": b"1,2\n"}).replace(b"a.csv", b"b.csv", 1)
    assert code(read(content)) == "unsound-archive"


def test_an_encrypted_archive_is_asked_for_without_its_password(read: ReadBytes) -> None:
    content = bytearray(packed({"a.csv": b"1,2\n"}))
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(magic) + at] |= 1
    assert code(read(bytes(content))) == "encrypted-workbook"


# --- workbooks ----------------------------------------------------------------------------------------------------


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "600 MB in one inline string": (
        lambda: bomb(SHEET, BEFORE + b'<row><c t="inlineStr"><is><t>', LONG_TEXT * 50, 600, b"</t></is></c></row>" + AFTER),
        "too-large",
    ),
    "600 MB of one letter": (
        lambda: bomb(SHEET, BEFORE + b'<row><c t="inlineStr"><is><t>', b"x" * MIB, 600, b"</t></is></c></row>" + AFTER),
        "too-large",
    ),
    "many inline strings": (
        lambda: bomb(SHEET, BEFORE, (b'<row><c t="inlineStr"><is><t>' + LONG_TEXT + b"</t></is></c></row>") * 50, 120, AFTER),
        "too-much-memory",
    ),
    "one inline string of many pieces": (
        lambda: bomb(
            SHEET,
            BEFORE + b'<row><c t="inlineStr"><is>',
            (b"<r><t>" + LONG_TEXT + b"</t></r>") * 50,
            120,
            b"</is></c></row>" + AFTER,
        ),
        "too-much-memory",
    ),
    "many shared strings": (
        lambda: bomb(STRINGS, BEFORE_STRINGS, (b"<si><t>" + LONG_TEXT + b"</t></si>") * 50, 120, b"</sst>"),
        "too-much-memory",
    ),
    "one shared string in half a million cells": (
        lambda: with_entry(
            bomb(SHEET, BEFORE, b'<row><c t="s"><v>0</v></c></row>' * 10_000, 50, AFTER),
            STRINGS,
            lambda _: BEFORE_STRINGS + b"<si><t>" + LONG_TEXT + b"</t></si></sst>",
        ),
        "too-much-memory",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_of_strings_is_refused_within_memory_and_seconds(read: ReadBytes, name: str) -> None:
    make, expected = BOMBS[name]
    limits = Limits(memory=64 * MIB)
    with Reader(limits) as narrow:
        reading = read(make(), narrow)
    assert code(reading) == expected
    assert reading.max_rss < limits.memory + 60 * MIB
    assert reading.seconds < limits.seconds


def test_a_text_of_any_length_that_excel_allows_is_read(read: ReadBytes) -> None:
    text = "企" * 32_767
    reading = read(xlsx(lambda book: book.add_worksheet().write(0, 0, text)))
    assert [batch.column("c0").to_pylist() for batch in reading.sheets[0].batches()] == [[text]]


DTD = b'<!DOCTYPE x [<!ENTITY a "b">]>'
WITH_DTD: dict[str, Callable[[], bytes]] = {
    "in the sheet": lambda: with_entry(xlsx(small_xlsx), SHEET, lambda xml: xml.replace(b"<worksheet", DTD + b"<worksheet", 1)),
    "behind a long comment": lambda: with_entry(
        xlsx(small_xlsx), SHEET, lambda xml: xml.replace(b"<worksheet", b"<!--" + b" " * 10_000 + b"-->" + DTD + b"<worksheet", 1)
    ),
    "among the strings": lambda: with_entry(xlsx(small_xlsx), STRINGS, lambda xml: xml.replace(b"<sst", DTD + b"<sst", 1)),
    "where nobody looks": lambda: with_entry(
        xlsx(small_xlsx), "docProps/app.xml", lambda xml: xml.replace(b"<Pro", DTD + b"<Pro", 1)
    ),
    "in an OpenDocument sheet": lambda: with_entry(
        ods(""), "content.xml", lambda xml: xml.replace(b"<office", DTD + b"<office", 1)
    ),
}


@pytest.mark.parametrize("where", WITH_DTD)
def test_a_dtd_is_refused_wherever_it_stands(read: ReadBytes, where: str) -> None:
    reading = read(WITH_DTD[where]())
    assert code(reading) == "not-a-table"
    assert reading.refused is not None
    assert reading.refused.details["found"] == "DTD"


def test_xml_in_which_a_dtd_could_not_be_seen_is_refused(read: ReadBytes) -> None:
    wide = with_entry(xlsx(small_xlsx), SHEET, lambda xml: b"\xff\xfe" + xml.decode().encode("utf-16-le"))
    assert code(read(wide)) == "unsound-archive"


def test_a_page_of_endless_columns_is_refused(read: ReadBytes) -> None:
    reading = read(b"<table><tr>" + b"<td colspan=1000>x</td>" * 100_000 + b"</tr></table>")
    assert too_large(reading) == "columns"
    assert reading.max_rss < 150 * MIB


# --- the child ----------------------------------------------------------------------------------------------------


def test_a_child_may_not_fill_the_disk(read: ReadBytes) -> None:
    with Reader(Limits(inflated_bytes=1)) as strict:  # so that 64 MiB are the most
        assert too_large(read(b"x\n" * 12_000 + b"x," * 1_999 + b"x", strict)) == "cells"


def test_files_are_read_by_children_that_have_left_the_network_where_the_kernel_lets_them(read: ReadBytes) -> None:
    assert read(b"a,b\n1,2\n").network_left_by == way_out(None)


def way_out(means: str | None) -> str | None:
    """How a process of ours leaves the network; fails if it can open a connection all the same."""
    leave = "sandbox.leave_network()"
    if means == "landlock":
        leave = "'landlock' if sandbox.forbid_connections() else None"
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = f"""
import ctypes, socket
from fugong.reading.worker import sandbox
address = {server.getsockname()!r}
socket.create_connection(address, 5).close()
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
means = {leave}
try:
    socket.create_connection(address, 5).close()
    print(means, "connected")
except OSError as error:
    print(means, type(error).__name__)
"""
        out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    how, connected = out
    assert (connected == "connected") == (how == "None")
    return None if how == "None" else how


@pytest.mark.parametrize("means", [None, "landlock"])
def test_no_connection_can_be_opened_where_the_network_was_left(means: str | None) -> None:
    assert way_out(means) in {None: ("namespace", "landlock", None), "landlock": ("landlock", None)}[means]


# --- limits -------------------------------------------------------------------------------------------------------


def test_limits_are_set_by_the_environment() -> None:
    given = {"FUGONG_LIMIT_ENTRIES": "5", "FUGONG_LIMIT_SECONDS": "2.5", "FUGONG_LIMIT_CELLS": "", "PATH": "/bin"}
    assert Limits.load(given) == Limits(entries=5, seconds=2.5)
    assert Limits.load({}) == Limits()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ENTRYS", "5", "no such limit. There is: memory, seconds"),
        ("ENTRIES", "many", "should be a number, found 'many'"),
        ("ENTRIES", "2.5", "should be a number"),
        ("MEMORY", "0", "more than 0"),
        ("SECONDS", "-1", "more than 0"),
    ],
)
def test_a_limit_that_cannot_be_meant_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Limits.load({f"FUGONG_LIMIT_{name}": value})


def test_the_page_on_limits_lists_every_one_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| ([\d,.]+) (?:MiB )?\|", page, re.MULTILINE))
    defaults = {name: most if most % MIB else most // MIB for name, most in asdict(Limits()).items()}
    defaults |= asdict(Quota())  # what a department may send stands on the same page
    assert listed == {name: f"{default:,}" if isinstance(default, int) else f"{default:g}" for name, default in defaults.items()}
