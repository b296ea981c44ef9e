"""The ways in which a clerk may write the header of a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fugong.contracts.contract import Column, Table
from tests.fuzz.clerk.picking import Pick

NUMBERED = ["{n}.{header}", "{n}、{header}", "（{n}）{header}", "({n}){header}"]


def tidy_headers(pick: Pick, table: Table, order: Sequence[str]) -> dict[str, str]:
    """A header for each column, by one of its names that belong to no other column of the table."""
    owners = Counter(header for column in table.columns for header in {*column.headers})
    style = pick.of(["", "", "", "number"])
    numbered = pick.of(NUMBERED) if style else "{header}"
    out: dict[str, str] = {}
    for n, name in enumerate(order, 1):
        column = table.by_name[name]
        header = pick.of([header for header in column.headers if owners[header] == 1])
        out[name] = numbered.format(n=n, header=_decorated(pick, header))
    return out


def _decorated(pick: Pick, header: str) -> str:
    """With what typists and programs leave in a header."""
    if not pick.chance(4):
        return header
    middle = len(header) // 2
    return pick.of([
        f"*{header}", f"{header}*", f" {header} ", f"{header[:middle]} {header[middle:]}", f"{header[:middle]}\n{header[middle:]}",
        f"{header[:middle]}\u200b{header[middle:]}", f"{header}\u00a0", f"{header[:middle]}\u3000{header[middle:]}", f"{header}：",
    ])  # fmt: skip


def hint_of(column: Column) -> str:
    """A remark in brackets that changes nothing."""
    if column.logical_type == "boolean":
        return "（是/否）"
    if column.logical_type == "date":
        return "(年-月-日)"
    if column.logical_type == "integer" and column.unit is None:
        return ""
    if column.unit in ("立方米", "千瓦时", "亩", "元/立方米", "元/千瓦时"):
        return f"（{column.unit}）"
    return "（必填）" if column.is_mandatory else "（选填）"
