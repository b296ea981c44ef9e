"""The Chinese texts of a template: headers with units, what to fill into a column, when a report is due."""

from __future__ import annotations

import re

from fugong.contracts.contract import UNITS, Column, Contract
from fugong.core.typesetting import set_chinese
from fugong.parsing.header import fold_header

TYPES_ZH = {"string": "文字", "integer": "整数", "number": "数字", "date": "日期", "boolean": "是/否"}
STORED_AS = re.compile(r"[,\uff0c](?:元|亩|平方米|按小数存)(?=[。;\uff1b]|$)")
PERCENT = "填百分数,例如 85.2%。"
MODES_ZH = {
    "snapshot": "每次报全部在册对象当日的情况",
    "ledger": "每次报完整台账(未办结和已办结的都要)",
    "increment": "只报统计日当天新发生的",
}


def header_of(column: Column) -> str:
    """The header of a column in the template: with its unit, unless that stands in the title line."""
    unit = sent_unit(column)
    return column.header if unit is None or follows_title_line(column) else f"{column.header}({unit})"


def sent_unit(column: Column) -> str | None:
    """The unit in which the department writes the column."""
    return column.default_unit


def follows_title_line(column: Column) -> bool:
    """Whether the title line (金额单位) states the unit of the column."""
    return column.unit in UNITS["money"] and sent_unit(column) == column.unit


def kind_of(column: Column) -> str:
    """The kind of value that a column takes."""
    if column.format == "uscc":
        return "18 位代码"
    if column.format == "month":
        return "年月"
    if column.code_list and column.logical_type != "boolean":
        return "选填项"
    return TYPES_ZH[column.logical_type]


def description_of(column: Column) -> str:
    """The description of a column in the contract; empty where it repeats the header, so that the notes never look like a header."""
    text = chinese_half(column.description)
    return "" if fold_header(text) in {fold_header(header) for header in column.headers} else text


def chinese_half(description: str) -> str:
    """The Chinese of `English. | 中文。`, without the unit of storage, which may differ from the unit that the clerk uses."""
    return STORED_AS.sub("", description.split("|", 1)[-1].strip())


def due_sentence(contract: Contract) -> str:
    """How often the report is due, and until when."""
    due = contract.due
    day = "当日" if due.days == 0 else "次日" if due.days == 1 else f"统计日后第 {due.days} 天"
    match due.cadence:
        case "daily":
            return f"每日报,{day} {due.time} 前。"
        case "workday":
            return f"每个工作日报,{day} {due.time} 前。"
        case "weekly":
            return f"每周{'一二三四五六日'[(due.weekday or 1) - 1]} {due.time} 前报。"
        case "monthly":
            return f"每月报,{day} {due.time} 前。"
        case _:
            return f"有变化时报,{day} {due.time} 前。"


def comment_lines(column: Column, example: str) -> list[str]:
    """The comment of a header: what a clerk has to know about the column, line by line; `example` may be empty."""
    lines = [f"{'必填' if column.required else '选填'},{kind_of(column)}。{description_of(column)}"]
    if follows_title_line(column):
        lines.append("单位:见表头上方“金额单位”。")
    elif sent_unit(column) == "%":
        lines.append(PERCENT)
    elif sent_unit(column):
        lines.append(f"单位:{sent_unit(column)}。")
    if example:
        lines.append(f"例如:{example}")
    return [set_chinese(line) for line in lines]
