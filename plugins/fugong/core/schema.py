"""Parses YAML and JSON documents of ours and checks them against a JSON Schema.

Messages name the file, the line, what was wanted and the nearest right word. The schemas lie in `fugong/schemas`; editors complete by them.
"""

from __future__ import annotations

import difflib
import json
import re
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor

from fugong.core.errors import ConfigurationError
from fugong.core.known_valid import digest_of, known_valid
from fugong.core.paths import where

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"

Position = tuple[str | int, ...]
"""The place of something in a document: keys of mappings and indexes of lists, from the top."""

MAX_DEPTH = 50
MAX_NODES = 200_000
"""The deepest and the largest document that is read: several times what a contract needs."""

_TEXT = "tag:yaml.org,2002:str"
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_TOO_DEEP = f"this is nested in itself, or deeper than {MAX_DEPTH} levels"
_TOO_LARGE = f"this has more than {MAX_NODES} entries"


@dataclass(frozen=True)
class Document:
    """A parsed document and the line of each of its keys and list items.

    Attributes:
        file: as messages name it.
        content: mappings with text keys, lists and scalars.
        lines: position → line of the file.
    """

    file: str
    content: Any
    lines: Mapping[Position, int]

    def line_of(self, position: Sequence[str | int]) -> int:
        """The line of a position, or of the nearest position around it."""
        at = tuple(position)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def fault(self, position: Sequence[str | int], sentence: str) -> ConfigurationError:
        """The error to raise for a position: file, line and a sentence."""
        return ConfigurationError(f"{self.file}:{self.line_of(position)}: {sentence}")


def read_text(file: Path) -> str:
    """The text of a configuration file: UTF-8, with or without a byte order mark.

    Raises:
        ConfigurationError: the file cannot be read, or is not UTF-8. The message names file and line.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{where(file)}: {error.strerror or error}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise ConfigurationError(f"{where(file)}:{line}: this is not UTF-8 text. Save the file as UTF-8") from error


def parse_yaml(text: str, file: str, *, first_line: int = 1) -> Document:
    """Parse YAML. Keys are texts, also where YAML reads a number or a truth value.

    Args:
        first_line: the line of the file on which the text begins.

    Raises:
        ConfigurationError: it is not YAML, a mapping has a key twice, or it is too deep or too large.
    """
    lines: dict[Position, int] = {}
    try:
        _refuse_deep(text, file, first_line)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        content = None if root is None else _read(root, (), lines, first_line, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise ConfigurationError(f"{file}:{line}: this is not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = first_line + text.count("\n", 0, error.position)
        raise ConfigurationError(
            f"{file}:{line}: this is not YAML: the character U+{ord(text[error.position]):04X} is not allowed"
        ) from error
    return Document(file, content, lines)


def parse_json(text: str, file: str) -> Document:
    """Parse JSON.

    Raises:
        ConfigurationError: it is not JSON, a mapping has a key twice, or it is too deep.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number of JSON")

    try:
        content = json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{file}:{error.lineno}: this is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{file}:1: {_TOO_DEEP}") from error
    except ValueError as error:
        raise ConfigurationError(f"{file}:1: this is not JSON: {error}") from error
    return Document(file, content, _lines_of_json(text, file))


def _lines_of_json(text: str, file: str) -> dict[Position, int]:
    """Position → line, of a text that is JSON."""
    lines: dict[Position, int] = {}
    at: list[str | int | None] = []
    """The position of the token: per open mapping its key, None before there is one; per open list the index."""
    line, read_to = 1, 0
    for token in _JSON_TOKEN.finditer(text):
        line += text.count("\n", read_to, token.start())
        read_to = token.start()
        if len(at) > MAX_DEPTH:
            raise ConfigurationError(f"{file}:{line}: {_TOO_DEEP}")
        match token[0]:
            case "}" | "]":
                at.pop()
                continue
            case ",":
                at[-1] = at[-1] + 1 if isinstance(at[-1], int) else None
                continue
            case ":":
                continue
            case word if at and at[-1] is None:
                at[-1] = key = json.loads(word)
                if tuple(at) in lines:
                    raise ConfigurationError(f"{file}:{line}: {key!r} stands here twice")
            case _:
                pass
        position = tuple(one for one in at if one is not None)
        if position:
            lines.setdefault(position, line)
        if token[0] in "{[":
            at.append(None if token[0] == "{" else 0)
    return lines


def _refuse_deep(text: str, file: str, first_line: int) -> None:
    """Refuse what is nested too deep, before it is composed: composing ends the process at some depth. A text is looked through once."""
    known, digest = known_valid(SCHEMAS), digest_of("depth", text)
    if digest in known:
        return
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigurationError(f"{file}:{first_line + event.start_mark.line}: {_TOO_DEEP}")
    known.add(digest)


def _read(node: yaml.Node, at: Position, lines: dict[Position, int], first_line: int, file: str) -> Any:
    """The content of a node; `lines` gets the lines of what is in it."""
    line = first_line + node.start_mark.line
    # Aliases can repeat a node in itself, and a few lines of them stand for millions of nodes.
    if len(at) > MAX_DEPTH or len(lines) > MAX_NODES:
        raise ConfigurationError(f"{file}:{line}: {_TOO_DEEP if len(at) > MAX_DEPTH else _TOO_LARGE}")
    if isinstance(node, yaml.MappingNode):
        content: dict[str, Any] = {}
        for key, value in node.value:
            line = first_line + key.start_mark.line
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigurationError(f"{file}:{line}: a key should be a word, found a list or a mapping")
            if key.value in content:
                raise ConfigurationError(f"{file}:{line}: {key.value!r} stands here twice")
            lines[*at, key.value] = line
            content[key.value] = _read(value, (*at, key.value), lines, first_line, file)
        return content
    if isinstance(node, yaml.SequenceNode):
        items: list[Any] = []
        for index, item in enumerate(node.value):
            lines[*at, index] = first_line + item.start_mark.line
            items.append(_read(item, (*at, index), lines, first_line, file))
        return items
    if node.tag == _TEXT:
        return node.value
    try:
        return SafeConstructor().construct_object(node)
    # What the constructor raises where a value looks like a date or a number and is none, such as 2020-13-45.
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        kind = node.tag.rpartition(":")[2]
        raise ConfigurationError(f"{file}:{line}: {node.value[:40]!r} is no {kind}. Put it in quotes if it is a text") from error


def validate(document: Document, schema: str) -> None:
    """Check a document against `schemas/<schema>.schema.json`; one that was found valid before is not checked again (`known_valid`).

    Raises:
        ConfigurationError: it does not fit. The message names file, line, what was wanted and the nearest right word.
    """
    known, digest = known_valid(SCHEMAS), digest_of(schema, document.content)
    if digest in known:
        return
    from jsonschema.exceptions import best_match, relevance

    if not (validator := _validator(schema)).is_valid(document.content):
        # What a list lacks may stand in it misspelt: the misspelling is the better message.
        error = best_match(validator.iter_errors(document.content), key=lambda one: (one.validator != "contains", relevance(one)))
        assert error is not None  # it is not valid
        position, sentence = _explain(error)
        raise document.fault(position, sentence)
    known.add(digest)


@cache
def _validator(schema: str) -> Validator:
    from jsonschema.validators import validator_for
    from referencing import Registry, Resource

    def retrieve(uri: str) -> Resource[Any]:
        """A schema that another one refers to by its file name."""
        return Resource.from_contents(json.loads((SCHEMAS / uri).read_text(encoding="utf-8")))

    content = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    cls = validator_for(content)
    return cls(content, registry=Registry(retrieve=retrieve))  # pyright: ignore[reportCallIssue]


def _explain(error: ValidationError) -> tuple[Position, str]:
    at: Position = tuple(error.absolute_path)
    schema: Any = error.schema
    wanted: Any = error.validator_value
    instance: Any = error.instance
    name = ".".join(map(str, at))
    where = f"`{name}` " if name else ""
    if "propertyNames" in error.absolute_schema_path:  # the instance is a key of the mapping at this position
        return (*at, str(instance)), f"a key of {where or 'the document '}{_should_be(error)}"
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties":
            known = list(schema.get("properties", ()))
            unknown = next(key for key in instance if key not in known)
            return (*at, unknown), f"{f'{where}has' if where else 'there is'} no key {unknown!r}.{nearest(unknown, known)}"
        case "required":
            lacking = next(key for key in wanted if key not in instance)
            return at, f"{where or 'the document '}needs the key {lacking!r}"
        case "enum":
            known = [str(value) for value in wanted]
            return at, f"{where}should be one of {', '.join(known)}, found {instance!r}.{nearest(str(instance), known)}"
        case "type":
            types = wanted if isinstance(wanted, str) else " or ".join(wanted)
            quotes = " Put it in quotes." if types == "string" and not isinstance(instance, list | dict) else ""
            return at, f"{where or 'the document '}should be of type {types}, found {instance!r}.{quotes}"
        case "contains":
            return at, f"{where}{schema['description']}"
        case _:
            return at, f"{where or 'the document '}{_should_be(error)}"


def _should_be(error: ValidationError) -> str:
    """What a value should look like, by the example of its schema, else by its description."""
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "pattern" and (examples := schema.get("examples")):
        return f"should look like {examples[0]!r}, found {error.instance!r}"
    hint = schema.get("description")
    return f"does not fit: {error.message}" + (f" ({hint})" if hint else "")


def template_fault(text: str, places: Collection[str]) -> str | None:
    """What is wrong with a text that `str.format` fills in; None where nothing is.

    Args:
        places: the words that may stand in braces. Neither a format nor an attribute may follow them.
    """
    try:
        found = [(place, how, conversion) for _, place, how, conversion in string.Formatter().parse(text) if place is not None]
    except ValueError as error:
        return f"{text!r} is no sentence with places in braces: {error}"
    strange = sorted(
        f"{place}{f'!{conversion}' if conversion else ''}{f':{how}' if how else ''}"
        for place, how, conversion in found
        if place not in places or how or conversion
    )
    if not strange:
        return None
    there = f"there is {', '.join(f'{{{place}}}' for place in sorted(places))}" if places else "there is none"
    return f"has {{{', '.join(strange)}}}; {there}"


def nearest(word: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown word: the known word that was probably meant, or all known words."""
    if found := difflib.get_close_matches(word, known, n=1):
        return f" Did you mean {found[0]!r}?"
    return f" There is: {', '.join(sorted(known))}." if known else ""
