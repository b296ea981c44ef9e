"""The settings of this installation in Airflow: as everywhere, and where `FUGONG_WAREHOUSE` is unset the warehouse of a connection.

A connection may lie in Airflow's database or in a secrets backend, and Airflow masks its password in logs.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote, urlencode

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings

WAREHOUSE = "fugong_warehouse"
KINDS = ("postgres", "postgresql", "generic")


def load_settings() -> Settings:
    """The settings, with the warehouse of `FUGONG_WAREHOUSE`, of the connection `fugong_warehouse`, or the embedded one, in this order.

    Raises:
        ConfigurationError: the connection is to something else than PostgreSQL, or names no host.
    """
    if os.environ.get("FUGONG_WAREHOUSE"):
        return Settings.load()
    try:
        connection: Any = Connection.get(WAREHOUSE)
    except AirflowNotFoundException:
        return Settings.load()
    # Its password is its own, whatever file holds that of another address.
    others = {name: value for name, value in os.environ.items() if name != "FUGONG_WAREHOUSE_PASSWORD_FILE"}
    return Settings.load({**others, "FUGONG_WAREHOUSE": url_of(connection)})


def url_of(connection: Any) -> str:
    """The URL of a connection of Airflow, with its extra as parameters (`sslmode`, `sslrootcert`, …).

    Raises:
        ConfigurationError: it is to something else than PostgreSQL, or names no host.
    """
    if connection.conn_type not in KINDS or not connection.host:
        raise ConfigurationError(
            f"Airflow 连接 {WAREHOUSE}:类型应为 postgres,并写明主机(现为 {connection.conn_type or '空'}、{connection.host or '空'})| the connection "
            f"{WAREHOUSE} should be of type postgres and name a host"
        )
    login = quote(connection.login or "", safe="")
    password = f":{quote(connection.password, safe='')}" if connection.password else ""
    at = f"{login}{password}@" if login else ""
    port = f":{connection.port}" if connection.port else ""
    extra = {
        name: value for name, value in connection.extra_dejson.items() if isinstance(value, str | int) and name != "__extra__"
    }
    query = f"?{urlencode(extra, quote_via=quote)}" if extra else ""
    return f"postgresql://{at}{connection.host}{port}/{quote(connection.schema or '', safe='')}{query}"
