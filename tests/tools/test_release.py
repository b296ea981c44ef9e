"""A release: what it has to have, and that its notes name every figure that changed, with the reason."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fugong import __version__
from fugong.core.settings import PROJECT
from tools.release import __main__ as release
from tools.release import changelog, figures

TEXT = """# 更新记录 | What changed

## 0.2.0, 2026-12-01

### 报送部门 | Departments

- 无。| Nothing.

### 分析人员 | Analysts

- S041 counts deferrals,
  too ([how](docs/reading.md)).

### 工程师 | Engineers

- `S0410` is no figure.

## 0.1.0, 2026-11-30

### 报送部门 | Departments

- First version.
"""
SECTION = changelog.sections(TEXT)[0]
MOMENT = "2020-03-18"


def kept(version: str, figures_: dict[str, str], parts: dict[str, str]) -> figures.Release:
    values = {
        name: {"value": value, "numerator": None, "denominator": None, "display": f"{value} 万元"}
        for name, value in figures_.items()
    }
    made_of = {"S041": ["fact.tax_relief", "figure S041"], "S042": ["figure S042"]}
    return figures.Release(version, "a" * 40, "0015", parts, made_of, dict.fromkeys(figures_, "名"), {MOMENT: values})


PARTS = {"engine": "1", "sample": "1", "fact.tax_relief": "1", "figure S041": "1", "figure S042": "1"}
LAST = kept("0.1.0", {"S041": "1", "S042": "5"}, PARTS)


# The changelog


def test_the_changelog_has_a_part_for_each_audience_and_names_the_version_under_way() -> None:
    newest = changelog.sections((PROJECT / "CHANGELOG.md").read_text("utf-8"))[0]
    assert newest.version == __version__.removesuffix(".dev0")
    assert [fault for fault in newest.faults() if "unreleased" not in fault] == []
    assert (newest.released is None) == __version__.endswith(".dev0")
    assert len(newest.text) > 10_000


def test_a_section_says_what_it_lacks() -> None:
    new, old = changelog.sections(TEXT)
    assert (new.version, new.released, new.faults()) == ("0.2.0", date(2026, 12, 1), [])
    assert old.faults() == [f"缺“{one}” | it lacks the part {one}" for one in changelog.AUDIENCES[1:]]
    (unreleased,) = changelog.sections("## 0.3.0, 未发布 | unreleased\n\n### Everybody\n\nx\n")
    assert len(unreleased.faults()) == 5
    assert changelog.lines_naming(new, "S041") == ["S041 counts deferrals, too ([how](docs/reading.md))."]


# Changed figures


def test_a_changed_figure_is_listed_with_what_it_is_made_of_and_the_reason() -> None:
    after = kept("0.2.0", {"S041": "2", "S042": "5"}, PARTS | {"fact.tax_relief": "2", "engine": "2"})
    (changed,) = figures.compare(LAST, after)
    assert changed == figures.Changed("S041", "名", {MOMENT: ("1 万元", "2 万元")}, ["fact.tax_relief"])
    page = release.notes(after, SECTION, LAST)
    assert (
        "| S041 名 | 2020-03-18 | 1 万元 | 2 万元 | `fact.tax_relief` | S041 counts deferrals, too ([how](../docs/reading.md)). |"
        in page
    )
    assert release.unexplained([changed], SECTION) == []


def test_a_changed_figure_that_the_changelog_does_not_name_is_unexplained() -> None:
    after = kept("0.2.0", {"S041": "1", "S042": "6", "S043": "7"}, PARTS | {"engine": "2"})
    changed = figures.compare(LAST, after)
    assert [(one.id, one.parts) for one in changed] == [("S042", ["engine"]), ("S043", ["engine"])]
    assert release.unexplained(changed, SECTION) == changed
    assert "| S043 名 | 2020-03-18 | — | 7 万元 | `engine` | **?** |" in release.notes(after, SECTION, LAST)


def test_where_nothing_changed_the_notes_say_so() -> None:
    assert figures.compare(LAST, replace(LAST, version="0.2.0")) == []
    assert "Every figure of the sample district is what it was in 0.1.0." in release.notes(LAST, SECTION, LAST)
    assert "No release was kept before" in release.notes(LAST, SECTION, None)


def test_what_is_kept_can_be_read_again_line_by_line(tmp_path: Path) -> None:
    file = figures.write(LAST, tmp_path)
    assert figures.read(file) == LAST
    assert (
        '   "S041": {"value": "1", "numerator": null, "denominator": null, "display": "1 万元"},'
        in file.read_text("utf-8").splitlines()
    )
    figures.write(replace(LAST, version="0.1.0.dev0"), tmp_path)
    figures.write(replace(LAST, version="0.10.0"), tmp_path)
    before = release.before("0.2.0", tmp_path)
    assert before is not None and before.version == "0.1.0"
    assert release.before("0.1.0.dev0", tmp_path) is None


def test_a_figure_s_parts_change_with_the_files_that_it_is_made_of_and_no_others(tmp_path: Path) -> None:
    for folder in ("include", "expectations"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("samples", "__pycache__"))
    (tmp_path / "plugins/fugong/marts").mkdir(parents=True)
    before, made_of = figures.parts_of(tmp_path)
    assert {"figure S041", "mart.tax_relief_flow", "fact.tax_relief", "report.tax_relief"} <= set(made_of["S041"])
    assert "report.loan" not in made_of["S041"]

    def changed(name: str, text: str) -> set[str]:
        file = tmp_path / name
        old = file.read_bytes() if file.exists() else None
        file.write_bytes((old or b"") + text.encode())
        now, _ = figures.parts_of(tmp_path)
        file.unlink() if old is None else file.write_bytes(old)
        return {part for part in now.keys() | before.keys() if now.get(part) != before.get(part)}

    assert changed("include/sql/facts/tax_relief.sql", "\n-- only a comment\n") == set()
    assert changed("expectations/loan.json", "\n") == {"report.loan"}
    assert changed("include/reference/policy_param.csv", "\n") == {"ref.policy_param"}
    assert changed("plugins/fugong/marts/new.py", "") == {"engine"}


def test_the_figures_that_counting_begins_with_are_there() -> None:
    releases = [figures.read(file) for file in sorted(figures.RELEASES.glob("*.json"))]
    assert "0.1.0.dev0" in {one.version for one in releases}
    for one in releases:
        assert tuple(one.figures) == figures.MOMENTS
        assert {len(values) for values in one.figures.values()} == {len(one.names)}
        assert len(one.names) > 100


# What a release has to have


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that lacks nothing for 0.2.0."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "CHANGELOG.md").write_text(TEXT, "utf-8")
    (folder / "docker-compose.yaml").write_text("  image: fugong:0.2.0\n")
    (folder / release.DUMPS).mkdir(parents=True)
    newest = release.revision.revisions()[-1]
    for name in {"0015", newest}:
        (folder / release.DUMPS / f"{name}.sql.xz").write_bytes(b"")
    monkeypatch.setattr(release, "__version__", "0.2.0")
    monkeypatch.setattr(release.deprecation, "COMMANDS", ())
    monkeypatch.setattr(release.deprecation, "VARIABLES", ())
    monkeypatch.setattr(figures, "parts_of", lambda _: (PARTS, {}))
    after = replace(kept("0.2.0", {"S041": "2", "S042": "5"}, PARTS), revision=newest)
    for one in (LAST, after):
        figures.write(one, folder / "releases")
    (folder / "releases/0.2.0.md").write_text(release.notes(after, SECTION, LAST), "utf-8")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "one")


def faults(project: Path, version: str = "0.2.0") -> dict[str, list[str]]:
    return {one.what.partition(" | ")[2]: one.faults for one in release.checks(version, project) if one.faults}


def test_a_release_that_has_everything_has_no_fault(project: Path) -> None:
    assert faults(project) == {}


def untracked(project: Path) -> None:
    (project / "new").write_text("")


def tagged(project: Path) -> None:
    git(project, "tag", "v0.2.0")


def overtaken(project: Path) -> None:
    git(project, "tag", "v0.10.0")


def other_image(project: Path) -> None:
    (project / "docker-compose.yaml").write_text("  image: fugong:0.1.0\n")
    commit(project)


def no_section(project: Path) -> None:
    (project / "CHANGELOG.md").write_text(TEXT.replace("## 0.2.0, 2026-12-01", "## 0.2.0, 未发布 | unreleased"), "utf-8")
    commit(project)


def reason_gone(project: Path) -> None:
    (project / "CHANGELOG.md").write_text(TEXT.replace("S041 counts", "It counts"), "utf-8")
    commit(project)


def other_program(project: Path) -> None:
    figures.write(kept("0.2.0", {"S041": "2", "S042": "5"}, PARTS | {"engine": "0"}), project / "releases")
    commit(project)


def dump_gone(project: Path) -> None:
    (project / release.DUMPS / "0015.sql.xz").unlink()
    commit(project)


def not_counted(project: Path) -> None:
    (project / "releases/0.2.0.json").unlink()
    commit(project)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (untracked, {"everything is committed": "files: ?? new"}),
        (tagged, {"the version": "there is a tag v0.2.0 already"}),
        (overtaken, {"the version": "older than 0.10.0"}),
        (other_image, {"the version": "its image is 0.1.0"}),
        (no_section, {"the changelog": "it still says unreleased"}),
        (reason_gone, {"the sample district's figures": "the changelog does not say why these figures changed: S041"}),
        (other_program, {"the sample district's figures": "it is not of this program"}),
        (not_counted, {"the sample district's figures": "run make release-notes first"}),
        (dump_gone, {"dumps of warehouses": "the dump of 0.1.0 is missing"}),
    ],
)
def test_what_a_release_lacks_is_named(project: Path, spoil: Any, told: dict[str, str]) -> None:
    spoil(project)
    found = faults(project)
    for what, sentence in told.items():
        assert sentence in " ".join(found[what])


@pytest.mark.parametrize("version", ["0.2.0.dev0", "0.2", "v0.2.0", "0.2.0rc1", "0.2.0+x", "two"])
def test_only_three_numbers_are_a_release(project: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(release._version_faults(version, project))
    assert any("should be three numbers" in one or "is no version" in one for one in found)


def test_an_old_name_whose_time_is_over_keeps_a_release_back(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = release.deprecation.Deprecation("fugong house", "fugong maintenance", "0.2.0")
    monkeypatch.setattr(release.deprecation, "COMMANDS", (gone,))
    assert "fugong house" in faults(project)["old names"][0]
    monkeypatch.setattr(release.deprecation, "COMMANDS", (replace(gone, until="0.3.0"),))
    assert faults(project) == {}
