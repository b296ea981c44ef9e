"""Draw the packages of the engine in layers, and write the table of packages, from pyproject.toml and the packages' docstrings.

With `--check` nothing is written, and it exits with 1 when one of them is out of date.

The docstring of a package's `__init__.py` has a first line `Name: what it does`, `In:` and `Out:`, and mostly `Read:` and `Owns:`.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import textwrap
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = Path("docs/architecture.md")
PICTURE = Path("docs/images/packages.svg")
BETWEEN = re.compile(r"(<!-- packages: .*? -->\n).*?(<!-- end of packages -->)", re.DOTALL)
WIDTH, MARGIN, GAP = 1040, 12, 10
SECTIONS = re.MULTILINE | re.DOTALL
LINE, CHARACTER = 15, 6.1
"""Height of a line and width of a character of small print."""


@dataclass(frozen=True)
class Package:
    """What the docstring of a package says."""

    name: str
    does: str
    takes: str
    gives: str
    read: str
    owns: str


def layers(project: Path) -> list[list[str]]:
    """The packages of each layer, the uppermost first."""
    contracts = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    found = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in found]


def package(project: Path, name: str) -> Package:
    """Read a package's docstring.

    Raises:
        ValueError: a line of it is missing.
    """
    file = project / "plugins/fugong" / name / "__init__.py"
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    first, _, rest = text.partition("\n")
    said = {
        word: " ".join(words.split()).removesuffix(".")
        for word, words in re.findall(
            r"\b(In|Out|Read|Owns):\s+(.+?)(?=\s\s+(?:In|Out):|^(?:In|Out|Read|Owns):|^\s*$|\Z)", rest, SECTIONS
        )
    }
    if ": " not in first or not said.keys() >= {"In", "Out"}:
        raise ValueError(f"{file}: the docstring needs a first line `Name: …` and a line `In: …     Out: …`")
    return Package(
        name,
        first.partition(": ")[2].removesuffix("."),
        said["In"],
        said["Out"],
        said.get("Read", ""),
        said.get("Owns", "nothing"),
    )


def table(rows: Sequence[Sequence[Package]]) -> str:
    """The packages as a Markdown table, the uppermost layer first."""
    lines = ["| package | does | in | out | owns | start reading |", "| --- | --- | --- | --- | --- | --- |"]
    for one in (one for row in rows for one in row):
        cells = (f"[`{one.name}`](../plugins/fugong/{one.name}/__init__.py)", one.does, one.takes, one.gives, one.owns, one.read)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def picture(rows: Sequence[Sequence[Package]]) -> str:
    """The layers as SVG."""
    left, out, y = 150, [], MARGIN
    for row in rows:
        width = (WIDTH - left - MARGIN - GAP * (len(row) - 1)) / len(row)
        said = [textwrap.wrap(one.does.replace("`", ""), int((width - 20) / CHARACTER)) for one in row]
        height = 30 + LINE * max(map(len, said))
        for place, (one, lines) in enumerate(zip(row, said, strict=True)):
            x = left + place * (width + GAP)
            fill, edge = {
                "intake": ("#fef3c7", "#b45309"),
                "figures": ("#dbeafe", "#1d4ed8"),
                "analysis": ("#dbeafe", "#1d4ed8"),
            }.get(one.name, ("#f8fafc", "#64748b"))
            out.append(
                f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{height}" rx="5" fill="{fill}" stroke="{edge}"/>'
                f'<text x="{x + 10:.0f}" y="{y + 19}" font-size="13" font-weight="600" fill="#0f172a">{one.name}</text>'
            )
            out += [
                f'<text x="{x + 10:.0f}" y="{y + 36 + LINE * number}" font-size="11" fill="#475569">{escape(line)}</text>'
                for number, line in enumerate(lines)
            ]
        y += height + GAP
    bottom = y - GAP
    middle = (MARGIN + bottom) / 2
    head = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + MARGIN}" width="{WIDTH}" height="{bottom + MARGIN}" \
font-family="system-ui, sans-serif" role="img" aria-label="The packages of the engine in layers">
<rect width="{WIDTH}" height="{bottom + MARGIN}" fill="#ffffff"/>
<path d="M60 {MARGIN + 8} L60 {bottom - 10}" stroke="#334155" stroke-width="2"/>
<path d="M54 {bottom - 12} L66 {bottom - 12} L60 {bottom} Z" fill="#334155"/>
<text x="72" y="{middle - 8:.0f}" font-size="12" fill="#334155">a layer</text>
<text x="72" y="{middle + 8:.0f}" font-size="12" fill="#334155">imports</text>
<text x="72" y="{middle + 24:.0f}" font-size="12" fill="#334155">downward</text>"""
    return "\n".join([head, *out, "</svg>"]) + "\n"


def pages(project: Path) -> dict[Path, str]:
    """The files that this writes, with their content."""
    rows = [[package(project, name) for name in layer] for layer in layers(project)]
    text = (project / PAGE).read_text(encoding="utf-8")
    written, n = BETWEEN.subn(lambda found: f"{found[1]}\n{table(rows)}\n{found[2]}", text)
    if n != 1:
        raise ValueError(f"{PAGE}: the marks around the table of packages are missing")
    return {PAGE: written, PICTURE: picture(rows)}


def main(arguments: Sequence[str] | None = None, project: Path = PROJECT) -> int:
    """Write the table and the picture, or say which is out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is out of date")
    asked = parser.parse_args(arguments)
    outdated = [
        (file, text)
        for file, text in pages(project).items()
        if not (project / file).exists() or (project / file).read_text(encoding="utf-8") != text
    ]
    for file, text in outdated:
        if asked.check:
            print(f"{file} is out of date; `make docs` writes it again.")
        else:
            (project / file).write_text(text, encoding="utf-8")
    return 1 if outdated and asked.check else 0


if __name__ == "__main__":
    sys.exit(main())
