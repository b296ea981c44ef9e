"""Distribution where there is no cluster: it is refused in a sentence, and nothing is different. `tests/cluster` runs it on one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fugong.core.errors import WarehouseError
from fugong.operations import setup
from fugong.warehouse import distribution
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.mini_district import Mini, rows


def test_a_server_without_citus_is_told_in_one_sentence(own: Mini) -> None:
    with own.connect() as connection:
        with pytest.raises(WarehouseError, match="This server has no Citus") as refused:
            distribution.distribute(connection)
        assert len(str(refused.value).splitlines()) == 1
        assert not distribution.is_distributed(connection)


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that the server's account can read, whoever runs the tests."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_citus_that_is_installed_and_not_in_the_database_is_another_sentence(own: Mini, readable: Path) -> None:
    """PostgreSQL lists what it finds a control file of."""
    (readable / "extension").mkdir(mode=0o755)
    (readable / "extension" / "citus.control").write_text("default_version = '14.0-1'\n", encoding="utf-8")
    url = embedded.superuser_url(own.settings.home).rpartition("/")[0] + "/" + own.url.rpartition("/")[2]
    with psycopg.connect(url) as superuser:
        superuser.execute("SELECT set_config('extension_control_path', %s, false)", (f"$system:{readable}",))
        with pytest.raises(WarehouseError, match="lacks the extension citus") as refused:
            distribution.distribute(superuser)
    assert len(str(refused.value).splitlines()) == 1
    assert "CREATE EXTENSION citus" in str(refused.value)


def test_init_leaves_a_warehouse_on_one_server_as_it_is(own: Mini) -> None:
    with own.connect() as connection:
        before = rows(
            connection, "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'report'::regnamespace ORDER BY 1"
        )
        assert len(before) > 3
        connection.commit()
        assert setup.init(own.settings) == []
        assert before == rows(
            connection, "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'report'::regnamespace ORDER BY 1"
        )
        assert distribution.go_on(connection) == []
