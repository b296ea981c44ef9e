"""Pollock, the benchmark of loading delimited text (Vitagliano et al., VLDB 2023): `fugong read` gets the bytes and nothing else.

The data are brought at run time: a checkout of the repository HPI-Information-Systems/Pollock, named by `FUGONG_POLLOCK`.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from fugong.reading.reader import Reader
from fugong.table_detection.read import as_rows, largest, read_tables, tables_of
from tests.bench.marked import PAGES, write_section
from tests.bench.pollock_measures import FAILED, NAMES, measures, simple_score, weighted_score

VARIABLE = "FUGONG_POLLOCK"
POLLUTED, SURVEY = "polluted_files", "survey_sample"
PUBLISHED = {
    "DuckDB 1.2, told the dialect": (9.961, 9.599),
    "Python csv 3.10.5": (9.721, 9.436),
    "CleverCSV 0.7.4": (9.193, 9.453),
    "DuckDB 1.2, automatic": (9.075, 8.439),
}
"""Simple and weighted score as published with the data, for comparison."""
PUBLISHED_SURVEY = {"OpenCSV 5.6, told the dialect": 9.015, "CleverCSV 0.7.4": 8.898, "Python csv 3.10.5": 8.340}

Measured = dict[str, Sequence[float]]
Load = Callable[[Path], list[list[str]]]


class NotLoaded(Exception):
    """A system refused a file, and why."""


@dataclass
class Run:
    """What one system made of every file."""

    files: Measured = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def checkout() -> Path:
    """Where the benchmark is.

    Raises:
        SystemExit: it is not there; the sentence says how to get it.
    """
    folder = Path(os.environ.get(VARIABLE, ""))
    if not os.environ.get(VARIABLE) or not (folder / POLLUTED / "csv").is_dir():
        raise SystemExit(
            f"Pollock's data are not here. Clone the GitHub repository HPI-Information-Systems/Pollock (about 1 GB, once) and say "
            f"where: {VARIABLE}=/path/to/Pollock make bench ARGS=pollock"
        )
    return folder


def rows_of(path: Path) -> list[list[str]]:
    """A clean file, as it is meant to be read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def run(folder: Path, load: Load) -> Run:
    """Load every file of a data set and measure what came of it; `load` raises `NotLoaded` to refuse."""
    found = Run()
    names = sorted(path.name for path in (folder / "csv").iterdir() if path.name.endswith(".csv"))  # not .CSV: as published
    for number, name in enumerate(names, 1):
        clean = folder / "clean" / name
        if not clean.is_file():
            print(f"  {name}: no clean version in this checkout, left out", file=sys.stderr)
            continue
        truth = rows_of(clean)
        began = time.perf_counter()
        try:
            loaded = load(folder / "csv" / name)
        except NotLoaded as refusal:
            found.seconds += time.perf_counter() - began
            found.refused[name] = str(refusal)
            found.files[name] = FAILED
        else:
            found.seconds += time.perf_counter() - began
            found.files[name] = measures(truth, loaded)
        if sys.stderr.isatty():
            print(f"\r  {number} of {len(names)}", end="", file=sys.stderr)
    return found


def by_fugong(reader: Reader, *, names_columns: bool = False) -> Load:
    """What `fugong read --csv` prints: the largest table, header first.

    Args:
        names_columns: a table without header gets `col_0`, `col_1`, … as the clean files of the survey have it.
    """

    def load(path: Path) -> list[list[str]]:
        with tempfile.TemporaryDirectory() as into:
            reading, sheets = read_tables(reader, path, Path(into))
            if reading.refused and reading.refused.code != "empty-file":
                raise NotLoaded(reading.refused.message_en)
            tables = tables_of(sheets)
            if not tables:
                return []
            table = largest(tables)
            rows = list(as_rows(table))
            if names_columns and not table.header:
                rows.insert(0, [f"col_{index}" for index in range(table.last_column - table.first_column + 1)])
            return rows

    return load


def by_python(path: Path) -> list[list[str]]:
    """Python's csv module as the published system uses it: told the encoding, the dialect from `csv.Sniffer`."""
    try:
        text = path.read_bytes().decode("ascii")
        dialect = csv.Sniffer().sniff(text)
        with path.open(encoding="ascii", newline="") as file:
            return list(csv.reader(file, dialect))
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotLoaded(str(error)) from error


def published_output(folder: Path) -> Load:
    """What a published system wrote, as it lies in the checkout."""

    def load(path: Path) -> list[list[str]]:
        written = folder / f"{path.name}_converted.csv"
        rows = rows_of(written) if written.is_file() else [["Application Error"]]
        if rows[:1] == [["Application Error"]]:
            raise NotLoaded("as published")
        return rows

    return load


def group_of(name: str) -> str:
    """The pollution, for files that repeat it in every row and column."""
    match = re.match(r"row_(?:less_sep|more_sep|extra_quote|field_delimiter)", name)
    return match[0] if match else name.removesuffix(".csv")


def table_of(rows: Sequence[Sequence[str]], *head: str) -> str:
    """Rows as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def section(polluted: Run, survey: Run, controls: Mapping[str, tuple[float, float]], weights: Mapping[str, float]) -> str:
    """The results as a section of `docs/benchmarks.md`."""
    scores = (simple_score(polluted.files), weighted_score(polluted.files, weights))
    systems = {"**`fugong read`, automatic**": scores, **controls, **{f"{name} (published)": s for name, s in PUBLISHED.items()}}
    groups: dict[str, list[str]] = defaultdict(list)
    for name in polluted.files:
        groups[group_of(name)].append(name)
    total = sum(weights[name] for name in polluted.files)
    losses = [
        (
            group,
            str(len(names)),
            f"{sum(weights[name] for name in names) / total:.2%}",
            f"{fmean(sum(polluted.files[name]) for name in names):.3f}",
        )
        for group, names in sorted(groups.items())
    ]
    refused = [*polluted.refused.items(), *survey.refused.items()]
    averages = [fmean(found[place] for found in polluted.files.values()) for place in range(len(NAMES))]
    real = {
        "**`fugong read`, automatic**": simple_score(survey.files) if survey.files else 0.0,
        **{f"{name} (published, 97 files)": score for name, score in PUBLISHED_SURVEY.items()},
    }
    refusals = f"Refused: {len(polluted.refused)} of {len(polluted.files)} polluted, {len(survey.refused)} of {len(survey.files)} real files."
    refusals += "".join(f"\n- `{name}`: {why}" for name, why in refused)
    spent = f"Time: {polluted.seconds:.0f} s for the polluted files, {survey.seconds:.0f} s for the real ones; a child process for each."
    return "\n\n".join(
        [
            table_of([(name, f"{s:.3f}", f"{w:.3f}") for name, (s, w) in systems.items()], "system", "simple", "weighted"),
            table_of([(name, f"{value:.4f}") for name, value in zip(NAMES, averages, strict=True)], "measure", "`fugong read`"),
            table_of(losses, "pollution", "files", "weight", "score of 10"),
            table_of([(name, f"{score:.3f}") for name, score in real.items()], f"{len(survey.files)} real files", "simple"),
            refusals,
            spent,
        ]
    )


def pollock() -> None:
    """Measure, print, and write the section into the docs."""
    folder = checkout()
    csv.field_size_limit(1 << 30)
    weights = json.loads((folder / "pollock_weights.json").read_text())
    controls: dict[str, tuple[float, float]] = {}
    python = run(folder / POLLUTED, by_python)
    controls["Python csv, run here as published"] = (simple_score(python.files), weighted_score(python.files, weights))
    written = folder / "results" / "pycsv" / POLLUTED / "loading"
    if written.is_dir():
        again = run(folder / POLLUTED, published_output(written))
        controls["Python csv, its published output measured here"] = (
            simple_score(again.files),
            weighted_score(again.files, weights),
        )
    with Reader() as reader:
        polluted = run(folder / POLLUTED, by_fugong(reader))
        survey = run(folder / SURVEY, by_fugong(reader, names_columns=True)) if (folder / SURVEY / "csv").is_dir() else Run()
    found = section(polluted, survey, controls, weights)
    print(found)
    write_section(PAGES["en"], "pollock", found)
