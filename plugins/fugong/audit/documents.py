"""Reads the text of a document: plain text, .docx and .pdf with a text layer."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from fugong.core.bilingual import Bilingual
from fugong.core.errors import RefusedError

ENCODINGS = ("utf-8-sig", "gb18030")
MAX_BYTES = 64 * 2**20
"""A longer file is no text that somebody published."""
MAX_UNPACKED = 256 * 2**20
PAGE_NUMBER = re.compile(r"[—–―\-·第\s]*\d{1,3}[—–―\-·页\s]*|第\s*\d+\s*页[,，]?\s*共\s*\d+\s*页|\d+\s*/\s*\d+")
"""A line that holds the number of a page and nothing else."""


@dataclass(frozen=True)
class Document:
    """The text of a document.

    Attributes:
        text: one line a paragraph or a printed line.
        warnings: what of the document is not in the text.
    """

    text: str
    warnings: tuple[Bilingual, ...] = ()


def read_document(file: Path) -> Document:
    """Read the text of a document, by its content and not by its name.

    Raises:
        RefusedError: it is no document that we read, or it has no text. The sentence says which.
    """
    if file.stat().st_size > MAX_BYTES:
        raise _refused(file, "太大,不像文稿", "is too large for a text")
    content = file.read_bytes()
    if content.startswith(b"%PDF-"):
        return _from_pdf(file, content)
    if content.startswith(b"PK\x03\x04"):
        return _from_docx(file, content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(file, "是旧版 .doc 或加密文件,请另存为 .docx", "is an old .doc or encrypted: save it as .docx")
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return Document(text)
    raise _refused(file, "不是纯文本、.docx 或 .pdf,请另存为 .txt", "is neither plain text nor .docx nor .pdf: save it as .txt")


def _refused(file: Path, zh: str, en: str) -> RefusedError:
    return RefusedError(f"{file.name} {zh} | {file.name} {en}")


def _from_docx(file: Path, content: bytes) -> Document:
    import docx  # imported late: no other command needs it
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from docx.text.paragraph import Paragraph
    from lxml.etree import XMLSyntaxError

    damaged = _refused(file, "不是 .docx,或已损坏", "is no .docx, or damaged")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
                raise _refused(file, "解开后太大", "is too large when unpacked")
        document = docx.Document(BytesIO(content))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, XMLSyntaxError) as error:
        if isinstance(error, RefusedError):
            raise
        raise damaged from error

    def lines(blocks: Iterator[Paragraph | Table]) -> Iterator[str]:
        for block in blocks:
            if isinstance(block, Paragraph):
                yield block.text
            else:
                for row in block.rows:
                    cells = {id(cell._tc): cell for cell in row.cells}  # merged cells come once a column
                    yield "\t".join("".join(lines(cell.iter_inner_content())) for cell in cells.values())

    text = "\n".join(lines(document.iter_inner_content()))
    if not text.strip():
        raise _refused(file, "没有文字", "has no text")
    body = document.element.body
    has_boxes = bool(body.xpath(".//w:txbxContent"))
    has_notes = bool(body.xpath(".//w:footnoteReference | .//w:endnoteReference"))
    warnings = []
    if has_boxes:
        warnings.append(Bilingual("文本框里的字没有读。", "Words in text boxes are not read."))
    if has_notes:
        warnings.append(Bilingual("脚注和尾注没有读。", "Footnotes and endnotes are not read."))
    return Document(text, tuple(warnings))


def _from_pdf(file: Path, content: bytes) -> Document:
    from pdfminer.high_level import extract_pages  # imported late: no other command needs it
    from pdfminer.layout import LTTextContainer
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.psexceptions import PSException

    pages: list[str] = []
    try:
        for page in extract_pages(BytesIO(content)):
            boxes = [box.get_text() for box in page if isinstance(box, LTTextContainer)]
            pages.append(_without_page_number([line.strip() for box in boxes for line in box.split("\n") if line.strip()]))
    except PDFPasswordIncorrect as error:
        raise _refused(file, "有密码,请去掉密码再试", "has a password: remove it") from error
    except (PDFException, PSException, ValueError, TypeError, KeyError, IndexError) as error:
        raise _refused(file, "读不了,可能已损坏", "cannot be read, it may be damaged") from error
    empty = [number for number, page in enumerate(pages, 1) if not page.strip()]
    if len(empty) == len(pages):
        raise _refused(
            file, "没有文字层,像是扫描件:请先识别文字", "has no text layer, it looks scanned: recognise its characters first"
        )
    warnings = []
    if empty:
        listed = "、".join(map(str, empty))
        warnings.append(
            Bilingual(
                f"第 {listed} 页没有文字层,没有读。", f"Pages without a text layer are not read: {', '.join(map(str, empty))}."
            )
        )
    return Document("\n".join(page for page in pages if page.strip()), tuple(warnings))


def _without_page_number(lines: list[str]) -> str:
    """The lines of a page without its number, which stands first or last; a number elsewhere belongs to the text."""
    first = 1 if lines and PAGE_NUMBER.fullmatch(lines[0]) else 0
    last = len(lines) - 1 if len(lines) > first and PAGE_NUMBER.fullmatch(lines[-1]) else len(lines)
    return "\n".join(lines[first:last])
