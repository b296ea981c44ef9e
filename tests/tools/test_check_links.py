"""The dead-link checker finds what is dead, and only that."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.check_links import anchors, dead_links, main


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
