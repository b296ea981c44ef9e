"""What holds of every file, whatever it is: it is loaded or refused with a reason, in time, and its lines are accounted for."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import CATALOGUE
from fugong.intake.evaluate import evaluate
from fugong.intake.identify import Identified
from fugong.reading.model import Reading
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.fixtures.evaluations import accepted
from tests.fuzz.mutations import Sent, any_file

ARRIVED = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
MAX_MEMORY = 512 << 20
EXAMPLES_A_ROUND = 20
FOUND = Path(tempfile.gettempdir()) / "fugong_fuzz"


class Watched(Reader):
    """A reader that remembers its last reading."""

    last: Reading | None = None

    def read(self, path: Path, file_name: str, into: Path, *, is_free: bool = False) -> Reading:
        """Read a file, and remember what came of it."""
        self.last = super().read(path, file_name, into, is_free=is_free)
        return self.last


def is_of_the_parser(last_words: str) -> bool:
    """Whether a child died in the parser of workbooks, not in a line of ours."""
    return "Traceback" not in last_words or "pyo3_runtime.PanicException" in last_words


class Fuzz:
    """Judges files and sees to what must hold; files that break it are kept in `FOUND`."""

    def __init__(self, reader: Watched) -> None:
        project = Settings(PROJECT, PROJECT, None)
        self.reader = reader
        self.context = IntakeContext.load(project, reader)
        self.told = {*CATALOGUE, *(rule.rule.code for suite in self.context.suites.values() for rule in suite.rules)}
        self.outcomes: Counter[str] = Counter()

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Fuzz]:
        """With a reader of its own."""
        with Watched() as reader:
            yield cls(reader)

    def check(self, sent: Sent) -> None:
        """Judge a file. Whatever it raises is our fault."""
        try:
            self._check(sent)
        except BaseException as error:
            FOUND.mkdir(exist_ok=True)
            kept = FOUND / f"{hashlib.sha256(sent.content).hexdigest()[:12]}_{sent.department}_{Path(sent.file_name).name}"
            kept.write_bytes(sent.content)
            error.add_note(f"The file is kept: {kept}")
            raise

    def _check(self, sent: Sent) -> None:
        fork_server = self.reader._fork_server
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            path, work = Path(folder) / "file", Path(folder) / "work"
            path.write_bytes(sent.content)
            work.mkdir()
            self.reader.last = None
            found = evaluate(
                self.context, path, file_name=sent.file_name, department=sent.department, received_at=ARRIVED, work=work
            )
            lines: dict[str, list[int]] = {}
            for part, block in accepted(found):
                lines.setdefault(part.interpreted.sheet, []).extend(block.column("row_number").to_pylist())
            assert all(numbers == sorted(set(numbers)) for numbers in lines.values())
            if self.reader.last and self.reader.last.refused and self.reader.last.refused.code == "reader-crashed":
                last_words = (work / "stderr").read_text(encoding="utf-8", errors="replace")
                assert is_of_the_parser(last_words), last_words
        assert fork_server is None or self.reader._fork_server is fork_server
        reading = self.reader.last
        assert reading is not None
        assert reading.max_rss < MAX_MEMORY
        assert time.monotonic() - start < self.reader.limits.seconds + 10
        findings = found.findings.all_findings()
        for item in findings:
            assert item.code in self.told
            assert item.message_zh
            assert item.message_en
        if found.is_rejected:
            self.outcomes[next(item.code for item in findings if item.severity == Severity.REJECTED)] += 1
            assert 0 <= found.n_data <= found.rows_read
        else:
            self.outcomes["read" if found.parts else "withdrawal"] += 1
            assert isinstance(found.identified, Identified)
            assert found.parts or found.identified.marks.is_withdrawal
            loaded = {(sheet, line) for sheet, numbers in lines.items() for line in numbers}
            assert not loaded & found.findings.rows.keys()
            assert len(loaded) + len(found.findings.rows) == found.n_data <= found.rows_read

    def run(self, seconds: float, kinds: dict[str, SearchStrategy[Sent]] | None = None) -> int:
        """Try files of every kind in turn until the time is over, a round of each at least; how many there were."""
        ends = time.monotonic() + seconds
        n = 0
        rounds = [
            self._round(strategy) for strategy in (kinds or any_file(self.context.contracts, self.context.code_lists)).values()
        ]
        while True:
            for one in rounds:
                one()
                n += EXAMPLES_A_ROUND
                if time.monotonic() > ends and n >= len(rounds) * EXAMPLES_A_ROUND:
                    return n

    def _round(self, strategy: SearchStrategy[Sent]):
        @settings(max_examples=EXAMPLES_A_ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(sent=strategy)
        def one(sent: Sent) -> None:
            self.check(sent)

        return one
