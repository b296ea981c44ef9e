"""One embedded server for the tests of a run; every test has a copy of a filled mini district of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong import embedded
from fugong.settings import Settings
from tests.warehouse import mini_district
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
    yield Mini(replace(template.settings, project=tmp_path / "project"), url)  # dropped with the server: a DROP checkpoints


@pytest.fixture
def connection(mini: Mini) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the district's warehouse as its owner."""
    with mini.connect() as connection:
        yield connection
