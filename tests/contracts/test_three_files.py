"""A new report is three files: contract, suite, sample. A mart and a figure are files, too. The engine is not touched."""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import load_contracts
from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.documentation.template import write_template
from fugong.figures.figure import figures
from fugong.intake.collect import Arrival
from fugong.intake.pipeline import ingest_history
from fugong.intake.types import Outcome
from fugong.lineage import trace
from fugong.operations import build_marts, setup
from fugong.validation.suite import Suite, load_suites
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded

D = date(2020, 3, 18)
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
  - {property: fileNames, value: [口罩库存, 口罩]}
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
        customProperties:
          - {property: aliases, value: [仓库名称]}
      - name: n_masks
        businessName: 库存数量
        logicalType: integer
        physicalType: integer
        required: true
        description: Masks in store. | 库存口罩只数。
      - name: stock_value
        businessName: 库存金额
        logicalType: number
        physicalType: numeric(18,2)
        description: What they cost, yuan. | 库存金额,元。
        customProperties:
          - {property: unit, value: 元}
"""
NEW_COLUMN = """\
      - name: kind
        businessName: 型号
        logicalType: string
        physicalType: text
        description: Kind of mask. | 口罩型号。
"""
SUITE: dict[str, Any] = {
    "name": "mask_stock",
    "meta": {"good": {"store": "一号库", "n_masks": 5, "stock_value": 10.0}},
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
SAMPLE = "仓库,库存数量,库存金额(万元)\n一号库,5000,1.25\n二号库,300,0.1\n三号库,-4,0\n"
FACT = """\
-- description: Masks in store, by store.
--
-- writes: fact.mask_stock
-- grain: one row per as_of, store
-- reads: [report.mask_stock]
-- columns:
--   as_of: 截至 | Day
--   store: 仓库 | Store
--   n_masks: 库存数量(只) | Masks in store
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'mask_stock'
)

SELECT
    part.as_of,
    line.store,
    line.n_masks,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.mask_stock AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
"""
MART = """\
-- description: Masks in store.
--
-- writes: mart.mask_stock_daily
-- grain: one row per as_of
-- keys: [as_of]
-- partition_by: as_of
-- reads: [fact.mask_stock]
-- serves: S901
-- sums:
--   n_masks: fact.mask_stock.n_masks
-- columns:
--   as_of: 截至 | Day
--   n_masks: 库存数量(只) | Masks in store
WITH mask_stock_daily AS (
    SELECT
        as_of,
        SUM(n_masks) AS n_masks
    FROM fact.mask_stock
    WHERE as_of = ANY(:days)
    GROUP BY as_of
)

SELECT
    as_of,
    n_masks
FROM mask_stock_daily
"""
FIGURE = """\
- id: S901
  name: Masks in store
  name_zh: 口罩库存
  unit: 只
  display: {kind: count}
  value: {mart: mask_stock_daily, column: n_masks}
"""
ADDED = {
    "include/contracts/mask_stock.odcs.yaml": CONTRACT,
    "expectations/mask_stock.json": json.dumps(SUITE, ensure_ascii=False),
}
ADDED_FOR_THE_FIGURE = {
    "include/sql/facts/mask_stock.sql": FACT,
    "include/sql/marts/mask_stock_daily.sql": MART,
    "include/briefing/figures/90_masks.yaml": FIGURE,
}


@dataclass(frozen=True)
class Installation:
    settings: Settings

    @property
    def project(self) -> Path:
        return self.settings.district

    def add(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.project / name).write_text(text, encoding="utf-8")

    def files(self) -> set[str]:
        return {str(path.relative_to(self.project)) for path in self.project.rglob("*") if path.is_file()}

    def send(self, name: str, content: bytes, hour: int) -> Outcome:
        path = self.settings.inbox / "FGW" / name
        path.write_bytes(content)
        arrival = Arrival(f"FGW/{name}", datetime(2020, 3, 19, hour, tzinfo=SHANGHAI))
        [outcome] = ingest_history(self.settings, [arrival])
        return outcome

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with connect(self.settings) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The district as it is, in folders of its own."""
    home = tmp_path_factory.mktemp("home")
    project = tmp_path_factory.mktemp("project")
    for folder in ("include", "expectations"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = Settings(home, project, None)
    setup.init(settings)
    yield Installation(settings)
    embedded.remove(home)


def test_a_new_report_is_a_contract_a_suite_and_a_sample(installation: Installation, tmp_path: Path) -> None:
    """The steps build on each other: one installation goes through all of them."""
    before = installation.files()
    installation.add(ADDED)
    assert setup.init(installation.settings) == ["created report.mask_stock"]
    assert installation.files() - before == ADDED.keys()

    # The sample is judged as its suite says.
    outcome = installation.send("口罩库存日报(3月18日).csv", SAMPLE.encode("gb18030"), 8)
    assert (outcome.report, outcome.report_date) == ("mask_stock", D)
    assert (outcome.state, outcome.rows_accepted, outcome.rows_set_aside) == ("partly_accepted", 2, 1)
    rows = installation.ask("SELECT store, n_masks, stock_value, report_date, unit FROM asof.mask_stock ORDER BY n_masks")
    assert rows == [("二号库", 300, Decimal("1000.00"), D, "FGW"), ("一号库", 5000, Decimal("12500.00"), D, "FGW")]
    [told] = (installation.settings.outbox / "FGW").glob("*.txt")
    assert "“库存数量”不能为负" in told.read_text(encoding="utf-8")

    # Its template comes from the contract, and what is filled into it is taken.
    contracts = load_contracts(installation.settings.include / "contracts")
    suites = load_suites(installation.settings.expectations, contracts.tables)
    template = tmp_path / "R77_口罩库存日报_20200317.xlsx"
    code_lists = load_code_lists(installation.settings.include / "reference" / "code_list.csv")
    write_template(contracts.find("R77"), code_lists, suites, template)
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    header = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("仓库"))
    for at, value in enumerate(["一号库", 7, 0.5]):
        sheet.cell((header.row or 0) + 1, (header.column or 0) + at, value)
    book.save(template)
    assert installation.send(template.name, template.read_bytes(), 9).state == "accepted"

    # A mart and a figure are files.
    installation.add(ADDED_FOR_THE_FIGURE)
    setup.init(installation.settings)
    built = build_marts.build_marts(installation.settings)
    assert built.rows["mask_stock_daily"] == 2
    with connect(installation.settings) as connection:
        [figure] = figures(connection, installation.settings.include, D, ids=["S901"])
        assert (figure.value, figure.display) == (Decimal(5300), "5300")
        lines = trace.trace(connection, installation.settings.include, "S901", D)
    assert sorted(line.value for line in lines) == [300, 5000]
    assert installation.ask("SELECT n_masks FROM open.mask_stock_daily ORDER BY as_of") == [(7,), (5300,)]
    assert installation.files() - before == ADDED.keys() | ADDED_FOR_THE_FIGURE.keys()

    # A contract may gain a column, wherever it stands; the rows there are stay.
    wider = CONTRACT.replace("      - name: n_masks\n", f"{NEW_COLUMN}      - name: n_masks\n")
    installation.add({"include/contracts/mask_stock.odcs.yaml": wider})
    assert setup.init(installation.settings) == ["added report.mask_stock.kind"]
    sent = installation.send("口罩库存日报2020年3月16日.csv", "仓库,型号,库存数量\n一号库,N95,9\n".encode(), 10)
    assert sent.state == "accepted"
    assert installation.ask("SELECT store, kind FROM asof.mask_stock ORDER BY report_date, n_masks") == [
        ("一号库", "N95"), ("一号库", None), ("二号库", None), ("一号库", None),
    ]  # fmt: skip

    # It may not change what a column holds.
    retyped = wider.replace(
        "logicalType: integer\n        physicalType: integer", "logicalType: date\n        physicalType: date"
    )
    installation.add({"include/contracts/mask_stock.odcs.yaml": retyped})
    with pytest.raises(WarehouseError, match=r"report\.mask_stock: .* retyped n_masks \(integer → date\), .*new name"):
        setup.init(installation.settings)

    # An earlier contract works, too: a column that it does not know stays.
    installation.add({"include/contracts/mask_stock.odcs.yaml": CONTRACT})
    kept = "report.mask_stock.kind is not in the contract: its values stay, new rows leave it empty"
    assert setup.init(installation.settings) == [kept]
    assert setup.init(installation.settings) == []
    installation.add({"include/contracts/mask_stock.odcs.yaml": wider})
    assert setup.init(installation.settings) == ["report.mask_stock.kind is in use again"]
    assert setup.init(installation.settings) == []
    assert installation.ask("SELECT COUNT(*) FROM asof.mask_stock") == [(4,)]


def test_the_added_suite_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "mask_stock.json"
    path.write_text(ADDED["expectations/mask_stock.json"], encoding="utf-8")
    assert [rule.rule.code for rule in Suite.load(path, ["store", "n_masks", "stock_value"]).rules] == ["below-zero"]
    with pytest.raises(ConfigurationError, match="n_masks"):
        Suite.load(path, ["store"])


ENGINE = PROJECT / "plugins" / "fugong"
EXAMPLES = {
    # Words of English, and examples in help texts and advice. None of them decides anything.
    ("cli/departments.py", "R04"),
    ("findings/catalogue.py", "R04"),
    ("findings/catalogue.py", "enterprise"),
    *(("documentation/findings.py", name) for name in ("R01", "R04", "R05", "R06", "tax_relief")),
}


def names_of_the_district() -> set[str]:
    with (PROJECT / "include" / "reference" / "department.csv").open(encoding="utf-8", newline="") as file:
        names = {row["department_code"] for row in csv.DictReader(file)}
    contracts = load_contracts(PROJECT / "include" / "contracts")
    names |= {name for contract in contracts for name in (contract.id, contract.report)} | set(contracts.tables)
    return names | {f"R{number:02d}" for number in range(20)}


PLAIN_WORDS = {"problem", "project", "visit"}
"""Tables whose names are words that the engine has other uses for."""


def words_of(module: Path) -> set[str]:
    """The words of a module's code: identifiers and texts, without comments and docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            words |= set(re.findall(r"[A-Za-z0-9_]+", node.value))
        for field in ("id", "attr", "arg", "name"):
            if isinstance(name := getattr(node, field, None), str):
                words |= set(re.findall(r"[A-Za-z0-9_]+", name))
    return words


def test_the_engine_knows_no_department_and_no_report_by_name() -> None:
    modules = sorted(ENGINE.rglob("*.py"))
    assert {"intake/collect.py", "parsing/rows.py", "marts/build.py", "figures/figure.py", "reading/worker/xlsx.py"} <= {
        path.relative_to(ENGINE).as_posix() for path in modules
    }
    names = names_of_the_district()
    assert {"TAX", "GXJ", "tax_relief", "enterprise", "power_bill", "R00", "R12"} <= names
    found = {
        (module.relative_to(ENGINE).as_posix(), word) for module in modules for word in words_of(module) & (names - PLAIN_WORDS)
    }
    assert found == EXAMPLES
