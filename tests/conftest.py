"""For all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fugong import embedded


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
