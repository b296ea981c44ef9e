"""What a reader of a mart's open rows knows: a system of cells, the relations that the mart's head declares, and what publications state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fugong.disclosure.system import Builder, System
from fugong.marts.differences import differences
from fugong.marts.firms_behind import ALL, FirmsBehind, Key, Parts, amount_columns
from fugong.marts.model import Mart
from fugong.marts.open_cells import MARGIN, Cell, Row, Series, bounds, count_of, is_few, keys_of, series_of, tells
from fugong.marts.published import Publication, Terms, shown_elsewhere, stated

UNBOUNDED = 10.0
"""What a reader assumes an inequality to leave at most, in values of the greater side."""


@dataclass(frozen=True)
class Guarded:
    """What decides about the cells of some days before any is hidden for another's sake.

    Attributes:
        primary: cells that are hidden because of the firms behind them.
        secrets: how far a reader's interval has to reach around the true value of a cell, or of what is left of a whole.
        base: what the cells of a series are rounded to; 0 for not at all.
        behind: the firms behind the rows.
        published: what publications print of the rows.
    """

    primary: frozenset[Cell]
    secrets: Mapping[Cell, float]
    base: Mapping[Series, float]
    behind: FirmsBehind
    published: tuple[Publication, ...] = ()


def system_of(mart: Mart, rows: Mapping[Key, Row], guarded: Guarded) -> System:
    """What a reader knows of the rows of one day.

    Its names have three parts: `cell`, key and column; `unseen`, key and a column that no open mart shows and publications are made of;
    `elsewhere`, another open mart and a number, for sums that it shows, too; `left`, key and what is left of a whole; `union`, key of the sum and column, for the
    hidden members of a sum taken together.
    """
    builder = Builder()
    columns = amount_columns(mart)
    for key, row in rows.items():
        for column in columns:
            base = guarded.base.get(series_of(mart, key, column), 0.0)
            builder.add(("cell", key, column), _number(row, column), rounded_to=base)
    for number, (parent, children) in enumerate(sums_of(mart, rows)):
        for column in columns:
            builder.relate({("cell", parent, column): -1.0} | {("cell", child, column): 1.0 for child in children})
            members = [child for child in children if (child, column) in guarded.primary and _number(rows[child], column)]
            if len(members) > 1 and (margin := _margin_of_union(mart, rows, members, column, guarded.behind)):
                union = ("union", parent, f"{column} {number}")
                builder.add_hidden(union, sum(_number(rows[member], column) for member in members))
                builder.relate({union: -1.0} | {("cell", member, column): 1.0 for member in members})
                builder.keep_secret(union, margin)
    told = list(stated(guarded.published, mart, rows))
    unseen = {(key, column) for one in told for key, column in one.terms if column not in columns}
    for key, column in sorted(unseen, key=str):
        builder.add_hidden(("unseen", key, column), _number(rows[key], column))

    def name_of(key: Key, column: str) -> tuple[str, Key, str]:
        return ("unseen" if (key, column) in unseen else "cell", key, column)

    for key, row in rows.items():
        for relation in mart.relations:
            if not relation.applies(row) or not all(name_of(key, column) in builder for column in relation.terms):
                continue
            size = max(abs(_number(row, column)) for column in relation.terms)
            slack = relation.within * size
            # Where nobody is carried, everybody sees it: what was reported for the day is all that there is.
            is_same = any((key, column) in unseen for column in relation.terms) and not sum(
                factor * _number(row, column) for column, factor in relation.terms.items()
            )
            builder.relate(
                {name_of(key, column): float(factor) for column, factor in relation.terms.items()},
                between=(-slack, slack) if relation.is_equal or is_same else (-UNBOUNDED * max(size, 1.0), 0.0),
            )
        for name, (whole, part) in differences(mart).items():
            is_secret = (key, name) in guarded.secrets
            is_between_ends = not unseen.isdisjoint({(key, whole), (key, part)})
            if (is_secret or is_between_ends) and all(name_of(key, column) in builder for column in (whole, part)):
                left = ("left", key, name)
                builder.add_hidden(left, builder.truth(name_of(key, whole)) - builder.truth(name_of(key, part)))
                builder.relate({left: -1.0, name_of(key, whole): 1.0, name_of(key, part): -1.0})
                if is_secret:
                    builder.keep_secret(left, guarded.secrets[key, name])
    for one in told:
        most = UNBOUNDED * max([1.0, *(abs(factor * _number(rows[key], column)) for (key, column), factor in one.terms.items())])
        low, high = one.between
        builder.relate({name_of(*cell): factor for cell, factor in one.terms.items()}, between=(max(low, -most), min(high, most)))
    for number, one in enumerate(shown_elsewhere(mart, rows)):
        if _is_hidden_elsewhere(mart, rows, one.terms, guarded.behind):
            continue
        elsewhere = ("elsewhere", one.source, number)
        builder.add_between(
            elsewhere, sum(factor * _number(rows[key], column) for (key, column), factor in one.terms.items()), one.between
        )
        builder.relate({elsewhere: -1.0} | {("cell", *cell): factor for cell, factor in one.terms.items()})
    for (key, column), margin in guarded.secrets.items():
        if key in rows and name_of(key, column) in builder:
            builder.keep_secret(name_of(key, column), margin)
    return builder.build()


def _is_hidden_elsewhere(mart: Mart, rows: Mapping[Key, Row], terms: Terms, behind: FirmsBehind) -> bool:
    """Whether the other mart hides a sum, by the rule for sums that are divided elsewhere (`protected`). One that is no row here is taken to be shown."""
    summed, columns = {key for key, _ in terms}, {column for _, column in terms}
    totals = (parent for parent, children in sums_of(mart, rows) if set(children) == summed)
    return any(bounds(parts) for total in totals for column in columns if (parts := behind.levels.get(total, {}).get(column)))


def cells_in(system: System, *, elsewhere: bool = True) -> NDArray[np.bool_]:
    """Which elements of a system stand in open marts: with all of them hidden, what is left is what publications tell.

    Args:
        elsewhere: those of other open marts, too.
    """
    kinds = {"cell", "elsewhere"} if elsewhere else {"cell"}
    return np.fromiter((isinstance(name, tuple) and name[0] in kinds for name in system.names), bool, len(system.names))


def members_of(system: System, cell: int) -> frozenset[int]:
    """The hidden members of a sum that an element of a system stands for together; none where it is another element."""
    name = system.names[cell]
    if not isinstance(name, tuple) or name[0] != "union":
        return frozenset()
    by_cell, by_relation = sparse.csc_array(system.relations), sparse.csr_array(system.relations)
    (relation,) = by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]]
    members = by_relation.indices[by_relation.indptr[relation] : by_relation.indptr[relation + 1]]
    return frozenset(map(int, members)) - {cell}


def _margin_of_union(mart: Mart, rows: Mapping[Key, Row], members: Sequence[Key], column: str, behind: FirmsBehind) -> float:
    """The margin that hidden members of a sum need together; 0 where many firms stand behind them.

    Two firms hidden side by side would otherwise tell each other's amount: each knows its own, and the sum of both follows from the total.
    """
    parts = [behind.levels[member][column] for member in members if column in behind.levels.get(member, {})]
    if len(parts) == len(members):
        largest, second, *_ = (*sorted((amount for one in parts for amount in (one.largest, one.second)), reverse=True), 0.0)
        whole = Parts(sum(one.n_firms for one in parts), largest, sum(one.total for one in parts), second)
        return MARGIN * whole.largest if tells(whole) else 0.0
    counted = mart.suppression[0].count if mart.suppression else ("n_enterprises",)
    n_firms = sum(count_of(rows[member], counted) or 0 for member in members)
    return MARGIN * max(abs(_number(rows[member], column)) for member in members) if is_few(n_firms) else 0.0


def _number(row: Row, column: str) -> float:
    return float(row.get(column) or 0)


def sums_of(mart: Mart, rows: Mapping[Key, Row]) -> Iterator[tuple[Key, list[Key]]]:
    """Rows that are the sums of other rows: a row with `ALL` is the sum of the rows of every kind that divides it.

    Rows are of one kind where `ALL` stands for the same keys and, if there is such a key, the dimension is the same.
    """
    keys = keys_of(mart)
    label = keys.index("dimension") if "dimension" in keys else None
    kinds: dict[tuple[Any, frozenset[int]], list[Key]] = {}
    for key in rows:
        everywhere = frozenset(place for place, member in enumerate(key) if member == ALL)
        kinds.setdefault((key[label] if label is not None else None, everywhere), []).append(key)
    for (_, everywhere), parents in kinds.items():
        for (_, finer), others in kinds.items():
            if not finer < everywhere:
                continue
            free = everywhere | ({label} if label is not None else set())
            children: dict[Key, list[Key]] = {}
            for other in others:
                children.setdefault(tuple(member for place, member in enumerate(other) if place not in free), []).append(other)
            for parent in parents:
                same = tuple(member for place, member in enumerate(parent) if place not in free)
                if found := children.get(same):
                    yield parent, found
