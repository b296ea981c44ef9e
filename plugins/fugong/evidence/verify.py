"""Holds every record against the log, and the log against heads that left the house.

Three steps: the log is hashed again and compared with the heads (`_replay`); its entries are replayed into what they say of every record
(`claims`); every record is read and compared. A record is held against everything that was ever said of it, so that a forged entry at the
end of the log makes no alteration lawful; moving columns may only move as settlements can move them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg

from fugong.core.settings import Settings
from fugong.evidence import log, merkle
from fugong.evidence.archived import archive_faults, cleared_too_early
from fugong.evidence.claims import Claims
from fugong.evidence.digest import leaf_hash
from fugong.evidence.fault import Fault
from fugong.evidence.log import Head
from fugong.evidence.records import RECORDS, Record, Texts, moved, read, sealed
from fugong.evidence.row_faults import row_faults

Progress = Callable[[str, int, int], None]
"""Called with what is verified, how many are done, and how many there are."""


@dataclass(frozen=True)
class Verified:
    """What verifying found.

    Attributes:
        head: the head of the log as it is now, computed from its entries.
        heads: those from outside that it was held against.
        n_records: records compared, log entries and files included.
        n_rows: rows of reports compared.
        is_whole: False where only some parts were read.
    """

    head: Head | None
    heads: tuple[Head, ...]
    faults: tuple[Fault, ...]
    n_records: int
    n_rows: int
    is_whole: bool


@dataclass
class _Count:
    records: int = 0
    rows: int = 0
    faults: list[Fault] = field(default_factory=list[Fault])


def verify(
    connection: psycopg.Connection,
    settings: Settings | None,
    heads: Sequence[Head] = (),
    *,
    max_rows: int | None = None,
    on_progress: Progress | None = None,
) -> Verified:
    """Verify everything.

    Args:
        connection: in a transaction that sees one state (repeatable read).
        settings: where the archive lies; None leaves it out.
        heads: from receipts, briefings or `fugong evidence head`.
        max_rows: read only parts with so many rows in all, chosen by chance and changing with the day; None for all.
    """
    tell = on_progress or _untold
    count = _Count()
    claims = Claims()
    head = _replay(connection, heads, claims, count, tell)
    count.faults += claims.faults
    for record in RECORDS.values():
        count.faults += _record_faults(connection, record, claims, count)
        tell(record.name, 1, 1)
    count.faults += cleared_too_early(connection, claims)
    found = row_faults(connection, claims, max_rows, tell)
    count.faults += found.faults
    count.rows += found.n_rows
    count.records += found.n_blocks
    if settings is not None:
        faults, n_files = archive_faults(connection, settings, claims, tell)
        count.faults += faults
        count.records += n_files
    return Verified(head, tuple(heads), tuple(count.faults), count.records, count.rows, found.is_whole)


def _untold(_what: str, _n: int, _n_all: int) -> None:
    pass


def _replay(connection: psycopg.Connection, heads: Sequence[Head], claims: Claims, count: _Count, tell: Progress) -> Head | None:
    """Hash the log again, hold it against the heads and its own end, and replay its entries."""
    state = connection.execute(
        "SELECT size, frontier, day, recorded_at, algorithm, clock_timestamp() FROM audit.log_head"
    ).fetchall()
    size, frontier, day, last_at, algorithm, now = state[0] if len(state) == 1 else (0, [], None, None, "", None)
    wanted: dict[int, list[Head]] = {}
    for head in heads:
        wanted.setdefault(head.size, []).append(head)
    nodes: list[bytes] = []
    number, before, root, last_algorithm = 0, None, b"", algorithm
    is_unbroken = True  # else every head that follows differs, too
    day_before: str | None = None
    for n_leaves, entry in enumerate(log.entries(connection)):
        number += 1
        if entry.number != number:
            count.faults.append(_log_fault(number, f"缺第 {number} 条", f"entry {number} is missing"))
            number, is_unbroken = entry.number, False
        leaf = leaf_hash(entry.algorithm, entry.body.encode())
        merkle.grow(nodes, n_leaves, leaf, entry.algorithm)
        root = merkle.root_of(nodes, entry.algorithm)
        if leaf != entry.leaf:
            is_unbroken = False
            count.faults.append(
                _log_fault(
                    number, f"日志第 {number} 条被改动", f"entry {number} of the log ({entry.kind} {entry.subject}) was changed"
                )
            )
        elif root != entry.head and is_unbroken:
            is_unbroken = False
            count.faults.append(
                _log_fault(
                    number,
                    f"日志第 {number} 条的存证首被改动",
                    f"the head of entry {number} is not that of the entries before it",
                )
            )
        for head in wanted.pop(number, ()):
            if head.root != root:
                count.faults.append(
                    Fault(
                        "head", str(head.size), f"日志前 {number} 条与存证首 {head} 不符:有记录在那之后被改写", f"the first {number} "
                        f"entries of the log are not those of the head {head}: the past was rewritten since",
                    )
                )  # fmt: skip
        if (before is not None and entry.recorded_at < before) or (now is not None and entry.recorded_at > now):
            count.faults.append(
                _log_fault(
                    number, f"日志第 {number} 条的时间不在前后之间", f"the time of entry {number} is not between its neighbours"
                )
            )
        before, last_algorithm = entry.recorded_at, entry.algorithm
        if (document := claims.parse(entry)) is not None:
            if entry.kind == log.DAY:
                if document.get("previous") != day_before:
                    count.faults.append(
                        _log_fault(number, f"日首不相接:第 {number} 条", f"the head of the day in entry {number} does not chain")
                    )
                day_before = document.get("head")
            claims.add(entry, document)
        count.records += 1
        if number % 500 == 0:
            tell("log", number, size)
    for head in (one for left in wanted.values() for one in left):
        count.faults.append(
            Fault(
                "head", str(head.size), f"日志只有 {number} 条,存证首 {head} 却有 {head.size} 条:末尾被删",
                f"the log has {number} entries, the head {head} has {head.size}: its end was deleted",
            )
        )  # fmt: skip
    is_end = (size, [bytes(node) for node in frontier], last_at, algorithm) == (number, nodes, before, last_algorithm)
    if not is_end or len(state) != 1 or (before is not None and day != log.day_of(before)):
        count.faults.append(
            Fault(
                "log",
                "",
                "日志的末端(audit.log_head)与条目不符",
                "the end of the log (audit.log_head) is not that of its entries",
            )
        )
    tell("log", number, number)
    return Head(number, root) if number else None


def _log_fault(number: int, zh: str, en: str) -> Fault:
    return Fault("log", str(number), zh, en)


def _record_faults(connection: psycopg.Connection, record: Record, claims: Claims, count: _Count) -> Iterator[Fault]:
    """Compare the records of one kind with what the log says of them."""
    said = claims.made.get(record.name, {})
    variants = {claim.columns for found in said.values() for claim in found}
    names = list(dict.fromkeys([*record.fixed, *(name for columns in sorted(variants) for name in columns)]))
    left = set(said)
    for found in read(connection, record, fixed=names):
        count.records += 1
        left.discard(found.key)
        yield from _compare(record, found.key, found.fixed, found.moving, names, claims)
    for key in sorted(left, key=_by_number):
        if not claims.is_erased(record.name, key):
            yield record_fault(record, key, "不见了", "is gone")


def _compare(
    record: Record, key: str, fixed: list[Texts], moving: list[Texts], names: Sequence[str], claims: Claims
) -> Iterator[Fault]:
    said = claims.made.get(record.name, {}).get(key)
    if said is None:
        yield record_fault(record, key, "日志里没有,是后来添上的", "is not in the log: it was added by hand")
        return
    if claims.is_erased(record.name, key):
        yield record_fault(record, key, "按日志已清除,却还在", "was cleared according to the log, and is there")
    for claim in said:
        at = [names.index(name) for name in claim.columns]
        now = sealed([[row[place] for place in at] for row in fixed], claim.algorithm)
        if now != claim.digest:
            n_then, n_now = claim.digest.partition(":")[0], str(len(fixed))
            zh, en = (
                ("被改动", "was changed")
                if n_then == n_now
                else (f"原有 {n_then} 行,现有 {n_now} 行", f"had {n_then} rows, has {n_now}")
            )
            yield record_fault(record, key, zh, en)
            return
    if record.moving:
        last = claims.moved.get(record.name, {}).get(key)
        if last is None or moved(record, moving, last.algorithm) != last.value:
            what = "、".join(record.moving)
            yield record_fault(record, key, f"的 {what} 被改动", f"has another {', '.join(record.moving)} than the log says")


def record_fault(record: Record, key: str, zh: str, en: str) -> Fault:
    """A fault of a record, with its name in words."""
    return Fault(record.name, key, f"{record.relation} {key} {zh}", f"{record.relation} {key} {en}")


def _by_number(key: str) -> tuple[int, str]:
    first = key.partition(" ")[0]
    return (int(first) if first.isdecimal() else 0, key)
