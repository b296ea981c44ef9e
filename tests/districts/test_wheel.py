"""The wheel alone: installed without the project, it lays a district and runs every command that the district's README shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT
from fugong.warehouse.embedded import server as embedded

ENGINE = PROJECT / "plugins" / "fugong"
PAGES = ("README.md", "README.zh-CN.md")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `pip` would build it."""
    into = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    [built] = into.glob("*.whl")
    return built


@dataclass(frozen=True)
class Program:
    """The installed program, in an environment that knows nothing of the project."""

    bin: Path
    environment: dict[str, str]

    def run(self, command: str, folder: Path) -> str:
        """What a command line prints.

        Raises:
            AssertionError: it fails.
        """
        done = subprocess.run(
            ["bash", "-euc", command], cwd=folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """An environment of its own: the wheel, and the packages of others that are installed here."""
    venv = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), *install], check=True)
    [packages] = venv.glob("lib/python*/site-packages")
    others = {str(Path(path)) for path in sys.path if path.endswith("site-packages")}
    assert others
    (packages / "others.pth").write_text("\n".join(sorted(others)), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FUGONG_", "PYTHON", "AIRFLOW"))}
    return Program(venv / "bin", kept | {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8"})


@pytest.fixture(scope="module")
def district(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new district, laid by the installed program."""
    above = tmp_path_factory.mktemp("districts")
    program.run("fugong new district ours", above)
    yield above / "ours"
    embedded.remove(above / "ours" / "var")


def test_the_wheel_holds_the_whole_engine_and_nothing_else(wheel: Path) -> None:
    there = {
        path.relative_to(ENGINE.parent).as_posix()
        for path in ENGINE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"fugong/cli/app.py", "fugong/schemas/contract.schema.json", "fugong/skeleton/gitignore"} < there
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {name for name in held if not re.match(r"fugong-[\w.]+\.dist-info/", name)} == there


def test_the_program_that_runs_is_the_installed_one(program: Program, tmp_path: Path) -> None:
    place = program.run("python -c 'import fugong; print(fugong.__file__)'", tmp_path).strip()
    assert Path(place).is_relative_to(program.bin.parent)


def test_outside_of_a_district_the_program_says_what_to_do(program: Program, tmp_path: Path) -> None:
    done = subprocess.run(["fugong", "init"], cwd=tmp_path, env=program.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "fugong new district DIR" in " ".join(done.stderr.split())


def commands(page: Path) -> list[str]:
    """The command lines that a page shows, without their remarks."""
    [block] = re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [line.partition("  #")[0].strip() for line in block.splitlines()]


def test_every_command_of_the_new_district_does_what_its_readme_says(program: Program, district: Path) -> None:
    shown = commands(district / PAGES[0])
    assert [line.split()[1] for line in shown if line.startswith("fugong ")] == [
        "init", "check", "ingest", "figures", "trace", "briefing",
    ]  # fmt: skip
    assert commands(district / PAGES[1]) == shown
    printed = {line.split()[1]: program.run(line, district) for line in shown}

    assert "没有退回的行" in printed["check"]
    [receipt] = (district / "var" / "outbox" / "EXAMPLE").glob("*.json")
    assert json.loads(receipt.read_text(encoding="utf-8"))["state"] == "accepted"
    [figure, _] = json.loads(program.run("fugong figures --as-of 2025-01-06 --json", district))
    assert (figure["id"], figure["value"], figure["coverage"]) == ("E001", 3, 1)
    lines = json.loads(program.run("fugong trace E001 --as-of 2025-01-06 --json", district))
    assert [line["row_number"] for line in lines] == [4, 6, 7]
    assert zipfile.is_zipfile(district / "briefing.docx")
    program.run("fugong briefing --as-of 2025-01-06 -o briefing.html", district)
    assert "当日营业的商户共" in (district / "briefing.html").read_text(encoding="utf-8")
    assert "E01" in program.run("fugong dictionary --lang en", district)
    program.run("fugong template E01 -o template.xlsx", district)


def test_a_folder_that_holds_something_is_left_alone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "mine.txt").write_text("mine", encoding="utf-8")
    for folder in ("ours", "ours/mine.txt"):
        done = subprocess.run(
            ["fugong", "new", "district", folder],
            cwd=tmp_path,
            env=program.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "not an empty folder" in " ".join(done.stderr.split())
    assert [path.name for path in (tmp_path / "ours").iterdir()] == ["mine.txt"]
