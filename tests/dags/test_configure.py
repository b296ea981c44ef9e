"""`docker/configure.sh`, on a machine without an engine: it writes what it can, keeps what is there, and says what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EMPTY = {"airflow_people", "fugong_ldap_reader_password", "fugong_quarantine_key"}
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "docker").mkdir()
    shutil.copy(PROJECT / "docker/configure.sh", tmp_path / "docker")
    shutil.copy(PROJECT / ".env.example", tmp_path)
    return tmp_path


def configure(clone: Path, *words: str) -> str:
    """What it says, in an environment in which no engine is found."""
    environment = {"PATH": "/usr/bin:/bin", "DOCKER_HOST": f"unix://{clone}/none.sock", "HOME": str(clone)}
    done = subprocess.run(
        ["sh", clone / "docker/configure.sh", *words], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def secrets(clone: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in (clone / "secrets").iterdir()}


def given(clone: Path) -> dict[str, str]:
    lines = (clone / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_secret_is_made_once_and_nobody_else_can_reach_it(clone: Path) -> None:
    said = configure(clone)
    made = secrets(clone)
    assert {name for name, secret in made.items() if not secret.strip()} == EMPTY
    assert len({secret for secret in made.values() if secret.strip()}) == len(made) - len(EMPTY) == 12
    assert len(made["airflow_jwt_secret"].strip()) == 128
    assert [secret for secret in made.values() if secret.strip() and secret.strip() in said] == []
    assert (clone / "secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (clone / "secrets").iterdir()} == {0o444}
    assert (clone / ".env").stat().st_mode & 0o777 == 0o600
    (clone / "secrets/airflow_people").unlink()
    assert "airflow_people" in configure(clone)
    assert secrets(clone) == made


def test_what_could_not_be_found_is_asked_for_and_then_left_alone(clone: Path) -> None:
    said = configure(clone)
    assert "write PYTHON_DIGEST into .env" in said
    assert "write POSTGRES_IMAGE into .env" in said
    assert "say in .env how people log in" in said
    text = (clone / ".env").read_text()
    for name in ("PYTHON_DIGEST", "POSTGRES_IMAGE"):
        text = text.replace(f"\n{name}=\n", f"\n{name}=given\n")
    (clone / ".env").write_text(text.replace("# FUGONG_LOGIN=demo", "FUGONG_LOGIN=demo"))
    assert configure(clone) == ""
    assert given(clone) == {"PYTHON_DIGEST": "given", "POSTGRES_IMAGE": "given", "FUGONG_LOGIN": "demo"}


def test_the_secrets_of_an_older_installation_move_and_stay_the_same(clone: Path) -> None:
    held = {
        "POSTGRES_PASSWORD": "p",
        "FUGONG_LOADER_PASSWORD": "l=1",
        "AIRFLOW_FERNET_KEY": "f/+=",
        "AIRFLOW_PEOPLE": "wang:w,li:l",
        "PYTHON_DIGEST": DIGEST,
        "POSTGRES_DIGEST": DIGEST,
        "FUGONG_LOGIN": "demo",
    }
    (clone / ".env").write_text("".join(f"{name}={value}\n" for name, value in held.items()))
    configure(clone)
    moved = {name: secrets(clone)[name.lower()].strip() for name in [*held][:4]}
    assert moved == {name: held[name] for name in moved}
    assert given(clone) == {
        "PYTHON_DIGEST": DIGEST,
        "POSTGRES_DIGEST": DIGEST,
        "FUGONG_LOGIN": "demo",
        "POSTGRES_IMAGE": f"postgres:18-bookworm@{DIGEST}",
    }


def test_a_district_without_a_directory_gets_what_belongs_to_one(clone: Path) -> None:
    (clone / ".env").write_text("COMPOSE_PROFILES=proxy\nFUGONG_LDAP_READER_PASSWORD=\n")
    configure(clone, "ldap")
    made, told = secrets(clone), given(clone)
    assert (
        told.items()
        >= {
            "FUGONG_LDAP_URL": "ldaps://ldap:1636",
            "FUGONG_LDAP_BASE": "ou=people,dc=fugong",
            "FUGONG_LDAP_READER": "cn=reader,dc=fugong",
            "FUGONG_LDAP_CA": f"{clone}/secrets/ldap_certificate",
            "COMPOSE_PROFILES": "proxy,ldap",
        }.items()
    )
    assert made["ldap_certificate"].startswith("-----BEGIN CERTIFICATE")
    assert len(made["fugong_ldap_reader_password"].strip()) == 64
    configure(clone, "ldap")
    assert (secrets(clone), given(clone)) == (made, told)


def test_the_directory_that_a_district_has_is_left_alone(clone: Path) -> None:
    text = "FUGONG_LDAP_URL=ldaps://directory.example\n"
    (clone / ".env").write_text(text)
    with pytest.raises(subprocess.CalledProcessError):
        configure(clone, "ldap")
    assert given(clone)["FUGONG_LDAP_URL"] == "ldaps://directory.example"
