"""For all tests."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
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
from fugong.warehouse.embedded import binaries, process
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.databases import copy_database
from tests.fixtures.memory import memory

SHARED = "FUGONG_TESTS_SHARED"
END_TO_END = "tests/end_to_end/"
LONG = (
    "tests/contracts/test_three_files.py",
    "tests/dags/test_dags.py",
    "tests/migrations/test_dumps.py",
    "tests/web/test_clerk_in_a_browser.py",
)
"""Files that take half a minute and more, without the sample district."""
hypothesis.settings.register_profile("fugong", deadline=None)
hypothesis.settings.load_profile("fugong")
"""How long an example takes depends on what else the machine does."""
pytest_plugins = ("tests.fixtures.browser", "tests.fixtures.reading", "tests.fixtures.warehouse")


@pytest.fixture(scope="session", autouse=True)
def servers_of_tests_are_quick() -> Iterator[None]:
    """Servers of tests need not survive a power cut: they do not sync, and where there is room those that root starts lie in memory.

    On a busy disk they take a fraction of the time; a copy of a database, hundreds of files, takes a sixth of the CPU time. What a killed
    process leaves is complete all the same; the system holds it. Servers that a test starts in another process (Airflow's, say) sync
    as always.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "INITDB_OPTIONS", ("--no-sync",))
        patch.setitem(process.SERVER_SETTINGS, "fsync", "off")
        if in_memory := memory():
            patch.setattr(binaries, "STORE", in_memory / "fugong-tests")
            patch.setitem(process.SERVER_SETTINGS, "max_wal_size", "512MB")
        yield


@pytest.fixture(autouse=True)
def umask_of_a_login() -> None:
    """The umask that people have. What Airflow loads narrows it for its whole process, and tests that import it for all after them."""
    os.umask(0o022)


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the workers of a run share; each worker inherits its name."""
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="fugong-tests-")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage among what tests make, not among nine thousand tests: while they are collected it took a third of the time."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    return collected


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give way to the running Airflow: who tests it waits, and counts the seconds; the other workers compute."""
    if "PYTEST_XDIST_WORKER" in os.environ and not item.nodeid.startswith(END_TO_END):
        give_way()


@functools.cache
def give_way() -> None:
    """Let other processes go first from now on."""
    os.nice(5)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server and remove the folder, once every worker has ended."""
    if not hasattr(config, "workerinput"):
        shared = Path(os.environ.pop(SHARED))
        if (shared / "sample_district").exists():
            embedded.remove(shared / "sample_district")
        shutil.rmtree(shared, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: the tests under a running Airflow, a file that makes the sample district, other long files.

    What needs the sample district comes last: until it is made a worker would wait for it.
    """
    needy = {file_of(item) for item in items if "sample_district" in getattr(item, "fixturenames", ())}
    maker = min(needy, default="")

    def turn(item: pytest.Item) -> int:
        if item.nodeid.startswith(END_TO_END):
            return 0
        file = file_of(item)
        return 1 if file == maker else 4 if file in needy else 2 if file in LONG else 3

    items.sort(key=turn)


def file_of(item: pytest.Item) -> str:
    """The file of a test, as its id names it."""
    return item.nodeid.split("::", 1)[0]


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
