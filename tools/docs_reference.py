"""Write the reference pages in docs/reference from the JSON Schemas of the engine: one table per grammar object.

With `--check` nothing is written, and it exits with 1 when a committed page differs from what its schemas say.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
SCHEMAS = PROJECT / "plugins/fugong/schemas"
PAGES = PROJECT / "docs/reference"
MAX_EXAMPLE = 90
"""Characters of an example in a table; longer ones are left to the file that the page names."""

UNREAD = "Fugong does not read it."
"""Ends the description of a key that a standard has and Fugong does not use."""

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        name: of the file below docs/reference, without its ending.
        title: its heading.
        schemas: what it is made from; several where one page covers several kinds of file.
        intro: what a reader has to know that no schema says.
    """

    name: str
    title: str
    schemas: tuple[str, ...]
    intro: str


PAGES_MADE = (
    Page(
        "contract",
        "Contract",
        ("contract",),
        "A contract is the only place that knows a department's file. The reader's expectations, the table in the warehouse, the template "
        "workbook and the data dictionary come from it. How to write one: [add a report](../recipes/add_a_report.md).",
    ),
    Page(
        "suite",
        "Suite",
        ("suite",),
        "A suite says what is true of a good report, beyond the types, code lists and keys of the contract. Great Expectations runs it block "
        "by block. The rows it sees have the contract's columns, `report_date` and `row_number`.",
    ),
    Page(
        "sql-header",
        "SQL header",
        ("sql-fact", "sql-mart", "sql-check", "sql-annex", "sql-question"),
        "Each SQL file is one SELECT. Its leading comment is YAML and says what the SELECT cannot. "
        "How to write one: [add a mart](../recipes/add_a_mart.md), [add a check](../recipes/add_a_check.md).",
    ),
    Page(
        "figure",
        "Figure",
        ("figures",),
        "A figure names cells of marts, their unit and how the number is written. How to write one: [add a figure](../recipes/add_a_figure.md).",
    ),
    Page(
        "rules",
        "Rules over figures",
        ("figure-rules",),
        "Rules compare figures with each other after they have been evaluated. A rule that does not hold adds a warning; it changes no value.",
    ),
    Page(
        "briefing",
        "Briefing",
        ("briefing",),
        "The wording of the briefing: sections, paragraphs and sentences with figures in them. A sentence whose figure has no value is left out.",
    ),
)


class Writer:
    """Writes the tables of one schema.

    Args:
        schema: the whole document, to which `$ref` points.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.definitions: Mapping[str, Schema] = schema.get("$defs", {})

    def lines(self, level: int) -> Iterator[str]:
        """The schema's own table and one section for each definition below `$defs`.

        Args:
            level: of the headings of the definitions.
        """
        yield from _text(self.schema)
        yield from self._table(self.schema)
        first = str(self.schema.get("items", {}).get("$ref", "")).removeprefix("#/$defs/")
        for name, definition in sorted(self.definitions.items(), key=lambda one: one[0] != first):
            yield from ("#" * level + " " + self._heading(name), "")
            yield from _text(definition)
            yield from self._table(definition)

    def _heading(self, name: str) -> str:
        title = str(self.definitions[name].get("title", name))
        alike = [other for other, one in self.definitions.items() if one.get("title", other) == title]
        return title if alike == [name] else f"{title}: {name}"

    def _table(self, schema: Schema) -> Iterator[str]:
        rows = [row for row in self._rows(schema, "") if not row[3].endswith(UNREAD)]
        if not rows:
            if schema.get("enum") or schema.get("type") not in (None, "object", "array"):
                yield from (f"Type: {self._type(schema)}. {_example(schema)}".rstrip(), "")
            return
        yield "| key | type | required | meaning | example |"
        yield "| --- | --- | --- | --- | --- |"
        for row in rows:
            yield "| " + " | ".join(map(_cell, row)) + " |"
        yield ""
        if unread := [row[0] for row in self._rows(schema, "") if row[3].endswith(UNREAD)]:
            yield from (f"Also allowed, for other tools; Fugong does not read them: {', '.join(unread)}.", "")

    def _rows(self, schema: Schema, above: str) -> Iterator[tuple[str, str, str, str, str]]:
        """One row for each key, and for the keys of objects that are written out in place."""
        required = schema.get("required", ())
        for key, value in schema.get("properties", {}).items():
            name = f"{above}{key}"
            yield (
                f"`{name}`",
                self._type(value),
                "yes" if key in required else "",
                _meaning(self._described(value)),
                _example(value),
            )
            if "$ref" in value:
                continue
            if "properties" in value:
                yield from self._rows(value, f"{name}.")
            items = value.get("items", {})
            if "properties" in items and self._pairs(items) is None:
                yield from self._rows(items, f"{name}[].")
            values = value.get("additionalProperties")
            if isinstance(values, Mapping) and "properties" in values:
                yield from self._rows(values, f"{name}.<name>.")

    def _pairs(self, items: Schema) -> str | None:
        """The definition that lists the properties of `{property, value}` pairs, as the contract standard writes them."""
        names = set(items.get("properties", {}).get("property", {}).get("enum", ()))
        return next((name for name, one in self.definitions.items() if names and names == set(one.get("properties", ()))), None)

    def _described(self, value: Schema) -> Schema:
        """The value, or what it refers to where it says nothing itself."""
        if "description" in value or "$ref" not in value:
            return value
        return self._at(value["$ref"])

    def _at(self, reference: str) -> Schema:
        found: Any = self.schema
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return found

    def _type(self, value: Schema) -> str:
        if "$ref" in value:
            parts = value["$ref"].removeprefix("#/$defs/").split("/")
            if len(parts) == 1:
                heading = self._heading(parts[0])
                return f"[{heading[0].lower()}{heading[1:]}](#{anchor(heading)})"
            return self._type(self._at(value["$ref"]))
        if "const" in value:
            return f"`{_plain(value['const'])}`"
        if "enum" in value:
            return "one of " + ", ".join(f"`{_plain(one)}`" for one in value["enum"])
        for word in ("oneOf", "anyOf"):
            if kinds := [
                self._type(one)
                for one in value.get(word, ())
                if "type" in one or "$ref" in one or "enum" in one or "const" in one
            ]:
                return " or ".join(dict.fromkeys(kinds))
        types = value.get("type", "any")
        if isinstance(types, list) and {"string", "number", "boolean"} <= set(types):
            return "any value or list of values" if "array" in types else "any value"
        return " or ".join(self._simple(one, value) for one in ([types] if isinstance(types, str) else types))

    def _simple(self, kind: str, value: Schema) -> str:
        if kind == "array":
            items = value.get("items")
            if items and (pairs := self._pairs(items)):
                return f"list of `{{property, value}}`: [{self._heading(pairs).lower()}](#{anchor(self._heading(pairs))})"
            return f"list of {self._type(items)}" if items else "list"
        if kind == "object":
            values = value.get("additionalProperties")
            if isinstance(values, Mapping) and "properties" not in values and "properties" not in value:
                return f"mapping to {self._type(values)}"
            return "mapping"
        return {"string": "text", "boolean": "true or false", "integer": "whole number", "null": "nothing"}.get(kind, kind)


def _cell(text: str) -> str:
    """Text for a cell of a table. Renderers disagree about a bar between backticks, so it is written as HTML there."""
    coded = re.sub(r"`([^`]*\|[^`]*)`", lambda code: f"<code>{escape(code[1], quote=False).replace('|', '&#124;')}</code>", text)
    return coded.replace("|", "\\|").replace("\n", " ")


def _text(schema: Schema) -> Sequence[str]:
    return (str(schema["description"]), "") if "description" in schema else ()


def _meaning(value: Schema) -> str:
    said = str(value.get("description") or value.get("title") or "")
    limits = [
        f"{word} {value[key]}"
        for key, word in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("exclusiveMinimum", "more than"),
            ("maxLength", "characters at most"),
        )
        if key in value
    ]
    if "default" in value:
        limits.append(f"default `{_plain(value['default'])}`")
    return said + (f" ({', '.join(limits)})" if limits else "")


def _example(value: Schema) -> str:
    written = [_plain(one) for one in value.get("examples", ())]
    short = [one for one in written if len(one) <= MAX_EXAMPLE]
    return ", ".join(f"`{one}`" for one in short[:2])


def _plain(value: Any) -> str:
    """A value as YAML on one line: what an author would type."""
    if isinstance(value, str):
        return (
            value
            if value and not re.search(r"[:#{}\[\],&*!|>'\"%@`]|^[-?\s]|\s$", value)
            else json.dumps(value, ensure_ascii=False)
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_plain(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def anchor(heading: str) -> str:
    """The fragment by which a heading is linked."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def page(made: Page, schemas: Path = SCHEMAS) -> str:
    """The Markdown of a page."""
    files = ", ".join(f"`{name}.schema.json`" for name in made.schemas)
    lines = [
        f"# {made.title}",
        "",
        f"<!-- Generated from {files} by tools/docs_reference.py; `make docs` writes it again. -->",
        "",
        made.intro,
        "",
    ]
    one_schema = len(made.schemas) == 1
    for name in made.schemas:
        schema = json.loads((schemas / f"{name}.schema.json").read_text(encoding="utf-8"))
        if not one_schema:
            lines += [f"## {schema['title']}", ""]
        if isinstance(items := schema.get("items"), Mapping) and "$ref" not in items:
            schema = {**schema, **{key: items[key] for key in ("properties", "required") if key in items}}
        lines += Writer(schema).lines(2 if one_schema else 3)
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is out of date")
    parser.add_argument("--schemas", type=Path, default=SCHEMAS, help="the folder of the schemas")
    parser.add_argument("--pages", type=Path, default=PAGES, help="the folder of the pages")
    asked = parser.parse_args(arguments)
    used = {name for made in PAGES_MADE for name in made.schemas}
    there = {file.name.removesuffix(".schema.json") for file in asked.schemas.glob("*.schema.json")}
    if used != there:
        print(f"Schemas without a page: {sorted(there - used)}; pages without a schema: {sorted(used - there)}.")
        return 1
    outdated = [
        made.name
        for made in PAGES_MADE
        if not (file := asked.pages / f"{made.name}.md").exists() or file.read_text(encoding="utf-8") != page(made, asked.schemas)
    ]
    if asked.check:
        for name in outdated:
            print(f"docs/reference/{name}.md is out of date; `make docs` writes it again.")
        return 1 if outdated else 0
    asked.pages.mkdir(parents=True, exist_ok=True)
    for made in PAGES_MADE:
        (asked.pages / f"{made.name}.md").write_text(page(made, asked.schemas), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
