"""A served site over an empty warehouse with the real contracts, and clerks of two departments who are logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from fugong.access import manage, passwords
from fugong.access.account import Account, Role
from fugong.access.authentication import LoginRules
from fugong.intake.collect import collect
from fugong.intake.pipeline import process_department
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from fugong.web.application import create_application
from fugong.web.database import Database
from fugong.web.door import CookieDoor
from fugong.web.site import Site
from tests.fixtures.inbox import Inbox

PASSWORD = "a-good-password"
CLERKS = {"tax": "TAX", "tax2": "TAX", "works": "GXJ"}
JSON = {"Accept": "application/json"}


@dataclass
class Clerk:
    """Somebody of a department, logged in."""

    client: TestClient
    department: str

    @property
    def csrf(self) -> dict[str, str]:
        """What a script sends with a request that changes something."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.client.get("/department").text)
        assert found is not None
        return {"X-CSRF-Token": found[1]}


@dataclass
class Desks:
    """The site, its folders, and its clerks."""

    inbox: Inbox
    site: Site
    app: FastAPI
    clerks: dict[str, Clerk]

    def send(self, clerk: Clerk, name: str, content: bytes, *, is_trial: bool = False) -> str:
        """Upload a file as the page's script does, and have it taken in; its ticket."""
        answer = clerk.client.post(
            "/department/uploads", params={"name": name, "trial": int(is_trial)}, content=content, headers=JSON | clerk.csrf
        )
        assert answer.status_code == 201, answer.text
        self.inbox.ingest()
        return answer.json()["ticket"]

    def try_out(self) -> None:
        """Answer what was uploaded for a dry run."""
        collect(self.site.settings, settle_seconds=0)
        process_department(self.site.settings, "TAX")

    def state(self, clerk: Clerk, ticket: str) -> dict[str, object]:
        """What the page tells of an upload."""
        [found] = clerk.client.get("/department/uploads", params={"u": ticket}, headers=JSON).json()["files"]
        return found


@contextmanager
def opened(empty_warehouse: tuple[Path, str], name: str, home: Path, context: IntakeContext) -> Iterator[Desks]:
    """A site of its own."""
    inbox = Inbox.create(empty_warehouse, name, home, context)
    address = embedded.url(empty_warehouse[0], "fugong_web").rpartition("/")[0] + f"/{name}"
    settings = replace(inbox.settings, web_url=address)
    for department in set(CLERKS.values()):
        (settings.inbox / department).mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection:
        for account, department in CLERKS.items():
            manage.add_account(
                connection, Account(account, "报表员", "报表员", department, frozenset({Role.DEPARTMENT}), is_active=True)
            )
            passwords.choose(connection, account, passwords.give_initial(connection, account), PASSWORD)
    site = Site(settings, Database(settings), LoginRules.load({}), "secret of a test", CookieDoor())
    app = create_application(site)
    with TestClient(app) as first:
        clerks: dict[str, Clerk] = {}
        for account, department in CLERKS.items():
            client = TestClient(app)
            answer = client.post("/login", data={"account": account, "password": PASSWORD}, follow_redirects=False)
            assert answer.headers["location"] == "/department", answer.text
            clerks[account] = Clerk(client, department)
        assert first.get("/department", follow_redirects=False).status_code == 303
        yield Desks(inbox, site, app, clerks)
