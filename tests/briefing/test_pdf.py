"""The PDF of a briefing: from LibreOffice where there is one, else said."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from fugong.briefing.render import pdf
from fugong.core.errors import RefusedError


def test_without_libreoffice_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match=r"没有 LibreOffice.*no LibreOffice here"):
        pdf.convert(b"")


def test_a_program_that_makes_nothing_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho 'no filter for this' >&2\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match=r"made no \.pdf: no filter for this"):
        pdf.convert(b"")


@pytest.mark.skipif(not any(map(shutil.which, pdf.PROGRAMS)), reason="there is no LibreOffice on this machine")
def test_libreoffice_makes_a_pdf() -> None:
    document = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>100%</w:t></w:r></w:p></w:body></w:document>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{kind}" Target="word/document.xml"/></Relationships>',
        )
        package.writestr("word/document.xml", document)
    assert pdf.convert(file.getvalue()).startswith(b"%PDF-")
