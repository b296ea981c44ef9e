"""A warehouse of an earlier release is upgraded: nothing is lost, and it is then like one that is made anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fugong.core.settings import Settings
from fugong.operations import integrity, setup
from fugong.operations.build_marts import build_marts
from fugong.operations.task_result import Result
from fugong.warehouse import engine, revision
from fugong.warehouse.connection import address, connect
from fugong.warehouse.embedded import server as embedded
from fugong.warehouse.migrate import SCHEMAS
from fugong.warehouse.shape import read_shape
from tests.migrations import warehouses
from tests.migrations.warehouses import WITHOUT_REVISION

NAMES = (WITHOUT_REVISION, *(f"{number:04}" for number in range(2, 19)))
MOMENTS = ("2020-03-12", "2020-03-18", "2020-03-18 known at 2020-03-18T12:00")
LAST_RELEASE = [*warehouses.released().values()][-1]
UPGRADED = tuple(dict.fromkeys((NAMES[0], LAST_RELEASE, *NAMES[-2:])))
"""Of each the way to the newest revision is walked here, that of the last release included; the others begin on the way of the first."""
N_FIGURES = 105
DIFFERENT = {
    "2020-03-12": {"S042A", "S042B", "S050A"},
    "2020-03-18": {"S042A", "S042B"},
    "2020-03-18 known at 2020-03-18T12:00": {*(f"S00{number}" for number in range(2, 9)), "S056", "S056O", "S057"},
}
"""The figures that this program evaluates otherwise; `dumps/README.md` says why."""


@dataclass(frozen=True)
class Upgraded:
    """A dump, restored and upgraded."""

    name: str
    settings: Settings
    changes: list[str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("dumps")
    embedded.start(home)
    yield home
    embedded.remove(home)


@pytest.fixture(scope="module", params=UPGRADED)
def upgraded(request: pytest.FixtureRequest, home: Path) -> Upgraded:
    settings = warehouses.create_database(home, f"dump_{request.param}")
    warehouses.restore(settings, request.param)
    changes = setup.init(settings)
    build_marts(settings)
    return Upgraded(request.param, settings, changes)


def test_every_revision_has_a_dump() -> None:
    assert (WITHOUT_REVISION, *revision.revisions()[1:]) == NAMES
    assert {file.name for file in warehouses.DUMPS.iterdir()} == {
        "README.md",
        "figures.json.xz",
        *(f"{name}.sql.xz" for name in NAMES),
    }


def test_every_release_has_the_dump_of_its_warehouse() -> None:
    assert warehouses.released()["0.1.0.dev0"] == "0015"
    assert set(warehouses.released().values()) <= set(NAMES)
    assert LAST_RELEASE in UPGRADED
    page = (warehouses.DUMPS / "README.md").read_text(encoding="utf-8")
    assert [version for version, name in warehouses.released().items() if f"| {version} | `{name}.sql.xz` |" not in page] == []


def test_an_upgrade_says_which_revisions_it_ran(upgraded: Upgraded) -> None:
    ran = [change for change in upgraded.changes if "revision" in change]
    if upgraded.name == WITHOUT_REVISION:
        pending = revision.revisions()[1:]
        assert ran[0] == "the tables are those of revision 0001"
    else:
        pending = revision.revisions()[revision.revisions().index(upgraded.name) + 1 :]
    assert [change.split()[3].rstrip(":") for change in ran if change.startswith("migrated to revision ")] == list(pending)
    with connect(upgraded.settings) as connection:
        rows = connection.execute(
            "SELECT value_after FROM audit.schema_change WHERE change = 'migrated' ORDER BY change_id"
        ).fetchall()
        assert rows == [(number,) for number in revision.revisions()[1:]]
        assert connection.execute("SELECT revision FROM open.warehouse_revision").fetchall() == [(revision.revisions()[-1],)]


def test_a_second_upgrade_changes_nothing(upgraded: Upgraded) -> None:
    assert setup.init(upgraded.settings) == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_figures_are_what_they_were(upgraded: Upgraded, moment: str) -> None:
    expected = warehouses.expected_figures()
    assert tuple(expected) == MOMENTS
    assert len(expected[moment]) == N_FIGURES
    now = {figure["id"]: figure for figure in warehouses.figures_now(upgraded.settings, moment)}
    then = {figure["id"]: figure for figure in expected[moment]}
    assert now.keys() == then.keys()
    parts = ("value", "numerator", "denominator")
    assert {name for name in then if any(now[name][part] != then[name][part] for part in parts)} == DIFFERENT[moment]


@pytest.fixture(scope="module")
def fresh(home: Path) -> Settings:
    """A new warehouse."""
    settings = warehouses.create_database(home, "fresh")
    setup.init(settings)
    return settings


def test_an_upgraded_warehouse_has_the_structure_of_a_new_one(upgraded: Upgraded, fresh: Settings) -> None:
    shapes = []
    for settings in (fresh, upgraded.settings):
        with engine.begin(address(settings)) as connection:
            shapes.append(read_shape(connection, SCHEMAS))
    assert len(shapes[0]) > 1000
    assert shapes[1] == shapes[0]


def test_the_nightly_checks_find_nothing(upgraded: Upgraded) -> None:
    shutil.rmtree(upgraded.settings.archive)
    found = {task.task: task for task in integrity.verify(upgraded.settings)}
    lost = found.pop("archive")  # a dump holds no originals
    with connect(upgraded.settings) as connection:
        [(n_originals,)] = connection.execute(
            "SELECT COUNT(DISTINCT sha256) FROM intake.submission WHERE byte_size > 0"
        ).fetchall()
    assert (lost.outcome, lost.n) == (Result.BAD, n_originals)
    assert found.keys() == {"archive-unknown", "balance", "parts", "marts", "published", "evidence", "waiting", "checksums"}
    assert [task for task in found.values() if task.outcome is Result.BAD] == []
