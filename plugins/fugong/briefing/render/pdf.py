"""Turns the Word document into PDF, by LibreOffice where the machine has it.

Only the Word document is kept byte for byte: LibreOffice writes the time into a PDF, and other versions of it break lines elsewhere.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from fugong.core.errors import RefusedError

PROGRAMS = ("soffice", "libreoffice")
SECONDS = 180
"""After so long it is taken to hang."""


def convert(docx: bytes) -> bytes:
    """The PDF of a Word document.

    Raises:
        RefusedError: the machine has no LibreOffice, or it makes no PDF.
    """
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise RefusedError(
            "本机没有 LibreOffice,不能转成 .pdf;请用 .docx 或 .html | there is no LibreOffice here to make a .pdf; take .docx or .html"
        )
    with tempfile.TemporaryDirectory(prefix="fugong-pdf-") as folder:
        source = Path(folder, "briefing.docx")
        source.write_bytes(docx)
        own_profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"  # beside a LibreOffice that somebody uses
        command = [program, own_profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # our own words
        except subprocess.TimeoutExpired as error:
            raise RefusedError(
                f"LibreOffice 在 {SECONDS} 秒内没有转完 | LibreOffice did not finish within {SECONDS} seconds"
            ) from error
        made = source.with_suffix(".pdf")
        if not made.exists():
            said = " ".join((done.stderr or done.stdout).split())
            raise RefusedError(f"LibreOffice 没有转出 .pdf:{said} | LibreOffice made no .pdf: {said}")
        return made.read_bytes()
