"""CHANGELOG.md: a section per release, and in it a part per audience."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from fugong.core.errors import NotFoundError

AUDIENCES = ("报送部门 | Departments", "分析人员 | Analysts", "工程师 | Engineers")
HEAD = re.compile(r"^## (?P<version>\S+), (?P<when>未发布 \| unreleased|\d{4}-\d{2}-\d{2})$", re.MULTILINE)
PART = re.compile(r"^### (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)]+)\)")


@dataclass(frozen=True)
class Section:
    """What one release says.

    Attributes:
        released: the day; None while it is not released.
        parts: audience → its text.
    """

    version: str
    released: date | None
    parts: dict[str, str] = field(repr=False)

    @property
    def text(self) -> str:
        """Everything that is said to anybody."""
        return "\n".join(self.parts.values())

    def faults(self) -> list[str]:
        """What keeps it from being released."""
        found = [f"缺“{one}” | it lacks the part {one}" for one in AUDIENCES if not self.parts.get(one, "").strip()]
        found += [f"没有这种读者:{one} | there is no such audience: {one}" for one in self.parts if one not in AUDIENCES]
        if self.released is None:
            found.append("还写着“未发布” | it still says unreleased")
        return found


def sections(text: str) -> list[Section]:
    """The releases of a changelog, the newest first."""
    heads = list(HEAD.finditer(text))
    found: list[Section] = []
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() : following.start() if following else None]
        named = list(PART.finditer(body))
        parts = {
            one[1]: body[one.end() : after.start() if after else None].strip()
            for one, after in zip(named, [*named[1:], None], strict=True)
        }
        day = None if head["when"].startswith("未发布") else date.fromisoformat(head["when"])
        found.append(Section(head["version"], day, parts))
    return found


def section_of(file: Path, version: str) -> Section:
    """What a changelog says about a release.

    Raises:
        NotFoundError: nothing.
    """
    found = sections(file.read_text("utf-8"))
    for section in found:
        if section.version == version:
            return section
    there = "、".join(one.version for one in found)
    raise NotFoundError(f"{file.name} 没有 {version} 这一节,有 {there} | {file.name} has no section {version}; it has {there}")


def lines_naming(section: Section, name: str) -> list[str]:
    """The entries that name a figure by its id, each in one line."""
    entries = re.split(r"\n\n|\n(?=- |#)", section.text)
    return [" ".join(entry.split()).removeprefix("- ") for entry in entries if re.search(rf"\b{re.escape(name)}\b", entry)]


def seen_from_below(text: str) -> str:
    """The text with its links as a page one folder below has to write them."""
    return LINK.sub(lambda found: f"](../{found[1]})", text)
