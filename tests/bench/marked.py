"""Sections of the docs that measurements write: each between its two marks."""

from __future__ import annotations

from pathlib import Path

from fugong.core.settings import PROJECT

PAGES = {"en": PROJECT / "docs" / "benchmarks.md", "zh": PROJECT / "docs" / "zh" / "benchmarks.md"}


def write_section(page: Path, name: str, content: str) -> None:
    """Put `content` in the place of what stands between the marks of `name`.

    Raises:
        SystemExit: the page has no such marks.
    """
    begin, end = f"<!-- {name}: written by make bench -->", f"<!-- end of {name} -->"
    before, mark, rest = page.read_text(encoding="utf-8").partition(begin)
    if not mark or end not in rest:
        raise SystemExit(f"{page} has no section between “{begin}” and “{end}”: nothing was written.")
    page.write_text(f"{before}{begin}\n\n{content}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")
