"""The pages over a copy of the sample district, with a person of each role; and a real browser."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pytest
import uvicorn
from fastapi import FastAPI
from filelock import FileLock
from playwright.sync_api import Page
from starlette.testclient import TestClient

from fugong.access.account import Account, Role
from fugong.access.manage import add_account
from fugong.access.passwords import choose, give_initial
from fugong.core.settings import Settings
from fugong.storage.modes import make_folders
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from fugong.web.application import create_application
from fugong.web.serve import open_site
from fugong.web.site import Site
from tests.fixtures.databases import copy_database

DAY = date(2020, 3, 18)
PASSWORD = "a-password-of-a-test"
PEOPLE = {role.value: (frozenset({role}), None) for role in Role if role is not Role.DEPARTMENT}
DEPARTMENTS = {"tax": "TAX", "gas": "RQGS"}


@dataclass
class Served:
    """The pages of a district.

    Attributes:
        settings: of the flow and of the owner; the pages' own know neither address.
        address: where a browser finds them.
    """

    settings: Settings
    site: Site
    app: FastAPI
    address: str

    def client(self, account: str | None) -> TestClient:
        """A client that is logged in as this person; as nobody where none is named."""
        client = TestClient(self.app, base_url="http://testserver", follow_redirects=False)
        if account:
            answer = client.post("/login", data={"account": account, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client


def csrf_in(text: str) -> str:
    """What a form of a page has to bring."""
    return text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


@pytest.fixture(scope="session")
def district(sample_district: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the sample district's warehouse for this worker, with people; its archive is the original's."""
    server_home = sample_district.home
    home = tmp_path_factory.mktemp("pages")
    name = f"pages_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{home.name}"  # a folder that imports this fixture has one of its own

    def with_database(name: str) -> Settings:
        def url(role: str) -> str:
            return embedded.url(server_home, role).rpartition("/")[0] + f"/{name}"

        logins = {"warehouse_url": url("fugong_loader"), "owner_url": url("fugong_owner"), "web_url": url("fugong_web")}
        return replace(sample_district, home=home, **logins)

    # One worker after the other: logins are of the server that they share. The first adds the people to what all copy.
    with FileLock(server_home.with_suffix(".pages.lock")):
        has_people = server_home.with_suffix(".people")
        if not has_people.exists():
            add_people(with_database("template_of_pages"))
            has_people.touch()
        copy_database(server_home, "template_of_pages", name)
    settings = with_database(name)
    (home / "archive").symlink_to(sample_district.archive)
    make_folders(settings, DEPARTMENTS.values())
    return settings


def add_people(settings: Settings) -> None:
    """Add a person of each role and of two departments, each with the password `PASSWORD`."""
    with connect(settings) as connection:
        for account, (roles, department) in PEOPLE.items():
            add_account(connection, Account(account, f"{account}某", "科员", department, roles, is_active=True))
        for account, department in DEPARTMENTS.items():
            person = Account(account, f"{account}某", "科员", department, frozenset({Role.DEPARTMENT}), is_active=True)
            add_account(connection, person)
        for account in (*PEOPLE, *DEPARTMENTS):
            choose(connection, account, give_initial(connection, account), PASSWORD)


@pytest.fixture(scope="session")
def served(district: Settings) -> Iterator[Served]:
    """The pages of the copy of the sample district."""
    with serving(district) as found:
        yield found


@contextmanager
def serving(district: Settings) -> Iterator[Served]:
    """The pages, answering on a port of their own."""
    site = open_site(district)
    app = create_application(site)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < until, "the pages do not answer"
        time.sleep(0.05)
    yield Served(district, site, app, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(30)


def log_in(page: Page, served: Served, account: str, password: str = PASSWORD) -> None:
    """Log in on the page."""
    page.goto(f"{served.address}/login")
    page.get_by_label("账号").fill(account)
    page.get_by_label("口令").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
