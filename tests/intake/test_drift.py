"""What the contracts do not know: one line per report, kind and value, with the change that would take it; one log line."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from fugong.cli import app
from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Contracts
from fugong.intake import drift
from fugong.intake.drift import Drift, Kind
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, industry_row, tax_row
from tests.fixtures.rules import change_contract, own_rules

AMOUNT = TAX_HEADER.index("减免税额(元)")


def found(inbox: Inbox) -> list[Drift]:
    with connect(inbox.settings) as connection:
        lists = load_code_lists(inbox.settings.include / "reference" / "code_list.csv")
        return drift.drift(connection, inbox.context.contracts, lists, None)


def with_header(at: int, header: str | None, *rows: list[str]) -> bytes:
    """The tax report with one header written otherwise, or a column left out."""
    lines = [list(TAX_HEADER), *rows]
    for line in lines:
        if header is None:
            del line[at]
    if header is not None:
        lines[0][at] = header
    return as_csv(lines[0], lines[1:])


def test_a_new_header_proposes_an_alias_where_it_is_near_and_a_column_where_it_is_not(inbox: Inbox, tmp_path: Path) -> None:
    own = own_rules(inbox, tmp_path / "project")
    own.send("TAX", "R04 3.18.csv", with_header(AMOUNT, "减免税金额(元)", tax_row(1), tax_row(2)))
    own.send("TAX", "R04 3.18 二.csv", as_csv([*TAX_HEADER, "办结日期"], [[*tax_row(3), "2020-03-18"]]))
    drifts = {one.value: one for one in found(own)}
    near, new, gone = drifts["减免税金额(元)"], drifts["办结日期"], drifts.get("减免税额")
    assert gone is None or gone.kind is Kind.COLUMN_GONE
    assert (near.report, near.kind, near.departments, near.n_files, near.n_rows) == (
        "tax_relief",
        Kind.NEW_HEADER,
        ("TAX",),
        1,
        2,
    )
    where, column, *yaml_text = near.proposal.replace(": ", "\n", 1).split("\n")
    assert (where, column) == ("include/contracts/tax_relief.odcs.yaml", "amt_relief")
    (alias,) = yaml.safe_load("\n".join(yaml_text))
    assert alias["property"] == "aliases"
    assert alias["value"][-1] == "减免税金额"
    (skeleton,) = yaml.safe_load(new.proposal.partition("new column\n")[2])
    assert (skeleton["businessName"], skeleton["logicalType"], skeleton["physicalType"]) == ("办结日期", "date", "date")

    # The change proposed is the change that helps: the alias is taken, and no drift is left.
    def take(contract: dict) -> None:
        column = next(one for one in contract["schema"][0]["properties"] if one["name"] == "amt_relief")
        column["customProperties"] = [one for one in column["customProperties"] if one["property"] != "aliases"] + [alias]

    change_contract(own, take)
    assert [one.value for one in found(own) if one.kind is Kind.NEW_HEADER] == ["办结日期"]
    outcome = own.send("TAX", "R04 3.18 三.csv", with_header(AMOUNT, "减免税金额(元)", tax_row(5)))
    assert (outcome.state, own.codes(outcome)) == ("accepted", set())


def test_a_column_gone_is_told_whether_it_is_mandatory_or_not(inbox: Inbox) -> None:
    inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1)]))
    inbox.send("TAX", "R04 3.18 二.csv", with_header(TAX_HEADER.index("冲销凭证号"), None, tax_row(2)))
    inbox.send("TAX", "R04 3.18 三.csv", with_header(0, None, tax_row(3)))
    gone = {one.column: one for one in found(inbox)}
    assert set(gone) == {"reverses_id", "doc_id"}
    assert {one.kind for one in gone.values()} == {Kind.COLUMN_GONE}
    assert (gone["reverses_id"].value, gone["reverses_id"].n_files) == ("冲销凭证号", 1)
    assert "is optional and may be missing" in gone["reverses_id"].proposal
    assert "required: false" in gone["doc_id"].proposal


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("增值税款", "levy_item,增值税,增值税,value-added tax,增值税款"),
        ("彩虹费", "levy_item,CODE,彩虹费,ENGLISH,"),
        ("个税(代扣),补", 'levy_item,个人所得税,个人所得税,personal income tax,"个税;个税(代扣),补"'),
    ],
)
def test_an_unknown_code_proposes_the_line_of_the_list(inbox: Inbox, typed: str, line: str) -> None:
    inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1), *(tax_row(n, 征收项目=typed) for n in (2, 3))]))
    (one,) = found(inbox)
    assert (one.kind, one.value, one.column, one.n_rows) == (Kind.UNKNOWN_CODE, typed, "levy_item", 2)
    assert one.proposal.split("\n")[1] == line


def test_each_is_logged_once(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    def told() -> list[str]:
        lines = [record.getMessage() for record in caplog.records if record.name == "fugong.intake.drift"]
        caplog.clear()
        return lines

    caplog.set_level(logging.WARNING)
    odd = as_csv([*TAX_HEADER, "经办科室"], [[*tax_row(1, 征收项目="彩虹费"), "一科"], [*tax_row(2), "二科"]])
    inbox.send("TAX", "R04 3.18.csv", odd)
    lines = told()
    assert [line.split(". ")[0] for line in lines] == [
        "Drift in tax_relief, submission 1: new-header '经办科室'",
        "Drift in tax_relief, submission 1: unknown-code '彩虹费'",
    ]
    assert "businessName: 经办科室" in lines[0]
    inbox.send("TAX", "R04 3.18 二.csv", as_csv([*TAX_HEADER, "经办科室"], [[*tax_row(4), "一科"]]))
    assert told() == []
    inbox.send("GXJ", "R01 3.18.csv", as_csv([*INDUSTRY_HEADER, "经办科室"], [[*industry_row(1), "一科"]]))
    assert [line.split(",")[0] for line in told()] == ["Drift in industry_resumption"]  # another report
    inbox.send("TAX", "R04 3.18 三.csv", with_header(TAX_HEADER.index("冲销凭证号"), None, tax_row(5)))
    assert [line.split(". ")[0] for line in told()] == ["Drift in tax_relief, submission 4: column-gone 'reverses_id'"]
    inbox.send("TAX", "R04 3.18 四.csv", with_header(TAX_HEADER.index("冲销凭证号"), None, tax_row(6)))
    assert told() == []


def test_a_telephone_in_a_header_is_masked_in_the_log_and_in_the_list(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    inbox.send("TAX", "R04 3.18.csv", as_csv([*TAX_HEADER, "经办13812345678"], [[*tax_row(1), "一科"]]))
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name == "fugong.intake.drift")
    assert "new-header '经办138" in logged
    assert "13812345678" not in logged
    assert not any("13812345678" in f"{one.value}{one.proposal}" for one in found(inbox))


def test_the_command_prints_it(inbox: Inbox) -> None:
    environment = {
        "FUGONG_HOME": str(inbox.settings.home),
        "FUGONG_DISTRICT": str(inbox.settings.district),
        "FUGONG_WAREHOUSE": inbox.settings.warehouse_url,
        "COLUMNS": "240",
    }

    def run(*words: str) -> str:
        done = CliRunner().invoke(app.app, ["drift", *words], env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "报送与契约一致" in run()
    inbox.send("TAX", "R04 3.18.csv", as_csv([*TAX_HEADER, "经办科室"], [[*tax_row(1), "一科"]]))
    assert "没见过的表头" in run()
    (one,) = json.loads(run("--json", "--since", "2020-03-01"))
    assert (one["kind"], one["value"], one["n_files"]) == ("new-header", "经办科室", 1)
    assert json.loads(run("--json", "--since", "2020-04-01")) == []


def test_a_table_that_ignores_other_columns_is_told_only_of_those_like_a_missing_one(inbox: Inbox) -> None:
    """A program writes many columns that nobody asked for."""
    deaf = Contracts(
        tuple(
            replace(one, tables=tuple(replace(table, tells_other_columns=False) for table in one.tables))
            for one in inbox.context.contracts
        )
    )
    office = Inbox(inbox.settings, replace(inbox.context, contracts=deaf))
    more = as_csv([*TAX_HEADER, "经办科室"], [[*tax_row(1), "一科"]])
    sent = office.send("TAX", "R04 3.18.csv", more)
    assert (sent.state, office.codes(sent)) == ("accepted", set())
    misspelt = office.send("TAX", "R04 3.19.csv", with_header(AMOUNT, "减免说额(元)", tax_row(2, day="2020-03-19")))
    assert "extra-column" in office.codes(misspelt)
