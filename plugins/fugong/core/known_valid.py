"""Documents that were found valid before: each is checked against its JSON Schema once, not by every command.

Kept are digests, one a line, in the account's cache folder (`cache_folder`): of the schema's name and the document's content, in a file named
by a digest of all schemas. The newest of these files are kept; without a folder every document is checked.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fugong.core.cache_folder import append_own, cache_folder, read_own

MAX_FILES = 8
"""One for each set of schemas, of a release or a worktree."""
MAX_BYTES = 1 << 20
"""Some 16,000 documents."""


def digest_of(schema: str, content: Any) -> str:
    """The digest of a parsed document, and of the schema that it is to fit."""
    return hashlib.sha256(f"{schema}\0{content!r}".encode()).hexdigest()


class KnownValid:
    """The digests of documents that were found valid, by this process and by those before it."""

    def __init__(self, file: Path | None) -> None:
        """Read the file; None keeps them for this process only."""
        self._file = file
        self._digests = set(read_own(file).decode("ascii", errors="replace").split()) if file is not None else set[str]()

    def __contains__(self, digest: str) -> bool:
        return digest in self._digests

    def add(self, digest: str) -> None:
        """Remember a document. Where that cannot be written, the next process checks it again."""
        self._digests.add(digest)
        if self._file is not None:
            append_own(self._file, f"{digest}\n".encode(), most_bytes=MAX_BYTES, most_files=MAX_FILES)


@cache
def known_valid(schemas: Path) -> KnownValid:
    """What is known of documents that fit the schemas of a folder."""
    digest = hashlib.sha256()
    for file in sorted(schemas.glob("*.json")):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    folder = cache_folder()
    return KnownValid(None if folder is None else folder / f"valid-{digest.hexdigest()[:16]}.txt")
