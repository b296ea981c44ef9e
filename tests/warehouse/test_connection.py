"""What holds for each of our connections, whatever the server's defaults are."""

from __future__ import annotations

import psycopg
import pytest

from fugong.warehouse.connection import connect, connect_as, connect_as_loader
from fugong.web.database import SESSION
from tests.fixtures.inbox import Inbox


@pytest.mark.parametrize("who", ["owner", "loader", "analyst"])
def test_plans_are_not_compiled_and_days_are_those_of_the_district(inbox: Inbox, who: str) -> None:
    # Also after what a transaction set has gone with it.
    opened = {"owner": connect, "loader": connect_as_loader, "analyst": lambda settings: connect_as(settings, "analyst")}
    with connect(inbox.settings, autocommit=True) as owner:
        [(database,)] = owner.execute("SELECT current_database()").fetchall()
        owner.execute(f'ALTER DATABASE "{database}" SET jit = on')  # pyright: ignore[reportArgumentType, reportCallIssue]
    with opened[who](inbox.settings) as connection:
        connection.rollback()
        assert settings_of(connection) == ("off", "Asia/Shanghai")


def test_neither_are_those_of_the_pages(inbox: Inbox) -> None:
    with connect(inbox.settings) as connection:
        connection.execute("SET jit = on")
        connection.execute(SESSION)
        assert settings_of(connection) == ("off", "Asia/Shanghai")


def settings_of(connection: psycopg.Connection) -> tuple[str, str]:
    [(jit,)], [(zone,)] = connection.execute("SHOW jit").fetchall(), connection.execute("SHOW TimeZone").fetchall()
    return jit, zone
