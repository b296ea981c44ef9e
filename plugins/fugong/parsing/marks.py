"""Reads what a file's name or a title declares about its version: V*n* (`version_marks`), 更正, 作废, 确认.

A name may say anything beside the mark. A title declares only if nothing is left of it without report, sender, date and mark: a sentence
that uses the word commands nothing. A word that is not taken is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from fugong.contracts.contract import Contract
from fugong.parsing.version_marks import versions

WORD = re.compile("更正|作废|确认")
VOID_AND_AGAIN = re.compile("作废[后并和]?(?:重新?|再次?)(?:上报|报送|填报|报|填|传)")
"""What was sent before is void and this file is in its place: 作废重报 corrects."""
SPOKEN_AGAINST = re.compile(
    "未|不|待|如|若|(?<!申)请|无(?!误)|非|勿|莫|否|须|需(?!求)|没|别|拟|原|旧|前|此前|上[次期一版份]|昨|被|取消|撤[销回]"
)
"""What before the word turns it into a request, a condition or its contrary, or speaks of another file: 未经确认, 如需更正, 原表作废."""
NO_MARK_BEHIND = re.compile("前|以|中|说明|申请|通知|情况|原因|书|函|与否|吗|人|时|单位|事项")
"""What behind the word makes it the name of something else: 更正说明, 确认函, 作废前."""
REACH = 8
"""Characters before the word in which a word of `SPOKEN_AGAINST` is looked for."""
_TIME = "第?[一二三四五六七八九十两]次"
_WHOLE = f"已|全部|全表|整表|整份|本[表日]|此表|该表|再次|重新|最新|最终|核[实对]|无误|经核实|{_TIME}|数据|报表|[日周月旬年快]报|台账|统计表|汇总表|明细表|表"
BEFORE = {"更正": re.compile(""), "作废": re.compile(rf"(?:^|\|)(?:{_WHOLE})*$"), "确认": re.compile(rf"(?:^|\|)(?:{_WHOLE})*$")}
"""What may stand before the word in its run of Chinese characters: a report, a sender, and words for the whole of it. 收入确认 names a thing."""
_AGAIN = f"版|稿|后|的|了|完毕|完|并|和|上报|报送|重报|再报|重新|报|{_TIME}|[一二三四五六七八九]"
BEHIND = {
    "更正": re.compile(rf"^(?:{_AGAIN}|件|数据|报表|[日周月旬年快]报|台账|统计表|汇总表|明细表|表|文件)*(?:\||$)"),
    "作废": re.compile(rf"^(?:{_AGAIN}|件|报表|[日周月旬年快]报|表|文件)*(?:\||$)"),
    "确认": re.compile(rf"^(?:{_AGAIN}|无误|件)*(?:\||$)"),
}
"""The same behind the word: 更正版, 确认无误; but 作废凭证, 更正申报, 确认名单 name things."""
OF_REPORT = re.compile("报|表|台账")
"""In the name of a report; a department's word without it may name the things in the report: 作废账单."""
ABOUT = re.compile("说明|通知|清单|对比|函件|公告")
"""What a name says where the file tells of a mark instead of setting it."""
SENTENCE = re.compile(r"[,,。;;!?]|^\s*(注|备注|说明|填表说明|填报说明|要求)\s*[::\d]|说明[::]")
DATE = re.compile(
    r"(20\d{2}\s*[年.\-/_]\s*)?\d{1,2}\s*[月.\-/_]\s*\d{1,2}\s*[日号]?|20\d{6}|20\d{2}\s*年(\s*\d{1,2}\s*月份?)?|"
    r"[〇○零一二三四五六七八九十]+年[一二三四五六七八九十]+月[一二三四五六七八九十]+[日号]"
)
PLACE = re.compile(r"[一-龥]{1,10}?(?:省|市|区|县|镇|街道|局|委员会|委|办公室|办|公司|中心)")
TITLE_WORDS = re.compile(
    "统计日期|报告日期|数据日期|日期|截至|填报单位|报送单位|单位|附件|附表|台账|日报|周报|月报|旬报|快报|报表|统计表|汇总表|明细表|明细|情况|统计|"
    "汇总|数据|全区|版本|重报|补报|第[一二三四五六七八九十\\d]+[次版稿]|[表版件稿后已次的]|[A-Z]{2,6}|\\d"
)


@dataclass(frozen=True)
class Marks:
    """What a file name or title declares about its version.

    Attributes:
        version: n of V*n*; None without one. V1 declares nothing.
        not_taken: names and titles with a word that looks like a mark and declares nothing where it stands.
        not_numbered: what may be meant as a version and is none: 修订版, `_2`, V1.1. Empty where something else declares that the file replaces.
    """

    version: int | None = None
    is_correction: bool = False
    is_withdrawal: bool = False
    is_confirmed: bool = False
    not_taken: tuple[str, ...] = field(default=(), compare=False)
    not_numbered: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_replacement(self) -> bool:
        """Whether it declares that the file replaces an earlier one."""
        return self.is_correction or (self.version or 1) > 1


def title_words(contracts: Iterable[Contract], departments: Iterable[str]) -> tuple[str, ...]:
    """The words that may stand in a title beside date and mark: of the reports and of the senders, longest first."""
    reports = [
        word
        for contract in contracts
        for word in (
            contract.report,
            contract.name,
            *contract.file_names,
            *(name for table in contract.tables for name in (table.title, *table.sheets)),
        )
    ]
    # Two of the same length may overlap (重点项目, 项目台账), so which comes first is no matter of chance.
    return tuple(sorted({_plain(word) for word in (*reports, *departments)} - {""}, key=lambda word: (-len(word), word)))


def marks(names: Iterable[str], titles: Iterable[str] = (), words: Sequence[str] = ()) -> Marks:
    """What names and titles declare together.

    Args:
        names: names of files, without their suffix.
        titles: lines above the table; cells of one line are parted by two blanks.
        words: of `title_words`.
    """
    numbers: list[int] = []
    taken: set[str] = set()
    left: list[str] = []
    not_numbered: list[str] = []

    def part(text: str) -> str:
        return _parted(text, words).replace("/", "|")

    for name in names:
        plain = VOID_AND_AGAIN.sub("更正", _plain(name))
        version = versions(plain, part)
        numbers += version.read
        not_numbered += version.not_read
        declared = _declared(plain, words)
        taken |= declared
        if set(WORD.findall(plain)) - declared:
            left.append(name)
    for cell in (cell for title in titles for cell in title.split("  ")):
        plain = VOID_AND_AGAIN.sub("更正", _plain(cell))
        found = set(WORD.findall(plain))
        version = versions(plain, part)
        if not found and not version.read and not version.not_read:
            continue
        declared = _declared(plain, words)
        if _is_title(version.rest, words) and declared == found:
            numbers += version.read
            not_numbered += version.not_read
            taken |= declared
        elif found and not SENTENCE.search(plain):
            left.append(cell)
    is_declared = max(numbers, default=1) > 1 or bool(taken & {"更正", "作废"})
    return Marks(
        version=max(numbers) if numbers else None,
        is_correction="更正" in taken,
        is_withdrawal="作废" in taken,
        is_confirmed="确认" in taken,
        not_taken=tuple(dict.fromkeys(left)),
        not_numbered=() if is_declared else tuple(dict.fromkeys(not_numbered)),
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().strip()


def _declared(plain: str, words: Sequence[str]) -> set[str]:
    """The words that are marks where they stand. A word with its contrary elsewhere in the text is none."""
    taken: set[str] = set()
    against: set[str] = set()
    parted = _parted(plain, words)
    for found in WORD.finditer(parted):
        before = re.split(r"[^一-龥 ]", parted[: found.start()])[-1][-REACH:]
        is_mark = not SPOKEN_AGAINST.search(before) and not NO_MARK_BEHIND.match(parted, found.end())
        is_mark = is_mark and _stands_alone(parted, found) and not ABOUT.search(parted)
        (taken if is_mark else against).add(found.group())
    return taken - against


def _parted(plain: str, words: Sequence[str]) -> str:
    """A text with `|` for each date, report and code of a department, and `/` for its name: its word may name the things in the report."""
    parted = DATE.sub("|", plain)
    for word, sign in _signs(tuple(words)):
        parted = parted.replace(word, sign)
    return parted


@lru_cache(maxsize=16)
def _signs(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What stands for each word in a text."""
    return tuple((word, "|" if word.isascii() or OF_REPORT.search(word) else "/") for word in words)


def _stands_alone(parted: str, found: re.Match[str]) -> bool:
    """Whether the characters around a word say nothing but what is marked, and as the how-manieth time."""
    before = WORD.sub("|", PLACE.sub("|", re.split(r"[^一-龥|/]", parted[: found.start()])[-1].replace("/", "|")))
    behind = WORD.sub("|", re.split(r"[^一-龥|/]", parted[found.end() :])[0])
    return bool(BEFORE[found.group()].search(before) and BEHIND[found.group()].search(behind))


def _is_title(plain: str, words: Sequence[str]) -> bool:
    """Whether a text consists of report, sender, date and mark, and names report or date."""
    rest = DATE.sub("|", WORD.sub("", plain))
    has_subject = "|" in rest
    for word in words:
        has_subject = has_subject or word in rest
        rest = rest.replace(word, "|")
    rest = PLACE.sub("", TITLE_WORDS.sub("", rest))
    return has_subject and not any(character.isalnum() for character in rest)
