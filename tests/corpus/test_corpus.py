"""Every file of the corpus is answered as its truth says: outcome, counts, each row, each finding."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.corpus import cases
from tests.corpus.building import CASES, Made
from tests.corpus.fugong_answer import SETTINGS, answer
from tests.corpus.score import table
from tests.corpus.truth import FILES, SUFFIX, Answer, Score, compare, dumps, truths

cases.load()
TRUTHS = {truth.path: truth for truth in truths()}
LARGEST = 60_000
MAX_TOTAL_BYTES = 4_000_000
N_FILES = Counter(
    archives=16,
    blocks=40,
    dates=14,
    days=20,
    containers=27,
    formats=29,
    formulas=17,
    headers=47,
    keys=15,
    layout=55,
    line_kinds=47,
    names=18,
    percent=20,
    personal=37,
    number_formats=42,
    ragged=25,
    sheets=11,
    refused=18,
    text=30,
    units=95,
    values=61,
    words=23,
)

Scored = Callable[[str], Score]


@pytest.fixture(scope="module")
def scored() -> Iterator[Scored]:
    """The score of a file; each is read once."""
    done: dict[str, Score] = {}
    with Reader() as reader, tempfile.TemporaryDirectory() as folder:
        context = IntakeContext.load(SETTINGS, reader)

        def score(path: str) -> Score:
            if path not in done:
                work = Path(folder) / str(len(done))
                work.mkdir()
                done[path] = compare(TRUTHS[path].answer, answer(context, TRUTHS[path], work))
            return done[path]

        yield score


def test_the_files_are_those_of_the_cases_each_with_its_truth() -> None:
    files = {path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file()}
    assert files == {name for path in CASES for name in (path, path + SUFFIX)}
    assert Counter(path.partition("/")[0] for path in CASES) == N_FILES
    sizes = [(FILES / path).stat().st_size for path in files]
    assert max(sizes) <= LARGEST
    assert sum(sizes) <= MAX_TOTAL_BYTES


@pytest.mark.parametrize("path", CASES)
def test_the_truth_is_what_the_case_says(path: str) -> None:
    says, make = CASES[path]
    case = make()
    case.made = Made(case.made.write, TRUTHS[path].made_by)
    assert (FILES / (path + SUFFIX)).read_text(encoding="utf-8") == dumps(case.truth(path, says))


@pytest.mark.parametrize("path", TRUTHS)
def test_it_is_read_as_its_truth_says(scored: Scored, path: str) -> None:
    found = scored(path).faults
    assert not found, "\n".join((TRUTHS[path].says, *found))


def test_twins_mean_the_same() -> None:
    twins = {path: truth for path, truth in TRUTHS.items() if path.startswith("text/") and truth.answer.rows == TWIN.answer.rows}
    assert {truth.file.read_bytes()[:2] for truth in twins.values()} >= {b"\xff\xfe", b"\xfe\xff", b"\xef\xbb", b"\x84\x31"}
    assert len(twins) >= 15


TWIN = TRUTHS["text/utf8.csv"]


def test_the_score_is_complete(scored: Scored, capsys: pytest.CaptureFixture[str]) -> None:
    scores = {path: (truth, scored(path)) for path, truth in TRUTHS.items()}
    with capsys.disabled():
        print("\n" + table(scores))
    assert len(scores) == N_FILES.total()
    assert [path for path, (_, score) in scores.items() if not score.is_right] == []
    assert {path: score.silently_wrong for path, (_, score) in scores.items() if score.silently_wrong} == {}


# --- the scale itself -----------------------------------------------------------------------------------------------


def wrong_value(truth: Answer) -> Answer:
    [(name, rows)] = truth.rows.items()
    line = min(rows)
    return replace(truth, rows={name: {**rows, line: {**rows[line], "amt_relief": "1"}}})


def shifted(truth: Answer) -> Answer:
    [(name, rows)] = truth.rows.items()
    return replace(truth, rows={name: {line + 1: row for line, row in rows.items()}})


SPOILT: dict[str, Callable[[Answer], Answer]] = {
    "a wrong value": wrong_value,
    "a row under another line": shifted,
    "no rows": lambda truth: replace(truth, rows={}),
    "a finding less": lambda truth: replace(truth, findings=truth.findings[1:]),
    "a finding more": lambda truth: replace(truth, findings=[*truth.findings, ("warning", "extra-column", "A1", "x")]),
    "a finding at another cell": lambda truth: replace(
        truth, findings=[(*truth.findings[0][:2], "A9", None), *truth.findings[1:]]
    ),
    "another outcome": lambda truth: replace(truth, outcome="rejected"),
    "another day": lambda truth: replace(truth, report_date="2020-03-19"),
    "other counts": lambda truth: replace(truth, counts={**truth.counts, "not_data": 9}),
}


@pytest.mark.parametrize("name", SPOILT)
def test_an_answer_that_differs_is_not_right(name: str) -> None:
    truth = TRUTHS["values/thousands.csv"].answer
    assert compare(truth, truth).is_right
    assert not compare(truth, SPOILT[name](truth)).is_right


@pytest.mark.parametrize(
    ("name", "values"),
    {"a wrong value": 1, "a row under another line": 18, "no rows": 0, "another outcome": 0, "a finding less": 0}.items(),
)
def test_values_that_are_wrong_and_accepted_are_counted(name: str, values: int) -> None:
    truth = TRUTHS["values/thousands.csv"].answer
    assert compare(truth, truth).silently_wrong == 0
    assert compare(truth, SPOILT[name](truth)).silently_wrong == values


def test_a_value_that_was_left_out_is_counted_unless_its_line_is_named() -> None:
    truth = replace(TRUTHS["values/thousands.csv"].answer, findings=[])
    [(table_name, rows)] = truth.rows.items()
    line = min(rows)
    shorter = {name: value for name, value in rows[line].items() if name != "amt_relief"}
    found = replace(truth, rows={table_name: {**rows, line: shorter}})
    assert compare(truth, found).silently_wrong == 1
    told = replace(found, findings=[("warning", "unreadable-cell", f"F{line}", "?")])
    assert compare(truth, told).silently_wrong == 0
