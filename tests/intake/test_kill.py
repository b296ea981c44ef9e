"""kill -9 at every boundary of an ingest: the next run loses nothing and doubles nothing.

Each run that is killed is a forked child, so imports cost nothing; the child itself patches the function at the boundary.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from fugong.intake import collect, copy, load, processor
from fugong.receipts import receipt
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, industry_row, tax_row

Boundary = Callable[[], None]
FILES = {
    ("TAX", "20200318_R04_TAX_V1.csv"): as_csv(TAX_HEADER, [*(tax_row(number) for number in range(1, 101)), tax_row(200, "约5")]),
    ("TAX", "20200318_R04_TAX_V2.csv"): as_csv(TAX_HEADER, [tax_row(number, "2000.00") for number in range(1, 101)]),
    ("GXJ", "20200318_R01_GXJ_V1.csv"): as_csv(INDUSTRY_HEADER, [industry_row(number) for number in range(1, 21)]),
}


def die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError  # the signal was faster


def instead(module: Any, name: str) -> Boundary:
    """Die where this function begins."""
    return lambda: setattr(module, name, die)


def after(module: Any, name: str, calls: int = 1) -> Boundary:
    """Die when this function has returned for the n-th time."""

    def patch() -> None:
        function, left = getattr(module, name), iter(range(calls, 0, -1))

        def patched(*args: Any, **details: Any) -> Any:
            out = function(*args, **details)
            if next(left) == 1:
                die()
            return out

        setattr(module, name, patched)

    return patch


BOUNDARIES: dict[str, Boundary] = {
    "collect: after the rename aside": instead(collect, "_record"),
    "collect: in the middle of the copy to the archive": instead(collect.os, "fsync"),
    "collect: after the copy to the archive": after(collect, "archive"),
    "collect: after the row": after(collect, "record"),
    "collect: after the file aside is removed": after(collect.shutil, "rmtree"),
    "collect: after the second file": after(collect, "_record", 2),
    "before the file is evaluated": instead(processor, "evaluate"),
    "after the file is evaluated": after(processor, "evaluate"),
    "in the middle of COPY": after(copy, "write_csv"),
    "after COPY": after(load, "copy_parts"),
    "under the lock": after(load, "take_serial"),
    "between parts": instead(load, "_write_accepted"),
    "before the counts are written": instead(load, "write_submission"),
    "before the commit": after(load, "write_submission"),
    "after the commit": after(processor, "load_submission"),
    "before the receipt is fixed": instead(processor, "fix_receipt"),
    "after the receipt is fixed": after(processor, "fix_receipt"),
    "in the middle of the reply": instead(receipt, "text"),
    "after the reply, before it is noted": after(receipt, "write"),
    "after the second file is loaded": after(processor, "load_submission", 2),
}


def killed(inbox: Inbox, boundary: Boundary) -> None:
    """An ingest in a child that dies at the boundary."""
    child = os.fork()
    if child == 0:
        try:
            boundary()
            inbox.ingest()
        finally:
            os._exit(99)  # it should not have come this far
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), os.waitstatus_to_exitcode(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def content(inbox: Inbox) -> list[Any]:
    """What the warehouse holds, without what names the run: ids and moments."""
    return [
        inbox.rows(
            "SELECT department_code, file_name, state, rows_read, rows_accepted, rows_set_aside FROM intake.submission ORDER BY 1, 2"
        ),
        inbox.rows(
            "SELECT table_name, unit, report_date, version, rows_accepted, superseded_at IS NULL FROM intake.part ORDER BY 1, 4"
        ),
        inbox.rows("SELECT doc_id, amt_relief FROM asof.tax_relief ORDER BY 1"),
        inbox.rows("SELECT doc_id, COUNT(*) FROM report.tax_relief GROUP BY 1 ORDER BY 1"),
        inbox.rows("SELECT uscc, on_post FROM asof.industry_resumption ORDER BY 1"),
        inbox.rows("SELECT code, row_number, COUNT(*) FROM intake.finding GROUP BY 1, 2 ORDER BY 1, 2"),
        inbox.rows("SELECT row_number, COUNT(*) FROM intake.set_aside_row GROUP BY 1"),
        inbox.rows("SELECT table_name, day FROM intake.stale_day ORDER BY 1, 2"),
    ]


def drop(inbox: Inbox) -> None:
    for (department, name), data in FILES.items():
        inbox.drop(department, name, data)


def left_over(inbox: Inbox) -> list[str]:
    return [path.name for path in inbox.settings.inbox.rglob("*") if not path.is_dir()]


def receipts(inbox: Inbox) -> list[str]:
    """The receipts by department, file and kind."""
    return sorted(f"{path.parent.name}/{path.name.split('.')[0]}{path.suffix}" for path in inbox.settings.outbox.glob("*/*"))


@pytest.fixture(scope="module")
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[str]]:
    """What an ingest ends in that nobody kills."""
    inbox = Inbox.create(
        request.getfixturevalue("empty_warehouse"),
        "undisturbed",
        tmp_path_factory.mktemp("undisturbed"),
        request.getfixturevalue("context"),
    )
    drop(inbox)
    inbox.ingest()
    found = content(inbox)
    assert [row[2:] for row in found[0]] == [("accepted", 20, 20, 0), ("superseded", 101, 100, 1), ("accepted", 100, 100, 0)]
    [(carry_days,)] = inbox.rows("SELECT intake.carry_days()")
    # The day itself, those that it is carried to, and the one after, which compares with the last of them.
    assert len([row for row in found[-1] if row[0] == "industry_resumption"]) == carry_days + 2
    assert len(receipts(inbox)) == 2 * len(FILES) + 1
    return found, receipts(inbox)


@pytest.mark.parametrize("name", BOUNDARIES)
def test_the_next_run_ends_as_if_nothing_had_happened(inbox: Inbox, undisturbed: tuple[list[Any], list[str]], name: str) -> None:
    drop(inbox)
    killed(inbox, BOUNDARIES[name])
    half = len(left_over(inbox)) + inbox.rows("SELECT COUNT(*) FROM intake.submission")[0][0]
    assert half >= len(FILES)  # nothing lost even now
    inbox.ingest()
    assert (content(inbox), receipts(inbox)) == undisturbed
    assert left_over(inbox) == []
    assert inbox.rows("SELECT COUNT(*) FROM intake.submission WHERE replied_at IS NULL") == [(0,)]
    assert inbox.is_balanced()


def test_killed_again_and_again_it_still_ends(inbox: Inbox, undisturbed: tuple[list[Any], list[str]]) -> None:
    drop(inbox)
    for boundary in BOUNDARIES.values():
        child_may_finish(inbox, boundary)
    inbox.ingest()
    assert (content(inbox), receipts(inbox)) == undisturbed
    assert left_over(inbox) == []
    assert inbox.is_balanced()


def child_may_finish(inbox: Inbox, boundary: Boundary) -> None:
    child = os.fork()
    if child == 0:
        try:
            boundary()
            inbox.ingest()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def test_what_killed_runs_left_is_removed_after_a_day(inbox: Inbox) -> None:
    archive, spool = inbox.settings.archive, inbox.settings.spool
    old = [archive / ".draft", spool / "work"]
    new = [archive / ".draft-of-now", spool / "work-of-now"]
    for draft, work in (old, new):
        draft.write_bytes(b"half")
        work.mkdir()
        (work / "cells.arrow").write_bytes(b"half")
    for path in old:
        os.utime(path, (0, 0))
    inbox.ingest()
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in new)
