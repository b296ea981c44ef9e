"""What `fugong read` makes of the corpus without any contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fugong.reading.reader import Reader
from fugong.table_detection.read import largest, read_tables, tables_of

CORPUS = Path(__file__).with_name("files")


def accepted() -> Sequence[Path]:
    """Files of the corpus whose truth names the rows of exactly one table. Without a contract, blocks and sheets are tables of their own."""
    paths: list[Path] = []
    for truth in sorted(CORPUS.rglob("*.truth.json")):
        if truth.parent.name in {"blocks", "sheets"}:
            continue
        rows = json.loads(truth.read_text(encoding="utf-8")).get("rows", {})
        if len(rows) == 1 and next(iter(rows.values())):
            paths.append(truth.with_name(truth.name.removesuffix(".truth.json")))
    return paths


def test_of_the_corpus_no_line_that_counts_is_left_out(tmp_path: Path) -> None:
    """The largest table holds every line that a contract accepts. Where a header or title is repeated, the table ends before it."""
    paths = accepted()
    assert len(paths) > 80
    missed: dict[str, list[int]] = {}
    with Reader() as reader:
        for index, path in enumerate(paths):
            into = tmp_path / str(index)
            into.mkdir()
            reading, sheets = read_tables(reader, path, into)
            assert reading.refused is None, path
            truth = json.loads(path.with_name(f"{path.name}.truth.json").read_text(encoding="utf-8"))
            wanted = {int(number) for number in next(iter(truth["rows"].values()))}
            numbers = {number for number, _ in largest(tables_of(sheets)).numbered_rows()}
            if wanted - numbers:
                missed[path.name] = sorted(wanted - numbers)
    assert missed == {
        "header_repeated.xlsx": [5],
        "second_page_named_better.csv": [4],
        "numbers_on_every_page.xlsx": [6],
        "titles_of_a_new_page.xlsx": [6],
    }
