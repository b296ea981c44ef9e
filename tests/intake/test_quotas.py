"""What a department sends beyond its quota stays in its inbox, and it is told so once a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT, TRIAL
from fugong.core.time import SHANGHAI
from fugong.intake import collect as collecting
from fugong.intake.backlog import backlogs
from fugong.intake.collect import collect
from fugong.intake.pipeline import process_department
from fugong.intake.quota_notes import NOTE
from fugong.intake.quotas import Limit, Quota, Quotas, load_quotas
from fugong.intake.work_labels import work_labels
from fugong.warehouse.connection import connect
from tests.fixtures.backlogs import drop_aged, note, with_quotas
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

# --- the declaration ------------------------------------------------------------------------------------------------


def declared(folder: Path, text: str) -> Quotas:
    (folder / "reference").mkdir(exist_ok=True)
    (folder / "reference" / "department.csv").write_bytes((PROJECT / "include" / "reference" / "department.csv").read_bytes())
    (folder / "quotas.yaml").write_text(text, encoding="utf-8")
    return load_quotas(folder)


def test_without_a_declaration_the_defaults_hold(tmp_path: Path) -> None:
    assert load_quotas(tmp_path) == declared(tmp_path, "") == Quotas(Quota(), {})


def test_a_department_differs_from_every_department_in_what_is_written(tmp_path: Path) -> None:
    quotas = declared(tmp_path, "every_department: {files_a_day: 30}\ndepartments:\n  GSGS: {files_waiting: 7}\n")
    assert quotas.of("TAX") == Quota(files_a_day=30)
    assert quotas.of("GSGS") == Quota(files_a_day=30, files_waiting=7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("every_department: {files_per_day: 3}", r"quotas\.yaml:1: .*files_per_day"),
        ("every_department: {files_a_day: 0}", r"quotas\.yaml:1: "),
        ("every_department: {files_a_day: many}", r"quotas\.yaml:1: "),
        ("every_department: {files_a_day: 2.5}", r"quotas\.yaml:1: "),
        ("every_department: {}", r"quotas\.yaml:1: "),
        ("every_department:", r"quotas\.yaml:1: "),
        ("departments:\n  GSG: {files_a_day: 3}", r"quotas\.yaml:2: no department 'GSG'\. There is: CZJ, .*GSGS"),
        ("quota: {files_a_day: 3}", r"quotas\.yaml:1: "),
        ("every_department: {files_a_day: 3", r"quotas\.yaml:\d: this is not YAML"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_collected(tmp_path: Path, inbox: Inbox, text: str, message: str) -> None:
    (tmp_path / "include").mkdir()
    with pytest.raises(ConfigurationError, match=message):
        declared(tmp_path / "include", text)
    path = inbox.drop("TAX", "a.csv", note(1))
    with pytest.raises(ConfigurationError, match=message):
        collect(with_quotas(inbox, tmp_path / "district", text).settings, settle_seconds=0)
    assert path.exists()


# --- over quota -----------------------------------------------------------------------------------------------------


def a_day_passes(inbox: Inbox) -> None:
    with connect(inbox.settings) as connection:
        connection.execute("UPDATE intake.submission SET received_at = received_at - interval '1 day'")


def lying(inbox: Inbox, department: str) -> dict[str, tuple[bytes, int]]:
    folder = inbox.settings.inbox / department
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file()}


def test_beyond_a_days_files_the_oldest_are_collected_and_the_others_wait_untouched(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "departments:\n  GXJ: {files_a_day: 4}")
    for number in range(10):  # the last by name is the oldest
        drop_aged(office.settings, "GXJ", f"n{number}.csv", note(number), age=100 + number)
    office.drop("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1)]))
    before, told = lying(office, "GXJ"), office.settings.outbox / "GXJ" / NOTE
    assert {(one.department, one.state) for one in office.ingest()} == {("GXJ", "rejected"), ("TAX", "accepted")}
    assert lying(office, "GXJ") == {f"n{number}.csv": before[f"n{number}.csv"] for number in range(6)}
    text = told.read_text(encoding="utf-8-sig")
    assert "一天最多收 4 份" in text
    assert "今天已收 4 份;收件夹里还有 6 份没有收" in text
    assert not (office.settings.outbox / "TAX" / NOTE).exists()
    # The rest of the day changes nothing and tells nothing again.
    written = told.stat().st_mtime_ns
    office.drop("GXJ", "one more.csv", note(99))
    assert office.ingest() == []
    assert (told.stat().st_mtime_ns, told.read_text(encoding="utf-8-sig")) == (written, text)
    # The next days take the rest; once nothing is over, the note disappears.
    a_day_passes(office)
    assert sorted(one.file_name for one in office.ingest()) == ["n2.csv", "n3.csv", "n4.csv", "n5.csv"]
    assert told.exists()
    a_day_passes(office)
    assert len(office.ingest()) == 3
    assert not told.exists()
    assert lying(office, "GXJ") == {}
    assert office.rows("SELECT COUNT(*), COUNT(DISTINCT file_name) FROM intake.submission WHERE department_code = 'GXJ'") == [
        (11, 11)
    ]


def test_files_to_be_tried_count_and_are_remembered(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "every_department: {files_a_day: 3}")
    for number in range(2):
        drop_aged(office.settings, "GXJ", f"n{number}.csv", note(number), age=10)
        drop_aged(office.settings, "GXJ", f"{TRIAL}/t{number}.csv", note(number), age=20)
    found = collect(office.settings, settle_seconds=0)
    assert (found.dry_runs, len(found.submissions), found.left["GXJ"].limit) == (2, 1, Limit.FILES_A_DAY)
    process_department(office.settings, "GXJ")
    again = collect(office.settings, settle_seconds=0)
    assert (again.dry_runs, again.submissions, again.left["GXJ"].n_files) == (0, [], 1)
    assert "含试投" in (office.settings.outbox / "GXJ" / NOTE).read_text(encoding="utf-8-sig")


def test_no_more_are_collected_than_may_wait(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "every_department: {files_waiting: 3}")
    for number in range(5):
        office.drop("GXJ", f"n{number}.csv", note(number))
    found = collect(office.settings, settle_seconds=0)
    assert (len(found.submissions), found.left["GXJ"].limit, found.left["GXJ"].n_files) == (3, Limit.FILES_WAITING, 2)
    assert collect(office.settings, settle_seconds=0).submissions == []
    assert "在办最多 3 份" in (office.settings.outbox / "GXJ" / NOTE).read_text(encoding="utf-8-sig")
    assert work_labels(office.settings, ["GXJ"], found.left) == {"GXJ": "区工业和信息化局 · 3 files · 2 left in the inbox"}
    process_department(office.settings, "GXJ")
    assert len(collect(office.settings, settle_seconds=0).submissions) == 2
    assert not (office.settings.outbox / "GXJ" / NOTE).exists()


def test_no_more_bytes_are_collected_than_may_wait_but_one_large_file_is(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "every_department: {megabytes_waiting: 1}")
    large = b"x" * (2 << 20)
    for number, content in enumerate((large, b"y" * 700_000, b"z" * 600_000)):
        drop_aged(office.settings, "GXJ", f"n{number}.csv", content, age=100 - number)
    for names in (["n0.csv"], ["n1.csv"], ["n2.csv"]):
        found = collect(office.settings, settle_seconds=0)
        assert [name for (name,) in office.rows("SELECT file_name FROM intake.submission WHERE state = 'received'")] == names
        assert (Limit.MEGABYTES_WAITING if names != ["n2.csv"] else None) == (found.left["GXJ"].limit if found.left else None)
        process_department(office.settings, "GXJ")


def test_what_is_answered_where_it_lies_counts_too(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "every_department: {files_a_day: 3}")
    for number in range(5):
        (office.settings.inbox / "GXJ" / f"folder {number}").mkdir(parents=True)
    office.ingest()
    assert office.rows("SELECT COUNT(*) FROM intake.finding WHERE code = 'a-folder'") == [(3,)]
    a_day_passes(office)
    office.ingest()
    assert office.rows("SELECT COUNT(*) FROM intake.finding WHERE code = 'a-folder'") == [(5,)]


def test_past_files_and_replays_are_no_files_of_today(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "every_department: {files_a_day: 1}")
    now = datetime.now(SHANGHAI)
    office.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1)]), at=now)  # of a manifest
    office.drop("TAX", "R04 3.19.csv", as_csv(TAX_HEADER, [tax_row(2, day="2020-03-19")]))
    assert len(collect(office.settings, settle_seconds=0).submissions) == 1


# --- turns of a run over the inbox ----------------------------------------------------------------------------------


def test_a_file_of_each_department_is_collected_after_the_other(inbox: Inbox) -> None:
    for number in range(30):
        drop_aged(inbox.settings, "GXJ", f"n{number:02d}.csv", note(number), age=1000)
    for department in ("RSJ", "TAX"):
        inbox.drop(department, "a.csv", note(100))
    collect(inbox.settings, settle_seconds=0)
    assert inbox.rows("SELECT department_code FROM intake.submission ORDER BY submission_id LIMIT 4") == [
        ("GXJ",), ("RSJ",), ("TAX",), ("GXJ",),
    ]  # fmt: skip


def test_one_run_collects_a_turn_of_each_and_the_next_goes_on_without_a_note(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "every_department: {files_a_turn: 4}")
    for number in range(6):
        office.drop("GXJ", f"n{number}.csv", note(number))
    found = collect(office.settings, settle_seconds=0)
    assert (len(found.submissions), found.left["GXJ"].limit, found.left["GXJ"].n_files) == (4, Limit.TURN, 2)
    assert not (office.settings.outbox / "GXJ" / NOTE).exists()
    assert len(collect(office.settings, settle_seconds=0).submissions) == 2


def test_a_run_that_lasts_too_long_has_collected_a_file_of_every_department(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "COLLECT_SECONDS", 0.0)
    for department in ("GXJ", "RSJ", "TAX"):
        for number in range(2):
            inbox.drop(department, f"n{number}.csv", note(number))
    found = collect(inbox.settings, settle_seconds=0)
    assert sorted(found.senders) == ["GXJ", "RSJ", "TAX"]
    assert {name: (left.n_files, left.limit) for name, left in found.left.items()} == dict.fromkeys(
        ("GXJ", "RSJ", "TAX"), (1, Limit.TURN)
    )


def test_the_engineer_sees_what_waits_of_whom(inbox: Inbox, tmp_path: Path) -> None:
    office = with_quotas(inbox, tmp_path / "district", "departments:\n  GXJ: {files_a_day: 2}")
    for number in range(5):
        drop_aged(office.settings, "GXJ", f"n{number}.csv", b"12345678", age=600)
    collect(office.settings, settle_seconds=0)
    with connect(office.settings) as connection:
        found = [one.to_json() for one in backlogs(connection, office.settings, datetime.now(SHANGHAI))]
    assert found[0].pop("oldest_at") is not None
    shown = [one for one in found if one["department_code"] in ("GXJ", "TAX")]
    assert [{**one, "quota": one["quota"]["files_a_day"]} for one in shown] == [
        {
            "department_code": "GXJ",
            "files_in_inbox": 3,
            "files_waiting": 2,
            "bytes_waiting": 16,
            "files_today": 2,
            "quota": 2,
        },
        {
            "department_code": "TAX",
            "files_in_inbox": 0,
            "oldest_at": None,
            "files_waiting": 0,
            "bytes_waiting": 0,
            "files_today": 0,
            "quota": 2000,
        },
    ]
