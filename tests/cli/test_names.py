"""Commands print names instead of codes, in the language asked for."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from fugong.cli.app import app
from fugong.core.settings import Settings

HAN = re.compile("[\u4e00-\u9fff]")
FIRM = re.compile(r"91410106Y\w{9} \S*(?:有限公司|有限|公司)")


@pytest.fixture
def said(sample_district: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FUGONG_HOME", str(sample_district.home))
    monkeypatch.setenv("COLUMNS", "400")

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, [*words], catch_exceptions=False)
        assert result.exit_code == 0
        return result.stdout

    return run


def test_checks_name_departments_firms_and_classes(said) -> None:
    text = said("checks", "X25", "--as-of", "2020-03-18")
    assert "区人力资源和社会保障局" in text
    assert "RSJ" not in text
    assert FIRM.search(text)
    assert "申报类别 小,名录类别 大" in text
    english = said("checks", "X25", "--as-of", "2020-03-18", "--lang", "en")
    assert "Human Resources and Social Security Bureau" in english
    assert "class stated small, class registered large" in english
    assert "differs from the register" in english


def test_figures_in_english_are_english(said) -> None:
    lines = said("figures", "S002", "S041", "S044", "--as-of", "2020-03-18", "--lang", "en").splitlines()
    assert any("13.7988 million yuan" in line and "│yuan" in line for line in lines)
    assert [line for line in lines if HAN.search(line)] == []


def test_who_owes_what_names_reports_in_english(said) -> None:
    text = said("missing", "--date", "2020-03-18", "--all", "--lang", "en")
    assert "Above-scale services and trade resumption" in text
    assert HAN.search(text) is None
