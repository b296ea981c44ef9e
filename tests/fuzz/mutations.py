"""Files that nobody sends on purpose: those of the corpus with something changed, and tables with any cells at all."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contracts
from fugong.contracts.example import example_of
from tests.corpus.truth import truths


@dataclass(frozen=True)
class Sent:
    """A file as it is dropped."""

    department: str
    file_name: str
    content: bytes

    def __repr__(self) -> str:
        return f"Sent({self.department!r}, {self.file_name!r}, {len(self.content)} bytes)"


CORPUS = [Sent(truth.department, truth.file_name, truth.file.read_bytes()) for truth in truths()]
ARCHIVES = [sent for sent in CORPUS if sent.content.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(sent.content))]
OLD = [sent for sent in CORPUS if sent.content.startswith(b"\xd0\xcf\x11\xe0")]
TEXTS = [sent for sent in CORPUS if sent not in ARCHIVES and sent not in OLD and sent.content]

PLACE = st.floats(0, 1, exclude_max=True)
EXTREMES = [
    "", "0", "-1", "1", "2", "65535", "65536", "4294967295", "4294967296", "99999999999999999999", "1e999", "-1e-999", "NaN", "INF", "1.7976931348623157e308",
    "A1", "XFD1048576", "A1:XFD1048576", "A0", "ZZZZ9", "B2:A1", "1048577", "true", "2020-02-30", "1900-01-00", "0000-00-00", "\x00", "\ufffe", "\u202e",
    "é\u0301", "𠮷", "&#0;", "&#x110000;", "&amp;", "<", "]]>", "A" * 70_000, "=1+1", "#REF!", "同上", "—", "合计", "注:", "约3500", "1,2,3",
]  # fmt: skip
EXTREME = st.sampled_from(EXTREMES)
NUMBERS = st.sampled_from([0, 1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF])


@st.composite
def changed_bytes(draw: DrawFn, content: bytes, most: int = 6) -> bytes:
    """Bytes with some overwritten, left out, doubled, or cut off."""
    out = bytearray(content)
    for _ in range(draw(st.integers(1, most))):
        at = int(draw(PLACE) * (len(out) or 1))
        match draw(st.sampled_from(["byte", "bit", "number", "leave out", "double", "cut", "insert"])):
            case "byte":
                out[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "bit":
                out[at : at + 1] = bytes([out[at] ^ (1 << draw(st.integers(0, 7)))]) if out else b""
            case "number":
                size = draw(st.sampled_from([2, 4, 8]))
                out[at : at + size] = draw(NUMBERS).to_bytes(8, "little")[:size]
            case "leave out":
                del out[at : at + draw(st.integers(1, 64))]
            case "double":
                piece = out[at : at + draw(st.integers(1, 512))]
                out[at:at] = piece * draw(st.integers(1, 20))
            case "cut":
                del out[at:]
            case _:
                out[at:at] = draw(EXTREME).encode()
    return bytes(out)


TOKENS = re.compile(rb"<[^>]*>|[^<]+")
ATTRIBUTE = re.compile(rb'="[^"]*"')


@st.composite
def changed_xml(draw: DrawFn, content: bytes) -> bytes:
    """XML with elements left out, doubled or swapped, and values that nobody expects."""
    tokens = TOKENS.findall(content)
    if not tokens:
        return draw(changed_bytes(content))
    for _ in range(draw(st.integers(1, 5))):
        at = int(draw(PLACE) * len(tokens))
        match draw(st.sampled_from(["value", "value", "text", "leave out", "double", "swap"])):
            case "value":
                places = list(ATTRIBUTE.finditer(tokens[at]))
                if places:
                    start, end = places[int(draw(PLACE) * len(places))].span()
                    tokens[at] = tokens[at][: start + 2] + draw(EXTREME).encode() + tokens[at][end - 1 :]
            case "text":
                tokens.insert(at, draw(EXTREME).encode())
            case "leave out":
                del tokens[at : at + draw(st.integers(1, 5))]
            case "double":
                n = draw(st.integers(1, 8))
                tokens[at:at] = tokens[at : at + n] * draw(st.sampled_from([1, 2, 50, 3000]))
            case _:
                other = int(draw(PLACE) * len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
        if not tokens:
            break
    return b"".join(tokens)


def packed(entries: Sequence[tuple[str, bytes, int]]) -> bytes:
    """An archive of these entries: name, content, method."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # two of a name
        for name, content, method in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def unpacked(content: bytes) -> list[tuple[str, bytes, int]]:
    """The entries that can be read."""
    out: list[tuple[str, bytes, int]] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if entry.file_size <= 1 << 20:
                try:
                    out.append((entry.filename, archive.read(entry), zipfile.ZIP_DEFLATED))
                except (zipfile.BadZipFile, zlib.error, EOFError, ValueError):
                    continue
    return out


@st.composite
def changed_archives(draw: DrawFn) -> Sent:
    """A workbook or archive whose entries are changed, and packed again as they should be."""
    sent = draw(st.sampled_from(ARCHIVES))
    entries = unpacked(sent.content)
    for _ in range(draw(st.integers(1, 3))):
        if not entries:
            break
        at = int(draw(PLACE) * len(entries))
        name, content, method = entries[at]
        match draw(st.sampled_from(["xml", "xml", "xml", "xml", "bytes", "name", "leave out", "double", "swap", "stored"])):
            case "xml":
                entries[at] = (name, draw(changed_xml(content)), method)
            case "bytes":
                entries[at] = (name, draw(changed_bytes(content)), method)
            case "name":
                entries[at] = (
                    draw(st.sampled_from([*(one for one, _, _ in entries), "a", "../a", name.upper()])),
                    content,
                    method,
                )
            case "leave out":
                del entries[at]
            case "double":
                entries.append((name, content, method))
            case "swap":
                other = int(draw(PLACE) * len(entries))
                entries[at], entries[other] = (name, entries[other][1], method), (entries[other][0], content, method)
            case _:
                entries[at] = (name, content, zipfile.ZIP_STORED)
    content = packed(entries)
    if draw(st.integers(0, 9)) == 0:
        content = draw(changed_bytes(content, 2))
    return replace(sent, content=content)


@st.composite
def changed_old_workbooks(draw: DrawFn) -> Sent:
    """An old workbook with some bytes changed, more of them in its head."""
    sent = draw(st.sampled_from(OLD))
    at = draw(st.sampled_from([0, 0, len(sent.content)]))
    head = draw(changed_bytes(sent.content[:512])) if at == 0 else sent.content[:512]
    return replace(sent, content=head + draw(changed_bytes(sent.content[512:], 20)))


@st.composite
def changed_texts(draw: DrawFn) -> Sent:
    """A text with some bytes or lines changed."""
    sent = draw(st.sampled_from(TEXTS))
    content = sent.content
    if draw(st.booleans()):
        return replace(sent, content=draw(changed_bytes(content)))
    lines = content.split(b"\n")
    for _ in range(draw(st.integers(1, 5))):
        at = int(draw(PLACE) * len(lines))
        match draw(st.sampled_from(["leave out", "double", "swap", "cell", "other file"])):
            case "leave out":
                del lines[at]
            case "double":
                lines[at:at] = [lines[at]] * draw(st.integers(1, 30))
            case "swap":
                other = int(draw(PLACE) * len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case "cell":
                lines[at] += draw(st.sampled_from([b",", b'"', b"\t", b";"])) + draw(EXTREME).encode()
            case _:
                lines.insert(at, draw(st.sampled_from(TEXTS)).content[:2000])
        if not lines:
            break
    return replace(sent, content=b"\n".join(lines))


PIECES = [
    "2020",
    "3",
    "18",
    "02",
    "30",
    "年",
    "月",
    "日",
    "-",
    ".",
    "/",
    ",",
    "%",
    "万元",
    "元",
    "O",
    "I",
    "E+17",
    "约",
    "余",
    " ",
    "\u3000",
    "１",
    "91410106Y0000001",
    "6N",
    "是",
]


def tables(contracts: Contracts, lists: Mapping[str, CodeList]) -> SearchStrategy[Sent]:
    """A text with the header of a report, in any order, and any cells below."""
    cell = st.one_of(
        EXTREME.filter(lambda text: len(text) < 100),
        st.text(max_size=12),
        st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
        st.decimals(allow_nan=False).map(str),
        st.dates().map(str),
        st.sampled_from(["是", "否", "增值税", "减", "中心路街道", "新增", "工业", "2020新出台"]),
    )

    @st.composite
    def table(draw: DrawFn) -> Sent:
        contract = draw(st.sampled_from(contracts.all))
        report = draw(st.sampled_from(contract.tables))
        columns = draw(st.permutations(report.columns))
        if draw(st.integers(0, 3)) == 0:
            columns = columns[: draw(st.integers(1, len(columns)))]
        headers = [draw(st.sampled_from(column.headers)) for column in columns] + draw(st.lists(cell, max_size=2))
        rows: list[list[str]] = []
        for number in range(draw(st.integers(0, 4))):
            row = [example_of(column, lists[column.code_list] if column.code_list else None) or f"{number}" for column in columns]
            for _ in range(draw(st.integers(0, 4))):
                row[draw(st.integers(0, len(row) - 1))] = draw(cell)
            rows.append(row[: draw(st.integers(len(row) - 2, len(row)))] + draw(st.lists(cell, max_size=1)))
        rows += draw(st.lists(st.lists(cell, min_size=1, max_size=len(headers) + 1), max_size=2))
        titles = draw(st.lists(st.lists(cell, min_size=1, max_size=3), max_size=2))
        out = io.StringIO()
        csv.writer(out).writerows([*titles, headers, *rows, *rows[: draw(st.integers(0, 2))]])
        encoding = draw(st.sampled_from(["utf-8", "gb18030", "utf-16"]))
        return Sent(contract.senders[0], f"20200318_{contract.report}.csv", out.getvalue().encode(encoding, "replace"))

    return table()


def any_file(contracts: Contracts, lists: Mapping[str, CodeList]) -> dict[str, SearchStrategy[Sent]]:
    """By kind."""
    return {
        "archives": changed_archives(),
        "old workbooks": changed_old_workbooks(),
        "texts": changed_texts(),
        "tables": tables(contracts, lists),
        "bytes": st.builds(Sent, st.just("TAX"), st.just("20200318_R04.xlsx"), st.binary(max_size=2000)),
    }
