"""The page for departments says what its file names mean, and shows real pictures of what departments see."""

from __future__ import annotations

import re
from datetime import date

import pytest

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.file_name import Marks, marks, matching_contracts, report_day, stem

CONTRACTS = load_contracts(PROJECT / "include/contracts")
PAGES = {name: (PROJECT / f"docs/{name}").read_text(encoding="utf-8") for name in ("departments.md", "zh/departments.md")}
NAMES = re.compile(r"`([^`]*\.xlsx)`")
MEANT = {
    "奖补资金台账(3月18日).xlsx": Marks(),
    "20200318_R13_CZJ.xlsx": Marks(),
    "奖补资金台账(3月18日)更正.xlsx": Marks(is_correction=True),
    "奖补资金台账(3月18日)V2.xlsx": Marks(version=2),
    "奖补资金台账(3月18日)V3.xlsx": Marks(version=3),
    "奖补资金台账(3月18日)作废.xlsx": Marks(is_withdrawal=True),
    "奖补资金台账(3月18日)确认.xlsx": Marks(is_confirmed=True),
}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_page_names_these_files(page: str) -> None:
    assert {name.replace("…", "奖补资金台账(3月18日)") for name in NAMES.findall(PAGES[page])} == set(MEANT)


@pytest.mark.parametrize("name", sorted(MEANT))
def test_a_name_on_the_page_means_what_the_page_says(name: str) -> None:
    assert matching_contracts(stem(name), CONTRACTS) == (CONTRACTS.find("R13"),)
    assert report_day(stem(name), [], date(2020, 3, 19)).day == date(2020, 3, 18)
    assert marks([stem(name)]) == MEANT[name]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_pictures_of_the_page_are_small_enough_for_a_page(page: str) -> None:
    named = re.findall(r"images/(\w+\.png)", PAGES[page])
    assert named == ["department_template.png", "department_receipt.png", "department_returned_rows.png"]
    for name in named:
        content = (PROJECT / "docs/images" / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 150_000
