"""The picture of the star schema is what the heads of the SQL files say."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from fugong.core.settings import PROJECT
from fugong.documentation import star_schema
from fugong.marts.sql_files import load_sql_files

PICTURE = PROJECT / "docs" / "images" / "star_schema.svg"


def test_the_committed_picture_is_up_to_date() -> None:
    assert PICTURE.read_text(encoding="utf-8") == star_schema.svg(PROJECT / "include"), "run: make docs"


def test_every_fact_and_mart_is_a_box_and_every_fact_of_a_mart_a_line_to_it() -> None:
    files = load_sql_files(PROJECT / "include" / "sql")
    drawn = ElementTree.fromstring(star_schema.svg(PROJECT / "include"))
    texts = [text.removeprefix("● ") for node in drawn.iter("{http://www.w3.org/2000/svg}text") if (text := node.text)]
    relations = {text for text in texts if re.fullmatch(r"(fact|mart)\.[a-z0-9_]+", text)}
    assert relations == {one.relation for one in (*files.facts, *files.marts)}
    n_lines = sum(relation.startswith("fact.") for mart in files.marts for relation in mart.reads)
    paths = [node.get("d", "") for node in drawn.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(path.endswith(f"{star_schema.COLUMN_X[2]} {path.split()[-1]}") for path in paths) == n_lines > 20
