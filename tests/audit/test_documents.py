"""Texts out of documents, and the page that explains them."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest

from fugong.audit.audit import compare
from fugong.audit.documents import read_document
from fugong.audit.page import write_page
from fugong.audit.text import read_text
from fugong.audit.words import Words
from fugong.core.errors import RefusedError
from fugong.core.vocabulary import Lang

LINES = ["渡口简报", "全河渡船54条,已开航46条,开航率85.2%。", "修桥费2.15亿元。"]


def pdf(pages: list[list[str]], encrypted: bool = False) -> bytes:
    """A PDF as printers of Chinese make it: a font that is not embedded, with a character map of Adobe's."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append(
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font "
        "/Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> "
        "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        "/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>] >>"
    )
    for number, lines in enumerate(pages):
        shown = "".join(
            f"BT /F1 12 Tf 60 {760 - 24 * nth} Td <{line.encode('utf-16-be').hex()}> Tj ET\n" for nth, line in enumerate(lines)
        )
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}endstream")
    written, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode()
    xref = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += "".join(f"{offset:010} 00000 n \n" for offset in offsets).encode()
    locked = " /Encrypt << /Filter /Standard /V 1 /R 2 /O <" + "00" * 32 + "> /U <" + "11" * 32 + "> /P -4 >> /ID [<00> <00>]"
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R{locked if encrypted else ''} >>"
    return written + f"trailer\n{trailer}\nstartxref\n{xref}\n%%EOF\n".encode()


def word(lines: list[str], table: list[list[str]] | None = None) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def written(folder: Path, content: bytes, name: str = "text") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def verdicts(text: str) -> list[str]:
    return [remark.verdict for remark in compare(text, {}, {}, date(2020, 3, 18), Words()).remarks]


def test_a_word_file_is_read_with_its_tables(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, word(LINES, [["渡船", "54条"], ["新船", "8条"]])))
    assert document.text.split("\n") == [*LINES, "渡船\t54条", "新船\t8条"]
    assert document.warnings == ()
    assert verdicts(document.text) == ["agrees"]


def test_a_pdf_is_read_without_the_numbers_of_its_pages(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, pdf([[*LINES, "— 1 —"], ["收来信497封。", "2"]])))
    assert document.text.split("\n") == [*LINES, "收来信497封。"]
    assert verdicts(document.text) == ["agrees"]


def test_pages_without_a_text_layer_are_named(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, pdf([LINES, [], LINES])))
    assert [warning.zh for warning in document.warnings] == ["第 2 页没有文字层,没有读。"]
    with pytest.raises(RefusedError, match="没有文字层,像是扫描件"):
        read_document(written(tmp_path, pdf([[], []])))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04\0\0\xff\xff", "不是 .docx"),
        (word([]), "没有文字"),
        (b"%PDF-1.4\n\xff\xff", "读不了|没有文字层"),
        (pdf([LINES], encrypted=True), "有密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 .doc"),
        (b"\0\1\2\xff\xfe\xff", "不是纯文本"),
    ],
    ids=["damaged-docx", "empty-docx", "damaged-pdf", "locked-pdf", "old-doc", "binary"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(RefusedError, match=sentence):
        read_document(written(tmp_path, content))


@pytest.mark.parametrize("lang", list(Lang))
def test_the_page_holds_the_text_as_typed_and_explains_each_number(lang: Lang) -> None:
    typed = "<b>全河渡船54条</b>,\n已开航46条,开航率88.5%。&收来信497封。\n"
    page = write_page(compare(typed, {}, {}, date(2020, 3, 18), Words()), "<x>.txt", lang).decode()
    shown = page[
        page.index('<div class="text">') + len('<div class="text">') : page.index("</div>", page.index('<div class="text">'))
    ]
    bare = re.sub(r"<sup>.*?</sup>|<[^>]+>", "", shown).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert bare == typed
    assert "<b>" not in page
    assert "http" not in page
    assert page.count('class="n contradiction"') == 6  # three numbers, in the text and in the table
    assert ("46条÷54条=85.2%" in page) and ("分母为 52 时" in page) is (lang is Lang.ZH)


def test_a_page_with_many_headings_has_full_lines() -> None:
    full = "截至四月末全河渡船行已经修好大小木桥一百零六座其中左岸的木桥为"
    typed = f"一、修桥\n{full}\n50座。\n二、造桥\n{full}\n7座。\n三、拆桥\n{full}\n8座。\n四、其他\n没有。"
    assert read_text(typed).plain.splitlines()[1::2] == [full + "50座。", full + "7座。", full + "8座。", "没有。"]
