"""The compose file without Docker: what it promises can be read, and the local runner really starts these parts (end_to_end)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fugong.access.account import Account, Role
from fugong.access.manage import add_account, change_account
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import Inbox
from tools import airflow_local

PROJECT = Path(__file__).resolve().parents[2]

COMPOSE = PROJECT / "docker-compose.yaml"
TEXT = COMPOSE.read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
PROFILES = {
    "proxy": {"proxy"},
    "sftp": {"sftp"},
    "ldap": {"ldap"},
    "redis": {"workers"},
    "airflow-worker": {"workers"},
    "backup": {"backup"},
}
BESIDE = set(PROFILES)
"""What runs where its profile is asked for."""
AIRFLOW = {"airflow-init", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"}
SECRETS = {
    "airflow_admin_password",
    "airflow_db_password",
    "airflow_fernet_key",
    "airflow_jwt_secret",
    "airflow_people",
    "airflow_secret_key",
    "fugong_backup_password",
    "fugong_db_password",
    "fugong_ldap_reader_password",
    "fugong_loader_password",
    "fugong_quarantine_key",
    "fugong_web_password",
    "fugong_web_secret",
    "ldap_certificate",
    "ldap_key",
    "postgres_password",
    "redis_password",
    "tls_certificate",
    "tls_key",
}
REQUIRED = {"PYTHON_DIGEST", "POSTGRES_IMAGE"}


def has_compose() -> bool:
    return (
        bool(shutil.which("docker"))
        and subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode == 0
    )


def variables() -> dict[str, str]:
    return dict.fromkeys(REQUIRED, f"sha256:{'0' * 64}")


def test_the_services_are_postgres_and_the_parts_that_the_local_runner_starts() -> None:
    assert set(SERVICES) == AIRFLOW | {"postgres", "web"} | BESIDE
    assert {name: set(service["profiles"]) for name, service in SERVICES.items() if "profiles" in service} == PROFILES
    assert {airflow_local.INIT, *airflow_local.PARTS} == AIRFLOW | {"web"}


@pytest.mark.skipif(not has_compose(), reason="docker compose is not installed here (asked: docker compose version)")
def test_docker_accepts_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in variables().items()))
    done = subprocess.run(
        ["docker", "compose", "--file", COMPOSE, "--env-file", file, "config", "--quiet"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_image_stops_the_start_and_is_named(name: str, tmp_path: Path) -> None:
    given = {key: value for key, value in variables().items() if key != name}
    if has_compose():
        file = tmp_path / ".env"
        file.write_text("".join(f"{key}={value}\n" for key, value in given.items()))
        done = subprocess.run(
            ["docker", "compose", "--file", COMPOSE, "--env-file", file, "config", "--quiet"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        assert name in done.stderr
    with pytest.raises(airflow_local.AirflowLocalError, match=f"^{name} is missing in .env"):
        airflow_local.interpolate(TEXT, given)


def test_the_example_lists_the_images_and_gives_none() -> None:
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given == dict.fromkeys(REQUIRED, "")
    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) == REQUIRED


def test_no_secret_stands_in_the_file_or_in_an_environment_made_of_it() -> None:
    environment = {key: value for service in SERVICES.values() for key, value in service.get("environment", {}).items()}
    secret = {key: value for key, value in environment.items() if re.search(r"PASSWORD|SECRET|KEY|CONN|PEOPLE|BROKER", key)}
    assert secret.pop("FUGONG_BACKUP_KEY") == "${FUGONG_BACKUP_KEY:-}"  # a public key
    named = {key: re.findall(r"/run/secrets/(\w+)", value) for key, value in secret.items()}
    assert named.pop("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE") == []  # entrypoint.sh writes it
    assert {name for names in named.values() for name in names} == SECRETS - {
        "ldap_certificate",
        "ldap_key",
        "postgres_password",
        "tls_certificate",
        "tls_key",
    }
    assert [key for key, names in named.items() if len(names) != 1 or not key.endswith(("_FILE", "_CMD"))] == []
    assert [value for key, value in environment.items() if re.search(r"://\w*:(?!%s@)", value)] == []
    assert set(yaml.safe_load(TEXT)["secrets"]) == SECRETS


def test_each_part_can_read_the_secrets_that_it_needs_and_no_others() -> None:
    all_parts = {"airflow_db_password", "airflow_fernet_key", "fugong_loader_password"}
    running = all_parts | {"airflow_jwt_secret", "airflow_secret_key", "fugong_quarantine_key"}
    assert {name: set(service["secrets"]) for name, service in SERVICES.items() if "secrets" in service} == {
        "proxy": {"tls_certificate", "tls_key"},
        "postgres": {"postgres_password", "fugong_db_password", "airflow_db_password"},
        "airflow-init": all_parts
        | {"fugong_backup_password", "fugong_db_password", "fugong_quarantine_key", "fugong_web_password"},
        "web": {
            "fugong_ldap_reader_password",
            "fugong_loader_password",
            "fugong_quarantine_key",
            "fugong_web_password",
            "fugong_web_secret",
        },
        "airflow-api-server": running
        | {"airflow_admin_password", "airflow_people", "fugong_ldap_reader_password", "fugong_web_password", "fugong_web_secret"},
        "airflow-scheduler": running | {"fugong_backup_password", "redis_password"},
        "airflow-worker": running | {"fugong_backup_password", "redis_password"},
        "backup": {"fugong_backup_password", "fugong_loader_password"},
        "ldap": {"fugong_ldap_reader_password", "ldap_certificate", "ldap_key"},
        "redis": {"redis_password"},
        "airflow-dag-processor": running,
        "airflow-triggerer": running,
    }


def test_every_container_has_limits_and_writes_only_where_it_is_told() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        # sftp mounts each department's two folders into a root of its own, and gives the right to do so up.
        mounts = ["apparmor:unconfined"] if name == "sftp" else []
        assert service["security_opt"] == ["no-new-privileges:true", *mounts]
        assert ("SYS_ADMIN" in service.get("cap_add", [])) == bool(mounts)
        assert service["mem_limit"].startswith("${")
        assert service["pids_limit"] > 0
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert [name for name, service in SERVICES.items() if "build" in service and name not in BESIDE] == ["airflow-init"]
    assert {service["pull_policy"] for name, service in SERVICES.items() if name != "postgres"} == {"never"}


@pytest.mark.parametrize("name", sorted(AIRFLOW))
def test_every_part_of_airflow_has_the_same_secrets_addresses_and_folders(name: str) -> None:
    # A JWT secret or execution API address of its own makes every task fail in a way that is hard to read.
    service, scheduler = SERVICES[name], SERVICES["airflow-scheduler"]
    own = {
        "FUGONG_WAREHOUSE_OWNER",
        "FUGONG_WAREHOUSE_OWNER_PASSWORD_FILE",
        "FUGONG_WAREHOUSE_BACKUP",
        "FUGONG_WAREHOUSE_BACKUP_PASSWORD_FILE",
        "FUGONG_WAREHOUSE_WEB",
        "FUGONG_WAREHOUSE_WEB_PASSWORD_FILE",
        "FUGONG_WEB_SECRET_FILE",
    }  # of the first part, of the one that runs tasks, and of the one that shows pages
    shared = [{key: value for key, value in one["environment"].items() if key not in own} for one in (service, scheduler)]
    assert shared[0] == shared[1]
    assert service["volumes"] == scheduler["volumes"]
    assert service["image"] == scheduler["image"]


@pytest.mark.parametrize("name", sorted(AIRFLOW | {"web"}))
def test_no_part_of_ours_runs_as_root(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] == "50000:50000"
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_first_part_is_the_owner_of_the_tables() -> None:
    logins = {name: re.findall(r"postgresql://(\w+)@", str(SERVICES[name]["environment"])) for name in AIRFLOW}
    assert logins == {key: ["fugong_loader"] for key in AIRFLOW} | {
        "airflow-init": ["fugong_loader", "fugong_backup", "fugong_owner", "fugong_web"],  # makes the logins of the others
        "airflow-scheduler": ["fugong_loader", "fugong_backup"],  # runs the tasks
        "airflow-api-server": ["fugong_loader", "fugong_web"],  # shows the pages, too
    }
    # The pages have a login of their own; the process beside them that takes files in is the loader.
    assert re.findall(r"postgresql://(\w+)@", str(SERVICES["web"]["environment"])) == ["fugong_loader", "fugong_web"]


def test_the_pages_know_nothing_of_airflow_and_share_its_folders() -> None:
    web, scheduler = SERVICES["web"], SERVICES["airflow-scheduler"]
    assert [key for key in web["environment"] if "AIRFLOW" in key] == []
    shared = {key: value for key, value in web["environment"].items() if "_WEB" not in key and key != "FUGONG_PROXY"}
    assert shared.items() <= scheduler["environment"].items()
    assert web["environment"]["FUGONG_PROXY"] == scheduler["environment"]["FORWARDED_ALLOW_IPS"]
    left = [one for one in scheduler["volumes"] if one not in web["volumes"]]
    assert len(web["volumes"]) + len(left) == len(scheduler["volumes"])
    assert ["BACKUPS" in one or one.startswith("logs:") for one in left] == [True, True]


def test_people_may_do_what_their_accounts_say_and_no_part_keeps_their_passwords(tmp_path: Path, inbox: Inbox) -> None:
    with connect(inbox.settings) as connection:
        for account, role in (("wang", Role.SIGNER), ("zhao", Role.OPERATOR), ("sun", Role.VIEWER), ("gone", Role.ADMIN)):
            add_account(connection, Account(account, "某", "科员", None, frozenset({role}), is_active=True))
        change_account(connection, "gone", is_active=False)
    file = tmp_path / "airflow/passwords.json"
    given = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(PROJECT / "plugins"),
        "FUGONG_DISTRICT": str(PROJECT),
        "FUGONG_HOME": str(tmp_path),
        "FUGONG_WAREHOUSE": str(inbox.settings.warehouse_url),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(file),
        "AIRFLOW_ADMIN_PASSWORD_FILE": str(tmp_path / "airflow_admin_password"),
        "AIRFLOW_PEOPLE_FILE": str(tmp_path / "airflow_people"),
        "FUGONG_LOGIN": "demo",
    }
    (tmp_path / "airflow_admin_password").write_text("a\n")
    (tmp_path / "airflow_people").write_text("wang:w:1, zhao:z,sun:s,gone:g,李主任:l\n")
    command = [PROJECT / "docker/entrypoint.sh", "sh", "-c", "env", "api-server"]
    done = subprocess.run(command, env=given, check=True, capture_output=True, text=True)
    left = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert (
        left["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "admin:admin,wang:user,zhao:op,sun:viewer,gone:viewer,李主任:viewer"
    )
    assert left.keys().isdisjoint({"AIRFLOW_ADMIN_PASSWORD", "AIRFLOW_PEOPLE"})
    assert left["AIRFLOW__CORE__AUTH_MANAGER"].endswith(".SimpleAuthManager")
    assert "不可用于生产" in left["AIRFLOW__API__INSTANCE_NAME"]
    assert json.loads(file.read_text()) == {"wang": "w:1", "zhao": "z", "sun": "s", "gone": "g", "李主任": "l", "admin": "a"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_only_the_pages_have_a_port_and_only_on_this_machine() -> None:
    ports = {
        name: [airflow_local.interpolate(port, {}) for port in service["ports"]]
        for name, service in SERVICES.items()
        if "ports" in service
    }
    # Of what is asked for by its profile, only what people and departments reach from elsewhere has one on all addresses.
    assert ports == {
        "airflow-api-server": ["127.0.0.1:8080:8080"],
        "web": ["127.0.0.1:8090:8090"],
        "proxy": ["443:8443", "8443:8444", "80:8080"],
        "sftp": ["2222:2222"],
    }


def test_every_lasting_part_has_a_health_check_and_waits_for_what_it_needs() -> None:
    lasting = {name for name, service in SERVICES.items() if service["restart"] != "no"}
    assert lasting == (AIRFLOW - {"airflow-init"}) | {"postgres", "web"} | (BESIDE - {"backup"})
    assert {name for name in lasting if "healthcheck" in SERVICES[name]} == lasting
    needs = {name: {need: how["condition"] for need, how in SERVICES[name].get("depends_on", {}).items()} for name in SERVICES}
    initialised = {"airflow-init": "service_completed_successfully"}
    assert needs == {
        "postgres": {},
        "airflow-init": {"postgres": "service_healthy"},
        "web": initialised,
        "airflow-api-server": initialised,
        "airflow-scheduler": initialised | {"airflow-api-server": "service_healthy"},
        "airflow-dag-processor": initialised,
        "airflow-triggerer": initialised,
        "proxy": {"airflow-api-server": "service_healthy", "web": "service_healthy"},
        "sftp": initialised,
        "backup": initialised,
        "ldap": {},
        "redis": {},
        "airflow-worker": initialised | {"airflow-api-server": "service_healthy", "redis": "service_healthy"},
    }


def test_the_inbox_the_outbox_and_the_archive_outlive_the_containers() -> None:
    mounts = dict(airflow_local.interpolate(volume, {}).split(":")[:2] for volume in SERVICES["airflow-scheduler"]["volumes"])
    assert mounts.pop("backups") == "/var/lib/fugong/backups"  # the host's
    assert mounts.pop("ca") == "/etc/fugong/ca"  # so, too
    assert mounts.pop("messages") == "/etc/fugong/messages"
    assert mounts == {
        "inbox": "/var/lib/fugong/inbox",
        "outbox": "/var/lib/fugong/outbox",
        "archive": "/var/lib/fugong/archive",
        "briefings": "/var/lib/fugong/briefings",
        "keys": "/var/lib/fugong/keys",
        "quarantine": "/var/lib/fugong/quarantine",
        "spool": "/var/lib/fugong/spool",
        "logs": "/opt/airflow/logs",
    }
    assert set(yaml.safe_load(TEXT)["volumes"]) == set(mounts) | {
        "postgres",
        "backups",
        "ca",
        "messages",
        "ldap",
        "redis",
        "sftp",
    }
    dockerfile = (PROJECT / "docker/Dockerfile").read_text()
    # A volume takes its owner from the folder that the image has in its place.
    owned = " ".join(re.findall(r"install --directory --owner fugong((?:[^&]|\n)*?)(?:\n\n|&&)", dockerfile)).split()
    assert [folder for folder in mounts.values() if folder not in owned] == []


def test_the_image_is_built_from_the_hash_lock_and_has_every_path_that_the_parts_use() -> None:
    dockerfile = (PROJECT / "docker/Dockerfile").read_text()
    assert "--require-hashes" in dockerfile
    assert re.findall(r"^USER (\w+)", dockerfile, re.M) == ["fugong"]
    used = set(re.findall(r"/opt/fugong/([\w./]+)", TEXT))
    assert used == {
        "dags",
        "plugins",
        "docker/entrypoint.sh",
        "docker/init.sh",
        "docker/healthy.py",
        "docker/webserver_config.py",
        "docker/proxy/nginx.conf",
        "docker/sftp/start.sh",
        "docker/ldap/start.sh",
        "docker/workers/redis.sh",
        "docker/healthy_worker.py",
    }
    assert [path for path in sorted(used) if not (PROJECT / path).exists()] == []
    assert [path for path in sorted(used) if path not in dockerfile and str(Path(path).parent) not in dockerfile] == []
    sent = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set(" ".join(re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.M)).split())
    assert {path.split("/")[0] for path in copied} == sent


def test_the_warehouse_has_the_encoding_and_order_of_the_embedded_one() -> None:
    from fugong.warehouse.embedded import process

    source = Path(process.__file__).read_text()
    options = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert options == [
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
    ]
    assert [option for option in options[1:] if option not in source] == []


def test_base_images_are_named_by_digest() -> None:
    images = re.findall(r"^FROM (\S+)", (PROJECT / "docker/Dockerfile").read_text(), re.M)
    images += [service["image"] for name, service in SERVICES.items() if name not in AIRFLOW | {"web"} | BESIDE]
    images = [image for image in images if image != "base"]  # a stage of our own
    assert images == [
        "python:3.12-slim-bookworm@${PYTHON_DIGEST}",
        "python:3.12-slim-bookworm@${PYTHON_DIGEST}",
        "${POSTGRES_IMAGE:?is missing in .env}",  # with its digest, or the number of one that was loaded: docker/configure.sh
    ]
    assert SERVICES["airflow-init"]["build"]["args"] == {
        "FUGONG_COMMIT": "${FUGONG_COMMIT:-}",
        "PYTHON_DIGEST": "${PYTHON_DIGEST:?is missing in .env}",
    }


def test_every_part_starts_with_a_umask_of_its_own_and_without_what_it_does_not_need(tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(tmp_path / "airflow/passwords.json"),
        "AIRFLOW_ADMIN_PASSWORD": "s3cret",
        "AIRFLOW_PEOPLE": "wang:s3cret",
        "FUGONG_LDAP_URL": "ldaps://directory",
        "FUGONG_LDAP_BASE": "dc=district",
        "FUGONG_LDAP_READER": "cn=reader",
        "FUGONG_LDAP_READER_PASSWORD": "s3cret",
        "DEV": "1",
    }
    command = ["sh", "-c", 'umask 000; exec "$0" sh -c "umask; env"', str(PROJECT / "docker/entrypoint.sh")]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[0] == "0077"
    assert "s3cret" not in done.stdout
    assert "\nDEV=" not in done.stdout
    assert not (tmp_path / "airflow").exists()  # only the api-server needs the passwords


DIRECTORY = {
    "FUGONG_LDAP_URL": "ldaps://directory",
    "FUGONG_LDAP_BASE": "dc=district",
    "FUGONG_LDAP_READER": "cn=reader",
    "FUGONG_LDAP_READER_PASSWORD": "s3cret",
}


@pytest.mark.parametrize(
    ("given", "named", "parts"),
    [
        ({}, "FUGONG_LDAP_URL", ("scheduler", "api-server")),
        ({"FUGONG_LOGIN": "yes"}, "FUGONG_LOGIN=demo", ("scheduler", "api-server")),
        ({"FUGONG_LOGIN": "demo"}, "AIRFLOW_ADMIN_PASSWORD is missing", ("api-server",)),
        ({"FUGONG_LOGIN": "demo", "AIRFLOW_ADMIN_PASSWORD_FILE": "/dev/null"}, "airflow_admin_password", ("api-server",)),
        (DIRECTORY | {"FUGONG_LDAP_URL": "http://directory"}, "ldaps://", ("scheduler", "api-server")),
        *((DIRECTORY | {name: ""}, f"{name} is missing", ("scheduler", "api-server")) for name in [*DIRECTORY][1:3]),
        # Only the api-server asks the directory, and has the password.
        (DIRECTORY | {"FUGONG_LDAP_READER_PASSWORD": ""}, "FUGONG_LDAP_READER_PASSWORD is missing", ("api-server",)),
        (
            DIRECTORY | {"FUGONG_LDAP_READER_PASSWORD": "", "FUGONG_LDAP_READER_PASSWORD_FILE": "/dev/null"},
            "fugong_ldap_reader_password",
            ("api-server",),
        ),
    ],
)
def test_nothing_starts_before_somebody_said_how_people_log_in(
    given: dict[str, str], named: str, parts: tuple[str, ...], tmp_path: Path
) -> None:
    for part in parts:
        environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"} | given
        command = [PROJECT / "docker/entrypoint.sh", "echo", "started", part]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (78, "")
        assert named in done.stderr
        assert " | " in done.stderr  # in both languages


def test_with_a_directory_people_log_in_there_and_only_the_api_server_and_the_pages_may_ask_it() -> None:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"} | DIRECTORY | {"FUGONG_LOGIN": "demo"}
    done = subprocess.run([PROJECT / "docker/entrypoint.sh", "env"], env=environment, check=True, capture_output=True, text=True)
    left = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert left["AIRFLOW__CORE__AUTH_MANAGER"] == "fugong_login.DirectoryAuthManager"
    assert "FUGONG_LDAP_READER_PASSWORD" not in left
    pages = ["env", "FUGONG_LDAP_URL=ldaps://directory", "sh", "-c", "env", "fugong", "serve", "--port", "8090"]
    done = subprocess.run([PROJECT / "docker/entrypoint.sh", *pages], env=environment, check=True, capture_output=True, text=True)
    assert "FUGONG_LDAP_READER_PASSWORD=s3cret\n" in done.stdout  # the pages, too
    assert "AIRFLOW__API__INSTANCE_NAME" not in left
