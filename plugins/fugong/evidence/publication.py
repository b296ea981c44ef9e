"""Entries of the log about publications: a root over the figures, and one over the parts behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import psycopg

from fugong.evidence import log, merkle
from fugong.evidence.digest import canonical, leaf_hash
from fugong.evidence.settlement import Document

PUBLICATION = "publication"


def record(connection: psycopg.Connection, number: int, part_ids: Sequence[int], superseded: Sequence[int]) -> log.Head:
    """Add the entry of a publication.

    Args:
        part_ids: the parts that counted at its moment of knowledge, about days up to its own.
        superseded: publications that it supersedes.
    """
    algorithm = log.algorithm_of(connection)
    document = Document(algorithm)
    document.make(connection, "published", [number])
    document.make(connection, "published_figure", [number])
    document.make(connection, "publication_end", superseded)
    roots = dict(
        connection.execute("SELECT part_id, root FROM audit.sealed_part WHERE part_id = ANY(%s)", (list(part_ids),)).fetchall()
    )
    document.more = {"parts": as_ranges(part_ids), "parts_root": parts_root(roots, algorithm).hex()}
    return log.append(connection, PUBLICATION, str(number), document.content)


def parts_root(roots: Mapping[int, bytes], algorithm: str) -> bytes:
    """The root over parts, each with the root of its rows."""
    return merkle.root(part_leaves(roots, algorithm), algorithm)


def part_leaves(roots: Mapping[int, bytes], algorithm: str) -> list[bytes]:
    """The leaves of the tree over parts."""
    return [leaf_hash(algorithm, canonical([number, bytes(roots[number]).hex()]).encode()) for number in sorted(roots)]


def as_ranges(numbers: Iterable[int]) -> str:
    """Numbers in ascending order as `1-4 7 9-12`."""
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in out)


def of_ranges(text: str) -> list[int]:
    """The numbers of `as_ranges`."""
    out: list[int] = []
    for one in text.split():
        first, _, last = one.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out
