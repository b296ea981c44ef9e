"""Decides in which unit the numbers of each column were written, from every place where a file can declare one.

A column's own header, or its cell in a line of units, rules the column. Titles, notes and names rule the other columns of the kind that
they name: money never areas, counts or prices. The contract's default holds only where nothing is declared. What is declared twice and
differently, or cannot be read, is a doubt: the sender is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fugong.contracts.contract import Column, Table
from fugong.contracts.unit import Unit
from fugong.parsing.column_unit import factor_of, has_unit, in_its_header, in_the_table, kind_of, name_of
from fugong.parsing.header import Header
from fugong.parsing.header_text import readings
from fugong.parsing.unit_text import Declaration, Mention, declarations, in_header


@dataclass(frozen=True)
class Doubt:
    """Units of which nobody knows which one counts, or what they are.

    Attributes:
        code: `two-units`, `unknown-unit` or `unit-between`.
        column: the column in doubt; None where the whole table is.
        declared: the declarations, with their places.
    """

    code: str
    column: Column | None
    declared: tuple[Declaration, ...]


@dataclass(frozen=True)
class Units:
    """The units of a table.

    Attributes:
        of: column → unit of its bare numbers; None where it has none. Rows in another unit of the contract (`otherUnits`) have an
            entry of their own, under the name of `Column.in_other_units`.
        declared: column → where its unit is declared; columns whose unit is the contract's are not in it.
        doubts: reject the file.
        unused: what is declared for the table, and the columns it would rule, all of which declare another unit of their own.
    """

    of: Mapping[str, str | None]
    declared: Mapping[str, str] = field(default_factory=dict[str, str])
    doubts: tuple[Doubt, ...] = ()
    unused: tuple[tuple[Declaration, tuple[Column, ...]], ...] = ()


def units_of(table: Table, header: Header, mentions: Iterable[str | Mention]) -> Units:
    """The unit of each contract column's bare numbers.

    Args:
        mentions: the lines above the header, or of everything that may declare a unit for the table: titles, notes, names.
    """
    texts = [*(Mention(one, "") if isinstance(one, str) else one for one in mentions), *header.loose_units]
    declared = [found for text in texts for found in declarations(text)]
    every = [(column, seen) for column in table.columns for seen in (column, *column.in_other_units)]
    of: dict[str, str | None] = {seen.name: seen.default_unit for _, seen in every}
    places: dict[str, str] = {}
    own: list[Doubt] = []
    shared: dict[tuple[str, tuple[Declaration, ...]], list[Column]] = {}
    for own_column, column in every:
        if not has_unit(column) or own_column.name not in header.index:
            continue
        is_own = own_column.name in header.units
        if is_own:
            found = [(one, in_its_header(column, one)) for one in header.units[own_column.name]]
        else:
            found = [
                (one, units)
                for one in declared
                if (units := in_the_table(column, one, table)) or (not one.is_read and _may_be_unread(column))
            ]
        if column is not own_column:  # what is declared for the other rows says nothing about these
            found = [(one, units) for one, some in found if (units := [unit for unit in some if unit.kind == kind_of(column)])]
        if not found:
            continue
        code = _doubt(column, [units for _, units in found])
        if code is None:
            told = _told([unit for _, units in found for unit in units])
            of[column.name] = name_of(column, told)
            places[column.name] = next(one.place for one, units in found if told in units)
        elif is_own:
            own.append(Doubt(code, column, tuple(one for one, _ in found)))
        else:
            shared.setdefault((code, tuple(one for one, _ in found)), []).append(column)
    return Units(of, places, (*_for_the_table(shared), *own), tuple(_unused(table, header, declared)))


def _unused(table: Table, header: Header, declared: Iterable[Declaration]) -> Iterator[tuple[Declaration, tuple[Column, ...]]]:
    """What is declared for the table and rules no column, because each that it is about declares another unit of its own."""
    for one in dict.fromkeys(declared):
        ruled = [
            (column, units)
            for column in table.columns
            if column.name in header.index and has_unit(column) and (units := in_the_table(column, one, table))
        ]
        if all(column.name in header.units for column, _ in ruled):
            others = [column for column, units in ruled if _differ(column, units, header.units[column.name])]
            if others:
                yield one, tuple(others)


def _differ(column: Column, units: Sequence[Unit], own: Sequence[Declaration]) -> bool:
    """Whether units have another factor than those that a column's own header declares."""
    said = {factor_of(column, unit) for one in own for unit in in_its_header(column, one) if unit.kind != "currency"}
    return bool(said) and bool({factor_of(column, unit) for unit in units if unit.kind != "currency"} - said)


def unit_alone(column: Column, sent: str) -> str | None:
    """The unit that a header as sent gives a column where nothing else declares one."""
    declared = in_header(sent) or next((reading.declared for reading in readings(sent) if reading.declared), None)
    units = in_its_header(column, declared) if declared is not None and has_unit(column) else []
    return name_of(column, _told(units)) if units else column.default_unit


def _may_be_unread(column: Column) -> bool:
    """Whether a declaration that nobody can read may be about a column: not about shares and plain counts."""
    return column.unit is not None and column.unit != "%"


def _told(units: Sequence[Unit]) -> Unit:
    """The unit that says most: 万元 of 人民币、万元."""
    return next((unit for unit in units if unit.kind != "currency"), units[0])


def _doubt(column: Column, found: Sequence[Sequence[Unit]]) -> str | None:
    """Why the declarations for a column leave a doubt; None if they agree on one unit that it can be converted from."""
    if not all(found):
        return "unknown-unit"
    units = [unit for some in found for unit in some]
    said = [unit for unit in units if unit.kind != "currency"] or units
    factors = {factor_of(column, unit) for unit in said}
    if len(factors) > 1 or len({unit.kind for unit in said} & {"money", "foreign"}) > 1:
        return "two-units"
    return "unknown-unit" if None in factors else None


def _for_the_table(shared: Mapping[tuple[str, tuple[Declaration, ...]], Sequence[Column]]) -> Iterator[Doubt]:
    """One doubt for the same declarations, whichever columns they are about."""
    for (code, declared), columns in shared.items():
        yield Doubt(code, columns[0] if len(columns) == 1 else None, declared)
