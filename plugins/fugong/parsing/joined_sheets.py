"""Decides whether several sheets that match one table are its parts: one sheet for each township, branch or bank.

They are if every name says a unit, and none says that the sheet is another version, a copy, or the sum of the others. Where that is
not sure, the sender is asked which one counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Table
from fugong.parsing.header import Header
from fugong.parsing.report_day import days_in

UNIT = re.compile(
    r"(?:镇|乡|街道|办事处|镇办|街道办|分局|税务所|支行|分行|银行|信用社|联社|营业部|营业厅|社区|居委会|村|园区|片区|工业园|开发区|管委会|公司|分公司|水厂|供电所"
    r"|上午|下午|早间|晚间|早班|晚班|白班|夜班)(?:第?[一二三四五六七八九十\d]{1,3}[所组部区]?)?$"
)
"""What the name of a unit, or of a part of the day, ends with; in the folded name without what stands in brackets."""
OTHER_VERSION = re.compile(
    r"备份|副本|复件|拷贝|原[始稿表件]|旧|作废|废|草稿|初稿|终稿|定稿|修[改订]|更正|改后|改前|新版|最新|模板|样表|样例|示例|示范|测试|汇总|合计|总表|总计|全区|全部|历史|上[期月周日次]"
    r"|昨|前[日天期]|计划|目标|参考|对照|核对|backup|copy|old|new|draft|test|v\d|\d版|第.版"
)


def are_parts(table: Table, sheets: Sequence[tuple[str, Header]], code_lists: Mapping[str, CodeList]) -> bool:
    """Whether sheets that match a table equally are its parts.

    Args:
        sheets: name and header of each.
    """
    names = [name for name, _ in sheets]
    if len({_bare(name) for name in names}) < len(names):
        return False
    if len({tuple((day.month, day.day) for day in days_in(name)) for name in names}) > 1:
        return False
    first = {column.name for column in sheets[0][1].columns.values()}
    if any({column.name for column in header.columns.values()} != first for _, header in sheets):
        return False
    return all(is_part_name(name, table, code_lists) for name in names)


def is_part_name(name: str, table: Table, code_lists: Mapping[str, CodeList]) -> bool:
    """Whether the name of a sheet says a unit: by its last word, or because a code list of the table has it."""
    bare = _bare(name)
    if OTHER_VERSION.search(fold(name)):
        return False
    numbered = re.sub(r"^\d{1,2}[.、_\-]?", "", bare)
    lists = (code_lists[column.code_list] for column in table.columns if column.code_list)
    return bool(UNIT.search(bare)) or (len(numbered) > 1 and any(numbered in codes.spellings for codes in lists))


def _bare(name: str) -> str:
    """A name without what stands in brackets."""
    return re.sub(r"\([^()]*\)", "", fold(name))
