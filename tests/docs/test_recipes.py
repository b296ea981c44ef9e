"""The recipes of the documents do what they say: their files are written and their commands run in a copy of the project."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fugong.cli.app import app
from fugong.core.settings import PROJECT
from tests.docs.recipes import CommandBlock, FileBlock, blocks
from tests.fixtures.databases import copy_database

RECIPES = ("add_a_report", "add_a_mart", "add_a_figure", "add_a_check")
"""In this order: each goes on with what the one before has made."""


def test_each_recipe_works_from_its_page_alone(
    empty_warehouse: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, template = empty_warehouse
    copy_database(home, "empty", "recipes")
    project = tmp_path / "project"
    for folder in ("include", "expectations"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("FUGONG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FUGONG_DISTRICT", str(project))
    monkeypatch.setenv("FUGONG_WAREHOUSE", template.rpartition("/")[0] + "/recipes")
    monkeypatch.setenv("COLUMNS", "200")
    for recipe in RECIPES:
        done = list(blocks(PROJECT / f"docs/recipes/{recipe}.md"))
        assert {type(block) for block in done} == {FileBlock, CommandBlock}, recipe
        for block in done:
            if isinstance(block, FileBlock):
                block.write(project, tmp_path / "home")
            else:
                printed = [run(command, tmp_path / "home", project) for command in block.commands][-1]
                for line in block.printed:
                    assert flat(line) in flat(printed), f"{recipe}: {block.commands[-1]}"


def run(command: str, home: Path, project: Path) -> str:
    """What a command prints. Ours run in this process: starting Python costs more than most of them. `check` finds a row to return."""
    if not command.startswith("fugong "):
        return subprocess.run(["bash", "-euc", command], cwd=project, check=True, capture_output=True, text=True).stdout
    words = [word.replace("$FUGONG_HOME", str(home)) for word in shlex.split(command)[1:]]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == int(words[0] == "check"), f"{command}: {result.output}"
    return result.output


def flat(text: str) -> str:
    """Text with single blanks."""
    return " ".join(text.split())


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_has_the_same_files_and_commands_in_chinese(recipe: str) -> None:
    def told(folder: str) -> list[object]:
        return [
            (block.name, block.text)
            if isinstance(block, FileBlock)
            else [line.removesuffix(" --lang en") for line in block.commands]
            for block in blocks(PROJECT / folder / f"{recipe}.md")
        ]

    assert told("docs/zh/recipes") == told("docs/recipes")
