"""One embedded server for the tests of a run; every test has a copy of a filled mini district of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong import embedded, warehouse
from fugong.judge import Judge
from fugong.reading import Reader
from fugong.settings import PROJECT, Settings
from tests.warehouse import mini_district
from tests.warehouse.inbox import Inbox
from tests.warehouse.mini_district import Mini

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def mini_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Mini]]:
    """A server, and on it the database `mini` with the district's reports, no mart built yet."""
    home = tmp_path_factory.mktemp("mini")
    url = embedded.start(home).rpartition("/")[0] + "/mini"
    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
        server.execute("CREATE DATABASE mini OWNER fugong_owner")
    mini = mini_district.create(Settings(home, home / "project", None), url)
    with mini.connect() as connection:
        mini_district.fill(connection)
    yield home, mini
    embedded.remove(home)


@pytest.fixture
def mini(mini_template: tuple[Path, Mini], tmp_path: Path) -> Iterator[Mini]:
    """A copy of the district: its own database, its own project folder."""
    home, template = mini_template
    name = f"mini_{next(NUMBERS)}"
    mini_district.write_project(tmp_path / "project")
    url = template.url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE mini OWNER fugong_owner").format(sql.Identifier(name)))
    yield Mini(Settings(home, tmp_path / "project", url), url)  # dropped with the server: a DROP checkpoints


@pytest.fixture
def connection(mini: Mini) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the district's warehouse as its owner."""
    with mini.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A server, and on it the database `empty`: the project's own contracts and reference data, no reports."""
    home = tmp_path_factory.mktemp("empty")
    url = embedded.start(home).rpartition("/")[0] + "/empty"
    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
        server.execute("CREATE DATABASE empty OWNER fugong_owner")
    warehouse.init(Settings(home, PROJECT, url))
    yield home, url
    embedded.remove(home)


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The project's contracts and suites, and one reading child for the tests of a run."""
    with Reader() as reader:
        yield Judge.load(Settings(PROJECT, PROJECT, None), reader)


@pytest.fixture
def inbox(empty_warehouse: tuple[Path, str], judge: Judge, tmp_path: Path) -> Inbox:
    """An installation of its own: folders under `tmp_path`, a copy of the empty warehouse."""
    home, template = empty_warehouse
    name = f"inbox_{next(NUMBERS)}"
    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE empty OWNER fugong_owner").format(sql.Identifier(name)))
    return Inbox(Settings(tmp_path, PROJECT, template.rpartition("/")[0] + f"/{name}"), judge)
