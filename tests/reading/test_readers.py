"""Readers that are lent: one fork server for many turns."""

from __future__ import annotations

from pathlib import Path

import psutil

from fugong.reading.reader import Reader
from fugong.reading.readers import Readers


def fork_servers() -> set[int]:
    """The fork servers of this process."""
    return {child.pid for child in psutil.Process().children() if any("reading/worker" in word for word in child.cmdline())}


def n_rows(reader: Reader, folder: Path) -> int:
    """Read a file of two lines."""
    file = folder / "a.csv"
    file.write_text("企业,金额\n一厂,1\n")
    into = folder / "into"
    into.mkdir(exist_ok=True)
    [sheet] = reader.read(file, file.name, into).sheets
    return sheet.n_rows


def test_one_fork_server_reads_for_turn_after_turn_and_ends_with_the_readers(tmp_path: Path) -> None:
    before = fork_servers()
    with Readers() as readers:
        found: list[set[int]] = []
        for _ in range(2):
            with readers.lent() as reader:
                assert n_rows(reader, tmp_path) == 2
                found.append(fork_servers() - before)
        assert found[0] == found[1]
        assert len(found[0]) == 1
        with readers.lent() as one, readers.lent() as other:
            assert n_rows(one, tmp_path) == n_rows(other, tmp_path) == 2
            assert len(fork_servers() - before) == 2
    assert fork_servers() == before


def test_an_abandoned_reader_reads_again(tmp_path: Path) -> None:
    with Readers() as readers:
        with readers.lent() as reader:
            reader.start()
            reader.abandon()
        with readers.lent() as again:
            assert again is reader
            assert n_rows(again, tmp_path) == 2


def test_a_fork_server_that_was_started_before_reads_the_first_file(tmp_path: Path) -> None:
    before = fork_servers()
    with Readers() as readers:
        readers.start()
        started = fork_servers() - before
        assert len(started) == 1
        with readers.lent() as reader:
            assert n_rows(reader, tmp_path) == 2
        assert fork_servers() - before == started
    assert fork_servers() == before
