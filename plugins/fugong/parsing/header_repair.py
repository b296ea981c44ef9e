"""Repairs misspelt headers: matches them to contract columns where only one column can be meant, with a confidence."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

import pyarrow as pa

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Table
from fugong.contracts.unit import parse_unit
from fugong.core.cell_address import cell_address, parse_cell_address
from fugong.parsing.cells import type_column
from fugong.parsing.column_unit import has_unit
from fugong.parsing.header import MIN_SIMILARITY, Grid, Header, may_concern
from fugong.parsing.header_text import fold_header, remarks_of, without_remarks
from fugong.parsing.report_day import days_in, plain_text
from fugong.parsing.unit_text import Declaration, declarations, in_header

MIN_CONFIDENCE = 0.87
"""One character of eight may be wrong, or two neighbours of four may have changed places. Below it a match is only proposed."""
WITH_A_REMARK = 0.95
"""How sure a name is that has a remark in brackets."""
DISTINCTIVE = frozenset(
    "上下前后起止始终应实原现新旧已未不无非总共累计合年月日季周旬本当次首末正负男女内外增减收支进出借贷拟含除净毛省市区县乡镇村街甲乙丙一二三四五六七八九十0123456789"
)
"""Characters that turn a name into another quantity: 应收 is not 实收. A header that differs by one of them is never matched."""
OTHER_QUANTITY = re.compile(
    "[上去明次下][一个]?[年月期季周旬日]|[本当全半][年月季周旬]|年初|期初|年末|期末|月末|月底|年底|同期|累计|合计|总|预|估|计划|目标|同比|环比|占|比例|率|增|降|均"
    "|峰|谷|平段|尖|其中|其他|其余|另|差额|差数|缺|拟|未[^填知]|调整|前|后|应|起|止|截至|至今|以来|最高|最低|最大|新|旧|原|昨|明天|[一二三四]季"
    r"|\d+年|\d+月|\d+[日号]|\d+[.\-/]\d"
)
"""Remarks that turn a number or a day into another one: 产值(上年), 产值(预计), 到岗人数(昨日)."""
TODAY = "目前|当前|当日|当天|今日|今天|本日|现在|(?:填报|报告|报送|统计|填表|报表)(?:之?日|日期|当日|当天|时间?)"
UP_TO_THE_DAY = re.compile(rf"(?:截[至止]到?|[至到])(?:{TODAY})(?:为?止)?|(?:{TODAY})为?止")
"""Remarks that say of what stands there now that it is of the day. Money up to the day may be that of many days."""
MonthDay = tuple[int, int]
N_SAMPLED_CELLS = 30
MAX_WRONG_SHARE = 0.2
"""Share of the sampled cells that may not be what the column holds."""


def confidence(sent: str, name: str) -> float:
    """How sure it is that a header as sent means a name: 1 minus the share of its characters that are wrong."""
    ours, theirs = fold_header(name), fold_header(sent)
    if not ours or not theirs or (set(ours) ^ set(theirs)) & DISTINCTIVE:
        return 0.0
    return 1 - _distance(theirs, ours) / max(len(ours), len(theirs))


def _distance(left: str, right: str) -> float:
    """Edit distance: characters to add, drop or change. Two neighbours that have changed places count half."""
    rows: list[list[float]] = [[float(at) for at in range(len(right) + 1)]]
    for i, one in enumerate(left, start=1):
        row = [float(i)]
        for j, other in enumerate(right, start=1):
            best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (one != other))
            if i > 1 and j > 1 and one != other and one == right[j - 2] and left[i - 2] == other:
                best = min(best, rows[i - 2][j - 2] + 0.5)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def take_fuzzy_matches(
    table: Table, header: Header, head: Grid, code_lists: Mapping[str, CodeList], days: Collection[MonthDay] = ()
) -> Header:
    """The header with those misspelt headers matched that can mean only one column.

    The match must be sure enough, no other column and no other header may match, and the cells below must be what the column
    holds. A header that the contract spells so is never misspelt.

    Args:
        days: the report date, or those that may be: 到岗人数(截至3月18日) is 到岗人数 on that day alone.
    """
    sure = {
        (at, column.name): best
        for at in header.extra
        for column in table.columns
        if (best := _means(header.sent[at], column, days)) >= MIN_SIMILARITY
    }
    columns, fuzzy, units = dict(header.columns), dict(header.fuzzy_matches), dict(header.units)
    for column in header.missing:
        rivals = [at for at, name in sure if name == column.name]
        if len(rivals) != 1 or sum(at == rivals[0] for at, _ in sure) != 1 or sure[rivals[0], column.name] < MIN_CONFIDENCE:
            continue
        at = rivals[0]
        if _holds(column, at, header, head, code_lists):
            columns[at], fuzzy[at] = column, sure[at, column.name]
            if has_unit(column) and (declared := _units_at(at, column, header)):
                units[column.name] = declared
    taken = {column.name for column in columns.values()}
    return replace(
        header,
        columns=columns,
        units=units,
        missing=tuple(column for column in header.missing if column.name not in taken),
        extra=tuple(at for at in header.extra if at not in columns),
        fuzzy_matches=fuzzy,
        score=len(columns),
    )


def _means(sent: str, column: Column, days: Collection[MonthDay]) -> float:
    """How sure it is that a header means a column: one of its names with a remark in brackets, or a name misspelt."""
    remarks = remarks_of(sent)
    if remarks and without_remarks(sent) in {fold_header(name) for name in column.headers}:
        is_number_or_day = column.logical_type in ("number", "integer", "date") and column.code_list is None
        remarks = tuple(_with_own_day(remark, days) for remark in remarks)
        unit = parse_unit(column.unit) if column.unit else None
        if unit is None or unit.kind != "money" or "当日" in without_remarks(sent):
            remarks = tuple(UP_TO_THE_DAY.sub("", remark) for remark in remarks)
        return 0.0 if is_number_or_day and any(OTHER_QUANTITY.search(remark) for remark in remarks) else WITH_A_REMARK
    return max(confidence(sent, name) for name in column.headers)


def _with_own_day(remark: str, days: Collection[MonthDay]) -> str:
    """A remark in which the report date is 当日; another day stays as it is."""
    text = plain_text(remark)
    for day in days_in(remark):
        if (day.month, day.day) in days:
            text = text.replace(day.written, "当日")
    return text


def _units_at(at: int, column: Column, header: Header) -> tuple[Declaration, ...]:
    """What a misspelt header, or the group above it, and the cell below it in a line of units, declare."""
    below = (one for mention in header.loose_units if parse_cell_address(mention.place)[0] == at for one in declarations(mention))
    own = in_header(header.sent[at])
    if own is not None:
        return (own.at(cell_address(at, header.last_row + 1)), *below)
    return (*(above for above in header.group_units.get(at, ()) if may_concern(column, above)), *below)


def _holds(column: Column, at: int, header: Header, head: Grid, code_lists: Mapping[str, CodeList]) -> bool:
    """Whether the first cells below a header are what the column holds. True if there are none."""
    lines = [row for row in head[header.last_row + 1 :] if at < len(row)]
    # Headings, totals and notes fill only few columns.
    full = [row for row in lines if 2 * sum(bool(row[own]) for own in header.columns if own < len(row)) > len(header.columns)]
    cells = [cell for row in full if (cell := row[at])][:N_SAMPLED_CELLS]
    typed = type_column(column, pa.array(cells, pa.string()), None, code_lists[column.code_list] if column.code_list else None)
    return sum(len(item.positions) for item in typed.unreadable) <= MAX_WRONG_SHARE * len(cells)
