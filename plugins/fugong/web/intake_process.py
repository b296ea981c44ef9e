"""The process that takes files in beside `fugong serve`: started with it, rung by uploads, started again when it dies, and ended with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace

from fugong.core.settings import Settings
from fugong.operations import intake_loop

LOG = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0
"""A process that dies is started again after a pause, which doubles while it keeps dying at once."""
SOUND_SECONDS = 120.0
END_SECONDS = intake_loop.GRACE_SECONDS + 5
OF_THE_INTAKE = (
    *(
        f"{name}{ending}"
        for name in ("FUGONG_WAREHOUSE", "FUGONG_WAREHOUSE_OWNER", "FUGONG_WAREHOUSE_BACKUP")
        for ending in ("", "_PASSWORD", "_PASSWORD_FILE")
    ),
    "FUGONG_QUARANTINE_KEY",
    "FUGONG_QUARANTINE_KEY_FILE",
)
"""What only the process needs that takes files in; the pages have an address of their own."""
OF_THE_PAGES = (
    *(f"FUGONG_WAREHOUSE_WEB{ending}" for ending in ("", "_PASSWORD", "_PASSWORD_FILE")),
    *(f"{name}{ending}" for name in ("FUGONG_WEB_SECRET", "FUGONG_LDAP_READER_PASSWORD") for ending in ("", "_FILE")),
)
"""What only the pages need, which read it when they start."""


class IntakeProcess:
    """The process, as the server sees it.

    The child ends when its standard input does, so it outlives no parent, however that ends.
    """

    def __init__(self) -> None:
        """Start it, with the environment as it is now but for what only the pages need."""
        self._environment = {name: value for name, value in os.environ.items() if name not in OF_THE_PAGES}
        self._ending = threading.Event()
        self._child = self._start()
        self._keeper = threading.Thread(target=self._keep, name="intake", daemon=True)
        self._keeper.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._child.pid

    def ring(self) -> None:
        """Say that a file has come. A process that is just dying finds it when it is started again."""
        bell = self._child.stdin
        assert bell is not None
        with suppress(BrokenPipeError, BlockingIOError):
            os.write(bell.fileno(), b"\n")

    def end(self) -> None:
        """End it, and wait until a file in work is finished."""
        self._ending.set()
        child = self._child
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.close()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self._keeper.join()

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-m", intake_loop.__name__], stdin=subprocess.PIPE, env=self._environment, bufsize=0
        )
        assert child.stdin is not None
        os.set_blocking(child.stdin.fileno(), False)
        return child

    def _keep(self) -> None:
        pause = PAUSE_SECONDS
        while True:
            began = time.monotonic()
            status = self._child.wait()
            if self._ending.is_set():
                return
            pause = PAUSE_SECONDS if time.monotonic() - began > SOUND_SECONDS else min(2 * pause, MAX_PAUSE_SECONDS)
            LOG.error("The process that takes files in has ended (%s); it is started again in %d s", status, pause)
            if self._ending.wait(pause):
                return
            self._child = self._start()


def forget_secrets() -> None:
    """Drop every secret from our environment: what was needed is read, and no request may hand it to a child."""
    for name in (*OF_THE_INTAKE, *OF_THE_PAGES):
        os.environ.pop(name, None)


def without_secrets(settings: Settings) -> Settings:
    """Settings without the addresses that only the intake process needs. The embedded server has none."""
    return replace(settings, warehouse_url=None, owner_url=None, backup_url=None, quarantine_key=None)
