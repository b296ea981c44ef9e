"""The reference pages say what the schemas say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT
from tools import docs_packages, docs_reference
from tools.docs_reference import PAGES_MADE, Page, page

SCHEMA = {
    "title": "Pet",
    "description": "One pet.",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "description": "Its name.", "examples": ["Rex"]},
        "kind": {"enum": ["dog", "cat"], "description": "What it is | was.", "default": "dog"},
        "owner": {"$ref": "#/$defs/person"},
        "meals": {"type": "array", "items": {"type": "object", "properties": {"at": {"type": "string", "description": "When."}}}},
        "tag": {"description": "For shows. Fugong does not read it."},
    },
    "$defs": {
        "person": {
            "title": "Person",
            "description": "Who feeds it.",
            "type": "object",
            "properties": {"age": {"type": "integer", "minimum": 0}},
        }
    },
}


def test_no_page_is_out_of_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert (docs_reference.main(["--check"]), docs_packages.main(["--check"])) == (0, 0), capsys.readouterr().out


def test_a_page_that_was_changed_by_hand_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert docs_reference.main(["--pages", str(tmp_path)]) == 0
    (tmp_path / "figure.md").write_text("# Figure\n")
    assert docs_reference.main(["--pages", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out == "docs/reference/figure.md is out of date; `make docs` writes it again.\n"


def test_a_schema_without_a_page_is_found(tmp_path: Path) -> None:
    for made in PAGES_MADE:
        for name in made.schemas:
            (tmp_path / f"{name}.schema.json").write_text("{}")
    (tmp_path / "pet.schema.json").write_text(json.dumps(SCHEMA))
    assert docs_reference.main(["--schemas", str(tmp_path), "--check"]) == 1


def test_a_page_tells_keys_types_and_examples(tmp_path: Path) -> None:
    (tmp_path / "pet.schema.json").write_text(json.dumps(SCHEMA))
    lines = page(Page("pet", "Pet", ("pet",), "A pet."), tmp_path).splitlines()
    assert [line for line in lines if line.startswith("| `")] == [
        "| `name` | text | yes | Its name. | `Rex` |",
        r"| `kind` | one of `dog`, `cat` |  | What it is \| was. (default `dog`) |  |",
        "| `owner` | [person](#person) |  | Who feeds it. |  |",
        "| `meals` | list of mapping |  |  |  |",
        "| `meals[].at` | text |  | When. |  |",
        "| `age` | whole number |  |  (at least 0) |  |",
    ]
    assert "Also allowed, for other tools; Fugong does not read them: `tag`." in lines


def test_every_key_of_every_schema_is_on_its_page() -> None:
    for made in PAGES_MADE:
        text = (PROJECT / f"docs/reference/{made.name}.md").read_text(encoding="utf-8")
        for name in made.schemas:
            schema = json.loads((docs_reference.SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
            keys = {key for one in (schema, *schema.get("$defs", {}).values()) for key in one.get("properties", ())}
            shown = {part.rstrip("[]") for code in re.findall(r"`([\w.\[\]<>]+)`", text) for part in code.split(".")}
            assert keys <= shown, made.name
