"""Finds the version that a file's name or a title declares, in the spellings that clerks use: V2, V2.0, 第2版, 版本2, 第二稿.

What may be meant as a version and cannot be read as a number is told: 修订版, `_2`, V1.1. A number in brackets at the end is what programs add
to a second copy, and 最终版 puts no file behind another: neither is a version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

VERSION = re.compile(
    r"(?<![A-Z0-9])(?:V|VER|VERSION|REV)[\s._:]*(?P<n>\d{1,3})(?P<rest>(?:\.\d+)*)(?!\.?\d|[A-Z](?![A-Z])|[型款系代类])"
)
"""V2, but neither V2X nor V2型, which name things. In upper case, as NFKC makes it."""
_NUMBER = r"(?P<n>\d{1,2}|[一二三四五六七八九十])"
IN_WORDS = (
    re.compile(rf"第\s*{_NUMBER}\s*[版稿]"),
    re.compile(rf"版本[号\s:_]*{_NUMBER}(?P<rest>(?:\.\d+)*)(?![\d年月.])"),
    re.compile(rf"(?:修[订改正]|订正)[版稿]?[\s:_]*{_NUMBER}(?![\d年月.次])"),
    re.compile(r"(?<![第\d])(?P<n>\d|[二三四五六七八九])[版稿]"),
)
"""第2版, 版本号：2, 修订版2, 2版. They count where nothing but report, sender, date and other marks stands beside them."""
REVISED = re.compile(
    r"(?:第(?:\d{1,2}|[一二三四五六七八九十])次)?(?:修[订改正]|订正|改正|勘误|更新|调整|补正|重新?上?报送?|再次?上?报送?)(?:[版稿件后]|(?![^\s_\-|()]))|新版|改版|替换|取代|以此为准|撤[回销]|取消(?!作废)"
    r"|第(?:\d{1,2}|[二三四五六七八九十])次[报上填]报?送?|(?<![A-Z])(?:REVISED|UPDATED?|NEW)(?![A-Z])"
)
"""Says that the file takes the place of another, or that one is void, but neither 更正 nor 作废 nor a number."""
TRAILING = re.compile(r"(?<=[|A-Z/版])\s*[_\-]\s*0?[2-9]\s*$")
"""A number behind the report, its sender or its date: a version, a part of the report, or a copy."""
BEHIND_DIGITS = re.compile(r"(?<=\d{4})(?<!20\d\d)_0?[2-9]\s*$")
"""The same behind a day in bare digits: 0318_2."""
STANDS_ALONE = re.compile(r"[^一-龥]*(?:更正|作废|确认|[版稿件]|[日周月旬年快]报|台账|数据|报表|表|的|已)?[^一-龥]*")
CHINESE = {character: number for number, character in enumerate("一二三四五六七八九十", 1)}


@dataclass(frozen=True)
class Versions:
    """What a text declares about its version.

    Attributes:
        read: the numbers.
        not_read: what may be meant as a version and is none, as written.
        rest: the text without either.
    """

    read: tuple[int, ...]
    not_read: tuple[str, ...]
    rest: str


def versions(plain: str, parted: Callable[[str], str]) -> Versions:
    """The versions in a name or a title.

    Args:
        plain: NFKC in upper case.
        parted: puts `|` in the place of each report, sender and date.
    """
    read: list[int] = []
    not_read: list[str] = []

    def take(found: re.Match[str]) -> str:
        number, rest = found["n"], found.groupdict().get("rest") or ""
        n = CHINESE.get(number) or int(number)
        # V2.0 is V2, and V2.1 one of its kind; V1.1 may be the first file or the second.
        if not re.fullmatch(r"(?:\.\d)?", rest) or (n < 2 and rest not in ("", ".0")):
            not_read.append(found.group().strip())
        else:
            read.append(n)
        return "|"

    rest = parted(VERSION.sub(take, plain))
    for pattern in IN_WORDS:
        rest = pattern.sub(lambda found: take(found) if _stands_alone(found) else found.group(), rest)
    if not read:
        not_read += [found.group().strip() for found in REVISED.finditer(rest) if _stands_alone(found)]
        trailing = TRAILING.search(rest) or BEHIND_DIGITS.search(plain)
        not_read += [trailing.group().strip()] if trailing else []
    return Versions(tuple(read), tuple(not_read), REVISED.sub("|", rest))


def _stands_alone(found: re.Match[str]) -> bool:
    """Whether the run of Chinese characters around says nothing else: 行业分类第4版 names a thing."""
    before = re.split(r"[^一-龥]", found.string[: found.start()])[-1]
    behind = re.split(r"[^一-龥]", found.string[found.end() :])[0]
    return all(STANDS_ALONE.fullmatch(side) for side in (before, behind))
