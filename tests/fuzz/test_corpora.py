"""The measurement over public corpora, on a corpus of ours: their files are not kept here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench import corpora
from tests.corpus.truth import FILES


def test_without_the_files_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    with pytest.raises(corpora.Missing, match="git clone"):
        corpora.folder()
    monkeypatch.setenv(corpora.VARIABLE, str(tmp_path))
    with pytest.raises(corpora.Missing, match=r"holds none of poi/test-data/spreadsheet"):
        corpora.folder()


def test_every_file_is_counted_once_as_read_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(FILES / "refused", tmp_path / "calamine" / "tests", ignore=shutil.ignore_patterns("*.json"))
    shutil.copy(FILES / "formats" / "xlwt.xls", tmp_path / "calamine" / "tests")
    monkeypatch.setenv(corpora.VARIABLE, str(tmp_path))
    lines = list(corpora.report(corpora.folder()))
    [row] = [line for line in lines if line.startswith("| calamine")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    n_files = len(list((FILES / "refused").glob("*.truth.json"))) + 1
    assert cells[1:3] == [str(n_files), "1"]
    assert sum(int(part.split()[1]) for part in cells[3].split(", ")) == n_files - 1
    assert cells[6:] == ["0", "0", "0"]
    assert "messytables/horror: not there" in lines
