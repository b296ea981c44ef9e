"""Finds the figures that cannot be computed: they name marts, columns, keys, parameters or figures that do not exist or cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fugong.core.errors import ConfigurationError
from fugong.core.schema import Position, nearest
from fugong.figures.definition import Definition, Reported, load_sound_definitions
from fugong.figures.row_expression import row_expression
from fugong.figures.term import SETTING, AsOf, DaysUntil, FigureSum, IsOpen, MartCells, Parameter, Term, Text
from fugong.marts.model import Mart, SqlFiles

Fault = Callable[[Position, str], ConfigurationError]
"""Makes the error for a position within a term."""


@dataclass(frozen=True)
class Known:
    """What definitions and rules may name: facts and marts, figures, and policies with their parameters."""

    files: SqlFiles
    definitions: Mapping[str, Definition]
    params: frozenset[tuple[str, str]]


def sound_definitions(connection: psycopg.Connection, include: Path, files: SqlFiles) -> dict[str, Definition]:
    """Every figure. One that names what is not there or cannot be used, or a figure that cannot, has a `fault` and no value."""
    params = frozenset(connection.execute("SELECT policy_id, param FROM ref.policy_param").fetchall())
    found = load_sound_definitions(include)
    while True:
        known = Known(files, found, params)
        faults = {one.id: fault for one in found.values() if one.fault is None and (fault := _fault_of(one, known))}
        if not faults:
            return found
        found |= {name: found[name].broken(fault) for name, fault in faults.items()}


def _fault_of(definition: Definition, known: Known) -> ConfigurationError | None:
    try:
        for position, term in all_terms(definition):
            for _, name in term.signed if isinstance(term, FigureSum) else ():
                if (other := known.definitions.get(name)) and other.fault:
                    raise definition.source.fault(position, f"{name} cannot be used: {other.fault}")
        check_definition(definition, known)
        refuse_circle(definition, known.definitions, ())
    except ConfigurationError as error:
        return error
    return None


def check_definition(definition: Definition, known: Known) -> None:
    """See that every term of a definition leads somewhere, and that the lines behind it can be found.

    Raises:
        ConfigurationError: one does not.
    """
    for position, term in all_terms(definition):
        check_term(term, fault_at(definition.source.fault, position), known)
    for part, term in definition.terms.items():
        fault = fault_at(definition.source.fault, (part,))
        if isinstance(term, MartCells):
            _check_trace(term, fault, known)
        elif isinstance(term, FigureSum) and term.part == "value":
            _refuse_rates(term, fault, known)


def fault_at(fault: Fault, position: Position) -> Fault:
    """The error for a position within another one."""
    return lambda inner, sentence: fault((*position, *inner), sentence)


def all_terms(definition: Definition) -> Iterator[tuple[Position, Term]]:
    """Every term of a definition, and where it is written."""
    for part, term in definition.terms.items():
        yield (part,), term
    for index, term in enumerate(definition.undetermined):
        yield ("undetermined", index), term
    for word, share in (("coverage", definition.coverage), ("unreconciled", definition.unreconciled)):
        for part, term in zip(("numerator", "denominator"), share or (), strict=False):
            yield (word, part), term
    if isinstance(told := definition.interval, Reported):
        yield ("interval", "silent"), told.silent
        if told.denominator:
            yield ("interval", "denominator"), told.denominator
        yield ("interval", "least"), told.ends.least
        yield ("interval", "most"), told.ends.most
        if told.largest:
            yield ("interval", "largest"), told.largest
        if told.estimate:
            yield ("interval", "estimate", "least"), told.estimate.least
            yield ("interval", "estimate", "most"), told.estimate.most
    if definition.bridge:
        yield ("bridge",), FigureSum(((1, definition.bridge.figure),))
        yield ("bridge", "less"), definition.bridge.less
    for index, condition in enumerate(definition.conditions):
        yield ("warnings", index, "when"), condition.when
    for index, parameter in enumerate(definition.needs):
        yield ("needs", index), parameter
    if definition.rule:
        yield ("rule", "when"), definition.rule.when


def check_term(term: Term, fault: Fault, known: Known) -> None:
    """See that what a term names exists and can be used.

    Raises:
        ConfigurationError: it does not.
    """
    match term:
        case MartCells():
            _check_cells(term, fault, known)
            for index, name in enumerate(term.reports):
                _refuse_unknown_report(name, fault_at(fault, ("reports", index)), known)
            if term.since:
                _refuse_unknown_parameter(SETTING, term.since, fault_at(fault, ("since",)), known)
        case Parameter():
            _refuse_unknown_parameter(term.policy_id, term.param, fault_at(fault, ("param",)), known)
        case DaysUntil(parameter=named):
            _refuse_unknown_parameter(named.policy_id, named.param, fault_at(fault, ("days_until", "param")), known)
        case IsOpen(parameter=named):
            _refuse_unknown_parameter(named.policy_id, named.param, fault_at(fault, ("is_open", "param")), known)
        case FigureSum():
            for index, (_, name) in enumerate(term.signed):
                position = ("figures", index) if len(term.signed) > 1 else ("figure",)
                refuse_unknown_figure(name, fault_at(fault, position), known)
                if term.part != "value" and known.definitions[name].value is not None:
                    raise fault(("part",), f"{name} is no ratio and has no {term.part}")
        case AsOf() | Text():
            pass


def _check_cells(term: MartCells, fault: Fault, known: Known) -> None:
    mart = _find_mart(term, fault, known)
    for position, name, kind in (
        *((("keys", key), key, "key") for key in term.keys),
        *((("without", key), key, "key") for key in term.without),
        (("column",), term.column, "column"),
        *([(("order",), term.order, "column")] if term.order else []),
    ):
        if name not in mart.columns:
            raise fault(position, f"{mart.relation} has no {kind} {name!r}.{nearest(name, list(mart.columns))}")


def _find_mart(term: MartCells, fault: Fault, known: Known) -> Mart:
    marts = {mart.name: mart for mart in known.files.marts}
    if unusable := known.files.faulty.get(f"mart.{term.mart}"):
        raise fault(("mart",), f"mart.{term.mart} cannot be used: {unusable}")
    if term.mart not in marts:
        raise fault(("mart",), f"no mart {term.mart!r}.{nearest(term.mart, list(marts))}")
    return marts[term.mart]


def _check_trace(term: MartCells, fault: Fault, known: Known) -> None:
    """See that the lines behind a figure's own cells can be found."""
    mart = _find_mart(term, fault, known)
    for word, names in (("keys", term.keys), ("without", term.without)):
        for key in names:
            if key not in mart.keys:
                raise fault((word, key), f"{mart.relation} has no key {key!r}.{nearest(key, mart.keys)}")
    if term.column not in mart.sums and not (term.aggregate == "list" and term.column in mart.keys and mart.sums):
        raise fault(("column",), f"{mart.relation}.{term.column} has no entry below `sums`, so its lines cannot be found")
    made_by = mart.sums[term.column].aggregate if term.column in mart.sums else "list"
    if term.aggregate not in {made_by, "list"}:
        raise fault(("aggregate",), f"{mart.relation}.{term.column} is the {made_by} of its rows, not their {term.aggregate}")
    for key in (*term.keys, *term.without):
        try:
            row_expression(mart, term, key)
        except ConfigurationError as error:
            raise fault(("keys",), str(error)) from error


def _refuse_unknown_parameter(policy_id: str, param: str, fault: Fault, known: Known) -> None:
    if (policy_id, param) not in known.params:
        there = [name for policy, name in known.params if policy == policy_id]
        raise fault((), f"no parameter {policy_id} {param!r} in ref.policy_param.{nearest(param, there)}")


def _refuse_unknown_report(name: str, fault: Fault, known: Known) -> None:
    there = sorted(
        {
            relation.partition(".")[2]
            for fact in known.files.facts
            for relation in fact.reads
            if relation.startswith(("report.", "asof."))
        }
    )
    if name not in there:
        raise fault((), f"no fact reads a report table {name!r}.{nearest(name, there)}")


def refuse_unknown_figure(name: str, fault: Fault, known: Known) -> None:
    """See that there is a figure of a name.

    Raises:
        ConfigurationError: there is none.
    """
    if name not in known.definitions:
        raise fault((), f"no figure {name!r}.{nearest(name, list(known.definitions))}")


def _refuse_rates(term: FigureSum, fault: Fault, known: Known) -> None:
    for _, name in term.signed:
        if known.definitions[name].value is None:
            raise fault((), f"{name} is a ratio and cannot be part of a sum")


def refuse_circle(definition: Definition, definitions: Mapping[str, Definition], above: tuple[str, ...]) -> None:
    """See that a figure is not made of itself.

    Raises:
        ConfigurationError: it is.
    """
    if definition.id in above:
        raise definition.source.fault((), f"figures made of each other: {' → '.join((*above, definition.id))}")
    for _, term in all_terms(definition):
        for _, other in term.signed if isinstance(term, FigureSum) else ():
            refuse_circle(definitions[other], definitions, (*above, definition.id))
