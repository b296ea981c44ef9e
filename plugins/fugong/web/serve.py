"""Opens a site and serves it: `fugong serve`."""

from __future__ import annotations

import os
import tempfile

import uvicorn

from fugong.access import directory
from fugong.access.authentication import LoginRules
from fugong.core.settings import Settings
from fugong.storage.modes import private_folder
from fugong.web.application import create_application
from fugong.web.database import Database
from fugong.web.door import CookieDoor
from fugong.web.intake_process import IntakeProcess, forget_secrets, without_secrets
from fugong.web.site import Door, Site, secret_of


def open_site(settings: Settings, *, door: Door | None = None, is_demo: bool = False, takes_files_in: bool = False) -> Site:
    """The site of an installation.

    Args:
        door: the login of the application in whose pages ours are mounted; None for one of our own.
        takes_files_in: a process of its own takes them in; False where Airflow does.

    Raises:
        ConfigurationError: a setting is wrong, or `FUGONG_WAREHOUSE_WEB` is missing beside a server of your own.
        WarehouseMissing, WarehouseOlder, WarehouseNewer: there is no warehouse, or another version of the program made it.
    """
    database = Database(settings)
    intake = IntakeProcess() if takes_files_in else None
    return Site(
        without_secrets(settings),
        database,
        LoginRules.load(os.environ),
        secret_of(settings),
        door or CookieDoor(),
        intake=intake,
        ask=None if door else directory.asking(os.environ),
        is_demo=is_demo,
        is_framed=door is not None,
    )


def serve(settings: Settings, host: str, port: int, *, is_demo: bool = False, takes_files_in: bool = True) -> None:
    """Serve the pages until the process is ended.

    Raises:
        as `open_site`.
    """
    site = open_site(settings, is_demo=is_demo, takes_files_in=takes_files_in)
    forget_secrets()
    tempfile.tempdir = str(
        private_folder(settings.spool)
    )  # files of a form wait there, not in memory and not where others can read
    uvicorn.run(
        create_application(site),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("FUGONG_PROXY") or "127.0.0.1",
        timeout_graceful_shutdown=10,
    )
