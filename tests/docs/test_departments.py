"""The page for departments says what its file names mean, and shows real pictures of what departments see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.intake.evaluate import evaluate
from fugong.intake.identify import Identified
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext

PAGES = {name: (PROJECT / f"docs/{name}").read_text(encoding="utf-8") for name in ("departments.md", "zh/departments.md")}
NAMES = re.compile(r"`([^`]*\.xlsx)`")
NOTHING = {"version": None, "is_correction": False, "is_withdrawal": False, "is_confirmed": False}
MEANT: dict[str, dict[str, object]] = {
    "奖补资金台账(3月18日).xlsx": {},
    "20200318_R13_CZJ.xlsx": {},
    "奖补资金台账(3月18日)更正.xlsx": {"is_correction": True},
    "奖补资金台账(3月18日)V2.xlsx": {"version": 2},
    "奖补资金台账(3月18日)V3.xlsx": {"version": 3},
    "奖补资金台账(3月18日)作废.xlsx": {"is_withdrawal": True},
    "奖补资金台账(3月18日)确认.xlsx": {"is_confirmed": True},
}
TABLE = """拨付编号,统一社会信用代码,政策条款,项目类别,资金来源
2020-001,91410106Y00000016N,第12条,防疫物资,区本级
"""


@pytest.fixture(scope="module")
def context() -> Iterator[IntakeContext]:
    with Reader() as reader:
        yield IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_page_names_these_files(page: str) -> None:
    assert {name.replace("…", "奖补资金台账(3月18日)") for name in NAMES.findall(PAGES[page])} == set(MEANT)


@pytest.mark.parametrize("name", sorted(MEANT))
def test_a_name_on_the_page_means_what_the_page_says(name: str, context: IntakeContext, tmp_path: Path) -> None:
    file = tmp_path / "sent.csv"
    file.write_text(TABLE, encoding="utf-8")
    (tmp_path / "work").mkdir()
    received = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
    found = evaluate(
        context, file, file_name=name.replace("xlsx", "csv"), department="CZJ", received_at=received, work=tmp_path / "work"
    )
    assert [item.code for item in found.findings.all_findings()] == []
    assert (found.contract and found.contract.report, found.report_date) == ("R13", date(2020, 3, 18))
    assert isinstance(found.identified, Identified)
    assert {mark: getattr(found.identified.marks, mark) for mark in NOTHING} == NOTHING | MEANT[name]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_pictures_of_the_page_are_small_enough_for_a_page(page: str) -> None:
    named = re.findall(r"images/(\w+\.png)", PAGES[page])
    assert named == ["department_template.png", "department_receipt.png", "department_returned_rows.png"]
    for name in named:
        content = (PROJECT / "docs/images" / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 150_000
