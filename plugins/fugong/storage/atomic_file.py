"""Replaces files in one step: a reader sees all of the old content or all of the new, also after a crash."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a draft beside `path`; when the block ends, flush it to the disk and let it take the place of `path`.

    The block writes the whole draft, and sets its mode and owner where they matter. Where the block raises, `path` stays as it
    was and the draft is deleted. The name of a draft is random, so that processes may replace the same file at once; it begins
    with a dot and ends in `.part`.

    Raises:
        FileNotFoundError: the block wrote no draft.
    """
    draft = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write the content of a file in one step."""
    with replacing(path) as draft:
        draft.write_bytes(content)
