"""`fugong serve` as a process of its own, with its intake process, and browsers that visit it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from fugong.access import manage, passwords
from fugong.access.account import Account, Role
from fugong.core.settings import PROJECT
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.inbox import Inbox

PASSWORD = "a-good-password"
START_SECONDS = 90
ANSWER_MS = 60_000


@dataclass
class Served:
    """A site that is served.

    Attributes:
        inbox: its folders and its warehouse.
    """

    inbox: Inbox
    address: str
    process: subprocess.Popen[bytes]

    @property
    def intake(self) -> int | None:
        """The number of the process that takes files in; None where there is none."""
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                is_child = path.read_text().rpartition(")")[2].split()[1] == str(self.process.pid)
                if is_child and b"fugong.operations.intake_loop" in (path.parent / "cmdline").read_bytes():
                    return int(path.parent.name)
        return None


@contextmanager
def served(
    empty_warehouse: tuple[Path, str], name: str, home: Path, context: IntakeContext, clerks: dict[str, str], leader: str = ""
) -> Iterator[Served]:
    """Serve a site of its own; `clerks`: account → department; `leader`: an account that reads figures."""
    inbox = Inbox.create(empty_warehouse, name, home, context)
    with connect(inbox.settings) as connection:
        for account, department in clerks.items():
            (inbox.settings.inbox / department).mkdir(parents=True, exist_ok=True)
            roles = frozenset({Role.DEPARTMENT})
            manage.add_account(connection, Account(account, "报表员", "报表员", department, roles, is_active=True))
        if leader:
            manage.add_account(connection, Account(leader, "某", "区长", None, frozenset({Role.VIEWER}), is_active=True))
        for account in (*clerks, *([leader] if leader else [])):
            passwords.choose(connection, account, passwords.give_initial(connection, account), PASSWORD)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "FUGONG_DISTRICT": str(PROJECT),
        "FUGONG_HOME": str(home),
        "FUGONG_WAREHOUSE": inbox.settings.warehouse_url or "",
        "FUGONG_LDAP_READER_PASSWORD": "of the pages alone",
        "FUGONG_WAREHOUSE_WEB": embedded.url(empty_warehouse[0], "fugong_web").rpartition("/")[0] + f"/{name}",
    }
    process = subprocess.Popen([sys.executable, "-m", "fugong", "serve", "--port", str(port)], env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield Served(inbox, address, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with suppress(urllib.error.URLError), urllib.request.urlopen(f"{address}/login", timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(f"fugong serve does not answer ({process.poll()})")


def logged_in(browser: Browser, site: Served, account: str) -> Page:
    """A page of somebody who has logged in; errors of its scripts are errors of the test."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.on("pageerror", _raise)
    page.goto(f"{site.address}/login")
    log_in(page, account)
    return page


def log_in(page: Page, account: str) -> None:
    """Fill in the form of the login."""
    page.fill("[name=account]", account)
    page.fill("[name=password]", PASSWORD)
    page.click("form button.main")
    page.wait_for_url(lambda url: "/login" not in url)


def _raise(error: Exception) -> None:
    raise error
