"""Whatever the owner of the database alters, `fugong verify` finds it against a head that was exported before.

One alteration a case, by a kind, a table, a row and a column at random: values of every type, rows added, deleted and swapped, digests made
to fit, entries forged, the log rebuilt or cut, archived files changed. A case changes its state in a transaction that is rolled back.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from fugong.briefing import adjustment, ending, publishing, signing
from fugong.core.settings import PROJECT, Settings
from fugong.evidence import log, merkle
from fugong.evidence.digest import canonical, leaf_hash
from fugong.evidence.log import Entry, Head
from fugong.evidence.records import RECORDS, read, sealed
from fugong.evidence.rows import digest_of, read_blocks
from fugong.evidence.verify import verify
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.operations.maintenance import run_all
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.prove.proof import Proof, Try

N_FILES = 150
AS_OF = date(2020, 2, 20)
TABLES = (
    "intake.submission", "intake.part", "intake.finding", "intake.shadow_finding", "intake.set_aside_row", "intake.question",
    "intake.answer", "audit.published", "audit.published_figure", "audit.publication_end", "audit.signing", "audit.adjustment",
    "audit.adjustment_end", "audit.chore", "audit.schema_change", "audit.log_entry", "audit.log_head", "audit.sealed_part",
)  # fmt: skip
"""Every table that the log covers, besides those of `report`; empty ones are passed over."""


class NotPossible(Exception):
    """This alteration is refused by a constraint, or finds nothing: another one is drawn."""


@dataclass(frozen=True)
class House:
    """A warehouse with an exported head, on a connection whose transaction is rolled back after each case."""

    connection: psycopg.Connection
    settings: Settings
    head: Head
    tables: Sequence[str]

    def row(self, rng: Random, table: str) -> tuple[Any, dict[str, Any]]:
        """A row at random: its place and its values as text."""
        [(n,)] = self.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchall()
        rows = self.connection.execute(
            f"SELECT ctid::text, to_jsonb(one) FROM {table} AS one ORDER BY ctid OFFSET {rng.randrange(n)} LIMIT 1"
        ).fetchall()
        return rows[0]

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table with their types; generated ones cannot be changed."""
        rows = self.connection.execute(
            """
            SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """,
            (table,),
        )
        return dict(rows.fetchall())


def other_value(rng: Random, kind: str) -> str:
    """An SQL expression for another value of a column; `{c}` is the column."""
    return rng.choice(
        {
            "text": [
                "{c} || ' '", "'x' || {c}", "overlay({c} placing '#' from 1 for 1)", "reverse({c})", "upper({c})", "NULL", "''",
                "COALESCE({c}, '') || '0'",
            ],
            "integer": ["{c} + 1", "{c} - 1", "-{c}"],
            "bigint": ["{c} + 1", "{c} - 1", "{c} * 10"],
            "numeric": ["{c} + 0.01", "{c} * 10", "-{c}", "NULL", "COALESCE({c}, 0) + 1"],
            "date": ["{c} + 1", "{c} - 365", "NULL", "COALESCE({c}, DATE '2020-01-01') + 1"],
            "timestamp with time zone": ["{c} + INTERVAL '1 microsecond'", "{c} - INTERVAL '1 day'", "NULL", "now()"],
            "boolean": ["NOT {c}", "NULL", "NOT COALESCE({c}, false)"],
            "jsonb": ["'[]'", "jsonb_build_array({c})", "NULL", "replace({c}::text, '1', '7')::jsonb"],
            "bytea": ["set_byte({c}, 0, (get_byte({c}, 0) + 1) % 256)", "{c} || '\\x00'", "''"],
            "text[]": ["{c} || ARRAY['x']", "'{{}}'", "{c}[2:]"],
            "bigint[]": ["{c} || 7::bigint", "'{{}}'", "{c}[2:]"],
            "bytea[]": ["{c} || '\\x00'::bytea", "'{{}}'", "{c}[2:]"],
        }[kind]
    )  # fmt: skip


def update(house: House, rng: Random, table: str, names: Sequence[str] = ()) -> str:
    """Change one cell, of these columns if any are given."""
    columns = house.columns(table)
    name = rng.choice([*(names or columns)])
    place, before = house.row(rng, table)
    value = other_value(rng, columns[name]).format(c=f'"{name}"')
    done = house.connection.execute(
        f'UPDATE {table} SET "{name}" = {value} WHERE ctid = %s::tid AND "{name}" IS DISTINCT FROM ({value})'.encode(), (place,)
    )
    if not done.rowcount:
        raise NotPossible
    return f"{table}.{name} = {value} ({_named(before)})"


def delete(house: House, rng: Random, table: str) -> str:
    """Delete a row."""
    place, before = house.row(rng, table)
    house.connection.execute(f"DELETE FROM {table} WHERE ctid = %s::tid", (place,))
    return f"a row of {table} deleted ({_named(before)})"


def insert(house: House, rng: Random, table: str) -> str:
    """Add a copy of a row under another number."""
    columns = house.columns(table)
    place, before = house.row(rng, table)
    numbers = [name for name, kind in columns.items() if kind in {"bigint", "integer"} and name != "part_id"]
    if not numbers:
        raise NotPossible
    changed = {numbers[0]: f'"{numbers[0]}" + 1000000'}
    if "arrival_id" in columns:
        changed["arrival_id"] = "arrival_id || 'x'"
    if "digest" in columns:
        changed["digest"] = "digest || 'x'"
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    house.connection.execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {table} WHERE ctid = %s::tid".encode(),
        (place,),
    )
    return f"a row added to {table} ({_named(before)})"


def swap(house: House, rng: Random, table: str) -> str:
    """Exchange the values of a column between two rows."""
    name = rng.choice([*house.columns(table)])
    (first, before), (second, _) = house.row(rng, table), house.row(rng, table)
    done = house.connection.execute(
        f"""
        UPDATE {table} AS one SET "{name}" = other."{name}" FROM {table} AS other
        WHERE (one.ctid, other.ctid) IN ((%(a)s::tid, %(b)s::tid), (%(b)s::tid, %(a)s::tid))
            AND one."{name}" IS DISTINCT FROM other."{name}"
        """.encode(),
        {"a": first, "b": second},
    )
    if not done.rowcount:
        raise NotPossible
    return f"{table}.{name} of two rows swapped ({_named(before)})"


def document_with_its_hash(house: House, rng: Random, _: str) -> str:
    """A published file, and the digest beside it."""
    place, before = house.row(rng, "audit.published")
    house.connection.execute(
        "UPDATE audit.published SET content = content || ' ', sha256 = encode(sha256(content || ' '), 'hex') WHERE ctid = %s::tid",
        (place,),
    )
    return f"a published file with its hash ({before['publication_id']}.{before['format']})"


def rehashed(house: House, rng: Random, table: str) -> str:
    """Change rows of a part, and make its digests and its entry fit."""
    table = rng.choice([one for one in house.tables if one.startswith("report.")])
    told = update(house, rng, table)
    number = _changed_part(house, table)
    entry, document = _entry_of_part(house, number)
    columns = document["rows"][str(number)]["columns"].split()
    blocks = [
        digest_of(one, entry.algorithm) for one in read_blocks(house.connection, table.partition(".")[2], columns, [number], {})
    ]
    root = merkle.root([one.digest for one in blocks], entry.algorithm)
    document["rows"][str(number)]["root"] = root.hex()
    house.connection.execute(
        "UPDATE audit.sealed_part SET root = %s, digests = %s WHERE part_id = %s", (root, [one.digest for one in blocks], number)
    )
    house.connection.execute(
        "UPDATE audit.log_entry SET document = %s WHERE entry_number = %s", (canonical(document), entry.number)
    )
    if rng.random() < 0.7:
        rebuild(house, entry.number)
        told += ", the log rebuilt"
    return f"{told}, digests made to fit"


def rebuilt(house: House, rng: Random, _: str) -> str:
    """Change a record, its digest in the log, and every hash after it."""
    name = rng.choice(
        [one for one in RECORDS if RECORDS[one].relation in house.tables and one not in {"set_aside_cells", "reply"}]
    )
    record = RECORDS[name]
    told = update(house, rng, record.relation)
    now = {one.key: sealed(one.fixed, "sha256") for one in read(house.connection, record)}
    for entry in log.entries(house.connection):
        document = json.loads(entry.document)
        made = document.get("made", {}).get(name, {})
        different = {key: now[key] for key in made if key in now and made[key] != now[key]}
        if different:
            made.update(different)
            house.connection.execute(
                "UPDATE audit.log_entry SET document = %s WHERE entry_number = %s", (canonical(document), entry.number)
            )
            rebuild(house, entry.number)
            return f"{told}, its digest and the log rebuilt from entry {entry.number}"
    raise NotPossible  # a moving column was changed; `forged` does that


def forged(house: House, rng: Random, _: str) -> str:
    """Change what is fixed of a record, and add an entry that says so."""
    name = rng.choice(
        [one for one in RECORDS if RECORDS[one].relation in house.tables and one not in {"set_aside_cells", "reply"}]
    )
    record = RECORDS[name]
    before = {one.key: one for one in read(house.connection, record)}
    told = update(house, rng, record.relation, record.fixed)
    changed = [one for one in read(house.connection, record) if before.get(one.key) != one]
    if not changed:
        raise NotPossible
    document = {
        "columns": {name: " ".join(record.fixed)},
        "made": {name: {one.key: sealed(one.fixed, "sha256") for one in changed}},
    }
    if record.moving:
        document["moved"] = {
            name: {one.key: one.moving[0] if not record.order else sealed(one.moving, "sha256") for one in changed}
        }
    kind = rng.choice(["settlement", "upgrade", "questions", "publication" if "published" in name else "chore"])
    log.append(house.connection, kind, changed[0].key, document)
    return f"{told}, and an entry forged ({kind})"


def tombstone(house: House, rng: Random, _: str) -> str:
    """Clear cells, or delete an original, under a forged tombstone."""
    rows = house.connection.execute("SELECT DISTINCT submission_id FROM intake.set_aside_row WHERE cells IS NOT NULL").fetchall()
    if not rows:
        raise NotPossible
    number = rng.choice(rows)[0]
    [found] = read(house.connection, RECORDS["set_aside_cells"], [number])
    log.append(house.connection, "tombstone", "cells", {"cells": {found.key: sealed(found.fixed, "sha256")}})
    house.connection.execute("UPDATE intake.set_aside_row SET cells = NULL WHERE submission_id = %s", (number,))
    return f"cells of submission {number} cleared under a forged tombstone"


def cut(house: House, rng: Random, _: str) -> str:
    """Delete the newest entries, with an end of the log that fits."""
    n = rng.randint(1, 20)
    house.connection.execute("DELETE FROM audit.log_entry WHERE entry_number > %s", (house.head.size - n,))
    rebuild(house, house.head.size - n)
    return f"the last {n} entries of the log deleted"


def archive(house: House, rng: Random, _: str) -> str:
    """Change an archived file."""
    file = rng.choice(sorted(path for path in house.settings.archive.glob("??/*") if path.stat().st_size))
    content = bytearray(file.read_bytes())
    at, how = rng.randrange(len(content)), rng.choice(["flip", "cut", "append", "delete", "swap"])
    if how == "flip":
        content[at] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del content[at:]
    elif how == "append":
        content += b"\n"
    elif how == "swap":
        other = rng.choice(sorted(path for path in house.settings.archive.glob("??/*") if path != file))
        content = bytearray(other.read_bytes())
    if how == "delete":
        file.unlink()
    else:
        file.write_bytes(bytes(content))
    return f"archive {file.name[:12]}: {how} at {at}"


Alteration = Callable[[House, Random, str], str]
KINDS: Mapping[str, tuple[Alteration, int]] = {
    "update": (update, 40),
    "delete": (delete, 12),
    "insert": (insert, 8),
    "swap": (swap, 8),
    "document": (document_with_its_hash, 3),
    "rehashed": (rehashed, 6),
    "rebuilt": (rebuilt, 6),
    "forged": (forged, 6),
    "tombstone": (tombstone, 1),
    "cut": (cut, 2),
    "archive": (archive, 8),
}
"""Kind → the alteration, and how often it is drawn."""


def alter(house: House, rng: Random, kind: str) -> str:
    """Alter something by a kind; draws again where a constraint refuses it or nothing would change."""
    for _ in range(200):
        table = rng.choice([rng.choice([one for one in house.tables if one.startswith("report.")]), rng.choice(house.tables)])
        try:
            with house.connection.transaction():
                return KINDS[kind][0](house, rng, table)
        except (NotPossible, LookupError, psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError):
            continue
    raise AssertionError(f"no alteration of the kind {kind} was possible")


def rebuild(house: House, first: int) -> None:
    """Hash the log again from an entry on, as somebody would who wants to hide something."""
    nodes: list[bytes] = []
    entry: Entry | None = None
    changed: list[tuple[bytes, bytes, int]] = []
    for entry in log.entries(house.connection):
        leaf = leaf_hash(entry.algorithm, entry.body.encode())
        merkle.grow(nodes, entry.number - 1, leaf, entry.algorithm)
        if entry.number >= first:
            changed.append((leaf, merkle.root_of(nodes, entry.algorithm), entry.number))
    assert entry is not None
    with house.connection.cursor() as cursor:
        cursor.executemany("UPDATE audit.log_entry SET leaf = %s, head = %s WHERE entry_number = %s", changed)
    house.connection.execute(
        "UPDATE audit.log_head SET size = %s, frontier = %s, day = %s, recorded_at = %s",
        (entry.number, nodes, log.day_of(entry.recorded_at), entry.recorded_at),
    )


def case_of(house: House, rng: Random, kind: str | None = None) -> dict[str, Any]:
    """Alter, verify, undo; the alteration has to be found."""
    kind = kind or rng.choices([*KINDS], [weight for _, weight in KINDS.values()])[0]
    files = {path: path.read_bytes() for path in house.settings.archive.glob("??/*")} if kind == "archive" else {}
    try:
        with house.connection.transaction(force_rollback=True):
            told = alter(house, rng, kind)
            found = verify(house.connection, house.settings if kind == "archive" else None, [house.head])
    finally:
        for path, content in files.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
    assert found.faults, f"not found: {kind}: {told}"
    return {"kind": kind, "told": told, "said": found.faults[0].en, "n_faults": len(found.faults)}


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    """A house on a connection of its own, verified as it is."""
    with connect(settings, autocommit=True) as connection:
        found = log.head(connection)
        assert found is not None
        tables = [*TABLES]
        tables += [
            f"report.{name}"
            for (name,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'report'::regnamespace AND relkind = 'r'"
            )
        ]
        held = [
            table for table in tables if connection.execute(f"SELECT EXISTS (SELECT FROM {table})".encode()).fetchone() == (True,)
        ]
        house = House(connection, settings, found[0], held)
        assert verify(connection, settings, [house.head]).faults == ()
        yield house


@contextmanager
def open_district(seed: int) -> Iterator[Try]:
    """The first weeks of the sample district, with a night's tasks, an adjustment, and three publications of which one is withdrawn."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)  # the server may run under another account
        settings = Settings(home, PROJECT, None)
        try:
            setup.init(settings)
            write_district(settings.inbox)
            ingest_history(settings, read_manifest(settings.inbox / "history.csv")[:N_FILES])
            publish(settings, AS_OF)
            run_all(settings)
            with open_house(settings) as house:
                yield lambda case: case_of(house, Random(seed * 10**6 + case))
        finally:
            if embedded.exists(home):
                embedded.remove(home)


def publish(settings: Settings, as_of: date) -> None:
    """Draft, adjust, publish, publish again, and withdraw."""
    with connect(settings) as connection:
        for day in (as_of - timedelta(1), as_of, as_of):
            publishing.publish(connection, settings, day, signer="主任", is_provisional=True, with_english=day != as_of)
        adjust = adjustment.adjust(
            connection, settings.include, "S039", as_of, "2.1亿元", reason="口径", proposer="甲", approver="乙"
        )
        adjustment.revoke(connection, adjust.adjustment_id, person="乙", reason="有误")
        ending.withdraw(connection, 3, person="主任", reason="有误")
    asked = signing.Asked((as_of,), None, is_as_known_then=False, sign_by=signing.sign_by(signing.datetime.now()))
    signing.draft(settings, "proof", asked)


def _changed_part(house: House, table: str) -> int:
    """The part whose rows the open transaction changed."""
    rows = house.connection.execute(
        sql.SQL("SELECT part_id FROM {} ORDER BY xmin::text::bigint DESC LIMIT 1").format(sql.Identifier(*table.split(".")))
    ).fetchall()
    return rows[0][0]


def _entry_of_part(house: House, number: int) -> tuple[Entry, dict[str, Any]]:
    for entry in log.entries(house.connection):
        document = json.loads(entry.document)
        if str(number) in document.get("rows", {}):
            return entry, document
    raise NotPossible


def _named(row: Mapping[str, Any]) -> str:
    return " ".join(f"{name} {value}" for name, value in [*row.items()][:2])[:60]


def summary(found: Sequence[dict[str, Any]]) -> str:
    """How many of each kind."""
    counts = Counter(one["kind"] for one in found)
    return "found: " + ", ".join(f"{kind} {counts[kind]}" for kind in KINDS if counts[kind])


PROOF = Proof(
    name="alterations",
    claim="What the owner of the database alters, `fugong verify` finds against a head exported before",
    claim_zh="数据库属主无论改动什么,`fugong verify` 对照此前导出的存证首都能查出",
    n_cases=1000,
    open=open_district,
    summary=summary,
)
