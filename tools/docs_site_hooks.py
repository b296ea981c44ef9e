"""What MkDocs does not know of this project: pages made from contracts, SQL files and figures, links to files, Chinese words to search by.

Named by `hooks` in mkdocs.yml; MkDocs calls the functions `on_…`.
"""

from __future__ import annotations

import json
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "plugins"))

from mkdocs.structure.files import File  # noqa: E402

from fugong.core.settings import Settings  # noqa: E402
from fugong.documentation import dictionary, star_schema  # noqa: E402
from fugong.marts.model import Check  # noqa: E402
from fugong.marts.sql_files import load_sql_files  # noqa: E402

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from fugong.marts.model import SqlFile

LAYERS = {
    "facts": (
        "Facts",
        "明细",
        "Views that clean, join and classify the lines of reports. They keep the part, sheet and line of each row.",
    ),
    "marts": ("Marts", "汇总", "Tables that sum columns of facts by keys."),
    "checks": ("Checks", "核对", "Rules of agreement between reports. A SELECT yields the rows that break the rule."),
    "questions": ("Questions", "问题", "Questions that analysts ask; `fugong ask N` answers them."),
}
COPIED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "README.zh-CN.md": "zh/index.md",
    "docs/decisions": "decisions.md",
    "include/samples/README.md": "samples.md",
}
"""What the site shows elsewhere: path in the project → page of the site."""
FENCE = re.compile(r"(^```.*?^```\s*?$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)(\))")
HAN = re.compile(r"[\u3400-\u9fff]+")
MAX_WORD, MAX_WORD_OF_PROSE = 8, 4
"""Characters of the longest Chinese word to search by: of names, and of what stands between two punctuation marks in a page."""
WIDE = "---\nhide: [toc]\n---\n\n"
"""Front matter of pages that are one wide table."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, text in generated(Settings.load()).items():
        if known := files.get_file_from_path(path):
            files.remove(known)
        files.append(File.generated(config, path, content=text))
    return files


def generated(settings: Settings) -> dict[str, str]:
    """Path below docs/ → Markdown."""
    include = settings.include
    found = dictionary.describe(include)
    pages = {
        "data_dictionary.md": dictionary.markdown(include, "en"),
        "zh/data_dictionary.md": dictionary.markdown(include, "zh"),
        "figures.md": WIDE + "\n".join(_figures(found["figures"])),
        "samples.md": (include / "samples/README.md").read_text(encoding="utf-8"),
        "decisions.md": "\n".join(_decisions(PROJECT / "docs/decisions")),
        "images/star_schema.svg": star_schema.svg(include),
    }
    for name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        pages[COPIED[name]] = (PROJECT / name).read_text(encoding="utf-8")
    relations = {one["name"]: one for kind in ("facts", "marts") for one in found[kind]}
    sql = load_sql_files(include / "sql")
    declared: dict[Path, SqlFile] = {file.file: file for file in (*sql.facts, *sql.marts, *sql.checks)}
    for layer in LAYERS:
        listed = sorted((include / "sql" / layer).glob("*.sql"))
        pages[f"sql/{layer}.md"] = WIDE + "\n".join(_layer(layer, listed, relations, declared, found["questions"]))
        for file in listed:
            pages[f"sql/{layer}/{file.stem}.md"] = WIDE + "\n".join(_sql_page(layer, file, relations, declared.get(file)))
    return pages


def _figures(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "# Figures 指标\n"
    yield (
        "Every number that the briefing can print, and the mart column that it reads. `fugong figure ID --as-of D` shows one with its "
        "coverage, warnings and reasons; `fugong trace ID --as-of D` lists the lines behind it. The grammar: [figure](reference/figure.md).\n"
    )
    yield from dictionary.grid(
        ("id", "指标", "figure", "unit", "from"),
        ((one["id"], one["name_zh"], one["name"], one["unit"], _linked(one["from"])) for one in figures),
    )


def _linked(text: str) -> str:
    """Names of marts and facts as links to their pages, as seen from a page at the top."""
    return re.sub(r"\b(mart|fact)\.([a-z_]+)", lambda name: f"[{name[0]}](sql/{name[1]}s/{name[2]}.md)", text)


def _layer(
    layer: str,
    files: Sequence[Path],
    relations: Mapping[str, Mapping[str, Any]],
    declared: Mapping[Path, SqlFile],
    questions: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    title, title_zh, what = LAYERS[layer]
    yield f"# {title} {title_zh}\n"
    yield f"{what} The grammar of the header: [SQL header](../reference/sql-header.md).\n"
    if layer == "facts":
        yield "![Reports, facts, marts](../images/star_schema.svg)\n"
    if layer in ("facts", "marts"):
        rows = [(file, relations[f"{layer[:-1]}.{file.stem}"]) for file in files]
        yield from dictionary.grid(
            ("name", "grain", "reads"),
            ((f"[{one['name']}]({layer}/{file.stem}.md)", one["grain"], ", ".join(one["reads"])) for file, one in rows),
        )
    elif layer == "questions":
        by_number = {one["number"]: one for one in questions}
        rows = [(file, by_number[int(file.stem.partition("_")[0])]) for file in files]
        yield from dictionary.grid(
            ("number", "question", "问题", "role"),
            ((f"[{one['number']}]({layer}/{file.stem}.md)", one["en"], one["zh"], one["role"]) for file, one in rows),
        )
    else:
        checks = [(file, one) for file in files if isinstance(one := declared[file], Check)]
        yield from dictionary.grid(
            ("check", "severity", "说明", "what follows"),
            (
                (f"[{_check_title(file)}]({layer}/{file.stem}.md)", one.severity, one.message.zh, one.message.en)
                for file, one in checks
            ),
        )


def _check_title(file: Path) -> str:
    number, _, words = file.stem.partition("_")
    return f"{number.upper()} {words.replace('_', ' ')}"


def _sql_page(layer: str, file: Path, relations: Mapping[str, Mapping[str, Any]], declared: SqlFile | None) -> Iterator[str]:
    relation = relations.get(f"{layer[:-1]}.{file.stem}")
    yield f"# {relation['name'] if relation else _check_title(file)}\n"
    yield f"[{LAYERS[layer][0]} {LAYERS[layer][1]}](../{layer}.md)\n"
    if declared and declared.description:
        yield f"{declared.description}\n"
    if isinstance(declared, Check):
        yield f"**{declared.severity}** {declared.message.zh} | {declared.message.en}\n"
    if relation:
        yield f"{relation['grain'][:1].upper()}{relation['grain'][1:]}.\n"
        links = [re.sub(r"^(mart|fact)\.([a-z_]+)$", r"[\1.\2](../\1s/\2.md)", name) for name in relation["reads"]]
        yield f"Reads {', '.join(links)}.\n"
        yield from dictionary.grid(
            ("column", "含义", "meaning", "sums"), ((one["name"], one["zh"], one["en"], one["of"]) for one in relation["columns"])
        )
    yield f"`include/sql/{layer}/{file.name}`:\n"
    yield f"```sql\n{file.read_text(encoding='utf-8').rstrip()}\n```\n"


def _decisions(folder: Path) -> Iterator[str]:
    yield "# Decisions\n"
    yield "What binds other changes: the situation, the choice, and what was given up.\n"
    for file in sorted(folder.glob("*.md")):
        title = file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        yield f"- [{file.name[:4]}](decisions/{file.name}) {title}"


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Links that leave docs/ lead to the page of the site that shows the file; where there is none, the file's path is printed."""
    source = page.file.src_uri
    folder = posixpath.dirname("docs/" + source)
    if source in ("changelog.md", "contributing.md"):
        folder = ""
    elif source == "samples.md":
        folder = "include/samples"

    def replaced(link: re.Match[str]) -> str:
        before, target, after = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        path, _, fragment = target.partition("#")
        there = posixpath.normpath(posixpath.join(folder, path))
        inside = COPIED.get(there) or _page_of(there)
        if inside is None:
            return f"`{there}`"
        relative = posixpath.relpath(inside, posixpath.dirname(source) or ".")
        return f"{before}{relative}{'#' + fragment if fragment else ''}{after}"

    parts = FENCE.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(replaced, part) for part in parts)


def _page_of(path: str) -> str | None:
    """The page below docs/ that shows a file of the project."""
    if found := re.fullmatch(r"include/sql/(\w+)/(\w+)\.sql", path):
        return f"sql/{found[1]}/{found[2]}.md" if found[1] in LAYERS else None
    return path.removeprefix("docs/") if path.startswith("docs/") and "." in posixpath.basename(path) else None


def on_post_build(config: MkDocsConfig) -> None:
    """Cut Chinese text of the search index into words; the search box cuts what is typed by the words of the index."""
    index = Path(config.site_dir) / "search/search_index.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    words = vocabulary(Settings.load())
    for entry in content["docs"]:
        for field in ("title", "text"):
            entry[field] = HAN.sub(lambda run: "\u200b" + "\u200b".join(cut(run[0], words)) + "\u200b", entry[field])
    index.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def vocabulary(settings: Settings) -> frozenset[str]:
    """Chinese words to search by: names of reports, columns and figures, and short runs of the Chinese pages."""
    found = dictionary.describe(settings.include)
    texts = [one["name_zh"] for one in found["figures"]]
    for report in found["reports"]:
        texts += [report["name"], *(column["header"] for table in report["tables"] for column in table["columns"])]
    for kind in ("facts", "marts"):
        texts += [column["zh"] for one in found[kind] for column in one["columns"]]
    pages = [PROJECT / "README.zh-CN.md", *sorted((PROJECT / "docs/zh").rglob("*.md"))]
    prose = [file.read_text(encoding="utf-8") for file in pages]
    return frozenset(run for text in texts for run in HAN.findall(text) if 2 <= len(run) <= MAX_WORD) | frozenset(
        run for text in prose for run in HAN.findall(text) if 2 <= len(run) <= MAX_WORD_OF_PROSE
    )


def cut(run: str, words: frozenset[str]) -> Iterator[str]:
    """The longest known words from the left; what no word begins with is a word of one character."""
    at = 0
    while at < len(run):
        size = next((size for size in range(min(MAX_WORD, len(run) - at), 1, -1) if run[at : at + size] in words), 1)
        yield run[at : at + size]
        at += size
