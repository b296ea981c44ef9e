"""What is computed once for all readers, and beforehand for the last day."""

from __future__ import annotations

import logging
import threading
import time

import psycopg

from fugong.briefing.board import Board, compose_board
from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.vocabulary import Lang
from fugong.web.moments import Asked, asked
from fugong.web.site import LAG_SECONDS, Site, state_of

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
AT_MOST_EVERY = LAG_SECONDS
"""While files are being settled, the board is computed again this often at most; whoever asks in between has it computed."""


def computed_board(site: Site, connection: psycopg.Connection, wanted: Asked, lang: Lang) -> Board:
    """The board of a day, computed once until something changes."""
    return site.computed(
        ("board", wanted.as_of, wanted.known_at, lang),
        connection,
        lambda: compose_board(connection, site.include, wanted.as_of, wanted.known_at, lang=lang),
    )


class Warmer:
    """Computes the board of the last day whenever something has changed, so that nobody waits for it in the morning."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="warmer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """End, once what is being computed is there."""
        self._ending.set()
        self._thread.join(LOOK_SECONDS)

    def _keep(self) -> None:
        known: object = None
        last = -AT_MOST_EVERY
        while not self._ending.wait(LOOK_SECONDS):
            if time.monotonic() - last < AT_MOST_EVERY:
                continue
            try:
                with self._site.database.acting("fugong_signer", writes=True) as connection:
                    state = state_of(connection)
                    if state == known:
                        continue
                    computed_board(self._site, connection, asked(connection, "", ""), Lang.ZH)
                    known = state
            except (psycopg.Error, WarehouseError, ConfigurationError) as fault:
                LOG.warning("the board was not computed beforehand: %s", fault)
            last = time.monotonic()
