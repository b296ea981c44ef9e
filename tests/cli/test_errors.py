"""Every command ends an error that a user can cause in one sentence and the same exit code, whatever the command."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from fugong.cli import errors
from fugong.cli.app import app
from fugong.core.settings import PROJECT
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

DAY = ("--as-of", "2020-03-18")


@dataclass(frozen=True)
class Typed:
    """A command as somebody types it.

    Attributes:
        words: what follows its name.
        asks_warehouse: whether it needs one.
        asks_district: whether it reads contracts, SQL files or figures.
        unknown: words that name something that does not exist; none where nothing can be named.
    """

    words: tuple[str, ...] = ()
    asks_warehouse: bool = True
    asks_district: bool = True
    unknown: tuple[str, ...] = ()


COMMANDS = {
    "init": Typed(),
    "ingest": Typed(unknown=("--department", "NOBODY")),
    "waiting": Typed(asks_district=False),
    "check": Typed(("{file}", "-d", "TAX")),
    "sample": Typed(("--to", "{empty}", "--as-of", "2020-02-10"), asks_warehouse=False, asks_district=False),
    "marts": Typed(),
    "lint": Typed(("--quick",), asks_warehouse=False),
    "figures": Typed(DAY, unknown=("S999", *DAY)),
    "figure": Typed(("S001", *DAY), unknown=("S999", *DAY)),
    "trace": Typed(("S001", *DAY), unknown=("S999", *DAY)),
    "diff": Typed((*DAY, "--known-at", "2020-03-18")),
    "quality": Typed(("--month", "2020-03")),
    "revisions": Typed(unknown=("S999",)),
    # It looks for the submission first, and here is none.
    "impact": Typed(("1",), asks_district=False, unknown=("999999",)),
    "missing": Typed(("--date", "2020-03-18")),
    "dictionary": Typed(asks_warehouse=False),
    "findings": Typed(asks_warehouse=False),
    "template": Typed(("R04", "-o", "{empty}/R04.xlsx"), asks_warehouse=False, unknown=("R99",)),
    "receipt": Typed(("1",), unknown=("999999",)),
    "ask": Typed(("1",), unknown=("999",)),
    "export": Typed(("--all", "-o", "{empty}"), unknown=("no_mart", "-o", "{empty}")),
    "rules": Typed(),
    "drift": Typed(),
    "replay": Typed(("--rule", "not-a-number", "--since", "2020-03-01"), unknown=("--rule", "no-rule", "--since", "2020-03-01")),
    "read": Typed(("{file}",), asks_warehouse=False, asks_district=False, unknown=("{empty}/nothing.csv",)),
    "maintenance": Typed(),
    "serve": Typed(("--port", "1"), asks_district=False),
    "backup make": Typed(asks_district=False),
    "backup list": Typed(asks_warehouse=False, asks_district=False),
    "backup check": Typed(asks_district=False),
    "backup rehearse": Typed(asks_district=False),
    "backup restore": Typed(asks_warehouse=False, asks_district=False, unknown=("nothing.dump",)),
    "backup key": Typed(("{empty}/identity",), asks_warehouse=False, asks_district=False),
    "messages": Typed(asks_district=False, unknown=("--test", "TAX")),
    "briefing": Typed((*DAY, "-o", "{empty}/briefing.md")),
    "publish": Typed(DAY, asks_district=False),  # whose login it is comes first
    "verify": Typed(asks_district=False, unknown=("--head", "999999:" + "0" * 64)),
    "evidence": Typed(("head",), asks_district=False, unknown=("S041", "--publication", "999999", "-o", "{empty}/evidence.zip")),
    "published": Typed(asks_district=False, unknown=("999999", "-o", "{empty}/briefing.md")),
    "withdraw": Typed(
        ("1", "--reason", "r"),
        asks_district=False,
        unknown=("999999", "--reason", "r"),
    ),
    "adjust": Typed(
        ("S001", *DAY, "--value", "1", "--reason", "r"),
        asks_district=False,
        unknown=("S999", *DAY, "--value", "1", "--reason", "r"),
    ),
    "approve": Typed(("1",), asks_district=False, unknown=("999999",)),
    "adjustments": Typed(asks_district=False),
    "account add": Typed(
        ("wang", "--name", "王", "--post", "科员"),
        asks_district=False,
        unknown=("wang2", "--name", "王", "--post", "科员", "-d", "NOBODY"),
    ),
    "account list": Typed(asks_district=False),
    "account change": Typed(("wang", "--post", "科长"), asks_district=False, unknown=("nobody", "--post", "科长")),
    "account disable": Typed(("nobody",), asks_district=False, unknown=("nobody",)),
    "account enable": Typed(("nobody",), asks_district=False, unknown=("nobody",)),
    "account password": Typed(("nobody",), asks_district=False, unknown=("nobody",)),
    "account page-password": Typed(("nobody",), asks_district=False, unknown=("nobody",)),
    "account unlock": Typed(("nobody",), asks_district=False, unknown=("nobody",)),
    "account looks": Typed(asks_district=False),
    "account uploads": Typed(asks_district=False),
    "account logins": Typed(asks_district=False),
    "account airflow": Typed(asks_district=False),
    "revoke": Typed(
        ("1", "--reason", "r"),
        asks_district=False,
        unknown=("999999", "--reason", "r"),
    ),
    "answers": Typed(asks_district=False, unknown=("--department", "NOBODY")),
    "checks": Typed(DAY, unknown=("X99", *DAY)),
    "doubts": Typed(DAY),
    "audit": Typed(("{file}", *DAY)),
    "warehouse url": Typed(asks_district=False, unknown=("--role", "nobody")),
    "warehouse start": Typed(asks_district=False),
    "warehouse stop": Typed(asks_warehouse=False, asks_district=False),
    "warehouse distribute": Typed(asks_district=False),
    "warehouse dump": Typed(("-o", "{empty}/x.dump"), asks_district=False),
    "warehouse psql": Typed(asks_district=False, unknown=("--role", "nobody")),
}
Type = Callable[[str, tuple[str, ...]], int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Type]:
    """Types a command and gives its exit code; nothing may be shown but one sentence."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "R04 2020-03-18.csv").write_bytes(as_csv(TAX_HEADER, [tax_row(1)]))
    for name in ("FUGONG_HOME", "FUGONG_WAREHOUSE", "FUGONG_DISTRICT", "FUGONG_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FUGONG_HOME", str(tmp_path / "home"))
    (tmp_path / "backups").mkdir()
    monkeypatch.setenv("FUGONG_BACKUPS", str(tmp_path / "backups"))
    places = {"{empty}": str(tmp_path / "empty"), "{file}": str(tmp_path / "R04 2020-03-18.csv")}

    def typed(name: str, words: tuple[str, ...]) -> int:
        for place, path in places.items():
            words = tuple(word.replace(place, path) for word in words)
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            app([*name.split(), *words], prog_name="fugong")
        shown = capfd.readouterr()
        assert "Traceback" not in shown.out + shown.err
        code = end.value.code
        assert isinstance(code, int)
        assert code == 0 or (shown.err + shown.out).strip(), "an error says nothing"
        return code

    yield typed


def all_commands() -> set[str]:
    found: set[str] = set()
    group: Any = typer.main.get_command(app)
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found |= {f"{name} {sub}" for sub in command.commands} if hasattr(command, "commands") else {name}
    return found


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) == all_commands() - {name for name in all_commands() if name.startswith("new ")}


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one.asks_warehouse and name != "init"])
def test_without_a_warehouse_every_command_says_run_init(name: str, run: Type) -> None:
    assert run(name, COMMANDS[name].words) == errors.RUN_INIT


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one.asks_warehouse and name != "warehouse url"])
def test_a_database_that_is_away_has_a_code_of_its_own(name: str, run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for name_of_address in ("FUGONG_WAREHOUSE", "FUGONG_WAREHOUSE_WEB"):
        monkeypatch.setenv(name_of_address, f"postgresql://nobody@127.0.0.1:{port}/nothing?connect_timeout=2")
    code = run(name, COMMANDS[name].words)
    assert code == (errors.DATABASE_AWAY if name not in {"warehouse start", "warehouse psql"} else code)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_mistyped_option_is_usage(name: str, run: Type) -> None:
    if name == "warehouse psql":  # its further words are psql's
        return
    assert run(name, (*COMMANDS[name].words, "--no-such-option")) == errors.CONFIGURATION


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one.unknown])
def test_what_does_not_exist_is_told(name: str, run: Type, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    if COMMANDS[name].asks_warehouse:
        assert inbox.settings.warehouse_url
        monkeypatch.setenv("FUGONG_WAREHOUSE", inbox.settings.warehouse_url)
    assert run(name, COMMANDS[name].unknown) == errors.REFUSED


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one.asks_district])
def test_a_broken_contract_is_our_configuration(
    name: str, run: Type, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    for folder in ("include", "expectations"):
        shutil.copytree(PROJECT / folder, project / folder)
    for contract in (project / "include" / "contracts").glob("*.yaml"):
        contract.write_text("kind: [DataContract", encoding="utf-8")
    for figures in (project / "include" / "briefing" / "figures").glob("*.yaml"):
        figures.write_text("- id: S001\n  nonsense: 1\n", encoding="utf-8")
    for file in (project / "include" / "sql").rglob("*.sql"):
        if file.parent.name in {"facts", "marts", "checks", "questions"}:
            file.write_text("-- writes nothing\nSELECT 1", encoding="utf-8")
    monkeypatch.setenv("FUGONG_DISTRICT", str(project))
    assert inbox.settings.warehouse_url
    monkeypatch.setenv("FUGONG_WAREHOUSE", inbox.settings.warehouse_url)
    assert run(name, COMMANDS[name].words) == errors.CONFIGURATION


def test_check_says_by_its_code_whether_anything_would_come_back(
    run: Type, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inbox.settings.warehouse_url
    monkeypatch.setenv("FUGONG_WAREHOUSE", inbox.settings.warehouse_url)
    assert run("check", ("{file}", "-d", "TAX")) == 0
    (tmp_path / "R04 2020-03-18.csv").write_bytes(as_csv(TAX_HEADER, [tax_row(1), tax_row(2, "约3500")]))
    assert run("check", ("{file}", "-d", "TAX")) == errors.REFUSED
    (tmp_path / "R04 2020-03-18.csv").write_bytes(b"")
    assert run("check", ("{file}", "-d", "TAX")) == errors.REFUSED


def test_a_fault_of_the_program_shows_its_frames() -> None:
    faulty = typer.Typer(cls=errors.Commands)
    faulty.command("divide")(lambda: 1 // 0)
    faulty.command("other")(lambda: None)
    with pytest.raises(ZeroDivisionError):
        faulty(["divide"])
