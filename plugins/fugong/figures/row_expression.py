"""By which expression a fact row yields a key of a mart."""

from __future__ import annotations

from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.term import MartCells
from fugong.marts.model import Mart
from fugong.marts.parameters import with_values


def row_expression(mart: Mart, term: MartCells, key: str) -> str | None:
    """The SQL expression by which a fact row yields a key of the mart; None where the fact has a column of that name.

    Raises:
        ConfigurationError: the expression needs another key that the term leaves open.
    """
    known = {name: sql.Literal(values[0]).as_string(None) for name, values in term.keys.items() if len(values) == 1}
    expression = mart.key_expressions.get(key)
    try:
        return with_values(expression, known) if expression else None
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{mart.relation}: key {key}: {error}; the figure must give each of its keys one value"
        ) from error
