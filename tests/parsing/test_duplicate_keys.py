"""Repeated keys are found whatever blocks they are in, and without looking for all of them where they are many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing import duplicate_keys
from fugong.parsing.duplicate_keys import KeyHashes

TABLE = load_contracts(PROJECT / "include" / "contracts").tables["loan"]


def blocks(keys: list[tuple[str, ...]], rows: int) -> list[pa.RecordBatch]:
    names = [*TABLE.key, "row_number"]
    batches: list[pa.RecordBatch] = []
    for start in range(0, len(keys), rows):
        some = keys[start : start + rows]
        columns: list[Any] = [*map(list, zip(*some, strict=True)), list(range(start, start + len(some)))]
        batches.append(pa.record_batch(columns, names=names))
    return batches


def hashed(folder: Path, batches: list[pa.RecordBatch]) -> KeyHashes:
    found = KeyHashes(folder / "loan.keys", TABLE)
    for batch in batches:
        found.add(batch)
    return found


def loans(numbers: list[int]) -> list[tuple[str, ...]]:
    return [(*("B1" for _ in TABLE.key[1:]), f"L{number}") for number in numbers]


@pytest.mark.parametrize("rows", [1, 7, 1000, 5000])
def test_keys_repeated_in_other_blocks_are_found(tmp_path: Path, rows: int) -> None:
    numbers = np.random.default_rng(7).permutation([*range(3000), *range(0, 3000, 100)]).tolist()
    batches = blocks(loans(numbers), rows)
    keys = hashed(tmp_path, batches)
    repeated = keys.repeated(10_000)
    assert len(repeated) == 30
    wanted = [line for line, number in enumerate(numbers) if number % 100 == 0]
    assert keys.lines(batches, repeated) == wanted


def test_a_file_without_rows_repeats_nothing(tmp_path: Path) -> None:
    assert len(hashed(tmp_path, []).repeated(10)) == 0


def test_of_very_many_repeated_keys_enough_are_found(tmp_path: Path) -> None:
    batches = blocks(loans([*range(2000), *range(2000)]), 500)
    keys = hashed(tmp_path, batches)
    lines = keys.lines(batches, keys.repeated(100))
    assert 100 < len(lines) < 1000


def test_keys_whose_hashes_meet_are_not_taken_for_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicate_keys, "HASH_FACTOR", np.uint64(0))  # every hash is 0
    batches = blocks(loans([1, 2, 3, 2]), 2)
    keys = hashed(tmp_path, batches)
    assert keys.lines(batches, keys.repeated(10)) == [1, 3]
