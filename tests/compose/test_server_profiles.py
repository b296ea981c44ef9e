"""What stands beside Airflow, by profile: a proxy with TLS, SFTP for departments, a directory, backups by hand, workers. Runs after `test_server.py`, on its server."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.compose.conftest import Server, wait_until
from tests.compose.engine import EngineError
from tests.end_to_end.conftest import sample_files

pytestmark = pytest.mark.compose

OVER_TLS = """\
import ssl, sys, urllib.request
trusts = ssl.create_default_context(cafile=sys.argv[1])
print(urllib.request.urlopen(urllib.request.Request(sys.argv[2]), context=trusts, timeout=30).status)
"""
LOG_IN = """\
import http.cookiejar, json, ssl, sys, urllib.parse, urllib.request
certificate, account, password, page = json.load(sys.stdin)
trusts = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=certificate))
people = urllib.request.build_opener(trusts, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
form = urllib.parse.urlencode({"account": account, "password": password}).encode()
people.open("https://localhost/login", form, timeout=60).read()
answer = people.open("https://localhost" + page, timeout=60)
print(answer.geturl())
print(answer.read().decode())
"""
SYS_ADMIN = 21
"""The number of the capability."""
PASSWORD = "a password of the directory"
NEW_KEY = ("openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=localhost")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of two departments."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("TAX", "GXJ"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    return folder


@pytest.fixture(scope="module")
def beside(server: Server, keys: Path) -> Server:
    """The server with these profiles, on which people log in with the password of the directory that one of them is."""
    secrets = server.clone / "secrets"
    names = ("-addext", "subjectAltName=DNS:localhost")
    subprocess.run(
        [*NEW_KEY, *names, "-keyout", secrets / "tls_key", "-out", secrets / "tls_certificate"], check=True, capture_output=True
    )
    for name in ("tls_key", "tls_certificate"):
        (secrets / name).chmod(0o444)
    (server.clone / "sftp").mkdir(mode=0o700)
    for name in ("TAX", "GXJ"):
        (server.clone / "sftp" / name).write_text((keys / f"{name}.pub").read_text())
    subprocess.run(["sh", "docker/configure.sh", "ldap"], cwd=server.clone, env=server.engine.environment, check=True)
    with (server.clone / ".env").open("a") as file:
        file.write("COMPOSE_PROFILES=proxy,sftp,ldap\nAIRFLOW_BASE_URL=https://localhost:8443\n")
    server.up()
    server.within("ldap", "person", "add", "wang", "王区长", stdin=f"{PASSWORD}\n".encode())
    words = ["account", "add", "wang", "--name", "王区长", "--post", "区长", "--role", "operator", "--role", "signer"]
    server.compose("run", "--rm", "--no-deps", "-T", "airflow-init", "fugong", *words)
    return server


def options(keys: Path, whose: str) -> list[str]:
    return ["-q", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-i", str(keys / whose)]


def sftp(server: Server, keys: Path, department: str, commands: str, *, whose: str = "") -> str:
    """What `sftp` says; it stops at the first command that fails.

    Raises:
        EngineError: one failed.
    """
    login = [*options(keys, whose or department), "-P", "2222", "-b", "-", f"{department}@127.0.0.1"]
    return server.engine.inside("sftp", *login, stdin=commands)


def test_the_pages_and_airflow_are_behind_tls_and_the_tasks_interface_is_not_there(beside: Server) -> None:
    certificate = str(beside.clone / "secrets/tls_certificate")

    def get(path: str, port: int = 443) -> str:
        return beside.engine.inside("/usr/bin/python3", "-c", OVER_TLS, certificate, f"https://localhost:{port}{path}").strip()

    assert get("/login") == "200"
    assert get("/api/v2/version", 8443) == "200"
    for port in (443, 8443):
        with pytest.raises(EngineError, match="404"):
            get("/execution/health", port)
    plain = beside.engine.inside("curl", "--silent", "--head", "http://localhost/")
    assert "301" in plain
    assert "location: https://localhost/" in plain.lower()
    cookie = beside.engine.inside("curl", "--silent", "--insecure", "--head", "--request", "GET", "https://localhost/auth/login/")
    assert "strict-transport-security" in cookie.lower()


def test_a_person_of_the_directory_logs_in_through_the_proxy_and_reads_the_pages(beside: Server) -> None:
    certificate = str(beside.clone / "secrets/tls_certificate")

    def page(path: str, account: str, password: str) -> str:
        given = json.dumps([certificate, account, password, path])
        return beside.engine.inside("/usr/bin/python3", "-c", LOG_IN, stdin=given)

    found = page("/briefing?as_of=2020-03-18", "wang", PASSWORD)
    assert found.splitlines()[0] == "https://localhost/briefing?as_of=2020-03-18"
    assert "王区长" in found
    assert "万元" in found
    with pytest.raises(EngineError, match="HTTP Error 401"):
        page("/briefing?as_of=2020-03-18", "wang", "another password")
    # In Airflow, too: the directory knows the password, the account says what it may do.
    asked = json.dumps({"username": "wang", "password": PASSWORD})
    sent = ["--silent", "--cacert", certificate, "--header", "Content-Type: application/json", "--data", asked]
    assert "access_token" in beside.engine.inside("curl", *sent, "https://localhost:8443/auth/token")
    assert beside.within("ldap", "person", "list").split() == ["wang"]
    shown = beside.engine.docker("inspect", *beside.compose("ps", "--all", "--quiet").split()) + beside.shown_by_processes()
    assert beside.secret("fugong_ldap_reader_password") not in shown


def test_a_department_drops_a_file_by_sftp_and_fetches_its_receipt(beside: Server, keys: Path, tmp_path: Path) -> None:
    [(name, content)] = sample_files("TAX", "20200306_R04_TAX_V1.csv").items()
    (tmp_path / name).write_bytes(content)
    sftp(beside, keys, "TAX", f"put {tmp_path / name} {name}.part\nrename {name}.part {name}\n")
    wait_until(lambda: name in beside.receipts("TAX"), 90, "no receipt of a file that came by SFTP")
    assert beside.receipts("TAX")[name]["state"] == "accepted"
    fetched = sftp(beside, keys, "TAX", f"lcd {tmp_path}\nget /outbox/{Path(name).stem}*.json\nls -l /outbox\n")
    assert list(tmp_path.glob("*.json"))
    assert "-rw-r-----" in fetched


def test_a_department_sees_two_folders_and_the_name_of_nobody_else(beside: Server, keys: Path) -> None:
    seen = sftp(beside, keys, "TAX", "pwd\nls -1a /\nls -la /\nls -la /inbox\nls -la /outbox\n")
    assert "Remote working directory: /inbox" in seen
    assert {line.strip("/") for line in seen.splitlines() if line.startswith("/")} == {".", "..", "inbox", "outbox"}
    assert "GXJ" not in seen
    bounds = "for p in /proc/[0-9]*; do test \"$(cat $p/comm)\" = sshd && sed -n 's/^CapBnd:\\s*//p' $p/status; done; true"
    found = {int(one, 16) for one in beside.within("sftp", "sh", "-c", bounds).split()}
    assert found
    assert not any(one >> SYS_ADMIN & 1 for one in found)  # start.sh has mounted the folders; nobody can any more


@pytest.mark.parametrize(
    "command",
    [
        "ls /inbox/GXJ",
        "ls /inbox/../GXJ",
        "ls /srv/sftp",
        "ls /mnt/inbox",
        "get /outbox/GXJ/x.json",
        "put /etc/hostname /outbox/x",
        "put /etc/hostname /x",
        "rename /inbox/.here.csv /outbox/here.csv",
        "ln -s /outbox /inbox/link",
        "ln /inbox/.here.csv /inbox/link.csv",
        "chgrp 0 /inbox",
        "mkdir /outbox/x",
        "rmdir /outbox",
        "ls /etc",
        "ls /inbox/../../etc",
    ],
)
def test_it_reaches_nothing_else(beside: Server, keys: Path, command: str) -> None:
    sftp(beside, keys, "TAX", "put /etc/hostname .here.csv\nls\n")  # so that a refusal is one of this command
    with pytest.raises(EngineError, match=r"Permission denied|Failure|not found|Couldn|No such file|not support"):
        sftp(beside, keys, "TAX", f"{command}\n")


def test_nobody_gets_in_without_a_key_of_the_department_or_gets_a_shell(beside: Server, keys: Path) -> None:
    with pytest.raises(EngineError, match=": 255\nConnection closed"):
        sftp(beside, keys, "TAX", "ls\n", whose="GXJ")
    assert ".here.csv" not in sftp(beside, keys, "GXJ", "ls -a\n")
    with pytest.raises(EngineError, match="sftp connections only"):
        beside.engine.inside("ssh", *options(keys, "TAX"), "-p", "2222", "TAX@127.0.0.1", "id")


def test_a_backup_is_made_by_hand_without_airflow(server: Server) -> None:
    folder = server.clone / "backups"
    folder.mkdir(mode=0o700)
    os.chown(folder, 50000, 50000)
    settings = server.clone / ".env"
    before = settings.read_text()
    settings.write_text(f"{before}FUGONG_BACKUPS={folder}\n")
    by_hand = ("run", "--rm", "--no-deps", "-T", "backup")
    server.compose(*by_hand, seconds=300)
    [made] = json.loads(server.compose(*by_hand, "list", "--json"))
    server.compose(*by_hand, "check")
    settings.write_text(before)
    assert [str(made["submissions"])] == server.rows("SELECT COUNT(*) FROM intake.submission")
    assert made["file"] in {one.name for one in folder.iterdir()}


WAITING = {"TAX": "税费减免退日报*.xlsx", "GXJ": "防疫物资日报*.xlsx", "RSJ": "稳岗返还台账*.xlsx"}


@contextmanager
def clock_held(server: Server) -> Iterator[None]:
    """Nobody settles within the block: whoever processes a file waits, and is at work until then."""
    statement = "SELECT FROM intake.settle_clock FOR UPDATE; SELECT pg_sleep(600)"
    command = ["/usr/bin/docker", "compose", "exec", "-T", "postgres", "psql", "--username", "postgres", "--dbname", "fugong"]
    holding = subprocess.Popen(
        [*command, "--command", statement],
        cwd=server.clone,
        env=server.engine.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    whose = "query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'"
    try:
        asked = f"SELECT pid FROM pg_stat_activity WHERE {whose}"
        wait_until(lambda: len(server.rows(asked)) == 1, 60, "the clock is not held")
        yield
    finally:
        server.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {whose}")
        holding.wait(60)


def test_workers_share_the_work_and_one_that_is_killed_leaves_nothing_undone(server: Server) -> None:
    with (server.clone / ".env").open("a") as file:
        file.write("COMPOSE_PROFILES=workers\nAIRFLOW_EXECUTOR=CeleryExecutor\nAIRFLOW_WORKER_CONCURRENCY=1\n")
    server.up()
    workers = {one[:12] for one in server.compose("ps", "--quiet", "airflow-worker").split()}
    assert len(workers) == 2

    def at_work() -> set[str]:
        tasks = "SELECT hostname FROM task_instance WHERE task_id = 'process_department' AND state = 'running'"
        return workers & set(server.rows(tasks, "airflow"))

    files = {
        name: (department, content)
        for department, pattern in WAITING.items()
        for name, content in sample_files(department, pattern).items()
    }
    assert len(files) > 6
    with clock_held(server):
        for name, (department, content) in files.items():
            server.drop(department, name, content)
        wait_until(lambda: at_work() == workers, 120, "the workers do not work side by side")
        [leader] = server.engine.docker("inspect", "--format", "{{.State.Pid}}", min(workers)).split()
        server.engine.inside("sh", "-c", f"kill -9 {leader}")
    began = time.monotonic()
    departments = {department for department, _ in files.values()}
    wait_until(
        lambda: files.keys() <= {name for one in departments for name in server.receipts(one)}, 300, "not all files answered"
    )
    print(f"answered {time.monotonic() - began:.0f} s after the death of a worker")
    loaded = server.rows("SELECT file_name FROM intake.submission ORDER BY file_name")
    assert {name: loaded.count(name) for name in files} == dict.fromkeys(files, 1)
