"""The data dictionary holds every kind of thing that an analyst may ask about."""

from __future__ import annotations

from fugong.core.settings import PROJECT
from fugong.documentation.dictionary import describe, markdown


def test_tables_that_no_contract_makes_are_described_with_their_columns() -> None:
    tables = {one["name"]: one for one in describe(PROJECT / "include")["tables"]}
    assert {"intake.submission", "intake.part", "intake.finding", "ref.policy_param", "audit.published", "asof.part"} <= set(
        tables
    )
    for name in ("intake.submission", "ref.policy_param", "asof.part"):
        assert tables[name]["zh"] and tables[name]["en"], name
        assert all(column["zh"] and column["en"] for column in tables[name]["columns"]), name
    assert "rows_set_aside" in {column["name"] for column in tables["intake.submission"]["columns"]}


def test_the_page_has_a_section_for_each_kind() -> None:
    headings = [line for line in markdown(PROJECT / "include", "en").splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings)) == len([kind for kind, things in describe(PROJECT / "include").items() if things])
