"""What the pages name exists, and the Chinese pages keep up with the English ones."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT
from fugong.documentation import dictionary
from tools.check_links import ON_THE_SITE
from tools.docs_site_hooks import cut, generated

DOCS = PROJECT / "docs"
NAME = re.compile(r"`((?:[a-z_]+\.)+[A-Za-z_]+)`")
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_CHINESE = {
    "accounts.md",
    "airflow.md",
    "architecture.md",
    "audit.md",
    "benchmarks.md",
    "concepts.md",
    "corpus.md",
    "departments.md",
    "disclosure.md",
    "doubts.md",
    "evidence.md",
    "how_to_ask.md",
    "index.md",
    "configuration.md",
    "limits.md",
    "localisation.md",
    "mending.md",
    "messages.md",
    "naming.md",
    "offline.md",
    "proofs.md",
    "reading.md",
    "recipes/add_a_check.md",
    "recipes/a_city_of_districts.md",
    "recipes/add_a_figure.md",
    "recipes/add_a_mart.md",
    "recipes/add_a_report.md",
    "recipes/distribute_over_a_cluster.md",
    "reference/briefing.md",
    "reference/contract.md",
    "reference/doubts.md",
    "reference/figure.md",
    "reference/messages.md",
    "reference/quotas.md",
    "reference/rules.md",
    "reference/audit-words.md",
    "reference/sql-header.md",
    "reference/suite.md",
    "releases.md",
    "revisions.md",
    "security.md",
    "runbooks/a_department_corrects_last_week.md",
    "runbooks/a_file_holds_personal_data.md",
    "runbooks/a_mended_file_comes_back_rejected.md",
    "runbooks/a_report_did_not_come.md",
    "runbooks/a_rule_was_wrong.md",
    "runbooks/backup_and_restore.md",
    "runbooks/the_briefing_was_not_signed.md",
    "runbooks/the_nightly_check_failed.md",
    "runbooks/the_program_was_upgraded.md",
    "runbooks/the_server_was_killed.md",
    "runbooks/a_server_from_nothing.md",
    "runbooks/the_server_moves.md",
    "runbooks/a_password_was_changed.md",
    "runbooks/the_disk_is_full.md",
    "pages.md",
    "sftp_accounts.md",
    "tour.md",
}
"""Pages in both languages. `runbooks/airflow_does_not_start.md` holds both; decisions and benchmarks are English."""
CHINESE_ONLY = {"reference.md"}


@pytest.mark.parametrize("page", ["tour.md", "zh/tour.md", "architecture.md", "conventions.md", "naming.md"])
def test_modules_and_functions_that_a_page_names_exist(page: str) -> None:
    packages = {folder.name for folder in (PROJECT / "plugins/fugong").iterdir() if (folder / "__init__.py").exists()}
    relations = {one["name"] for one in dictionary.describe(PROJECT / "include")["tables"]}
    named = [name for name in NAME.findall((DOCS / page).read_text(encoding="utf-8")) if name.partition(".")[0] in packages]
    missing = [name for name in named if not (name in relations or exists(name) or ".".join(name.split(".")[:2]) in relations)]
    assert missing == []
    assert named or page == "naming.md"


def exists(name: str) -> bool:
    """Whether a dotted name below `fugong` is a module, or something in one."""
    parts = name.split(".")
    for n_module in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(["fugong", *parts[:n_module]]))
        except ModuleNotFoundError:
            continue
        for part in parts[n_module:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_a_name_that_has_moved_is_missed() -> None:
    assert exists("intake.collect.collect")
    assert not exists("intake.collect.gather")


def test_chinese_pages_are_those_that_are_listed() -> None:
    found = {path.relative_to(DOCS / "zh").as_posix() for path in (DOCS / "zh").rglob("*.md")}
    assert found == IN_CHINESE | CHINESE_ONLY


@pytest.mark.parametrize("page", sorted(IN_CHINESE))
def test_a_page_links_its_other_language_and_has_the_same_sql_and_commands(page: str) -> None:
    english, chinese = ((folder / page).read_text(encoding="utf-8") for folder in (DOCS, DOCS / "zh"))
    up = "../" * page.count("/")
    assert f"[中文]({up}zh/{page})" in english
    assert f"[English]({up}../{page})" in chinese
    assert runnable(chinese) == runnable(english)


def runnable(text: str) -> list[str]:
    """SQL and commands of a page; the language that a command is asked to speak makes no difference."""
    blocks = [body for language, body in FENCE.findall(text) if language in {"sql", "sh"}]
    return [
        re.sub(r" \[?--lang en\]?| *#.*", "", block).replace("文稿.txt", "briefing.txt").replace("时点", "TIME")
        for block in blocks
    ]


def test_pages_that_exist_on_the_site_alone_are_known_to_the_link_check(sample_settings: Path) -> None:
    from fugong.core.settings import Settings

    made = {f"docs/{name}" for name in generated(Settings(sample_settings, PROJECT, None)) if name.endswith(".md")}
    assert {name for name in made if not ON_THE_SITE.fullmatch(name)} == set()
    assert {"docs/figures.md", "docs/sql/marts.md", "docs/zh/data_dictionary.md"} <= made


@pytest.fixture
def sample_settings(tmp_path: Path) -> Path:
    """A home that nothing is written to."""
    return tmp_path


def test_chinese_is_cut_into_the_longest_known_words() -> None:
    words = frozenset({"复工", "复工率", "规上工业"})
    assert list(cut("规上工业复工率高", words)) == ["规上工业", "复工率", "高"]


@pytest.mark.parametrize("page", ["corpus.md", "zh/corpus.md"])
def test_every_folder_of_the_corpus_has_a_line_in_its_page(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    folders = {folder.name for folder in (PROJECT / "tests/corpus/files").iterdir() if folder.is_dir()}
    assert folders - set(re.findall(r"^\| `(\w+)` \|", text.partition("## ")[0], re.MULTILINE)) == set()
    assert len(folders) > 10


def test_reading_has_the_same_sections_and_lines_in_both_languages() -> None:
    english, chinese = ((DOCS / page).read_text(encoding="utf-8").split("\n## ")[1:] for page in ("reading.md", "zh/reading.md"))
    assert [section.count("\n|") for section in english] == [section.count("\n|") for section in chinese]
    assert [set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section)) for section in english] == [
        set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section)) for section in chinese
    ]
    assert len(english) >= 4
