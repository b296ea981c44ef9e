"""Find dead links in the project's Markdown: files and headings that are not there. Addresses on the web are not called.

A fragment (`#heading`) is compared with the headings of the page it points to, as code hosts make anchors of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

PROJECT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)|<(?:a|img)[^>]*(?:href|src)=\"([^\"]+)\"", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


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


def dead_links(page: Path) -> list[str]:
    """One sentence for each link of the page that leads nowhere."""
    text = CODE.sub("", FENCE.sub("", page.read_text(encoding="utf-8")))
    dead: list[str] = []
    for link in (next(part for part in parts if part) for parts in LINK.findall(text)):
        if ELSEWHERE.match(link):
            continue
        path, _, fragment = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            dead.append(f"{link}: there is no {target}")
        elif fragment and target.suffix == ".md" and fragment not in anchors(target.read_text(encoding="utf-8")):
            dead.append(f"{link}: {target.name} has no heading of that name")
    return dead


def main(project: Path = PROJECT) -> int:
    """Print dead links; exit 1 when there are any, or when there was no page to look at."""
    read = pages(project)
    dead = [f"{page.relative_to(project)}: {fault}" for page in read for fault in dead_links(page)]
    for line in dead:
        print(line)
    if not read:
        print("No Markdown page was found; something is wrong with the check.")
    return 1 if dead or not read else 0


if __name__ == "__main__":
    sys.exit(main())
