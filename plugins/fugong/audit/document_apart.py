"""Reads a document that a stranger may have written in a process of its own, with limits of memory and time."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from fugong.audit.documents import Document, read_document
from fugong.core.bilingual import Bilingual
from fugong.core.errors import RefusedError

SECONDS = 30
MEMORY = 1 << 30


def read_document_apart(file: Path) -> Document:
    """Read the text of a document, as `read_document` does.

    Raises:
        RefusedError: it is no document that we read, it has no text, or it takes too long or too much memory.
    """
    environ = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "TZ") if name in os.environ}
    environ["PYTHONPATH"] = os.pathsep.join(one for one in sys.path if one)
    refused = RefusedError(
        f"{file.name} {SECONDS} 秒内读不完,或太耗内存:请另存为 .txt 再试 | {file.name} cannot be read within {SECONDS} s and 1 GB: "
        "save it as .txt"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            cwd=file.parent,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refused from None
    if done.returncode != 0:
        raise refused
    said = json.loads(done.stdout)
    if "refused" in said:
        raise RefusedError(said["refused"])
    return Document(said["text"], tuple(Bilingual(zh, en) for zh, en in said["warnings"]))


def _main(file: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        found = read_document(file)
    except RefusedError as refused:
        said = {"refused": str(refused)}
    else:
        said = {"text": found.text, "warnings": [[one.zh, one.en] for one in found.warnings]}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
