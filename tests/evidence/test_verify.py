"""What is lawful is found in order; whatever somebody alters is found and named. `make prove ARGS=alterations` tries a thousand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.evidence import log
from fugong.evidence.log import Head
from fugong.evidence.opening import open_log
from fugong.evidence.records import RECORDS
from fugong.evidence.verify import verify
from fugong.intake.collect import collect
from fugong.operations import retention
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address, connect
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.prove import alterations

EXEMPT = {"intake.submission": {"receipt", "replied_at"}}
"""Columns that another record of the same table covers."""


def test_every_column_of_a_covered_table_is_covered(own_inbox: Inbox) -> None:
    with connect(own_inbox.settings) as connection:
        for record in RECORDS.values():
            rows = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                (record.relation,),
            ).fetchall()
            others = {name for one in RECORDS.values() if one.relation == record.relation for name in (*one.fixed, *one.moving)}
            # The number of the group that a row belongs to is the key of its record.
            assert {name for (name,) in rows} - others <= {record.key.partition("::")[0]}, record.name


@pytest.fixture(scope="module")
def own_inbox(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    return Inbox.create(empty_warehouse, "evidence", tmp_path_factory.mktemp("evidence"), context)


def tax(day: int, *rows: list[str], mark: str = "V1") -> tuple[str, str, bytes]:
    return "TAX", f"202003{day}_R04_TAX_{mark}.csv", as_csv(TAX_HEADER, rows)


def faults(inbox: Inbox, *heads: Head) -> list[str]:
    with connect(inbox.settings) as connection:
        return [fault.en for fault in verify(connection, inbox.settings, heads).faults]


def head_of(settings: Settings) -> Head:
    with connect(settings) as connection:
        found = log.head(connection)
    assert found is not None
    return found[0]


def test_corrections_withdrawals_seals_and_rejections_are_lawful_and_every_old_head_stays_good(own_inbox: Inbox) -> None:
    heads: list[Head] = []
    mobile = "13800138000"  # made up
    for file in (
        tax(16, tax_row(1, day="2020-03-16"), tax_row(2, "约3500", day="2020-03-16")),
        tax(16, tax_row(1, "900.00", day="2020-03-16"), tax_row(2, day="2020-03-16"), mark="V2"),
        tax(17, tax_row(3, day="2020-03-17")),
        tax(17, tax_row(3, day="2020-03-17")),
        tax(17, mark="作废"),
        tax(18, tax_row(5, 业务日期=f"问{mobile}")),
        ("TAX", "没有名字.csv", b"x"),
    ):
        outcome = own_inbox.send(*file)
        heads.append(Head.parse(own_inbox.receipt(outcome)["evidence_head"]))
        own = "SELECT entry_number, head FROM audit.log_entry WHERE kind = 'settlement' AND subject = %s"
        assert own_inbox.rows(own, str(outcome.submission_id)) == [(heads[-1].size, heads[-1].root)]
    collect(own_inbox.settings)
    assert len({head.size for head in heads}) == 7
    assert faults(own_inbox, *heads) == []
    retention.tidy(own_inbox.settings)
    assert faults(own_inbox, *heads, head_of(own_inbox.settings)) == []


def test_an_algorithm_that_changes_later_breaks_no_old_entry(own_inbox: Inbox) -> None:
    before = head_of(own_inbox.settings)
    with connect(own_inbox.settings) as connection:
        assert len(open_log(connection, "sm3", 10**9)) == 1
    own_inbox.send(*tax(19, tax_row(9, day="2020-03-19")))
    assert own_inbox.rows("SELECT DISTINCT algorithm FROM audit.log_entry ORDER BY 1") == [("sha256",), ("sm3",)]
    assert faults(own_inbox, before, head_of(own_inbox.settings)) == []


def test_a_head_that_is_none_is_refused_and_one_of_another_house_is_found() -> None:
    with pytest.raises(RefusedError, match="no head"):
        Head.parse("abc")
    text = "12:" + "ab" * 32
    assert str(Head.parse(text.replace(":", ":").upper())) == text


@pytest.fixture(scope="module")
def house(sample_district: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[alterations.House]:
    """The sample district, its archive in a copy."""
    home = tmp_path_factory.mktemp("altered")
    shutil.copytree(sample_district.archive, home / "archive")
    with alterations.open_house(replace(sample_district, home=home, warehouse_url=address(sample_district))) as house:
        yield house


@pytest.mark.attack
@pytest.mark.parametrize("kind", sorted(alterations.KINDS.keys() - {"document"}))
def test_an_alteration_is_found_against_an_exported_head(house: alterations.House, kind: str) -> None:
    found = alterations.case_of(house, Random(7), kind)
    assert found["n_faults"] >= 1


def test_what_was_altered_is_named(house: alterations.House) -> None:
    damages = {
        "UPDATE report.loan SET disbursed = disbursed + 1 WHERE (part_id, row_number) ="
        " (SELECT part_id, row_number FROM report.loan ORDER BY part_id LIMIT 1)": "report.loan: between lines 1 and 511 of part",
        "UPDATE intake.submission SET file_name = 'x' WHERE submission_id = 7": "intake.submission 7 was changed",
        "UPDATE intake.part SET superseded_at = now() WHERE part_id = 9": "intake.part 9 has another superseded_at",
        "DELETE FROM audit.log_entry WHERE entry_number = 5": "entry 5 is missing",
    }
    for damage, said in damages.items():
        with house.connection.transaction(force_rollback=True):
            house.connection.execute(damage.encode())
            assert said in "; ".join(fault.en for fault in verify(house.connection, None).faults), damage


def test_verifying_by_sample_reads_some_parts_and_says_so(house: alterations.House) -> None:
    found = verify(house.connection, None, max_rows=5_000)
    assert (found.faults, found.is_whole) == ((), False)
    assert 2_000 < found.n_rows <= 5_000


@pytest.mark.attack
def test_the_loader_adds_entries_and_changes_none(house: alterations.House) -> None:
    allowed = {
        (table, right)
        for table in ("audit.log_entry", "audit.log_head", "audit.sealed_part", "audit.published_figure")
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if house.connection.execute("SELECT has_table_privilege('fugong_loader', %s, %s)", (table, right)).fetchone() == (True,)
    }
    added = {(table, right) for table in ("audit.log_entry", "audit.sealed_part") for right in ("SELECT", "INSERT")}
    assert added | {("audit.log_head", "SELECT"), ("audit.log_head", "UPDATE")} <= allowed
    assert {table for table, right in allowed if right in {"UPDATE", "DELETE", "TRUNCATE"}} == {"audit.log_head"}
