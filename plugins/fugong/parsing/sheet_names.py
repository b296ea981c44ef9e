"""Reads the names of sheets: whether a name says a unit, only numbers the sheet, or says that it is another version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Table

UNIT = re.compile(
    r"(?:镇|乡|街道|办事处|镇办|街道办|分局|税务所|支行|分行|银行|信用社|联社|营业部|营业厅|社区|居委会|村|园区|片区|工业园|开发区|管委会|公司|分公司|水厂|供电所"
    r"|上午|下午|早间|晚间|早班|晚班|白班|夜班)(?:第?[一二三四五六七八九十\d]{1,3}[所组部区]?)?$"
)
"""What the name of a unit, or of a part of the day, ends with; in the folded name without what stands in brackets."""
OTHER_VERSION = re.compile(
    r"备份|副本|复件|拷贝|原[始稿表件]|旧|作废|废|草稿|初稿|终稿|定稿|修[改订]|更正|改后|改前|新版|最新|模板|样表|样例|示例|示范|测试|汇总|合计|总表|总计|全区|全部|历史|上[期月周日次]"
    r"|昨|前[日天期]|计划|目标|参考|对照|核对|backup|copy|old|new|draft|test|v\d|\d版|第.版"
)
NEWER = re.compile(r"修[改订]|更正|改后|新版|最新|终稿|定稿|补报|new|final|v[2-9]")
"""What makes a sheet one that may count instead of the sheet named as the table."""
NUMBER = re.compile(
    r"(?P<word>sheet|工作表|附?表|page|part|第)?[-_.]?(?P<number>\d{1,3}|[一二三四五六七八九十]{1,3}|[甲乙丙丁戊己庚辛壬癸]|[a-z])(?:部分|分表|[页组片批区段])?"
)
"""A whole folded name that only numbers the sheet: Sheet1, 表二, 甲, 第一部分."""
EXCEPT = re.compile("[除非]|不含|以外|其[他它余]")


def bare(name: str) -> str:
    """A folded name without what stands in brackets."""
    return re.sub(r"\([^()]*\)", "", fold(name))


def is_other_version(name: str) -> bool:
    """Whether a name says that the sheet is another version, a copy, an example, or the sum of the others."""
    return OTHER_VERSION.search(fold(name)) is not None


def is_part_name(name: str, table: Table, code_lists: Mapping[str, CodeList]) -> bool:
    """Whether a name says a unit: by its last word, or because a code list of the table has it."""
    if is_other_version(name):
        return False
    numbered = re.sub(r"^\d{1,2}[.、_\-]?", "", bare(name))
    lists = (code_lists[column.code_list] for column in table.columns if column.code_list)
    return (
        bool(UNIT.search(bare(name)))
        or (len(numbered) > 1 and any(numbered in codes.spellings for codes in lists))
        or bool(values_in_name(name, table, code_lists))
    )


def only_number(names: Sequence[str], day: date | None) -> bool:
    """Whether names only number their sheets, each with another number.

    Numbers without a word may be days of a month: they are numbers of sheets only if they run from 1 and the report date is none of them.
    """
    found = [NUMBER.fullmatch(bare(name)) for name in names]
    if not all(found) or len({bare(name) for name in names}) < len(names):
        return False
    numbers = [int(one["number"]) for one in found if one and not one["word"] and one["number"].isdecimal()]
    return not numbers or (sorted(numbers) == list(range(1, len(names) + 1)) and (day is None or day.day not in numbers))


def values_in_name(name: str, table: Table, code_lists: Mapping[str, CodeList]) -> dict[str, str]:
    """The values that a sheet's name gives to the columns which take them from it (`Column.from_sheet_name`).

    Returns:
        Column → the Chinese name of the code; no column of which the name says no value, or several.
    """
    found: dict[str, str] = {}
    for column in table.columns:
        if not column.from_sheet_name or column.code_list is None or EXCEPT.search(fold(name)):
            continue
        codes = code_lists[column.code_list]
        said = set(_codes_in(bare(name), codes.spellings))
        if len(said) == 1:
            found[column.name] = codes.name_of(said.pop())
    return found


def _codes_in(name: str, spellings: Mapping[str, str]) -> Iterable[str]:
    """The codes that a name says: as a whole, or by words of two Chinese characters or more."""
    if name in spellings:
        return [spellings[name]]
    return (code for spelling, code in spellings.items() if len(spelling) > 1 and not spelling.isascii() and spelling in name)
