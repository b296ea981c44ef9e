"""The evidence of a figure is checked by plain Python in an empty folder; whatever is changed in it is found."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from fugong.briefing import publishing
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.settings import Settings
from fugong.evidence import log
from fugong.evidence.log import Head
from fugong.lineage import bundle
from fugong.warehouse.connection import connect

DAY = date(2020, 3, 18)


@pytest.fixture(scope="module")
def published(sample_district: Settings) -> Iterator[tuple[psycopg.Connection, Path, int]]:
    """A publication of the sample district, rolled back in the end."""
    with connect(sample_district, autocommit=True) as connection, connection.transaction(force_rollback=True):
        done = publishing.publish(connection, sample_district, DAY, signer="主任", is_provisional=True)
        yield connection, sample_district.include, done.publication_id


def unpacked(published: tuple[psycopg.Connection, Path, int], folder: Path, figure: str, role: str = "owner") -> bundle.Bundle:
    connection, include, number = published
    file = folder.with_suffix(".zip")
    written = bundle.write(connection, include, figure, number, file, role=role)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return written


def check(folder: Path, *heads: str) -> tuple[int, str]:
    """The checker alone: no package of ours, nothing but what lies in the folder."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *heads],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def test_the_checker_is_short_and_imports_the_standard_library_alone() -> None:
    text = bundle.CHECKER.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 100
    names = {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([one.name for one in node.names] if isinstance(node, ast.Import) else [str(node.module)])
    }
    assert names == {"csv", "hashlib", "io", "json", "sys", "decimal", "pathlib"}
    assert names <= sys.stdlib_module_names


def test_a_sum_and_a_ratio_are_checked_and_every_change_is_found(
    published: tuple[psycopg.Connection, Path, int], tmp_path: Path
) -> None:
    for figure in ("S041", "S002"):
        folder = tmp_path / figure
        written = unpacked(published, folder, figure)
        assert written.n_lines > 50
        code, said = check(folder, str(written.head))
        assert (code, "※" in said, "✗" in said) == (0, False, False), said
    assert "不是您手里的" in check(folder, f"1:{'ab' * 32}")[1]
    changes = {
        "blocks": "不是入库时的",
        '"value": "': "行合计",
        '"display"': "指标不是发布时的",
        '"body": "': "不在存证首之内",
    }
    folder = tmp_path / "S041"
    evidence = folder / "evidence.json"
    text = evidence.read_text(encoding="utf-8")
    display = json.loads(text)["figure"][5]
    for what, said in changes.items():
        if what == "blocks":
            block = next((folder / "blocks").iterdir())
            content = block.read_bytes()
            block.write_bytes(content.replace(b"0", b"1", 1))
            assert said in check(folder)[1]
            block.write_bytes(content)
            continue
        if what == '"display"':
            altered = text.replace(json.dumps(display, ensure_ascii=False), '"9999万元"', 1)
        elif what == '"value": "':
            before, _, after = text.rpartition(what)  # of the last line
            altered = f"{before}{what}1{after}"
        else:
            altered = text.replace("主任", "主席").replace('\\"number\\":', '\\"number\\":1', 1)
        assert altered != text, what
        evidence.write_text(altered, encoding="utf-8")
        code, told = check(folder)
        assert (code, said in told) == (1, True), (what, told)


def test_who_may_not_read_a_report_gets_salted_hashes_and_is_told_what_is_not_checked(
    published: tuple[psycopg.Connection, Path, int], tmp_path: Path
) -> None:
    written = unpacked(published, tmp_path / "analyst", "S041", role="analyst")
    assert written.n_hidden == written.n_lines == len(set(written.salts))
    code, said = check(tmp_path / "analyst", str(written.head))
    assert code == 0
    assert f"{written.n_hidden} lines of value are hidden: its sum is not checked" in said
    assert not (tmp_path / "analyst" / "blocks").exists()
    assert unpacked(published, tmp_path / "taskforce", "S041", role="taskforce").n_hidden == 0
    seen, hidden = ((tmp_path / role / "evidence.json").read_text(encoding="utf-8") for role in ("taskforce", "analyst"))
    for line in json.loads(seen)["lines"]:
        assert line["file_name"] in seen
        assert line["file_name"] not in hidden


def test_it_is_proved_against_the_head_that_is_asked_for(published: tuple[psycopg.Connection, Path, int], tmp_path: Path) -> None:
    connection, include, number = published
    found = log.head(connection)
    assert found is not None
    with pytest.raises(RefusedError, match="does not contain the head"):
        bundle.write(connection, include, "S041", number, tmp_path / "x.zip", head=Head(found[0].size, bytes(32)))
    [(earlier,)] = connection.execute("SELECT head FROM audit.log_entry WHERE entry_number = 5").fetchall()
    with pytest.raises(NotFoundError, match="no publication"):
        bundle.write(connection, include, "S041", number, tmp_path / "x.zip", head=Head(5, earlier))
    assert not (tmp_path / "x.zip").exists()
