"""Write the reference pages in docs/reference and docs/zh/reference from the JSON Schemas of the engine: one table per grammar object.

The Chinese words stand in the schemas: `x-zh` beside `description`, `x-title-zh` beside the `title` of a schema or a definition. Tools ignore
keywords of a JSON Schema that they do not know.
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
DOCS = PROJECT / "docs"
MAX_EXAMPLE = 90
"""Characters of an example in a table; longer ones are left to the file that the page names."""

UNREAD = "Fugong does not read it."
"""Ends the description of a key that a standard has and Fugong does not use."""

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Language:
    """Where the words of a page come from.

    Attributes:
        folder: of the pages, below docs.
        description, title: the keywords of a schema that hold its meaning and its name.
        words: what the pages say in English → what they say in this language; `{}` are places to fill.
    """

    folder: str
    description: str
    title: str
    words: Mapping[str, str]

    def say(self, english: str, *parts: object) -> str:
        """A sentence of the pages in this language, with its places filled.

        Raises:
            ValueError: the sentence is in English alone.
        """
        if self.words and english not in self.words:
            raise ValueError(f"docs_reference.py has no words for: {english}")
        return self.words.get(english, english).format(*parts)

    def of(self, schema: Schema, english: str) -> str:
        """What a schema says of itself in this language; empty where it says nothing in English either.

        Args:
            english: the keyword that holds the English words, `title` or `description`.

        Raises:
            ValueError: a schema says it in English alone.
        """
        keyword = {"title": self.title, "description": self.description}[english]
        if english in schema and keyword not in schema:
            raise ValueError(f"a schema needs `{keyword}` beside: {schema[english]}")
        return str(schema.get(keyword, ""))


ENGLISH = Language("reference", "description", "title", {})
CHINESE = Language(
    "zh/reference",
    "x-zh",
    "x-title-zh",
    {
        "[中文](../zh/reference/{}.md)": "[English](../../reference/{}.md)",
        "| key | type | required | meaning | example |": "| 键 | 类型 | 必填 | 意思 | 例子 |",
        "yes": "是",
        "Type: {}. {}": "类型：{}。{}",
        "Also allowed, for other tools; Fugong does not read them: {}.": "也可以写，供别的工具用，Fugong 不读：{}。",
        " ({})": "（{}）",
        ", ": "、",
        " or ": "或",
        "at least {}": "不小于 {}",
        "at most {}": "不大于 {}",
        "more than {}": "大于 {}",
        "characters at most {}": "最多 {} 个字符",
        "default `{}`": "默认 `{}`",
        "one of {}": "{} 之一",
        "any": "任意",
        "any value": "任意值",
        "any value or list of values": "任意值，或值的列表",
        "list": "列表",
        "list of {}": "列表（{}）",
        "list of `{{property, value}}`: [{}](#{})": "`{{property, value}}` 的列表：[{}](#{})",
        "mapping": "映射",
        "mapping to {}": "映射，值是{}",
        "text": "文字",
        "number": "数字",
        "true or false": "true 或 false",
        "whole number": "整数",
        "nothing": "空",
    },
)


@dataclass(frozen=True)
class Page:
    """One page, in both languages.

    Attributes:
        name: of the file below docs/reference and docs/zh/reference, without its ending.
        title, title_zh: its heading.
        schemas: what it is made from; several where one page covers several kinds of file.
        intro, intro_zh: what a reader has to know that no schema says.
    """

    name: str
    title: str
    title_zh: str
    schemas: tuple[str, ...]
    intro: str
    intro_zh: str


PAGES_MADE = (
    Page(
        "contract",
        "Contract",
        "数据契约",
        ("contract",),
        "A contract is the only place that knows a department's file. The reader's expectations, the table in the warehouse, the template "
        "workbook and the data dictionary come from it. How to write one: [add a report](../recipes/add_a_report.md).",
        "只有数据契约知道部门的表长什么样。怎样读文件、数仓里的表、模板工作簿和数据字典，都由它得出。怎么写：[加一张报表](../recipes/add_a_report.md)。",
    ),
    Page(
        "suite",
        "Suite",
        "规则集",
        ("suite",),
        "A suite says what is true of a good report, beyond the types, code lists and keys of the contract. Great Expectations runs it block "
        "by block. The rows it sees have the contract's columns, `report_date`, `arrival_date` and `row_number`.",
        "规则集写明好的报表应当怎样；契约里的类型、代码表和主键不用重写。Great Expectations 分批运行它。它看到的行有契约的各列，另有 `report_date`、`arrival_date`（收到文件的日子）和 `row_number`。",
    ),
    Page(
        "sql-header",
        "SQL header",
        "SQL 文件头",
        ("sql-fact", "sql-mart", "sql-check", "sql-annex", "sql-question"),
        "Each SQL file is one SELECT. Its leading comment is YAML and says what the SELECT cannot. "
        "How to write one: [add a mart](../recipes/add_a_mart.md), [add a check](../recipes/add_a_check.md).",
        "每个 SQL 文件是一个 SELECT。开头的注释是 YAML，写 SELECT 说不了的事。怎么写：[加一张汇总](../recipes/add_a_mart.md)、[加一条核对](../recipes/add_a_check.md)。",
    ),
    Page(
        "figure",
        "Figure",
        "指标",
        ("figures",),
        "A figure names cells of marts, their unit and how the number is written. How to write one: [add a figure](../recipes/add_a_figure.md).",
        "指标写明取汇总表的哪些格、什么单位、数字怎样写。怎么写：[加一个指标](../recipes/add_a_figure.md)。",
    ),
    Page(
        "rules",
        "Rules over figures",
        "指标之间的规则",
        ("figure-rules",),
        "Rules compare figures with each other after they have been evaluated. A rule that does not hold adds a warning; it changes no value.",
        "指标算完以后，规则把它们互相比较。规则不成立时加一条提醒，不改任何值。",
    ),
    Page(
        "doubts",
        "Doubts",
        "存疑与核实",
        ("doubts",),
        "[`fugong doubts`](../doubts.md) lists whom to call about which cell. This file names the posts, and says which ratios stand out.",
        "[`fugong doubts`](../doubts.md) 列出该为哪一格打给谁。这个文件写岗位，以及多大的比值算离群。",
    ),
    Page(
        "quotas",
        "Quotas",
        "收件限额",
        ("quotas",),
        "What is beyond a quota stays in the inbox ([limits](../limits.md)). `fugong waiting` shows what waits of whom.",
        "超出限额的文件留在收件夹（[文件的限度](../limits.md)）。`fugong waiting` 列出各部门的积压。",
    ),
    Page(
        "messages",
        "Messages",
        "通知",
        ("messages",),
        "Who is told what, and when ([messages](../messages.md)). `fugong messages` lists what waits and what was not delivered.",
        "通知谁、通知什么、什么时候（[通知](../messages.md)）。`fugong messages` 列出等待的和没有送达的。",
    ),
    Page(
        "audit-words",
        "Words of the audit",
        "核对用词",
        ("audit-words",),
        "[`fugong audit`](../audit.md) claims that a number differs from a figure only where subject, scope, unit and period fit. These words tell it "
        "the scope.",
        "[`fugong audit`](../audit.md) 只在对象、范围、单位、时期都合的地方说一个数不符。范围由这些词看出。",
    ),
    Page(
        "briefing",
        "Briefing",
        "简报",
        ("briefing",),
        "The wording of the briefing: sections, paragraphs and sentences with figures in them. A sentence whose figure has no value is left out.",
        "简报的文字：节、段，以及带指标的句子。一个指标没有值，用到它的句子就不印。",
    ),
)


@dataclass(frozen=True)
class Row:
    """One row of a table: key, type, required, meaning, example; and whether Fugong reads the key."""

    cells: tuple[str, str, str, str, str]
    read: bool


class Writer:
    """Writes the tables of one schema.

    Args:
        schema: the whole document, to which `$ref` points.
        language: of the tables.
    """

    def __init__(self, schema: Schema, language: Language = ENGLISH) -> None:
        self.schema = schema
        self.language = language
        self.say = language.say
        self.definitions: Mapping[str, Schema] = schema.get("$defs", {})

    def lines(self, level: int) -> Iterator[str]:
        """The schema's own table and one section for each definition below `$defs`.

        Args:
            level: of the headings of the definitions.
        """
        yield from self._text(self.schema)
        yield from self._table(self.schema)
        first = str(self.schema.get("items", {}).get("$ref", "")).removeprefix("#/$defs/")
        for name, definition in sorted(self.definitions.items(), key=lambda one: one[0] != first):
            yield from ("#" * level + " " + self._heading(name), "")
            yield from self._text(definition)
            yield from self._table(definition)

    def _heading(self, name: str) -> str:
        titles = {other: self.language.of(one, "title") or other for other, one in self.definitions.items()}
        title = titles[name]
        alike = [other for other, one in titles.items() if one == title]
        return title if alike == [name] else f"{title}: {name}"

    def _table(self, schema: Schema) -> Iterator[str]:
        rows = list(self._rows(schema, ""))
        if not any(row.read for row in rows):
            if schema.get("enum") or schema.get("type") not in (None, "object", "array"):
                yield from (self.say("Type: {}. {}", self._type(schema), _example(schema)).rstrip(), "")
            return
        yield self.say("| key | type | required | meaning | example |")
        yield "| --- | --- | --- | --- | --- |"
        for row in rows:
            if row.read:
                yield "| " + " | ".join(map(_cell, row.cells)) + " |"
        yield ""
        if unread := [row.cells[0] for row in rows if not row.read]:
            listed = self.say(", ").join(unread)
            yield from (self.say("Also allowed, for other tools; Fugong does not read them: {}.", listed), "")

    def _rows(self, schema: Schema, above: str) -> Iterator[Row]:
        """One row for each key, and for the keys of objects that are written out in place."""
        required = schema.get("required", ())
        for key, value in schema.get("properties", {}).items():
            name = f"{above}{key}"
            described = self._described(value)
            cells = (
                f"`{name}`",
                self._type(value),
                self.say("yes") if key in required else "",
                self._meaning(described),
                _example(value),
            )
            yield Row(cells, read=not str(described.get("description", "")).endswith(UNREAD))
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
            allowed = self.say(", ").join(f"`{_plain(one)}`" for one in value["enum"])
            return self.say("one of {}", allowed) if len(value["enum"]) > 1 else allowed
        for word in ("oneOf", "anyOf"):
            if kinds := [
                self._type(one)
                for one in value.get(word, ())
                if "type" in one or "$ref" in one or "enum" in one or "const" in one
            ]:
                return self.say(" or ").join(dict.fromkeys(kinds))
        types = value.get("type", "any")
        if isinstance(types, list) and {"string", "number", "boolean"} <= set(types):
            return self.say("any value or list of values" if "array" in types else "any value")
        return self.say(" or ").join(self._simple(one, value) for one in ([types] if isinstance(types, str) else types))

    def _simple(self, kind: str, value: Schema) -> str:
        if kind == "array":
            items = value.get("items")
            if items and (pairs := self._pairs(items)):
                heading = self._heading(pairs)
                return self.say("list of `{{property, value}}`: [{}](#{})", heading.lower(), anchor(heading))
            return self.say("list of {}", self._type(items)) if items else self.say("list")
        if kind == "object":
            values = value.get("additionalProperties")
            if isinstance(values, Mapping) and "properties" not in values and "properties" not in value:
                return self.say("mapping to {}", self._type(values))
            return self.say("mapping")
        return self.say(
            {"string": "text", "boolean": "true or false", "integer": "whole number", "null": "nothing"}.get(kind, kind)
        )

    def _text(self, schema: Schema) -> Sequence[str]:
        return (said, "") if (said := self.language.of(schema, "description")) else ()

    def _meaning(self, value: Schema) -> str:
        limits = [
            self.say(words, value[key])
            for key, words in (
                ("minimum", "at least {}"),
                ("maximum", "at most {}"),
                ("exclusiveMinimum", "more than {}"),
                ("maxLength", "characters at most {}"),
            )
            if key in value
        ]
        if "default" in value:
            limits.append(self.say("default `{}`", _plain(value["default"])))
        return self.language.of(value, "description") + (self.say(" ({})", self.say(", ").join(limits)) if limits else "")


def _cell(text: str) -> str:
    """Text for a cell of a table. Renderers disagree about a bar between backticks, so it is written as HTML there."""
    coded = re.sub(r"`([^`]*\|[^`]*)`", lambda code: f"<code>{escape(code[1], quote=False).replace('|', '&#124;')}</code>", text)
    return coded.replace("|", "\\|").replace("\n", " ")


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


def page(made: Page, schemas: Path = SCHEMAS, language: Language = ENGLISH) -> str:
    """The Markdown of a page.

    Raises:
        ValueError: a schema lacks words in the language. The message names its file.
    """
    files = ", ".join(f"`{name}.schema.json`" for name in made.schemas)
    title, intro = (made.title, made.intro) if language is ENGLISH else (made.title_zh, made.intro_zh)
    lines = [
        f"# {title}",
        "",
        f"<!-- Generated from {files} by tools/docs_reference.py; `make docs` writes it again. -->",
        "",
        language.say("[中文](../zh/reference/{}.md)", made.name),
        "",
        intro,
        "",
    ]
    one_schema = len(made.schemas) == 1
    for name in made.schemas:
        schema = json.loads((schemas / f"{name}.schema.json").read_text(encoding="utf-8"))
        try:
            if not one_schema:
                lines += [f"## {language.of(schema, 'title')}", ""]
            if isinstance(items := schema.get("items"), Mapping) and "$ref" not in items:
                schema = {**schema, **{key: items[key] for key in ("properties", "required") if key in items}}
            lines += Writer(schema, language).lines(2 if one_schema else 3)
        except ValueError as error:
            raise ValueError(f"{name}.schema.json: {error}") from error
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is out of date")
    parser.add_argument("--schemas", type=Path, default=SCHEMAS, help="the folder of the schemas")
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder of all pages")
    asked = parser.parse_args(arguments)
    used = {name for made in PAGES_MADE for name in made.schemas}
    there = {file.name.removesuffix(".schema.json") for file in asked.schemas.glob("*.schema.json")}
    if used != there:
        print(f"Schemas without a page: {sorted(there - used)}; pages without a schema: {sorted(used - there)}.")
        return 1
    try:
        texts = {
            f"{language.folder}/{made.name}.md": page(made, asked.schemas, language)
            for language in (ENGLISH, CHINESE)
            for made in PAGES_MADE
        }
    except ValueError as error:
        print(error)
        return 1
    if asked.check:
        outdated = [
            name
            for name, text in texts.items()
            if not (file := asked.docs / name).exists() or file.read_text(encoding="utf-8") != text
        ]
        for name in outdated:
            print(f"docs/{name} is out of date; `make docs` writes it again.")
        return 1 if outdated else 0
    for name, text in texts.items():
        (asked.docs / name).parent.mkdir(parents=True, exist_ok=True)
        (asked.docs / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
