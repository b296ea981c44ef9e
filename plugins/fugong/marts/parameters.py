"""Fills in the `:parameters` of a SELECT."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from fugong.core.errors import ConfigurationError
from fugong.core.paths import listed

# Comments, strings and quoted names come first: a colon inside them begins no parameter.
TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|(?<![:\w]):([a-z_][a-z0-9_]*)", re.DOTALL)


def with_days(body: str, days: Iterable[date]) -> str:
    """Fill in `:days`.

    Raises:
        ConfigurationError: it has another parameter.
    """
    literal = "'{" + ",".join(day.isoformat() for day in days) + "}'::date[]"
    return with_values(body, {"days": literal})


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Replace the `:parameters` of an SQL text by SQL expressions. Strings, comments and `::casts` stay as they are.

    Raises:
        ConfigurationError: it has a parameter without a value.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        if name not in values:
            raise ConfigurationError(f"no parameter :{name} here. There is: {listed(f':{known}' for known in values)}")
        return values[name]

    return TOKEN.sub(value, text)


def parameters(text: str) -> frozenset[str]:
    """The names of the `:parameters` of an SQL text."""
    return frozenset(found[1] for found in TOKEN.finditer(text) if found[1] is not None)
