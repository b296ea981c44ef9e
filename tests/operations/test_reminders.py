"""Reminders of reports that are due and have not come."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fugong.core.time import SHANGHAI
from fugong.operations.reminders import NOTE, remind
from fugong.storage.modes import make_folders
from tests.fixtures.mini_district import Mini, rows, settle

FRIDAY = datetime(2020, 3, 20, 11, 0, tzinfo=SHANGHAI)
SATURDAY = datetime(2020, 3, 21, 11, 0, tzinfo=SHANGHAI)
SUNDAY_AT_WORK = datetime(2020, 4, 26, 11, 0, tzinfo=SHANGHAI)
YEARS_LATER = datetime(2026, 11, 23, 11, 0, tzinfo=SHANGHAI)
OWED = {"GXJ": [13, 14, 15, 17, 19], "GZB": [13, 14, 15, 17, 18, 19], "JRB": [13, 14, 15, 17, 19]}


@pytest.fixture
def processor(own: Mini, tmp_path: Path) -> Mini:
    """The district with an outbox of its own."""
    settings = type(own.settings)(tmp_path / "home", own.settings.district, own.url)
    make_folders(settings, ["GXJ", "GZB", "JRB"])
    return Mini(settings, own.url)


def days(owed: dict[str, list[str]]) -> dict[str, list[int]]:
    return {department: [int(one.rpartition("-")[2]) for one in reports] for department, reports in owed.items()}


def notes(processor: Mini) -> set[str]:
    return {file.parent.name for file in processor.settings.outbox.glob(f"*/{NOTE}")}


def test_what_is_due_and_has_not_come_is_chased_and_written_down(processor: Mini) -> None:
    assert days(remind(processor.settings, now=FRIDAY)) == OWED
    assert notes(processor) == set(OWED)
    said = (processor.settings.outbox / "JRB" / NOTE).read_text(encoding="utf-8-sig")
    assert "2020-03-19,应于 03-20 10:00 前报送" in said
    assert "2020-03-18" not in said
    with processor.connect() as connection:
        assert rows(connection, "SELECT department_code, count(*) FROM intake.reminder GROUP BY 1 ORDER BY 1") == [
            ("GXJ", 5),
            ("GZB", 6),
            ("JRB", 5),
        ]


def test_chasing_twice_changes_nothing_but_the_time(processor: Mini) -> None:
    remind(processor.settings, now=FRIDAY)
    later = FRIDAY.replace(minute=30)
    assert days(remind(processor.settings, now=later)) == OWED
    with processor.connect() as connection:
        assert rows(connection, "SELECT DISTINCT first_reminded_at, last_reminded_at, ended_at FROM intake.reminder") == [
            (FRIDAY, later, None)
        ]


def test_the_reminder_goes_when_the_report_has_come(processor: Mini) -> None:
    remind(processor.settings, now=FRIDAY)
    with processor.connect() as connection:
        for day in OWED["GZB"]:
            settle(connection, "lease", "ledger", f"2020-03-{day}", [("L1", "1", "0.3")], "2020-03-20T11:10:00", department="GZB")
    noon = FRIDAY.replace(hour=12)
    assert set(days(remind(processor.settings, now=noon))) == {"GXJ", "JRB"}
    assert notes(processor) == {"GXJ", "JRB"}
    with processor.connect() as connection:
        assert rows(connection, "SELECT DISTINCT department_code, ended_at FROM intake.reminder WHERE ended_at IS NOT NULL") == [
            ("GZB", noon)
        ]


def test_nobody_is_chased_on_a_day_off(processor: Mini) -> None:
    assert remind(processor.settings, now=SATURDAY) == {}
    assert notes(processor) == set()


def test_nobody_is_chased_while_the_warehouse_holds_history_only(processor: Mini) -> None:
    assert remind(processor.settings, now=YEARS_LATER) == {}
    assert notes(processor) == set()


def test_a_sunday_worked_for_a_holiday_is_a_working_day(processor: Mini) -> None:
    with processor.connect() as connection:
        settle(connection, "lease", "ledger", "2020-04-24", [("L1", "1", "0.3")], "2020-04-25T09:00:00", department="GZB")
    assert set(remind(processor.settings, now=SUNDAY_AT_WORK)) == {"GXJ", "GZB", "JRB"}
