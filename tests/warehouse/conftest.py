"""One embedded server for the tests of a run, with a filled mini district.

A test works in a transaction that is rolled back; one that needs commits of its own asks for `own`, a copy of the database.
"""

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
def mini(mini_template: tuple[Path, Mini], tmp_path: Path) -> Mini:
    """The district, with a project folder that the test may change."""
    home, template = mini_template
    mini_district.write_project(tmp_path / "project")
    return Mini(Settings(home, tmp_path / "project", template.url), template.url)


@pytest.fixture
def connection(mini: Mini) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection, in a transaction that comes to nothing."""
    with mini.connect() as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def own(mini: Mini, mini_template: tuple[Path, Mini]) -> Mini:
    """The district in a database of the test's own. It goes with the server: dropping it costs a checkpoint."""
    home, template = mini_template
    name = f"mini_{next(NUMBERS)}"
    url = template.url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE mini OWNER fugong_owner").format(sql.Identifier(name)))
    return Mini(Settings(home, mini.settings.project, url), url)


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
