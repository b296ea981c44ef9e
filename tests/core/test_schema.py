"""Documents know their lines, and what does not fit a schema is said with the line and the nearest right word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fugong.core import schema
from fugong.core.errors import ConfigurationError
from fugong.core.schema import Document, parse_json, parse_yaml, read_text, validate

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


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2020-13-45\n", r"x\.yaml:2: '2020-13-45' is no timestamp"),
        ("a: !!int x\n", r"x\.yaml:1: 'x' is no int"),
        ("a: !!bool x\n", r"x\.yaml:1: 'x' is no bool"),
        ("a: 1\nb: \x07\n", r"x\.yaml:2: .* U\+0007 is not allowed"),
        ("a: 1\n? [b, c]\n: 2\n", r"x\.yaml:2: a key should be a word"),
        ("&a [*a]\n", r"x\.yaml:1: this is nested in itself"),
        ("a:\n  " + "[" * 100_000, r"x\.yaml:2: .* deeper than"),
        (BOMB, r"x\.yaml:1: this has more than"),
    ],
    ids=["date", "int", "bool", "control-character", "key", "alias-of-itself", "deep", "bomb"],
)
def test_yaml_that_cannot_be_read_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_yaml(text, "x.yaml")


@pytest.mark.parametrize(
    "text",
    [r'{"a": "\ud83d\ude00"}', '{"a": "\x7f"}', '{"%s": 1}' % ("k" * 1100), '{"a"\n: 1}', r'{"a\"}": ["]", {}]}'],
    ids=["surrogates", "delete", "long-key", "colon-on-the-next-line", "brackets-in-texts"],
)
def test_all_that_json_allows_is_read_and_has_its_line(text: str) -> None:
    found = parse_json("\n" + text, "x.json")
    assert found.content == json.loads(text)
    assert found.line_of((next(iter(found.content)),)) == 2


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": %s}' % ("9" * 5000), "[" * 100_000, "[" * 60 + "]" * 60])
def test_json_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"x\.json:1: this is "):
        parse_json(text, "x.json")


def test_a_key_of_json_that_stands_twice_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match=r"x\.json:4: 'a' stands here twice"):
        parse_json('{"b": [\n{"a": 1},\n{"a": 2,\n"a": 3}]}', "x.json")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(tmp_path / "a.json") == "{}"


def test_a_file_that_is_not_utf8_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("a: 1\nb: 复工\n".encode("gb18030"))
    with pytest.raises(ConfigurationError, match=r"a\.yaml:2: this is not UTF-8"):
        read_text(tmp_path / "a.yaml")
    with pytest.raises(ConfigurationError, match=r"Is a directory"):
        read_text(tmp_path)


@pytest.mark.parametrize("text", ["{", "}", "{a.b}", "{a:d}", "{a!r}", "{a:{a}}", "{}", "{0}", "{b}"])
def test_a_template_that_could_not_be_filled_in_is_a_fault(text: str) -> None:
    assert schema.template_fault(f"{text} {{a}}", {"a"})
    assert schema.template_fault("{{a}} {a}", {"a"}) is None
