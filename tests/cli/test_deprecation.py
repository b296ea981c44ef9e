"""Old names of commands, options and variables work until the version that they name, and say what to use instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.version import Version

from fugong import __version__
from fugong.cli.app import app
from fugong.core import deprecation
from fugong.core.deprecation import Deprecation
from fugong.core.settings import PROJECT
from tests.cli.test_errors import all_commands

KNOWN = (
    Deprecation("fugong house", "fugong maintenance", "0.2.0"),
    Deprecation("fugong person list", "fugong account list", "0.2.0"),
    Deprecation("fugong withdraw --person", "fugong withdraw --signer", "0.3.0"),
    Deprecation("fugong account add --title", "fugong account add --post", "0.2.0"),
)


@pytest.mark.parametrize(
    ("typed", "meant", "n_old"),
    [
        ("house --json", "maintenance --json", 1),
        ("maintenance", "maintenance", 0),
        ("ask house", "ask house", 0),
        ("person list", "account list", 1),
        ("person add", "person add", 0),
        ("withdraw 1 --person 科长 --reason house", "withdraw 1 --signer 科长 --reason house", 1),
        ("withdraw 1 --person=--person", "withdraw 1 --signer=--person", 1),
        ("withdraw --persons x", "withdraw --persons x", 0),
        ("withdraw 1 -- --person", "withdraw 1 -- --person", 0),
        ("publish --person x", "publish --person x", 0),
        ("account add wang --title 科员", "account add wang --post 科员", 1),
        ("", "", 0),
    ],
)
def test_an_old_name_stands_for_the_new_one_where_it_is_a_name(typed: str, meant: str, n_old: int) -> None:
    words, used = deprecation.renamed(typed.split(), KNOWN)
    assert (" ".join(words), len(used)) == (meant, n_old)


def test_a_deprecated_command_does_the_same_and_says_what_to_use_and_until_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUGONG_HOME", str(tmp_path))
    monkeypatch.delenv("FUGONG_WAREHOUSE", raising=False)
    monkeypatch.delenv("FUGONG_DISTRICT", raising=False)
    monkeypatch.setenv("FUGONG_PROJECT", str(PROJECT))
    said: dict[str, tuple[object, str, str]] = {}
    for name in ("house", "maintenance"):
        with pytest.raises(SystemExit) as end:
            app([name], prog_name="fugong")
        said[name] = (end.value.code, *capfd.readouterr())
    old, new = said["house"], said["maintenance"]
    told = "fugong house 已改名,请改用 fugong maintenance;0.2.0 版起不再能用 | fugong house is now fugong maintenance; it stops working in version 0.2.0"
    variable = "FUGONG_PROJECT 已改名,请改用 FUGONG_DISTRICT;0.2.0 版起不再能用 | FUGONG_PROJECT is now FUGONG_DISTRICT; it stops working in version 0.2.0"
    assert old[:2] == new[:2]
    assert old[2] == f"※ {told}\n{new[2]}"
    assert new[2].startswith(f"※ {variable}\n")


def test_a_variable_that_stands_beside_its_new_name_is_no_matter() -> None:
    assert deprecation.variables_used({"FUGONG_PROJECT": "a", "FUGONG_DISTRICT": "b"}) == []
    assert [one.new for one in deprecation.variables_used({"FUGONG_PROJECT": "a"})] == ["FUGONG_DISTRICT"]


def test_what_is_deprecated_leads_to_what_exists_is_documented_and_goes_on_time() -> None:
    everything = (*deprecation.COMMANDS, *deprecation.VARIABLES)
    assert len(everything) >= 1, "nothing is deprecated any more: this test may go, with its table"
    for page in ("docs/releases.md", "docs/zh/releases.md"):
        rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (\S+) \|", (PROJECT / page).read_text("utf-8"), re.MULTILINE)
        assert rows == [(one.old, one.new, one.until) for one in everything]
    for one in deprecation.COMMANDS:
        assert " ".join(word for word in one.new.split()[1:] if not word.startswith("-")) in all_commands()
        assert one.old.removeprefix("fugong ") not in all_commands()
    late = [one.old for one in everything if Version(one.until) <= Version(Version(__version__).base_version)]
    assert late == [], f"version {__version__} does not know these names any more: take them out"
