from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.intake.obligations import Obligation, missing
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
NOW = datetime(2020, 3, 20, 12, tzinfo=SHANGHAI)


def owed(connection: Connection, mini: Mini, day: int, now: datetime = NOW) -> dict[tuple[str, str], Obligation]:
    found = missing(connection, load_contracts(mini.include / "contracts"), date(2020, 3, day), now)
    return {(one.department_code, one.report): one for one in found}


def test_who_has_sent_nothing_about_a_day_owes_it(connection: Connection, mini: Mini) -> None:
    found = owed(connection, mini, 18)
    assert set(found) == {("GXJ", "work"), ("GZB", "lease"), ("JRB", "loan")}
    assert (found["GZB", "lease"].received_at, found["GZB", "lease"].is_late) == (None, True)
    assert found["GZB", "lease"].due_at == datetime(2020, 3, 19, 10, tzinfo=SHANGHAI)


def test_nothing_is_owed_before_its_contract_asks_for_it(connection: Connection, mini: Mini) -> None:
    file = mini.include / "contracts/lease.odcs.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("schema:", '  - {property: owedFrom, value: "2020-03-18"}\nschema:'), encoding="utf-8")
    assert ("GZB", "lease") not in owed(connection, mini, 17)
    assert ("GZB", "lease") in owed(connection, mini, 18)


def test_a_first_day_that_no_calendar_has_is_a_fault_of_the_contract(mini: Mini) -> None:
    file = mini.include / "contracts/lease.odcs.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("schema:", '  - {property: owedFrom, value: "2020-02-31"}\nschema:'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="owedFrom: 2020-02-31"):
        load_contracts(mini.include / "contracts")


def test_what_came_in_time_is_not_late_and_what_came_after_is(connection: Connection, mini: Mini) -> None:
    found = owed(connection, mini, 18)
    work, loan = found["GXJ", "work"], found["JRB", "loan"]
    # The first file counts, not its correction of the 20th.
    assert (work.received_at, work.is_late) == (datetime(2020, 3, 19, 9, tzinfo=SHANGHAI), False)
    assert (loan.received_at, loan.is_late) == (datetime(2020, 3, 19, 12, tzinfo=SHANGHAI), True)


def test_what_is_not_due_yet_is_not_late(connection: Connection, mini: Mini) -> None:
    assert not any(one.is_late for one in owed(connection, mini, 20).values())
    earlier = owed(connection, mini, 18, datetime(2020, 3, 19, 8, tzinfo=SHANGHAI))
    assert {one.received_at for one in earlier.values()} == {None}


def test_a_rejected_file_is_not_a_report(connection: Connection, mini: Mini) -> None:
    connection.execute("UPDATE intake.submission SET state = 'rejected' WHERE report = 'loan'")
    assert owed(connection, mini, 18)["JRB", "loan"].received_at is None


def test_a_sender_of_lower_rank_owes_what_it_has_sent_before(connection: Connection, mini: Mini) -> None:
    assert ("SWJ", "work") not in owed(connection, mini, 18)
    settle(connection, "work", "snapshot", "2020-03-16", [(FIRMS[5], "A", True)], "2020-03-17T09:00:00", department="SWJ")
    settle(connection, "work", "snapshot", "2020-03-16", [(FIRMS[5], "A", True)], "2020-03-17T10:00:00", department="SWJ")
    assert ("SWJ", "work") not in owed(connection, mini, 18)  # one stray report and its correction are no habit
    settle(connection, "work", "snapshot", "2020-03-17", [(FIRMS[5], "A", True)], "2020-03-18T09:00:00", department="SWJ")
    assert owed(connection, mini, 18)["SWJ", "work"].is_late


def test_what_has_not_come_is_listed_first(connection: Connection, mini: Mini) -> None:
    found = missing(connection, load_contracts(mini.include / "contracts"), date(2020, 3, 18), NOW)
    assert [one.received_at is None for one in found] == [True, False, False]


def test_what_was_due_before_the_first_file_of_all_came_is_history(connection: Connection, mini: Mini) -> None:
    connection.execute("UPDATE intake.submission SET received_at = received_at + interval '2 years'")
    later = NOW.replace(year=2022, month=4)
    work = owed(connection, mini, 18, later)["GXJ", "work"]
    assert work.received_at is not None
    assert (work.received_at > work.due_at, work.is_late, work.is_history) == (True, False, True)
    lease = owed(connection, mini, 18, later)["GZB", "lease"]
    assert (lease.received_at, lease.is_late, lease.is_history) == (None, True, False)
