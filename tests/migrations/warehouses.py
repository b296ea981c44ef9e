"""Warehouses of earlier releases, as dumps: where they are, how they are restored, and what their figures are."""

from __future__ import annotations

import json
import lzma
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from packaging.version import Version
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.figures.figure import figures
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded

DUMPS = Path(__file__).parent / "dumps"
WITHOUT_REVISION = "2367f37"
"""The last commit before there were revisions. Later dumps bear the number of their revision."""


def released() -> dict[str, str]:
    """Release → the revision of its warehouse, the oldest first; what was kept before the first release is one, too."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in (PROJECT / "releases").glob("*.json")]
    return {one["version"]: one["revision"] for one in sorted(found, key=lambda one: Version(one["version"]))}


def dump_file(name: str) -> Path:
    return DUMPS / f"{name}.sql.xz"


def create_database(home: Path, name: str) -> Settings:
    """A database on the embedded server of this home, for an installation of its own with the project's contracts."""
    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER fugong_owner").format(sql.Identifier(name)))
    return Settings(home / name, PROJECT, embedded.url(home).rpartition("/")[0] + f"/{name}")


def restore(settings: Settings, name: str) -> None:
    """Run a dump in an empty database."""
    with psycopg.connect(settings.warehouse_url, autocommit=True) as connection:
        connection.execute(lzma.decompress(dump_file(name).read_bytes()))


def expected_figures() -> dict[str, list[dict[str, Any]]]:
    """`<day>` or `<day> known at <moment>` → the figures that commit 2367f37 printed as JSON."""
    return json.loads(lzma.decompress((DUMPS / "figures.json.xz").read_bytes()))


def figures_now(settings: Settings, moment: str) -> list[dict[str, Any]]:
    """The figures of `<day>` or `<day> known at <moment>` in this warehouse, as `fugong figures --json` prints them."""
    day, _, known_at = moment.partition(" known at ")
    known = datetime.fromisoformat(known_at).replace(tzinfo=SHANGHAI) if known_at else None
    with connect(settings) as connection:
        return [figure.to_json() for figure in figures(connection, settings.include, date.fromisoformat(day), known)]
