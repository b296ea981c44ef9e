"""What a file of the corpus means, as JSON beside it, and how an answer to the file is compared with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

FILES = Path(__file__).with_name("files")
SUFFIX = ".truth.json"

Row = Mapping[str, str | bool]
"""Column of the contract → value: numbers as decimal text, dates as ISO, flags as booleans; what is empty is left out."""


@dataclass(frozen=True)
class Answer:
    """What a reader says of a file, and what a truth says it should.

    Attributes:
        outcome: accepted, partly_accepted or rejected.
        counts: lines read, accepted, set_aside, not_data.
        rows: table → line → values, of the rows accepted.
        findings: (severity, code, place, value): the place is a cell, else a line, else empty; a value that a truth leaves null
            is not compared.
    """

    outcome: str
    report: str | None
    report_date: str | None
    counts: Mapping[str, int]
    rows: Mapping[str, Mapping[int, Row]]
    findings: Sequence[tuple[str, str, str, str | None]]


@dataclass(frozen=True)
class Truth:
    """One file of the corpus.

    Attributes:
        path: of the file, below `FILES`.
        says: what is odd about it, in a sentence.
        file_name: under which it is dropped.
    """

    path: str
    says: str
    made_by: str
    department: str
    file_name: str
    received_at: datetime
    answer: Answer

    @property
    def category(self) -> str:
        """The folder."""
        return self.path.partition("/")[0]

    @property
    def file(self) -> Path:
        """The file itself."""
        return FILES / self.path


def canonical(value: Any) -> str | bool:
    """A typed value as truths write it."""
    match value:
        case bool() | str():
            return value
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case int() | Decimal():
            number = Decimal(value)
            return format(number.to_integral() if number == number.to_integral() else number.normalize(), "f")
        case _:
            raise TypeError(f"No truth holds a {type(value).__name__}")


def load(path: Path) -> Truth:
    """Read a truth; `path` is that of the JSON file."""
    said = json.loads(path.read_text(encoding="utf-8"))
    return Truth(
        path.relative_to(FILES).as_posix().removesuffix(SUFFIX),
        said["says"],
        said["made_by"],
        said["department"],
        said["file_name"],
        datetime.fromisoformat(said["received_at"]),
        answer_of(said),
    )


def answer_of(said: Mapping[str, Any]) -> Answer:
    """The part of a truth that a reader is asked for; a reader in another language answers with the same JSON."""
    return Answer(
        said["outcome"],
        said["report"],
        said["report_date"],
        said["counts"],
        {table: {int(line): row for line, row in rows.items()} for table, rows in said["rows"].items()},
        [(severity, code, place or "", value) for severity, code, place, value in said["findings"]],
    )


def dumps(truth: Truth) -> str:
    """A truth as JSON: one row and one finding a line."""
    answer = truth.answer

    def lines(items: Sequence[str], brackets: str) -> str:
        return brackets[0] + "\n  " + ",\n  ".join(items) + "\n " + brackets[1] if items else brackets

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    tables = [
        f"{text(table)}: {{\n   " + ",\n   ".join(f'"{line}": {text(row)}' for line, row in sorted(rows.items())) + "\n  }"
        for table, rows in answer.rows.items()
        if rows
    ]
    fields = {
        "says": text(truth.says),
        "made_by": text(truth.made_by),
        "department": text(truth.department),
        "file_name": text(truth.file_name),
        "received_at": text(truth.received_at.isoformat()),
        "report": text(answer.report),
        "report_date": text(answer.report_date),
        "outcome": text(answer.outcome),
        "counts": text(answer.counts),
        "findings": lines([text(list(item)) for item in answer.findings], "[]"),
        "rows": lines(tables, "{}"),
    }
    return "{\n " + ",\n ".join(f'"{name}": {value}' for name, value in fields.items()) + "\n}\n"


def truths() -> list[Truth]:
    """All of them, in order of their paths."""
    return sorted((load(path) for path in FILES.rglob(f"*{SUFFIX}")), key=lambda truth: truth.path)


@dataclass(frozen=True)
class Score:
    """How an answer compares with the truth.

    Attributes:
        rows: right, wrong or missing, and made up.
        findings: right, missing, and made up.
        silently_wrong: values in accepted rows that are not what the file means.
        faults: in words, each what was expected and what was found.
    """

    rows: tuple[int, int, int]
    findings: tuple[int, int, int]
    silently_wrong: int
    faults: Sequence[str]

    @property
    def is_right(self) -> bool:
        """Whether everything is as the truth says."""
        return not self.faults


def compare(truth: Answer, found: Answer) -> Score:
    """An answer against the truth: state, counts, every row, every finding."""
    faults = [
        f"{name}: {getattr(truth, name)} expected, {getattr(found, name)} found"
        for name in ("outcome", "report", "report_date", "counts")
        if getattr(truth, name) != getattr(found, name)
    ]
    wanted = {(table, line): row for table, rows in truth.rows.items() for line, row in rows.items()}
    given = {(table, line): row for table, rows in found.rows.items() for line, row in rows.items()}
    right = sum(given.get(place) == row for place, row in wanted.items())
    for place, row in wanted.items():
        if place not in given:
            faults.append(f"row {place}: missing")
        elif given[place] != row:
            other = {name for name in row.keys() | given[place].keys() if row.get(name) != given[place].get(name)}
            faults += [
                f"row {place} {name}: {row.get(name)!r} expected, {given[place].get(name)!r} found" for name in sorted(other)
            ]
    faults += [f"row {place}: not in the file" for place in given.keys() - wanted.keys()]
    missing, made_up = _findings(truth.findings, found.findings)
    faults += [f"finding {item} missing" for item in missing] + [f"finding {item} not expected" for item in made_up]
    return Score(
        (right, len(wanted) - right, len(given.keys() - wanted.keys())),
        (len(truth.findings) - len(missing), len(missing), len(made_up)),
        _silently_wrong(wanted, found),
        faults,
    )


def _silently_wrong(wanted: Mapping[tuple[str, int], Row], found: Answer) -> int:
    """Values of accepted rows that differ from the truth; every value of a row that should have gone back or is not in the file.

    A value that was left out does not count where a finding names its line: the sender hears of it.
    """
    told = {int(digits) for _, _, place, _ in found.findings if (digits := place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")).isdigit()}
    wrong = 0
    for table, rows in found.rows.items():
        for line, row in rows.items():
            true = wanted.get((table, line), {})
            wrong += sum(true.get(name) != value for name, value in row.items())
            wrong += 0 if line in told else len(true.keys() - row.keys())
    return wrong


Finding = tuple[str, str, str, str | None]


def _findings(truth: Sequence[Finding], found: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Those missing and those made up."""
    left = Counter(found)
    missing: list[Finding] = []
    for item in sorted(truth, key=lambda item: item[3] is None):  # those with a value choose first
        match = next((one for one in left if left[one] and one[:3] == item[:3] and item[3] in (None, one[3])), None)
        if match is None:
            missing.append(item)
        else:
            left[match] -= 1
    return missing, list(left.elements())
