"""`fugong --version` says which commit runs: in a checkout, an archive and a wheel, and honestly where nobody knows."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fugong import __version__
from fugong.core import build
from fugong.core.settings import PROJECT

PLACEHOLDER = "$Format:%H %cs$\n"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the engine's head, the files that say the version, and a README."""
    folder = tmp_path / "checkout"
    (folder / "plugins/fugong/core").mkdir(parents=True)
    for name in ("__init__.py", "core/build.py", "commit.txt"):
        shutil.copy2(PROJECT / "plugins/fugong" / name, folder / "plugins/fugong" / name)
    for name in (".gitattributes", "pyproject.toml", "README.md", "LICENSE", "tools/hatch_build.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy2(PROJECT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    return folder


def test_a_checkout_knows_its_commit_and_what_is_not_committed(checkout: Path) -> None:
    engine = checkout / "plugins/fugong"
    assert (engine / "commit.txt").read_text("utf-8") == PLACEHOLDER
    commit, day = git(checkout, "log", "-1", "--format=%H %cs").split()
    assert build.this_build(engine) == build.Build(__version__, commit, day, False)
    (checkout / "README.md").write_text("another word", "utf-8")
    assert not build.this_build(engine).is_dirty, "a page is no other program"
    (engine / "new.py").write_text("", "utf-8")
    assert build.this_build(engine) == build.Build(__version__, commit, day, True)
    assert str(build.this_build(engine)) == (
        f"fugong {__version__}\n提交 | commit {commit[:12]}, {day},另有未提交的改动 | with uncommitted changes"
    )


def test_an_archive_carries_its_commit(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "archive", "--output", str(tmp_path / "a.zip"), "HEAD")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    commit, day = git(checkout, "log", "-1", "--format=%H %cs").split()
    assert build.this_build(tmp_path / "unpacked/plugins/fugong") == build.Build(__version__, commit, day, False)


def test_a_wheel_carries_its_commit_also_one_made_of_an_archive(checkout: Path, tmp_path: Path) -> None:
    (checkout / "plugins/fugong/new.py").write_text("", "utf-8")
    commit, day = git(checkout, "log", "-1", "--format=%H %cs").split()
    assert _commit_in_wheel(checkout, tmp_path) == f"{commit} {day} dirty\n"
    shutil.rmtree(checkout / ".git")
    (checkout / "plugins/fugong/commit.txt").write_text(f"{'a' * 40} 2026-01-01\n", "utf-8")
    assert _commit_in_wheel(checkout, tmp_path) == f"{'a' * 40} 2026-01-01\n"


def _commit_in_wheel(checkout: Path, folder: Path) -> str:
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=checkout, check=True, capture_output=True, text=True)
    name = done.stdout.split()[-1]
    assert name == f"fugong-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(folder / name) as wheel:
        assert "fugong/core/build.py" in wheel.namelist()
        return wheel.read("fugong/commit.txt").decode()


def test_without_git_and_without_a_note_the_commit_is_unknown(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = checkout / "plugins/fugong"
    monkeypatch.setenv("PATH", "/nowhere")
    assert build.this_build(engine).commit == ""
    monkeypatch.undo()
    shutil.rmtree(checkout / ".git")
    assert str(build.this_build(engine)) == (
        f"fugong {__version__}\n提交不明:制作时没有写明,也问不到 Git | commit unknown: none was written down, and no Git says it"
    )


def test_the_command_says_it() -> None:
    done = subprocess.run([sys.executable, "-m", "fugong", "--version"], check=True, capture_output=True, text=True)
    first, second = done.stdout.splitlines()
    assert first == f"fugong {__version__}"
    assert second.startswith(("提交 | commit ", "提交不明"))
