"""The data dictionary lists everything that contracts, SQL files and definitions name, with both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fugong.analysis.questions import load_questions
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.documentation.dictionary import comment_files, describe, markdown
from fugong.figures.definition import load_definitions
from fugong.marts.sql_files import load_sql_files

INCLUDE = PROJECT / "include"


@pytest.fixture(scope="module")
def dictionary() -> dict[str, list[dict[str, Any]]]:
    return describe(INCLUDE)


def names(entries: list[dict[str, Any]], key: str = "name") -> list[str]:
    return [entry[key] for entry in entries]


def test_it_lists_every_report_fact_mart_figure_and_question(dictionary: dict[str, list[dict[str, Any]]]) -> None:
    files = load_sql_files(INCLUDE / "sql")
    assert dictionary.keys() == {"reports", "tables", "facts", "marts", "open", "figures", "questions"}
    assert names(dictionary["reports"], "id") == [contract.id for contract in load_contracts(INCLUDE / "contracts")]
    assert names(dictionary["facts"]) == [fact.relation for fact in files.facts]
    assert names(dictionary["marts"]) == [mart.relation for mart in files.marts]
    assert names(dictionary["open"]) == [f"open.{mart.name}" for mart in files.marts if mart.is_open]
    assert names(dictionary["figures"], "id") == list(load_definitions(INCLUDE))
    assert names(dictionary["questions"]) == [question.name for question in load_questions(INCLUDE).values()]


def test_it_lists_every_column_of_the_engines_own_tables(dictionary: dict[str, list[dict[str, Any]]]) -> None:
    tables = {table["name"]: table for table in dictionary["tables"]}
    assert {"intake.submission", "intake.part", "intake.finding", "intake.set_aside_row", "asof.part", "ref.policy_param"} <= set(
        tables
    )
    assert {"audit.published", "audit.adjustment", "audit.signing", "mart.check_row"} <= set(tables)
    text = "\n".join(file.read_text(encoding="utf-8") for file in comment_files())
    commented = re.findall(r"^COMMENT ON COLUMN ([a-z_]+\.[a-z_]+)\.(\w+)", text, re.MULTILINE)
    assert len(commented) > 200
    assert [(name, column["name"]) for name, table in tables.items() for column in table["columns"]] == sorted(
        commented, key=lambda one: list(tables).index(one[0])
    )
    described = [*tables.values(), *(column for table in tables.values() for column in table["columns"])]
    assert [one["name"] for one in described if not (one["zh"] and one["en"])] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_a_heading_for_every_relation(dictionary: dict[str, list[dict[str, Any]]], lang: str) -> None:
    headings = re.findall(r"^### (\S+)$", markdown(INCLUDE, lang), re.MULTILINE)
    assert headings == [name for part in ("tables", "facts", "marts", "open") for name in names(dictionary[part])]
