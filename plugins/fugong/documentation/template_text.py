"""The Chinese texts of a template: headers with units, what to fill into a column, when a report is due."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Contract
from fugong.contracts.example import example_of
from fugong.contracts.unit import UNITS
from fugong.core.typesetting import set_chinese
from fugong.parsing.header_text import fold_header

TYPES_ZH = {"string": "文字", "integer": "整数", "number": "数字", "date": "日期", "boolean": "是/否"}
STORED_AS = re.compile(r"[,\uff0c](?:元|亩|平方米|按小数存)(?=[。;\uff1b]|$)")
PERCENT = "连百分号一起填,例如 85.2%。"
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


def rules_of(contract: Contract, code_lists: Mapping[str, CodeList], *, first_line: int) -> list[str]:
    """What the notes sheet says of the whole report, sentence by sentence: only what concerns its columns.

    Args:
        first_line: the first line to fill in, counted from 1; the example stands above it.
    """
    columns = [column for table in contract.tables for column in table.columns]
    rules = [
        f"报表编号 {contract.report},格式版本 {contract.version}(请勿改动)。{due_sentence(contract)}",
        "统计日期填这份报表说的那一天,只填一天,不填起止;文件名里也可以写,例如“3月18日”。",
        f"一个工作表一张表,一行一条,从第 {first_line} 行填起;下面不要再接别的表。合计行可以有,不算数据。",
        f"第 {first_line - 1} 行是示例,留着不算数据,也可以删掉;请不要在它上面改。",
    ]
    rules += [
        f"也可以分成几张工作表填,每张用“{column.header}”的名字(如“{example}”);这时“{column.header}”一列可以空着或不要。"
        for column in columns
        if column.from_sheet_name and (example := example_of(column, code_lists.get(column.code_list or "")))
    ]
    if any(follows_title_line(column) for column in columns):
        rules.append("金额单位:在表头上方的黄色格里选元或万元,整张表用一个;表头写了单位的列按表头。示例行的金额是元。")
    if any(sent_unit(column) == "%" for column in columns):
        rules.append(f"表头有 % 的列{PERCENT}一列里不要有的写 85.2%、有的写 0.852。")
    if any(column.logical_type == "date" for column in columns):
        rules.append("日期把年月日写全,例如 2020-03-18。")
    rules += [
        "编号、代码一类的列已设为文本,请用“粘贴为数值”,以免开头的 0 和末几位丢失;统一社会信用代码按营业执照填 18 位。",
        "不知道、没有的单元格留空,不填“无”“—”或“/”;确实是零就填 0。当天没有业务,只留表头也要报(零报告)。",
        "请不要填身份证号、手机号、银行卡号。",
        "退回的行改好后放回同一个收件夹。要替换已报的一份,文件名里写“更正”;要撤回,文件名里写“作废”。",
    ]
    return rules


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
