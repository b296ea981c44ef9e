"""The manifest of past files (`ingest --history`): which file arrived when."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fugong.core.errors import RefusedError
from fugong.core.time import SHANGHAI
from fugong.privacy.detect import mask

MANIFEST = "history.csv"
"""The name under which a manifest of past arrivals lies in an inbox."""


@dataclass(frozen=True)
class Arrival:
    """One line of a history manifest."""

    file: str
    received_at: datetime

    @property
    def department(self) -> str:
        """The folder that holds the file."""
        return self.file.split("/")[0]

    @property
    def arrival_id(self) -> str:
        """The same for the same line, so that a manifest can be loaded twice."""
        return f"history:{self.received_at.isoformat()}:{mask(self.file)}"


def read_manifest(file: Path) -> list[Arrival]:
    """The lines of a history manifest: CSV, UTF-8, header `file,received_at`.

    Raises:
        RefusedError: a line cannot be read; the message names it.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != ["file", "received_at"]:
            raise RefusedError(f"{file.name}: the header should be file,received_at, found {','.join(reader.fieldnames or [])}")
        out: list[Arrival] = []
        for row in reader:
            if None in row or None in row.values():
                raise RefusedError(f"{file.name} line {reader.line_num}: there should be two cells, file and received_at")
            try:
                moment = datetime.fromisoformat(row["received_at"])
            except ValueError as error:
                raise RefusedError(
                    f"{file.name} line {reader.line_num}: {row['received_at']!r} is not an ISO 8601 moment"
                ) from error
            path = Path(row["file"])
            if path.is_absolute() or ".." in path.parts or len(path.parts) != 2:
                raise RefusedError(
                    f"{file.name} line {reader.line_num}: {row['file']!r} should be <DEPARTMENT>/<file> below the inbox"
                )
            out.append(Arrival(row["file"], moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)))
    return out
