"""A warehouse on a Citus cluster of yours, made as docs/recipes/distribute_over_a_cluster.md says. Without one these tests are not run.

`FUGONG_TEST_CLUSTER` is the URL of a superuser on the coordinator, of a database in which the nodes are known. The tests make a database of their
own on every node, `fugong_cluster_test`, and drop the one of a run before. They give `fugong_owner` another password and take LOGIN from roles, which
all databases of a server share. The nodes must let each other in without a password.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fugong.core.settings import PROJECT, Settings

URL = os.environ.get("FUGONG_TEST_CLUSTER", "")
DATABASE = "fugong_cluster_test"
PASSWORD = "of-a-test"
ROLES = ("fugong_loader", "fugong_taskforce", "fugong_signer", "fugong_backup")


@pytest.fixture(scope="session", autouse=True)
def only_with_a_cluster() -> None:
    if not URL:
        pytest.skip("THE CLUSTER IS NOT TESTED: FUGONG_TEST_CLUSTER names none (docs/recipes/distribute_over_a_cluster.md)")


@dataclass(frozen=True)
class Node:
    host: str
    port: int

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(URL, host=self.host, port=self.port, dbname=database), autocommit=True)


@dataclass(frozen=True)
class Cluster:
    """The database on a coordinator and its nodes.

    Attributes:
        settings: of the district whose warehouse it is, as its owner.
    """

    coordinator: Node
    workers: tuple[Node, ...]
    settings: Settings

    def create_extension(self) -> None:
        for node in (self.coordinator, *self.workers):
            with node.connect() as connection:
                connection.execute("CREATE EXTENSION citus")

    def add_nodes(self) -> None:
        with self.coordinator.connect() as connection:
            connection.execute("SELECT citus_set_coordinator_host(%s, %s)", (self.coordinator.host, self.coordinator.port))
            for node in self.workers:
                connection.execute("SELECT citus_add_node(%s, %s)", (node.host, node.port))

    def let_in(self) -> None:
        for node in self.workers:
            with node.connect() as connection:
                for role in ROLES:
                    connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(role)))

    def shut_out(self) -> None:
        for node in self.workers:
            with node.connect() as connection:
                for role in ROLES:
                    take_login(connection, role)


def take_login(connection: psycopg.Connection, role: str) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is not None:
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An empty database on every node, and its owner; no extension, no nodes that are known."""
    given = conninfo_to_dict(URL)
    coordinator = Node(str(given["host"]), int(given.get("port") or 5432))
    with psycopg.connect(URL, autocommit=True) as connection:
        workers = tuple(
            Node(host, port)
            for host, port in connection.execute(
                "SELECT nodename, nodeport FROM pg_dist_node WHERE noderole = 'primary' AND shouldhaveshards AND isactive ORDER BY 1, 2"
            )
        )
    assert workers, "FUGONG_TEST_CLUSTER: its database knows no node"
    for node in (coordinator, *workers):
        with node.connect(str(given["dbname"])) as connection:
            connection.execute("SET citus.enable_create_database_propagation = off")
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    with coordinator.connect(str(given["dbname"])) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = 'fugong_owner'").fetchone() is None:
            connection.execute("CREATE ROLE fugong_owner")
        connection.execute(sql.SQL("ALTER ROLE fugong_owner LOGIN CREATEROLE PASSWORD {}").format(sql.Literal(PASSWORD)))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO fugong_owner").format(sql.Identifier(DATABASE)))
        for role in ROLES:
            take_login(connection, role)  # as `fugong init` makes them
    url = f"postgresql://fugong_owner:{PASSWORD}@{coordinator.host}:{coordinator.port}/{DATABASE}"
    home: Path = tmp_path_factory.mktemp("cluster")
    yield Cluster(coordinator, workers, Settings(home, PROJECT, url))
