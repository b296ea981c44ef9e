"""Chooses the unit of one column among those that a text declares, and says whether the column can be converted from it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from fugong.contracts.contract import Column, Table
from fugong.contracts.unit import MEASURES, Unit, parse_unit
from fugong.parsing.unit_text import Declaration

LEAST, MOST = Decimal("0.0001"), Decimal(10**8)
"""Factors that a column can be converted by; beyond them a unit is a slip."""
TIMES = {"年": "年", "月": "月", "日": "日", "天": "日", "季": "季", "季度": "季", "周": "周"}
"""A time in a unit (元/月) → the character of a header that already says so (月租金)."""


COUNTED = {"人数": "人个名位", "家数": "家户个", "户数": "户家个", "天数": "天日个"}
"""The end of a header of a count → its units."""


def kind_of(column: Column) -> str:
    """What a column counts: a kind of `contracts.unit.Unit`, `price`, or `number` without a unit."""
    unit = parse_unit(column.unit) if column.unit else None
    if unit is not None:
        return "price" if unit.per is not None else unit.kind
    return "count" if column.logical_type == "integer" else "number"


def has_unit(column: Column) -> bool:
    """Whether a unit can mean the numbers of a column."""
    return column.logical_type in ("number", "integer") and column.code_list is None


def in_its_header(column: Column, declared: Declaration) -> list[Unit]:
    """The units that a column's own header or line of units declares. They all concern it; of a list (户/万元) those of its kind."""
    found: list[Unit] = []
    others = {kind_of(other) for other in column.in_other_units}
    for group in declared.groups:
        listed = len(group) == 1 or not _may_be_price(group) or group[1].kind in others
        found += list(group) if listed else [_price(group)]
    fitting = [unit for unit in found if is_about(column, unit)]
    return fitting or found


def in_the_table(column: Column, declared: Declaration, table: Table) -> list[Unit]:
    """The units that a declaration for the whole table means for one column. Empty if it is about others."""
    found: list[Unit] = []
    for group in declared.groups:
        listed = len(group) == 1 or not _may_be_price(group) or _is_list(group, table)
        found += list(group) if listed else [_price(group)]
    kind = kind_of(column)
    if kind == "money":
        priced = any(kind_of(other) == "price" for other in table.columns)
        money = [unit for unit in found if unit.kind in ("money", "foreign")]
        plain = [unit for unit in money if unit.per is None]
        scales = [unit for unit in found if unit.kind in ("scale", "currency")]
        return plain or ([] if priced else money) or scales
    if kind == "price":
        return [unit for unit in found if unit.per is not None]
    if kind == "count":  # 万人 over a whole table: which of its counts are meant, nobody knows
        return [replace(unit, kind="other") for unit in found if unit.kind == "count" and unit.factor != 1]
    if kind == "share":
        return [unit for unit in found if unit.kind == kind]
    if kind in MEASURES:
        return [unit for unit in found if unit.kind == kind or (unit.kind == "scale" and len(found) == 1)]
    return []


def is_about(column: Column, unit: Unit) -> bool:
    """Whether a unit is of a column's kind."""
    kind = kind_of(column)
    if kind == "price":
        return unit.kind == "money"
    if kind == "money":
        return unit.kind in ("money", "foreign", "currency", "scale") and (unit.per is None or unit.per.kind == "time")
    return unit.kind in (kind, "scale") if kind != "number" else unit.factor == 1


def factor_of(column: Column, unit: Unit) -> Decimal | None:
    """How much of the stored unit one of the declared unit is; None if a column cannot be converted from it."""
    stored = parse_unit(column.unit) if column.unit else None
    kind, factor = kind_of(column), None
    if unit.kind == "currency":
        factor = Decimal(1) if kind == "money" and column.default_unit == column.unit else None
    elif kind == "money" and unit.kind == "scale":
        factor = unit.factor
    elif kind == "money" and unit.kind == "money" and stored is not None:
        factor = unit.factor / stored.factor if unit.per is None or _says_time(column, unit.per) else None
    elif kind == "price" and unit.kind == "money" and stored is not None and stored.per is not None:
        if unit.per is None:
            factor = Decimal(1) if unit.factor == stored.factor else None
        elif unit.per.kind == stored.per.kind:
            factor = unit.factor / unit.per.factor / (stored.factor / stored.per.factor)
    elif kind == "count":
        factor = unit.factor if unit.kind in ("count", "scale", "time") and _may_count(column, unit) else None
    elif kind == "share":
        factor = Decimal(1) if unit.kind == "share" else None
    elif kind == "number":
        factor = Decimal(1) if unit.factor == 1 else None
    elif unit.kind == kind and unit.per is None and stored is not None:
        factor = unit.factor / stored.factor
    if factor is None or not LEAST <= factor <= MOST or factor != round(factor, 4):
        return None
    return factor


def _may_count(column: Column, unit: Unit) -> bool:
    """Whether a count may have a unit: people are not counted in firms, nor firms in days."""
    for ending, words in COUNTED.items():
        if column.header.endswith(ending):
            return unit.kind == "scale" or any(word in unit.name for word in words)
    return True


def scale_of(column: Column, unit: str | None) -> Decimal:
    """`factor_of` a unit by its name; 1 where there is none, or none that the column can be converted from: then the file goes back."""
    declared = parse_unit(unit) if unit is not None and unit != column.unit else None
    return (factor_of(column, declared) if declared is not None else None) or Decimal(1)


def name_of(column: Column, unit: Unit) -> str:
    """The unit in the words of the column's kind: 万 over money is 万元, 元/月 over a monthly rent is 元."""
    if kind_of(column) == "money":
        return f"{unit.name}元" if unit.kind == "scale" else unit.name.partition("/")[0]
    if kind_of(column) == "price" and unit.per is None:
        return column.unit or unit.name
    return unit.name


def _says_time(column: Column, per: Unit) -> bool:
    return per.kind == "time" and TIMES.get(per.name, per.name) in column.header


def _may_be_price(group: tuple[Unit, ...]) -> bool:
    """Whether units that a stroke joins may be a price: money per something that is no money."""
    over, under = group[0], group[1]
    return len(group) == 2 and over.kind in ("money", "foreign") and under.kind not in ("money", "foreign", "currency", "share")


def _is_list(group: tuple[Unit, ...], table: Table) -> bool:
    """Whether 万元/户 over a whole table lists two units: it has no such prices, but columns of the second kind."""
    kinds = {kind_of(column) for column in table.columns}
    priced = {unit.per.kind for column in table.columns if column.unit and (unit := parse_unit(column.unit)) and unit.per}
    return group[1].kind not in priced and (group[1].kind == "count" or group[1].kind in kinds)


def _price(group: tuple[Unit, ...]) -> Unit:
    over, under = group
    return Unit(over.kind, f"{over.name}/{under.name}", over.factor, under)
