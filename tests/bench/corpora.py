"""Files that other projects keep because they once broke a reader: each is read or refused with a reason.

They are not kept here. Clone what you want side by side and name the folder:

    mkdir corpora && cd corpora
    git clone --depth 1 https://github.com/apache/poi
    git clone --depth 1 https://github.com/SheetJS/test_files
    git clone --depth 1 https://github.com/tafia/calamine
    git clone --depth 1 https://github.com/frictionlessdata/frictionless-py
    git clone --depth 1 https://github.com/okfn/messytables
    FUGONG_CORPORA=$PWD make bench ARGS=corpora
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.intake.evaluate import evaluate
from fugong.validation.context import IntakeContext
from tests.fixtures.evaluations import accepted
from tests.fuzz.fuzzing import Watched

VARIABLE = "FUGONG_CORPORA"
MIB = 1 << 20
ARRIVED = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
OUTPUTS = frozenset({".csv", ".sheetnames", ".skip", ".sh", ".yml", ".yaml", ".md", ".gitignore"})


@dataclass(frozen=True)
class Corpus:
    """A folder of files.

    Attributes:
        left_out: endings of what the project keeps beside them: what they should be read as, scripts.
    """

    name: str
    folder: str
    left_out: frozenset[str] = frozenset()


CORPORA = (
    Corpus("Apache POI, `test-data/spreadsheet`", "poi/test-data/spreadsheet"),
    Corpus("SheetJS, `test_files`", "test_files", OUTPUTS | {".xml"}),
    Corpus("calamine, `tests`", "calamine/tests"),
    Corpus("frictionless-py, `data`", "frictionless-py/data"),
    Corpus("messytables, `horror`", "messytables/horror"),
)


@dataclass
class Found:
    """What became of the files of one corpus."""

    n_read: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    seconds: list[float] = field(default_factory=list[float])
    slowest: str = ""
    peak: int = 0
    largest: str = ""
    raised: list[str] = field(default_factory=list[str])
    n_fork_servers: int = 0

    def row(self, name: str) -> str:
        """A line of the table."""
        ordered = sorted(self.seconds)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        refused = ", ".join(f"{code} {n}" for code, n in self.refused.most_common())
        n_dead = self.n_fork_servers - 1
        return (
            f"| {name} | {len(ordered):,} | {self.n_read:,} | {refused} | {median(ordered):.2f} / {p95:.2f} / {ordered[-1]:.1f} | "
            f"{self.peak / MIB:.0f} MiB | {self.refused['took-too-long']} | {n_dead} | {len(self.raised)} |"
        )


HEAD = (
    "| corpus | files | read | refused | seconds p50 / p95 / max | peak memory of a reading child | too long | dead readers | raised |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


class Missing(Exception):
    """The files are not there."""


def folder() -> Path:
    """Where the corpora lie.

    Raises:
        Missing: nobody said where, or none of them lies there.
    """
    given = os.environ.get(VARIABLE)
    if not given:
        raise Missing(f"{VARIABLE} should name a folder with the corpora. How to get them:\n{__doc__}")
    found = Path(given)
    if not any((found / corpus.folder).is_dir() for corpus in CORPORA):
        raise Missing(f"{given} holds none of {', '.join(corpus.folder for corpus in CORPORA)}. How to get them:\n{__doc__}")
    return found


def files_of(root: Path, corpus: Corpus) -> list[Path]:
    """Its files, in order."""
    found = (root / corpus.folder).rglob("*")
    return sorted(
        path for path in found if path.is_file() and not path.is_symlink() and path.suffix.lower() not in corpus.left_out
    )


def read_all(context: IntakeContext, reader: Watched, paths: list[Path], root: Path) -> Found:
    """Judge every file as a department's, with a contract that none of them was made for."""
    out = Found()
    fork_servers: set[int] = set()
    for path in paths:
        start = time.monotonic()
        reader.last = None
        with tempfile.TemporaryDirectory() as work:
            try:
                found = evaluate(
                    context,
                    path,
                    file_name=f"20200318_R04_TAX{path.suffix}",
                    department="TAX",
                    received_at=ARRIVED,
                    work=Path(work),
                )
                for _ in accepted(found):
                    pass
            except Exception as error:
                out.raised.append(f"{path.relative_to(root)}: {error!r}")
                continue
        spent = time.monotonic() - start
        if spent > max(out.seconds, default=0.0):
            out.slowest = str(path.relative_to(root))
        out.seconds.append(spent)
        if reader._fork_server is not None:
            fork_servers.add(reader._fork_server.pid)
        if reader.last is not None and reader.last.max_rss > out.peak:
            out.peak, out.largest = reader.last.max_rss, str(path.relative_to(root))
        if reader.last is not None and reader.last.refused is not None:
            out.refused[reader.last.refused.code] += 1
        else:
            assert found.parts or any(item.severity == Severity.REJECTED for item in found.findings.findings)
            out.n_read += 1
    out.n_fork_servers = len(fork_servers)
    return out


def report(root: Path) -> Iterator[str]:
    """The table, a line a corpus, and below it what is worth a look."""
    notes: list[str] = []
    yield HEAD
    with Watched() as reader:
        context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)
        for corpus in CORPORA:
            paths = files_of(root, corpus)
            if not paths:
                notes.append(f"{corpus.folder}: not there")
                continue
            found = read_all(context, reader, paths, root)
            yield found.row(corpus.name)
            notes.append(f"{corpus.folder}: slowest {found.slowest}, largest {found.largest}")
            notes += found.raised
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield ""
    yield from notes
    yield f"peak memory of the process that context: {own:.0f} MiB"
