"""`fugong serve` of a home, with accounts, for the proofs of the pages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from fugong.access.account import Account, Role
from fugong.access.manage import add_account
from fugong.access.passwords import choose, give_initial
from fugong.core.settings import Settings
from fugong.warehouse.connection import connect

PASSWORD = "a-password-of-a-proof"
START_SECONDS, END_SECONDS = 120, 60


def add_accounts(settings: Settings, wanted: Mapping[str, tuple[Role, str | None]]) -> None:
    """Accounts that may log in: name → role and department."""
    with connect(settings) as connection:
        for name, (role, department) in wanted.items():
            add_account(connection, Account(name, "某", "科员", department, frozenset({role}), is_active=True))
            choose(connection, name, give_initial(connection, name), PASSWORD)


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, int]]:
    """The address of the pages and the id of their process.

    Raises:
        AssertionError: they do not answer.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "fugong", "serve", "--port", str(port)]
    log = settings.home / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=os.environ | {"FUGONG_HOME": str(settings.home)}, stdout=output, stderr=output)
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START_SECONDS
        while not _answers(address):
            assert server.poll() is None and time.monotonic() < until, f"the pages do not answer: {log.read_text()[-1500:]}"
            time.sleep(0.2)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(END_SECONDS)


def log_in(address: str, account: str, seconds: float = 60) -> httpx.Client:
    """A client that is logged in, and waits so long for an answer.

    Raises:
        AssertionError: it is not let in.
    """
    client = httpx.Client(base_url=address, timeout=seconds)
    answer = client.post("/login", data={"account": account, "password": PASSWORD})
    assert answer.status_code == 303, f"{account} is not let in: {answer.status_code}"
    return client


def csrf_of(client: httpx.Client) -> str:
    """The token that the forms of a session hold."""
    return client.get("/account").text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def _answers(address: str) -> bool:
    try:
        httpx.get(f"{address}/login")
    except httpx.TransportError:
        return False
    return True
