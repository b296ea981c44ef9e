"""A contract retires a column, or requires a new one from a day on: what the sender, the engineer and the warehouse see of it."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.documentation.template import write_template
from fugong.intake.collect import Arrival
from fugong.intake.drift import Kind, drift
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.validation.suite import load_suites
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import Inbox

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: mask_stock
name: 口罩库存日报
version: 1.0.0
status: active
customProperties:
  - {property: report, value: R77}
  - {property: nameEn, value: Stock of masks}
  - {property: senders, value: [FGW]}
  - {property: fileNames, value: [口罩库存]}
  - {property: cadence, value: daily}
slaProperties:
  - {property: dueDays, value: 1}
  - {property: dueTime, value: "09:00"}
schema:
  - name: mask_stock
    businessName: 口罩库存
    description: Masks in one store at the end of the day. | 一处仓库当日库存。
    customProperties:
      - {property: mode, value: snapshot}
    properties:
      - name: store
        businessName: 仓库
        logicalType: string
        physicalType: text
        primaryKey: true
        primaryKeyPosition: 1
        required: true
        description: Store. | 仓库。
      - name: n_masks
        businessName: 库存数量
        logicalType: integer
        physicalType: integer
        required: true
        description: Masks in store. | 库存口罩只数。
"""
KIND = """\
      - name: kind
        businessName: 型号
        logicalType: string
        physicalType: text
        description: Kind of mask. | 口罩型号。
"""
RETIRED = """\
        customProperties:
          - {property: retired, value: true}
"""
BATCH = """\
      - name: batch
        businessName: 批次
        logicalType: string
        physicalType: text
        description: Batch. | 批次。
        required: true
        customProperties:
          - {property: requiredFrom, value: "2020-04-01"}
"""
SUITE: dict[str, Any] = {
    "name": "mask_stock",
    "meta": {"good": {"store": "一号库", "n_masks": 5}},
    "expectations": [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "n_masks", "min_value": 0},
            "severity": "critical",
            "meta": {
                "code": "below-zero",
                "column": "n_masks",
                "message_zh": "“{header}”不能为负:{value}。",
                "message_en": '"{header}" is below zero: {value}.',
                "advice_zh": "请核对。",
                "advice_en": "Check it.",
                "bad": {"n_masks": -1},
            },
        }
    ],
}


class District:
    """The project's district with one report more, in folders of its own."""

    def __init__(self, home: Path, folder: Path, url: str) -> None:
        self.folder = folder
        self.settings = Settings(home, folder, url)

    def write(self, contract: str) -> list[str]:
        """Put the contract in place and upgrade."""
        (self.folder / "include/contracts/mask_stock.odcs.yaml").write_text(contract, encoding="utf-8")
        return setup.init(self.settings)

    def send(self, day: date, text: str) -> tuple[str, int, int, list[str]]:
        """Send a file the day after the day that it is about: state, rows accepted, rows set aside, codes of its findings."""
        name = f"口罩库存日报({day:%Y年%m月%d日}).csv"
        (self.settings.inbox / "FGW" / name).write_text(text, encoding="utf-8")
        arrival = Arrival(f"FGW/{name}", datetime.combine(date.fromordinal(day.toordinal() + 1), time(9), SHANGHAI))
        [outcome] = ingest_history(self.settings, [arrival])
        found = self.ask(f"SELECT code FROM intake.finding WHERE submission_id = {outcome.submission_id} ORDER BY code")
        return outcome.state, outcome.rows_accepted, outcome.rows_set_aside, [code for (code,) in found]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.settings) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture
def district(inbox: Inbox, tmp_path: Path) -> District:
    folder = tmp_path / "district"
    for name in ("include", "expectations"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "expectations/mask_stock.json").write_text(json.dumps(SUITE, ensure_ascii=False), encoding="utf-8")
    url = inbox.settings.warehouse_url
    assert url is not None
    return District(tmp_path, folder, url)


def test_a_retired_column_is_neither_expected_nor_drift_and_keeps_its_values(district: District, tmp_path: Path) -> None:
    assert district.write(CONTRACT + KIND) == ["created report.mask_stock"]
    assert district.send(date(2020, 3, 16), "仓库,型号,库存数量\n一号库,N95,9\n") == ("accepted", 1, 0, [])
    assert district.write(CONTRACT + KIND + RETIRED) == ["retired report.mask_stock.kind: its values stay"]
    assert district.send(date(2020, 3, 17), "仓库,库存数量\n一号库,11\n") == ("accepted", 1, 0, [])
    assert district.send(date(2020, 3, 18), "仓库,型号,库存数量\n一号库,N95,12\n") == ("accepted", 1, 0, [])
    assert district.ask("SELECT report_date, kind FROM asof.mask_stock ORDER BY report_date") == [
        (date(2020, 3, 16), "N95"),
        (date(2020, 3, 17), None),
        (date(2020, 3, 18), None),
    ]
    settings = district.settings
    contracts = load_contracts(settings.include / "contracts")
    code_lists = load_code_lists(settings.include / "reference" / "code_list.csv")
    with connect(settings) as connection:
        assert drift(connection, contracts, code_lists, None) == []
    template = tmp_path / "R77.xlsx"
    write_template(contracts.find("R77"), code_lists, load_suites(settings.expectations, contracts.tables), template)
    cells = {str(cell.value) for sheet in openpyxl.load_workbook(template) for row in sheet.iter_rows() for cell in row}
    assert any(cell.startswith("库存数量") for cell in cells)
    assert not any(cell.startswith("型号") for cell in cells)


def test_a_column_that_is_still_in_the_contract_is_drift_when_it_is_gone(district: District) -> None:
    district.write(CONTRACT + KIND)
    district.send(date(2020, 3, 16), "仓库,型号,库存数量\n一号库,N95,9\n")
    district.send(date(2020, 3, 17), "仓库,库存数量\n一号库,11\n")
    contracts = load_contracts(district.settings.include / "contracts")
    code_lists = load_code_lists(district.settings.include / "reference" / "code_list.csv")
    with connect(district.settings) as connection:
        assert [(one.kind, one.column) for one in drift(connection, contracts, code_lists, None)] == [(Kind.COLUMN_GONE, "kind")]


def test_a_column_is_required_from_a_report_date_on(district: District) -> None:
    district.write(CONTRACT)
    assert district.send(date(2020, 3, 16), "仓库,库存数量\n一号库,9\n") == ("accepted", 1, 0, [])
    assert district.write(CONTRACT + BATCH) == ["added report.mask_stock.batch"]
    assert district.send(date(2020, 3, 31), "仓库,库存数量\n一号库,9\n")[:3] == ("accepted", 1, 0)
    assert district.send(date(2020, 3, 30), "仓库,批次,库存数量\n一号库,B1,8\n二号库,,7\n")[:3] == ("accepted", 2, 0)
    assert district.send(date(2020, 4, 1), "仓库,库存数量\n一号库,9\n")[0] == "rejected"
    assert district.send(date(2020, 4, 2), "仓库,批次,库存数量\n一号库,B1,6\n二号库,,5\n")[:3] == ("partly_accepted", 1, 1)
