"""YAML and JSON documents of ours, checked against a JSON Schema: what is wrong is said with file, line and the nearest right word.

The schemas lie in `fugong/schemas`; editors complete by the same files.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor

from fugong.core.errors import ConfigurationError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"

Position = tuple[str | int, ...]
"""Where something stands in a document: keys of mappings and indexes of lists, from the top."""


@dataclass(frozen=True)
class Document:
    """A parsed document that knows its lines.

    Attributes:
        file: as messages name it.
        content: mappings, lists and scalars.
        lines: position → line of the file, of keys and list items.
    """

    file: str
    content: Any
    lines: Mapping[Position, int]

    def line_of(self, position: Sequence[str | int]) -> int:
        """The line where something stands, or where the nearest thing around it does."""
        at = tuple(position)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def fault(self, position: Sequence[str | int], sentence: str) -> ConfigurationError:
        """What is wrong at a position, with file and line."""
        return ConfigurationError(f"{self.file}:{self.line_of(position)}: {sentence}")


def parse_yaml(text: str, file: str, *, first_line: int = 1) -> Document:
    """Parse YAML.

    Args:
        first_line: the line of the file on which the text begins.

    Raises:
        ConfigurationError: it is not YAML, or a key stands in it twice.
    """
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        lines = {} if root is None else dict(_lines(root, (), first_line, file))
        content = None if root is None else SafeConstructor().construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise ConfigurationError(f"{file}:{line}: this is not YAML: {error.problem or error.context}") from error
    return Document(file, content, lines)


def parse_json(text: str, file: str) -> Document:
    """Parse JSON, which is YAML without tabs; lines are known, too.

    Raises:
        ConfigurationError: it is not JSON.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{file}:{error.lineno}: this is not JSON: {error.msg}") from error
    root = yaml.compose(text.replace("\t", " "), Loader=yaml.CSafeLoader)
    return Document(file, content, {} if root is None else dict(_lines(root, (), 1, file)))


def _lines(node: yaml.Node, at: Position, first_line: int, file: str) -> Iterator[tuple[Position, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = first_line + key.start_mark.line
            if key.value in seen:
                raise ConfigurationError(f"{file}:{line}: {key.value!r} stands here twice")
            seen.add(key.value)
            yield (*at, key.value), line
            yield from _lines(value, (*at, key.value), first_line, file)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*at, index), first_line + item.start_mark.line
            yield from _lines(item, (*at, index), first_line, file)


def validate(document: Document, schema: str) -> None:
    """Check a document against `schemas/<schema>.schema.json`.

    Raises:
        ConfigurationError: it does not fit; the message names file, line, what was wanted and the nearest right word.
    """
    from jsonschema.exceptions import best_match

    if not (validator := _validator(schema)).is_valid(document.content):
        error = best_match(validator.iter_errors(document.content))
        assert error is not None  # it is not valid
        position, sentence = _explain(error)
        raise document.fault(position, sentence)


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
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties":
            known = list(schema.get("properties", ()))
            unknown = next(key for key in instance if key not in known)
            return (*at, unknown), f"{where}has no key {unknown!r}.{nearest(unknown, known)}"
        case "required":
            lacking = next(key for key in wanted if key not in instance)
            return at, f"{where or 'the document '}needs the key {lacking!r}"
        case "enum":
            known = [str(value) for value in wanted]
            return (
                at,
                f"{where}should be one of {', '.join(known)}, found {error.instance!r}.{nearest(str(error.instance), known)}",
            )
        case "type":
            types = wanted if isinstance(wanted, str) else " or ".join(wanted)
            return at, f"{where}should be of type {types}, found {error.instance!r}"
        case _:
            hint = schema.get("description") if isinstance(schema, Mapping) else None
            return at, f"{where}does not fit: {error.message}" + (f" ({hint})" if hint else "")


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or all of them, as the end of a message."""
    if found := difflib.get_close_matches(word, known, n=1):
        return f" Did you mean {found[0]!r}?"
    return f" There is: {', '.join(sorted(known))}." if known else ""
