"""An empty warehouse for proofs whose cases each work in a copy of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address
from fugong.warehouse.embedded import server as embedded


@contextmanager
def empty_warehouse() -> Iterator[tuple[Path, str, IntakeContext]]:
    """The home of a server with a database `empty`, its address without a database, and contracts with a reading child."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, Reader() as reader:
        home = Path(folder)
        home.chmod(0o755)  # the server may run under another account
        settings = Settings(home, PROJECT, None)
        try:
            setup.init(settings)
            with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
                server.execute("CREATE DATABASE empty TEMPLATE fugong OWNER fugong_owner")
            context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)
            yield home, address(settings).rpartition("/")[0], context
        finally:
            if embedded.exists(home):
                embedded.remove(home)
