"""For all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.warehouse import embedded

pytest_plugins = ("tests.fixtures.reading", "tests.fixtures.warehouse")


@pytest.fixture(scope="session", autouse=True)
def servers_do_not_sync() -> Iterator[None]:
    """Servers of tests need not survive a power cut: without syncing they take a fraction of the time on a busy disk.

    What a killed process leaves is complete all the same; the system holds it. Servers that a test starts in another process
    (Airflow's, say) sync as always.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "INITDB_OPTIONS", ("--no-sync",))
        patch.setitem(embedded.SERVER_SETTINGS, "fsync", "off")
        yield


@pytest.fixture(scope="session")
def sample_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The whole sample district, ingested in the order of its history, every mart built. One for all tests: what they change they roll back."""
    from include.samples.district import write_district

    home = tmp_path_factory.mktemp("sample_district")
    settings = Settings(home, PROJECT, None)
    setup.init(settings)
    write_district(settings.inbox)
    ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
    build_marts(settings)
    yield settings
    embedded.remove(home)
