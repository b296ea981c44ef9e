"""Reminders of overdue reports: rows of `intake.reminder`, and a note in the outbox of each department that owes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import psycopg

from fugong.contracts.accepted import known_contracts
from fugong.contracts.schedule import is_workday, load_calendar
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.intake.obligations import Obligation, is_in_use, missing, record_reminders
from fugong.messages.event import Event
from fugong.messages.outbox import record_message
from fugong.messages.rules import load_rules
from fugong.privacy.detect import mask
from fugong.storage import outbox
from fugong.warehouse.connection import connect_as_loader

REMINDED_DAYS = 7
"""Notes remind of reports about these last days; `intake.reminder` keeps older ones."""
NOTE = "催报.txt"


def remind(settings: Settings, *, now: datetime | None = None) -> dict[str, list[str]]:
    """Write the reminders of now: rows of `intake.reminder`, and `outbox/<DEPT>/催报.txt`; delete the notes of departments that owe nothing.

    Nobody is reminded on days off, nor if no report about the last month has come at all: then the warehouse holds history only,
    and nobody reports to it.

    Returns:
        Department → overdue reports, as `R04 2020-03-17`.
    """
    now = now or datetime.now(SHANGHAI)
    with connect_as_loader(settings) as connection:
        contracts = known_contracts(connection, settings.include / "contracts")
        today = now.astimezone(SHANGHAI).date()
        if not is_workday(today, load_calendar(connection)):
            return {}
        overdue: list[Obligation] = []
        found: set[Obligation] = set()
        if is_in_use(connection, today):
            days = [today - timedelta(ago) for ago in range(REMINDED_DAYS, -1, -1)]
            found = {one for day in days for one in missing(connection, contracts, day, now)}
            overdue = sorted(
                (one for one in found if one.received_at is None and one.is_late),
                key=lambda one: (one.department_code, one.due_at, one.report),
            )
        record_reminders(connection, overdue, now)
        tell(connection, Event.REPORT_OVERDUE, overdue)
        waiting: dict[str, list[str]] = {}
        for department, name in connection.execute(
            "SELECT department_code, file_name FROM intake.submission WHERE state = 'received' ORDER BY submission_id"
        ):
            waiting.setdefault(department, []).append(mask(name))
    owed: dict[str, list[Obligation]] = {}
    for one in overdue:
        owed.setdefault(one.department_code, []).append(one)
    write_notes(settings, owed, waiting, now)
    soon = now + load_rules(settings.include).due_before  # last: a fault there hinders no reminder
    with connect_as_loader(settings) as connection:
        tell(connection, Event.REPORT_DUE, [one for one in found if one.received_at is None and now < one.due_at <= soon])
    return {code: [f"{one.report} {one.report_date}" for one in reports] for code, reports in owed.items()}


def tell(connection: psycopg.Connection, event: Event, reports: Iterable[Obligation]) -> None:
    """Tell the departments, once per report, day and due time, what is due or overdue."""
    for one in sorted(reports, key=lambda one: (one.department_code, one.due_at, one.report)):
        due_at = one.due_at.isoformat(timespec="minutes")
        facts = {
            "department": one.department_code,
            "report": one.report,
            "report_date": one.report_date.isoformat(),
            "due_at": due_at,
        }
        key = f"{one.department_code} {one.report} {one.report_date} {due_at}"
        record_message(connection, event, key, facts, department=one.department_code)


def write_notes(
    settings: Settings, owed: Mapping[str, list[Obligation]], waiting: Mapping[str, Sequence[str]], now: datetime
) -> None:
    """Write one note per department that owes a report; delete the notes of the others.

    Args:
        waiting: department → files that came and are not judged yet.
    """

    def answer(department: str, folder: outbox.AnswerFolder) -> None:
        if department in owed:
            note = text(department, owed[department], waiting.get(department, ()), now)
            folder.write(NOTE, note.replace("\n", "\r\n").encode("utf-8-sig"))
        else:
            folder.remove(NOTE)

    outbox.answer_each(settings, sorted({*outbox.departments_with(settings, NOTE), *owed}), answer)


def text(department: str, reports: Iterable[Obligation], waiting: Sequence[str], now: datetime) -> str:
    """The note, for a clerk to read in any editor. Files that wait for us may be what is owed: nobody is asked for them again."""
    state = "还没有入库" if waiting else "尚未收到"
    lines = [f"截至 {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M},以下报表已到期,{state}:", ""]
    lines += [
        f"  {one.report} {one.report_name},统计日 {one.report_date},应于 {one.due_at.astimezone(SHANGHAI):%m-%d %H:%M} 前报送"
        for one in reports
    ]
    if waiting:
        lines += ["", "以下文件已经收到,因我方原因还没有判读,不必重报:", "", *(f"  {name}" for name in waiting)]
    lines += ["", f"请放入收件夹 inbox/{department}。整份退回的报表不算收到,请按回执改好再报。收到后本通知自动撤下。", ""]
    return "\n".join(lines)
