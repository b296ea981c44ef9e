"""What is done every night: nothing is deleted too early, nothing that is wrong stays unseen."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from fugong.core.advisory_locks import BUILD_LOCK, COLLECT_LOCK
from fugong.core.settings import Settings
from fugong.intake.collect import collect
from fugong.operations import backups, integrity, maintenance, retention
from fugong.operations.build_marts import build_marts
from fugong.operations.task_result import MaintenanceError, Result, TaskResult, raise_bad
from fugong.storage import quarantine
from fugong.storage.archive import archived
from fugong.storage.modes import make_folders
from fugong.validation.context import IntakeContext
from fugong.warehouse.embedded.binaries import binary
from tests.fixtures.evidence import reseal
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

DAY = 24 * 3600
TIDIED = {"raw-cells", "raw-files", "sealed-files", "messages", "logins", "leftovers"}
VERIFIED = {"archive", "archive-unknown", "balance", "parts", "marts", "published", "evidence", "waiting", "checksums"}
LOOKED_AT = {"folders", "inbox-old", "outbox-old"}
ALL = TIDIED | VERIFIED | LOOKED_AT | {"backup"}
MOBILE = "13800138000"  # made up


def tax(day: int, *rows: list[str]) -> tuple[str, str, bytes]:
    return "TAX", f"202003{day}_R04_TAX_V1.csv", as_csv(TAX_HEADER, rows)


@pytest.fixture(scope="module")
def house(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """An installation that has taken a good file, one with a bad row and one with a telephone, and has built its marts."""
    house = Inbox.create(empty_warehouse, "house", tmp_path_factory.mktemp("house"), context)
    make_folders(house.settings, {sender for contract in context.contracts for sender in contract.senders})
    house.send(*tax(16, tax_row(1, day="2020-03-16"), tax_row(2, day="2020-03-16")))
    house.send(*tax(17, tax_row(3, day="2020-03-17"), tax_row(4, "约3500", day="2020-03-17")))
    house.send(*tax(18, tax_row(5, 业务日期=f"问{MOBILE}")))
    collect(house.settings)  # seals the last one
    build_marts(house.settings)
    return house


def digests(house: Inbox) -> list[str]:
    return [str(sha256) for (sha256,) in house.rows("SELECT sha256 FROM intake.submission ORDER BY submission_id")]


def execute(house: Inbox, statement: str) -> None:
    assert house.settings.warehouse_url is not None
    with psycopg.connect(house.settings.warehouse_url) as connection:
        connection.execute(statement.encode())


def by_name(results: list[TaskResult]) -> dict[str, TaskResult]:
    return {one.task: one for one in results}


def bad(results: list[TaskResult]) -> dict[str, str]:
    return {one.task: one.zh for one in results if one.outcome is Result.BAD}


def age(path: Path, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(path, (then, then), follow_symlinks=False)


def test_a_house_in_order_is_found_so_and_stays_as_it_is(house: Inbox) -> None:
    def everything() -> list[object]:
        files = sorted(path for path in house.settings.home.rglob("*") if path.is_file())
        return [
            files,
            *house.rows("SELECT row_to_json(held)::text FROM intake.set_aside_row AS held ORDER BY 1"),
            *house.rows("SELECT COUNT(*) FROM report.tax_relief"),
        ]

    before = everything()
    found = [by_name(maintenance.run_all(house.settings)) for _ in range(2)]
    assert set(found[0]) == ALL
    assert found[0]["evidence"].n < found[1]["evidence"].n  # the tasks of the first run are in the log, too
    assert found[0] == found[1] | {"evidence": found[0]["evidence"]}
    assert {name: one.outcome for name, one in found[0].items() if one.outcome is not Result.WELL} == {"backup": Result.NOTICE}
    assert {name: found[0][name].n for name in TIDIED} == dict.fromkeys(TIDIED, 0)
    # It looked at something: two archived files (the third is sealed), three submissions, two parts, days of every mart.
    n_marts = house.rows("SELECT COUNT(DISTINCT mart) FROM audit.mart_day WHERE to_regclass('mart.' || mart) IS NOT NULL")[0][0]
    looked_at = [found[0][name].n for name in ("archive", "archive-unknown", "balance", "parts")]
    assert looked_at == [2, 2, 3, 2]
    assert n_marts > 5
    assert found[0]["marts"].n >= n_marts
    assert everything() == before
    assert set(raise_bad(found[0].values())) == ALL


def test_what_was_done_and_found_is_kept_as_rows(house: Inbox) -> None:
    [(last,)] = house.rows("SELECT COALESCE(MAX(chore_id), 0) FROM audit.chore")
    results = maintenance.run_all(house.settings)
    kept = house.rows(
        "SELECT chore, outcome, n, message_zh, message_en FROM audit.chore WHERE chore_id > %s ORDER BY chore_id", last
    )
    assert kept == [(one.task, one.outcome, one.n, one.zh, one.en) for one in results]


# Each damage, and what undoes it.


@contextmanager
def statements(house: Inbox, damage: str, mend: str) -> Iterator[None]:
    execute(house, damage)
    try:
        yield
    finally:
        execute(house, mend)


@contextmanager
def changed_file(house: Inbox) -> Iterator[None]:
    path = archived(house.settings, digests(house)[0])
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    yield
    path.write_bytes(content)


@contextmanager
def lost_file(house: Inbox) -> Iterator[None]:
    path = archived(house.settings, digests(house)[1])
    content = path.read_bytes()
    path.unlink()
    yield
    path.write_bytes(content)


@contextmanager
def unknown_file(house: Inbox) -> Iterator[None]:
    path = archived(house.settings, "ab" * 32)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    assert "archive-unknown" not in bad(integrity.verify(house.settings))  # perhaps it arrives just now
    age(path, 2)
    yield
    path.unlink()


DAMAGES = {
    "a changed file": ("archive", "20200316_R04_TAX_V1.csv (sha256)", changed_file),
    "a lost file": ("archive", "20200317_R04_TAX_V1.csv (No such file or directory)", lost_file),
    "a file without a submission": ("archive-unknown", "abababababab", unknown_file),
    "a row that is gone": (
        "parts",
        "tax_relief 1 (2→1)",
        lambda house: statements(
            house,
            "CREATE TABLE gone AS SELECT * FROM report.tax_relief WHERE part_id = 1 ORDER BY row_number LIMIT 1;"
            "DELETE FROM report.tax_relief WHERE (part_id, row_number) IN (SELECT part_id, row_number FROM gone)",
            "INSERT INTO report.tax_relief SELECT * FROM gone; DROP TABLE gone",
        ),
    ),
    "a row without a part": (
        "parts",
        "tax_relief 99 (0→1)",
        lambda house: statements(
            house,
            "CREATE TABLE other AS SELECT * FROM report.tax_relief WHERE part_id = 2; UPDATE other SET part_id = 99;"
            "INSERT INTO report.tax_relief SELECT * FROM other; DROP TABLE other",
            "DELETE FROM report.tax_relief WHERE part_id = 99",
        ),
    ),
    "counts of a part that are not those of its file": (
        "balance",
        "2",
        lambda house: statements(
            house,
            "UPDATE intake.submission SET rows_not_data = rows_not_data + 1, rows_read = rows_read + 1 WHERE submission_id = 2",
            "UPDATE intake.submission SET rows_not_data = rows_not_data - 1, rows_read = rows_read - 1 WHERE submission_id = 2",
        ),
    ),
    "a sum that somebody changed": (
        "marts",
        "fee_reduction_daily",
        lambda house: statements(
            house,
            "UPDATE mart.fee_reduction_daily SET claimed = claimed + 1 WHERE business_date = '2020-03-17'",
            "UPDATE mart.fee_reduction_daily SET claimed = claimed - 1 WHERE business_date = '2020-03-17'",
        ),
    ),
    "a mart of another version": (
        "marts",
        "fugong init",
        lambda house: statements(
            house,
            "UPDATE audit.mart_version SET hash = hash || 'x' WHERE mart = 'loan_daily'",
            "UPDATE audit.mart_version SET hash = rtrim(hash, 'x') WHERE mart = 'loan_daily'",
        ),
    ),
    "a published file that was edited": (
        "published",
        "1 个:7.html",
        lambda house: statements(
            house,
            "INSERT INTO audit.published (publication_id, format, as_of, known_at, code_version, sha256, content, signer, signed_at,"
            " is_provisional, missing) SELECT 7, format, '2020-03-18', now(), '', encode(sha256('as signed'), 'hex'), content, 'zhang', now(),"
            " false, '{}' FROM (VALUES ('docx', 'as signed'::bytea), ('html', 'as edited')) AS file (format, content)",
            "DELETE FROM audit.published",
        ),
    ),
    "a file that waits": (
        "waiting",
        "TAX 1",
        lambda house: statements(
            house,
            "CREATE TABLE kept AS SELECT submission_id, replied_at, recorded_at FROM intake.submission;"
            "UPDATE intake.submission SET replied_at = NULL, recorded_at = recorded_at - INTERVAL '2 days' WHERE submission_id = 1",
            "UPDATE intake.submission SET replied_at = kept.replied_at, recorded_at = kept.recorded_at FROM kept"
            " WHERE kept.submission_id = submission.submission_id; DROP TABLE kept",
        ),
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_wrong_is_named(house: Inbox, name: str) -> None:
    chore, said, damage = DAMAGES[name]
    with damage(house):
        results = integrity.verify(house.settings)
        found = bad(results)
        # Rows that are gone are missed by the log, and by the marts where chance picks their day.
        assert {chore} <= set(found) <= {chore, "marts", "evidence"}
        assert said in found[chore]
        with pytest.raises(MaintenanceError, match=chore):
            raise_bad(results)


def test_nothing_is_deleted_a_day_too_early_and_everything_a_day_later(inbox: Inbox) -> None:
    inbox.send(*tax(16, tax_row(1, day="2020-03-16"), tax_row(2, "约3500", day="2020-03-16")))
    inbox.send(*tax(18, tax_row(5, 业务日期=f"问{MOBILE}")))
    collect(inbox.settings)
    kept, sealed = digests(inbox)
    spool, draft = inbox.settings.spool / "killed", inbox.settings.archive / ".killed"
    spool.mkdir(parents=True)
    (spool / "block").write_bytes(b"")
    draft.write_bytes(b"")

    def held() -> list[bool]:
        [(n_cells,)] = inbox.rows("SELECT COUNT(cells) FROM intake.set_aside_row")
        places = (archived(inbox.settings, kept), quarantine.sealed(inbox.settings, sealed), spool, draft)
        return [n_cells > 0, *(place.exists() for place in places)]

    def later(interval: str, answered: str = "1 month") -> None:
        execute(
            inbox,
            f"UPDATE intake.submission SET recorded_at = clock_timestamp() - INTERVAL '{interval}',"
            f" replied_at = clock_timestamp() - INTERVAL '{answered}'",
        )
        reseal(inbox.settings)

    def tidied() -> dict[str, int]:
        return {name: one.n for name, one in by_name(retention.tidy(inbox.settings)).items()}

    nothing = dict.fromkeys(TIDIED, 0)
    execute(
        inbox,
        "INSERT INTO audit.message (event, event_key, audience, channel, facts, state, settled_at) VALUES"
        " ('check_failed', '1', 'engineers', 'hook', '{}', 'sent', now() - INTERVAL '89.9 days'),"
        " ('check_failed', '2', 'engineers', 'hook', '{}', 'waiting', NULL)",
    )
    later("89 days", "6.9 days")
    for path, days in ((spool, 0.9), (draft, 0.9)):
        age(path, days)
    assert tidied() == nothing
    assert held() == [True] * 5
    n_rows = inbox.rows("SELECT COUNT(*) FROM intake.set_aside_row")[0][0]
    later("91 days", "7.1 days")
    execute(inbox, "UPDATE audit.message SET settled_at = now() - INTERVAL '90.1 days' WHERE state = 'sent'")
    for path, days in ((spool, 1.1), (draft, 1.1)):
        age(path, days)
    assert tidied() == {"raw-cells": n_rows, "raw-files": 0, "sealed-files": 1, "messages": 1, "logins": 0, "leftovers": 2}
    assert held() == [False, True, False, False, False]
    # What went wrong with a row is kept, when its cells are gone.
    assert inbox.rows("SELECT COUNT(*) FROM intake.set_aside_row") == [(n_rows,)]
    later("3 years 1 day")
    assert tidied() == nothing | {"raw-files": 1}
    assert held() == [False] * 5
    assert tidied() == nothing
    assert bad(integrity.verify(inbox.settings)) == {}


def test_a_file_that_came_again_or_waits_is_kept(inbox: Inbox) -> None:
    file = tax(16, tax_row(1, day="2020-03-16"))
    inbox.send(*file)
    inbox.send("TAX", "again.csv", file[2])
    [sha256] = set(digests(inbox))
    execute(inbox, "UPDATE intake.submission SET recorded_at = now() - INTERVAL '4 years' WHERE submission_id = 1")
    retention.tidy(inbox.settings)
    assert archived(inbox.settings, sha256).exists()
    execute(
        inbox, "UPDATE intake.submission SET recorded_at = now() - INTERVAL '4 years', replied_at = NULL WHERE submission_id = 2"
    )
    retention.tidy(inbox.settings)
    assert archived(inbox.settings, sha256).exists()


def test_tidying_that_was_killed_is_finished_by_the_next_run(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (16, 17, 18):
        inbox.send(*tax(day, tax_row(day, day=f"2020-03-{day}")))
    execute(inbox, "UPDATE intake.submission SET recorded_at = now() - INTERVAL '4 years'")
    asked: list[str] = []

    def killed(settings: Settings, sha256: str) -> Path:
        asked.append(sha256)
        if len(asked) == 5:  # all three are there, the first is deleted
            raise KeyboardInterrupt
        return archived(settings, sha256)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(retention, "archived", killed)
        retention.tidy(inbox.settings)
    assert sum(archived(inbox.settings, sha256).exists() for sha256 in digests(inbox)) == 2
    assert by_name(retention.tidy(inbox.settings))["raw-files"].n == 2


def test_a_build_of_marts_keeps_no_file_waiting(inbox: Inbox) -> None:
    assert COLLECT_LOCK != BUILD_LOCK
    inbox.drop(*tax(16, tax_row(1, day="2020-03-16")))
    assert inbox.settings.warehouse_url is not None
    with psycopg.connect(inbox.settings.warehouse_url) as building:
        building.execute("SELECT pg_advisory_xact_lock(%s)", (BUILD_LOCK,))
        assert len(collect(inbox.settings, settle_seconds=0).submissions) == 1


def test_a_backup_is_good_when_it_is_new_whole_and_ours(house: Inbox, tmp_path: Path) -> None:
    settings = replace(house.settings, backups=tmp_path)
    assert settings.warehouse_url is not None

    def said() -> tuple[Result, str]:
        [one] = backups.check_backups(settings)
        return one.outcome, one.zh

    def dump(name: str, *options: str) -> Path:
        program = binary("pg_dump")
        subprocess.run([program, "--format=custom", f"--file={tmp_path / name}", *options, settings.warehouse_url], check=True)
        return tmp_path / name

    assert backups.check_backups(house.settings)[0].outcome is Result.NOTICE
    assert said() == (Result.BAD, f"{tmp_path} 里没有备份(*.dump)")
    whole = dump("whole.dump")
    outcome, text = said()
    assert outcome is Result.WELL
    assert text.startswith("备份 whole.dump 可读,")
    age(whole, 1)
    assert said()[0] is Result.WELL
    age(whole, 2)
    assert said() == (Result.BAD, "最近的备份 whole.dump 已过 48 小时")
    (tmp_path / "cut.dump").write_bytes(whole.read_bytes()[:-2000])
    outcome, text = said()
    assert outcome is Result.BAD
    assert text.startswith("备份 cut.dump 读不出来:")
    dump("other.dump", "--schema=audit")
    assert said() == (Result.BAD, "备份 other.dump 里没有报送")
