"""A city takes the marts of its districts: their sums are its figures, one that is missing is said, and a trace goes on in the district."""

from __future__ import annotations

from pathlib import Path

from fugong.core.settings import PROJECT, Settings
from tests.docs.recipes import FileBlock, blocks
from tests.fixtures.city import DISTRICTS, RECIPE, District, compare, lay_city
from tests.fixtures.databases import copy_database, drop_database


def test_a_city_adds_up_what_its_districts_export(
    sample_district: Settings, empty_warehouse: tuple[Path, str], tmp_path: Path
) -> None:
    # One district at three moments: three districts that say different things.
    moments = ("2020-03-06T09:00", "2020-03-07", "")
    districts = {code: District(sample_district, moment) for code, moment in zip(DISTRICTS, moments, strict=True)}
    home, url = empty_warehouse
    copy_database(home, "template1", "city")
    try:
        found = compare(lay_city(tmp_path / "city", tmp_path / "home", url.rpartition("/")[0] + "/city"), districts)
    finally:
        drop_database(home, "city")
    assert found["districts"] == 3
    assert found["lines"] == found["resumed"] > 300


def test_the_recipe_has_the_same_files_in_chinese() -> None:
    def files(page: Path) -> list[FileBlock]:
        return [block for block in blocks(page) if isinstance(block, FileBlock)]

    assert files(RECIPE) == files(PROJECT / "docs/zh/recipes" / RECIPE.name)
    assert len(files(RECIPE)) == 7
