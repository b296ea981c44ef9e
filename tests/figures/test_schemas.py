"""The schemas of figures, rules and words explain every word, and the files name them for editors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from fugong.core.schema import SCHEMAS
from fugong.core.settings import PROJECT

NAMES = ("figures", "figure-rules", "audit-words")
BRIEFING = PROJECT / "include" / "briefing"


def read(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def described(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every schema of a property, an item or a definition, except references, with its path."""
    for word in ("properties", "$defs"):
        for name, one in schema.get(word, {}).items():
            if one is not True and set(one) != {"$ref"}:
                yield f"{path}/{word}/{name}", one
                yield from described(one, f"{path}/{word}/{name}")
    for word in ("items", "additionalProperties"):
        one = schema.get(word)
        if isinstance(one, dict) and "$ref" not in one:
            yield f"{path}/{word}", one
            yield from described(one, f"{path}/{word}")
    for number, one in enumerate(schema.get("prefixItems", ())):
        yield f"{path}/prefixItems/{number}", one


def objects(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    return ((at, one) for at, one in described(schema, path) if one.get("type") == "object")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_valid_one(name: str) -> None:
    Draft202012Validator.check_schema(read(name))


@pytest.mark.parametrize(("name", "least"), [("figures", 80), ("figure-rules", 15), ("audit-words", 8)])
def test_every_word_has_a_title_a_description_and_an_example_that_fits(name: str, least: int) -> None:
    found = dict(described(read(name), f"{name}.schema.json#"))
    assert len(found) >= least
    assert [path for path, one in found.items() if not {"title", "description", "examples"} <= one.keys()] == []
    registry = Registry[Any](retrieve=lambda uri: Resource.from_contents(json.loads((SCHEMAS / uri).read_text(encoding="utf-8"))))
    for path, one in found.items():
        validator = Draft202012Validator({"$ref": path}, registry=registry)
        for example in one["examples"]:
            assert [error.message for error in validator.iter_errors(example)] == [], path


@pytest.mark.parametrize("name", NAMES)
def test_an_object_refuses_unknown_words(name: str) -> None:
    # A term is open itself: each of its kinds refuses unknown words. Keys are the mart's.
    is_open = {path for path, one in objects(read(name), "") if one.get("additionalProperties") is not False}
    terms = {"/$defs/term"} if name == "figures" else set[str]()
    assert {path for path in is_open if not path.endswith(("/keys", "/without"))} == terms


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("figures", sorted((BRIEFING / "figures").glob("*.yaml"))),
        ("figure-rules", [BRIEFING / "rules.yaml"]),
        ("audit-words", [BRIEFING / "audit.yaml"]),
    ],
)
def test_the_first_line_of_a_file_names_its_schema(name: str, files: list[Path]) -> None:
    assert files
    for file in files:
        head, _, schema = file.read_text(encoding="utf-8").partition("\n")[0].partition("$schema=")
        assert head == "# yaml-language-server: "
        assert (file.parent / schema).resolve() == SCHEMAS / f"{name}.schema.json"
