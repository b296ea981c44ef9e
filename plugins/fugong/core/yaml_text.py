"""Reads YAML with the line of everything in it. What another process has read already is not read again (`known_parsed`).

Apart from `schema`, so that a command whose documents are all known does not import PyYAML.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from fugong.core.document import MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_LARGE, Position
from fugong.core.errors import ConfigurationError

_TEXT = "tag:yaml.org,2002:str"


def read(text: str, file: str, first_line: int) -> tuple[Any, dict[Position, int]]:
    """The content of a text, and the lines of its keys and list items.

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
    return content, lines


def _refuse_deep(text: str, file: str, first_line: int) -> None:
    """Refuse what is nested too deep, before it is composed: composing ends the process at some depth."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigurationError(f"{file}:{first_line + event.start_mark.line}: {TOO_DEEP}")


def _read(node: yaml.Node, at: Position, lines: dict[Position, int], first_line: int, file: str) -> Any:
    """The content of a node; `lines` gets the lines of what is in it."""
    line = first_line + node.start_mark.line
    # Aliases can repeat a node in itself, and a few lines of them stand for millions of nodes.
    if len(at) > MAX_DEPTH or len(lines) > MAX_NODES:
        raise ConfigurationError(f"{file}:{line}: {TOO_DEEP if len(at) > MAX_DEPTH else TOO_LARGE}")
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
