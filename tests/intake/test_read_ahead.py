"""The next file is read while the last one is judged: in order, one ahead, and nothing of it is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fugong.core.settings import Settings
from fugong.intake.read_ahead import ToRead, read_ahead
from fugong.reading.reader import Reader


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = Settings(tmp_path / "home", tmp_path, None)
    home.home.mkdir()
    return home


def files(folder: Path, n: int) -> list[Path]:
    made = [folder / f"{number}.csv" for number in range(n)]
    for path in made:
        path.write_text(f"name,{path.stem}\nx,1\n", encoding="utf-8")
    return made


def to_read(item: Path) -> ToRead | None:
    return None if item.stem == "1" else (item, item.name)


def test_each_file_is_handed_out_in_order_with_its_own_reading(settings: Settings, tmp_path: Path) -> None:
    asked: list[str] = []

    def items() -> Iterator[Path]:
        for path in files(tmp_path, 4):
            asked.append(path.stem)
            yield path

    found: list[tuple[str, str | None]] = []
    with Reader() as reader:
        for path, reading in read_ahead(settings, reader, items(), to_read):
            assert asked[-1] == str(min(int(path.stem) + 1, 3))  # the next one is in work already
            head = None if reading is None else reading.result().sheets[0].head[0][1]
            if reading is not None:
                assert list(reading.result().sheets[0].batches())  # its streams are still there
            found.append((path.stem, head))
    assert found == [("0", "0"), ("1", None), ("2", "2"), ("3", "3")]
    assert list(settings.spool.iterdir()) == []


def test_whoever_stops_early_leaves_no_file_and_no_child_behind(settings: Settings, tmp_path: Path) -> None:
    with Reader() as reader:
        ahead = read_ahead(settings, reader, files(tmp_path, 3), to_read)
        next(ahead)
        ahead.close()
        assert list(settings.spool.iterdir()) == []
        [(_, reading)] = read_ahead(settings, reader, files(tmp_path, 1), to_read)
        assert reading is not None and not reading.result().refused  # the reader works on
