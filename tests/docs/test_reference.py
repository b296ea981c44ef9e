"""The reference pages say what the schemas say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fugong.core.settings import PROJECT
from tools import docs_packages, docs_reference
from tools.docs_reference import CHINESE, ENGLISH, PAGES_MADE, Language, Page, page

SCHEMA = {
    "title": "Pet",
    "x-title-zh": "宠物",
    "description": "One pet.",
    "x-zh": "一只宠物。",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "description": "Its name.", "x-zh": "名字。", "examples": ["Rex"]},
        "kind": {"enum": ["dog", "cat"], "description": "What it is | was.", "x-zh": "现在 | 以前是什么。", "default": "dog"},
        "owner": {"$ref": "#/$defs/person"},
        "meals": {
            "type": "array",
            "items": {"type": "object", "properties": {"at": {"type": "string", "description": "When.", "x-zh": "几点。"}}},
        },
        "tag": {"description": "For shows. Fugong does not read it.", "x-zh": "参展用。Fugong 不读。"},
    },
    "$defs": {
        "person": {
            "title": "Person",
            "x-title-zh": "人",
            "description": "Who feeds it.",
            "x-zh": "谁喂它。",
            "type": "object",
            "properties": {"age": {"type": "integer", "minimum": 0, "maximum": 150}},
        }
    },
}


def test_no_page_is_out_of_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert (docs_reference.main(["--check"]), docs_packages.main(["--check"])) == (0, 0), capsys.readouterr().out


def test_a_page_that_was_changed_by_hand_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert docs_reference.main(["--docs", str(tmp_path)]) == 0
    (tmp_path / "zh/reference/figure.md").write_text("# 指标\n")
    assert docs_reference.main(["--docs", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out == "docs/zh/reference/figure.md is out of date; `make docs` writes it again.\n"


def test_a_schema_without_a_page_is_found(tmp_path: Path) -> None:
    for made in PAGES_MADE:
        for name in made.schemas:
            (tmp_path / f"{name}.schema.json").write_text("{}")
    (tmp_path / "pet.schema.json").write_text(json.dumps(SCHEMA))
    assert docs_reference.main(["--schemas", str(tmp_path), "--check"]) == 1


PET = Page("pet", "Pet", "宠物", ("pet",), "A pet.", "宠物。")


def test_a_page_tells_keys_types_and_examples(tmp_path: Path) -> None:
    (tmp_path / "pet.schema.json").write_text(json.dumps(SCHEMA))
    lines = page(PET, tmp_path).splitlines()
    assert [line for line in lines if line.startswith("| `")] == [
        "| `name` | text | yes | Its name. | `Rex` |",
        r"| `kind` | one of `dog`, `cat` |  | What it is \| was. (default `dog`) |  |",
        "| `owner` | [person](#person) |  | Who feeds it. |  |",
        "| `meals` | list of mapping |  |  |  |",
        "| `meals[].at` | text |  | When. |  |",
        "| `age` | whole number |  |  (at least 0, at most 150) |  |",
    ]
    assert "Also allowed, for other tools; Fugong does not read them: `tag`." in lines


def test_the_chinese_page_tells_the_same_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "pet.schema.json").write_text(json.dumps(SCHEMA))
    lines = page(PET, tmp_path, CHINESE).splitlines()
    assert lines[0] == "# 宠物"
    assert [line for line in lines if line.startswith(("| `", "##"))] == [
        "| `name` | 文字 | 是 | 名字。 | `Rex` |",
        r"| `kind` | `dog`、`cat` 之一 |  | 现在 \| 以前是什么。（默认 `dog`） |  |",
        "| `owner` | [人](#人) |  | 谁喂它。 |  |",
        "| `meals` | 列表（映射） |  |  |  |",
        "| `meals[].at` | 文字 |  | 几点。 |  |",
        "## 人",
        "| `age` | 整数 |  | （不小于 0、不大于 150） |  |",
    ]
    assert "也可以写，供别的工具用，Fugong 不读：`tag`。" in lines


@pytest.mark.parametrize(("chinese", "said"), [("x-zh: 名字。", "Its name."), ("x-title-zh: 人", "Person")])
def test_a_key_without_its_chinese_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], chinese: str, said: str) -> None:
    keyword, _, words = chinese.partition(": ")
    text = json.dumps(SCHEMA, ensure_ascii=False)
    lacking = text.replace(f'"{keyword}": "{words}", ', "", 1)
    assert len(lacking) < len(text)
    for name in [name for made in PAGES_MADE for name in made.schemas]:
        (tmp_path / f"{name}.schema.json").write_text(lacking, encoding="utf-8")
    assert docs_reference.main(["--schemas", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out == f"contract.schema.json: a schema needs `{keyword}` beside: {said}\n"


@pytest.mark.parametrize("name", sorted(file.name.removesuffix(".schema.json") for file in docs_reference.SCHEMAS.iterdir()))
def test_everything_that_a_schema_describes_is_described_in_chinese(name: str) -> None:
    described = list(titled(json.loads((docs_reference.SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))))
    assert len(described) > 8
    assert [one["description"] for one in described if not re.search(r"[\u3400-\u9fff]", one.get("x-zh", ""))] == []


def titled(schema: Any) -> Iterator[dict[str, Any]]:
    """Whatever a schema gives a name and a meaning. Descriptions without a name are ends of error messages."""
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str) and isinstance(schema.get("description"), str):
            yield schema
        for value in schema.values():
            yield from titled(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from titled(item)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_key_of_every_schema_is_on_its_page(language: Language) -> None:
    for made in PAGES_MADE:
        text = (PROJECT / f"docs/{language.folder}/{made.name}.md").read_text(encoding="utf-8")
        for name in made.schemas:
            schema = json.loads((docs_reference.SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
            keys = {key for one in (schema, *schema.get("$defs", {}).values()) for key in one.get("properties", ())}
            shown = {part.rstrip("[]") for code in re.findall(r"`([\w.\[\]<>]+)`", text) for part in code.split(".")}
            assert keys <= shown, made.name
