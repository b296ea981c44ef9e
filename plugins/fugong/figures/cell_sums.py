"""Sums up the cells of figures' terms: the terms of all figures on the same days of one mart with one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.definition import Definition
from fugong.figures.moment import Moment
from fugong.figures.term import MartCells
from fugong.marts.execute import rows_of
from fugong.marts.model import Mart

FUNCTIONS = {"sum": sql.SQL("SUM"), "least": sql.SQL("MIN"), "greatest": sql.SQL("MAX")}
TERMS_AT_ONCE = 200
"""A SELECT may have 1,664 columns; each term has two."""
Found = tuple[Any, int]
"""What cells add up to (or the least or greatest of them), and how many there are."""


class CellSums:
    """The sums of the terms of one evaluator, each read once."""

    def __init__(
        self,
        moment: Moment,
        table: Callable[[Mart], sql.Identifier],
        window: Callable[[MartCells], tuple[date, date]],
        where: Callable[[MartCells], sql.Composed],
    ) -> None:
        """Read nothing yet.

        Args:
            table: where to read a mart.
            window: the first and the last day that a term sums.
            where: the condition on the cells of a term.
        """
        self._moment, self._table, self._window, self._where = moment, table, window, where
        self._read: dict[int, tuple[MartCells, Found]] = {}
        """By the identity of the term, which is kept so that no other takes its place."""

    def of(self, term: MartCells) -> Found:
        """What the cells of a term add up to, and how many there are.

        Raises:
            ConfigurationError: the server refuses to read this term.
        """
        if id(term) not in self._read:
            alike = [one for one in self._terms.get(term.mart, ()) if one is not term and id(one) not in self._read]
            self._read_together([term, *alike])
        return self._read[id(term)][1]

    def _read_together(self, terms: Sequence[MartCells]) -> None:
        """Read terms on one mart, or the first of them alone where another one is at fault: that is told where it is asked for itself."""
        window = self._window(terms[0])
        wanted = [(terms[0], self._where(terms[0]))]
        for one in terms[1:]:
            try:
                if len(wanted) < TERMS_AT_ONCE and self._window(one) == window:
                    wanted.append((one, self._where(one)))
            except ConfigurationError:
                continue
        try:
            found = self._query(wanted)
        except ConfigurationError:
            if len(wanted) == 1:
                raise
            wanted = wanted[:1]
            found = self._query(wanted)
        for (one, _), pair in zip(wanted, zip(found[::2], found[1::2], strict=True), strict=True):
            self._read[id(one)] = (one, pair)

    def _query(self, wanted: Sequence[tuple[MartCells, sql.Composed]]) -> tuple[Any, ...]:
        first, condition = wanted[0]
        mart = self._moment.files.mart(first.mart)
        if len(wanted) > 1:  # by an index: what a day costs does not grow with the days before it
            begin, end = self._window(first)
            condition = sql.SQL("{} BETWEEN {} AND {}").format(
                sql.Identifier(mart.partition_by), sql.Literal(begin), sql.Literal(end)
            )
        sums = [
            sql.SQL("{0}({1}) FILTER (WHERE {2}), COUNT(*) FILTER (WHERE {2})").format(
                FUNCTIONS[term.aggregate], sql.Identifier(term.column), where
            )
            for term, where in wanted
        ]
        query = sql.SQL("SELECT {} FROM {} WHERE {}").format(sql.SQL(", ").join(sums), self._table(mart), condition)
        [row] = rows_of(self._moment.connection, query, f"mart.{first.mart}.{first.column}")
        return row

    @cached_property
    def _terms(self) -> Mapping[str, Sequence[MartCells]]:
        """The terms of all figures that are sums of cells, by mart."""
        found: dict[str, list[MartCells]] = {}
        for definition in self._moment.definitions.values():
            for term in _terms_of(definition):
                if isinstance(term, MartCells) and term.aggregate in FUNCTIONS:
                    found.setdefault(term.mart, []).append(term)
        return found


def _terms_of(definition: Definition) -> Iterable[object]:
    return (*definition.terms.values(), *(definition.coverage or ()), *([definition.rule.when] if definition.rule else ()))
