"""The compose file on a real engine, from an empty server to a signed briefing. The tests go on where the one before has stopped."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.compose.conftest import COMMIT, SCHEDULER, Server, wait_until
from tests.compose.engine import EngineError
from tests.end_to_end.conftest import sample_files

pytestmark = pytest.mark.compose

DAY = "2020-03-18"
PARTS = {
    "postgres",
    "web",
    "airflow-init",
    "airflow-api-server",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
}
WHILE_IT_DIES = "20200312_R04_TAX_V1.csv"


def relief(server: Server) -> object:
    """Figure S041."""
    return {one["id"]: one["value"] for one in server.fugong("figures", "--as-of", DAY)}["S041"]


def test_it_starts_from_nothing_and_is_healthy(server: Server) -> None:
    began = time.monotonic()
    server.up()
    print(f"healthy after {time.monotonic() - began:.0f} s")
    listed = [json.loads(line) for line in server.compose("ps", "--all", "--format", "json").splitlines()]
    assert {one["Service"]: one["Health"] for one in listed if one["State"] == "running"} == dict.fromkeys(
        PARTS - {"airflow-init"}, "healthy"
    )
    assert [(one["Service"], one["ExitCode"]) for one in listed if one["State"] != "running"] == [("airflow-init", 0)]
    assert len(server.engine.docker("image", "ls", "--quiet", "fugong").split()) == 1
    assert "not logged yet" not in server.compose("logs", "airflow-init")
    assert server.within(SCHEDULER, "fugong", "--version").splitlines()[1] == f"提交 | commit {COMMIT[:12]}, 2020-03-18"
    assert (
        server.rows("SELECT rolconfig::text FROM pg_roles WHERE rolname = 'fugong_taskforce'")[0].count("log_statement=all") == 1
    )


def test_a_dropped_file_is_answered_and_becomes_a_figure(server: Server) -> None:
    [(name, content)] = sample_files("TAX", "20200318_R04_TAX_V1.csv").items()
    server.drop("TAX", name, content)
    wait_until(lambda: name in server.receipts("TAX"), 90, "no receipt")
    receipt = server.receipts("TAX")[name]
    assert receipt["state"] == "accepted"
    assert receipt["rows_accepted"] > 0
    wait_until(lambda: bool(relief(server)), 90, "no figure S041")


def test_no_secret_is_shown_by_the_engine_or_by_a_process(server: Server) -> None:
    secrets = {file.name: file.read_text().strip() for file in (server.clone / "secrets").iterdir()}
    given = {name: secret for name, secret in secrets.items() if secret}
    assert secrets.keys() - given.keys() == {"airflow_people", "fugong_ldap_reader_password", "fugong_quarantine_key"}
    containers = server.compose("ps", "--all", "--quiet").split()
    assert len(containers) == len(PARTS)
    shown = {
        "docker inspect": server.engine.docker("inspect", *containers),
        "docker compose config": server.compose("config"),
        "logs": server.compose("logs"),
        "processes": server.shown_by_processes(),
    }
    assert "fugong_loader@postgres" in shown["processes"]
    assert "POSTGRES_INITDB_ARGS" in shown["processes"]
    found = {(what, name) for what, text in shown.items() for name, secret in given.items() if secret in text}
    assert found == set[tuple[str, str]]()


def test_a_container_writes_nothing_but_its_data_and_stays_within_its_limits(server: Server) -> None:
    for service in PARTS - {"airflow-init"}:
        for path in ("/opt/fugong/x", "/usr/bin/x", "/etc/x"):
            with pytest.raises(EngineError, match=r"Read-only|No such file"):
                server.within(service, "sh", "-c", f"touch {path}")
        host = json.loads(server.engine.docker("inspect", "--format", "{{json .HostConfig}}", server.container(service)))
        assert host["ReadonlyRootfs"] is True
        assert host["Memory"] >= 1 << 30
        assert host["PidsLimit"] == 500
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "5", "max-size": "20m"}}
        assert host["CapDrop"] == ["ALL"]
    assert server.within(SCHEDULER, "id", "-u").strip() == "50000"


def test_a_killed_scheduler_and_a_killed_database_come_back_and_nothing_is_lost(server: Server) -> None:
    [(_, content)] = sample_files("TAX", WHILE_IT_DIES).items()
    server.drop("TAX", WHILE_IT_DIES, content)
    time.sleep(2)  # into the middle of the run that it starts
    before = {service: server.leader(service) for service in (SCHEDULER, "postgres")}
    server.engine.inside("sh", "-c", f"kill -9 {' '.join(map(str, before.values()))}")
    wait_until(
        lambda: all(server.leader(name) not in (0, pid) for name, pid in before.items()), 60, "not restarted by the engine"
    )
    began = time.monotonic()
    wait_until(lambda: WHILE_IT_DIES in server.receipts("TAX"), 240, "no receipt after the kill")
    print(f"answered {time.monotonic() - began:.0f} s after the restart")
    assert server.rows("SELECT count(*), count(replied_at) FROM intake.submission") == ["2|2"]


def test_parts_that_hang_are_ended_by_their_health_checks_and_started_again(server: Server) -> None:
    hung = ("airflow-dag-processor", "web")
    file = server.clone / ".env"
    text = file.read_text()
    # In production three minutes. Of the other parts none is told, so that none is made anew.
    file.write_text(f"{text}FUGONG_HUNG_SECONDS=40\n")
    server.compose("up", "--detach", "--no-deps", "--wait", "--wait-timeout", "480", *hung, seconds=600)
    file.write_text(text)
    before = {service: server.leader(service) for service in hung}
    for pid in before.values():  # all that docker-init leads, not itself: it ends when its child does
        server.engine.inside("sh", "-c", f"pkill -STOP --parent {pid}")
    began = time.monotonic()
    wait_until(lambda: all(server.leader(name) not in (0, pid) for name, pid in before.items()), 240, "nobody ended what hung")
    print(f"ended and started again after {time.monotonic() - began:.0f} s")

    def health(service: str) -> str:
        return server.engine.docker("inspect", "--format", "{{.State.Health.Status}}", server.container(service)).strip()

    wait_until(lambda: all(health(service) == "healthy" for service in hung), 240, "not healthy again")


def test_a_signer_signs_on_the_pages_and_the_briefing_is_published(server: Server) -> None:
    words = ["account", "add", "admin", "--name", "王区长", "--post", "区长", "--role", "admin", "--role", "signer"]
    server.compose("run", "--rm", "--no-deps", "-T", "airflow-init", "fugong", *words)
    run = server.api("POST", "dags/publish_briefing/dagRuns", {"logical_date": None, "conf": {"as_of": DAY}})["dag_run_id"]
    path = f"dags/publish_briefing/dagRuns/{run}"

    answered: list[int] = []

    def is_published() -> bool:
        found = {one["task_id"]: one for one in server.api("GET", f"{path}/taskInstances")["task_instances"]}
        sign = found.get("sign", {"state": None})
        if sign["state"] == "deferred" and sign["try_number"] not in answered:
            time.sleep(3)  # a person reads first
            answer = {"chosen_options": ["签发 | Sign"], "params_input": {"意见": ""}}
            server.api("PATCH", f"{path}/taskInstances/sign/-1/hitlDetails", answer)
            answered.append(sign["try_number"])
        return "publish" in found and found["publish"]["state"] == "success"

    # On a busy machine Airflow loses an answer; then the question says so and comes again, and a person answers again.
    wait_until(is_published, 240, "not published")
    print(f"answered {len(answered)} times")
    assert server.rows("SELECT count(DISTINCT publication_id) FROM audit.published") == ["1"]


def test_the_server_moves_with_a_new_password_and_everything_is_there(server: Server, tmp_path: Path) -> None:
    before, receipts = relief(server), server.receipts("TAX")
    assert len(receipts) == 2
    server.compose("down", "--timeout", "60", seconds=200)
    assert server.compose("ps", "--all", "--quiet") == ""
    # docs/runbooks/the_server_moves.md
    folders = ["archive", "briefings", "inbox", "keys", "outbox", "quarantine"]
    kept = {"postgres": ("/var/lib/postgresql", ["."]), "airflow-init": ("/var/lib/fugong", folders)}
    for service, (home, what) in kept.items():
        with (tmp_path / service).open("wb") as file:
            server.tar(service, "-C", home, "-cf", "-", *what, stdout=file)
    server.compose("down", "--volumes")
    assert server.engine.docker("volume", "ls", "--quiet") == ""
    for service, (home, _) in kept.items():
        with (tmp_path / service).open("rb") as file:
            server.tar(service, "-C", home, "-xpf", "-", stdin=file)
    # docs/runbooks/a_password_was_changed.md: the loader's is set by airflow-init.
    file = server.clone / "secrets/fugong_loader_password"
    file.chmod(0o600)
    file.write_text("another-password\n")
    file.chmod(0o444)
    server.up()
    assert relief(server) == before
    assert server.receipts("TAX") == receipts
    assert server.rows("SELECT count(DISTINCT publication_id) FROM audit.published") == ["1"]
