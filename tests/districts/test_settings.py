"""Which district a command works for, and that a district's own package of samples stays its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fugong.cli.sample import load_samples
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT, Settings, find_district


def district(folder: Path) -> Path:
    (folder / "include" / "contracts").mkdir(parents=True)
    return folder


def test_a_command_inside_a_district_works_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = district(tmp_path / "elsewhere")
    inbox = here / "var" / "inbox"
    inbox.mkdir(parents=True)
    for start in (here, inbox):
        assert find_district({}, start) == here
        monkeypatch.chdir(start)
        settings = Settings.load({})
        assert (settings.district, settings.home) == (here, here / "var")
        assert (settings.include, settings.expectations) == (here / "include", here / "expectations")


def test_the_environment_names_the_district_wherever_the_command_runs(tmp_path: Path) -> None:
    here, other = district(tmp_path / "here"), district(tmp_path / "other")
    assert find_district({"FUGONG_DISTRICT": str(other)}, here) == other
    assert find_district({"FUGONG_PROJECT": str(other)}, here) == other
    assert find_district({"FUGONG_DISTRICT": str(other), "FUGONG_PROJECT": str(here)}, here) == other
    assert find_district({"FUGONG_DISTRICT": ""}, here) == here


def test_a_folder_named_that_is_no_district_is_refused(tmp_path: Path) -> None:
    for name in ("FUGONG_DISTRICT", "FUGONG_PROJECT"):
        with pytest.raises(ConfigurationError, match=r"nowhere: .*This is not a district's folder"):
            find_district({name: str(tmp_path / "nowhere")}, district(tmp_path / name))
    assert not (tmp_path / "nowhere").exists()


def test_outside_of_every_district_a_checkout_is_its_own_and_an_installed_program_says_what_to_do(tmp_path: Path) -> None:
    assert find_district({}, tmp_path) == PROJECT
    with pytest.raises(ConfigurationError, match=r"set FUGONG_DISTRICT to one, or lay a new one: fugong new district DIR"):
        find_district({}, tmp_path, checkout=tmp_path / "site-packages")


@pytest.fixture
def no_samples_left() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "fugong_samples"]:
        del sys.modules[name]


@pytest.mark.usefixtures("no_samples_left")
def test_each_district_imports_its_own_package_of_samples_and_nothing_else_becomes_importable(tmp_path: Path) -> None:
    package = tmp_path / "include" / "samples" / "fugong_samples"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from .district import NAME\n", encoding="utf-8")
    (package / "district.py").write_text("NAME = 'elsewhere'\n", encoding="utf-8")
    path, modules = list(sys.path), set(sys.modules)
    ours = load_samples(PROJECT / "include")
    assert load_samples(PROJECT / "include") is ours
    assert load_samples(tmp_path / "include").NAME == "elsewhere"
    assert sys.path == path
    assert {name for name in sys.modules.keys() - modules if "fugong_samples" in name} == {
        "fugong_samples", "fugong_samples.district",
    }  # fmt: skip
    assert not {"district", "reports", "files", "layout", "money", "projects"} & sys.modules.keys()
    with pytest.raises(ConfigurationError, match="no package that writes samples"):
        load_samples(tmp_path)
