"""The links at the top of each page: those that a visitor may follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fugong.access.account import Role
from fugong.core.bilingual import Bilingual
from fugong.web import rights
from fugong.web.visitor import Visitor


@dataclass(frozen=True)
class Page:
    """A page that is linked from everywhere.

    Attributes:
        roles: who may see it; the first page that a visitor may see is theirs after the login.
    """

    path: str
    name: Bilingual
    roles: Sequence[Role]


PAGES = (
    Page("/department", Bilingual("报送", "Reports"), rights.DEPARTMENT),
    Page("/department/history", Bilingual("已报", "Sent"), rights.DEPARTMENT),
    Page("/department/templates", Bilingual("模板", "Templates"), rights.DEPARTMENT),
    Page("/board", Bilingual("看板", "Board"), rights.FIGURES),
    Page("/briefing", Bilingual("简报", "Briefing"), rights.FIGURES),
    Page("/compare", Bilingual("对比", "Compare"), rights.FIGURES),
    Page("/sign", Bilingual("签发", "Sign"), rights.PROPOSERS),
    Page("/marts", Bilingual("汇总表", "Marts"), rights.OPEN),
    Page("/questions", Bilingual("常问", "Questions"), rights.OPEN),
    Page("/texts", Bilingual("文稿核数", "Check a text"), rights.TEXTS),
    Page("/today", Bilingual("今日", "Today"), rights.TODAY),
)


def pages_of(visitor: Visitor) -> list[Page]:
    """The pages that a visitor may see."""
    return [page for page in PAGES if visitor.may(*page.roles)]


def first_page(visitor: Visitor) -> str:
    """Where a visitor goes after the login."""
    return next((page.path for page in pages_of(visitor)), "/account")


@dataclass(frozen=True)
class Link:
    """A link of a page, and whether the visitor is there."""

    path: str
    name: Bilingual
    is_here: bool


def links_of(visitor: Visitor, path: str) -> list[Link]:
    """The links of a visitor, on the page of this path."""
    found = pages_of(visitor)
    nearest = max((page.path for page in found if path == page.path or path.startswith(page.path + "/")), key=len, default="")
    return [Link(page.path, page.name, page.path == nearest) for page in found]
