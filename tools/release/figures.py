"""The sample district's figures of a release: computed by the commands, kept in `releases/VERSION.json`, compared with those of the release before.

Beside every figure stands what it is made of (its definition, marts, facts, reports, reference data), each with a digest. So two releases tell not
only which figures changed, but also in which files the reason has to be.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fugong.core.build import this_build
from fugong.figures.definition import Definition, cells_behind, load_definitions, parameters_of
from fugong.figures.term import FigureSum
from fugong.marts.model import Fact, SqlFiles
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse import revision

PROJECT = Path(__file__).resolve().parents[2]
RELEASES = PROJECT / "releases"
MOMENTS = ("2020-02-20", "2020-03-12", "2020-03-18", "2020-03-18 known at 2020-03-18T12:00")
KEPT = ("value", "numerator", "denominator", "display")
COMPARED = ("value", "numerator", "denominator")
ENGINE = "engine"
SAMPLE = "sample"
"""Parts of every figure: the program itself, and the files that the sample district's departments send."""


class RecordError(Exception):
    """A command that computes the figures failed. The sentence is what it said."""


Figures = dict[str, dict[str, dict[str, Any]]]
"""Moment → figure → what is kept of it."""


@dataclass(frozen=True)
class Release:
    """What is kept of a release.

    Attributes:
        revision: of its warehouse; `tests/migrations/dumps` holds one.
        parts: what figures are made of → digest.
        made_of: figure → the parts that it is made of, besides the engine and the sample.
        names: figure → its Chinese name.
    """

    version: str
    commit: str
    revision: str
    parts: dict[str, str]
    made_of: dict[str, list[str]]
    names: dict[str, str]
    figures: Figures


@dataclass(frozen=True)
class Changed:
    """A figure that comes out differently.

    Attributes:
        moments: where it does → before and after, as printed; "" where there is none.
        parts: what it is made of and what is not the same.
    """

    id: str
    name_zh: str
    moments: dict[str, tuple[str, str]]
    parts: list[str]


# What a figure is made of


def _digest(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


def parts_of(project: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The digest of everything that figures are made of, and what each figure is made of."""
    include = project / "include"
    definitions, files = load_definitions(include), load_sql_files(include / "sql")
    parts = {ENGINE: engine_digest(project)}
    parts |= {f"figure {one.id}": _digest(_source(one)) for one in definitions.values()}
    parts |= {file.relation: _digest(file.bare.encode()) for file in (*files.facts, *files.marts)}
    parts |= dict(_reports(project)) | {
        f"ref.{file.stem}": _digest(file.read_bytes()) for file in sorted((include / "reference").glob("*.csv"))
    }
    made_of = {
        one.id: sorted(part for part in set(_made_of(definitions, one, files)) if part in parts) for one in definitions.values()
    }
    return parts, made_of


def _source(definition: Definition) -> bytes:
    content: Any = definition.source.document.content
    for step in definition.source.position:
        content = content[step]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()


def _made_of(definitions: Mapping[str, Definition], definition: Definition, files: SqlFiles) -> Iterator[str]:
    yield f"figure {definition.id}"
    for term in definition.terms.values():
        for _, name in term.signed if isinstance(term, FigureSum) else ():
            yield from _made_of(definitions, definitions[name], files)
    if any(parameters_of(definitions, definition)):
        yield "ref.policy_param"
    marts = {mart.name: mart for mart in files.marts}
    for cells in cells_behind(definitions, definition):
        mart = marts[cells.mart]
        yield mart.relation
        yield from _read_by(mart.reads, {fact.relation: fact for fact in files.facts})


def _read_by(relations: Iterable[str], facts: Mapping[str, Fact]) -> Iterator[str]:
    for relation in relations:
        yield relation.replace("asof.", "report.", 1)
        if relation in facts:
            yield from _read_by(facts[relation].reads, facts)


def _reports(project: Path) -> Iterator[tuple[str, str]]:
    """Each report table with the digest of its contract and its suite."""
    for file in sorted((project / "include/contracts").glob("*.yaml")):
        for table in yaml.safe_load(file.read_text("utf-8"))["schema"]:
            suite = project / "expectations" / f"{table['name']}.json"
            yield f"report.{table['name']}", _digest(file.read_bytes(), suite.read_bytes() if suite.exists() else b"")


def engine_digest(project: Path) -> str:
    """The digest of the engine's code and SQL, without the commands and pages around it."""
    engine = project / "plugins" / "fugong"
    around = {"cli", "documentation", "skeleton", "messages", "configuration"}
    found = (
        file.relative_to(engine)
        for file in sorted(engine.rglob("*"))
        if file.suffix in {".py", ".sql"} and file.relative_to(engine).parts[0] not in around | {"__init__.py"}
    )
    return _digest(*(content for file in found for content in (file.as_posix().encode(), (engine / file).read_bytes())))


# The figures of this program


def record(version: str, project: Path = PROJECT) -> Release:
    """Compute the sample district's figures in a warehouse of their own, by the commands that everybody uses.

    Raises:
        RecordError: one of them failed.
    """
    with tempfile.TemporaryDirectory(prefix="fugong-release-") as folder:
        home = Path(folder) / "home"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FUGONG_")}
        environment |= {
            "FUGONG_HOME": str(home),
            "FUGONG_DISTRICT": str(project),
            "PYTHONPATH": str(project / "plugins"),
        }

        def fugong(*words: str | Path) -> str:
            command = [sys.executable, "-m", "fugong", *map(str, words)]
            done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
            if done.returncode:
                raise RecordError(f"fugong {' '.join(map(str, words))}: {done.stderr.strip()[-800:]}")
            return done.stdout

        try:
            fugong("init")
            fugong("sample", "--to", home / "inbox")
            sample = _digest(*_contents(home / "inbox"))
            fugong("ingest", "--history", home / "inbox" / "history.csv")
            figures: Figures = {}
            names: dict[str, str] = {}
            for moment in MOMENTS:
                day, _, known_at = moment.partition(" known at ")
                printed = json.loads(fugong("figures", "--as-of", day, *(["--known-at", known_at] if known_at else []), "--json"))
                names |= {one["id"]: one["name_zh"] for one in printed}
                figures[moment] = {one["id"]: {part: one[part] for part in KEPT} for one in printed}
        finally:
            fugong("warehouse", "stop")
    parts, made_of = parts_of(project)
    commit = this_build(project / "plugins" / "fugong").commit
    return Release(version, commit, revision.revisions()[-1], parts | {SAMPLE: sample}, made_of, names, figures)


def _contents(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix().encode()
            yield file.read_bytes()


# Kept in a file


def write(release: Release, folder: Path = RELEASES) -> Path:
    """Keep a release; one line per figure and part, so that a change of the file can be read."""
    lines = ["{"]
    for name in ("version", "commit", "revision"):
        lines.append(f" {_json(name)}: {_json(getattr(release, name))},")
    for name in ("parts", "made_of", "names"):
        lines += [f" {_json(name)}: {{", *_entries(getattr(release, name), 2), " },"]
    lines.append(' "figures": {')
    for n, (moment, figures) in enumerate(release.figures.items(), 1):
        lines += [f"  {_json(moment)}: {{", *_entries(figures, 3), "  }," if n < len(release.figures) else "  }"]
    folder.mkdir(exist_ok=True)
    file = folder / f"{release.version}.json"
    file.write_text("\n".join([*lines, " }", "}"]) + "\n", "utf-8")
    return file


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _entries(values: Mapping[str, Any], indent: int) -> Iterator[str]:
    for n, (key, value) in enumerate(values.items(), 1):
        yield f"{' ' * indent}{_json(key)}: {_json(value)}{',' if n < len(values) else ''}"


def read(file: Path) -> Release:
    """A release that was kept."""
    return Release(**json.loads(file.read_text("utf-8")))


# Compared


def compare(before: Release, after: Release) -> list[Changed]:
    """The figures that come out differently, and those that are new or gone, in the order of their ids."""
    found: list[Changed] = []
    for name in sorted(before.names.keys() | after.names.keys()):
        moments = {
            moment: (_display(old), _display(new))
            for moment in after.figures
            if moment in before.figures
            and _differ(old := before.figures[moment].get(name), new := after.figures[moment].get(name))
        }
        if moments or (name in before.names) != (name in after.names):
            found.append(Changed(name, after.names.get(name) or before.names[name], moments, _parts(before, after, name)))
    return found


def _differ(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    return (old and [old[part] for part in COMPARED]) != (new and [new[part] for part in COMPARED])


def _display(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return ""
    ratio = f" ({figure['numerator']} / {figure['denominator']})" if figure["denominator"] is not None else ""
    return f"{figure['display']}{ratio}"


def _parts(before: Release, after: Release, name: str) -> list[str]:
    made_of = {*before.made_of.get(name, ()), *after.made_of.get(name, ()), SAMPLE, ENGINE}
    different = [part for part in sorted(made_of) if before.parts.get(part) != after.parts.get(part)]
    # The engine changes in every release; it is the reason to look at only where nothing nearer is.
    return [part for part in different if part != ENGINE] or different
