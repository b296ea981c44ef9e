"""Departments are worked on in turn: none waits for another's backlog, and none for another's slow file."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager, closing

import psutil
import psycopg
import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.intake import processor as processing
from fugong.intake import turns as turning
from fugong.intake import work as working
from fugong.intake.collect import Collected, collect
from fugong.intake.evaluate import Evaluation
from fugong.intake.folders import work_folder
from fugong.intake.pipeline import lock_department, process_department
from fugong.intake.quotas import Quota, Quotas
from fugong.intake.turns import Turns
from fugong.intake.types import Outcome, Submission
from fugong.intake.work import GIVEN, GIVEN_SECONDS, begin, departments_at_work, departments_with_work, give_out
from fugong.warehouse.connection import connect, connect_as_loader
from tests.fixtures.backlogs import busy_workbook, note
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

REPORT = as_csv(TAX_HEADER, [tax_row(1)])


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be read for ten minutes."""
    monkeypatch.setenv("FUGONG_LIMIT_SECONDS", "600")
    monkeypatch.setattr(working, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(turning, "COLLECT_EVERY_SECONDS", 0.1)


def outcomes(turns: Turns) -> list[Outcome]:
    return [step for step in turns.run() if isinstance(step, Outcome)]


def n_fork_servers() -> int:
    """Those of this process."""
    return sum(any("reading/worker" in word for word in child.cmdline()) for child in psutil.Process().children())


def test_the_fork_server_gets_ready_while_files_are_collected_and_the_warehouse_is_asked(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.drop("TAX", "R04 3.18.csv", REPORT)
    before, seen = n_fork_servers(), dict[str, int]()

    def collecting(settings: Settings, department: str | None) -> Collected:
        seen.setdefault("collecting", n_fork_servers() - before)
        return collect(settings, department=department)

    def connecting(settings: Settings, *, autocommit: bool) -> AbstractContextManager[psycopg.Connection]:
        seen.setdefault("connecting", n_fork_servers() - before)
        return connect_as_loader(settings, autocommit=autocommit)

    monkeypatch.setattr(processing, "connect_as_loader", connecting)
    with processing.SubmissionProcessor.open(inbox.settings) as processor:
        assert processor.context.contracts
    monkeypatch.setattr(turning, "collect", collecting)
    assert [outcome.state for outcome in outcomes(Turns(inbox.settings))] == ["accepted"]
    assert seen == {"connecting": 1, "collecting": 1}
    assert n_fork_servers() == before


@pytest.mark.attack
@pytest.mark.usefixtures("endless")
def test_a_file_that_is_slow_to_read_holds_up_nobody_else(inbox: Inbox) -> None:
    inbox.drop("GXJ", "busy.xlsx", busy_workbook())
    inbox.drop("RSJ", "R04 3.18.csv", REPORT)
    answered: list[tuple[str, str]] = []
    with closing(Turns(inbox.settings).run()) as run:
        for step in run:
            if isinstance(step, Outcome):
                answered.append((step.department, step.state))
                if len(answered) == 2:
                    break
                inbox.drop("TAX", "R04 3.18.csv", REPORT)  # comes while the child is busy
    assert answered == [("RSJ", "rejected"), ("TAX", "accepted")]
    assert inbox.rows("SELECT department_code FROM intake.submission WHERE state = 'received'") == [("GXJ",)]


@pytest.mark.attack
def test_what_comes_during_a_backlog_is_answered_before_it_is_done(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning, "load_quotas", lambda _: Quotas(Quota(seconds_a_turn=0)))  # a file each
    monkeypatch.setattr(turning, "COLLECT_EVERY_SECONDS", 0.0)
    for number in range(4):
        inbox.drop("GXJ", f"n{number}.csv", note(number))
    answered: list[str] = []
    for step in Turns(inbox.settings).run():
        if isinstance(step, Outcome):
            if not answered:
                inbox.drop("TAX", "R04 3.18.csv", REPORT)
            answered.append(step.department)
    assert answered == ["GXJ", "TAX", "GXJ", "GXJ", "GXJ"]


@pytest.mark.usefixtures("endless")
def test_an_interrupted_run_stops_its_children_and_leaves_the_file_to_the_next(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.drop("GXJ", "busy.xlsx", busy_workbook())
    with closing(Turns(inbox.settings).run()) as run:
        assert [isinstance(next(run), Collected) for _ in range(3)] == [True] * 3  # it goes on collecting while the child is busy
        assert departments_at_work(inbox.settings, ["GXJ", "TAX"]) == {"GXJ"}
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert inbox.rows("SELECT state FROM intake.submission") == [("received",)]
    assert list(inbox.settings.spool.iterdir()) == []
    assert departments_at_work(inbox.settings, ["GXJ", "TAX"]) == set()
    monkeypatch.setenv("FUGONG_LIMIT_SECONDS", "0.5")
    assert [one.state for one in outcomes(Turns(inbox.settings))] == ["rejected"]


def test_a_file_that_our_rules_cannot_judge_ends_the_run_and_is_told(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
        raise ConfigurationError("a rule cannot be evaluated")

    monkeypatch.setattr(processing, "load_submission", broken)
    inbox.drop("TAX", "R04 3.18.csv", REPORT)
    turns = Turns(inbox.settings)
    assert outcomes(turns) == []
    assert [*turns.faults] == ["TAX"]
    assert "R04 3.18.csv (TAX): a rule cannot be evaluated" in turns.faults["TAX"]
    assert departments_with_work(inbox.settings) == ["TAX"]


def test_a_department_on_which_another_run_works_is_left_to_it(inbox: Inbox) -> None:
    for department in ("RSJ", "TAX"):
        inbox.drop(department, "R04 3.18.csv", REPORT)
    with connect(inbox.settings, autocommit=True) as other, lock_department(other, "TAX"):
        assert departments_at_work(inbox.settings, ["RSJ", "TAX"]) == {"TAX"}
        assert [one.department for one in outcomes(Turns(inbox.settings))] == ["RSJ"]
    assert departments_at_work(inbox.settings, ["RSJ", "TAX"]) == set()
    assert [one.department for one in outcomes(Turns(inbox.settings))] == ["TAX"]


def test_a_turn_that_is_over_finishes_the_file_in_work(inbox: Inbox) -> None:
    for number in range(3):
        inbox.drop("GXJ", f"n{number}.csv", note(number))
    collect(inbox.settings, settle_seconds=0)
    assert [one.file_name for one in process_department(inbox.settings, "GXJ", seconds=0)] == ["n0.csv"]
    assert [one.file_name for one in process_department(inbox.settings, "GXJ")] == ["n1.csv", "n2.csv"]


@pytest.mark.attack
def test_a_department_is_given_to_one_task_until_that_has_begun(inbox: Inbox) -> None:
    for department in ("RSJ", "TAX"):
        inbox.drop(department, "R04 3.18.csv", REPORT)
    collect(inbox.settings, settle_seconds=0)
    assert give_out(inbox.settings) == ["RSJ", "TAX"]
    assert give_out(inbox.settings) == []  # another run, before the tasks have begun
    begin(inbox.settings, "TAX")
    with connect(inbox.settings, autocommit=True) as other, lock_department(other, "TAX"):
        assert give_out(inbox.settings) == []  # it is at work
    assert give_out(inbox.settings) == ["TAX"]
    lost = time.time() - GIVEN_SECONDS - 1
    os.utime(work_folder(inbox.settings, GIVEN) / "RSJ", (lost, lost))
    assert give_out(inbox.settings) == ["RSJ"]
