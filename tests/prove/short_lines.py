"""Texts whose writer leaves out empty cells at the end of a line, fifty a case: as they are, or with one cell lost in the middle of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

from fugong.reading.reader import Reader
from tests.fuzz.clerk.drafts import Draft
from tests.fuzz.clerk.judging import Judge, Written
from tests.fuzz.clerk.layouts import draft
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.sheet_traps import cell_left_out
from tests.fuzz.clerk.spellings import Cell
from tests.fuzz.clerk.trying import keep
from tests.prove.proof import Proof, Try

FILES_A_CASE = 50
LONG = 40
"""Rows at most in every other text."""


def texts(judge: Judge, first: int, *, is_cell_lost: bool) -> Iterator[tuple[int, Written]]:
    """Texts with short lines, each with its number."""
    for number in count(first):
        pick = Pick.numbered(number)
        made = draft(pick, judge.context.contracts.all, judge.context.code_lists, most=LONG if number % 2 else 6)
        if not made.container.name.startswith("csv") or (is_cell_lost and not cell_left_out(pick, made)):
            continue
        made.trap = "a cell was lost" if is_cell_lost else ""
        n_short = _cut_ends(made)
        if n_short and (not is_cell_lost or _keeps_two_cells(made)):
            yield number, Written.of(made)


def _cut_ends(made: Draft) -> int:
    """Leave out the empty cells at the end of every line; how many lines of data are shorter than the longest line then."""
    [sheet] = made.sheets
    page, means = sheet.page()
    width = max(map(len, page.grid))
    page.grid = [_trimmed(line) for line in page.grid]
    made.is_ragged = True
    sheet.page = lambda: (page, means)
    return sum(len(page.grid[line - 1]) < width for line in means)


def _trimmed(line: Sequence[Cell]) -> list[Cell]:
    last = max((at for at, cell in enumerate(line) if cell is not None and cell != ""), default=-1)
    return list(line[: last + 1])


def _keeps_two_cells(made: Draft) -> bool:
    """Whether every line of data is more than one cell: a lone day below a table is the day of a signature."""
    page, means = made.sheets[0].page()
    return all(sum(cell is not None and cell != "" for cell in page.grid[line - 1]) > 1 for line in means)


def _open(*, is_cell_lost: bool) -> Callable[[int], AbstractContextManager[Try]]:
    @contextmanager
    def open_texts(seed: int) -> Iterator[Try]:
        with Reader() as reader:
            judge = Judge(reader)

            def try_case(case: int) -> dict[str, Any]:
                found = {"texts": 0, "lines": 0, "with a line back": 0, "lines back": 0}
                for number, written in texts(judge, seed * 10**6 + case * 10**4, is_cell_lost=is_cell_lost):
                    verdict = judge.verdict(written)
                    assert not verdict.wrong, f"text {number} ({keep(written)}): {verdict.wrong[:3]}"
                    found["texts"] += 1
                    found["lines"] += _n_lines(written.truth)
                    found["with a line back"] += bool(verdict.returned)
                    found["lines back"] += len(verdict.returned)
                    if found["texts"] == FILES_A_CASE:
                        return found
                raise AssertionError("the numbers have an end")

            yield try_case

    return open_texts


def _n_lines(truth: Any) -> int:
    return sum(len(lines) for lines in truth.values())


def _summary(found: Sequence[dict[str, Any]]) -> str:
    total = {name: sum(one[name] for one in found) for name in ("texts", "lines", "with a line back", "lines back")}
    return (
        f"{total['texts']:,} texts with {total['lines']:,} lines: nothing loaded wrong; {total['with a line back']:,} texts have a line back, "
        f"{total['lines back']:,} lines"
    )


CUT = Proof(
    name="cut-ends",
    claim="Of texts whose empty ends are cut off, no value is loaded wrong; lines that may have lost a cell go back.",
    claim_zh="行尾空格被省略的文本,没有一个数读错;可能少了一格的行退回。",
    n_cases=10,
    open=_open(is_cell_lost=False),
    summary=_summary,
)
LOST = Proof(
    name="lost-cells",
    claim="Of such texts with one cell lost in the middle of a line, no value is loaded wrong.",
    claim_zh="这样的文本中某一行的中间少了一格,没有一个数读错。",
    n_cases=10,
    open=_open(is_cell_lost=True),
    summary=_summary,
)
