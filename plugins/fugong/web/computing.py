"""Connections on which figures are computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fugong.web.site import Site
from fugong.web.visitor import Visitor


@contextmanager
def computing(site: Site, visitor: Visitor) -> Iterator[psycopg.Connection]:
    """A connection on which figures can be computed, whoever asks; nothing that it does is kept.

    It has the role of those who sign, because that alone reads all that a figure is made of and may make the temporary tables of a
    replay. What a visitor sees of a figure is decided by the route.
    """
    with site.database.acting("fugong_signer", session=visitor.session_id, writes=True) as connection:
        yield connection
        connection.rollback()
