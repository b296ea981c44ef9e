"""What the entries of the log say of every record, replayed in their order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fugong.evidence.fault import Fault
from fugong.evidence.log import Entry
from fugong.evidence.publication import PUBLICATION, of_ranges, parts_root
from fugong.evidence.records import OF_SUBMISSION, RECORDS
from fugong.evidence.settlement import QUESTIONS, SETTLEMENT, UPGRADE
from fugong.evidence.tombstones import SEALING, TOMBSTONE


@dataclass(frozen=True)
class Made:
    """What an entry says a record is."""

    columns: tuple[str, ...]
    digest: str
    algorithm: str


@dataclass(frozen=True)
class Moved:
    """What an entry says the moving columns of a record are: texts, or a digest of several rows."""

    value: Any
    algorithm: str


@dataclass(frozen=True)
class Rows:
    """What an entry says of the rows of a part."""

    table: str
    columns: tuple[str, ...]
    n: int
    root: bytes
    algorithm: str
    recorded_at: datetime


@dataclass
class Claims:
    """All that the log says.

    Attributes:
        made: kind of record → key → what was said of it.
        moved: kind of record → key → the last word on its moving columns.
        rows: part → its rows.
        submission_of: part → submission that brought it.
        sealed: sha256 → when the original was sealed.
        deleted: (`archive` or `sealed`, sha256) → when the tombstone was set.
        cleared: submission → when its cells were cleared.
        faults: entries that no lawful event can bring.
    """

    made: dict[str, dict[str, list[Made]]] = field(default_factory=dict)
    moved: dict[str, dict[str, Moved]] = field(default_factory=dict)
    rows: dict[int, list[Rows]] = field(default_factory=dict)
    submission_of: dict[str, str] = field(default_factory=dict)
    sealed: dict[str, datetime] = field(default_factory=dict)
    deleted: dict[tuple[str, str], datetime] = field(default_factory=dict)
    cleared: dict[str, datetime] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list[Fault])
    _settled: set[str] = field(default_factory=set[str])

    def parse(self, entry: Entry) -> Mapping[str, Any] | None:
        """The document of an entry; a fault where it is none."""
        try:
            found = json.loads(entry.document)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self._refuse(entry, "内容读不出", "cannot be read")
            return None
        return found

    def add(self, entry: Entry, document: Mapping[str, Any]) -> None:
        """Replay one entry."""
        try:
            self._add(entry, document)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._refuse(entry, f"内容不成样:{error}", f"is not shaped like an entry: {error!r}")

    def is_erased(self, name: str, key: str) -> bool:
        """Whether a tombstone says that the record is no longer there."""
        return name == "set_aside_cells" and key in self.cleared

    def _add(self, entry: Entry, document: Mapping[str, Any]) -> None:
        if entry.kind == SEALING:
            self.sealed |= dict.fromkeys(document["sealed"], entry.recorded_at)
        elif entry.kind == TOMBSTONE:
            self._bury(entry, document)
        elif entry.kind == PUBLICATION:
            self._publish(entry, document)
        columns: Mapping[str, str] = document.get("columns", {})
        made: Mapping[str, Mapping[str, str]] = document.get("made", {})
        for name, records in made.items():
            for key, digest in records.items():
                if name in OF_SUBMISSION and key != entry.subject:
                    self._refuse(entry, f"提到别的报送 {key}", f"speaks of {name} of submission {key}")
                claim = Made(tuple(columns[name].split()), digest, entry.algorithm)
                known = self.made.setdefault(name, {}).setdefault(key, [])
                if claim not in known:
                    known.append(claim)
        if entry.kind in {SETTLEMENT, UPGRADE}:
            if {*made.get("submission", {})} != {entry.subject} or entry.subject in self._settled:
                self._refuse(entry, "不是一次新的入库", "is not the settlement of a new submission")
            self._settled.add(entry.subject)
            for key in made.get("part", {}):
                self.submission_of.setdefault(key, entry.subject)
        for name, records in document.get("moved", {}).items():
            for key, value in records.items():
                before = self.moved.setdefault(name, {}).get(key)
                if (
                    before is not None
                    and before.value != value
                    and not self._is_lawful(entry, document, name, key, before, value)
                ):
                    zh = f"改了 {RECORDS[name].relation} {key},没有报送能这样改"
                    self._refuse(entry, zh, f"moves {RECORDS[name].relation} {key} as no settlement does")
                self.moved[name][key] = Moved(value, entry.algorithm)
        for key, found in document.get("rows", {}).items():
            claim = Rows(
                found["table"],
                tuple(found["columns"].split()),
                int(found["n"]),
                bytes.fromhex(found["root"]),
                entry.algorithm,
                entry.recorded_at,
            )
            self.rows.setdefault(int(key), []).append(claim)

    def _is_lawful(self, entry: Entry, document: Mapping[str, Any], name: str, key: str, before: Moved, value: Any) -> bool:
        """Whether a settlement can change the moving columns of a record like this."""
        made: Mapping[str, Mapping[str, str]] = document.get("made", {})
        if name == "question":
            is_wider = value[0] <= before.value[0] and value[1] >= before.value[1]
            return entry.kind in {SETTLEMENT, QUESTIONS} and is_wider
        if entry.kind != SETTLEMENT:
            return False
        if name == "part":
            return value[1] in made.get("part", {})
        if name == "answer":
            return before.value[1] is None and value[1] in made.get("answer", {})
        if name == "submission":
            return value[0] in {"superseded", "withdrawn", "accepted"} and key in set(self._touched(document))
        return name == "set_aside_row"

    def _touched(self, document: Mapping[str, Any]) -> Iterator[str]:
        """The submissions of which an entry supersedes parts or repairs rows."""
        moved: Mapping[str, Mapping[str, Any]] = document.get("moved", {})
        yield from moved.get("set_aside_row", {})
        for part in moved.get("part", {}):
            if part in self.submission_of:
                yield self.submission_of[part]

    def _publish(self, entry: Entry, document: Mapping[str, Any]) -> None:
        roots = {number: self.rows[number][0].root for number in of_ranges(document["parts"])}
        if parts_root(roots, entry.algorithm).hex() != document["parts_root"]:
            self._refuse(entry, "所据部分的根不是入库时的", "has another root over its parts than they were settled with")

    def _bury(self, entry: Entry, document: Mapping[str, Any]) -> None:
        for what in ("archive", "sealed"):
            for sha256 in document.get(what, ()):
                self.deleted.setdefault((what, sha256), entry.recorded_at)
        for key, digest in document.get("cells", {}).items():
            said = self.made.get("set_aside_cells", {}).get(key, [])
            if not any(claim.digest == digest for claim in said):
                self._refuse(
                    entry, f"清除的原文不是第 {key} 号报送收到时的", f"clears other cells of submission {key} than it set aside"
                )
            self.cleared.setdefault(key, entry.recorded_at)

    def _refuse(self, entry: Entry, zh: str, en: str) -> None:
        number = entry.number
        self.faults.append(
            Fault(
                "log",
                str(number),
                f"日志第 {number} 条({entry.kind} {entry.subject}){zh}",
                f"entry {number} of the log ({entry.kind} {entry.subject}) {en}",
            )
        )
