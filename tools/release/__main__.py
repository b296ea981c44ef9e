"""`make release-notes VERSION=…` and `make release VERSION=…`: what a release has to have, and what it says about changed figures.

`notes` computes the sample district's figures, keeps them in `releases/VERSION.json`, compares them with the release before and writes
`releases/VERSION.md`. `check` sees that everything a release needs is there and committed; `tag` does the same and makes the tag.
How, step by step: docs/releases.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "plugins")]

from fugong import __version__  # noqa: E402
from fugong.core import deprecation  # noqa: E402
from fugong.core.errors import NotFoundError  # noqa: E402
from fugong.warehouse import revision  # noqa: E402
from tools.release import changelog, figures  # noqa: E402

DUMPS = Path("tests/migrations/dumps")


@dataclass(frozen=True)
class Checked:
    """Something that a release has to have, and what is wrong with it; nothing where it is there."""

    what: str
    faults: list[str]


def git(*words: str, project: Path = PROJECT) -> str:
    """What git prints."""
    return subprocess.run(["git", *words], cwd=project, check=True, capture_output=True, text=True).stdout.strip()


def before(version: str, folder: Path) -> figures.Release | None:
    """The newest release that is older than this one; None where none was kept."""
    kept = {Version(file.stem): file for file in folder.glob("*.json")}
    older = [one for one in kept if one < Version(version)]
    return figures.read(kept[max(older)]) if older else None


# Release notes


def notes(after: figures.Release, section: changelog.Section, last: figures.Release | None) -> str:
    """The page of a release: the changed figures, and what the changelog says."""
    lines = [f"# Fugong {after.version}", "", "## 变化的数字 | Changed figures", ""]
    if last is None:
        lines += ["之前没有留存的版本可比。 | No release was kept before this one."]
    elif changed := figures.compare(last, after):
        lines += [
            f"样例区的指标,与 {last.version} 相比。 | Figures of the sample district, compared with {last.version}.",
            "",
            "| 指标 figure | 截至 as of | 之前 before | 现在 now | 哪里变了 what changed | 为什么 why |",
            "| --- | --- | --- | --- | --- | --- |",
            *_rows(changed, section),
        ]
    else:
        lines += [
            f"样例区的指标与 {last.version} 完全相同。 | Every figure of the sample district is what it was in {last.version}."
        ]
    for audience in changelog.AUDIENCES:
        lines += ["", f"## {audience}", "", changelog.seen_from_below(section.parts.get(audience, ""))]
    return "\n".join(lines) + "\n"


def _rows(changed: Sequence[figures.Changed], section: changelog.Section) -> Iterator[str]:
    for one in changed:
        why = " ".join(changelog.seen_from_below(line) for line in changelog.lines_naming(section, one.id)) or "**?**"
        for n, (moment, (old, new)) in enumerate((one.moments or {"": ("", "")}).items()):
            first = (f"{one.id} {one.name_zh}", ", ".join(f"`{part}`" for part in one.parts), why) if n == 0 else ("", "", "")
            cells = (first[0], moment, old or "—", new or "—", first[1], first[2])
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def unexplained(changed: Sequence[figures.Changed], section: changelog.Section) -> list[figures.Changed]:
    """The figures that changed and that the changelog does not name."""
    return [one for one in changed if not changelog.lines_naming(section, one.id)]


def write_notes(version: str) -> int:
    """Compute, keep, compare and write; 1 if a changed figure is not named in the changelog."""
    section = changelog.section_of(PROJECT / "CHANGELOG.md", version)
    print("计算样例区的指标(几分钟)| computing the sample district's figures (some minutes)", flush=True)
    after, last = figures.record(version), before(version, figures.RELEASES)
    figures.write(after)
    page = figures.RELEASES / f"{version}.md"
    page.write_text(notes(after, section, last), "utf-8")
    changed = figures.compare(last, after) if last else []
    print(f"✓ {page.relative_to(PROJECT)}: {len(changed)} 个指标变了 | figures changed")
    if lacking := unexplained(changed, section):
        for one in lacking:
            moment, (old, new) = next(iter(one.moments.items()), ("", ("", "")))
            print(f"  {one.id} {one.name_zh}  {moment}: {old or '—'} → {new or '—'}  ({', '.join(one.parts)})", file=sys.stderr)
        print(
            f"✗ CHANGELOG.md 的 {version} 一节没有说明以上 {len(lacking)} 个指标为什么变(按编号,如 S041)"
            " | CHANGELOG.md does not say why these figures changed (name each by its id)",
            file=sys.stderr,
        )
    return 1 if lacking else 0


# What a release has to have


def checks(version: str, project: Path = PROJECT) -> Iterator[Checked]:
    """Everything that a release has to have, one after the other."""
    yield Checked("版本号 | the version", list(_version_faults(version, project)))
    dirty = git("status", "--porcelain", project=project).splitlines()
    yield Checked("都已提交 | everything is committed", [f"{len(dirty)} 个文件 | files: {dirty[0].strip()} …"] if dirty else [])
    try:
        section = changelog.section_of(project / "CHANGELOG.md", version)
        faults = section.faults()
    except NotFoundError as error:
        section, faults = None, [str(error)]
    yield Checked("更新记录 | the changelog", faults)
    yield Checked("样例区的指标 | the sample district's figures", list(_figure_faults(version, project, section)))
    yield Checked("上一版仓库的备份 | dumps of warehouses", list(_dump_faults(version, project)))
    late = [one for one in (*deprecation.COMMANDS, *deprecation.VARIABLES) if Version(one.until) <= Version(version)]
    yield Checked("旧名称 | old names", [f"{one.old}: 说好 {one.until} 去掉 | was to go in {one.until}" for one in late])


def _version_faults(version: str, project: Path) -> Iterator[str]:
    try:
        wanted = Version(version)
    except InvalidVersion:
        yield f"{version} 不是版本号,例如 0.2.0 | {version} is no version; one is 0.2.0"
        return
    if str(wanted) != version or wanted.is_prerelease or wanted.is_devrelease or wanted.local or len(wanted.release) != 3:
        yield f"{version}: 应为三个数字,例如 0.2.0 | should be three numbers, such as 0.2.0"
    if __version__ != version:
        yield f"plugins/fugong/__init__.py 是 {__version__} | it says {__version__}"
    images = set(re.findall(r"image: fugong:(\S+)", (project / "docker-compose.yaml").read_text("utf-8")))
    if images != {version}:
        yield f"docker-compose.yaml 的镜像是 | its image is {', '.join(sorted(images)) or '—'}"
    tags = [
        Version(tag[1:]) for tag in git("tag", "--list", "v*", project=project).split() if re.fullmatch(r"v\d+\.\d+\.\d+", tag)
    ]
    if wanted in tags:
        yield f"标签 v{version} 已经有了 | there is a tag v{version} already"
    elif tags and wanted < max(tags):
        yield f"比已发布的 {max(tags)} 旧 | older than {max(tags)}, which is released"


def _figure_faults(version: str, project: Path, section: changelog.Section | None) -> Iterator[str]:
    folder = project / "releases"
    kept, page = folder / f"{version}.json", folder / f"{version}.md"
    if not kept.exists():
        yield f"缺 releases/{version}.json,请先 make release-notes VERSION={version} | run make release-notes first"
        return
    after, last = figures.read(kept), before(version, folder)
    parts, _ = figures.parts_of(project)
    if different := sorted(part for part in parts if after.parts.get(part) != parts[part]):
        yield f"releases/{version}.json 不是这个程序的:{', '.join(different[:5])} | it is not of this program; run make release-notes again"
    if section is None:
        return
    if not page.exists() or page.read_text("utf-8") != notes(after, section, last):
        yield f"releases/{version}.md 与更新记录不符,请再 make release-notes | the page is not what the changelog says; run make release-notes again"
    if last and (lacking := unexplained(figures.compare(last, after), section)):
        names = ", ".join(one.id for one in lacking)
        yield f"更新记录没有说明为什么变:{names} | the changelog does not say why these figures changed: {names}"


def _dump_faults(version: str, project: Path) -> Iterator[str]:
    newest = revision.revisions()[-1]
    for release in (figures.read(file) for file in sorted((project / "releases").glob("*.json"))):
        if not (project / DUMPS / f"{release.revision}.sql.xz").exists():
            yield f"缺 {release.version} 的 {release.revision}.sql.xz | the dump of {release.version} is missing"
        if release.version == version and release.revision != newest:
            yield f"releases/{version}.json 是修订 {release.revision} 的,最新 {newest} | it is of revision {release.revision}, the newest is {newest}"
    if not (project / DUMPS / f"{newest}.sql.xz").exists():
        yield f"缺 {newest}.sql.xz:python -m tests.migrations.dump | the dump of revision {newest} is missing"


def release(version: str, *, is_tagged: bool) -> int:
    """Check, and make the tag; 1 if something is missing."""
    is_ready = True
    for checked in checks(version):
        is_ready &= not checked.faults
        print(f"{'✗' if checked.faults else '✓'} {checked.what}", *(f"\n    {fault}" for fault in checked.faults), sep="")
    if not is_ready:
        print(f"✗ {version} 还不能发布:docs/releases.md | it cannot be released yet: docs/releases.md", file=sys.stderr)
        return 1
    if not is_tagged:
        return 0
    page = figures.RELEASES / f"{version}.md"
    subprocess.run(
        ["git", "tag", "--annotate", f"v{version}", "--cleanup=verbatim", "--file", str(page)], cwd=PROJECT, check=True
    )
    print(f"✓ 标签 v{version},还没有推送 | tag v{version}, not pushed yet: git push origin v{version}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make release", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("notes", "check", "tag"))
    parser.add_argument("version", nargs="?", default="", help="such as 0.2.0")
    given = parser.parse_args(arguments)
    if not given.version:
        parser.error(f"要给版本号 | a version is needed: make release VERSION=0.2.0 (this program: {__version__})")
    try:
        return write_notes(given.version) if given.what == "notes" else release(given.version, is_tagged=given.what == "tag")
    except (NotFoundError, figures.RecordError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
