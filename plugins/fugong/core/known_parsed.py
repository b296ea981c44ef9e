"""YAML that was parsed before: what stands in a text is read from the text once, not by every command.

Kept are lines of a digest of the text, a digest of what follows, and the content as JSON, in a file of the account's cache folder that is named
by a digest of the program that parses. Only content that JSON gives back as it was is kept: mappings, lists, texts, numbers, truth values. An
edited text has another digest, and another parser another file, so nothing stale is found. A line that was not written to its end is not believed.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fugong.core.cache_folder import append_own, cache_folder, read_own

MAX_FILES = 8
"""One for each release or worktree."""
MAX_BYTES = 8 << 20
"""Some fifty times what a district of thirty reports takes."""


class KnownParsed:
    """The contents of texts that were parsed, by this process and by those before it."""

    def __init__(self, file: Path | None) -> None:
        """Read the file; None keeps them for this process only."""
        self._file = file
        lines = read_own(file).splitlines() if file is not None else []
        self._kept = {line[:64]: line[64:] for line in lines}

    def get(self, text: str) -> tuple[Any] | None:
        """The content of a text; None where it was not parsed before."""
        kept = self._kept.get(_digest(text.encode(errors="surrogatepass")))
        if kept is None or _digest(kept[64:]) != kept[:64]:
            return None
        return (json.loads(kept[64:]),)

    def add(self, text: str, content: Any) -> None:
        """Remember the content of a text, if JSON can hold it."""
        try:
            kept = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError):  # a day, or a number that is none
            return
        if repr(json.loads(kept)) != repr(content):
            return
        key, line = _digest(text.encode(errors="surrogatepass")), _digest(kept) + kept
        self._kept[key] = line
        if self._file is not None:
            append_own(self._file, key + line + b"\n", most_bytes=MAX_BYTES, most_files=MAX_FILES)


@cache
def known_parsed(parser: Path) -> KnownParsed:
    """What is known of texts that a module of ours has parsed with PyYAML."""
    library = find_spec("yaml")
    files = (parser, *([Path(library.origin)] if library and library.origin else ()))
    folder = cache_folder()
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    return KnownParsed(None if folder is None else folder / f"parsed-{digest}.jsonl")


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
