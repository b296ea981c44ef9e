"""Find dead links in the project's Markdown: files and headings that are not there. Addresses on the web are not called.

A fragment (`#heading`) is compared with the headings of the page it points to, as code hosts make anchors of them.
With `--site DIR` the pages of the built docs site are checked instead, and nothing in them may be fetched from elsewhere.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

PROJECT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)|<(?:a|img)[^>]*(?:href|src)=\"([^\"]+)\"", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
ON_THE_SITE = re.compile(r"docs/(?:(?:zh/)?data_dictionary|figures|samples|changelog|contributing|decisions|sql/[a-z0-9_/]+)\.md")
"""Pages that exist on the docs site alone, made by tools/docs_site_hooks.py; building the site checks links to them."""


def pages(project: Path) -> list[Path]:
    """Every Markdown page that is or could be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(path for name in set(listed.split("\0")) if name and (path := project / name).exists())


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings; one that occurs again gets a number."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.replace("`", "")).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        again = 0
        while (name := f"{anchor}-{again}" if again else anchor) in found:
            again += 1
        found.add(name)
    return found


def dead_links(page: Path, project: Path = PROJECT) -> list[str]:
    """One sentence for each link of the page that leads nowhere."""
    text = CODE.sub("", FENCE.sub("", page.read_text(encoding="utf-8")))
    dead: list[str] = []
    for link in (next(part for part in parts if part) for parts in LINK.findall(text)):
        if ELSEWHERE.match(link):
            continue
        path, _, fragment = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if (
            not target.exists()
            and target.is_relative_to(project)
            and ON_THE_SITE.fullmatch(target.relative_to(project).as_posix())
        ):
            continue
        if not target.exists():
            dead.append(f"{link}: there is no {target}")
        elif fragment and target.suffix == ".md" and fragment not in anchors(target.read_text(encoding="utf-8")):
            dead.append(f"{link}: {target.name} has no heading of that name")
    return dead


class Html(HTMLParser):
    """The anchors of a page, the links that a reader may follow, and what the browser fetches by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the tag's links."""
        given = {name: value for name, value in attrs if value}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "link" and given.get("rel") in {"canonical", "alternate", "prev", "next"}:
            self.links += [given["href"]] if "href" in given else []
        elif tag == "link" and "href" in given:
            self.fetched.append(given["href"])
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given:
            self.fetched.append(given["src"])


def dead_links_of_site(site: Path) -> tuple[int, list[str]]:
    """How many pages were read, and one sentence for each link that leads nowhere or is fetched from elsewhere."""
    read = {file: Html(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    dead: list[str] = []
    for file, page in read.items():
        where = file.relative_to(site)
        dead += [f"{where}: fetches {link}" for link in page.fetched if ELSEWHERE.match(link) and not link.startswith("data:")]
        for link in (link for link in (*page.links, *page.fetched) if not ELSEWHERE.match(link)):
            path, _, fragment = unquote(link).partition("#")
            path = path.partition("?")[0]
            if file.name == "404.html":
                continue
            target = (file.parent / path).resolve() if path else file
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                dead.append(f"{where}: {link}: there is no {target}")
            elif fragment and target in read and not fragment.startswith("__") and fragment not in read[target].anchors:
                dead.append(f"{where}: {link}: {target.name} has no anchor of that name")
    return len(read), dead


def main(project: Path = PROJECT, arguments: Sequence[str] = ()) -> int:
    """Print dead links; exit 1 when there are any, or when there was no page to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, help="the folder of the built docs site")
    if site := parser.parse_args(arguments).site:
        n_read, dead = dead_links_of_site(site.resolve())
    else:
        read = pages(project)
        n_read = len(read)
        dead = [f"{page.relative_to(project)}: {fault}" for page in read for fault in dead_links(page, project)]
    for line in dead:
        print(line)
    if not n_read:
        print("No page was found; something is wrong with the check.")
    return 1 if dead or not n_read else 0


if __name__ == "__main__":
    sys.exit(main(arguments=sys.argv[1:]))
