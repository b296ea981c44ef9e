"""For all tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.warehouse.embedded import process
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.databases import copy_database

SHARED = "FUGONG_TESTS_SHARED"
END_TO_END = "tests/end_to_end/"
hypothesis.settings.register_profile("fugong", deadline=None)
hypothesis.settings.load_profile("fugong")
"""How long an example takes depends on what else the machine does."""
pytest_plugins = ("tests.fixtures.browser", "tests.fixtures.reading", "tests.fixtures.warehouse")


@pytest.fixture(scope="session", autouse=True)
def servers_do_not_sync() -> Iterator[None]:
    """Servers of tests need not survive a power cut: without syncing they take a fraction of the time on a busy disk.

    What a killed process leaves is complete all the same; the system holds it. Servers that a test starts in another process
    (Airflow's, say) sync as always.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "INITDB_OPTIONS", ("--no-sync",))
        patch.setitem(process.SERVER_SETTINGS, "fsync", "off")
        yield


@pytest.fixture(autouse=True)
def umask_of_a_login() -> None:
    """The umask that people have. What Airflow loads narrows it for its whole process, and tests that import it for all after them."""
    os.umask(0o022)


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the workers of a run share; each worker inherits its name."""
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="fugong-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server and remove the folder, once every worker has ended."""
    if not hasattr(config, "workerinput"):
        shared = Path(os.environ.pop(SHARED))
        if (shared / "sample_district").exists():
            embedded.remove(shared / "sample_district")
        shutil.rmtree(shared, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: the tests under a running Airflow."""
    items.sort(key=lambda item: not item.nodeid.startswith(END_TO_END))


class ByFile(LoadScopeScheduling):
    """Gives a file to one worker, and all tests that need the running Airflow to one.

    `--dist loadgroup` would do it by marks, but pytest-xdist 3.8 marks the ids of tests in a way that pytest 9.2 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return END_TO_END if nodeid.startswith(END_TO_END) else nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Schedule by `ByFile`."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def sample_district() -> Settings:
    """The whole sample district, ingested in the order of its history, every mart built.

    One for all tests of all workers: what they change they roll back. The first test that asks makes it.
    """
    from include.samples.fugong_samples import write_district

    home = Path(os.environ[SHARED]) / "sample_district"
    settings = Settings(home, PROJECT, None)
    with FileLock(home.with_suffix(".lock")):
        done = home.with_suffix(".done")
        if not done.exists():
            setup.init(settings)
            write_district(settings.inbox)
            ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
            build_marts(settings)
            copy_database(home, "fugong", "template_of_pages")  # now, while nobody is connected
            done.touch()
    return settings
