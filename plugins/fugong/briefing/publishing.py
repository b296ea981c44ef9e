"""Publishing: the briefing in its three formats, kept byte for byte with who signed it and what it was made from.

Rows of `audit.published` are added and never changed: what was published can be fetched again after the SQL, the template or the
data have moved on. A figure that is to be read otherwise gets an adjustment beside it (`adjust`), never an edit of a document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg

from fugong import __version__
from fugong.briefing.adjustment import Adjustment, adjust, adjustments
from fugong.briefing.document import Briefing, Signature, compose
from fugong.briefing.render import docx, html, markdown
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI

__all__ = ["Adjustment", "Published", "adjust", "adjustments", "code_version", "fetch", "publications", "publish", "write"]

WRITERS: Mapping[str, Callable[[Briefing], bytes]] = {
    "docx": docx.write,
    "html": html.write,
    "md": markdown.write,
}


@dataclass(frozen=True)
class Published:
    """One publication.

    Attributes:
        signer: who signed, by post; of a provisional one who let it go out unsigned.
        sha256: by format.
        missing: what was missing, as page one names it.
    """

    publication_id: int
    as_of: date
    known_at: datetime
    code_version: str
    signer: str
    signed_at: datetime
    is_provisional: bool
    missing: tuple[str, ...]
    sha256: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """As `fugong published --json` prints it."""
        return {
            "publication_id": self.publication_id,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
            "code_version": self.code_version,
            "signer": self.signer,
            "signed_at": self.signed_at.isoformat(),
            "is_provisional": self.is_provisional,
            "missing": list(self.missing),
            "sha256": dict(self.sha256),
        }


def write(briefing: Briefing, form: str) -> bytes:
    """The briefing in a format: `docx`, `html` or `md`.

    Raises:
        LookupError: there is no such format.
    """
    if form not in WRITERS:
        raise LookupError(f"没有 {form} 格式,可用 {'、'.join(WRITERS)} | no format {form!r}; there is {', '.join(WRITERS)}")
    return WRITERS[form](briefing)


def publish(
    connection: psycopg.Connection,
    settings: Settings,
    as_of: date,
    known_at: datetime | None = None,
    *,
    signer: str,
    is_provisional: bool = False,
) -> Published:
    """Write the briefing of a day in all formats and keep it.

    Args:
        known_at: the moment of knowledge; None for now.
        signer: who signs, by post; of a provisional one who or what lets it go out.

    Raises:
        ValueError: nobody signs.
        ConfigurationError: the briefing cannot be composed.
    """
    signer = " ".join(signer.split())
    if not signer:
        raise ValueError("请写明签发人 | somebody has to sign")
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    briefing = compose(connection, settings.include, as_of, known_at, signature=Signature(signer, now, is_provisional))
    files = {form: writer(briefing) for form, writer in WRITERS.items()}
    [(number,)] = connection.execute("SELECT nextval('audit.publication_number')").fetchall()
    published = Published(
        publication_id=number,
        as_of=as_of,
        known_at=briefing.known_at,
        code_version=code_version(settings.include),
        signer=signer,
        signed_at=now,
        is_provisional=is_provisional,
        missing=briefing.missing,
        sha256={form: hashlib.sha256(content).hexdigest() for form, content in files.items()},
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO audit.published (
                publication_id, format, as_of, known_at, code_version, sha256, content, signer, signed_at, is_provisional, missing
            )
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    number,
                    form,
                    as_of,
                    published.known_at,
                    published.code_version,
                    published.sha256[form],
                    content,
                    signer,
                    now,
                    is_provisional,
                    list(published.missing),
                )
                for form, content in files.items()
            ],
        )
    return published


def publications(connection: psycopg.Connection, as_of: date | None = None) -> list[Published]:
    """What was published, the newest first; of one day, or of all."""
    rows = connection.execute(
        """
        SELECT
            publication_id, as_of, known_at, code_version, signer, signed_at, is_provisional, missing,
            jsonb_object_agg(format, sha256)
        FROM audit.published
        WHERE %(as_of)s::date IS NULL OR as_of = %(as_of)s
        GROUP BY publication_id, as_of, known_at, code_version, signer, signed_at, is_provisional, missing
        ORDER BY publication_id DESC
        """,
        {"as_of": as_of},
    ).fetchall()
    return [
        Published(number, day, known_at, version, signer, signed_at, is_provisional, tuple(missing), sha256)
        for number, day, known_at, version, signer, signed_at, is_provisional, missing, sha256 in rows
    ]


def fetch(connection: psycopg.Connection, publication_id: int, form: str) -> bytes:
    """A published file, as it was.

    Raises:
        LookupError: it was not published, or not in this format.
        ValueError: what is kept is not what was published.
    """
    row = connection.execute(
        "SELECT content, sha256 FROM audit.published WHERE publication_id = %s AND format = %s", (publication_id, form)
    ).fetchone()
    if row is None:
        raise LookupError(
            f"没有编号 {publication_id} 的 {form} | nothing was published as number {publication_id} in the format {form}"
        )
    content, sha256 = row
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"编号 {publication_id} 的 {form} 与登记的摘要不符 | its bytes are not those that were published")
    return content


@lru_cache
def code_version(include: Path) -> str:
    """The program's version, and a digest of what a briefing is made by: the engine and `include` without the samples."""
    digest = hashlib.sha256()
    engine = Path(__file__).parents[1]
    files = [
        (f"fugong/{file.relative_to(engine).as_posix()}", file)
        for file in engine.rglob("*")
        if file.suffix in {".py", ".xml", ".jinja"}
    ]
    files += [
        (f"include/{name.as_posix()}", file)
        for file in include.rglob("*")
        if file.is_file() and (name := file.relative_to(include)).parts[0] != "samples"
    ]
    for name, file in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return f"{__version__}+{digest.hexdigest()[:12]}"
