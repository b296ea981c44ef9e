"""Tells the engineers that a file of ours cannot be evaluated: which one, and in which line. What the error says besides may quote a cell."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import datetime
from pathlib import Path

import psycopg

from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.messages.event import Event, Facts
from fugong.messages.outbox import record_message
from fugong.warehouse.connection import connect_as_loader

LOG = logging.getLogger(__name__)
CHANNELS = "keys/messages.yaml"

_PLACE = re.compile(r"(?:(?:include|expectations)/)?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*\.(?:yaml|json|csv|sql)(?::\d{1,6})?")


def record_refused(
    connection: psycopg.Connection, district: Path, error: ConfigurationError, *, now: datetime | None = None
) -> None:
    """Record that configuration was refused: one message per distinct fault and day."""
    at = now or datetime.now(SHANGHAI)
    found = places(district, str(error))
    for place in found:
        _record(connection, place, f"{at.date()} {place}", at)
    if not found:
        _record(connection, "", f"{at.date()} {hashlib.sha256(str(error).encode()).hexdigest()[:16]}", at)


def places(district: Path, said: str) -> list[str]:
    """The files of ours that an error names, with their lines: nothing is repeated that is not the path of a file in the district."""
    out: dict[str, None] = dict.fromkeys([CHANNELS] if CHANNELS in said else [])
    for match in _PLACE.finditer(said):
        path, _, line = match[0].partition(":")
        for folder in ("", "include", "include/contracts"):
            file = Path(folder, path)
            if ".." not in file.parts and file.parts[0] in {"include", "expectations"} and (district / file).is_file():
                out[f"{file.as_posix()}:{line}" if line else file.as_posix()] = None
                break
    return [*out]


def _record(connection: psycopg.Connection, place: str, key: str, at: datetime) -> None:
    facts: Facts = {"at": at.isoformat(timespec="minutes")} | ({"place": place} if place else {})
    record_message(connection, Event.CONFIGURATION_REFUSED, key, facts)


def tell(settings: Settings, error: ConfigurationError) -> None:
    """Record that `init` was refused, in the warehouse that is there. Where there is none yet, or it is away, whoever started `init` reads the error."""
    try:
        with connect_as_loader(settings) as connection:
            record_refused(connection, settings.district, error)
    except (WarehouseError, psycopg.OperationalError) as away:
        LOG.warning("没有登记通知 | nobody is told: %s", away)
