"""Publishes the briefing in its three formats and keeps it byte for byte, with who signed it and what it was made from.

The Chinese edition is always kept; the English one beside it where it is asked for.

Rows of `audit.published` are inserted and never changed, so that a publication can be fetched again after the SQL, the wording or
the data have changed. A figure that people should read differently gets an adjustment beside it (`adjustment.adjust`); no document is edited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg

from fugong import __version__
from fugong.briefing.document import Briefing, Signature, compose
from fugong.briefing.ending import End, ends, supersede
from fugong.briefing.obstacles import Kind, in_words
from fugong.briefing.published_figures import record_publication
from fugong.briefing.render import docx, html, markdown
from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang

WRITERS: Mapping[str, Callable[[Briefing], bytes]] = {
    "docx": docx.write,
    "html": html.write,
    "md": markdown.write,
}


class NotToBeSigned(RefusedError):
    """Something stands in the way of a signature; the briefing may go out as provisional."""


@dataclass(frozen=True)
class Published:
    """One publication.

    Attributes:
        signer: the post of the person who signed; of a provisional publication, who released it unsigned.
        reason: why it went out although a headline figure jumped.
        missing: what page one says is missing, uncertain or unusual.
        sha256: by format; those of the English edition begin with `en.`.
        end: how it ended; None while it is in force.
        firms: figures that give a firm away, in words. Whoever signs has to know; it is not kept.
    """

    publication_id: int
    as_of: date
    known_at: datetime
    code_version: str
    signer: str
    signed_at: datetime
    is_provisional: bool
    reason: str
    missing: tuple[str, ...]
    sha256: Mapping[str, str]
    end: End | None = None
    firms: tuple[Bilingual, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """The publication in the form that `fugong published --json` prints."""
        return {
            "publication_id": self.publication_id,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
            "code_version": self.code_version,
            "signer": self.signer,
            "signed_at": self.signed_at.isoformat(),
            "is_provisional": self.is_provisional,
            "reason": self.reason,
            "missing": list(self.missing),
            "sha256": dict(self.sha256),
            "end": self.end.to_json() if self.end else None,
        }


def write(briefing: Briefing, form: str) -> bytes:
    """Write the briefing in a format: `docx`, `html` or `md`.

    Raises:
        NotFoundError: there is no such format.
    """
    if form not in WRITERS:
        raise NotFoundError(f"没有 {form} 格式,可用 {'、'.join(WRITERS)} | no format {form!r}; there is {', '.join(WRITERS)}")
    return WRITERS[form](briefing)


def kept_as(form: str, lang: Lang) -> str:
    """What a format of an edition is called among those of a publication."""
    return form if lang is Lang.ZH else f"{lang}.{form}"


def publish(
    connection: psycopg.Connection,
    settings: Settings,
    as_of: date,
    known_at: datetime | None = None,
    *,
    signer: str,
    account: str | None = None,
    digest: str | None = None,
    is_provisional: bool = False,
    reason: str = "",
    with_english: bool = False,
) -> Published:
    """Compose the briefing of a day and keep it in all formats.

    One publication of the day is in force afterwards: this one, or the one that was signed before where this one is provisional.

    Args:
        known_at: the moment of knowledge; None for now.
        signer: post and name of the person who signs; of a provisional publication, who or what releases it.
        account: the account of that person; None where nobody signs. The warehouse accepts only one that may sign.
        digest: of the draft that was read (`digest_of`); None where none was.
        reason: why a headline figure moved as far as it did.
        with_english: whether to keep the English edition, too.

    Raises:
        RefusedError: no signer is named, or the day has not come.
        NotToBeSigned: something stands in the way, or it is not what was drafted; and it is not provisional.
        ConfigurationError: the briefing cannot be composed.
    """
    signer, reason = (" ".join(text.split()) for text in (signer, reason))
    if not signer:
        raise RefusedError("请写明签发人 | somebody has to sign")
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    if as_of > now.date():
        raise RefusedError(f"{as_of} 还没有到,不能发布 | {as_of} has not come yet: nothing is published about it")
    signature = Signature(signer, now, is_provisional, reason)
    briefing = compose(connection, settings.include, as_of, known_at, signature=signature)
    if not is_provisional:
        _refuse(briefing, reason)
        if digest is not None and digest_of(briefing) != digest:
            raise NotToBeSigned(
                f"{as_of} 的简报与草稿不再相同(程序、口径或措辞改过),请重新起草 | the briefing of {as_of} is not what was drafted any more "
                "(program, figures or wording have changed): draft it again"
            )
    files = {form: writer(briefing) for form, writer in WRITERS.items()}
    if with_english:
        english = compose(connection, settings.include, as_of, briefing.known_at, signature=signature, lang=Lang.EN)
        files |= {kept_as(form, Lang.EN): writer(english) for form, writer in WRITERS.items()}
    [(number,)] = connection.execute("SELECT nextval('audit.publication_number')").fetchall()
    published = Published(
        publication_id=number,
        as_of=as_of,
        known_at=briefing.known_at,
        code_version=code_version(settings.include),
        signer=signer,
        signed_at=now,
        is_provisional=is_provisional,
        reason=reason,
        missing=briefing.missing,
        sha256={form: hashlib.sha256(content).hexdigest() for form, content in files.items()},
        firms=tuple(in_words([one for one in briefing.obstacles if one.kind is Kind.FIRM])),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO audit.published (
                publication_id, format, as_of, known_at, code_version, sha256, content, signer, account, signed_at, is_provisional,
                reason, missing
            )
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
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
                    account,
                    now,
                    is_provisional,
                    reason,
                    list(published.missing),
                )
                for form, content in files.items()
            ],
        )
    superseded = supersede(connection, as_of, number, person=signer, is_provisional=is_provisional)
    record_publication(connection, number, briefing, superseded)
    return replace(published, end=ends(connection).get(number))


def digest_of(briefing: Briefing) -> str:
    """The digest of what a briefing says, whoever signs it: the same for a draft and for what is signed."""
    unsigned = replace(briefing, signature=None, missing=())
    return hashlib.sha256(markdown.write(unsigned)).hexdigest()


def _refuse(briefing: Briefing, reason: str) -> None:
    """Refuse what may not be signed."""
    gaps = in_words([one for one in briefing.obstacles if one.kind not in {Kind.JUMP, Kind.FIRM}])
    if gaps:
        raise NotToBeSigned(
            f"不能签发。{'。'.join(text.zh for text in gaps)}。可以临时发布(--provisional),首页写明缺什么 | may not be signed: "
            f"{'; '.join(text.en for text in gaps)}. It can go out as provisional (--provisional) and say so on page one"
        )
    jumps = in_words([one for one in briefing.obstacles if one.kind is Kind.JUMP])
    if jumps and not reason:
        raise NotToBeSigned(f"请写明理由(--reason)。{jumps[0].zh} | a reason is wanted (--reason): {jumps[0].en}")


def publications(connection: psycopg.Connection, as_of: date | None = None) -> list[Published]:
    """The publications of a day, or of all days; the newest first."""
    rows = connection.execute(
        """
        SELECT
            publication_id, as_of, known_at, code_version, signer, signed_at, is_provisional, reason, missing,
            jsonb_object_agg(format, sha256)
        FROM audit.published
        WHERE %(as_of)s::date IS NULL OR as_of = %(as_of)s
        GROUP BY publication_id, as_of, known_at, code_version, signer, signed_at, is_provisional, reason, missing
        ORDER BY publication_id DESC
        """,
        {"as_of": as_of},
    ).fetchall()
    ended = ends(connection)
    return [
        Published(
            number, day, known_at, version, signer, signed_at, is_provisional, reason, tuple(missing), sha256, ended.get(number)
        )
        for number, day, known_at, version, signer, signed_at, is_provisional, reason, missing, sha256 in rows
    ]


def fetch(connection: psycopg.Connection, publication_id: int, form: str) -> bytes:
    """The bytes of a published file.

    Raises:
        NotFoundError: there is no such publication, or not in this format.
        RefusedError: the bytes do not match the sha256 of the publication.
    """
    row = connection.execute(
        "SELECT content, sha256 FROM audit.published WHERE publication_id = %s AND format = %s", (publication_id, form)
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"没有编号 {publication_id} 的 {form} | nothing was published as number {publication_id} in the format {form}"
        )
    content, sha256 = row
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RefusedError(f"编号 {publication_id} 的 {form} 与登记的摘要不符 | its bytes are not those that were published")
    return content


@lru_cache
def code_version(include: Path) -> str:
    """The program's version, and a digest of what a briefing is made by.

    That is the code and the templates of the engine, and `include` without the samples. The JSON Schemas of the engine are left
    out: they accept or refuse a document, but no word of a briefing comes from them.
    """
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
