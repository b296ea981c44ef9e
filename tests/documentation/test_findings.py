"""The page of findings is what catalogue and suites say, and leaves no code out."""

from __future__ import annotations

import re

from fugong.core.settings import PROJECT, Settings
from fugong.documentation import findings
from fugong.findings.catalogue import CATALOGUE
from fugong.validation.suite import Suite

SETTINGS = Settings(PROJECT, PROJECT, None)
PAGE = PROJECT / "docs" / "findings.md"


def test_the_committed_page_is_up_to_date() -> None:
    made = findings.markdown(SETTINGS.include, SETTINGS.expectations)
    assert PAGE.read_text(encoding="utf-8") == made, "run: make docs"


def test_every_code_is_there_once_and_every_rule_of_a_suite() -> None:
    first, second = PAGE.read_text(encoding="utf-8").split("\n## 各报表的规则")
    listed = re.findall(r"^\| `([a-z-]+)` \|", first, re.MULTILINE)
    assert sorted(listed) == sorted(CATALOGUE)
    suites = [Suite.load(path) for path in SETTINGS.expectations.glob("*.json")]
    codes = [rule.rule.code for suite in suites for rule in suite.rules if rule.is_reported]
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)`<br>", second, re.MULTILINE)) == sorted(codes)
    assert len(codes) > 100


def test_examples_leave_nothing_open() -> None:
    """A placeholder that the page has no example for stays open in it: give one in `documentation.findings.GIVEN` or `OWN`."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            _, meaning, example, advice = line[2:-2].split(" | ")
            assert "{" not in line
            assert example or findings.OPEN not in meaning
            assert findings.OPEN not in example.replace("……", "")
            assert findings.OPEN not in advice.replace("……", "")


def test_the_page_names_no_example_of_a_code_that_is_gone() -> None:
    assert findings.OWN.keys() <= CATALOGUE.keys()
