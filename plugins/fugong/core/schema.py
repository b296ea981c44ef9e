"""Parses YAML and JSON documents of ours and checks them against a JSON Schema.

Messages name the file, the line, what was wanted and the nearest right word. The schemas lie in `fugong/schemas`; editors complete by them.
"""

from __future__ import annotations

import difflib
import json
import re
import string
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fugong.core.document import MAX_DEPTH, TOO_DEEP, Document, Position
from fugong.core.errors import ConfigurationError
from fugong.core.known_parsed import known_parsed
from fugong.core.known_valid import digest_of, known_valid
from fugong.core.paths import where

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"

_PARSER = Path(__file__).with_name("yaml_text.py")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


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
    known = known_parsed(_PARSER)
    if (kept := known.get(text)) is not None:
        return Document(file, kept[0], _LinesWhenAsked(text, file, first_line))
    from fugong.core import yaml_text

    content, lines = yaml_text.read(text, file, first_line)
    known.add(text, content)
    return Document(file, content, lines)


class _LinesWhenAsked(Mapping[Position, int]):
    """The lines of a document that was parsed before: only a message about a fault needs them."""

    def __init__(self, text: str, file: str, first_line: int) -> None:
        self._given = text, file, first_line

    @cached_property
    def _lines(self) -> Mapping[Position, int]:
        from fugong.core import yaml_text

        return yaml_text.read(*self._given)[1]

    def __getitem__(self, position: Position) -> int:
        return self._lines[position]

    def __iter__(self) -> Iterator[Position]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


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
        raise ConfigurationError(f"{file}:1: {TOO_DEEP}") from error
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
            raise ConfigurationError(f"{file}:{line}: {TOO_DEEP}")
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
