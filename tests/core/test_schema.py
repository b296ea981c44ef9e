"""Documents know their lines, and what does not fit a schema is said with the line and the nearest right word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fugong.core import schema
from fugong.core.errors import ConfigurationError
from fugong.core.schema import Document, parse_json, parse_yaml, validate

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "examples": ["loan"]},
        "kind": {"enum": ["stock", "flow"]},
        "days": {"type": "array", "minItems": 1, "description": "Numbers of days.", "items": {"type": "integer"}},
        "columns": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]+$", "examples": ["paid"]},
            "additionalProperties": {"type": "string"},
        },
    },
}


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "thing.schema.json").write_text(json.dumps(SCHEMA))
    monkeypatch.setattr(schema, "SCHEMAS", tmp_path)
    return "thing"


def test_every_key_and_item_has_its_line() -> None:
    text = "name: loan\ndays: [\n  1,\n  7\n]\ncolumns:\n  paid: yes\n  on: no\n"
    found = parse_yaml(text, "a.sql", first_line=11)
    assert found.content == {"name": "loan", "days": [1, 7], "columns": {"paid": True, "on": False}}
    assert [found.line_of(at) for at in [(), ("name",), ("days", 1), ("columns", "on")]] == [1, 11, 14, 18]
    assert found.line_of(("columns", "paid", "nothing", 3)) == 17
    assert str(found.fault(("days", 0), "no")) == "a.sql:13: no"


def test_what_is_repeated_by_an_anchor_is_read_where_it_is_used() -> None:
    found = parse_yaml("a: &one {b: [1]}\nc: *one\n", "a.yaml")
    assert found.content == {"a": {"b": [1]}, "c": {"b": [1]}}


def test_json_has_the_same_lines() -> None:
    found = parse_json('{\n\t"name": "loan",\n\t"days": [\n\t\t1]\n}', "a.json")
    assert found.content == {"name": "loan", "days": [1]}
    assert found.line_of(("days", 0)) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [\n", r"a.yaml:3: this is not YAML: did not find expected node content"),
        ("a: 1\nb: 2\na: 3\n", r"a.yaml:3: 'a' stands here twice"),
    ],
)
def test_what_is_not_yaml_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_yaml(text, "a.yaml")


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"a.json:2: this is not JSON: Expecting value"):
        parse_json('{"a":\n}', "a.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: flow", r"x:1: the document needs the key 'name'"),
        ("name: loan\nkinds: flow", r"x:2: there is no key 'kinds'. Did you mean 'kind'\?"),
        ("name: loan\nkind: flows", r"x:2: `kind` should be one of stock, flow, found 'flows'. Did you mean 'flow'\?"),
        ("name: Loan", r"x:1: `name` should look like 'loan', found 'Loan'"),
        ("name: 7", r"x:1: `name` should be of type string, found 7. Put it in quotes."),
        ("name: loan\ndays:\n- 1\n- x", r"x:4: `days.1` should be of type integer, found 'x'"),
        ("name: loan\ndays: []", r"x:2: `days` does not fit: \[\] should be non-empty \(Numbers of days.\)"),
        ("name: loan\ncolumns:\n  paid: a\n  Paid: b", r"x:4: a key of `columns` should look like 'paid', found 'Paid'"),
        ("- name", r"x:1: the document should be of type object, found \['name'\]"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(checked: str, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        validate(parse_yaml(text, "x"), checked)


def test_what_fits_passes(checked: str) -> None:
    validate(Document("x", {"name": "loan", "kind": "flow", "days": [1], "columns": {"paid": "a"}}, {}), checked)
