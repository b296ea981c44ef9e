"""Writes a page on quality as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fugong.core.bilingual import Bilingual
from fugong.core.sanitize import markdown
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.quality.measure import Dimension, Page


def write(page: Page, lang: Lang) -> str:
    """The page in a language."""
    return "\n".join(_lines(page, lang)) + "\n"


def _lines(page: Page, lang: Lang) -> Iterator[str]:
    known_at = page.known_at.astimezone(SHANGHAI)
    heading = Bilingual(f"统计质量月报 {page.month.year}年{page.month.month}月", f"Quality of statistics, {page.month:%B %Y}")
    yield f"# {heading.text_in(lang)}"
    yield ""
    basis = Bilingual(
        f"统计日 {page.first} 至 {page.last},所知截至 {known_at:%Y-%m-%d %H:%M}。九个维度取自《国家统计质量保证框架(2021)》;没有量的照实写明。",
        f"Days {page.first} to {page.last}, as known at {known_at:%Y-%m-%d %H:%M}. The nine dimensions are those of the National Statistics Quality "
        "Assurance Framework (2021). What is not measured is named as such.",
    )
    yield basis.text_in(lang)
    for number, dimension in enumerate(page.dimensions, start=1):
        yield ""
        yield f"## {number}. {_name(dimension, lang)}"
        yield ""
        yield f"*{dimension.asks.text_in(lang)}*"
        yield ""
        heads = (Bilingual("量的是什么", "what is measured"), Bilingual("数", "number"), Bilingual("说明", "made of"))
        yield from _table(heads, [(one.name, one.value, one.note) for one in dimension.measures], lang)
        for table in dimension.tables:
            if table.rows:
                yield ""
                yield Bilingual(f"{table.title.zh}:", f"{table.title.en}:").text_in(lang)
                yield ""
                yield from _table(table.heads, table.rows, lang)
        yield ""
        unmeasured = Bilingual(";", "; ").text_in(lang).join(one.text_in(lang) for one in dimension.unmeasured)
        yield Bilingual(f"没有量的:{unmeasured}。", f"Not measured: {unmeasured[:1].lower()}{unmeasured[1:]}.").text_in(lang)


def _name(dimension: Dimension, lang: Lang) -> str:
    """The framework's own word stands beside the English one."""
    return dimension.name.zh if lang is Lang.ZH else f"{dimension.name.en} ({dimension.name.zh})"


def _table(heads: Sequence[Bilingual], rows: Sequence[Sequence[Bilingual | str]], lang: Lang) -> Iterator[str]:
    yield _row([one.text_in(lang) for one in heads])
    yield "| " + " | ".join(["---"] * len(heads)) + " |"
    for row in rows:
        yield _row([cell.text_in(lang) if isinstance(cell, Bilingual) else cell for cell in row])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown, cells)) + " |"
