"""Finds the keys that a file repeats. Memory does not grow with the rows: the hashes of the keys wait in a working file."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import Table

HASH_FACTOR = np.uint64(secrets.randbits(64) | 1)
"""Drawn anew by every process, so that nobody can write keys with equal hashes on purpose."""
SEPARATOR = "\x1f"
"""Between the columns of a key."""
SHARES = 16
"""Hashes are compared share by share; a share is a range of hashes."""
BOUNDS = np.array([(share << 60) - (1 << 63) for share in range(1, SHARES)], np.int64)


def key_texts(batch: pa.RecordBatch, table: Table) -> pa.Array:
    """The keys of typed rows as text; null where a part of the key is missing."""
    parts = [pc.cast(batch.column(name), pa.string()) for name in table.key]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, SEPARATOR)


class KeyHashes:
    """The hash of every key of a table, in a working file: each block sorted, with the offsets where its shares begin."""

    def __init__(self, path: Path, table: Table) -> None:
        """No keys yet.

        Args:
            path: the working file; the caller removes it.
        """
        self._path = path
        self._table = table
        self._runs: list[list[int]] = []
        self._n = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the keys of a block of typed rows."""
        hashes = np.sort(_hashes(batch, self._table))
        with self._path.open("ab") as file:
            hashes.tofile(file)
        self._runs.append([self._n, *(self._n + np.searchsorted(hashes, BOUNDS)).tolist(), self._n + len(hashes)])
        self._n += len(hashes)

    def share(self, share: int) -> np.ndarray:
        """The sorted hashes of one share."""
        if not self._runs:
            return np.empty(0, np.int64)
        with self._path.open("rb") as file:
            found: list[np.ndarray] = []
            for run in self._runs:
                file.seek(run[share] * 8)
                found.append(np.fromfile(file, np.int64, run[share + 1] - run[share]))
        return np.sort(np.concatenate(found))

    def repeated(self, enough: int) -> np.ndarray:
        """The hashes that occur more than once. The search ends once more than `enough` rows have one of them."""
        found = [np.empty(0, np.int64)]
        n_rows = 0
        for share in range(SHARES if self._runs else 0):
            hashes = self.share(share)
            again = hashes[1:][hashes[1:] == hashes[:-1]]
            found.append(np.unique(again))
            n_rows += len(again) + len(found[-1])
            if n_rows > enough:
                break
        return np.concatenate(found)

    def lines(self, batches: Iterable[pa.RecordBatch], repeated: np.ndarray) -> list[int]:
        """The row numbers whose keys are repeated. Keys with equal hashes are compared as text."""
        seen: dict[str, list[int]] = {}
        for key, number in self.keys_of(batches, repeated):
            seen.setdefault(key, []).append(number)
        return sorted(number for numbers in seen.values() if len(numbers) > 1 for number in numbers)

    def keys_of(self, batches: Iterable[pa.RecordBatch], hashes: np.ndarray) -> Iterator[tuple[str, int]]:
        """Key and row number of every row with a whole key that has one of these hashes."""
        for batch in batches:
            chosen = np.flatnonzero(np.isin(_hashes(batch, self._table), hashes))
            if len(chosen):
                part = batch.take(pa.array(chosen))
                keys, numbers = key_texts(part, self._table).to_pylist(), part.column("row_number").to_pylist()
                yield from ((key, number) for key, number in zip(keys, numbers, strict=True) if key is not None)


def common(all_keys: Sequence[KeyHashes], enough: int) -> np.ndarray:
    """The hashes that occur in the keys of several sheets. The search ends once more than `enough` are found."""
    found = [np.empty(0, np.int64)]
    for share in range(SHARES):
        hashes = np.sort(np.concatenate([np.unique(keys.share(share)) for keys in all_keys]))
        found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
        if sum(map(len, found)) > enough:
            break
    return np.concatenate(found)


def _hashes(batch: pa.RecordBatch, table: Table) -> np.ndarray:
    """A number for each key: the same for the same key, hardly ever for others. Eight bytes of all keys of a length at once."""
    keys = pc.fill_null(key_texts(batch, table), "")
    lengths = np.asarray(pc.binary_length(keys))
    out = np.empty(len(keys), np.uint64)
    for length in np.unique(lengths):
        at = np.flatnonzero(lengths == length)
        some = keys if len(at) == len(keys) else keys.take(pa.array(at))
        words = np.zeros((len(at), -(-length // 8) * 8), np.uint8)
        if length:
            _, offsets, texts = some.buffers()
            first = int(np.frombuffer(offsets, np.int32, count=1, offset=4 * some.offset)[0])
            words[:, :length] = np.frombuffer(texts, np.uint8, count=length * len(at), offset=first).reshape(-1, length)
        mixed = np.full(len(at), length, np.uint64)
        for word in words.view(np.uint64).T:
            mixed = (mixed ^ word) * HASH_FACTOR
            mixed ^= mixed >> np.uint64(29)
        out[at] = mixed
    return out.view(np.int64)
