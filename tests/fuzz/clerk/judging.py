"""What must hold of every file of a clerk: each value that is loaded is the true one, or its row or the file went back."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.intake.identify import Identified
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.corpus.truth import canonical
from tests.fixtures.evaluations import accepted
from tests.fuzz.clerk.drafts import Draft, Means, save
from tests.fuzz.clerk.values import DAY

ARRIVED = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Sent:
    """A line of data as it was sent."""

    sheet: str
    line: int
    means: Means


@dataclass(frozen=True)
class Written:
    """A file and its truth.

    Attributes:
        truth: table → its lines of data.
        trap: empty without one.
        may_go_back: rows or file may go back; else that is a fault, too.
        must_go_back: the file has no reading.
    """

    department: str
    file_name: str
    content: bytes
    report: str
    truth: Mapping[str, list[Sent]]
    trap: str
    may_go_back: bool
    must_go_back: bool

    def __repr__(self) -> str:
        return f"Written({self.department!r}, {self.file_name!r}, {len(self.content)} bytes, trap={self.trap!r})"

    def _repr_pretty_(self, printer: Any, _is_cycle: bool) -> None:
        """For Hypothesis: without the bytes."""
        printer.text(repr(self))

    @classmethod
    def of(cls, draft: Draft) -> Written:
        """Save a draft."""
        content, sheets = save(draft)
        truth: dict[str, list[Sent]] = {}
        for table, name, lines in sheets:
            truth.setdefault(table.name, []).extend(Sent(name, line, means) for line, means in lines.items())
        department, report = draft.department, draft.contract.report
        return cls(department, draft.file_name, content, report, truth, draft.trap, draft.may_go_back, draft.must_go_back)


@dataclass
class Verdict:
    """What came of a file.

    Attributes:
        wrong: values loaded that differ from the truth, rows made up, rows lost; in words.
        returned: why rows or the file went back: codes with what was said.
    """

    wrong: list[str] = field(default_factory=list[str])
    returned: list[str] = field(default_factory=list[str])
    outcome: str = "accepted"


class Judge:
    """Evaluates files as on arrival, with one reader."""

    def __init__(self, reader: Reader) -> None:
        self.context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)
        self.outcomes: Counter[str] = Counter()

    def verdict(self, written: Written) -> Verdict:
        """Compare what would be loaded with the truth."""
        with tempfile.TemporaryDirectory() as folder:
            path, work = Path(folder) / "file", Path(folder) / "work"
            path.write_bytes(written.content)
            work.mkdir()
            found = evaluate(
                self.context, path, file_name=written.file_name, department=written.department, received_at=ARRIVED, work=work
            )
            verdict = _compare(written, found)
        self.outcomes[verdict.outcome] += 1
        return verdict


def _compare(written: Written, found: Evaluation) -> Verdict:
    out = Verdict()
    loaded = [
        (
            part.table.name,
            row.pop("row_number"),
            {name: canonical(value) for name, value in row.items() if value not in (None, "")},
        )
        for part, block in accepted(found)
        for row in block.to_pylist()
    ]
    items = found.findings.all_findings()
    out.returned = [
        f"{item.code} {item.cell or item.row_number or ''}: {item.message_zh}"
        for item in items
        if item.severity in (Severity.REJECTED, Severity.SET_ASIDE)
    ]
    if found.is_rejected:
        out.outcome = "rejected"
        return out
    if written.must_go_back:
        out.wrong.append("a file without a reading was taken")
    identified = found.identified
    assert isinstance(identified, Identified)
    if identified.contract is None or identified.contract.report != written.report or identified.report_date != DAY:
        out.wrong.append(f"taken for {identified.contract and identified.contract.report} of {identified.report_date}")
    if identified.marks.is_withdrawal or identified.marks.is_replacement:
        out.wrong.append(f"a mark that nobody set: {identified.marks}")
    told = {(item.row_number, item.column_name) for item in items}
    is_column_told = any(item.code in ("missing-column", "extra-column") for item in items)
    left = {table: list(lines) for table, lines in written.truth.items()}
    for table, number, means in loaded:
        true = _nearest(means, left.get(table, []))
        if true is None:
            out.wrong.append(f"{table} line {number}: a row that is not in the file: {means}")
            continue
        left[table].remove(true)
        for name in sorted(true.means.keys() | means.keys()):
            is_left_out = name not in means and bool(written.trap) and ((number, name) in told or is_column_told)
            if true.means.get(name) != means.get(name) and not is_left_out:
                out.wrong.append(f"{table} line {number} {name}: {means.get(name)!r} loaded, {true.means.get(name)!r} is right")
    aside = {line for _, line in found.findings.rows}
    lost = [sent for lines in left.values() for sent in lines if sent.line not in aside]
    if lost and not _is_one_part_of_several_sheets(written):
        out.wrong += [f"{sent.sheet} line {sent.line} is lost: {sent.means}" for sent in lost]
    n_true, n_aside = sum(map(len, written.truth.values())), len(found.findings.rows)
    if n_aside:
        out.outcome = "partly accepted"
    if len(loaded) + n_aside != found.n_data or found.n_data < n_true or (found.n_data > n_true and not written.trap):
        out.wrong.append(f"{n_true} rows sent, {len(loaded)} loaded, {n_aside} set aside, {found.n_data} counted as data")
    return out


def _is_one_part_of_several_sheets(written: Written) -> bool:
    """Whether lines have other numbers in the part than on their sheets."""
    return any(len({sent.sheet for sent in lines}) > 1 for lines in written.truth.values())


def _nearest(means: Means, left: list[Sent]) -> Sent | None:
    """The line that shares most values with a loaded row; None if it shares too little to be the same."""

    def shared(sent: Sent) -> int:
        return sum(sent.means.get(name) == value for name, value in means.items())

    best = max(left, key=shared, default=None)
    return None if best is None or 3 * shared(best) < len(means) else best
