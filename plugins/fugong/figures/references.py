"""Checks that the marts, columns, keys, parameters and figures exist that definitions and rules name. `fugong init` runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from fugong.core.errors import ConfigurationError
from fugong.figures.definition import load_definitions
from fugong.figures.rules import FigureRule, load_figure_rules
from fugong.figures.sound import (
    Known,
    check_definition,
    check_term,
    fault_at,
    refuse_circle,
    refuse_unknown_figure,
)
from fugong.marts.sql_files import load_sql_files


def check_references(connection: psycopg.Connection, include: Path) -> None:
    """See that every definition can be evaluated and traced, and every rule evaluated.

    Raises:
        ConfigurationError: one names something that does not exist, or the lines behind a figure cannot be found. The message names
            file and line, and what exists.
    """
    params = frozenset(connection.execute("SELECT policy_id, param FROM ref.policy_param").fetchall())
    known = Known(load_sql_files(include / "sql"), load_definitions(include), params)
    for fault in reference_faults(known, load_figure_rules(include)):
        raise fault


def reference_faults(known: Known, rules: Iterable[FigureRule]) -> Iterator[ConfigurationError]:
    """What is wrong with each definition and each rule: the first fault of each."""
    is_sound = True
    for definition in known.definitions.values():
        try:
            check_definition(definition, known)
        except ConfigurationError as error:
            is_sound = False
            yield error
    if is_sound:  # a figure that does not exist is in no circle
        try:
            for definition in known.definitions.values():
                refuse_circle(definition, known.definitions, ())
        except ConfigurationError as error:
            yield error
    for rule in rules:
        try:
            _check_rule(rule, known)
        except ConfigurationError as error:
            yield error


def _check_rule(rule: FigureRule, known: Known) -> None:
    for index, name in enumerate(rule.touches):
        refuse_unknown_figure(name, fault_at(rule.source.fault, ("touches", index)), known)
    for pair in rule.apart:
        for name in sorted(pair):
            refuse_unknown_figure(name, fault_at(rule.source.fault, ("apart",)), known)
    for side, terms in enumerate(rule.sides):
        for index, term in enumerate(terms):
            check_term(term, fault_at(rule.source.fault, (rule.kind, side, index)), known)
