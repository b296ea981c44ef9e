"""Opens a site and serves it: `fugong serve`."""

from __future__ import annotations

import os

import uvicorn

from fugong.access.authentication import LoginRules
from fugong.core.settings import Settings
from fugong.web.application import create_application
from fugong.web.database import Database
from fugong.web.door import CookieDoor
from fugong.web.site import Site, secret_of


def open_site(settings: Settings, *, is_demo: bool = False) -> Site:
    """The site of an installation.

    Raises:
        ConfigurationError: a setting is wrong, or `FUGONG_WAREHOUSE_WEB` is missing beside a server of your own.
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    return Site(
        settings,
        Database(settings),
        LoginRules.load(os.environ),
        secret_of(settings),
        CookieDoor(),
        is_demo=is_demo,
    )


def serve(settings: Settings, host: str, port: int, *, is_demo: bool = False) -> None:
    """Serve the pages until the process is ended.

    Raises:
        as `open_site`.
    """
    uvicorn.run(
        create_application(open_site(settings, is_demo=is_demo)),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("FUGONG_PROXY") or "127.0.0.1",
        timeout_graceful_shutdown=10,
    )
