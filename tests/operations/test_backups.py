"""Backups: what is made can be restored, what was changed is found, and who may only make them reads nothing."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from pyrage.x25519 import Identity
from sqlalchemy import make_url
from typer.testing import CliRunner

from fugong.cli.app import app
from fugong.core.errors import ConfigurationError, NotFoundError, RefusedError, WarehouseError
from fugong.core.settings import Settings
from fugong.evidence.tombstones import record_archive_deleted
from fugong.figures.figure import figures
from fugong.operations import setup
from fugong.operations.backups import check_backups
from fugong.operations.backups import folder as place
from fugong.operations.backups.age import new_identity, read_identities, read_recipients
from fugong.operations.backups.make import backup_address, locked, make_backup
from fugong.operations.backups.nightly import back_up
from fugong.operations.backups.rehearse import rehearse
from fugong.operations.backups.restore import restore_archive, restore_dump
from fugong.operations.build_marts import build_marts
from fugong.operations.task_result import Result, TaskResult
from fugong.storage.archive import archived
from fugong.validation.context import IntakeContext
from fugong.warehouse import roles
from fugong.warehouse.connection import connect_as_loader
from fugong.warehouse.embedded import server
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

DAY = date(2020, 3, 17)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the district's identity, as `fugong backup key` writes it."""
    file = tmp_path_factory.mktemp("keys") / "identity"
    new_identity(file)
    return file


@pytest.fixture(scope="module")
def house(
    empty_warehouse: tuple[Path, str], context: IntakeContext, identity: Path, tmp_path_factory: pytest.TempPathFactory
) -> Inbox:
    """An installation that has taken two files and makes sealed backups."""
    house = Inbox.create(empty_warehouse, "backups", tmp_path_factory.mktemp("backups"), context)
    house.send("TAX", "20200316_R04_TAX_V1.csv", as_csv(TAX_HEADER, [tax_row(1, day="2020-03-16"), tax_row(2, day="2020-03-16")]))
    house.send("TAX", "20200317_R04_TAX_V1.csv", as_csv(TAX_HEADER, [tax_row(3, day="2020-03-17")]))
    build_marts(house.settings)
    url = make_url(str(house.settings.warehouse_url)).set(username="fugong_backup", password=secrets.token_hex(12))
    house.settings = replace(house.settings, backup_url=url.render_as_string(hide_password=False))
    with psycopg.connect(str(house.settings.warehouse_url)) as owner:
        roles.set_passwords(owner, replace(house.settings, owner_url=house.settings.warehouse_url))
    return house


@pytest.fixture
def settings(house: Inbox, identity: Path, tmp_path: Path) -> Settings:
    """With an empty folder of backups."""
    (tmp_path / "backups").mkdir()
    public = str(read_identities(identity)[0].to_public())
    return replace(house.settings, backups=tmp_path / "backups", backup_key=public)


@pytest.fixture
def new_home(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of another machine: an empty home, no server yet."""
    home = tmp_path / "new_home"
    home.mkdir()
    yield replace(settings, home=home, warehouse_url=None, owner_url=None, backup_url=None)
    if server.exists(home):
        server.remove(home)


def folder_of(settings: Settings) -> Path:
    assert settings.backups is not None
    return settings.backups


def by_name(results: list[TaskResult]) -> dict[str, TaskResult]:
    return {one.task: one for one in results}


def test_a_sealed_backup_comes_back_on_another_machine_with_every_figure(
    settings: Settings, new_home: Settings, identity: Path
) -> None:
    made = make_backup(settings)
    content = made.backup.path.read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert b"PGDMP" not in content
    assert made.n_copied == 2
    identities = read_identities(identity)
    url = server.start(new_home.home)
    restore_dump(place.find_backup(folder_of(settings), ""), url, identities, new_home.spool)
    setup.init(new_home)
    assert restore_archive(folder_of(settings), new_home, identities) == (2, [])
    assert restore_archive(folder_of(settings), new_home, identities) == (0, [])
    files = sorted(file.name for file in settings.archive.glob("??/*"))
    assert sorted(file.name for file in new_home.archive.glob("??/*")) == files
    assert all(archived(new_home, name).read_bytes() == archived(settings, name).read_bytes() for name in files)
    with connect_as_loader(settings) as here, connect_as_loader(new_home) as there:
        before, after = ([one.to_json() for one in figures(one, settings.include, DAY)] for one in (here, there))
    assert before == after
    assert any(one["value"] is not None for one in before)
    # What is restored goes on: it is a warehouse like any other, and is not overwritten.
    with pytest.raises(RefusedError, match="已有仓库"):
        restore_dump(made.backup, url, identities, new_home.spool)


def test_every_week_the_very_file_is_restored_and_compared(settings: Settings) -> None:
    first = by_name(back_up(settings))
    assert {name: one.outcome for name, one in first.items()} == dict.fromkeys(
        ("backup-made", "rehearsal", "backup", "backup-archive"), Result.WELL
    )
    assert first["rehearsal"].n > 50  # figures
    assert not settings.scratch.exists()
    assert set(by_name(back_up(settings))) == {"backup-made", "backup", "backup-archive"}  # not again this week
    [(manifest,)] = [(one.manifest,) for one in place.list_backups(folder_of(settings))[-1:]]
    assert manifest is not None
    assert manifest.submissions == 2
    assert manifest.rows["tax_relief"] == 3
    assert manifest.recipients == (settings.backup_key,)


def test_a_rehearsal_finds_what_the_backup_lacks(settings: Settings, house: Inbox) -> None:
    witness = Identity.generate()
    made = make_backup(settings, witness=witness)
    # The warehouse had more than the dump: what a dump of the wrong database, or of a part, looks like.
    rows = {**made.facts.rows, "tax_relief": made.facts.rows["tax_relief"] + 1}
    values = {**made.facts.figures, next(iter(made.facts.figures)): "17 17"}
    found = rehearse(settings, replace(made, facts=replace(made.facts, rows=rows, figures=values)), witness)
    assert (found.outcome, found.n) == (Result.BAD, 2)
    assert "tax_relief: 4 → 3" in found.zh
    # A warehouse that was altered behind the log restores as altered, and is found by the log.
    with psycopg.connect(str(house.settings.warehouse_url)) as owner:
        owner.execute("UPDATE report.tax_relief SET row_number = row_number + 100 WHERE row_number < 100")
    try:
        made = make_backup(settings, witness=witness)
        assert rehearse(settings, made, witness).outcome is Result.BAD
    finally:
        with psycopg.connect(str(house.settings.warehouse_url)) as owner:
            owner.execute("UPDATE report.tax_relief SET row_number = row_number - 100 WHERE row_number > 100")


def test_a_changed_backup_is_found_and_not_restored(settings: Settings, new_home: Settings, identity: Path) -> None:
    path = make_backup(settings).backup.path
    whole = path.read_bytes()
    identities = read_identities(identity)
    url = server.start(new_home.home)
    manifest = place.manifest_of(path)
    for damaged in (whole[:-100], whole[:300] + bytes([whole[300] ^ 1]) + whole[301:]):
        path.write_bytes(damaged)
        assert by_name(check_backups(settings))["backup"].outcome is Result.BAD
        with pytest.raises(RefusedError, match="损坏"):
            restore_dump(place.find_backup(folder_of(settings), path.name), url, identities, new_home.spool)
        # Whoever changes the manifest, too, cannot change what is sealed.
        said = manifest.read_text()
        held = json.loads(said) | {"sha256": hashlib.sha256(damaged).hexdigest(), "n_bytes": len(damaged)}
        manifest.write_text(json.dumps(held))
        with pytest.raises((RefusedError, WarehouseError)):
            restore_dump(place.find_backup(folder_of(settings), path.name), url, identities, new_home.spool)
        manifest.write_text(said)
    path.write_bytes(whole)
    with pytest.raises(RefusedError, match="私钥不对"):
        restore_dump(place.find_backup(folder_of(settings), path.name), url, [Identity.generate()], new_home.spool)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regnamespace('intake')").fetchall() == [(None,)]
    copy = next(copy for _, copy in place.copies(folder_of(settings)))
    copy.write_bytes(copy.read_bytes()[:-1] + b"?")
    assert by_name(check_backups(settings))["backup-archive"].zh.startswith("存档副本损坏 1 个、缺 0 个")
    copy.unlink()
    assert by_name(check_backups(settings))["backup-archive"].zh.startswith("存档副本损坏 0 个、缺 1 个")
    assert make_backup(settings).n_copied == 1
    manifest.unlink()
    with pytest.raises(NotFoundError, match="没有备份"):
        place.find_backup(folder_of(settings), "other.dump")


def test_a_killed_backup_leaves_nothing_that_looks_like_one(settings: Settings) -> None:
    folder = folder_of(settings)
    (folder / ".0123.part").write_bytes(b"half")
    (folder / "archive" / "ab").mkdir(parents=True)
    (folder / "archive" / "ab" / ".4567.part").write_bytes(b"half")
    (folder / "fugong-20200101T000000Z.json").write_text("{}")  # killed between the manifest and the name
    made = make_backup(settings)
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == sorted(
        [made.backup.path.name, place.manifest_of(made.backup.path).name]
    )
    assert not (folder / "archive" / "ab" / ".4567.part").exists()
    with locked(folder), pytest.raises(RefusedError, match="正在做另一份备份"):
        make_backup(settings)


def test_a_dump_that_fails_half_way_is_told_and_leaves_nothing(settings: Settings) -> None:
    away = replace(settings, backup_url="postgresql://fugong_backup:secret@127.0.0.1:1/fugong")
    with pytest.raises(WarehouseError, match="没有导出") as told:
        make_backup(away)
    assert "secret" not in str(told.value)
    assert [*folder_of(settings).iterdir()] == []
    made = by_name(back_up(away))
    assert made["backup-made"].outcome is Result.BAD
    assert made["backup"].zh.endswith("里没有备份(*.dump)")


def test_backups_are_kept_so_many_days_and_the_newest_for_ever(settings: Settings, house: Inbox) -> None:
    folder = folder_of(settings)
    old = make_backup(settings).backup
    manifest = place.manifest_of(old.path)
    held = json.loads(manifest.read_text())
    stale = folder / "fugong-20200101T000000Z.dump.age"
    old.path.rename(stale)
    place.manifest_of(stale).write_text(json.dumps(held | {"file": stale.name, "made_at": "2020-01-01T00:00:00+00:00"}))
    manifest.unlink()
    foreign = folder / "somebody.dump"
    foreign.write_bytes(b"theirs")
    os.utime(foreign, (0, 0))
    assert make_backup(replace(settings, backup_days=100_000)).n_removed == 0
    assert make_backup(settings).n_removed == 1
    assert not stale.exists()
    assert not place.manifest_of(stale).exists()
    assert foreign.exists()
    # A copy goes when its original was lawfully deleted, and stays when it was lost.
    [sha256, lost] = sorted(file.name for file in settings.archive.glob("??/*"))
    contents = {name: archived(settings, name).read_bytes() for name in (sha256, lost)}
    try:
        for name in contents:
            archived(settings, name).unlink()
        with connect_as_loader(house.settings) as connection:
            record_archive_deleted(connection, [sha256])
        assert make_backup(settings).n_removed == 1
        assert {name for name, _ in place.copies(folder)} == {lost}
    finally:
        for name, content in contents.items():
            archived(settings, name).write_bytes(content)


def test_an_open_backup_is_told_and_an_unwritable_folder_only_checked(settings: Settings) -> None:
    found = by_name(back_up(replace(settings, backup_key=None), rehearses=True))
    assert (found["backup-made"].outcome, found["rehearsal"].outcome, found["backup"].outcome) == (
        Result.NOTICE,
        Result.WELL,
        Result.WELL,
    )
    assert "没有加密" in found["backup-made"].zh
    assert back_up(replace(settings, backups=None))[0].outcome is Result.NOTICE
    assert back_up(replace(settings, backups=folder_of(settings) / "gone"))[0].outcome is Result.BAD


def test_what_makes_backups_reads_everything_and_writes_nothing(settings: Settings) -> None:
    with psycopg.connect(backup_address(settings)) as connection:
        for statement in (
            "DELETE FROM intake.submission",
            "SET default_transaction_read_only = off; UPDATE report.tax_relief SET row_number = 0",
            "SET default_transaction_read_only = off; INSERT INTO audit.chore (chore, outcome, n, message_zh, message_en) VALUES ('x', 'well', 0, '', '')",
            "SET default_transaction_read_only = off; CREATE TABLE public.mine (a int)",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(statement.encode())
            connection.rollback()


def test_no_secret_stands_in_the_arguments_of_a_process(settings: Settings) -> None:
    seen: set[str] = set()
    made = subprocess.Popen(
        [sys.executable, "-m", "fugong", "backup", "make"],
        env={
            **os.environ,
            "PYTHONPATH": "plugins",
            "FUGONG_HOME": str(settings.home),
            "FUGONG_WAREHOUSE": str(settings.warehouse_url),
            "FUGONG_WAREHOUSE_BACKUP": str(settings.backup_url),
            "FUGONG_BACKUPS": str(settings.backups),
            "FUGONG_BACKUP_KEY": str(settings.backup_key),
        },
        stderr=subprocess.DEVNULL,
    )
    passwords = [str(make_url(str(url)).password) for url in (settings.warehouse_url, settings.backup_url)]
    while made.poll() is None:
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # it has ended
                continue
        time.sleep(0.005)
    assert made.returncode == 0
    assert any("pg_dump" in line for line in seen)
    assert not [line for line in seen if any(password in line for password in passwords)]


@pytest.mark.parametrize("given", ["age1", "age1qqqq", "ssh-rsa AAAA", "旧公钥"])
def test_a_public_key_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ConfigurationError, match="不是 age 的公钥"):
        read_recipients(f"{Identity.generate().to_public()}, {given}")


def test_an_identity_in_place_of_the_public_key_is_refused_and_not_printed() -> None:
    secret = str(Identity.generate())
    with pytest.raises(ConfigurationError) as told:
        read_recipients(secret)
    assert secret not in str(told.value)


def test_a_key_is_never_overwritten_and_is_for_its_owner(tmp_path: Path) -> None:
    runner = CliRunner()
    made = runner.invoke(app, ["backup", "key", str(tmp_path / "identity")])
    assert made.exit_code == 0
    assert read_recipients(made.stdout.strip())
    assert (tmp_path / "identity").stat().st_mode & 0o077 == 0
    before = (tmp_path / "identity").read_bytes()
    with pytest.raises(RefusedError, match="不覆盖"):
        new_identity(tmp_path / "identity")
    assert (tmp_path / "identity").read_bytes() == before
    (tmp_path / "empty").write_text("# nothing\n")
    for wrong in ("empty", "missing"):
        with pytest.raises(RefusedError, match="私钥"):
            read_identities(tmp_path / wrong)
