"""A history loaded by two processes is the history loaded by one."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from fugong.core.time import SHANGHAI
from fugong.intake.collect import Arrival, read_manifest
from fugong.intake.history import SecondProcessDied, ingest_history
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.submissions import open_submissions
from fugong.intake.types import Outcome
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect_as_loader
from tests.fixtures.credit_codes import firm_code as code
from tests.fixtures.inbox import REGISTER_HEADER, TAX_HEADER, Inbox, as_csv, register_row, tax_row

N_FILES = 36
OF_NOW = {"recorded_at", "replied_at", "receipt", "document", "leaf", "head", "frontier"}
"""Columns that hold the time of the run, or digests of it."""
OLD_NUMBER = "410106000000015"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Arrival]]:
    """The first files of the sample district."""
    from include.samples.fugong_samples import write_district

    folder = tmp_path_factory.mktemp("sent")
    write_district(folder)
    return folder, read_manifest(folder / "history.csv")[:N_FILES]


def district(
    empty_warehouse: tuple[Path, str], home: Path, context: IntakeContext, sent: tuple[Path, list[Arrival]], n: int = N_FILES
) -> Inbox:
    """A district with the first `n` files in its inbox."""
    inbox = Inbox.create(empty_warehouse, f"history_{home.parent.name}_{home.name}".lower()[-60:], home, context)
    for arrival in sent[1][:n]:
        shutil.copy2(sent[0] / arrival.file, inbox.settings.inbox / arrival.file)
    return inbox


def held(inbox: Inbox) -> dict[str, list[str]]:
    """Every table of a warehouse that files change, without what belongs to the run."""
    tables = inbox.rows(
        """
        SELECT table_schema || '.' || table_name, array_agg(column_name::text ORDER BY ordinal_position)
        FROM information_schema.columns INNER JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema IN ('intake', 'report', 'audit') AND table_type = 'BASE TABLE' GROUP BY 1
        """
    )
    out: dict[str, list[str]] = {}
    for table, columns in tables:
        wanted = ", ".join(f'"{column}"' for column in columns if column not in OF_NOW)
        out[table] = sorted(row for (row,) in inbox.rows(f"SELECT found::text FROM (SELECT {wanted} FROM {table}) AS found"))
    return out


def second_process() -> int:
    """The id of the second process of this one."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == os.getpid() and b"fugong.intake.second_process" in command:
            return int(folder.name)
    raise AssertionError("there is no second process")


def test_two_processes_bring_what_one_brings(
    empty_warehouse: tuple[Path, str], tmp_path: Path, context: IntakeContext, sent: tuple[Path, list[Arrival]]
) -> None:
    one, two = (district(empty_warehouse, tmp_path / name, context, sent) for name in ("one", "two"))
    told: list[Outcome] = []
    by_one = ingest_history(one.settings, sent[1], processes=1)
    by_two = ingest_history(two.settings, sent[1], on_outcome=told.append, processes=2)
    assert len(by_one) == N_FILES
    assert by_two == by_one == told
    found, expected = held(two), held(one)
    assert {table for table in found if found[table] != expected[table]} == set()
    assert len(found["audit.log_entry"]) > 2 * N_FILES
    assert len(found["report.enterprise"]) > 100
    names = [sorted(path.name for path in inbox.settings.outbox.rglob("*.json")) for inbox in (one, two)]
    assert names[0] == names[1]
    assert len(names[0]) == N_FILES
    assert ingest_history(two.settings, sent[1], processes=2) == []


def test_files_that_fail_rules_or_ask_about_files_before_bring_what_they_bring_to_one_process(
    empty_warehouse: tuple[Path, str], tmp_path: Path, context: IntakeContext
) -> None:
    """Every file has a line that fails a rule, which the first process judges, and one whose code the file before all others gives."""
    files = [("TJJ", "20200301_R00_TJJ_V1.csv", as_csv(REGISTER_HEADER, [register_row(77, old_number=OLD_NUMBER)]))]
    for day in range(2, 10):
        rows = [
            tax_row(day * 10, day=f"2020-03-0{day}"),
            tax_row(day * 10 + 1, day=f"2020-03-0{day}", 所属期起="2020-03-31"),
            tax_row(day * 10 + 2, day=f"2020-03-0{day}", 统一社会信用代码=OLD_NUMBER),
        ]
        files.append(("TAX", f"2020030{day}_R04_TAX_V1.csv", as_csv(TAX_HEADER, rows)))
    arrivals = [
        Arrival(f"{department}/{name}", datetime(2020, 3, 1 + n, 9, tzinfo=SHANGHAI))
        for n, (department, name, _) in enumerate(files)
    ]
    one, two = (Inbox.create(empty_warehouse, f"history_judged_{n}", tmp_path / str(n), context) for n in (1, 2))
    for inbox in (one, two):
        for file in files:
            inbox.drop(*file)
    libraries: list[str] = []

    def look(outcome: Outcome) -> None:
        if outcome.submission_id == len(files) - 1:
            libraries.append(Path(f"/proc/{second_process()}/maps").read_text())

    by_one = ingest_history(one.settings, arrivals, processes=1)
    assert ingest_history(two.settings, arrivals, on_outcome=look, processes=2) == by_one
    assert [outcome.state for outcome in by_one] == ["accepted", *["partly_accepted"] * 8]
    assert held(two) == held(one)
    told = two.rows("SELECT code, count(*), count(*) FILTER (WHERE message_zh ~ %s) FROM intake.finding GROUP BY 1", code(77))
    assert set(told) == {("dates-out-of-order", 16, 0), ("uscc-old-number", 8, 8)}  # both dates of a line are named
    assert "/pyarrow/" in libraries[0]
    assert "/scipy/" not in libraries[0]  # which Great Expectations imports


def test_when_the_second_process_dies_the_next_run_does_the_rest(
    empty_warehouse: tuple[Path, str], tmp_path: Path, context: IntakeContext, sent: tuple[Path, list[Arrival]]
) -> None:
    inbox = district(empty_warehouse, tmp_path / "dies", context, sent, 12)
    outcomes: list[Outcome] = []

    def kill(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 5:
            os.kill(second_process(), signal.SIGKILL)

    with pytest.raises(SecondProcessDied, match="run the history again"):
        ingest_history(inbox.settings, sent[1][:12], on_outcome=kill, processes=2)
    n_done = len(inbox.rows("SELECT FROM intake.submission WHERE replied_at IS NOT NULL"))
    assert 5 <= n_done < 12
    rest = ingest_history(inbox.settings, sent[1][:12], processes=2)
    assert len(inbox.rows("SELECT FROM intake.submission WHERE replied_at IS NOT NULL")) == 12
    assert len(rest) <= 12 - 5
    assert inbox.is_balanced()


def test_when_the_second_process_loses_the_database_it_is_told_as_anywhere(
    empty_warehouse: tuple[Path, str], tmp_path: Path, context: IntakeContext, sent: tuple[Path, list[Arrival]]
) -> None:
    inbox = district(empty_warehouse, tmp_path / "away", context, sent, 12)
    outcomes: list[Outcome] = []

    def cut(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 5:
            ports = [one.laddr.port for one in psutil.Process(second_process()).net_connections("tcp")]
            ended = inbox.rows("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE client_port = ANY(%s)", ports)
            assert ended

    with pytest.raises(psycopg.OperationalError):
        ingest_history(inbox.settings, sent[1][:12], on_outcome=cut, processes=2)
    ingest_history(inbox.settings, sent[1][:12], processes=2)
    assert len(inbox.rows("SELECT FROM intake.submission WHERE replied_at IS NOT NULL")) == 12
    assert inbox.is_balanced()


def test_files_before_a_missing_one_are_loaded(
    empty_warehouse: tuple[Path, str], tmp_path: Path, context: IntakeContext, sent: tuple[Path, list[Arrival]]
) -> None:
    inbox = district(empty_warehouse, tmp_path / "missing", context, sent, 3)
    outcomes: list[Outcome] = []
    with pytest.raises(FileNotFoundError, match="not in the inbox"):
        ingest_history(inbox.settings, sent[1][:5], on_outcome=outcomes.append, processes=2)
    assert [outcome.submission_id for outcome in outcomes] == [1, 2, 3]


@pytest.mark.parametrize("which", [2, 3])
def test_what_another_run_settles_meanwhile_is_left_alone(
    empty_warehouse: tuple[Path, str], tmp_path: Path, context: IntakeContext, sent: tuple[Path, list[Arrival]], which: int
) -> None:
    """Of two files that are being evaluated, one by each process, while another run settles it."""
    inbox = district(empty_warehouse, tmp_path / f"meanwhile{which}", context, sent, 6)
    by_other: list[Outcome | None] = []
    outcomes: list[Outcome] = []

    def settle_another(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if len(outcomes) > 1:
            return
        arrival = sent[1][which]
        with connect_as_loader(inbox.settings, autocommit=True) as connection:
            processor = SubmissionProcessor(inbox.settings, connection, context, {})
            waiting: list[Any] = [
                item for item in open_submissions(connection, arrival.department) if item[0].submission_id == which + 1
            ]
            by_other.extend(processor.process(*item) for item in waiting)

    ingest_history(inbox.settings, sent[1][:6], on_outcome=settle_another, processes=2)
    assert [one is not None and one.submission_id for one in by_other] == [which + 1]
    assert [outcome.submission_id for outcome in outcomes] == [n for n in range(1, 7) if n != which + 1]
    assert inbox.is_balanced()
