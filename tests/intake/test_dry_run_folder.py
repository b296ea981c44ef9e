"""The folder 试投 of an inbox: the receipt that a file would get, the file back, and nothing stored."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from fugong.core.errors import ConfigurationError
from fugong.intake import processor
from fugong.intake.collect import collect, waiting_dry_runs
from fugong.intake.pipeline import departments_with_work, process_department
from fugong.intake.processor import SubmissionProcessor
from fugong.storage.outbox import open_outbox
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

SPOILED = as_csv(TAX_HEADER, [tax_row(1), tax_row(2, 所属期起="上月")])
GOOD = as_csv(TAX_HEADER, [tax_row(1), tax_row(2)])
STORED = """
    SELECT (SELECT COUNT(*) FROM intake.submission), (SELECT COUNT(*) FROM intake.part), (SELECT COUNT(*) FROM intake.finding),
        (SELECT COUNT(*) FROM intake.set_aside_row), (SELECT COUNT(*) FROM intake.shadow_finding), (SELECT COUNT(*) FROM report.tax_relief),
        (SELECT settled_serial FROM intake.settle_clock)
"""


def run(inbox: Inbox) -> None:
    """What both the command and the DAG do."""
    collect(inbox.settings, settle_seconds=0)
    for department in departments_with_work(inbox.settings):
        process_department(inbox.settings, department)


def answers(inbox: Inbox) -> list[str]:
    return sorted(path.name for path in (inbox.settings.outbox / "TAX" / "试投").iterdir())


def document(inbox: Inbox, stem: str) -> dict[str, Any]:
    (path,) = (inbox.settings.outbox / "TAX" / "试投").glob(f"{stem}.*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_file_is_answered_given_back_and_nothing_of_it_stored(inbox: Inbox) -> None:
    before = inbox.rows(STORED)
    file = inbox.drop("TAX", "试投/R04 3.18.csv", SPOILED)
    run(inbox)
    assert not file.exists()
    assert answers(inbox) == ["R04 3.18.csv", *(f"R04 3.18.试投.回执.{ending}" for ending in ("json", "txt", "xlsx"))]
    assert (inbox.settings.outbox / "TAX" / "试投" / "R04 3.18.csv").read_bytes() == SPOILED
    told = document(inbox, "R04 3.18")
    assert (told["state"], told["rows_accepted"], told["rows_set_aside"]) == ("partly_accepted", 1, 1)
    assert inbox.rows(STORED) == before
    assert list(inbox.settings.archive.rglob("*")) == []
    assert departments_with_work(inbox.settings) == []


def test_what_was_tried_can_then_be_sent(inbox: Inbox) -> None:
    inbox.drop("TAX", "试投/R04 3.18.csv", GOOD)
    run(inbox)
    assert document(inbox, "R04 3.18")["state"] == "accepted"
    inbox.drop("TAX", "R04 3.18.csv", GOOD)
    run(inbox)
    assert inbox.rows("SELECT state FROM intake.submission") == [("accepted",)]


def test_an_earlier_trial_of_the_same_name_is_kept(inbox: Inbox) -> None:
    for content in (SPOILED, GOOD):
        inbox.drop("TAX", "试投/R04 3.18.csv", content)
        run(inbox)
    assert [name for name in answers(inbox) if name.endswith("csv")] == ["R04 3.18(2).csv", "R04 3.18.csv"]
    assert [document(inbox, stem)["state"] for stem in ("R04 3.18", "R04 3.18(2)")] == ["partly_accepted", "accepted"]


def test_the_folder_itself_is_not_answered_and_what_is_no_file_in_it_stays(inbox: Inbox) -> None:
    folder = inbox.settings.inbox / "TAX" / "试投"
    (folder / "3月18日").mkdir(parents=True)
    (folder / "link.csv").symlink_to("/etc/hostname")
    (folder / "~$R04.xlsx").write_bytes(b"")
    run(inbox)
    assert inbox.rows("SELECT COUNT(*) FROM intake.submission") == [(0,)]
    assert sorted(path.name for path in folder.iterdir()) == ["3月18日", "link.csv", "~$R04.xlsx"]


def test_collecting_makes_the_folder_in_every_inbox(inbox: Inbox) -> None:
    collect(inbox.settings, settle_seconds=0)
    assert (inbox.settings.inbox / "JRB" / "试投").is_dir()


def test_our_fault_leaves_the_file_for_the_next_run(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.drop("TAX", "试投/R04 3.18.csv", GOOD)
    inbox.drop("TAX", "R04 3.17.csv", as_csv(TAX_HEADER, [tax_row(9, day="2020-03-17")]))

    def broken(*_: object) -> None:
        raise ConfigurationError("a rule cannot be evaluated")

    with monkeypatch.context() as patch:
        patch.setattr(SubmissionProcessor, "dry_run", broken)
        with pytest.raises(ConfigurationError, match="cannot be evaluated"):
            run(inbox)
    assert inbox.rows("SELECT state FROM intake.submission") == [("accepted",)]  # nobody else waits
    run(inbox)
    assert answers(inbox)[0] == "R04 3.18.csv"


@pytest.mark.parametrize("where", ["before the judgement", "after the receipt"])
def test_killed_the_next_run_answers_it(inbox: Inbox, where: str) -> None:
    inbox.drop("TAX", "试投/R04 3.18.csv", GOOD)

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            if where == "before the judgement":
                processor.evaluate = die  # pyright: ignore[reportAttributeAccessIssue]
            else:
                Path.rmdir = die  # pyright: ignore[reportAttributeAccessIssue]
                whole = SubmissionProcessor.dry_run
                SubmissionProcessor.dry_run = lambda *given: (whole(*given), die())  # pyright: ignore[reportAttributeAccessIssue]
            run(inbox)
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), os.waitstatus_to_exitcode(status)
    assert [path.name for path in waiting_dry_runs(inbox.settings, "TAX")] == ["R04 3.18.csv"]
    run(inbox)
    assert len(answers(inbox)) == (4 if "xlsx" in " ".join(answers(inbox)) else 3)
    assert document(inbox, "R04 3.18")["state"] == "accepted"
    with open_outbox(inbox.settings, "TAX") as outbox, outbox.child("试投") as folder:
        assert folder.free_name("R04 3.18.csv") == "R04 3.18(2).csv"
