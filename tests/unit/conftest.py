"""A reader for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fugong.reading import Reader, Reading
from tests.unit.files import ReadBytes


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


@pytest.fixture
def read(reader: Reader, tmp_path: Path) -> ReadBytes:
    def read_bytes(content: bytes, by: Reader = reader) -> Reading:
        path, into = tmp_path / "file", tmp_path / "cells"
        path.write_bytes(content)
        into.mkdir(exist_ok=True)
        return by.read(path, "文件.xls", into)

    return read_bytes
