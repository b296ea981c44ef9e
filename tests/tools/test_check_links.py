"""The dead-link checker finds what is dead, and only that."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.check_links import anchors, dead_links, dead_links_of_site, main


@pytest.fixture
def project(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "there.md").write_text("# One `word` here\n\n## 数据 契约\n\n## 数据 契约\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](there.md) [b](there.md#one-word-here) [c](there.md#数据-契约-1)", []),
        ('[a](https://example.org/gone) <a href="there.md">x</a> [b](#here)\n# Here', []),
        ("`[code](gone.md)`\n\n```\n[fenced](gone.md)\n```\n", []),
        ("[a](gone.md)", ["gone.md"]),
        ("[a](there.md#two)", ["there.md#two"]),
        ("[a]\n\n[a]: gone.md", ["gone.md"]),
        ('<img src="gone.png">', ["gone.png"]),
    ],
)
def test_dead_links_are_found_and_living_ones_are_not(project: Path, text: str, dead: list[str]) -> None:
    page = project / "page.md"
    page.write_text(text)
    assert [line.split(":")[0] for line in dead_links(page)] == dead
    assert main(project) == bool(dead)


def test_a_project_without_pages_is_a_fault(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert main(tmp_path) == 1


def test_anchors_are_made_as_code_hosts_make_them() -> None:
    assert anchors("# A [link](x.md), `code` & more\n") == {"a-link-code--more"}


def test_a_page_that_only_the_site_has_is_no_dead_link(project: Path) -> None:
    (project / "docs").mkdir()
    page = project / "docs/index.md"
    page.write_text("[a](figures.md) [b](sql/marts/loan_daily.md) [c](sql.md)")
    assert [line.split(":")[0] for line in dead_links(page, project)] == ["sql.md"]


@pytest.mark.parametrize(
    ("body", "dead"),
    [
        ('<a href="there.html#part">x</a> <a href="https://example.org">y</a> <img src="data:image/png;base64,AA==">', []),
        ('<a href="gone.html">x</a>', ["page.html: gone.html: there is no"]),
        ('<a href="there.html#other">x</a>', ["page.html: there.html#other: there.html has no anchor of that name"]),
        ('<script src="https://example.org/x.js"></script>', ["page.html: fetches https://example.org/x.js"]),
        ('<link rel="stylesheet" href="//example.org/x.css">', ["page.html: fetches //example.org/x.css"]),
    ],
)
def test_links_of_the_built_site_are_checked_and_nothing_may_come_from_elsewhere(
    tmp_path: Path, body: str, dead: list[str]
) -> None:
    (tmp_path / "there.html").write_text('<h2 id="part">Part</h2>')
    (tmp_path / "page.html").write_text(body)
    n_read, found = dead_links_of_site(tmp_path)
    assert n_read == 2
    assert [line[: len(wanted)] for line, wanted in zip(found, dead, strict=True)] == dead
    assert main(arguments=["--site", str(tmp_path)]) == bool(dead)
