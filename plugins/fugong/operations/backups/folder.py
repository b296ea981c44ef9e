"""What lies in the folder of backups: dumps with their manifests, and copies of archived files.

`fugong-20261129T193000Z.dump[.age]` is a dump, `fugong-20261129T193000Z.json` says what is in it; `archive/ab/<sha256>` is a copy,
`archive/ab/<sha256>.<first 16 of its own sha256>.age` a sealed one. Other files that end in `.dump` are somebody else's.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fugong.core.errors import NotFoundError, RefusedError
from fugong.operations.backups.age import SUFFIX
from fugong.storage.atomic_file import replace_file

LOCK = ".lock"
DRAFT = ".*.part"
NAME = re.compile(r"fugong-(\d{8}T\d{6}Z)")
STAMP = "%Y%m%dT%H%M%SZ"
ARCHIVE = "archive"


@dataclass(frozen=True)
class Manifest:
    """What a dump holds, as it was in the very state that was dumped.

    Attributes:
        sha256: of the file as it lies there, sealed or not.
        n_bytes: its size.
        made_at: when it was begun.
        revision: of the warehouse.
        head: the newest head of the log, `N:HEX`; empty where the log is.
        submissions: how many there were.
        rows: report table → its rows.
        recipients: the public keys that it is sealed for.
    """

    file: str
    sha256: str
    n_bytes: int
    made_at: str
    revision: str
    head: str
    submissions: int
    rows: Mapping[str, int] = field(default_factory=dict[str, int])
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backup:
    """A dump in the folder of backups.

    Attributes:
        manifest: None for a dump that somebody else left there, and for one whose manifest is gone.
    """

    path: Path
    manifest: Manifest | None

    @property
    def is_sealed(self) -> bool:
        """Whether only an identity opens it."""
        return self.path.suffix == SUFFIX

    @property
    def age_seconds(self) -> float:
        """How long ago it was made; of one without a manifest, written."""
        made = datetime.fromisoformat(self.manifest.made_at).timestamp() if self.manifest else self.path.stat().st_mtime
        return time.time() - made


def new_path(folder: Path, now: datetime, *, is_sealed: bool) -> Path:
    """Where a dump that is begun now will lie."""
    return folder / f"fugong-{now.astimezone(UTC):{STAMP}}.dump{SUFFIX if is_sealed else ''}"


def manifest_of(path: Path) -> Path:
    """The manifest beside a dump."""
    return path.with_name(f"{path.name.partition('.')[0]}.json")


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest of a dump."""
    replace_file(manifest_of(path), (json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n").encode())


def list_backups(folder: Path) -> list[Backup]:
    """The dumps of the folder, oldest first.

    Raises:
        RefusedError: a manifest cannot be read.
    """
    dumps = [
        path for path in folder.iterdir() if path.name.endswith((".dump", f".dump{SUFFIX}")) and not path.name.startswith(".")
    ]
    return sorted((Backup(path, _read_manifest(path)) for path in dumps), key=lambda one: -one.age_seconds)


def find_backup(folder: Path, name: str) -> Backup:
    """The dump of this name, or the newest where it is empty.

    Raises:
        NotFoundError: there is none; the message lists what there is.
    """
    backups = list_backups(folder)
    found = backups[-1:] if not name else [one for one in backups if name in (one.path.name, str(one.path))]
    if not found:
        there = "、".join(one.path.name for one in backups[-5:]) or "—"
        raise NotFoundError(
            f"{folder} 里没有备份 {name or '(*.dump)'},现有 {there} | No backup {name or '(*.dump)'}; there is {there}"
        )
    return found[0]


def copies(folder: Path) -> Iterator[tuple[str, Path]]:
    """The copies of archived files: sha256 of the original, and the copy."""
    for path in (folder / ARCHIVE).glob("??/*"):
        sha256 = path.name.partition(".")[0]
        if re.fullmatch("[0-9a-f]{64}", sha256):
            yield sha256, path


def _read_manifest(path: Path) -> Manifest | None:
    if not NAME.match(path.name) or not (file := manifest_of(path)).exists():
        return None
    try:
        held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        held["recipients"] = tuple(held["recipients"])
        return Manifest(**held) if held["file"] == path.name else None
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedError(f"{file}:读不出来 | cannot be read ({error})") from error
